use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn list(&self) -> Result<String, Status>;
}

/// How many orders a list has at the most.
pub const LIMIT: u32 = 100;
