use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn put(&self, order: String) -> Result<(), Status>;
}

/// What changes is kept in a lock.
#[derive(Default)]
pub struct Shop {
    orders: std::sync::Mutex<Vec<String>>,
}

impl Orders for Shop {
    async fn put(&self, order: String) -> Result<(), Status> {
        let mut orders = self.orders.lock().map_err(|_| Status::internal("the lock is poisoned"))?;
        orders.push(order);
        Ok(())
    }
}
