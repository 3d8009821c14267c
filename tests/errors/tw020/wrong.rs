use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn put(&mut self, order: String) -> Result<(), Status>;
}
