//! A handler that keeps across an `await` what must stay on its thread.

use std::rc::Rc;

use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}

struct Shop;

impl Orders for Shop {
    async fn get(&self, id: String) -> Result<String, Status> {
        let id = Rc::new(id);
        std::future::ready(()).await;
        Ok(id.to_string())
    }
}

fn main() {}
