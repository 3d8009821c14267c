//! A guard between tonic's client and what a server sends.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use http_body_util::{BodyExt, combinators::MapFrame};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use pin_project_lite::pin_project;
use tonic::{body::Body, client::GrpcService, metadata::MetadataMap};
use tower_service::Service;

use crate::whole::Whole;

const DETAILS: &str = "grpc-status-details-bin";
const MESSAGE: &str = "grpc-message";

/// Mends in every answer what tonic's client cannot read.
///
/// | what | tonic's client | with this |
/// |---|---|---|
/// | `grpc-status-details-bin` that is not base64 | panics | the status without details |
/// | `grpc-message` that is not UTF-8 | loses the code | the code, and the message with `�` |
/// | trailers within a message | takes the stream for whole | INTERNAL |
#[derive(Clone)]
pub(crate) struct Mend<T> {
    transport: T,
}

impl<T> Mend<T> {
    pub(crate) fn new(transport: T) -> Self {
        Self { transport }
    }
}

impl<T: GrpcService<Body>> Service<http::Request<Body>> for Mend<T>
where
    <T::ResponseBody as http_body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = http::Response<WithMendedTrailers<T::ResponseBody>>;
    type Error = T::Error;
    type Future = MendedFuture<T::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.transport.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        MendedFuture { future: self.transport.call(request) }
    }
}

pin_project! {
    pub(crate) struct MendedFuture<F> {
        #[pin]
        future: F,
    }
}

impl<F, B, E> Future for MendedFuture<F>
where
    F: Future<Output = Result<http::Response<B>, E>>,
    B: http_body::Body,
{
    type Output = Result<http::Response<WithMendedTrailers<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().future.poll(cx).map_ok(|mut response| {
            mend(response.headers_mut());
            response.map(|body| Whole::new(body).map_frame(mend_frame as MendFrame))
        })
    }
}

/// A body whose trailers are mended.
type WithMendedTrailers<B> = MapFrame<Whole<B>, MendFrame>;

type MendFrame = fn(Frame<Bytes>) -> Frame<Bytes>;

fn mend_frame(mut frame: Frame<Bytes>) -> Frame<Bytes> {
    if let Some(trailers) = frame.trailers_mut() {
        mend(trailers);
    }
    frame
}

fn mend(headers: &mut HeaderMap) {
    mend_details(headers);
    mend_message(headers);
}

fn mend_message(headers: &mut HeaderMap) {
    let Some(message) = headers.get(MESSAGE) else { return };
    let bytes = percent_decode(message.as_bytes());
    if bytes.clone().decode_utf8().is_err() {
        let text = bytes.decode_utf8_lossy();
        let text = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
        if let Ok(text) = HeaderValue::try_from(text) {
            headers.insert(MESSAGE, text);
        }
    }
}

fn mend_details(headers: &mut HeaderMap) {
    let Some(details) = headers.get(DETAILS) else { return };
    let mut alone = HeaderMap::with_capacity(1);
    alone.insert(DETAILS, details.clone());
    let decodes = MetadataMap::from_headers(alone)
        .get_bin(DETAILS)
        .is_some_and(|details| details.to_bytes().is_ok());
    if !decodes {
        headers.remove(DETAILS);
    }
}
