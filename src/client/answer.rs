//! What the head of an answer says, and its end.

use http::{HeaderMap, HeaderValue, StatusCode};
use tonic::{Extensions, Status, metadata::MetadataMap};

use super::{
    failure::code_of_http,
    transport::{IncomingCall, Rest},
};
use crate::call::{End, headers};

/// Reads the head of an answer.
pub(crate) fn answer(
    status: StatusCode,
    mut headers: HeaderMap,
    extensions: Extensions,
    rest: impl FnOnce(StatusCode) -> Rest,
) -> IncomingCall {
    let alone = |end| IncomingCall {
        metadata: MetadataMap::new(),
        extensions: Extensions::new(),
        encoding: None,
        rest: Rest::End(end),
    };
    let rest = rest(status);
    // A status in the headers counts where they end the answer.
    if matches!(rest, Rest::End(_))
        && let Some(end) = headers::end_of(headers.clone())
    {
        return alone(end);
    }
    if status != StatusCode::OK {
        let why = format!("the answer is HTTP {status}, and no answer of gRPC");
        return alone(End::error(Status::new(code_of_http(status), why)));
    }
    // One pass over the few fields that there are costs less than to look each of them up.
    let (mut content_type, mut has_encoding) = (None, false);
    for (name, value) in &headers {
        match name.as_str() {
            "content-type" => content_type = content_type.or(Some(value)),
            "grpc-encoding" => has_encoding = true,
            _ => {}
        }
    }
    if let Some(other) = content_type.filter(|it| !is_grpc(it)) {
        let why = format!("the answer has the content type {other:?}, and is none of gRPC");
        return alone(End::error(Status::new(code_of_http(status), why)));
    }
    let encoding = if has_encoding { headers.remove(headers::ENCODING) } else { None };
    let encoding = encoding.map(|it| it.as_bytes().to_vec());
    IncomingCall { metadata: headers::received(headers), extensions, encoding, rest }
}

fn is_grpc(content_type: &HeaderValue) -> bool {
    const GRPC: &[u8] = b"application/grpc";
    let value = content_type.as_bytes();
    let (start, rest) = value.split_at(GRPC.len().min(value.len()));
    start.eq_ignore_ascii_case(GRPC) && matches!(rest.first(), None | Some(b'+' | b';' | b' '))
}

/// The end of an answer that has none.
pub(crate) fn without_status(status: StatusCode) -> End {
    let why = format!("the answer, HTTP {status}, ended without a grpc-status");
    End::error(Status::new(code_of_http(status), why))
}

/// The end of an answer, with its trailers, if there were any.
pub(crate) fn end_of_answer(trailers: Option<HeaderMap>, status: StatusCode) -> End {
    trailers.and_then(headers::end_of).unwrap_or_else(|| without_status(status))
}
