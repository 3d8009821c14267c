//! The server: one ring of events, and a cursor for each subscriber.
//!
//! An event is stored once. A subscriber holds nothing but the number of the event that it reads
//! next, so one that does not read costs no more, and publishing waits for nobody. The ring lies in
//! a `tokio::sync::watch`, which is a value under a lock together with a wake-up for everybody who
//! has not seen its last change; a change between looking and waiting is not lost.
//!
//! `tokio::sync::broadcast` is near, but forgets an event that every present receiver has read, so
//! nobody can start from a position.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, Hasher, RandomState},
};

use bytes::Bytes;
use tokio::sync::watch;
use traitwire::{
    Status, Stream,
    prost::Message,
    stream_fn,
    tonic::metadata::{BinaryMetadataValue, MetadataMap},
};

use crate::contract::{
    Event, Events, Item, OnLag, Position, PublishRequest, PublishResponse, Start, SubscribeRequest,
    SubscribeResponse,
};

/// The largest event. With the number of events that are kept, this bounds the hub's memory.
pub(crate) const LARGEST_EVENT: usize = 64 * 1024;

/// The metadata of a DATA_LOSS: the [`Position`] from which to subscribe again.
pub(crate) const RESUME_FROM: &str = "resume-from-bin";

/// Keeps the latest events.
pub(crate) struct Hub {
    /// Tells this hub's positions from those of an earlier life, which mean other events.
    id: u64,
    ring: watch::Sender<Ring>,
}

struct Ring {
    events: VecDeque<Bytes>,
    /// How many events are kept.
    capacity: usize,
    /// The number of the oldest of them.
    oldest: u64,
    closed: bool,
}

/// What a subscriber finds at its cursor.
enum Found {
    Event(Bytes),
    /// The event is gone; this is the oldest that is kept.
    Gone(u64),
    /// The event is still to come.
    Nothing,
    Closed,
}

impl Ring {
    /// The number of the next event.
    fn next(&self) -> u64 {
        self.oldest + self.events.len() as u64
    }

    fn push(&mut self, payload: Bytes) -> u64 {
        let number = self.next();
        if self.events.len() == self.capacity {
            self.events.pop_front();
            self.oldest += 1;
        }
        self.events.push_back(payload);
        number
    }

    fn find(&self, number: u64) -> Found {
        let Some(index) = number.checked_sub(self.oldest) else { return Found::Gone(self.oldest) };
        match self.events.get(index as usize) {
            Some(event) => Found::Event(event.clone()),
            None if self.closed => Found::Closed,
            None => Found::Nothing,
        }
    }
}

impl Hub {
    /// A hub that keeps the latest `capacity` events, one at least.
    pub(crate) fn new(capacity: usize) -> Self {
        let capacity = capacity.max(1);
        let ring = Ring { events: VecDeque::new(), capacity, oldest: 0, closed: false };
        // Every `RandomState` is another one, and that is all that is asked of an id.
        Self { id: RandomState::new().build_hasher().finish(), ring: watch::Sender::new(ring) }
    }

    /// Ends every subscription after the events that are there. A server that is to stop waits for
    /// its calls, and these have no end of their own.
    pub(crate) fn close(&self) {
        self.ring.send_modify(|ring| ring.closed = true);
    }

    /// How many subscribers there are.
    #[cfg(test)]
    pub(crate) fn subscribers(&self) -> usize {
        self.ring.receiver_count()
    }

    /// Waits until there are none.
    #[cfg(test)]
    pub(crate) async fn deserted(&self) {
        self.ring.closed().await;
    }

    fn position(&self, number: u64) -> Position {
        Position { hub: self.id, number }
    }

    /// The number of the first event to send.
    fn start(&self, ring: &Ring, start: Option<Start>) -> Result<u64, Status> {
        let next = ring.next();
        match start {
            None => Err(Status::invalid_argument("`start` is missing")),
            Some(Start::Now(())) => Ok(next),
            Some(Start::Oldest(())) => Ok(ring.oldest),
            Some(Start::Position(Position { hub, .. })) if hub != self.id => {
                // Which events lie between is not known, so there is no number to tell.
                Err(Status::failed_precondition(
                    "the position is one of another hub: this one has started anew; subscribe \
                     from the oldest event, or from now on",
                ))
            }
            Some(Start::Position(Position { number, .. })) if number > next => {
                Err(Status::out_of_range(format!("the next event is {next}, not {number}")))
            }
            // An event that is gone already is missed as one that goes later.
            Some(Start::Position(Position { number, .. })) => Ok(number),
        }
    }

    fn data_loss(&self, cursor: u64, oldest: u64) -> Status {
        let mut metadata = MetadataMap::new();
        let resume_from = self.position(oldest).encode_to_vec();
        metadata.insert_bin(RESUME_FROM, BinaryMetadataValue::from_bytes(&resume_from));
        let why = format!("missed {} events; the oldest is {oldest}", oldest - cursor);
        Status::with_metadata(traitwire::Code::DataLoss, why, metadata)
    }
}

impl Events for Hub {
    async fn publish(&self, request: PublishRequest) -> Result<PublishResponse, Status> {
        let size = request.payload.len();
        if size > LARGEST_EVENT {
            let why = format!("the event has {size} bytes, and the limit is {LARGEST_EVENT}");
            return Err(Status::invalid_argument(why));
        }
        // Decoded into a vector, the payload holds on to nothing else of the request.
        let payload = Bytes::from(request.payload);
        let mut number = 0;
        self.ring.send_modify(|ring| number = ring.push(payload));
        Ok(PublishResponse { position: Some(self.position(number)) })
    }

    async fn subscribe(
        &self,
        request: SubscribeRequest,
    ) -> Result<impl Stream<Item = Result<SubscribeResponse, Status>>, Status> {
        let on_lag = request.on_lag();
        if on_lag == OnLag::Unspecified {
            return Err(Status::invalid_argument("`on_lag` must be ON_LAG_SKIP or ON_LAG_END"));
        }
        let mut ring = self.ring.subscribe();
        let mut cursor = self.start(&ring.borrow(), request.start)?;
        println!("server: a subscriber from event {cursor}, on lag {on_lag:?}");

        Ok(stream_fn(async move |mut out| {
            loop {
                // The lock is held for this line only.
                let found = ring.borrow_and_update().find(cursor);
                let item = match found {
                    Found::Event(payload) => {
                        let position = Some(self.position(cursor));
                        cursor += 1;
                        Item::Event(Event { position, payload })
                    }
                    Found::Gone(oldest) if on_lag == OnLag::Skip => {
                        let missed = oldest - cursor;
                        cursor = oldest;
                        Item::Missed(missed)
                    }
                    Found::Gone(oldest) => return Err(self.data_loss(cursor, oldest)),
                    Found::Closed => return Err(Status::unavailable("the hub stops")),
                    Found::Nothing => {
                        // An error says that the hub is gone, which its own handler never sees.
                        let _ = ring.changed().await;
                        continue;
                    }
                };
                out.send(SubscribeResponse { item: Some(item) }).await?;
            }
        }))
    }
}
