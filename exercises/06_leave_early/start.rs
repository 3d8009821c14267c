//! Exercise 06: a seat in the reading room.
//!
//! A search takes a seat, and one for which there is no seat is refused. But when a caller leaves
//! in the middle of its search, its seat remains taken, and in the end nobody gets in any more. Let
//! the seat be free again however the search ends.
//!
//! ```sh
//! cargo xtask check 06
//! ```

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use traitwire::{Status, Stream, message, service, stream_fn};

traitwire::package!("library.v1");

/// The books of a library.
#[service]
pub trait LibraryService {
    /// Every book with this word in its title. RESOURCE_EXHAUSTED when all seats are taken.
    fn search(&self, request: SearchRequest) -> impl Stream<Item = Result<SearchResponse, Status>>;
}

/// What to look for.
#[message]
pub struct SearchRequest {
    /// A word of the title.
    #[tag(1)]
    pub word: String,
}

/// A book.
#[message]
pub struct SearchResponse {
    /// Its title.
    #[tag(1)]
    pub title: String,
}

/// The server.
pub struct ReadingRoom {
    free_seats: AtomicUsize,
    titles: Vec<String>,
}

impl ReadingRoom {
    /// A room for so many readers at a time.
    pub fn new(seats: usize, titles: Vec<String>) -> Self {
        Self { free_seats: AtomicUsize::new(seats), titles }
    }
}

impl LibraryService for ReadingRoom {
    fn search(&self, request: SearchRequest) -> impl Stream<Item = Result<SearchResponse, Status>> {
        stream_fn(async move |mut out| {
            self.free_seats
                .fetch_update(Relaxed, Relaxed, |free| free.checked_sub(1))
                .map_err(|_| Status::resource_exhausted("all seats are taken"))?;
            for title in self.titles.iter().filter(|title| title.contains(&request.word)) {
                out.send(SearchResponse { title: title.clone() }).await?;
            }
            self.free_seats.fetch_add(1, Relaxed);
            Ok(())
        })
    }
}
