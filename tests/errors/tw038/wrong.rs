use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn connect(&self) -> Result<(), Status>;
}
