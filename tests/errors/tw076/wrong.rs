use traitwire::{Request, Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: Request<&str>) -> Result<String, Status>;
}
