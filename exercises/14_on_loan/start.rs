//! Exercise 14: a book on loan.
//!
//! A reader asks at the desk, the desk asks the stacks, and the stacks give the book out. Two things are
//! wrong. A reader who waits for ten seconds is told so after ten seconds, but the stacks go on looking,
//! because they were never told for how long. And a reader who leaves while the book is entered takes it
//! along: the stacks have given it out, and the register does not know of it. Let the deadline go on to
//! the stacks, and let a book that was given out be entered whatever the reader does.
//!
//! ```sh
//! cargo xtask check 14
//! ```

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::sleep;
use traitwire::{Status, Transport, service};

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
        let days = self.stacks.give(book).await?;
        self.register.enter(book.to_owned()).await;
        Ok(days)
    }
}
