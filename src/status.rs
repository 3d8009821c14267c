//! What happens to a [`Status`] on its way between two services.

use std::{error::Error, fmt, sync::Arc};

#[cfg(feature = "client")]
use std::io;

use tonic::{Code, Status};

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
/// When a connection is lost in the middle of a call, tonic says UNKNOWN, and the specification
/// (gRPC's `doc/statuscodes.md`) UNAVAILABLE.
#[cfg(feature = "client")]
pub(crate) fn received(mut status: Status) -> Status {
    let is_lost = match status.source() {
        Some(source) => status.code() == Code::Unknown && is_of_the_socket(source),
        None => {
            status.set_source(Arc::new(Received));
            false
        }
    };
    if is_lost {
        let mut lost = Status::unavailable(status.message());
        lost.set_source(Arc::new(status));
        return lost;
    }
    status
}

/// Whether an error began as one of the socket.
#[cfg(feature = "client")]
fn is_of_the_socket(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        // h2 does not name the error of its socket as its source.
        let of_h2 = error.downcast_ref::<h2::Error>().is_some_and(h2::Error::is_io);
        if of_h2 || error.is::<io::Error>() {
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
