use traitwire::{Status, message, service};

#[service]
pub trait Orders {
    async fn find(&self, request: FindRequest) -> Result<String, Status>;
}

/// Both fields in one message.
#[message]
pub struct FindRequest {
    /// Whose order.
    #[tag(1)]
    pub name: String,
    /// How many at the most.
    #[tag(2)]
    pub limit: u32,
}
