//! The one queue of the connection: whatever is to be written goes through it.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};
use wire::frame::{Reason, Setting};

use crate::{Quotas, headers::Field, stream::Stream, streams::Streams};

/// So many control frames may wait. Then no more is read from the peer, which makes us write most
/// of them, and no new call begins.
pub(crate) const MAX_QUEUED_CONTROL_ITEMS: usize = 100;

/// What the writer is to do.
#[derive(Debug)]
pub(crate) enum Item {
    Headers(Arc<Stream>, Vec<Field>),
    Data(DataFrame),
    /// Stream and increment.
    IncomingWindowUpdate(u32, u32),
    OutgoingWindowUpdate(u32, u32),
    IncomingSettings(Vec<(Setting, u32)>),
    PingAck([u8; 8]),
    /// The stream is over. With a reason, the peer is told.
    CleanupStream(u32, Option<Reason>),
    /// The connection is over, and the writer with it.
    GoAway(Reason, &'static str),
    /// Adds what the writer knows, and nobody else.
    Quotas(Quotas, oneshot::Sender<Quotas>),
}

/// A message, or the rest of one; or, with neither head nor payload, the end of the stream.
#[derive(Debug)]
pub(crate) struct DataFrame {
    pub(crate) stream: u32,
    pub(crate) head: Bytes,
    pub(crate) payload: Bytes,
    pub(crate) end_stream: bool,
}

impl DataFrame {
    /// How many bytes are to be written.
    pub(crate) fn len(&self) -> usize {
        self.head.len() + self.payload.len()
    }
}

impl Item {
    /// Whether it counts towards the [`MAX_QUEUED_CONTROL_ITEMS`].
    fn is_control(&self) -> bool {
        !matches!(self, Self::Headers(..) | Self::Data(_))
    }
}

/// A list with a lock, and a bell. The lock guards the table of streams too: so an id is given and
/// its HEADERS are queued in one step, and ids leave in their order.
#[derive(Debug)]
pub(crate) struct ControlBuffer {
    inner: Mutex<Inner>,
    wakeup: Notify,
    below_limit: Notify,
}

#[derive(Debug)]
struct Inner {
    list: VecDeque<Item>,
    control_items: usize,
    finished: bool,
    streams: Streams,
}

impl ControlBuffer {
    pub(crate) fn new(streams: Streams) -> Self {
        let inner = Inner { list: VecDeque::new(), control_items: 0, finished: false, streams };
        Self { inner: Mutex::new(inner), wakeup: Notify::new(), below_limit: Notify::new() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Every change is whole before anything in here can panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an item.
    pub(crate) fn put(&self, item: Item) {
        self.execute_and_put(|_| ((), Some(item)));
    }

    // 6. All that a call writes is put here; the call does not touch the socket.
    /// Does something with the table of streams, and queues the item that comes of it, if any.
    pub(crate) fn execute_and_put<T>(
        &self,
        execute: impl FnOnce(&mut Streams) -> (T, Option<Item>),
    ) -> T {
        let mut inner = self.inner();
        let (done, item) = execute(&mut inner.streams);
        // Behind the end of the connection there is nobody to write it.
        if let Some(item) = item.filter(|_| !inner.finished) {
            let name = item.name();
            inner.control_items += usize::from(item.is_control());
            inner.list.push_back(item);
            wire::step!(6, "put: {name}, {} in the queue", inner.list.len());
            drop(inner);
            self.wakeup.notify_one();
        }
        done
    }

    /// Looks something up.
    pub(crate) fn streams<T>(&self, look: impl FnOnce(&mut Streams) -> T) -> T {
        look(&mut self.inner().streams)
    }

    /// Takes the next item; does not wait for one.
    pub(crate) fn try_get(&self) -> Option<Item> {
        let mut inner = self.inner();
        let item = inner.list.pop_front()?;
        // After the end nobody counts, and nobody waits.
        if item.is_control() && !inner.finished {
            inner.control_items -= 1;
            if inner.control_items + 1 == MAX_QUEUED_CONTROL_ITEMS {
                self.below_limit.notify_waiters();
            }
        }
        Some(item)
    }

    /// Waits for the next item; `None` when there will be none.
    pub(crate) async fn get(&self) -> Option<Item> {
        loop {
            if let Some(item) = self.try_get() {
                return Some(item);
            }
            if self.inner().finished {
                return None;
            }
            self.wakeup.notified().await;
        }
    }

    /// Waits while there are too many control frames.
    pub(crate) async fn throttle(&self) {
        loop {
            let mut below_limit = pin!(self.below_limit.notified());
            below_limit.as_mut().enable();
            if self.inner().control_items < MAX_QUEUED_CONTROL_ITEMS {
                return;
            }
            below_limit.await;
        }
    }

    /// Takes no more items, after `last`. Without one the writer has gone, and drops what is queued.
    pub(crate) fn finish(&self, last: Option<Item>) {
        let mut inner = self.inner();
        let dropped = match last {
            Some(last) if !inner.finished => {
                inner.list.push_back(last);
                VecDeque::new()
            }
            Some(_) => VecDeque::new(),
            None => std::mem::take(&mut inner.list),
        };
        inner.control_items = 0;
        inner.finished = true;
        drop(inner);
        drop(dropped);
        self.wakeup.notify_one();
        self.below_limit.notify_waiters();
    }
}

impl Item {
    fn name(&self) -> &'static str {
        match self {
            Self::Headers(..) => "HEADERS",
            Self::Data(_) => "DATA",
            Self::IncomingWindowUpdate(..) => "incoming WINDOW_UPDATE",
            Self::OutgoingWindowUpdate(..) => "WINDOW_UPDATE",
            Self::IncomingSettings(_) => "incoming SETTINGS",
            Self::PingAck(_) => "PING",
            Self::CleanupStream(_, Some(_)) => "RST_STREAM",
            Self::CleanupStream(_, None) => "the end of the stream",
            Self::GoAway(..) => "GOAWAY",
            Self::Quotas(..) => "a question",
        }
    }
}
