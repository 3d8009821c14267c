//! Exercise 13, solved.

use std::time::Duration;

use traitwire::{RpcError, Status, service};

/// Lends books.
#[service(package = "library.v1")]
pub trait Library {
    /// Lends a book, and says for how many days.
    async fn lend(&self, book: String) -> Result<u32, LendError>;
}

/// Why a book is not lent.
#[derive(Debug, RpcError)]
#[rpc_error(domain = "library.example.com")]
pub enum LendError {
    /// Somebody has it, for so many days.
    #[rpc_error(code = FailedPrecondition, reason = "BOOK_LENT")]
    Lent {
        #[rpc_error(send)]
        book: String,
        #[rpc_error(send)]
        days: u32,
    },
    /// The caller has as many as allowed, and must wait.
    #[rpc_error(code = ResourceExhausted)]
    TooMany {
        #[rpc_error(send)]
        limit: u32,
        #[rpc_error(retry_info)]
        after: Duration,
    },
    /// The book is not where it should be. A caller can do nothing about that.
    #[rpc_error(internal)]
    Shelf(String),
    /// Whatever else a call ends with.
    #[rpc_error(status)]
    Other(Status),
}

impl std::error::Error for LendError {}

impl std::fmt::Display for LendError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lent { book, days } => write!(f, "{book:?} is back in {days} days"),
            Self::TooMany { limit, .. } => write!(f, "{limit} books at once are enough"),
            Self::Shelf(shelf) => write!(f, "shelf {shelf} is not in order"),
            Self::Other(status) => status.fmt(f),
        }
    }
}

/// The server. `find` looks a book up.
pub struct Shelves<F> {
    pub find: F,
}

impl<F> Library for Shelves<F>
where
    F: Fn(&str) -> Result<u32, LendError> + Send + Sync + 'static,
{
    async fn lend(&self, book: String) -> Result<u32, LendError> {
        (self.find)(&book)
    }
}
