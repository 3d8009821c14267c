//! The contract.

use garde::Validate;
use traitwire::{message, service};

use crate::error::BookingError;

traitwire::package!("tickets.v1", file = "tickets/v1/tickets.proto");

/// A box office.
#[service]
pub trait BoxOffice {
    /// Books seats of one event, all of them or none.
    async fn book(&self, request: BookRequest) -> Result<BookResponse, BookingError>;
}

/// What to book.
#[message]
#[derive(Validate)]
pub struct BookRequest {
    /// For which event.
    #[tag(1)]
    #[garde(length(min = 1, max = 40))]
    pub event: String,
    /// How many seats.
    #[tag(2)]
    #[garde(range(min = 1, max = 8))]
    pub seats: u32,
    /// Where the tickets go.
    #[tag(3)]
    #[garde(contains("@"))]
    pub email: String,
}

/// They are booked.
#[message]
pub struct BookResponse {
    /// How many seats are left.
    #[tag(1)]
    pub left: u32,
}
