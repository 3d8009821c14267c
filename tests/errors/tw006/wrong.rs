use traitwire::{Status, service};

#[service(unimplemented = true)]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
