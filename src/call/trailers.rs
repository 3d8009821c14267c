//! Metadata at the end of a call.

use std::sync::{Arc, Mutex};

use tonic::metadata::MetadataMap;

use super::lock;

/// Metadata that is sent after the last message, beside a good status.
///
/// A handler puts one into the extensions of its [`Response`](crate::Response). What is in it when the
/// call ends is sent, so a clone can be filled while the messages of a stream are made. A caller finds
/// one in the extensions of a unary answer, if any were sent; that of a stream is
/// [`Streaming::trailers`](crate::Streaming::trailers), once it has ended.
///
/// An error has no use for it: there the metadata of the [`Status`](crate::Status) goes last.
///
/// ```
/// # use traitwire::{Request, Response, Status, Trailers, service};
/// #[service]
/// trait Words {
///     async fn count(&self, text: String) -> Result<Response<u32>, Status>;
/// }
///
/// struct Counter;
///
/// impl Words for Counter {
///     async fn count(&self, text: String) -> Result<Response<u32>, Status> {
///         let trailers = Trailers::new();
///         trailers.update(|it| drop(it.insert("cost", text.len().into())));
///         let mut response = Response::new(text.split(' ').count() as u32);
///         response.extensions_mut().insert(trailers);
///         Ok(response)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Status> {
/// let answer = WordsClient::in_process(Counter).count("to be".to_owned()).await?;
/// let trailers = answer.extensions().get::<Trailers>().expect("the server sent some");
/// assert_eq!(trailers.get().get("cost").unwrap(), "5");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Trailers(Arc<Mutex<MetadataMap>>);

impl Trailers {
    /// No trailers yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes what is there; all clones see it.
    pub fn update(&self, change: impl FnOnce(&mut MetadataMap)) {
        change(&mut lock(&self.0));
    }

    /// A copy of what is there.
    #[must_use]
    pub fn get(&self) -> MetadataMap {
        lock(&self.0).clone()
    }

    pub(crate) fn of(metadata: MetadataMap) -> Option<Self> {
        (!metadata.is_empty()).then(|| Self(Arc::new(Mutex::new(metadata))))
    }

    pub(crate) fn take(&self) -> MetadataMap {
        std::mem::take(&mut lock(&self.0))
    }
}
