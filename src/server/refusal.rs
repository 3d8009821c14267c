//! What is not a gRPC call, and is answered in HTTP.

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use tonic::{Code, Status};

/// The answer to what is not a gRPC call.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    text: String,
}

impl Refusal {
    /// A status, for a caller that does not speak gRPC.
    pub(crate) fn of(status: &Status) -> Self {
        let text = format!("{}\n", status.message());
        let status = match status.code() {
            Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
            Code::Unavailable | Code::ResourceExhausted => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, text }
    }

    pub(crate) fn into_response(self) -> http::Response<Bytes> {
        let mut response = http::Response::new(self.text.into());
        *response.status_mut() = self.status;
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, text);
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

/// What is wrong with a request as a gRPC call, if anything is.
///
/// The gRPC specification asks for POST and for a content type of `application/grpc`, and for the
/// HTTP status 415 otherwise, so that a caller that does not know gRPC cannot take a gRPC error,
/// which travels with the HTTP status 200, for success (PROTOCOL-HTTP2.md, "Requests").
pub(crate) fn refusal(method: &Method, content_type: Option<&HeaderValue>) -> Option<Refusal> {
    if method != Method::POST {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let text = format!("a gRPC call is a POST request, not {method}\n");
        return Some(Refusal { status, text });
    }
    if content_type.is_some_and(|it| is_protobuf(it.as_bytes())) {
        return None;
    }
    let content_type = content_type.map_or_else(|| "(none)".to_owned(), |it| format!("{it:?}"));
    let text = format!(
        "content type {content_type} is not supported; expected application/grpc or \
         application/grpc+proto\n",
    );
    Some(Refusal { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, text })
}

/// `application/grpc` or `application/grpc+proto`, with or without parameters. A longer name, such
/// as `application/grpc-web`, is another protocol.
fn is_protobuf(content_type: &[u8]) -> bool {
    if content_type == b"application/grpc" {
        return true;
    }
    let media_type = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    let media_type = media_type.trim_ascii();
    [&b"application/grpc"[..], b"application/grpc+proto"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(media_type))
}
