use traitwire::Describe;

/// A message of one kind.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct OrderPage {
    /// What is on it.
    #[prost(string, repeated, tag = "1")]
    pub items: Vec<String>,
}
