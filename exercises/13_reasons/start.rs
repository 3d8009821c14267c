//! Exercise 13: an error that comes back as it was.
//!
//! A library lends books. Its errors become statuses by hand, and become errors again by hand: the
//! caller always gets `Other`, and has to look into the message. Derive both with `RpcError`, so that
//! a caller gets the variant with its fields, and another language a reason:
//!
//! | variant | code | reason | what is sent |
//! |---|---|---|---|
//! | `Lent` | FAILED_PRECONDITION | `BOOK_LENT` | `book`, and `days` |
//! | `TooMany` | RESOURCE_EXHAUSTED | `TOO_MANY` | `limit`, and when to try again |
//! | `Shelf` | INTERNAL | none | nothing |
//!
//! ```sh
//! cargo xtask check 13
//! ```

use std::time::Duration;

use traitwire::{Status, service};

/// Lends books.
#[service(package = "library.v1")]
pub trait Library {
    /// Lends a book, and says for how many days.
    async fn lend(&self, book: String) -> Result<u32, LendError>;
}

/// Why a book is not lent.
#[derive(Debug)]
pub enum LendError {
    /// Somebody has it, for so many days.
    Lent { book: String, days: u32 },
    /// The caller has as many as allowed, and must wait.
    TooMany { limit: u32, after: Duration },
    /// The book is not where it should be. A caller can do nothing about that.
    Shelf(String),
    /// Whatever else a call ends with.
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

impl From<LendError> for Status {
    fn from(error: LendError) -> Self {
        Self::unknown(error.to_string())
    }
}

impl From<Status> for LendError {
    fn from(status: Status) -> Self {
        Self::Other(status)
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
