//! How a call ended: from trailers, from RST_STREAM, from an HTTP status.

use http::HeaderMap;
use percent_encoding::percent_decode;
use traitwire::{Code, Status, tonic::metadata::MetadataMap};
use wire::frame::Reason;

/// The code for a stream that the peer has reset: the table of the gRPC specification. grpc-go says
/// RESOURCE_EXHAUSTED for FLOW_CONTROL_ERROR.
pub(crate) fn of_reset(reason: Reason) -> Code {
    match reason {
        // It was not processed, and so may be tried again.
        Reason::REFUSED_STREAM => Code::Unavailable,
        Reason::CANCEL => Code::Cancelled,
        Reason::ENHANCE_YOUR_CALM => Code::ResourceExhausted,
        Reason::INADEQUATE_SECURITY => Code::PermissionDenied,
        Reason(0..=13) => Code::Internal,
        _ => Code::Unknown,
    }
}

/// The code for an answer that does not come from gRPC: from a proxy, for example.
fn of_http(status: u16) -> Code {
    match status {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502 | 503 | 504 => Code::Unavailable,
        _ => Code::Unknown,
    }
}

/// The status that trailers carry. What else they carry is its metadata.
pub(crate) fn of_trailers(mut trailers: HeaderMap) -> Status {
    let Some(code) = trailers.remove("grpc-status") else {
        return Status::unknown("the server ended the stream without grpc-status");
    };
    // What is no number is UNKNOWN, and so is a number that no code has.
    let code = code.to_str().ok().and_then(|code| code.parse().ok());
    let code = code.map_or(Code::Unknown, Code::from_i32);
    // An escape that is none stays as it is.
    let message = trailers.remove("grpc-message").map_or_else(String::new, |message| {
        percent_decode(message.as_bytes()).decode_utf8_lossy().into_owned()
    });
    let metadata = MetadataMap::from_headers(trailers);
    // Details that cannot be read do not hide the error.
    let details = metadata.get_bin("grpc-status-details-bin").and_then(|it| it.to_bytes().ok());
    Status::with_details_and_metadata(code, message, details.unwrap_or_default(), metadata)
}

/// The status of an answer that does not come from gRPC; `None` when it does.
pub(crate) fn of_answer(http: u16, fields: &HeaderMap) -> Option<Status> {
    let content_type = fields.get("content-type").map_or(&b"none"[..], |it| it.as_bytes());
    let suffix = content_type.strip_prefix(b"application/grpc");
    let is_grpc = suffix.is_some_and(|it| matches!(it.first(), None | Some(b'+' | b';')));
    if is_grpc && (http == 200 || fields.contains_key("grpc-status")) {
        return None;
    }
    let content_type = String::from_utf8_lossy(content_type);
    let why = format!("not an answer of gRPC: HTTP status {http}, content type {content_type}");
    Some(Status::new(of_http(http), why))
}
