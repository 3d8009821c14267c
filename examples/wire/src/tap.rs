//! A tap on a connection: it records what passes, and changes, delays and stops nothing.
//!
//! ```
//! use tokio::io::AsyncWriteExt;
//! use wire::{Side, tap::Tap, frame::{Frame, PREFACE}};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let (client, _server) = tokio::io::duplex(1024);
//! let tap = Tap::new();
//! let mut client = tap.wrap(client, Side::Client);
//! client.write_all(PREFACE).await?;
//! client.write_all(&Frame::settings(&[]).to_bytes()).await?;
//!
//! assert_eq!(tap.writes(Side::Client), [24, 9]);
//! assert_eq!(tap.frames(Side::Client), [Frame::settings(&[])]);
//! # Ok(())
//! # }
//! ```

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::watch,
};

pub use crate::events::{Event, Garbage, Side};
use crate::{events::Connection, frame::Frame};

/// What a recording may hold: bytes of payloads, and some for each event and each write.
const ROOM: usize = 64 << 20;
const COST: usize = 64;

/// The recording of one connection. A clone is the same recording.
#[derive(Clone, Debug)]
pub struct Tap(watch::Sender<Recording>);

/// An event of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Who sent it.
    pub from: Side,
    /// The number, from 0, of the write that made it whole; see [`Tap::writes`].
    pub write: usize,
    /// What it is.
    pub event: Event,
}

#[derive(Debug, Default)]
struct Recording {
    connection: Connection,
    events: Vec<Seen>,
    client: Writes,
    server: Writes,
    used: usize,
    lost: usize,
}

#[derive(Debug, Default)]
struct Writes {
    /// How many there were, with those that are forgotten.
    count: usize,
    sizes: Vec<usize>,
    ended: bool,
}

impl Recording {
    fn bytes(&mut self, from: Side, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let room = self.room(COST);
        let writes = self.writes(from);
        writes.count += 1;
        let write = writes.count - 1;
        if room {
            writes.sizes.push(bytes.len());
        }
        let mut connection = std::mem::take(&mut self.connection);
        connection.feed(from, bytes, |event| self.event(from, write, event));
        self.connection = connection;
    }

    fn end(&mut self, from: Side) {
        if !std::mem::replace(&mut self.writes(from).ended, true) {
            let write = self.writes(from).count;
            let event = self.connection.end(from);
            self.event(from, write, event);
        }
    }

    fn event(&mut self, from: Side, write: usize, event: Event) {
        let payload = if let Event::Frame(frame) = &event { frame.payload.len() } else { 0 };
        if self.room(COST + payload) {
            self.events.push(Seen { from, write, event });
        }
    }

    fn room(&mut self, bytes: usize) -> bool {
        let room = self.used + bytes <= ROOM;
        if room {
            self.used += bytes;
        } else {
            self.lost += 1;
        }
        room
    }

    fn writes(&mut self, from: Side) -> &mut Writes {
        match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

impl Default for Tap {
    fn default() -> Self {
        Self::new()
    }
}

impl Tap {
    /// A recording of a connection that has not begun. It keeps the first 64 MiB of it.
    pub fn new() -> Self {
        Self(watch::Sender::new(Recording::default()))
    }

    /// Puts the tap at one end of the connection: at the client's socket, or at the server's.
    pub fn wrap<Io>(&self, io: Io, side: Side) -> Tapped<Io> {
        Tapped { io, side, tap: self.clone() }
    }

    /// What passed, in the order in which it passed this end.
    pub fn events(&self) -> Vec<Seen> {
        self.0.borrow().events.clone()
    }

    /// The frames that a side sent.
    pub fn frames(&self, from: Side) -> Vec<Frame> {
        let recording = self.0.borrow();
        let frames = recording.events.iter().filter(|seen| seen.from == from);
        frames.filter_map(|seen| seen.frame().cloned()).collect()
    }

    /// How long each write was: of the wrapped end, how many bytes the socket took each time it was
    /// asked to write; of the other, how many came at each read.
    pub fn writes(&self, from: Side) -> Vec<usize> {
        let recording = self.0.borrow();
        match from {
            Side::Client => recording.client.sizes.clone(),
            Side::Server => recording.server.sizes.clone(),
        }
    }

    /// How many events and writes did not fit into the recording.
    pub fn lost(&self) -> usize {
        self.0.borrow().lost
    }

    /// Forgets what was recorded so far. The numbers of writes go on.
    pub fn forget(&self) {
        self.0.send_modify(|recording| {
            recording.events.clear();
            recording.client.sizes.clear();
            recording.server.sizes.clear();
            (recording.used, recording.lost) = (0, 0);
        });
    }

    /// Waits until the events say so.
    pub async fn until(&self, mut done: impl FnMut(&[Seen]) -> bool) {
        let mut recordings = self.0.subscribe();
        let waited = recordings.wait_for(|recording| done(&recording.events)).await;
        waited.expect("this tap is a sender");
    }
}

impl Seen {
    /// The frame, when it is one.
    pub fn frame(&self) -> Option<&Frame> {
        match &self.event {
            Event::Frame(frame) => Some(frame),
            _ => None,
        }
    }
}

/// An end of a connection, with a tap on it.
#[derive(Debug)]
pub struct Tapped<Io> {
    io: Io,
    side: Side,
    tap: Tap,
}

impl<Io> Tapped<Io> {
    /// What the tap is on.
    pub fn get_ref(&self) -> &Io {
        &self.io
    }

    fn wrote(&self, bytes: &[u8]) {
        self.tap.0.send_modify(|recording| recording.bytes(self.side, bytes));
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Tapped<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(cx, buffer);
        if let Poll::Ready(Ok(())) = polled {
            let from = self.side.peer();
            let read = &buffer.filled()[before..];
            self.tap.0.send_modify(|recording| match read {
                // Nothing where there was room for something is the end.
                [] if buffer.remaining() > 0 => recording.end(from),
                bytes => recording.bytes(from, bytes),
            });
        }
        polled
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Tapped<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(cx, bytes);
        if let Poll::Ready(Ok(length)) = polled {
            self.wrote(&bytes[..length]);
        }
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        if let Poll::Ready(Ok(length)) = polled {
            let bytes = slices.iter().flat_map(|slice| slice.iter().copied());
            self.wrote(&bytes.take(length).collect::<Vec<_>>());
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_shutdown(cx);
        if let Poll::Ready(Ok(())) = polled {
            self.tap.0.send_modify(|recording| recording.end(self.side));
        }
        polled
    }
}
