use traitwire::{Status, Stream, service};

#[service]
pub trait Orders {
    fn list(&self) -> impl Stream<Item = Result<String, Status>>;
}
