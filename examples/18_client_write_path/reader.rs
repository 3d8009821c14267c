//! The one task that reads.
//!
//! It gives frames to their streams, and never waits for one: what a stream does not read stays with
//! the stream, and the window bounds it.

use std::{io, sync::Arc};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};
use traitwire::Status;
use wire::frame::{Content, Frame, MAX_FRAME_SIZE, Malformed, Reason};

use crate::{
    control_buffer::Item,
    flow_control::TrInFlow,
    headers::{Header, HeaderDecoder},
    http2_client::{ConnectionError, Http2Client},
    status,
    stream::Stream,
};

/// How much is read at once.
const READ_BUFFER_SIZE: usize = 32 * 1024;

/// The reader of a connection.
pub(crate) struct Reader<R> {
    transport: Arc<Http2Client>,
    io: R,
    buffer: BytesMut,
    headers: HeaderDecoder,
    /// The stream whose header block goes on in the next frame, and whether it ends with it.
    unfinished: Option<(u32, bool)>,
    in_flow: TrInFlow,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub(crate) fn new(transport: Arc<Http2Client>, io: R, window: u32) -> Self {
        Self {
            transport,
            io,
            buffer: BytesMut::new(),
            headers: HeaderDecoder::new(),
            unfinished: None,
            in_flow: TrInFlow::new(window),
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
        if let Some((expected, _)) = self.unfinished
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
        match content {
            Content::Data { data, end_stream } => {
                self.handle_data(id, &data, frame.payload.len() as u32, end_stream)
            }
            Content::Headers { block, end_stream, end_headers } => {
                self.handle_block(id, &block, end_stream, end_headers)
            }
            Content::Continuation { block, end_headers } => match self.unfinished.take() {
                Some((id, end_stream)) => self.handle_block(id, &block, end_stream, end_headers),
                None => Err(protocol_error("CONTINUATION of nothing")),
            },
            Content::RstStream(reason) => {
                if let Some(stream) = self.stream(id) {
                    self.transport.handle_rst_stream(&stream, reason);
                }
                Ok(())
            }
            Content::Settings(settings) => {
                self.transport.handle_settings(settings, false);
                Ok(())
            }
            Content::Ping { payload, ack: false } => {
                self.transport.control.put(Item::PingAck(payload));
                Ok(())
            }
            Content::Goaway { last_stream, reason, debug } => {
                let handled = self.transport.handle_goaway(last_stream, reason, &debug);
                handled.map_err(protocol_error)
            }
            Content::WindowUpdate(increment) => {
                let update = Item::IncomingWindowUpdate { stream: id, increment };
                self.transport.control.put(update);
                Ok(())
            }
            Content::PushPromise => Err(protocol_error("PUSH_PROMISE, which we do not allow")),
            Content::Ping { ack: true, .. }
            | Content::SettingsAck
            | Content::Priority
            | Content::Unknown => Ok(()),
        }
    }

    /// The connection's window is returned here, whoever reads the data, and whether anybody does.
    fn handle_data(
        &mut self,
        id: u32,
        data: &[u8],
        size: u32,
        end_stream: bool,
    ) -> Result<(), Malformed> {
        self.transport.update_window(0, self.in_flow.on_data(size));
        // One that we have given up, most likely: its data was on its way.
        let Some(stream) = self.stream(id) else { return Ok(()) };
        if !stream.has_header() {
            return Err(stream_error(id, "DATA before HEADERS"));
        }
        let update = stream.put_data(data, size).map_err(|_overrun| Malformed {
            reason: Reason::FLOW_CONTROL_ERROR,
            stream: id,
            what: "more DATA than the window allows",
        })?;
        if end_stream {
            let status = Status::internal("the server ended the stream without trailers");
            self.end(&stream, status);
        } else {
            self.transport.update_window(id, update);
        }
        Ok(())
    }

    fn handle_block(
        &mut self,
        id: u32,
        block: &[u8],
        end_stream: bool,
        end_headers: bool,
    ) -> Result<(), Malformed> {
        self.headers.push(block)?;
        if !end_headers {
            self.unfinished = Some((id, end_stream));
            return Ok(());
        }
        // Also when nobody wants it: the table must go with the peer's.
        let header = self.headers.decode()?;
        match self.stream(id) {
            Some(stream) => self.operate_headers(&stream, header, end_stream),
            None => Ok(()),
        }
    }

    /// The header fields of an answer, its trailers, or both in one.
    fn operate_headers(
        &mut self,
        stream: &Arc<Stream>,
        header: Header,
        end_stream: bool,
    ) -> Result<(), Malformed> {
        if let Some(wrong) = header.wrong {
            return Err(stream_error(stream.id, wrong));
        }
        if stream.has_header() {
            if !end_stream || header.status.is_some() {
                return Err(stream_error(stream.id, "HEADERS in the middle of a stream"));
            }
            self.end(stream, status::of_trailers(header.fields));
            return Ok(());
        }
        match header.status {
            None => return Err(stream_error(stream.id, "an answer without :status")),
            // There will be another one.
            Some(100..=199) if !end_stream => return Ok(()),
            Some(_) => {}
        }
        if let Some(status) = status::of_answer(&header) {
            self.transport.close_stream(stream, status.into(), Some(Reason::CANCEL));
        } else if end_stream {
            self.end(stream, status::of_trailers(header.fields));
        } else {
            stream.put_header(header.fields);
        }
        Ok(())
    }

    /// The server has ended the stream. If the call had not, it is told that nobody listens.
    fn end(&self, stream: &Stream, status: Status) {
        let reset = (!stream.is_write_done()).then_some(Reason::NO_ERROR);
        self.transport.close_stream(stream, status.into(), reset);
    }

    /// Ends a stream on which the peer broke a rule.
    fn reset(&self, malformed: &Malformed) {
        if let Some(stream) = self.stream(malformed.stream) {
            let status = Status::internal(malformed.to_string());
            self.transport.close_stream(&stream, status.into(), Some(malformed.reason));
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
