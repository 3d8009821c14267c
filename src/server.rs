//! The server half: from an HTTP request to a method of the service, and back.

use std::{convert::Infallible, fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use tonic::{
    Request, Response, Status,
    body::Body,
    codec::{CompressionEncoding, EnabledCompressionEncodings},
    server::Grpc,
};

use crate::{
    Message, ServiceDescriptor, Streaming,
    cardinality::exactly_one,
    codec::Protobuf,
    deadline::{self, Deadline},
    outlet::{self, Outlet},
    request::{self, RequestBody},
    rt::{FromStatus, IntoStatus},
    running::Running,
};

/// What a generated server returns from `call`.
pub type ResponseFuture =
    Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

/// A service and the settings that it is served with.
pub struct Host<S> {
    service: Arc<S>,
    accept_compressed: EnabledCompressionEncodings,
    send_compressed: EnabledCompressionEncodings,
    max_decoding_message_size: Option<usize>,
    max_encoding_message_size: Option<usize>,
}

impl<S> Host<S> {
    /// A service with the default settings.
    pub fn new(service: Arc<S>) -> Self {
        Self {
            service,
            accept_compressed: EnabledCompressionEncodings::default(),
            send_compressed: EnabledCompressionEncodings::default(),
            max_decoding_message_size: None,
            max_encoding_message_size: None,
        }
    }

    /// Accepts requests that are compressed in this way.
    pub fn accept_compressed(mut self, encoding: CompressionEncoding) -> Self {
        self.accept_compressed.enable(encoding);
        self
    }

    /// Compresses answers in this way for callers that accept it.
    pub fn send_compressed(mut self, encoding: CompressionEncoding) -> Self {
        self.send_compressed.enable(encoding);
        self
    }

    /// The largest message to accept, in bytes.
    pub fn max_decoding_message_size(mut self, limit: usize) -> Self {
        self.max_decoding_message_size = Some(limit);
        self
    }

    /// The largest message to send, in bytes.
    pub fn max_encoding_message_size(mut self, limit: usize) -> Self {
        self.max_encoding_message_size = Some(limit);
        self
    }

    /// Takes in a request.
    pub fn call<B>(&self, request: http::Request<B>) -> Call<S, B> {
        Call { host: self.clone(), request }
    }

    fn grpc<Q: Message, U: Message>(&self) -> Grpc<Protobuf<U, Q>> {
        let may_compress = !(self.accept_compressed.is_empty() && self.send_compressed.is_empty());
        Grpc::new(Protobuf::new(may_compress))
            .apply_compression_config(self.accept_compressed, self.send_compressed)
            .apply_max_message_size_config(
                self.max_decoding_message_size,
                self.max_encoding_message_size,
            )
    }
}

impl<S> Clone for Host<S> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), ..*self }
    }
}

impl<S> fmt::Debug for Host<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

/// One request, on its way to a method.
pub struct Call<S, B> {
    host: Host<S>,
    request: http::Request<B>,
}

impl<S, B> Call<S, B>
where
    S: Send + Sync + 'static,
    B: RequestBody,
{
    /// The path of the request: `/package.Service/Method`.
    pub fn path(&self) -> &str {
        self.request.uri().path()
    }

    /// One message in, one out.
    pub fn unary<Q, U, F, Fut>(self, method: F) -> ResponseFuture
    where
        Q: Message,
        U: Message,
        F: FnOnce(Arc<S>, Request<Q>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Response<U>, Status>> + Send,
    {
        self.answer(|service, request| async move { method(service, one(request).await?).await })
    }

    /// A stream in, one message out.
    pub fn client_streaming<Q, E, U, F, Fut>(self, method: F) -> ResponseFuture
    where
        Q: Message,
        E: FromStatus + Send + 'static,
        U: Message,
        F: FnOnce(Arc<S>, Request<Streaming<Q, E>>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Response<U>, Status>> + Send,
    {
        self.answer(|service, request| method(service, many(request)))
    }

    /// One message in, a stream out.
    pub fn server_streaming<Q, U, F, Fut>(self, method: F) -> ResponseFuture
    where
        Q: Message,
        U: Message,
        F: FnOnce(Arc<S>, Request<Q>, Outlet<U>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), Status>> + Send + 'static,
    {
        self.stream(|service, request, out| async move {
            method(service, one(request).await?, out).await
        })
    }

    /// A stream in, a stream out.
    pub fn bidirectional<Q, E, U, F, Fut>(self, method: F) -> ResponseFuture
    where
        Q: Message,
        E: FromStatus + Send + 'static,
        U: Message,
        F: FnOnce(Arc<S>, Request<Streaming<Q, E>>, Outlet<U>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), Status>> + Send + 'static,
    {
        self.stream(|service, request, out| method(service, many(request), out))
    }

    /// Answers UNIMPLEMENTED, and says what is not there.
    pub fn unimplemented(self, service: &ServiceDescriptor) -> ResponseFuture {
        let status = match self.path().trim_start_matches('/').rsplit_once('/') {
            Some((name, method)) if name == service.full_name() => {
                format!("unknown method {method} of service {name}")
            }
            Some((name, _)) => format!("unknown service {name}"),
            None => format!("malformed path {:?}: expected /package.Service/Method", self.path()),
        };
        let refusal = request::refusal(&self.request);
        at_once(refusal.unwrap_or_else(|| Status::unimplemented(status).into_http()))
    }

    fn answer<Q, U, F, Fut>(self, method: F) -> ResponseFuture
    where
        Q: Message,
        U: Message,
        F: FnOnce(Arc<S>, Request<tonic::Streaming<Q>>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Response<U>, Status>> + Send,
    {
        let Self { host, request } = self;
        let deadline = match admit(&request) {
            Ok(deadline) => deadline,
            Err(refusal) => return refusal,
        };
        // Out here, so that the call keeps what it needs of these, and not these as well.
        let (mut grpc, service) = (host.grpc(), host.service);
        let method = Method::new(move |request| Running::new(method(service, request), deadline));
        Box::pin(
            async move { Ok(grpc.client_streaming(method, request.map(request::watched)).await) },
        )
    }

    fn stream<Q, U, F, Fut>(self, method: F) -> ResponseFuture
    where
        Q: Message,
        U: Message,
        F: FnOnce(Arc<S>, Request<tonic::Streaming<Q>>, Outlet<U>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), Status>> + Send + 'static,
    {
        let Self { host, request } = self;
        let deadline = match admit(&request) {
            Ok(deadline) => deadline,
            Err(refusal) => return refusal,
        };
        let (mut grpc, service) = (host.grpc(), host.service);
        let method = Method::new(move |request| {
            outlet::open(|out| Running::new(method(service, request, out), deadline))
        });
        Box::pin(async move { Ok(grpc.streaming(method, request.map(request::watched)).await) })
    }
}

/// Lets a request in, and says until when it may take.
fn admit<B>(request: &http::Request<B>) -> Result<Deadline, ResponseFuture> {
    if let Some(refusal) = request::refusal(request) {
        return Err(at_once(refusal));
    }
    let timeout = deadline::timeout_of(request.headers());
    let timeout = timeout.map_err(|status| at_once(status.into_http()))?;
    // tonic's transport has a timer of its own for the same deadline and calls it CANCELLED; it is
    // outside of every user's layer and cannot be turned off. This one is a little earlier.
    let at = timeout.and_then(|it| deadline::after(it.saturating_sub(Duration::from_millis(1))));
    Ok(Deadline::at(at))
}

fn at_once(response: http::Response<Body>) -> ResponseFuture {
    Box::pin(std::future::ready(Ok(response)))
}

/// The one message of a request.
async fn one<Q>(request: Request<tonic::Streaming<Q>>) -> Result<Request<Q>, Status> {
    let (metadata, extensions, mut messages) = request.into_parts();
    let message = exactly_one(&mut messages, "request").await.map_err(request::cause)?;
    Ok(Request::from_parts(metadata, extensions, message))
}

/// The stream of a request.
fn many<Q, E>(request: Request<tonic::Streaming<Q>>) -> Request<Streaming<Q, E>>
where
    Q: Send + 'static,
    E: FromStatus + Send + 'static,
{
    let (metadata, extensions, messages) = request.into_parts();
    let messages = Streaming::requests(messages, |status| E::from(request::cause(status)));
    Request::from_parts(metadata, extensions, messages)
}

/// A closure as the method that tonic calls, once.
struct Method<F>(Option<F>);

impl<F> Method<F> {
    fn new<Q, Fut>(method: F) -> Self
    where
        F: FnOnce(Request<tonic::Streaming<Q>>) -> Fut,
    {
        Self(Some(method))
    }

    fn take(&mut self) -> F {
        self.0.take().expect("tonic calls a method once")
    }
}

impl<Q, U, F, Fut> tonic::server::ClientStreamingService<Q> for Method<F>
where
    F: FnOnce(Request<tonic::Streaming<Q>>) -> Fut,
    Fut: Future<Output = Result<Response<U>, Status>>,
{
    type Response = U;
    type Future = Fut;

    fn call(&mut self, request: Request<tonic::Streaming<Q>>) -> Fut {
        self.take()(request)
    }
}

impl<Q, U, F, Fut, Items> tonic::server::StreamingService<Q> for Method<F>
where
    F: FnOnce(Request<tonic::Streaming<Q>>) -> Fut,
    Fut: Future<Output = Result<Response<Items>, Status>>,
    Items: tokio_stream::Stream<Item = Result<U, Status>>,
{
    type Response = U;
    type ResponseStream = Items;
    type Future = Fut;

    fn call(&mut self, request: Request<tonic::Streaming<Q>>) -> Fut {
        self.take()(request)
    }
}

/// What a method answers in the plain form.
pub fn plain<U, E: IntoStatus>(result: Result<U, E>) -> Result<Response<U>, Status> {
    result.map(Response::new).map_err(Into::into)
}

/// What a method answers in the envelope form.
pub fn envelope<U, E: IntoStatus>(result: Result<Response<U>, E>) -> Result<Response<U>, Status> {
    result.map_err(Into::into)
}
