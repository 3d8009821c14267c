//! What happens to a [`Status`] on its way between two services.

use std::{error::Error, fmt, sync::Arc};

#[cfg(feature = "client")]
use std::io;

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

impl Error for Received {}

/// A status as the client reports it: marked, where it was read off the wire. One with a source
/// came from the transport and has no metadata; to mark one that was made here does no harm, for
/// the same reason.
///
/// When the connection fails the call, tonic says UNKNOWN, CANCELLED or what the GOAWAY would mean
/// for a stream; the specification (gRPC's `doc/statuscodes.md`) says UNAVAILABLE.
#[cfg(feature = "client")]
pub(crate) fn received(mut status: Status) -> Status {
    let Some(source) = status.source() else {
        status.set_source(Arc::new(Received));
        return status;
    };
    if !is_of_the_connection(source) {
        return status;
    }
    let mut lost = Status::unavailable(status.message());
    lost.set_source(Arc::new(status));
    lost
}

/// Whether it was the connection that failed, and not this call: its socket broke, it was gone before
/// it had sent the call, or the server said by GOAWAY that it never looked at it.
#[cfg(feature = "client")]
fn is_of_the_connection(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        // h2 does not name the error of its socket as its source.
        let is_lost = error.is::<io::Error>()
            || error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
            || error
                .downcast_ref::<h2::Error>()
                .is_some_and(|it| it.is_io() || (it.is_go_away() && it.is_remote()));
        if is_lost {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Whether a status is marked.
pub(crate) fn is_received(status: &Status) -> bool {
    status.source().is_some_and(|source| source.is::<Received>())
}

/// A status as it may leave the server.
#[cfg(feature = "server")]
pub(crate) fn outgoing(status: Status) -> Status {
    if is_received(&status) { Status::new(status.code(), status.message()) } else { status }
}
