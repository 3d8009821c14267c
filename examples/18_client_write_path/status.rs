//! How a call ended: from trailers, from RST_STREAM, from an HTTP status.

use bytes::Bytes;
use http::HeaderMap;
use percent_encoding::percent_decode;
use traitwire::{Code, Status, tonic::metadata::MetadataMap};
use wire::frame::Reason;

use crate::headers::Header;

/// The code for a stream that the peer has reset: the table of the gRPC specification. grpc-go says
/// RESOURCE_EXHAUSTED for FLOW_CONTROL_ERROR.
pub fn of_reset(reason: Reason) -> Code {
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
pub fn of_http(status: u16) -> Code {
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
pub fn of_trailers(mut trailers: HeaderMap) -> Status {
    let code = trailers.remove("grpc-status");
    let message = trailers.remove("grpc-message");
    let metadata = MetadataMap::from_headers(trailers);
    let (code, mut message) = match code.map(|code| read_code(code.as_bytes())) {
        Some(Some(code)) => {
            (code, message.map_or_else(String::new, |it| decode_message(it.as_bytes())))
        }
        Some(None) => (Code::Unknown, "grpc-status is not a number".to_owned()),
        None => (Code::Unknown, "the server ended the stream without grpc-status".to_owned()),
    };
    let details = metadata.get_bin("grpc-status-details-bin").map(|details| details.to_bytes());
    let details = details.unwrap_or(Ok(Bytes::new())).unwrap_or_else(|_| {
        message.push_str(" (with details that cannot be read)");
        Bytes::new()
    });
    Status::with_details_and_metadata(code, message, details, metadata)
}

/// A number that no code has is UNKNOWN, as `Code::from` says.
fn read_code(value: &[u8]) -> Option<Code> {
    std::str::from_utf8(value).ok()?.parse::<i32>().ok().map(Code::from)
}

/// Undoes the percent-encoding of `grpc-message`. An escape that is none stays as it is.
pub fn decode_message(value: &[u8]) -> String {
    percent_decode(value).decode_utf8_lossy().into_owned()
}

/// The status of an answer that does not come from gRPC; `None` when it does.
pub(crate) fn of_answer(header: &Header) -> Option<Status> {
    let http = header.status.unwrap_or_default();
    let content_type = header.fields.get("content-type");
    let is_grpc = content_type.is_some_and(|it| is_grpc(it.as_bytes()));
    if is_grpc && (http == 200 || header.fields.contains_key("grpc-status")) {
        return None;
    }
    let content_type = content_type.map_or(&b"none"[..], |it| it.as_bytes());
    let content_type = String::from_utf8_lossy(content_type);
    let why = format!("not an answer of gRPC: HTTP status {http}, content type {content_type}");
    Some(Status::new(of_http(http), why))
}

fn is_grpc(content_type: &[u8]) -> bool {
    let suffix = content_type.strip_prefix(b"application/grpc");
    suffix.is_some_and(|suffix| matches!(suffix.first(), None | Some(b'+' | b';')))
}
