use traitwire::{Status, Stream, service};

#[service]
pub trait Orders {
    async fn put(&self, orders: impl Stream<Item = String>) -> Result<(), Status>;
}
