use traitwire::Describe;

/// An order.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(reserved("item"))]
pub struct Order {
    #[prost(string, tag = "1")]
    pub item: String,
}
