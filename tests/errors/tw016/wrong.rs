use traitwire::{Status, Stream, service};

#[service]
pub trait Orders {
    type Orders: Stream<Item = Result<String, Status>>;
    async fn list(&self) -> Result<Self::Orders, Status>;
}
