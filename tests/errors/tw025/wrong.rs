use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn sum(&self, ...) -> Result<u64, Status>;
}
