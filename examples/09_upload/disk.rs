//! What the disk says, in the terms of a call.

use std::io::{Error, ErrorKind};

use traitwire::Status;

/// It cannot. The reason is for the caller; which of the server's files it was is not.
pub fn failed(error: Error) -> Status {
    let why = format!("the disk: {error}");
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            Status::resource_exhausted(why)
        }
        _ => Status::internal(why),
    }
}

/// What is there, if it is.
pub fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Status> {
    match result {
        Ok(it) => Ok(Some(it)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}
