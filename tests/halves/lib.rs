//! Each half of the library alone:
//! `cargo test -p traitwire-halves --no-default-features --features server`, and `client`.

#![cfg(test)]

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame};
use prost::Message as _;
use tower_service::Service;

use traitwire::{Status, service};

/// A service for both.
#[service(package = "halves")]
pub trait Doubler {
    /// Twice the number.
    async fn double(&self, number: u32) -> Result<u32, Status>;
}

/// A body that is there already.
struct Frames(VecDeque<Frame<Bytes>>);

impl Frames {
    /// One message, behind the five bytes that gRPC puts before it.
    fn message(number: u32) -> Self {
        let message = number.encode_to_vec();
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        let framed = [&[0], &length[..], &message].concat();
        Self([Frame::data(framed.into())].into())
    }

    #[cfg(feature = "client")]
    fn trailers(mut self, code: &'static str) -> Self {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("grpc-status", http::HeaderValue::from_static(code));
        self.0.push_back(Frame::trailers(trailers));
        self
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }
}

#[cfg(feature = "server")]
#[tokio::test]
async fn the_server_answers_without_a_client() {
    struct Twice;

    impl Doubler for Twice {
        async fn double(&self, number: u32) -> Result<u32, Status> {
            Ok(number * 2)
        }
    }

    let request = http::Request::post("/halves.Doubler/Double")
        .header("content-type", "application/grpc")
        .body(Frames::message(21))
        .unwrap();
    let mut answer = DoublerServer::new(Twice).call(request).await.unwrap().into_body();
    let mut frames = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut answer).poll_frame(cx)).await {
        frames.push(frame.unwrap());
    }
    let [message, trailers] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!(message.data_ref(), Frames::message(42).0[0].data_ref());
    assert_eq!(trailers.trailers_ref().unwrap()["grpc-status"], "0");
}

#[cfg(feature = "client")]
#[tokio::test]
async fn the_client_calls_without_a_server() {
    /// Answers every call with 42.
    #[derive(Clone)]
    struct Canned;

    impl<B> Service<http::Request<B>> for Canned {
        type Response = http::Response<Frames>;
        type Error = Status;
        type Future = std::future::Ready<Result<Self::Response, Status>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: http::Request<B>) -> Self::Future {
            assert_eq!(request.uri().path(), "/halves.Doubler/Double");
            let answer = http::Response::builder().header("content-type", "application/grpc");
            std::future::ready(Ok(answer.body(Frames::message(42).trailers("0")).unwrap()))
        }
    }

    assert_eq!(DoublerClient::new(Canned).double(21).await.unwrap(), 42);
}
