//! Calls of any method, with messages as bytes.

use std::{
    borrow::Cow,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio_stream::Stream;
use tonic::{Request, Response, Status};

use super::{CallOptions, DefaultTransport, Transport, call::Outgoing};
use crate::{RawMessage, ServiceDescriptor, Streaming, Trailers, status::without_source};

/// Calls methods by their path, with messages as raw bytes: the other half of
/// [`unknown_methods`](crate::unknown_methods), with which it makes a proxy.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use traitwire::{Channel, MethodPath, RawClient, Server, Status, unknown_methods};
///
/// let shop = RawClient::new(Channel::connect("http://shop.example:50051").await?);
/// let proxy = Server::new().fallback(unknown_methods(move |request| {
///     let shop = shop.clone();
///     async move {
///         let path = request.extensions().get::<MethodPath>().cloned();
///         let MethodPath(path) = path.ok_or_else(|| Status::internal("a call has a path"))?;
///         shop.call(path, request).await
///     }
/// }));
/// # Ok(())
/// # }
/// ```
///
/// Metadata goes both ways, and so does the deadline of a caller, which is in the metadata of its request.
/// An error is whole: a handler that fails with it sends its details and its metadata on, which other clients
/// do not let happen by accident.
#[derive(Clone)]
pub struct RawClient<T = DefaultTransport> {
    transport: T,
    options: Arc<CallOptions>,
}

impl<T: Transport> RawClient<T> {
    /// Calls over a transport.
    #[must_use]
    pub fn new(transport: T) -> Self {
        Self { transport, options: Arc::default() }
    }

    /// This client with other options.
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        let options = self.options.and_over(options, &self.transport);
        Self { transport: self.transport.clone(), options }
    }

    /// Calls the method at `path`, `/package.Service/Method`, as one that is bidirectional, which on the wire
    /// all of them are.
    ///
    /// The [`Trailers`] among the extensions of the response are filled when its messages have ended.
    ///
    /// # Errors
    ///
    /// How the call ended before its answer began.
    pub async fn call(
        &self,
        path: impl Into<String>,
        request: Request<Streaming<RawMessage>>,
    ) -> Result<Response<Streaming<RawMessage>>, Status> {
        let (transport, options) = (self.transport.clone(), Arc::clone(&self.options));
        let call =
            Outgoing::new(transport, options, &ServiceDescriptor::UNKNOWN, Cow::Owned(path.into()));
        let mut response = call.bidirectional(request).await.map_err(whole)?;
        let trailers = Trailers::new();
        response.extensions_mut().insert(trailers.clone());
        Ok(response.map(|messages| Streaming::new(WithTrailers { messages, trailers })))
    }
}

impl<T> fmt::Debug for RawClient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawClient").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Messages that leave their trailers where the response has them.
struct WithTrailers {
    messages: Streaming<RawMessage>,
    trailers: Trailers,
}

impl Stream for WithTrailers {
    type Item = Result<RawMessage, Status>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<RawMessage, Status>>> {
        let polled = ready!(Pin::new(&mut self.messages).poll_next(cx));
        if polled.is_none()
            && let Some(trailers) = self.messages.trailers()
        {
            self.trailers.update(|it| it.clone_from(trailers));
        }
        Poll::Ready(polled.map(|message| message.map_err(whole)))
    }
}

/// Without the mark of a status that was received, which has the server leave its details out.
fn whole(status: Status) -> Status {
    without_source(&status)
}
