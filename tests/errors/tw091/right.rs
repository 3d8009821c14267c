use traitwire::Describe;

#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    #[prost(string, tag = "1")]
    pub item_size: String,
    #[prost(string, tag = "2")]
    pub items: String,
}
