//! One stream, §5.1.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::{
    config::Meters,
    fields::Fields,
    flow::{ReceiveWindow, SendWindow},
    hpack::FieldBlock,
};

/// The states of §5.1 that a stream is kept in. An idle one is not kept, nor is a closed one; and none is ever
/// reserved, because nothing is pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    HalfClosedLocal,
    HalfClosedRemote,
    Closed,
}

impl State {
    pub(crate) fn may_send(self) -> bool {
        matches!(self, Self::Open | Self::HalfClosedRemote)
    }

    pub(crate) fn may_receive(self) -> bool {
        matches!(self, Self::Open | Self::HalfClosedLocal)
    }

    /// END_STREAM was sent.
    pub(crate) fn end_local(&mut self) {
        *self = match self {
            Self::Open => Self::HalfClosedLocal,
            Self::HalfClosedRemote => Self::Closed,
            Self::HalfClosedLocal | Self::Closed => unreachable!("it ends once"),
        }
    }

    /// END_STREAM was received.
    pub(crate) fn end_remote(&mut self) {
        *self = match self {
            Self::Open => Self::HalfClosedRemote,
            Self::HalfClosedLocal => Self::Closed,
            Self::HalfClosedRemote | Self::Closed => unreachable!("it ends once"),
        }
    }
}

/// A stream that is neither idle nor closed.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) state: State,
    pub(crate) send_window: SendWindow,
    pub(crate) receive_window: ReceiveWindow,
    /// How much its small DATA counts that was not released.
    pub(crate) small_data: u32,
    /// Whether a final head was received, and whether one was sent: what comes after it are trailers (§8.1).
    pub(crate) has_head: bool,
    pub(crate) has_sent_head: bool,
    /// How many bytes are to come by the content-length, where there is one.
    pub(crate) to_come: Option<u64>,
    /// Whether it asks for a head alone, so that the length of the answer says nothing about its content.
    pub(crate) is_head_request: bool,
    pub(crate) queue: Queue,
}

impl Stream {
    pub(crate) fn new(state: State, send_window: u32, receive_window: u32) -> Self {
        Self {
            state,
            send_window: SendWindow::new(send_window),
            receive_window: ReceiveWindow::new(receive_window),
            small_data: 0,
            has_head: false,
            has_sent_head: false,
            to_come: None,
            is_head_request: false,
            queue: Queue::default(),
        }
    }

    /// Counts content against the content-length (§8.1.1); `false` when there is more than that, or it ends
    /// with less.
    pub(crate) fn expect(&mut self, length: usize, end_stream: bool) -> bool {
        let Some(to_come) = &mut self.to_come else { return true };
        match to_come.checked_sub(length as u64) {
            Some(rest) => {
                *to_come = rest;
                rest == 0 || !end_stream
            }
            None => false,
        }
    }

    /// Whoever keeps a small piece of data keeps about as much beside it, for which no window counts. So it is
    /// counted until the data is released; whether it is still borne.
    pub(crate) fn charge_small(&mut self, length: usize, meters: &mut Meters, most: u32) -> bool {
        const SMALL: usize = 256;
        let charge = SMALL.saturating_sub(length) as u32;
        self.small_data += charge;
        meters.small_data += charge;
        meters.small_data <= most
    }

    /// Takes back the part of that which belongs to `released` of the bytes that are held.
    pub(crate) fn refund_small(&mut self, released: u32, meters: &mut Meters) {
        let held = self.receive_window.held().max(1);
        let part = u64::from(self.small_data) * u64::from(released.min(held)) / u64::from(held);
        self.small_data -= part as u32;
        meters.small_data -= part as u32;
    }
}

/// What is to be sent on a stream, and waits for its turn or its window.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    chunks: VecDeque<Bytes>,
    length: usize,
    /// What comes after the data.
    pub(crate) end: Option<End>,
    /// Whether the stream stands in line.
    pub(crate) is_scheduled: bool,
}

/// How a stream ends on this side.
#[derive(Debug)]
pub(crate) enum End {
    /// With its last DATA.
    Data,
    Trailers(OwnedSection),
}

/// A field section that waits.
#[derive(Debug)]
pub(crate) enum OwnedSection {
    Fields(Fields),
    Block(FieldBlock),
}

impl Queue {
    /// How many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Whether none do.
    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(crate) fn push(&mut self, data: Bytes) {
        if !data.is_empty() {
            self.length += data.len();
            self.chunks.push_back(data);
        }
    }

    /// The next bytes, `most` at most and one at least.
    pub(crate) fn pop(&mut self, most: usize) -> Bytes {
        let chunk = self.chunks.front_mut().expect("as many bytes wait as were counted");
        let data = if chunk.len() > most {
            chunk.split_to(most)
        } else {
            self.chunks.pop_front().expect("it is there")
        };
        self.length -= data.len();
        data
    }

    pub(crate) fn discard(&mut self) {
        self.chunks.clear();
        self.length = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{State, State::*};

    /// The whole of figure 2 that is left without push: what END_STREAM makes of each state, and what a stream
    /// may do in it.
    #[test]
    fn states() {
        let after = |mut state: State, end: fn(&mut State)| {
            end(&mut state);
            state
        };
        assert_eq!(after(Open, State::end_local), HalfClosedLocal);
        assert_eq!(after(Open, State::end_remote), HalfClosedRemote);
        assert_eq!(after(HalfClosedLocal, State::end_remote), Closed);
        assert_eq!(after(HalfClosedRemote, State::end_local), Closed);
        let can = |it: State| (it.may_send(), it.may_receive());
        let table = [Open, HalfClosedLocal, HalfClosedRemote, Closed].map(can);
        assert_eq!(table, [(true, true), (false, true), (true, false), (false, false)]);
    }
}
