use traitwire::Describe;

/// Two readings of the same bytes.
#[derive(Clone, Copy, Describe)]
pub union Either {
    /// One.
    pub number: u32,
    /// The other.
    pub float: f32,
}
