use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn put(&self, order: String) -> Result<(), Status>;
}
