//! A stream of the connection: what its call may still write, and what has come for it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use tokio::sync::Notify;
use traitwire::Status;

use crate::{
    SendError,
    flow_control::{InFlow, WriteQuota},
};

/// A stream. The call has it, the table of active streams, and the writer while it has frames.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: u32,
    pub(crate) wq: WriteQuota,
    state: Mutex<State>,
    /// Something came. One reader waits for it.
    arrived: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The last message was queued, or the end of the stream.
    write_done: bool,
    header: Option<HeaderMap>,
    /// DATA that was not read. The window bounds it.
    received: BytesMut,
    in_flow: InFlow,
    end: Option<Status>,
}

impl Stream {
    pub(crate) fn new(id: u32) -> Self {
        let (state, arrived) = (Mutex::default(), Notify::new());
        Self { id, wq: WriteQuota::new(), state, arrived }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything in here can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a message will be queued, and whether it is the last.
    pub(crate) fn begin_write(&self, last: bool) -> Result<(), SendError> {
        let mut state = self.state();
        if state.write_done || state.end.is_some() {
            return Err(SendError::EndOfStream);
        }
        state.write_done = last;
        Ok(())
    }

    /// Whether the call may write no more.
    pub(crate) fn is_write_done(&self) -> bool {
        self.state().write_done
    }

    /// The header of the answer has come.
    pub(crate) fn put_header(&self, header: HeaderMap) {
        self.state().header = Some(header);
        self.arrived.notify_one();
    }

    /// Whether the header of the answer has come.
    pub(crate) fn has_header(&self) -> bool {
        self.state().header.is_some()
    }

    /// DATA has come: `data`, and padding, in a frame of `size` bytes. Returns how much window to
    /// return; `Err` when the peer had less.
    pub(crate) fn put_data(&self, data: &[u8], size: usize) -> Result<Option<u32>, ()> {
        let mut state = self.state();
        let update = state.in_flow.on_data(size as i64, (size - data.len()) as i64)?;
        // A copy: a piece of the buffer that we read into would keep all of it.
        state.received.extend_from_slice(data);
        drop(state);
        self.arrived.notify_one();
        Ok(update)
    }

    /// Ends the stream. `false` when it had ended before.
    pub(crate) fn end(&self, status: Status) -> bool {
        let mut state = self.state();
        if state.end.is_some() {
            return false;
        }
        state.end = Some(status);
        drop(state);
        self.arrived.notify_one();
        // A sender that waits is to look again. There is quota now for any message, and no use for it.
        self.wq.replenish(1 << 40);
        true
    }

    /// How it has ended, if it has.
    pub(crate) fn how_it_ended(&self) -> Option<Status> {
        self.state().end.clone()
    }

    /// Waits until there is something to take, or the end. What came before the end is taken first.
    async fn wait<T>(&self, mut take: impl FnMut(&mut State) -> Option<T>) -> Result<T, Status> {
        loop {
            {
                let mut state = self.state();
                if let Some(taken) = take(&mut state) {
                    return Ok(taken);
                }
                if let Some(end) = &state.end {
                    return Err(end.clone());
                }
            }
            self.arrived.notified().await;
        }
    }

    /// Waits for the header of the answer.
    pub(crate) async fn header(&self) -> Result<HeaderMap, Status> {
        self.wait(|state| state.header.clone()).await
    }

    /// Says that `size` bytes will be read next, and how much window the peer needs for that.
    pub(crate) fn adjust_window(&self, size: usize) -> Option<u32> {
        let mut state = self.state();
        // Who has ended sends no more.
        if state.end.is_some() { None } else { state.in_flow.maybe_adjust(size as i64) }
    }

    /// Waits until `size` bytes are there. Returns them, and how much window to return.
    pub(crate) async fn read(&self, size: usize) -> Result<(Bytes, Option<u32>), Status> {
        let take = |state: &mut State| {
            let bytes = (state.received.len() >= size).then(|| state.received.split_to(size))?;
            let update = state.in_flow.on_read(size as i64);
            Some((bytes.freeze(), update.filter(|_| state.end.is_none())))
        };
        self.wait(take).await
    }

    /// Whether anything is there to be read.
    pub(crate) fn has_data(&self) -> bool {
        !self.state().received.is_empty()
    }
}
