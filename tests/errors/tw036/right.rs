use traitwire::{Request, Status, Streaming, service};

#[service]
pub trait Orders {
    async fn put(&self, orders: Request<Streaming<String>>) -> Result<(), Status>;
}
