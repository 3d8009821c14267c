use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}

/// The implementation may be generic.
pub struct Shop<S> {
    /// Where the orders are.
    pub store: S,
}

impl<S: ToString + Send + Sync + 'static> Orders for Shop<S> {
    async fn get(&self, id: String) -> Result<String, Status> {
        Ok(id + &self.store.to_string())
    }
}
