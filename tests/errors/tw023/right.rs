use traitwire::{Describe, Status, service};

#[service]
pub trait Orders {
    async fn put(&self, message: Message) -> Result<(), Status>;
}

/// One of several kinds.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Message {
    /// Which, and what it says.
    #[prost(oneof = "Kind", tags = "1, 2")]
    pub kind: Option<Kind>,
}

/// The kinds.
#[derive(Clone, PartialEq, prost::Oneof, Describe)]
pub enum Kind {
    /// Words.
    #[prost(string, tag = "1")]
    Text(String),
    /// A number.
    #[prost(uint32, tag = "2")]
    Number(u32),
}
