use traitwire::Describe;

/// An order.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    #[prost(string, tag = "1")]
    pub id: String,
}
