//! Why there is no connection.

use std::{error::Error, fmt, io, sync::Arc};

use tonic::{Code, Status};

use crate::BoxError;

/// Why there is no connection to a server: it names the server, and what it did.
///
/// As a [`Status`] it is UNAVAILABLE, or INVALID_ARGUMENT where no server was named.
#[derive(Clone, Debug)]
pub struct ConnectError {
    code: Code,
    why: String,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl ConnectError {
    pub(super) fn invalid(why: impl Into<String>) -> Self {
        Self { code: Code::InvalidArgument, why: why.into(), cause: None }
    }

    pub(super) fn unavailable(why: impl Into<String>) -> Self {
        Self { code: Code::Unavailable, why: why.into(), cause: None }
    }

    pub(super) fn caused(why: impl Into<String>, cause: BoxError) -> Self {
        Self { cause: Some(cause.into()), ..Self::unavailable(why) }
    }

    /// What connecting to `server` failed with.
    pub(super) fn of(server: &str, error: io::Error) -> Self {
        let why = match error.kind() {
            io::ErrorKind::ConnectionRefused => format!("connection refused by {server}"),
            io::ErrorKind::TimedOut => format!("no answer from {server} in time"),
            io::ErrorKind::NotFound => format!("there is no socket at {server}"),
            _ => format!("no connection to {server}: {error}"),
        };
        Self::caused(why, error.into())
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|it| it as _)
    }
}

impl From<ConnectError> for Status {
    fn from(error: ConnectError) -> Self {
        let mut status = Self::new(error.code, error.why);
        if let Some(cause) = error.cause {
            status.set_source(cause);
        }
        status
    }
}
