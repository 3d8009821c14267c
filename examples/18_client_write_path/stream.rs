//! A stream of the connection: what its call may still write, and what has come for it.

use std::{
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use tokio::sync::Notify;
use traitwire::Status;

use crate::flow_control::{DEFAULT_WRITE_QUOTA, InFlow, Overrun, WriteQuota};

/// A stream. The call has it, the table of active streams, and the writer while it has frames.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: u32,
    pub(crate) wq: WriteQuota,
    state: Mutex<State>,
    /// Something came. One reader waits for it.
    arrived: Notify,
    ended: Notify,
}

#[derive(Debug)]
struct State {
    /// The last message was queued, or the end of the stream.
    write_done: bool,
    header: Option<HeaderMap>,
    /// DATA that was not read. The window bounds it.
    received: BytesMut,
    in_flow: InFlow,
    end: Option<End>,
}

/// How a stream has ended.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) status: Status,
    /// Whether the server said that it did not look at it. Such a call may be tried again.
    pub(crate) unprocessed: bool,
}

impl From<Status> for End {
    fn from(status: Status) -> Self {
        Self { status, unprocessed: false }
    }
}

/// The stream has ended, or its writing side has.
#[derive(Debug)]
pub(crate) struct EndOfStream;

/// What a read gives.
#[derive(Debug)]
pub(crate) struct Read {
    /// What was asked for; less when the stream ended before it came.
    pub(crate) bytes: Result<Bytes, End>,
    /// Window to return to the peer.
    pub(crate) update: Option<u32>,
}

impl Stream {
    pub(crate) fn new(id: u32, window: u32) -> Self {
        let state = State {
            write_done: false,
            header: None,
            received: BytesMut::new(),
            in_flow: InFlow::new(window),
            end: None,
        };
        Self {
            id,
            wq: WriteQuota::new(DEFAULT_WRITE_QUOTA),
            state: Mutex::new(state),
            arrived: Notify::new(),
            ended: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything in here can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a message will be queued, and whether it is the last.
    pub(crate) fn begin_write(&self, last: bool) -> Result<(), EndOfStream> {
        let mut state = self.state();
        if state.write_done || state.end.is_some() {
            return Err(EndOfStream);
        }
        state.write_done = last;
        Ok(())
    }

    /// Whether the call may write no more.
    pub(crate) fn is_write_done(&self) -> bool {
        self.state().write_done
    }

    /// The header of the answer has come. `false` when it had before.
    pub(crate) fn put_header(&self, header: HeaderMap) -> bool {
        let mut state = self.state();
        let is_first = state.header.is_none();
        state.header.get_or_insert(header);
        drop(state);
        self.arrived.notify_one();
        is_first
    }

    /// Whether the header of the answer has come.
    pub(crate) fn has_header(&self) -> bool {
        self.state().header.is_some()
    }

    /// DATA has come: `data`, and padding, in a frame of `size` bytes. Returns how much window to
    /// return.
    pub(crate) fn put_data(&self, data: &[u8], size: u32) -> Result<Option<u32>, Overrun> {
        let mut state = self.state();
        let update = state.in_flow.on_data(size, size - data.len() as u32)?;
        // A copy: a piece of the buffer that we read into would keep all of it.
        state.received.extend_from_slice(data);
        drop(state);
        self.arrived.notify_one();
        Ok(update)
    }

    /// Ends the stream. `false` when it had ended before.
    pub(crate) fn end(&self, end: End) -> bool {
        let mut state = self.state();
        if state.end.is_some() {
            return false;
        }
        state.end = Some(end);
        drop(state);
        self.arrived.notify_one();
        self.ended.notify_waiters();
        true
    }

    /// How it has ended, if it has.
    pub(crate) fn how_it_ended(&self) -> Option<End> {
        self.state().end.clone()
    }

    /// Waits for the end.
    pub(crate) async fn until_end(&self) {
        let mut ended = pin!(self.ended.notified());
        ended.as_mut().enable();
        if self.state().end.is_none() {
            ended.await;
        }
    }

    /// Waits for the header of the answer.
    pub(crate) async fn header(&self) -> Result<HeaderMap, End> {
        loop {
            {
                let state = self.state();
                match (&state.header, &state.end) {
                    (Some(header), _) => return Ok(header.clone()),
                    (None, Some(end)) => return Err(end.clone()),
                    (None, None) => {}
                }
            }
            self.arrived.notified().await;
        }
    }

    /// Says that `size` bytes will be read next, and how much window the peer needs for that.
    pub(crate) fn adjust_window(&self, size: u32) -> Option<u32> {
        let mut state = self.state();
        if state.end.is_some() { None } else { state.in_flow.maybe_adjust(size) }
    }

    /// Waits until `size` bytes are there, or the end. What came before the end is read before it.
    pub(crate) async fn read(&self, size: usize) -> Read {
        loop {
            {
                let mut state = self.state();
                if state.received.len() >= size {
                    let bytes = state.received.split_to(size).freeze();
                    let update = state.in_flow.on_read(size as u32);
                    // Who has ended sends no more.
                    let update = update.filter(|_| state.end.is_none());
                    return Read { bytes: Ok(bytes), update };
                }
                if let Some(end) = state.end.clone() {
                    return Read { bytes: Err(end), update: None };
                }
            }
            self.arrived.notified().await;
        }
    }

    /// Whether anything is there to be read.
    pub(crate) fn has_data(&self) -> bool {
        !self.state().received.is_empty()
    }
}
