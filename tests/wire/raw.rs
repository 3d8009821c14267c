//! HTTP/2 with nothing around it: what the proofs use where a gRPC library would get in the way.

use std::{
    convert::Infallible,
    fmt::Debug,
    future::{pending, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex},
    task::Poll,
};

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, StatusCode, Uri, header, request::Parts};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::{body::Incoming, client::conn::http2::SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::net::TcpStream;
use tonic::{Status, body::Body};
use tower::Service;
use traitwire::{TonicChannel, Transport, stream_fn};
use traitwire_tests::Server;

/// One connection: it does not come back when it is lost, and it has no timers.
pub(crate) async fn connection<B>(server: &Server) -> SendRequest<B>
where
    B: http_body::Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    B: Send + Unpin + 'static,
{
    let socket = TcpStream::connect(server.addr).await.unwrap();
    let socket = TokioIo::new(socket);
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), socket).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// The same as a transport for a stock client.
pub(crate) async fn transport(
    server: &Server,
) -> impl Service<
    http::Request<Body>,
    Response = http::Response<Incoming>,
    Error = hyper::Error,
    Future: Send,
> + Clone
+ Send
+ Sync
+ 'static {
    let connection = connection(server).await;
    let origin: Uri = server.uri().parse().unwrap();
    tower::service_fn(move |mut request: http::Request<Body>| {
        let mut connection = connection.clone();
        let mut parts = origin.clone().into_parts();
        parts.path_and_query = request.uri().path_and_query().cloned();
        *request.uri_mut() = Uri::from_parts(parts).unwrap();
        async move {
            connection.ready().await?;
            connection.send_request(request).await
        }
    })
}

/// A message behind its five-byte prefix.
pub(crate) fn framed(message: &impl Message) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(0);
    bytes.put_u32(message.encoded_len().try_into().unwrap());
    message.encode(&mut bytes).unwrap();
    bytes.freeze()
}

/// A gRPC request.
pub(crate) fn request<B>(server: &Server, path: &str, body: B) -> http::Request<B> {
    http::Request::post(format!("{}{path}", server.uri()))
        .header(header::CONTENT_TYPE, "application/grpc")
        .header(header::TE, "trailers")
        .body(body)
        .unwrap()
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: Option<HeaderMap>,
}

impl Answer {
    /// Sends a request over a connection of its own.
    pub(crate) async fn to(server: &Server, request: http::Request<Full<Bytes>>) -> Self {
        let mut connection = connection(server).await;
        Self::from(connection.send_request(request).await.unwrap()).await
    }

    /// Reads an answer to its end.
    pub(crate) async fn from(response: http::Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap();
        let trailers = body.trailers().cloned();
        let body = body.to_bytes();
        Self { status: parts.status, headers: parts.headers, body, trailers }
    }

    /// The status of an answer that is headers alone.
    pub(crate) fn trailers_only(&self) -> Status {
        assert_eq!(self.status, StatusCode::OK);
        assert!(self.body.is_empty(), "messages in an answer of headers alone");
        assert!(self.trailers.is_none(), "trailers in an answer of headers alone");
        Status::from_header_map(&self.headers).expect("a gRPC status in the headers")
    }
}

/// A server that answers every call alike, whatever is asked.
#[derive(Clone)]
pub(crate) struct Canned {
    status: StatusCode,
    headers: HeaderMap,
    messages: Vec<Bytes>,
    trailers: Option<HeaderMap>,
    end: End,
    reads: bool,
    asked: Arc<Mutex<Vec<Parts>>>,
}

/// What follows the messages and the trailers of a canned answer.
#[derive(Clone, Copy)]
enum End {
    Peace,
    BreaksOff,
    Never,
}

impl Canned {
    /// An answer with the head of a gRPC call.
    pub(crate) fn new() -> Self {
        Self {
            status: StatusCode::OK,
            headers: fields(&[("content-type", "application/grpc")]),
            messages: Vec::new(),
            trailers: None,
            end: End::Peace,
            reads: false,
            asked: Arc::default(),
        }
    }

    /// In the place of trailers, an error of the transport.
    pub(crate) fn breaks_off(self) -> Self {
        Self { end: End::BreaksOff, ..self }
    }

    /// In the place of trailers, nothing. What was not read of the request is kept.
    pub(crate) fn goes_on(self) -> Self {
        Self { end: End::Never, ..self }
    }

    /// After its headers, takes all that there is of the request before it goes on.
    pub(crate) fn reads(self) -> Self {
        Self { reads: true, ..self }
    }

    /// The heads of the requests so far.
    pub(crate) fn asked(&self) -> Vec<Parts> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn headers(self, headers: &[(&'static str, &'static str)]) -> Self {
        Self { headers: fields(headers), ..self }
    }

    pub(crate) fn message(mut self, message: &impl Message) -> Self {
        self.messages.push(framed(message));
        self
    }

    pub(crate) fn trailers(self, trailers: &[(&'static str, &'static str)]) -> Self {
        Self { trailers: Some(fields(trailers)), ..self }
    }

    /// As a transport.
    pub(crate) fn transport(self) -> impl Transport {
        TonicChannel::from(self.service::<Body>())
    }

    /// As what a server serves.
    pub(crate) fn service<B: http_body::Body<Error: Debug> + Unpin + Send + 'static>(
        self,
    ) -> impl Service<
        http::Request<B>,
        Response = http::Response<Body>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static {
        tower::service_fn(move |request: http::Request<B>| {
            let Self { status, headers, messages, trailers, end, reads, asked } = self.clone();
            let (head, mut request) = request.into_parts();
            asked.lock().unwrap().push(head);
            let headers_alone = messages.is_empty() && trailers.is_none() && !reads;
            let headers_alone = headers_alone && matches!(end, End::Peace);
            let frames = messages.into_iter().map(Frame::data);
            let frames = frames.chain(trailers.map(Frame::trailers));
            let frames = stream_fn(async move |mut out| {
                if reads {
                    poll_fn(|cx| {
                        let mut body = Pin::new(&mut request);
                        while let Poll::Ready(Some(Ok(_))) = body.as_mut().poll_frame(cx) {}
                        Poll::Ready(())
                    })
                    .await;
                }
                let _unread = request;
                for frame in frames {
                    out.send(frame).await?;
                }
                match end {
                    End::Peace => Ok(()),
                    End::BreaksOff => {
                        let mut status = Status::unavailable("the connection is gone");
                        status.set_source(Arc::new(std::io::Error::other("cut")));
                        Err(status)
                    }
                    End::Never => pending().await,
                }
            });
            // Headers alone are an answer of their own: they end the stream.
            let body = match headers_alone {
                true => Body::empty(),
                // Fused, it knows that it has ended, as the body of a transport does.
                false => Body::new(StreamBody::new(Box::pin(frames)).fuse()),
            };
            let mut response = http::Response::new(body);
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            std::future::ready(Ok(response))
        })
    }
}

fn fields(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    fields
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect::<HeaderMap>()
}
