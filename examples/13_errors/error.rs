//! What can go wrong, and what a caller sees of it.

use std::{io, time::Duration};

use traitwire::{FieldViolation, RpcError, Status};

/// What can go wrong with a booking.
#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "tickets.example.com")]
pub enum BookingError {
    /// Another name may be right.
    #[error("no event {event:?}")]
    #[rpc_error(code = NotFound)]
    EventNotFound {
        /// What was asked for.
        #[rpc_error(send)]
        event: String,
    },
    /// Fewer seats may be right.
    #[error("only {left} seats are left")]
    #[rpc_error(code = FailedPrecondition)]
    SoldOut {
        /// How many seats there are.
        #[rpc_error(send)]
        left: u32,
    },
    /// The same request may be right, a little later.
    #[error("the seats of this event are being counted")]
    #[rpc_error(code = Unavailable)]
    Counting {
        /// How much later.
        #[rpc_error(retry_info)]
        after: Duration,
    },
    /// The request is wrong, whatever the office has.
    #[error("{} fields of the request are wrong", .0.len())]
    #[rpc_error(code = InvalidArgument)]
    Invalid(#[rpc_error(bad_request)] Vec<FieldViolation>),
    /// For those who run the office.
    #[error("the store failed")]
    #[rpc_error(internal)]
    Store(#[from] io::Error),
    /// What a call can always end with.
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}

/// All that garde has found, each with the path of its field.
impl From<garde::Report> for BookingError {
    fn from(report: garde::Report) -> Self {
        let violation = |(path, error): &(garde::Path, garde::Error)| {
            FieldViolation::new(path.to_string(), error.message())
        };
        Self::Invalid(report.iter().map(violation).collect())
    }
}
