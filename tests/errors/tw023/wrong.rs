use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn put<M: prost::Message>(&self, message: M) -> Result<(), Status>;
}
