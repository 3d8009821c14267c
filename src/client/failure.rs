//! The status of a call that failed without one.

use std::error::Error;

use h2::Reason;
use tonic::{Code, Status};

use crate::BoxError;

/// What a client makes of the error of its transport.
///
/// Where the connection failed, and not this call, that is UNAVAILABLE (gRPC's
/// `doc/statuscodes.md`).
pub(crate) fn of_transport(error: BoxError) -> Status {
    let mut said = None;
    let mut code = None;
    let mut cause: Option<&(dyn Error + 'static)> = Some(&*error);
    while let Some(it) = cause
        && code.is_none()
    {
        code = code_of(it);
        said = said.or_else(|| it.downcast_ref::<Status>());
        cause = it.source();
    }
    let mut status = match (code, said) {
        (None, Some(status)) => return status.clone(),
        (Some(code), Some(status)) => Status::new(code, status.message()),
        (code, None) => Status::new(code.unwrap_or(Code::Unknown), text(&*error)),
    };
    status.set_source(error.into());
    status
}

/// An error with its causes, each said once.
fn text(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(it) = cause {
        let said = it.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = it.source();
    }
    text
}

fn code_of(error: &(dyn Error + 'static)) -> Option<Code> {
    if error.is::<std::io::Error>() {
        return Some(Code::Unavailable);
    }
    #[cfg(feature = "tonic-channel")]
    if let Some(code) = super::tonic::code_of(error) {
        return Some(code);
    }
    error.downcast_ref().map(code_of_h2)
}

pub(crate) fn code_of_h2(error: &h2::Error) -> Code {
    // Whichever side has given the connection up.
    if error.is_io() || error.is_go_away() {
        return Code::Unavailable;
    }
    error.reason().map_or(Code::Unknown, code_of_reset)
}

/// The code of a call that was reset (PROTOCOL-HTTP2.md, "HTTP2 Transport Mapping", "Errors").
fn code_of_reset(reason: Reason) -> Code {
    match reason {
        Reason::NO_ERROR
        | Reason::PROTOCOL_ERROR
        | Reason::INTERNAL_ERROR
        | Reason::FLOW_CONTROL_ERROR
        | Reason::SETTINGS_TIMEOUT
        | Reason::STREAM_CLOSED
        | Reason::FRAME_SIZE_ERROR
        | Reason::COMPRESSION_ERROR
        | Reason::CONNECT_ERROR => Code::Internal,
        Reason::REFUSED_STREAM => Code::Unavailable,
        Reason::CANCEL => Code::Cancelled,
        Reason::ENHANCE_YOUR_CALM => Code::ResourceExhausted,
        Reason::INADEQUATE_SECURITY => Code::PermissionDenied,
        _ => Code::Unknown,
    }
}

/// The code of an answer that has no status of gRPC (gRPC's `doc/http-grpc-status-mapping.md`).
pub(crate) fn code_of_http(status: http::StatusCode) -> Code {
    match status.as_u16() {
        400 | 431 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502..=504 => Code::Unavailable,
        _ => Code::Unknown,
    }
}
