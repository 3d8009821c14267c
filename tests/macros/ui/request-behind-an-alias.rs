//! An envelope that the macro cannot see.

use traitwire::{Request, Status, service};

type Envelope = Request<String>;

#[service]
pub trait Orders {
    async fn get(&self, id: Envelope) -> Result<String, Status>;
}

fn main() {}
