use traitwire::Describe;

/// An order.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    #[prost(uint32, optional, tag = "1", default = "7")]
    pub number: Option<u32>,
}
