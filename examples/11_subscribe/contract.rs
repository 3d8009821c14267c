//! The contract.

use bytes::Bytes;
use traitwire::{Describe, Status, Stream, service};

/// Events, stored once, for any number of subscribers.
#[service(package = "events.v1", file = "events/v1/events.proto")]
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
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "events.v1")]
pub(crate) struct Position {
    /// The hub that counts.
    #[prost(fixed64, tag = "1")]
    pub(crate) hub: u64,
    /// How many events came before.
    #[prost(uint64, tag = "2")]
    pub(crate) number: u64,
}

/// What is to be stored.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "events.v1")]
pub(crate) struct PublishRequest {
    /// At most 64 KiB.
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) payload: Vec<u8>,
}

/// The event is stored.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "events.v1")]
pub(crate) struct PublishResponse {
    /// Where the event is.
    #[prost(message, optional, tag = "1")]
    pub(crate) position: Option<Position>,
}

/// Which events, and what to do when some of them are gone.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "events.v1")]
pub(crate) struct SubscribeRequest {
    /// Where to start; required.
    #[prost(oneof = "Start", tags = "1, 2, 3")]
    pub(crate) start: Option<Start>,
    /// What to do when this subscriber is too late; required.
    #[prost(enumeration = "OnLag", tag = "4")]
    pub(crate) on_lag: i32,
}

impl SubscribeRequest {
    /// A request with both its choices made.
    pub(crate) fn new(start: Start, on_lag: OnLag) -> Self {
        Self { start: Some(start), on_lag: on_lag.into() }
    }
}

/// Where to start.
#[derive(Clone, PartialEq, prost::Oneof, Describe)]
pub(crate) enum Start {
    /// The next event that is published.
    #[prost(message, tag = "1")]
    Now(()),
    /// The oldest event that is kept.
    #[prost(message, tag = "2")]
    Oldest(()),
    /// The event at this position. To go on after a break: the last position seen, plus one.
    #[prost(message, tag = "3")]
    Position(Position),
}

/// What to do when events are gone before their subscriber has read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
#[describe(package = "events.v1")]
#[repr(i32)]
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
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "events.v1")]
pub(crate) struct SubscribeResponse {
    /// Which of them.
    #[prost(oneof = "Item", tags = "1, 2")]
    pub(crate) item: Option<Item>,
}

/// The next event, or a gap.
#[derive(Clone, PartialEq, prost::Oneof, Describe)]
pub(crate) enum Item {
    /// An event.
    #[prost(message, tag = "1")]
    Event(Event),
    /// How many events were missed here.
    #[prost(uint64, tag = "2")]
    Missed(u64),
}

/// An event and where it is.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "events.v1")]
pub(crate) struct Event {
    /// Where it is.
    #[prost(message, optional, tag = "1")]
    pub(crate) position: Option<Position>,
    /// What was published. Every subscriber's copy shares one piece of memory.
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) payload: Bytes,
}
