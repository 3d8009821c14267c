use traitwire::Describe;

/// An order.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    #[prost(message, optional, tag = "1")]
    pub item: Option<Item>,
}

/// An item.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Item {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
}
