use traitwire::Describe;

/// An order.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    #[prost(uint32, repeated, packed = "false", tag = "1")]
    pub items: Vec<u32>,
}
