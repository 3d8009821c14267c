use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: (String, u32)) -> Result<String, Status>;
}
