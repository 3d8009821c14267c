// A contract that was written before there was any Rust.

use traitwire::{Status, Stream, message, service};

traitwire::package!("tickets.v1", file = "tickets.proto");

/// Sells tickets.
#[service(rename_all = "camelCase")]
pub trait TicketOffice {
    /// The next free seat.
    async fn reserve(&self, request: &ReserveRequest) -> Result<Ticket, Status>;
    /// Every seat that is free, as it is found.
    fn free_seats(&self, show: &Show) -> impl Stream<Item = Result<Seat, Status>>;
}

#[message]
pub struct Show {
    #[tag(1)]
    pub title: String,
}

#[message]
pub struct ReserveRequest {
    #[tag(1)]
    pub show: Option<Show>,
}

#[message]
pub struct Seat {
    #[tag(1)]
    pub row: u32,
    #[tag(2)]
    pub number: u32,
}

#[message]
pub struct Ticket {
    #[tag(1)]
    pub seat: Option<Seat>,
    #[tag(2)]
    pub price: Option<Price>,
}

#[message(name = "Ticket.Price")]
pub struct Price {
    #[tag(1)]
    pub cents: u32,
}
