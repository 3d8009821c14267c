use traitwire::{Describe, Status, service};

#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct OrderId {
    #[prost(string, tag = "1")]
    pub shop: String,
    #[prost(uint32, tag = "2")]
    pub number: u32,
}

#[service]
pub trait Orders {
    async fn get(&self, id: &OrderId) -> Result<String, Status>;
}
