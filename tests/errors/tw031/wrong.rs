use traitwire::{Stream, service};

#[service]
pub trait Orders {
    fn list(&self) -> impl Stream<Item = String>;
}
