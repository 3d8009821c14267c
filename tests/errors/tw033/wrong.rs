use traitwire::{Streaming, service};

#[service]
pub trait Orders {
    fn list(&self) -> Streaming<String>;
}
