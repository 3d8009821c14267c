use traitwire::Describe;

/// An order.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    /// How it is paid.
    #[prost(oneof = "Payment", tags = "4, 5")]
    pub payment: Option<Payment>,
}

/// How it is paid.
#[derive(Clone, PartialEq, prost::Oneof, Describe)]
pub enum Payment {
    /// With a card.
    #[prost(string, tag = "4")]
    Card(String),
    /// In cash.
    #[prost(bool, tag = "5")]
    Cash(bool),
}
