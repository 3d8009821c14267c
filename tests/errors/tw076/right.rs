use traitwire::{Request, Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: Request<String>) -> Result<String, Status>;
}
