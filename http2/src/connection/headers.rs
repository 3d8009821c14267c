//! Field blocks, and what they begin and end.

use super::{
    Event,
    core::{Core, Going, Unfinished},
};
use crate::{
    error::{ConnectionError, Fault, Reason},
    fields::Fields,
    flow::DEFAULT_WINDOW,
    frame::{Frame, StreamId},
    hpack::DecodeError,
    message::{self, Malformed},
    stream::{State, Stream},
};

impl Core {
    /// §6.2.
    pub(super) fn headers(
        &mut self,
        stream: StreamId,
        fragment: &[u8],
        end_stream: bool,
        end_headers: bool,
    ) -> Result<(), Fault> {
        // Only a client begins streams, and those of odd numbers (§5.1.1).
        if self.streams.is_idle(stream) && (self.is_client || !stream.is_clients()) {
            return Err(ConnectionError::protocol("HEADERS of a stream that is idle").into());
        }
        if end_headers {
            return self.block(stream, fragment, end_stream);
        }
        let (block, frames) = (fragment.to_vec(), 1);
        self.unfinished = Some(Unfinished { stream, end_stream, block, frames });
        Ok(())
    }

    /// §6.10. How many may follow each other is bounded: for a block that is as long as it may be, a few more
    /// than it needs (CVE-2024-27316 and its kin).
    pub(super) fn continuation(&mut self, fragment: &[u8], end_headers: bool) -> Result<(), Fault> {
        let mut unfinished = self.unfinished.take().expect("it was looked at before");
        unfinished.frames += 1;
        unfinished.block.extend(fragment);
        let most = self.config.max_header_list_size as usize;
        if unfinished.frames > 6 + most / self.config.max_frame_size as usize {
            return Err(ConnectionError::excess("too_many_continuations").into());
        }
        if unfinished.block.len() > most.saturating_mul(4) {
            return Err(ConnectionError::excess("too_many_header_bytes").into());
        }
        if end_headers {
            return self.block(unfinished.stream, &unfinished.block, unfinished.end_stream);
        }
        self.unfinished = Some(unfinished);
        Ok(())
    }

    /// A whole block. It is decoded whatever becomes of its stream, because the table has to follow (§4.3).
    fn block(&mut self, id: StreamId, block: &[u8], end_stream: bool) -> Result<(), Fault> {
        let mut fields = std::mem::take(&mut self.spare);
        let most = self.config.max_header_list_size as usize;
        let decoded = self.decoder.decode_into(block, &mut fields, most);
        let is_whole = decoded.map_err(|error| {
            ConnectionError::new(
                match error {
                    DecodeError::TooLarge => Reason::ENHANCE_YOUR_CALM,
                    _ => Reason::COMPRESSION_ERROR,
                },
                error.detail(),
            )
        })?;
        if self.streams.peek(id).is_some() {
            return self.more_headers(id, fields, is_whole, end_stream);
        }
        if self.streams.is_remembered(id, self.now) {
            return Ok(self.spend_control()?);
        }
        if self.streams.is_idle(id) {
            return self.request(id, fields, is_whole, end_stream);
        }
        if self.is_client {
            // The server cannot know that it was closed here and is not remembered any more.
            return Err(Fault::Stream(id, Reason::STREAM_CLOSED));
        }
        let detail = "HEADERS of a stream that is closed";
        Err(ConnectionError::new(Reason::STREAM_CLOSED, detail).into())
    }

    /// A client begins a stream.
    fn request(
        &mut self,
        id: StreamId,
        fields: Fields,
        is_whole: bool,
        end_stream: bool,
    ) -> Result<(), Fault> {
        self.streams.last = id;
        if matches!(self.going, Going::Last(_)) {
            // The client learns by the GOAWAY that it was not looked at (§6.8).
            return Ok(self.spend_control()?);
        }
        if self.streams.len() >= self.config.max_concurrent_streams as usize {
            return Err(Fault::Stream(id, Reason::REFUSED_STREAM));
        }
        if !is_whole {
            return self.refuse_large(id, end_stream);
        }
        let malformed = |Malformed| Fault::Stream(id, Reason::PROTOCOL_ERROR);
        let summary = message::request(&fields).map_err(malformed)?;
        let mut stream = self.new_stream(State::Open);
        stream.has_head = true;
        stream.to_come = summary.content_length;
        stream.is_head_request = summary.is_head;
        if !stream.expect(0, end_stream) {
            return Err(malformed(Malformed));
        }
        if end_stream {
            stream.state.end_remote();
        }
        self.give_back_control();
        self.streams.insert(id, stream);
        self.events.push_back(Event::Headers { stream: id, fields, end_stream });
        Ok(())
    }

    /// 431, "Request Header Fields Too Large" (RFC 6585 §5), and the stream is over (§8.1).
    fn refuse_large(&mut self, id: StreamId, end_stream: bool) -> Result<(), Fault> {
        if !self.meters.local_resets.spend(self.now) {
            return Err(ConnectionError::excess("too_many_internal_resets").into());
        }
        let fields = Fields::from_iter([(":status", "431")]);
        self.put_headers(id, (&fields).into(), true);
        if !end_stream {
            self.streams.remember_reset(id, self.now);
            self.output.reply(Frame::RstStream { stream: id, reason: Reason::NO_ERROR });
        }
        Ok(())
    }

    /// The head of an answer, or trailers.
    fn more_headers(
        &mut self,
        id: StreamId,
        fields: Fields,
        is_whole: bool,
        end_stream: bool,
    ) -> Result<(), Fault> {
        let stream = self.streams.get(id).expect("it was looked for");
        if !stream.state.may_receive() {
            return Err(Fault::Stream(id, Reason::STREAM_CLOSED));
        }
        let malformed = |Malformed| Fault::Stream(id, Reason::PROTOCOL_ERROR);
        if !is_whole {
            return Err(malformed(Malformed));
        }
        let event = if stream.has_head {
            // What comes behind the head is the end (§8.1).
            if !end_stream {
                return Err(malformed(Malformed));
            }
            message::trailers(&fields).map_err(malformed)?;
            Event::Trailers { stream: id, fields }
        } else {
            let summary = message::response(&fields).map_err(malformed)?;
            if summary.status < 200 {
                if end_stream {
                    return Err(malformed(Malformed));
                }
                self.spend_control()?;
                self.events.push_back(Event::Informational { stream: id, fields });
                return Ok(());
            }
            stream.has_head = true;
            // These have the length of what they do not carry (RFC 9110 §8.6).
            if !stream.is_head_request && summary.status != 304 {
                stream.to_come = summary.content_length;
            }
            Event::Headers { stream: id, fields, end_stream }
        };
        if !stream.expect(0, end_stream) {
            return Err(malformed(Malformed));
        }
        self.give_back_control();
        self.events.push_back(event);
        if end_stream {
            self.end_remote(id);
        }
        Ok(())
    }

    /// Nothing more comes on a stream.
    pub(super) fn end_remote(&mut self, id: StreamId) {
        let stream = self.streams.get(id).expect("it is open");
        stream.state.end_remote();
        if stream.state == State::Closed {
            self.complete(id);
        }
    }

    pub(super) fn new_stream(&self, state: State) -> Stream {
        let receive = match self.config.initial_window_size {
            size if self.is_acknowledged => size,
            size => size.max(DEFAULT_WINDOW),
        };
        Stream::new(state, self.peer.initial_window_size, receive)
    }
}
