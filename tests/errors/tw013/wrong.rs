use traitwire::{Status, service};

#[service]
pub trait Orders<S> {
    async fn get(&self, id: String) -> Result<String, Status>;
}
