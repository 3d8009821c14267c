use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}

/// What needs the bound says so.
pub fn open<S: Orders + Default>() -> OrdersServer<S> {
    OrdersServer::new(S::default())
}
