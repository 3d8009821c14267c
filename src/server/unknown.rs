//! Calls of methods that no contract here knows.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio_stream::Stream;
use tonic::{Request, Response, Status};
use tower_service::Service;

use super::{Dispatch, Method, Served, ServiceOptions, method, tower};
use crate::{ServiceDescriptor, Streaming, descriptor::Contract, message::RawMessage};

/// Answers calls of any method, with messages as raw bytes.
///
/// It is a tower service, for [`Server::fallback`](crate::Server::fallback): what a gateway, a recorder or
/// a test double is made of. Every call is taken for a bidirectional one, which on the wire is what all of
/// them are. The method is in the extensions of the request, as [`MethodPath`].
///
/// ```
/// use traitwire::{MethodPath, Response, Server, Status, unknown_methods};
///
/// let server = Server::new().fallback(unknown_methods(async |request| {
///     let path = request.extensions().get::<MethodPath>().cloned();
///     println!("{path:?}");
///     // The caller gets back what it sends.
///     Ok(Response::new(request.into_inner()))
/// }));
/// ```
pub fn unknown_methods<F, S>(
    handler: impl Fn(Request<Streaming<RawMessage>>) -> F + Send + Sync + 'static,
) -> UnknownMethods
where
    F: Future<Output = Result<Response<S>, Status>> + Send + 'static,
    S: Stream<Item = Result<RawMessage, Status>> + Send + 'static,
{
    let handler = move |request| {
        let answer = handler(request);
        Box::pin(async move { Ok(answer.await?.map(Streaming::new)) }) as Answer
    };
    UnknownMethods(Served::new(Handler(Box::new(handler))))
}

/// The path of a call, `/package.Service/Method`, for a handler of [`unknown_methods`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodPath(pub String);

type Answer = Pin<Box<dyn Future<Output = Result<Response<Streaming<RawMessage>>, Status>> + Send>>;

/// What [`unknown_methods`] makes.
#[derive(Clone)]
pub struct UnknownMethods(Served<Any, Handler>);

impl UnknownMethods {
    /// Serves them with these options.
    #[must_use]
    pub fn with(self, options: ServiceOptions) -> Self {
        Self(self.0.with(options))
    }
}

impl<B: tower::RequestBody> Service<http::Request<B>> for UnknownMethods {
    type Response = http::Response<super::ResponseBody>;
    type Error = Infallible;
    type Future = super::ResponseFuture<Handler, B>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        let path = MethodPath(request.uri().path().to_owned());
        request.extensions_mut().insert(path);
        self.0.call(request)
    }
}

impl fmt::Debug for UnknownMethods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownMethods").finish_non_exhaustive()
    }
}

/// A handler of any method.
pub struct Handler(Box<dyn Fn(Request<Streaming<RawMessage>>) -> Answer + Send + Sync>);

/// The contract that has every method.
enum Any {}

impl Contract for Any {
    const DESCRIPTOR: &'static ServiceDescriptor = &ServiceDescriptor::UNKNOWN;
    const NAME: &'static str = "";
}

impl Dispatch<Handler> for Any {
    fn method(_: &str) -> Option<Method<Handler>> {
        Some(Method::Bidirectional(|handler: Arc<Handler>, request, out| {
            Box::pin(async move {
                let answer = (handler.0)(request.envelope()).await;
                out.respond(method::or_status(answer)?).await
            })
        }))
    }
}
