use traitwire::Describe;

/// A message of any kind.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Page<T> {
    /// What is on it.
    #[prost(message, repeated, tag = "1")]
    pub items: Vec<T>,
}
