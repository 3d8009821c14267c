//! Calls of a service without a transport: what is left is what the service itself costs.

use std::{
    convert::Infallible,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::{BufMut, Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use prost::Message;
use tonic::body::Body;
use tower_service::Service;

/// A service as a server calls it.
pub(crate) trait Grpc:
    Service<
        http::Request<Body>,
        Response = http::Response<Self::Answer>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + 'static
{
    type Answer: http_body::Body<Data = Bytes, Error: std::error::Error + Send + Sync>
        + Send
        + 'static;
}

impl<S, A> Grpc for S
where
    S: Service<http::Request<Body>, Response = http::Response<A>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
    A: http_body::Body<Data = Bytes, Error: std::error::Error + Send + Sync> + Send + 'static,
{
    type Answer = A;
}

/// A call of `path` with one message, as a transport delivers it.
pub(crate) fn request(path: &str, message: &impl Message) -> http::Request<Body> {
    let length = message.encoded_len();
    let mut frame = BytesMut::new();
    frame.put_u8(0); // not compressed
    frame.put_u32(u32::try_from(length).expect("a message is small"));
    message.encode(&mut frame).expect("the buffer grows");
    http::Request::post(format!("http://localhost/{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::new(Full::new(frame.freeze())))
        .expect("a valid request")
}

/// Makes the call and takes its answer to the end. Returns how many bytes came.
pub(crate) async fn answer(service: &mut impl Grpc, request: http::Request<Body>) -> usize {
    let Ok(response) = service.call(request).await;
    let mut body = pin!(response.into_body());
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.expect("the body does not break off");
        bytes += frame.data_ref().map_or(0, Bytes::len);
        if let Some(trailers) = frame.trailers_ref() {
            assert_eq!(trailers["grpc-status"], "0");
        }
    }
    bytes
}

/// The result of a future that never waits.
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing to wait for"),
    }
}
