use traitwire::{Describe, Status, service};

#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    #[prost(string, repeated, tag = "1")]
    pub items: Vec<String>,
}

#[service]
pub trait Orders {
    async fn add(&self, order: &mut Order) -> Result<String, Status>;
}
