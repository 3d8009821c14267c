use traitwire::{Status, message, service};

#[service]
pub trait Orders {
    async fn put(&self, message: Message) -> Result<(), Status>;
}

/// One of several kinds.
#[message]
pub struct Message {
    /// Which, and what it says.
    #[oneof(1, 2)]
    pub kind: Option<Kind>,
}

/// The kinds.
#[message]
pub enum Kind {
    /// Words.
    #[tag(1)]
    Text(String),
    /// A number.
    #[tag(2)]
    Number(u32),
}
