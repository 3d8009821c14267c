use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: &String) -> Result<String, Status>;
}
