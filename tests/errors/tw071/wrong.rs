use std::pin::Pin;

use traitwire::{Status, Stream, service};

#[service]
pub trait Words {
    async fn split(
        &self,
        text: String,
    ) -> Result<Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>, Status>;
}
