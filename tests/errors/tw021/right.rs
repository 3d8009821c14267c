use traitwire::{Describe, Status, service};

#[service]
pub trait Orders {
    async fn find(&self, request: FindRequest) -> Result<String, Status>;
}

/// Both fields in one message.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct FindRequest {
    /// Whose order.
    #[prost(string, tag = "1")]
    pub name: String,
    /// How many at the most.
    #[prost(uint32, tag = "2")]
    pub limit: u32,
}
