use traitwire::{Describe, Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: Id) -> Result<String, Status>;
}

/// A message.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Id {
    /// A number.
    #[prost(uint32, tag = "1")]
    pub number: u32,
}
