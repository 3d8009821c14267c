//! What `#[automock]` of mockall makes where it stands above `#[service]`: it copies our attribute to the
//! mock, its field and its statements. Only the compiler can refuse it on a field and on a statement.

use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}

pub struct MockOrders {
    #[service]
    expectations: (),
}

#[service]
impl Orders for MockOrders {
    async fn get(&self, id: String) -> Result<String, Status> {
        #[service]
        self.expectations;
        Ok(id)
    }
}

fn main() {}
