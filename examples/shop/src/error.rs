//! What can go wrong in the shop, and what a caller sees of it.

use tonic_types::{BadRequest, FieldViolation, StatusExt};
use traitwire::{Code, Status};

use crate::Order;

/// What can go wrong in the shop.
#[derive(Debug)]
pub enum Error {
    /// No order has this id.
    Unknown(String),
    /// Fields of a request are wrong; the text says which request.
    Invalid(String, Vec<FieldViolation>),
    /// More bytes in one update than the shop takes.
    TooLarge(usize),
    /// The store failed. A caller can do nothing about that.
    Store(tokio_rusqlite::Error),
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Unknown(id) => Self::not_found(format!("no order {id}")),
            Error::Invalid(what, fields) => {
                let message = format!("{what}: {}", listed(&fields));
                let details = [BadRequest::new(fields).into()];
                Self::with_error_details_vec(Code::InvalidArgument, message, details)
            }
            Error::TooLarge(limit) => {
                Self::resource_exhausted(format!("an update takes {limit} bytes of orders at most"))
            }
            Error::Store(error) => {
                // For the one who runs the shop. How it is built is not the caller's business.
                eprintln!("server: the store failed: {error}");
                Self::internal("the store failed")
            }
        }
    }
}

impl From<tokio_rusqlite::Error> for Error {
    fn from(error: tokio_rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

fn listed(fields: &[FieldViolation]) -> String {
    let fields: Vec<_> =
        fields.iter().map(|it| format!("{} {}", it.field, it.description)).collect();
    fields.join(", ")
}

/// Checks the `position`th order of an update.
pub(crate) fn check(order: &Order, position: usize) -> Result<(), Error> {
    let mut fields = Vec::new();
    if order.id.is_empty() {
        fields.push(FieldViolation::new("id", "must not be empty"));
    }
    // Neither a number below 0 nor one that is not a number.
    if !(0.0..f32::INFINITY).contains(&order.price) {
        fields.push(FieldViolation::new("price", format!("must not be {}", order.price)));
    }
    if fields.is_empty() {
        return Ok(());
    }
    Err(Error::Invalid(format!("order {position} of the update"), fields))
}

/// Checks the id that somebody asks for.
pub(crate) fn check_id(id: &str) -> Result<(), Error> {
    if id.is_empty() {
        // The request is a `google.protobuf.StringValue`, whose field has this name.
        let field = FieldViolation::new("value", "must not be empty");
        return Err(Error::Invalid("the id".to_owned(), vec![field]));
    }
    Ok(())
}
