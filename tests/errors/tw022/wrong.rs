use traitwire::{Status, message, service};

#[service]
pub trait Orders {
    async fn get(&self, Id { number }: Id) -> Result<String, Status>;
}

/// A message.
#[message]
pub struct Id {
    /// A number.
    #[tag(1)]
    pub number: u32,
}
