//! The client half: from a method of the trait to an HTTP request, and back.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use http::{Uri, uri::PathAndQuery};
use tokio::time::Instant;
use tokio_stream::Stream;
use tonic::{
    GrpcMethod, Request, Response, Status,
    body::Body,
    client::{Grpc, GrpcService},
    codec::CompressionEncoding,
    metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap},
};

use crate::{
    Message, Streaming,
    cardinality::exactly_one,
    codec::Protobuf,
    deadline::{self, Deadline},
    mend::Mend,
    rt::{BoxError, FromStatus, IntoStatus},
    sending::{Fallible, Fault, map, small_enough},
    status::is_received,
};

/// What a client calls over: a `Channel`, an intercepted one, a server in the same process.
///
/// Every tower service from gRPC requests to gRPC responses is one, if it can be cloned and shared.
pub trait Transport:
    GrpcService<
        Body,
        ResponseBody: http_body::Body<Data = bytes::Bytes, Error: Into<BoxError>> + Send + 'static,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl<T> Transport for T where
    T: GrpcService<
            Body,
            ResponseBody: http_body::Body<Data = bytes::Bytes, Error: Into<BoxError>>
                              + Send
                              + 'static,
            Future: Send,
        > + Clone
        + Send
        + Sync
        + 'static
{
}

/// A transport and the options of the calls over it.
#[derive(Clone)]
pub struct Caller<T> {
    grpc: Grpc<Mend<T>>,
    /// Whether a compression may be negotiated.
    may_compress: bool,
    timeout: Option<Duration>,
    inherit_deadline: bool,
    metadata: Vec<(AsciiMetadataKey, AsciiMetadataValue)>,
    max_encoding_message_size: Option<usize>,
    /// What was wrong with the options; every call answers with it.
    invalid: Option<Status>,
}

impl<T> Caller<T> {
    /// Calls over `transport`.
    pub fn new(transport: T) -> Self {
        Self::with_origin(transport, Uri::default())
    }

    /// Calls over `transport`, with the scheme and the authority of `origin`.
    pub fn with_origin(transport: T, origin: Uri) -> Self {
        Self {
            grpc: Grpc::with_origin(Mend::new(transport), origin),
            may_compress: false,
            timeout: None,
            inherit_deadline: false,
            metadata: Vec::new(),
            max_encoding_message_size: None,
            invalid: None,
        }
    }

    /// Compresses requests in this way.
    pub fn send_compressed(self, encoding: CompressionEncoding) -> Self {
        Self { grpc: self.grpc.send_compressed(encoding), may_compress: true, ..self }
    }

    /// Tells the server that answers may be compressed in this way.
    pub fn accept_compressed(self, encoding: CompressionEncoding) -> Self {
        Self { grpc: self.grpc.accept_compressed(encoding), may_compress: true, ..self }
    }

    /// The largest message to accept, in bytes.
    pub fn max_decoding_message_size(self, limit: usize) -> Self {
        Self { grpc: self.grpc.max_decoding_message_size(limit), ..self }
    }

    /// The largest message to send, in bytes.
    ///
    /// Checked here and not by tonic, which would break the call off without its reason.
    pub fn max_encoding_message_size(self, limit: usize) -> Self {
        Self { max_encoding_message_size: Some(limit), ..self }
    }

    /// Bounds every call.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Bounds every call that is made inside a handler by that handler's own deadline.
    pub fn inherit_deadline(self) -> Self {
        Self { inherit_deadline: true, ..self }
    }

    /// Sends `key: value` with every call.
    pub fn with_metadata(mut self, key: &str, value: &str) -> Self {
        let is_printable = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        match (key.parse::<AsciiMetadataKey>(), value.parse::<AsciiMetadataValue>()) {
            (Ok(key), Ok(value)) if is_printable => self.metadata.push((key, value)),
            (Err(_), _) => self.refuse(format!(
                "metadata key {key:?} is not valid: lower-case letters, digits, `-`, `_` and `.` \
                 are, without `-bin` at the end"
            )),
            (Ok(key), _) => self.refuse(format!(
                "metadata value {value:?} of {key} is not valid: printable ASCII is"
            )),
        }
        self
    }

    fn refuse(&mut self, why: String) {
        self.invalid.get_or_insert_with(|| Status::invalid_argument(why));
    }

    /// Takes the options for a call of `path` (`/package.Service/Method`), as they stand now.
    pub fn call(&self, path: &'static str) -> Outgoing<T>
    where
        T: Clone,
    {
        let inherited = if self.inherit_deadline { deadline::current() } else { None };
        let own = self.timeout.and_then(deadline::after);
        Outgoing { caller: self.clone(), path, deadline: earlier(inherited, own) }
    }
}

impl<T> fmt::Debug for Caller<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("timeout", &self.timeout)
            .field("inherit_deadline", &self.inherit_deadline)
            .finish_non_exhaustive()
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

/// A call that is about to be made.
pub struct Outgoing<T> {
    caller: Caller<T>,
    path: &'static str,
    deadline: Option<Instant>,
}

impl<T: Transport> Outgoing<T> {
    /// One message out, one back.
    pub async fn unary<Q, U>(self, request: Request<Q>) -> Result<Response<U>, Status>
    where
        Q: Message,
        U: Message,
    {
        self.small_enough(request.get_ref())?;
        self.open(map(request, tokio_stream::once), Fault::none()).await?.one().await
    }

    /// A stream out, one message back.
    pub async fn client_streaming<Q, E, U>(
        self,
        request: Request<Streaming<Q, E>>,
    ) -> Result<Response<U>, Status>
    where
        Q: Message,
        E: IntoStatus + 'static,
        U: Message,
    {
        let (request, fault) = Fallible::of(request, self.caller.max_encoding_message_size);
        self.open(request, fault).await?.one().await
    }

    /// One message out, a stream back.
    pub async fn server_streaming<Q, U, E>(
        self,
        request: Request<Q>,
    ) -> Result<Response<Streaming<U, E>>, Status>
    where
        Q: Message,
        U: Message,
        E: FromStatus + 'static,
    {
        self.small_enough(request.get_ref())?;
        Ok(self.open(map(request, tokio_stream::once), Fault::none()).await?.many())
    }

    /// A stream out, a stream back.
    pub async fn bidirectional<Q, E, U, F>(
        self,
        request: Request<Streaming<Q, E>>,
    ) -> Result<Response<Streaming<U, F>>, Status>
    where
        Q: Message,
        E: IntoStatus + 'static,
        U: Message,
        F: FromStatus + 'static,
    {
        let (request, fault) = Fallible::of(request, self.caller.max_encoding_message_size);
        Ok(self.open(request, fault).await?.many())
    }

    fn small_enough(&self, message: &impl Message) -> Result<(), Status> {
        small_enough(message, self.caller.max_encoding_message_size)
    }

    /// Sends the request, and waits for the head of the answer.
    async fn open<Items, U>(
        self,
        mut request: Request<Items>,
        fault: Fault,
    ) -> Result<Answer<U>, Status>
    where
        Items: Stream<Item: Message> + Send + 'static,
        U: Message,
    {
        let Caller { mut grpc, may_compress, metadata, invalid, .. } = self.caller;
        if let Some(status) = invalid {
            return Err(status);
        }
        for (key, value) in metadata {
            request.metadata_mut().append(key, value);
        }
        let at = earlier(self.deadline, timeout_in(request.metadata())?);
        if let Some(at) = at {
            request.set_timeout(at.saturating_duration_since(Instant::now()));
        }
        if let Some((service, method)) = self.path.trim_start_matches('/').split_once('/') {
            request.extensions_mut().insert(GrpcMethod::new(service, method));
        }

        let mut deadline = Deadline::at(at);
        let unanswered = fault.unanswered();
        let path = PathAndQuery::from_static(self.path);
        let answer = deadline
            .bound(fault.unless(async {
                grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
                grpc.streaming(request, path, Protobuf::new(may_compress)).await
            }))
            .await;
        match answer {
            Ok(answer) => {
                let (metadata, messages, extensions) = answer.into_parts();
                unanswered.answered();
                let incoming = Incoming { messages, deadline, fault };
                Ok(Answer { metadata, extensions, incoming })
            }
            Err(status) => Err(fault.or(status)),
        }
    }
}

/// The deadline that the caller put into the request itself.
fn timeout_in(metadata: &MetadataMap) -> Result<Option<Instant>, Status> {
    let headers = metadata.as_ref();
    Ok(deadline::timeout_of(headers)?.and_then(deadline::after))
}

/// An answer whose head has come.
struct Answer<U> {
    metadata: MetadataMap,
    extensions: tonic::Extensions,
    incoming: Incoming<U>,
}

impl<U: Message> Answer<U> {
    async fn one(self) -> Result<Response<U>, Status> {
        let Self { metadata, extensions, mut incoming } = self;
        let Incoming { messages, deadline, fault } = &mut incoming;
        match deadline.bound(fault.unless(exactly_one(messages, "response"))).await {
            Ok(message) => {
                // They came with the end of the messages, so this does not wait.
                let trailers = messages.trailers().await?.unwrap_or_default();
                Ok(Response::from_parts(merged(metadata, trailers), message, extensions))
            }
            Err(status) => Err(with_headers(fault.or(status), metadata)),
        }
    }

    fn many<E: FromStatus + 'static>(self) -> Response<Streaming<U, E>> {
        let messages = Streaming::answers(self.incoming, E::from);
        Response::from_parts(self.metadata, messages, self.extensions)
    }
}

/// A status of the server, with the headers of its answer; one of the transport stays as it is.
fn with_headers(mut status: Status, headers: MetadataMap) -> Status {
    if is_received(&status) {
        let trailers = std::mem::take(status.metadata_mut());
        *status.metadata_mut() = merged(headers, trailers);
    }
    status
}

/// Headers and trailers as one.
fn merged(headers: MetadataMap, trailers: MetadataMap) -> MetadataMap {
    let mut all = headers.into_headers();
    for (key, value) in &trailers.into_headers() {
        all.append(key.clone(), value.clone());
    }
    MetadataMap::from_headers(all)
}

/// The messages of an answer, until the deadline.
pub(crate) struct Incoming<U> {
    messages: tonic::Streaming<U>,
    deadline: Deadline,
    fault: Fault,
}

/// Whoever drops an answer has no use for the rest of the request either. Without this the request
/// stream would keep the call alive.
impl<U> Drop for Incoming<U> {
    fn drop(&mut self) {
        self.fault.cancel();
    }
}

impl<U> Stream for Incoming<U> {
    type Item = Result<U, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.deadline.poll_expired(cx) {
            return Poll::Ready(Some(Err(deadline::exceeded())));
        }
        match Pin::new(&mut this.messages).poll_next(cx) {
            Poll::Ready(Some(Err(status))) => {
                Poll::Ready(Some(Err(this.fault.or(this.deadline.blame(status)))))
            }
            Poll::Ready(None) => Poll::Ready(this.fault.take().map(Err)),
            Poll::Pending if this.fault.poll_set(cx) => Poll::Ready(this.fault.take().map(Err)),
            polled => polled,
        }
    }
}

/// What a method returns in the plain form.
pub fn plain<U, E: FromStatus>(result: Result<Response<U>, Status>) -> Result<U, E> {
    result.map(Response::into_inner).map_err(E::from)
}

/// What a method returns in the envelope form.
pub fn envelope<U, E: FromStatus>(result: Result<Response<U>, Status>) -> Result<Response<U>, E> {
    result.map_err(E::from)
}

/// What a method returns in the direct form: a stream that makes the call when it is first polled.
pub fn direct<U, E, F>(call: F) -> Streaming<U, E>
where
    U: Send + 'static,
    E: FromStatus + Send + 'static,
    F: Future<Output = Result<Response<Streaming<U, E>>, Status>> + Send + 'static,
{
    Streaming::new(Direct::Opening(Box::pin(call)))
}

enum Direct<U, E, F> {
    Opening(Pin<Box<F>>),
    Open(Streaming<U, E>),
}

impl<U, E, F> Unpin for Direct<U, E, F> {}

impl<U, E, F> Stream for Direct<U, E, F>
where
    E: FromStatus,
    F: Future<Output = Result<Response<Streaming<U, E>>, Status>>,
{
    type Item = Result<U, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut *self {
                Self::Opening(call) => match ready!(call.as_mut().poll(cx)) {
                    Ok(answer) => *self = Self::Open(answer.into_inner()),
                    Err(status) => return Poll::Ready(Some(Err(E::from(status)))),
                },
                Self::Open(messages) => return Pin::new(messages).poll_next(cx),
            }
        }
    }
}
