//! Exercise 15, solved.

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
pub async fn gate(log: Log, mut call: Call, next: Next) -> Result<End, Status> {
    match call.method().attribute("card") {
        Some("none") => {}
        Some("reader") if call.metadata().contains_key("x-card") => {}
        Some("reader") => return Err(Status::unauthenticated("show your card")),
        _ => return Err(Status::permission_denied("this is for nobody")),
    }
    call.on_end(move |ended| log.write(format!("{} {:?}", ended.method().name, ended.code())));
    next.run(call).await
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
