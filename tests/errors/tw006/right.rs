use traitwire::{Status, service};

#[service(unimplemented)]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
