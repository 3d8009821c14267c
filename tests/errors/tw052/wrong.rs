use traitwire::Describe;

/// An order.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(reserved(2))]
pub struct Order {
    #[prost(string, tag = "2")]
    pub id: String,
}
