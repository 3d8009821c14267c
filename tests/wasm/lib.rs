//! A client that runs in a program of JavaScript, and calls over what that gives it: a function from the path
//! of a call and the bytes of its request to a promise of the bytes of its answer.

#![cfg(all(target_family = "wasm", target_os = "unknown"))]
#![allow(clippy::future_not_send)]

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt, Full};
use js_sys::{Function, Promise, Uint8Array};
use send_wrapper::SendWrapper;
use tower_service::Service;
use traitwire::{CallOptions, RequestBody, Status, service};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// A service for one call.
#[service(package = "wasm")]
pub trait Greeter {
    /// Greets by name.
    async fn greet(&self, name: String) -> Result<String, Status>;
}

/// A function of JavaScript that carries calls.
#[derive(Clone)]
struct Carrier(SendWrapper<Function>);

type Answer = http::Response<http_body_util::combinators::BoxBody<Bytes, std::convert::Infallible>>;

impl Service<http::Request<RequestBody>> for Carrier {
    type Response = Answer;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<RequestBody>) -> Self::Future {
        let carrier = self.0.clone();
        // There is one thread, so what stays on it may be sent.
        Box::pin(SendWrapper::new(async move {
            let failed = |error: JsValue| Status::unavailable(format!("{error:?}"));
            let path = JsValue::from_str(request.uri().path());
            let body = request.into_body().collect().await;
            let body = body.map_err(|error| Status::cancelled(error.to_string()))?.to_bytes();
            let promise = carrier.call2(&JsValue::NULL, &path, &Uint8Array::from(&body[..]).into());
            let promise: Promise = promise.map_err(failed)?.unchecked_into();
            let answer = JsFuture::from(promise).await.map_err(failed)?;
            let messages = Bytes::from(Uint8Array::new(&answer).to_vec());
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from_static("0"));
            let body = Full::new(messages).with_trailers(std::future::ready(Some(Ok(trailers))));
            let mut answer = http::Response::new(body.boxed());
            let grpc = HeaderValue::from_static("application/grpc");
            answer.headers_mut().insert("content-type", grpc);
            Ok(answer)
        }))
    }
}

/// Greets `name` over `carrier` within so many milliseconds: the greeting, or the code of the error.
#[wasm_bindgen]
pub async fn greet(carrier: Function, name: String, milliseconds: u32) -> String {
    let timeout = Duration::from_millis(milliseconds.into());
    let greeter = GreeterClient::new(Carrier(SendWrapper::new(carrier)));
    let greeter = greeter.with(CallOptions::new().timeout(timeout));
    match greeter.greet(name).await {
        Ok(greeting) => greeting,
        Err(status) => format!("{:?}: {}", status.code(), status.message()),
    }
}
