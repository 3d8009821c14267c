//! The contract.

use bytes::Bytes;
use traitwire::{Status, Stream, message, service};

traitwire::package!("events.v1", file = "events/v1/events.proto");

/// Events, stored once, for any number of subscribers.
#[service]
pub(crate) trait Events {
    /// Stores an event and answers with its position. Does not wait for any subscriber.
    async fn publish(&self, request: PublishRequest) -> Result<PublishResponse, Status>;

    /// The events from a position on, each once and in their order, without an end.
    ///
    /// The subscription stands when the head of the answer is there: no event that is published
    /// after that is left out in silence. FAILED_PRECONDITION for a position of another hub,
    /// OUT_OF_RANGE for one in the future, UNAVAILABLE when the hub stops.
    async fn subscribe(
        &self,
        request: SubscribeRequest,
    ) -> Result<impl Stream<Item = Result<SubscribeResponse, Status>>, Status>;
}

/// Where an event is. A hub that starts again counts anew under another `hub`.
#[message]
pub(crate) struct Position {
    /// The hub that counts.
    #[tag(1, fixed64)]
    pub(crate) hub: u64,
    /// How many events came before.
    #[tag(2)]
    pub(crate) number: u64,
}

/// What is to be stored.
#[message]
pub(crate) struct PublishRequest {
    /// At most 64 KiB.
    #[tag(1)]
    pub(crate) payload: Vec<u8>,
}

/// The event is stored.
#[message]
pub(crate) struct PublishResponse {
    /// Where the event is.
    #[tag(1)]
    pub(crate) position: Option<Position>,
}

/// Which events, and what to do when some of them are gone.
#[message]
pub(crate) struct SubscribeRequest {
    /// Where to start; required.
    #[oneof(1, 2, 3)]
    pub(crate) start: Option<Start>,
    /// What to do when this subscriber is too late; required.
    #[tag(4, enumeration = OnLag)]
    pub(crate) on_lag: i32,
}

impl SubscribeRequest {
    /// A request with both its choices made.
    pub(crate) fn new(start: Start, on_lag: OnLag) -> Self {
        Self { start: Some(start), on_lag: on_lag.into() }
    }
}

/// Where to start.
#[message]
pub(crate) enum Start {
    /// The next event that is published.
    #[tag(1)]
    Now(()),
    /// The oldest event that is kept.
    #[tag(2)]
    Oldest(()),
    /// The event at this position. To go on after a break: the last position seen, plus one.
    #[tag(3)]
    Position(Position),
}

/// What to do when events are gone before their subscriber has read them.
#[message]
pub(crate) enum OnLag {
    /// Not a choice.
    Unspecified = 0,
    /// Say how many were missed, and go on with the oldest that is kept.
    Skip = 1,
    /// End with DATA_LOSS. The metadata `resume-from-bin` is the `Position` of the oldest event
    /// that is kept.
    End = 2,
}

/// The next event, or a gap.
#[message]
pub(crate) struct SubscribeResponse {
    /// Which of them.
    #[oneof(1, 2)]
    pub(crate) item: Option<Item>,
}

/// The next event, or a gap.
#[message]
pub(crate) enum Item {
    /// An event.
    #[tag(1)]
    Event(Event),
    /// How many events were missed here.
    #[tag(2)]
    Missed(u64),
}

/// An event and where it is.
#[message]
pub(crate) struct Event {
    /// Where it is.
    #[tag(1)]
    pub(crate) position: Option<Position>,
    /// What was published. Every subscriber's copy shares one piece of memory.
    #[tag(2)]
    pub(crate) payload: Bytes,
}
