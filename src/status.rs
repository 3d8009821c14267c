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
        f.write_str("the status was received from a server")
    }
}

impl std::error::Error for Received {}

/// Marks a status that the client read off the wire. One that was made on this side has a source
/// of its own and carries nothing foreign.
#[cfg(feature = "client")]
pub(crate) fn received(mut status: Status) -> Status {
    if std::error::Error::source(&status).is_none() {
        status.set_source(Arc::new(Received));
    }
    status
}

/// A status as it may leave the server.
#[cfg(feature = "server")]
pub(crate) fn outgoing(status: Status) -> Status {
    match std::error::Error::source(&status) {
        Some(source) if source.is::<Received>() => Status::new(status.code(), status.message()),
        _ => status,
    }
}
