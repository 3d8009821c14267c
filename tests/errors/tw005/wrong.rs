use traitwire::{Status, service};

#[service(package = shop)]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
