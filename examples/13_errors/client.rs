//! The client: it does something else for each error.

use tokio::time::sleep;
use workbook::Result;

use crate::{
    contract::{BookRequest, BoxOffice},
    error::BookingError,
};

/// Books, and tells what becomes of it.
pub async fn tell(office: &impl BoxOffice) -> Result {
    book(office, "jazz", 7, "ada@example.com").await;
    book(office, "jazz", 8, "bob@example.com").await;
    book(office, "", 0, "somewhere").await;
    book(office, "ballet", 2, "ada@example.com").await;
    book(office, "opera", 2, "ada@example.com").await;
    Ok(())
}

/// Books seats. It goes on where an error says how.
async fn book(office: &impl BoxOffice, event: &str, seats: u32, email: &str) {
    let mut request = BookRequest { event: event.to_owned(), seats, email: email.to_owned() };
    loop {
        println!("client → book {} of {event:?} for {email}", request.seats);
        match office.book(request.clone()).await {
            Ok(booked) => return println!("client ← booked, {} are left", booked.left),
            Err(BookingError::Counting { after }) => {
                println!("client: again after {after:?}");
                sleep(after).await;
            }
            Err(BookingError::SoldOut { left: left @ 1.. }) => {
                println!("client: {left} are better than none");
                request.seats = left;
            }
            Err(BookingError::Invalid(fields)) => {
                for field in fields {
                    println!("client ← {}: {}", field.field, field.description);
                }
                return;
            }
            Err(BookingError::Other(status)) => {
                return println!("client ← {:?}: {}", status.code(), status.message());
            }
            Err(error) => return println!("client ← {error}"),
        }
    }
}
