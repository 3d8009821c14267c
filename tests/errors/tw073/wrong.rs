use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get<'a>(&self, id: &'a str) -> Result<String, Status>;
}
