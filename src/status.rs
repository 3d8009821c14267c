//! What happens to a [`Status`] on its way between two services, and what becomes of errors that
//! carry none.

pub(crate) mod details;
pub(crate) mod rpc;

use std::{error::Error, fmt, sync::Arc};

#[cfg(feature = "client")]
use bytes::Bytes;
use tonic::{Status, metadata::MetadataMap};

/// What a foreign error is passed on as.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// The source of a [`Status`] that came from a server: with what that server had sent before.
///
/// The metadata of such a status is that of its trailers; the headers are here.
///
/// A handler that calls another service and uses `?` hands that service's status to its own caller.
/// The code and the message may go; the metadata and the details were not meant for that caller, so
/// the server drops them from a status with this source.
///
/// ```
/// # use std::error::Error;
/// use traitwire::{Received, Status};
///
/// fn region(status: &Status) -> Option<&str> {
///     let received = status.source()?.downcast_ref::<Received>()?;
///     received.headers().get("x-region")?.to_str().ok()
/// }
/// # assert_eq!(region(&Status::internal("made here")), None);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Received {
    headers: MetadataMap,
}

impl Received {
    /// The metadata that began the answer; empty where the answer was a status alone, or a stream,
    /// whose [`Response`](crate::Response) has them.
    #[must_use]
    pub fn headers(&self) -> &MetadataMap {
        &self.headers
    }
}

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the status was received by a client")
    }
}

impl Error for Received {}

/// Marks a status that was read off the wire.
#[cfg(feature = "client")]
pub(crate) fn received(mut status: Status, headers: MetadataMap) -> Status {
    status.set_source(Arc::new(Received { headers }));
    status
}

/// The same status, without its source: as one that was not received.
#[cfg(feature = "client")]
pub(crate) fn without_source(status: &Status) -> Status {
    let (code, message) = (status.code(), status.message());
    let details = Bytes::copy_from_slice(status.details());
    Status::with_details_and_metadata(code, message, details, status.metadata().clone())
}

/// Adds the headers of its answer to a status that was read off the wire.
#[cfg(feature = "client")]
pub(crate) fn with_headers(status: Status, headers: MetadataMap) -> Status {
    match status.source() {
        Some(source) if source.is::<Received>() => received(status, headers),
        _ => status,
    }
}

/// A status as it may leave the server.
#[cfg(feature = "server")]
pub(crate) fn outgoing(status: Status) -> Status {
    let source = status.source();
    if status.code() == tonic::Code::Ok {
        Status::internal("the handler gave OK as an error")
    } else if source.is_some_and(|it| it.is::<Received>()) {
        Status::new(status.code(), status.message())
    } else {
        status
    }
}

/// An error that a call can answer with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a gRPC call",
    label = "a gRPC call answers with a status",
    note = "say which: `impl From<{Self}> for traitwire::Status`",
    note = "an error of another crate, such as `std::io::Error`, needs one of your own around it"
)]
pub trait IntoStatus: Into<Status> {}

#[diagnostic::do_not_recommend]
impl<E: Into<Status>> IntoStatus for E {}

/// An error that a call can be received with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made of the status that a gRPC call ends with",
    label = "the client and `unimplemented` bodies make it of a status",
    note = "say how: `impl From<traitwire::Status> for {Self}`",
    note = "an error of another crate, such as `std::io::Error`, needs one of your own around it",
    note = "or make no client: `#[service(client = false)]`"
)]
pub trait FromStatus: From<Status> {}

#[diagnostic::do_not_recommend]
impl<E: From<Status>> FromStatus for E {}
