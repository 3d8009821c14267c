use traitwire::Describe;

/// An order.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    #[prost(string, repeated, packed = "false", tag = "1")]
    pub items: Vec<String>,
}
