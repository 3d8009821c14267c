//! Exercise 15: a gate at the counter.
//!
//! A library lends books over one counter, and the contract says in `attr(card = "…")` what a caller needs. The gate
//! stands around every call, but lets all of them pass. Make it look at the attribute:
//!
//! | `card` | who passes | others get |
//! |---|---|---|
//! | `"none"` | everybody | |
//! | `"reader"` | who sends `x-card` in the metadata | UNAUTHENTICATED |
//! | no attribute | nobody | PERMISSION_DENIED |
//!
//! And let it write a line to the log for each call that has passed, with the name of the method and the code that the
//! call ended with: `Lend Ok`, `Lend NotFound`, and `Titles Cancelled` for a reader who leaves while the titles
//! come.
//!
//! ```sh
//! cargo xtask check 15
//! ```

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::sleep;
use traitwire::{
    Status, Stream, service,
    intercept::{Call, End, Next},
    stream_fn,
};

/// Lends books.
#[service(package = "library.v1")]
pub trait Counter {
    /// What is on the shelves: for everybody.
    #[rpc(attr(card = "none"))]
    fn titles(&self) -> impl Stream<Item = Result<String, Status>>;
    /// Lends a book to those who have a card.
    #[rpc(attr(card = "reader"))]
    async fn lend(&self, book: &str) -> Result<u32, Status>;
    /// Burns a book. Nobody has said who may.
    async fn burn(&self, book: &str) -> Result<(), Status>;
}

/// Lines, such as `Lend Ok`.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn write(&self, line: String) {
        self.0.lock().expect("nobody panics with it").push(line);
    }

    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("nobody panics with it"))
    }
}

/// Stands around every call.
pub async fn gate(log: Log, call: Call, next: Next) -> Result<End, Status> {
    let name = call.method().name;
    let end = next.run(call).await?;
    log.write(format!("{name} Ok"));
    Ok(end)
}

/// The shelves.
pub struct Shelves;

impl Counter for Shelves {
    fn titles(&self) -> impl Stream<Item = Result<String, Status>> {
        stream_fn(async |mut out| {
            for title in ["Emma", "Faust", "Ulysses"] {
                out.send(title.to_owned()).await?;
                sleep(Duration::from_secs(1)).await;
            }
            Ok(())
        })
    }

    async fn lend(&self, book: &str) -> Result<u32, Status> {
        match book {
            "Emma" => Ok(14),
            _ => Err(Status::not_found(format!("no book {book:?}"))),
        }
    }

    async fn burn(&self, _: &str) -> Result<(), Status> {
        Ok(())
    }
}
