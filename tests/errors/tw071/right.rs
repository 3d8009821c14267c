use traitwire::{Status, Stream, service};

#[service]
pub trait Words {
    async fn split(
        &self,
        text: String,
    ) -> Result<impl Stream<Item = Result<String, Status>>, Status>;
}
