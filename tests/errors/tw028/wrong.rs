use traitwire::service;

#[service]
pub trait Orders {
    async fn put(&self, order: String);
}
