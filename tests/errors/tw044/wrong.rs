use traitwire::Describe;

/// An order.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    pub id: String,
}
