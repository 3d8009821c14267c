//! What happens to a [`Status`] on its way between two services.

use std::{fmt, sync::Arc};

use tonic::Status;

/// Marks a status that came from another server.
///
/// A handler that calls another service and uses `?` hands that service's status to its own
/// caller. The code and the message may go; the metadata and the details were not meant for that
/// caller, so the server drops them from a marked status.
#[derive(Debug)]
struct Received;

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the status was received by a client")
    }
}

impl std::error::Error for Received {}

/// Marks a status that the client read off the wire. One with a source came from the transport and
/// has no metadata; to mark one that was made here does no harm, for the same reason.
#[cfg(feature = "client")]
pub(crate) fn received(mut status: Status) -> Status {
    if std::error::Error::source(&status).is_none() {
        status.set_source(Arc::new(Received));
    }
    status
}

/// Whether a status is marked.
pub(crate) fn is_received(status: &Status) -> bool {
    std::error::Error::source(status).is_some_and(|source| source.is::<Received>())
}

/// A status as it may leave the server.
#[cfg(feature = "server")]
pub(crate) fn outgoing(status: Status) -> Status {
    if is_received(&status) { Status::new(status.code(), status.message()) } else { status }
}
