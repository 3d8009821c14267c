use traitwire::{Status, Stream, service};

#[service]
pub trait Orders {
    async fn list(&self) -> impl Stream<Item = Result<String, Status>>;
}
