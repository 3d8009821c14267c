use traitwire::Describe;

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration, Describe)]
#[repr(i32)]
pub enum Stock {
    /// Nobody counted.
    Unknown = 0,
    /// Enough.
    Plenty = 1,
}
