//! The server: from messages to the store.

use std::sync::Arc;

use tokio::{task::spawn_blocking, time::timeout};
use traitwire::{Status, Streaming};

use crate::{
    announced::Announced,
    claim::Claim,
    contract::{
        Content, GetUploadRequest, GetUploadResponse, UploadHeader, UploadRequest, UploadResponse,
        UploadService,
    },
    store::Store,
};

/// Stores what is uploaded.
pub struct Uploads {
    store: Arc<Store>,
}

impl Uploads {
    /// Stores it here.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// From the first message to the name of the file.
    async fn receive(&self, mut requests: Streaming<UploadRequest>) -> Result<u64, Status> {
        let Some(Content::Header(UploadHeader { file, offset })) = self.next(&mut requests).await?
        else {
            return Err(Status::invalid_argument("the first message is not a header"));
        };
        let file = Announced::check(file, self.store.limits().size)?;
        let claim = Claim::wait(self.store.clone(), file).await?;
        println!("server ← {} from byte {offset}", claim.file.name);

        let mut part = blocking(move || claim.open(offset)).await?;
        while let Some(content) = self.next(&mut requests).await? {
            let Content::Chunk(chunk) = content else {
                return Err(Status::invalid_argument("a second header"));
            };
            part = blocking(move || part.append(&chunk)).await?;
        }
        blocking(move || part.finish()).await
    }

    /// The next piece, for which a caller may not take forever.
    async fn next(
        &self,
        requests: &mut Streaming<UploadRequest>,
    ) -> Result<Option<Content>, Status> {
        let patience = self.store.limits().patience;
        match timeout(patience, requests.message()).await {
            Ok(Ok(None)) => Ok(None),
            Ok(Ok(Some(UploadRequest { content: Some(content) })))
                if content != Content::Chunk(Vec::new()) =>
            {
                Ok(Some(content))
            }
            Ok(Ok(Some(_))) => Err(Status::invalid_argument("a message with nothing in it")),
            Ok(Err(status)) => Err(status),
            Err(_) => Err(Status::aborted(format!("nothing was sent for {patience:?}"))),
        }
    }
}

impl UploadService for Uploads {
    async fn upload(&self, requests: Streaming<UploadRequest>) -> Result<UploadResponse, Status> {
        let size = self.receive(requests).await?;
        println!("server → stored, {size} bytes, with the SHA-256 announced");
        Ok(UploadResponse { size })
    }

    async fn get_upload(&self, request: GetUploadRequest) -> Result<GetUploadResponse, Status> {
        let file = Announced::check(request.file, self.store.limits().size)?;
        let store = self.store.clone();
        blocking(move || store.stored(&file)).await
    }
}

/// Runs what waits for the disk or hashes at length where it holds up nobody.
///
/// When the caller goes away the handler is dropped where it stands, here for example. `work` goes
/// on to its end and then lets go of what it owns: so a part is owned by whoever works on it, and
/// nobody else gets hold of it before that is done.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Status> + Send + 'static,
) -> Result<T, Status> {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Status::internal(format!("the store: {error}"))),
    }
}
