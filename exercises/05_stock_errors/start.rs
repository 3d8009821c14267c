//! Exercise 05: what a caller sees of an error.
//!
//! Whatever goes wrong, `Reserve` answers INTERNAL, with a text that shows how the server is built.
//! A program cannot decide by that, and nobody should read it. Let the code say what went wrong,
//! and the message what to do about it:
//!
//! | error | code | what the message names |
//! |---|---|---|
//! | `Unknown` | NOT_FOUND | the article |
//! | `TooFew` | FAILED_PRECONDITION | the article, and how many are left |
//! | `NoQuantity` | INVALID_ARGUMENT | the field, `quantity` |
//! | `Store` | INTERNAL | nothing that the store said: that is not for the caller |
//!
//! ```sh
//! cargo xtask check 05
//! ```

use std::io;

use traitwire::{Status, message, service};

traitwire::package!("stock.v1");

/// What is in stock.
#[service]
pub trait StockService {
    /// Reserves some of an article.
    async fn reserve(&self, request: ReserveRequest) -> Result<ReserveResponse, Status>;
}

/// What to reserve.
#[message]
pub struct ReserveRequest {
    /// Of which article.
    #[tag(1)]
    pub article: String,
    /// How many; one at least.
    #[tag(2)]
    pub quantity: u32,
}

/// They are reserved.
#[message]
pub struct ReserveResponse {
    /// How many are left.
    #[tag(1)]
    pub left: u32,
}

/// What can go wrong.
#[derive(Debug)]
pub enum Error {
    /// There is no such article.
    Unknown(String),
    /// There are not as many.
    TooFew { article: String, left: u32 },
    /// To reserve none is no reservation.
    NoQuantity,
    /// The store failed. A caller can do nothing about that.
    Store(io::Error),
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        Self::internal(format!("{error:?}"))
    }
}

/// The server. `take` takes so many of an article out of a store, and says how many are left.
pub struct Stock<F> {
    pub take: F,
}

impl<F> StockService for Stock<F>
where
    F: Fn(&str, u32) -> Result<u32, Error> + Send + Sync + 'static,
{
    async fn reserve(&self, request: ReserveRequest) -> Result<ReserveResponse, Status> {
        let ReserveRequest { article, quantity } = request;
        if quantity == 0 {
            return Err(Error::NoQuantity.into());
        }
        let left = (self.take)(&article, quantity)?;
        Ok(ReserveResponse { left })
    }
}
