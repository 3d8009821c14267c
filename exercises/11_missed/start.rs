//! Exercise 11: what was missed.
//!
//! The hub keeps its latest events in a ring, so that publishing waits for nobody. A subscriber
//! that is slower than the ring goes round has missed some, and here its stream then ends, as if no
//! more would come. Tell it how many it has missed, and go on with the oldest event that there is.
//!
//! ```sh
//! cargo xtask check 11
//! ```

use tokio::sync::broadcast;
use traitwire::{Status, Stream, message, service, stream_fn};

traitwire::package!("events.v1", file = "events/v1/events.proto");

/// Events, for any number of subscribers.
#[service]
pub trait EventService {
    /// The events from now on. Where some are missed, their number stands in their place.
    async fn subscribe(
        &self,
        request: SubscribeRequest,
    ) -> Result<impl Stream<Item = Result<SubscribeResponse, Status>>, Status>;
}

/// Asks for all of them.
#[message]
pub struct SubscribeRequest {}

/// What comes next.
#[message]
pub struct SubscribeResponse {
    /// One of these.
    #[oneof(1, 2)]
    pub item: Option<Item>,
}

/// One of these.
#[message]
pub enum Item {
    /// The next event.
    #[tag(1)]
    Event(String),
    /// So many events are gone before the next.
    #[tag(2)]
    Missed(u64),
}

/// The server.
pub struct Hub {
    events: broadcast::Sender<String>,
}

impl Hub {
    /// A hub that keeps so many events.
    pub fn new(capacity: usize) -> Self {
        Self { events: broadcast::Sender::new(capacity) }
    }

    /// Stores an event, and waits for no subscriber.
    pub fn publish(&self, event: String) {
        // An error says that nobody has subscribed.
        let _ = self.events.send(event);
    }
}

impl EventService for Hub {
    async fn subscribe(
        &self,
        _request: SubscribeRequest,
    ) -> Result<impl Stream<Item = Result<SubscribeResponse, Status>>, Status> {
        let mut events = self.events.subscribe();
        Ok(stream_fn(async move |mut out| {
            while let Ok(event) = events.recv().await {
                out.send(SubscribeResponse { item: Some(Item::Event(event)) }).await?;
            }
            Ok(())
        }))
    }
}
