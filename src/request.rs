//! What a server asks of a request before it decodes anything, and what it makes of one that
//! breaks off.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, Full};
use tonic::{Status, body::Body};

use crate::{rt::BoxError, whole::Whole};

/// The body of a request as a transport delivers it.
pub trait RequestBody: http_body::Body<Error: Into<BoxError>> + Send + 'static {}

impl<B: http_body::Body<Error: Into<BoxError>> + Send + 'static> RequestBody for B {}

/// The answer to what is not a gRPC call.
///
/// The gRPC specification asks for POST and for a content type of `application/grpc`, and for the
/// HTTP status 415 otherwise, so that a caller that does not know gRPC cannot take a gRPC error,
/// which travels with the HTTP status 200, for success (PROTOCOL-HTTP2.md, "Requests").
pub(crate) fn refusal<B>(request: &http::Request<B>) -> Option<http::Response<Body>> {
    if request.method() != Method::POST {
        let mut response = refuse(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("a gRPC call is a POST request, not {}\n", request.method()),
        );
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return Some(response);
    }
    match request.headers().get(header::CONTENT_TYPE) {
        Some(it) if is_protobuf(it.as_bytes()) => None,
        other => Some(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!(
                "content type {} is not supported; expected application/grpc or \
                 application/grpc+proto\n",
                match other {
                    Some(value) => format!("{value:?}"),
                    None => "(none)".to_owned(),
                }
            ),
        )),
    }
}

/// `application/grpc` or `application/grpc+proto`, with or without parameters. A longer name, such
/// as `application/grpc-web`, is another protocol.
fn is_protobuf(content_type: &[u8]) -> bool {
    let media_type = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    let media_type = media_type.trim_ascii();
    [&b"application/grpc"[..], b"application/grpc+proto"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(media_type))
}

fn refuse(status: StatusCode, text: String) -> http::Response<Body> {
    let mut response = http::Response::new(Body::new(Full::<Bytes>::from(text)));
    *response.status_mut() = status;
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

/// A request body that says so when it breaks off, between two messages or within one.
pub(crate) fn watched<B: RequestBody>(
    body: B,
) -> impl http_body::Body<Data = Bytes, Error = Status> + Send + 'static {
    Whole::new(body).map_err(broke_off)
}

/// What a request body ends with when it breaks off.
///
/// When a caller resets its call, tonic's decoder takes CANCELLED from the body for the end of the
/// stream, as if the caller had closed its half in peace; a handler would then act on half of a
/// request. So this is any other code, and [`cause`] puts it right.
fn broke_off<E>(_: E) -> Status {
    let mut status = Status::aborted("the caller went away before its messages ended");
    status.set_source(Arc::new(BrokeOff));
    status
}

/// Why a request failed, as its handler sees it.
pub(crate) fn cause(status: Status) -> Status {
    match std::error::Error::source(&status) {
        Some(source) if source.is::<BrokeOff>() => Status::cancelled(status.message()),
        _ => status,
    }
}

/// Marks the status of a request that broke off.
#[derive(Debug)]
struct BrokeOff;

impl fmt::Display for BrokeOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request broke off")
    }
}

impl std::error::Error for BrokeOff {}
