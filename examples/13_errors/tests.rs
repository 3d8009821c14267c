//! What callers get.

use traitwire::{Code, Status};

use crate::{
    contract::{BookRequest, BoxOffice, BoxOfficeClient},
    error::BookingError,
    server::Office,
};

async fn refused(event: &str, seats: u32, email: &str) -> BookingError {
    let client = BoxOfficeClient::in_process(Office::default());
    let request = BookRequest { event: event.to_owned(), seats, email: email.to_owned() };
    match client.book(request.clone()).await {
        // The first one of each event.
        Err(BookingError::Counting { .. }) => client.book(request).await.unwrap_err(),
        answer => answer.unwrap_err(),
    }
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let BookingError::Invalid(fields) = refused("", 9, "ada").await else {
        panic!("it is another error");
    };
    let names: Vec<_> = fields.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(names, ["email", "event", "seats"]);
}

#[tokio::test]
async fn a_variant_comes_back_with_what_it_holds() {
    let error = refused("ballet", 1, "ada@example.com").await;
    assert!(matches!(&error, BookingError::EventNotFound { event } if event == "ballet"));
    let error = refused("circus", 1, "ada@example.com").await;
    assert!(matches!(error, BookingError::SoldOut { left: 0 }));
}

#[tokio::test]
async fn what_broke_inside_stays_there() {
    let BookingError::Other(status) = refused("opera", 1, "ada@example.com").await else {
        panic!("it is another error");
    };
    assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
    assert!(!format!("{status:?}").contains("/srv"));
}

#[test]
fn the_reasons_are_a_part_of_the_contract() {
    for (error, reason) in [
        (BookingError::EventNotFound { event: String::new() }, "EVENT_NOT_FOUND"),
        (BookingError::SoldOut { left: 0 }, "SOLD_OUT"),
        (BookingError::Counting { after: Default::default() }, "COUNTING"),
        (BookingError::Invalid(Vec::new()), "INVALID"),
    ] {
        let details = Status::from(error).details().to_vec();
        assert!(String::from_utf8_lossy(&details).contains(reason), "{reason}");
    }
}
