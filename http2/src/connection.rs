//! A connection: what its user sees. What it does lies in the files below.

mod control;
mod core;
mod data;
mod event;
mod headers;
mod input;
mod send;

use std::time::Instant;

use bytes::{Bytes, BytesMut};

pub use self::event::{Event, Section};
use self::{core::Core, input::Input};
use crate::{
    config::Config,
    error::{BeginError, ConnectionError, Reason, SendError},
    fields::Fields,
    frame::{Frame, Kind, StreamId, data_range},
    output::Output,
    settings::PeerSettings,
};

/// One side of a connection.
///
/// Who drives it takes [events](Self::next_event) until there are none, writes the [output](Self::output), and
/// when there is none either, reads into [`input`](Self::input):
///
/// ```no_run
/// # use std::{io::{self, Read, Write}, time::Instant};
/// # use bytes::Buf;
/// # use traitwire_http2::{Connection, Event};
/// fn drive(
///     mut connection: Connection,
///     mut socket: impl Read + Write,
///     mut handle: impl FnMut(&mut Connection, Event),
/// ) -> io::Result<()> {
///     loop {
///         let now = Instant::now();
///         // Where it fails, the last of the output tells the peer why.
///         while let Some(event) = connection.next_event(now).unwrap_or(None) {
///             handle(&mut connection, event);
///         }
///         let output = connection.output();
///         if output.has_remaining() {
///             // There may be more events now that the peer reads again.
///             let written = socket.write(output.chunk())?;
///             output.advance(written);
///         } else if connection.is_over() {
///             return Ok(());
///         } else {
///             let mut bytes = [0; 4096];
///             let read = socket.read(&mut bytes)?;
///             if read == 0 {
///                 return Ok(());
///             }
///             connection.input().extend_from_slice(&bytes[..read]);
///         }
///     }
/// }
/// ```
///
/// Time is what the driver says it is. It is looked at only where a peer overdoes something.
#[derive(Debug)]
pub struct Connection {
    input: Input,
    core: Core,
}

impl Connection {
    /// The side that is connected to. The preface of the client is still to be read.
    pub fn server(config: Config, now: Instant) -> Self {
        Self { input: Input::after_preface(), core: Core::new(config, false, now) }
    }

    /// The side that connects. The preface is in the output.
    pub fn client(config: Config, now: Instant) -> Self {
        Self { input: Input::default(), core: Core::new(config, true, now) }
    }

    /// Where bytes that were read belong: behind what is there.
    pub fn input(&mut self) -> &mut BytesMut {
        self.input.buffer()
    }

    /// What the bytes that were read say, one thing at a time; `None` when more are needed, or when so much
    /// that the peer caused is to be written that it has to read first.
    ///
    /// # Errors
    ///
    /// Once, when the connection cannot go on. All streams are over then, without an event for each of them, and
    /// the output ends with a GOAWAY that says so.
    pub fn next_event(&mut self, now: Instant) -> Result<Option<Event>, ConnectionError> {
        self.core.now = now;
        while self.core.events.is_empty() && !self.core.is_closed && !self.core.is_congested() {
            match self.take_frame() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.core.close(error.reason, error.detail);
                    return Err(error);
                }
            }
        }
        Ok(self.core.events.pop_front())
    }

    /// Whether there was a frame.
    fn take_frame(&mut self) -> Result<bool, ConnectionError> {
        let Some(head) = self.input.head(self.core.max_frame_size())? else { return Ok(false) };
        self.core.before(&head)?;
        if head.kind == Kind::DATA {
            let range = data_range(&head, self.input.payload(&head))?;
            let data = self.input.take(&head, range);
            self.core.data(&head, data)?;
        } else {
            let frame = Frame::read(&head, self.input.payload(&head)).map_err(|it| it.0);
            let taken = frame.and_then(|frame| self.core.frame(frame));
            self.core.settle(taken)?;
            self.input.skip(&head);
        }
        Ok(true)
    }

    /// What is to be written, with as much DATA as the windows allow and
    /// [`max_output`](Config::max_output) has room for.
    pub fn output(&mut self) -> &mut Output {
        self.core.fill();
        &mut self.core.output
    }

    /// Begins a request.
    ///
    /// # Errors
    ///
    /// When there cannot be another stream now, or never again.
    pub fn begin<'a>(
        &mut self,
        head: impl Into<Section<'a>>,
        end_stream: bool,
    ) -> Result<StreamId, BeginError> {
        self.core.begin(head.into(), end_stream)
    }

    /// Whether a request can be begun, and if not, why.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin).
    pub fn can_begin(&self) -> Result<(), BeginError> {
        self.core.can_begin()
    }

    /// Sends the head of an answer.
    ///
    /// # Errors
    ///
    /// When the stream is closed or has ended on this side, or it was sent before.
    pub fn send_headers<'a>(
        &mut self,
        stream: StreamId,
        head: impl Into<Section<'a>>,
        end_stream: bool,
    ) -> Result<(), SendError> {
        self.core.send_headers(stream, head.into(), end_stream)
    }

    /// Sends an informational head (1xx), of which there may be several before the one of the answer (§8.1).
    ///
    /// # Errors
    ///
    /// As [`send_headers`](Self::send_headers).
    pub fn send_informational<'a>(
        &mut self,
        stream: StreamId,
        head: impl Into<Section<'a>>,
    ) -> Result<(), SendError> {
        self.core.send_informational(stream, head.into())
    }

    /// Sends content. What the windows and the output have no room for waits with the stream, without a bound:
    /// ask [how much](Self::queued) before you send more, and wait for [`Event::Drained`].
    ///
    /// # Errors
    ///
    /// When the stream is closed or has ended on this side, or has no head yet.
    pub fn send_data(
        &mut self,
        stream: StreamId,
        data: Bytes,
        end_stream: bool,
    ) -> Result<(), SendError> {
        self.core.send_data(stream, data, end_stream)
    }

    /// Ends a stream with trailers. They leave after all of the content.
    ///
    /// # Errors
    ///
    /// As [`send_data`](Self::send_data).
    pub fn send_trailers<'a>(
        &mut self,
        stream: StreamId,
        trailers: impl Into<Section<'a>>,
    ) -> Result<(), SendError> {
        self.core.send_trailers(stream, trailers.into())
    }

    /// How many bytes of content wait with the stream.
    pub fn queued(&self, stream: StreamId) -> usize {
        self.core.streams.peek(stream).map_or(0, |it| it.queue.len())
    }

    /// How many bytes of content the windows of stream and connection have room for now, beside what waits.
    pub fn room(&self, stream: StreamId) -> usize {
        self.core.room(stream)
    }

    /// Drops the content that waits with the stream, so that its trailers leave at once: what a deadline needs
    /// when the peer does not read.
    pub fn discard(&mut self, stream: StreamId) {
        self.core.discard(stream);
    }

    /// Ends a stream at once, in both directions (§5.4.2). It is no error when it is over already.
    pub fn reset(&mut self, stream: StreamId, reason: Reason) {
        self.core.reset(stream, reason);
    }

    /// Lets the peer send as many bytes of content again. What was not released when a stream is over is
    /// released then.
    pub fn release(&mut self, stream: StreamId, count: usize) {
        self.core.release(stream, count);
    }

    /// Gives back the memory of fields that are not needed any more, for the next ones.
    pub fn recycle(&mut self, mut fields: Fields) {
        fields.clear();
        self.core.spare = fields;
    }

    /// Asks whether the peer is there. [`Event::Pong`] is the answer.
    pub fn ping(&mut self, payload: [u8; 8]) {
        self.core.output.put(Frame::Ping { ack: false, payload });
    }

    /// Ends the connection in peace (§6.8): the peer is told to begin nothing more, and what it has begun until
    /// it knows that is still served. Then the connection [is over](Self::is_over).
    pub fn shut_down(&mut self) {
        self.core.shut_down();
    }

    /// Ends the connection now, with a GOAWAY that says why.
    pub fn close(&mut self, reason: Reason, debug: &'static str) {
        self.core.close(reason, debug);
    }

    /// How many streams are open.
    pub fn streams(&self) -> usize {
        self.core.streams.len()
    }

    /// What the peer has said of itself.
    pub fn peer_settings(&self) -> &PeerSettings {
        &self.core.peer
    }

    /// Whether nothing more comes of this connection: it was closed, or was shut down by one of the sides and
    /// has no streams any more. What is in the output is still to be written.
    pub fn is_over(&self) -> bool {
        self.core.is_over()
    }
}
