use traitwire::service;

#[service]
pub trait Orders {
    async fn count(&self) -> u64;
}
