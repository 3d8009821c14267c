//! The one task that reads.
//!
//! It gives frames to their streams, and never waits for one: what a stream does not read stays with
//! the stream, and the window bounds it.

use std::{io, sync::Arc};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};
use traitwire::Status;
use wire::{
    frame::{Content, Frame, MAX_FRAME_SIZE, Malformed, Reason},
    headers::{Fields, Headers, Read},
};

use crate::{
    control_buffer::Item,
    flow_control::TrInFlow,
    headers::read_fields,
    http2_client::{ConnectionError, Http2Client},
    status,
    stream::Stream,
};

/// How much is read at once.
const READ_BUFFER_SIZE: usize = 32 * 1024;

/// How long the header list of an answer may be, by the count of RFC 9113 §6.5.2. We say so in
/// SETTINGS, and [`Headers`] keeps no more.
pub(crate) const MAX_HEADER_LIST: u32 = 16 * 1024;

/// How many frames a header block may have: two times what the longest one needs, compressed.
const MAX_BLOCK_FRAMES: usize = 8;

/// The reader of a connection.
pub(crate) struct Reader<R> {
    transport: Arc<Http2Client>,
    io: R,
    buffer: BytesMut,
    headers: Headers,
    /// The stream whose header block goes on in the next frame, whether it ends with it, and how
    /// many frames the block has had.
    unfinished: Option<(u32, bool, usize)>,
    in_flow: TrInFlow,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub(crate) fn new(transport: Arc<Http2Client>, io: R) -> Self {
        Self {
            transport,
            io,
            buffer: BytesMut::new(),
            headers: Headers::default(),
            unfinished: None,
            in_flow: TrInFlow::default(),
        }
    }

    /// Reads the SETTINGS with which a server begins.
    pub(crate) async fn read_preface(&mut self) -> Result<(), ConnectionError> {
        let frame = self.read_frame().await?;
        match frame.content()? {
            Content::Settings(settings) => {
                self.transport.handle_settings(settings, true);
                Ok(())
            }
            _ => Err(protocol_error("the server does not begin with SETTINGS").into()),
        }
    }

    /// Reads until the connection ends.
    pub(crate) async fn run(&mut self) -> ConnectionError {
        loop {
            let frame = match self.read_frame().await {
                Ok(frame) => frame,
                Err(error) => return error,
            };
            // A peer that makes us write and does not read what we write is not read either.
            self.transport.control.throttle().await;
            match self.handle(&frame) {
                Ok(()) => {}
                Err(malformed) if malformed.stream == 0 => return malformed.into(),
                Err(malformed) => self.reset(&malformed),
            }
        }
    }

    async fn read_frame(&mut self) -> Result<Frame, ConnectionError> {
        loop {
            if let Some(frame) = Frame::read(&mut self.buffer, MAX_FRAME_SIZE)? {
                return Ok(frame);
            }
            self.buffer.reserve(READ_BUFFER_SIZE);
            if self.io.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
    }

    // 11. Each frame goes to its stream, or to the writer when it changes what may be sent.
    fn handle(&mut self, frame: &Frame) -> Result<(), Malformed> {
        let content = frame.content()?;
        let id = frame.stream;
        if let Some((expected, ..)) = self.unfinished
            && (id != expected || !matches!(content, Content::Continuation { .. }))
        {
            return Err(protocol_error("a frame in the middle of a header block"));
        }
        let has_stream = id != 0 && !matches!(content, Content::Priority | Content::Unknown);
        if has_stream && self.transport.control.streams(|streams| streams.is_idle(id)) {
            return Err(protocol_error("a frame of a stream that was never opened"));
        }
        if id != 0 {
            wire::step!(11, "reader: {} of stream {id}", frame.kind);
        }
        let transport = &self.transport;
        match content {
            Content::Data { data, end_stream } => {
                self.handle_data(id, &data, frame.payload.len(), end_stream)?;
            }
            Content::Headers { block, end_stream, end_headers } => {
                let whole = self.headers.begin(id, &block, end_headers);
                self.handle_block(id, whole, end_stream, 1)?;
            }
            Content::Continuation { block, end_headers } => {
                let nothing = protocol_error("CONTINUATION of nothing");
                let (id, end_stream, frames) = self.unfinished.take().ok_or(nothing)?;
                let whole = self.headers.go_on(id, &block, end_headers);
                self.handle_block(id, whole, end_stream, frames + 1)?;
            }
            Content::RstStream(reason) => {
                if let Some(stream) = self.stream(id) {
                    transport.handle_rst_stream(&stream, reason);
                }
            }
            Content::Settings(settings) => transport.handle_settings(settings, false),
            Content::Ping { payload, ack: false } => {
                transport.control.put(Item::PingAck(payload));
            }
            Content::Goaway { last_stream, reason, debug } => {
                let handled = transport.handle_goaway(last_stream, reason, &debug);
                let what = "a second GOAWAY with more streams than the first";
                return handled.ok_or(protocol_error(what));
            }
            Content::WindowUpdate(increment) => {
                transport.control.put(Item::IncomingWindowUpdate(id, increment));
            }
            Content::PushPromise => {
                return Err(protocol_error("PUSH_PROMISE, which we do not allow"));
            }
            Content::Ping { ack: true, .. }
            | Content::SettingsAck
            | Content::Priority
            | Content::Unknown => {}
        }
        Ok(())
    }

    /// The connection's window is returned here, whoever reads the data, and whether anybody does.
    fn handle_data(
        &mut self,
        id: u32,
        data: &[u8],
        size: usize,
        end_stream: bool,
    ) -> Result<(), Malformed> {
        self.transport.update_window(0, self.in_flow.on_data(size as i64));
        // One that we have given up, most likely: its data was on its way.
        let Some(stream) = self.stream(id) else { return Ok(()) };
        if !stream.has_header() {
            return Err(stream_error(id, "DATA before HEADERS"));
        }
        let Ok(update) = stream.put_data(data, size) else {
            let what = "more DATA than the window allows";
            return Err(Malformed { reason: Reason::FLOW_CONTROL_ERROR, stream: id, what });
        };
        if end_stream {
            let status = Status::internal("the server ended the stream without trailers");
            self.end(&stream, status);
        } else {
            self.transport.update_window(id, update);
        }
        Ok(())
    }

    /// A header block, if it is whole. It is decompressed also when nobody wants it, because the
    /// table must go with the peer's.
    fn handle_block(
        &mut self,
        id: u32,
        whole: Option<Read>,
        end_stream: bool,
        frames: usize,
    ) -> Result<(), Malformed> {
        match whole {
            None if frames < MAX_BLOCK_FRAMES => {
                self.unfinished = Some((id, end_stream, frames));
                Ok(())
            }
            None => {
                let what = "a header block that is too long";
                Err(Malformed { reason: Reason::ENHANCE_YOUR_CALM, stream: 0, what })
            }
            Some(Err(_)) => {
                let what = "a header block that HPACK cannot read";
                Err(Malformed { reason: Reason::COMPRESSION_ERROR, stream: 0, what })
            }
            Some(Ok(fields)) => match self.stream(id) {
                Some(stream) => self.operate_headers(&stream, fields, end_stream),
                None => Ok(()),
            },
        }
    }

    /// The header fields of an answer, its trailers, or both in one.
    fn operate_headers(
        &mut self,
        stream: &Stream,
        fields: Fields,
        end_stream: bool,
    ) -> Result<(), Malformed> {
        let wrong = |what| stream_error(stream.id, what);
        let (http, fields) = read_fields(fields).map_err(wrong)?;
        match http {
            None if !stream.has_header() => return Err(wrong("an answer without :status")),
            None if end_stream => self.end(stream, status::of_trailers(fields)),
            _ if stream.has_header() => return Err(wrong("HEADERS in the middle of a stream")),
            // There will be another one.
            Some(100..=199) if !end_stream => {}
            http => match status::of_answer(http.unwrap_or_default(), &fields) {
                Some(status) => self.transport.close_stream(stream, status, Some(Reason::CANCEL)),
                None if end_stream => self.end(stream, status::of_trailers(fields)),
                None => stream.put_header(fields),
            },
        }
        Ok(())
    }

    /// The server has ended the stream. If the call had not, it is told that nobody listens.
    fn end(&self, stream: &Stream, status: Status) {
        let reset = (!stream.is_write_done()).then_some(Reason::NO_ERROR);
        self.transport.close_stream(stream, status, reset);
    }

    /// Ends a stream on which the peer broke a rule.
    fn reset(&self, malformed: &Malformed) {
        if let Some(stream) = self.stream(malformed.stream) {
            let status = Status::internal(malformed.to_string());
            self.transport.close_stream(&stream, status, Some(malformed.reason));
        }
    }

    fn stream(&self, id: u32) -> Option<Arc<Stream>> {
        self.transport.control.streams(|streams| streams.active.get(&id).cloned())
    }
}

fn protocol_error(what: &'static str) -> Malformed {
    Malformed { reason: Reason::PROTOCOL_ERROR, stream: 0, what }
}

fn stream_error(stream: u32, what: &'static str) -> Malformed {
    Malformed { reason: Reason::PROTOCOL_ERROR, stream, what }
}
