//! Exercise 14, solved.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::sleep;
use traitwire::{CallOptions, Status, Transport, service};

traitwire::package!("library.v1");

/// Where readers ask.
#[service]
pub trait Desk {
    /// Lends a book, and says for how many days.
    async fn lend(&self, book: &str) -> Result<u32, Status>;
}

/// Where the books are.
#[service]
pub trait Stacks {
    /// Gives a book out, and says for how many days it may be lent.
    async fn give(&self, book: &str) -> Result<u32, Status>;
}

/// The books that are on loan.
#[derive(Clone, Default)]
pub struct Register(Arc<Mutex<Vec<String>>>);

impl Register {
    /// Enters a book. Somebody writes it by hand, so that takes a while.
    pub async fn enter(&self, book: String) {
        sleep(Duration::from_secs(2)).await;
        self.0.lock().expect("nobody panics").push(book);
    }

    /// What has been entered.
    pub fn entries(&self) -> Vec<String> {
        self.0.lock().expect("nobody panics").clone()
    }
}

/// The server.
pub struct FrontDesk<T> {
    pub stacks: StacksClient<T>,
    pub register: Register,
}

impl<T: Transport> Desk for FrontDesk<T> {
    async fn lend(&self, book: &str) -> Result<u32, Status> {
        let stacks = self.stacks.with(CallOptions::new().inherit_deadline());
        let days = stacks.give(book).await?;
        let (register, book) = (self.register.clone(), book.to_owned());
        let entered = tokio::spawn(async move { register.enter(book).await });
        entered.await.map_err(|error| Status::internal(error.to_string()))?;
        Ok(days)
    }
}
