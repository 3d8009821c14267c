//! A service that is added without the server of its trait.

use traitwire::{Server, Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}

struct Shop;

impl Orders for Shop {
    async fn get(&self, id: String) -> Result<String, Status> {
        Ok(id)
    }
}

fn main() {
    let _ = Server::new().add(Shop);
}
