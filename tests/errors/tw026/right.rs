use traitwire::{Status, service};

#[service]
pub trait Orders {
    #[allow(unused)]
    async fn get(&self, id: String) -> Result<String, Status>;
}
