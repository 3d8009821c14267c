//! 5. What a request must say before it is a call.
//!
//! In the order of grpc-go. What breaks HTTP/2 itself, such as a `connection` header or two paths,
//! has been reset by `h2` before: RST_STREAM(PROTOCOL_ERROR).

use std::time::Duration;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use http::{HeaderMap, Method, StatusCode, header, request::Parts};
use tokio::time::Instant;
use traitwire::{Code, Status};

/// What the headers say.
pub(crate) struct Headers {
    /// `/package.Service/Method`, as it came.
    pub(crate) path: String,
    /// When the call must be over.
    pub(crate) deadline: Option<Instant>,
}

/// The answer to what is not a call: headers alone, with an HTTP status and a gRPC status, so that
/// every kind of caller sees an error.
pub(crate) struct EarlyAbort {
    pub(crate) http: StatusCode,
    pub(crate) status: Status,
}

// 5. Reads the headers of a request.
pub(crate) fn operate_headers(head: &Parts) -> Result<Headers, EarlyAbort> {
    let abort =
        |http, code, text: String| Err(EarlyAbort { http, status: Status::new(code, text) });
    let headers = &head.headers;

    let hosts = headers.get_all(header::HOST).iter().count();
    if hosts > 1 {
        let text = format!("{hosts} values of host, where HTTP/2 has one");
        return abort(StatusCode::BAD_REQUEST, Code::Internal, text);
    }
    let content_type = headers.get(header::CONTENT_TYPE).map_or(&b""[..], |it| it.as_bytes());
    if !is_grpc(content_type) {
        let text = String::from_utf8_lossy(content_type);
        let text = format!("invalid gRPC request content-type {text:?}");
        return abort(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidArgument, text);
    }
    let timeout = match headers.get("grpc-timeout").map(|it| decode_timeout(it.as_bytes())) {
        Some(None) => {
            let text = format!("malformed grpc-timeout: {:?}", headers["grpc-timeout"]);
            return abort(StatusCode::BAD_REQUEST, Code::Internal, text);
        }
        timeout => timeout.flatten(),
    };
    if let Some(name) = malformed_binary(headers) {
        let text = format!("malformed binary metadata in header {name:?}");
        return abort(StatusCode::BAD_REQUEST, Code::Internal, text);
    }
    if head.method != Method::POST {
        let text = format!(
            "Received a HEADERS frame with :method {:?} which should be POST",
            head.method.as_str()
        );
        return abort(StatusCode::METHOD_NOT_ALLOWED, Code::Internal, text);
    }

    // A path may have a `?` in it, which means nothing here: it is a part of the method's name.
    let path = head.uri.path_and_query().map_or("", |it| it.as_str());
    wire::step!(5, "operate_headers: {path}");
    Ok(Headers {
        path: path.to_owned(),
        deadline: timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
    })
}

/// `application/grpc` or `application/grpc+proto`, with or without parameters: grpc-go has other
/// codecs than protobuf, and the services here have not.
fn is_grpc(content_type: &[u8]) -> bool {
    let media_type = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    let media_type = media_type.trim_ascii();
    [&b"application/grpc"[..], b"application/grpc+proto"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(media_type))
}

/// Reads `grpc-timeout`: at most eight digits, and a unit.
pub(crate) fn decode_timeout(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count = digits.iter().fold(0, |count, digit| count * 10 + u64::from(digit - b'0'));
    match unit {
        b'H' => Some(Duration::from_secs(count * 3600)),
        b'M' => Some(Duration::from_secs(count * 60)),
        b'S' => Some(Duration::from_secs(count)),
        b'm' => Some(Duration::from_millis(count)),
        b'u' => Some(Duration::from_micros(count)),
        b'n' => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

/// The first header that ends with `-bin` and is not base64. It may be several values, with commas
/// between them, and each with padding or without.
fn malformed_binary(headers: &HeaderMap) -> Option<&str> {
    const BASE64: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let mut binary = headers.iter().filter(|(name, _)| name.as_str().ends_with("-bin"));
    let malformed = binary.find(|(_, value)| {
        let mut values = value.as_bytes().split(|byte| *byte == b',');
        values.any(|value| BASE64.decode(value.trim_ascii()).is_err())
    });
    malformed.map(|(name, _)| name.as_str())
}
