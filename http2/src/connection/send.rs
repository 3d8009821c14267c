//! What is sent on streams, and in which order.

use std::collections::VecDeque;

use bytes::{Buf, Bytes};

use super::{
    Event, Section,
    core::{Core, Going},
};
use crate::{
    error::{BeginError, Reason, SendError},
    fields::Known,
    frame::{Frame, StreamId},
    stream::{End, OwnedSection, State, Stream},
};

impl Stream {
    /// Stands in line when there is something to send and the window allows it.
    pub(super) fn schedule(&mut self, id: StreamId, line: &mut VecDeque<StreamId>) {
        let may_go = !self.queue.is_empty() && self.send_window.available() > 0;
        if may_go && !std::mem::replace(&mut self.queue.is_scheduled, true) {
            line.push_back(id);
        }
    }
}

impl Core {
    pub(super) fn can_begin(&self) -> Result<(), BeginError> {
        if !self.is_client {
            return Err(BeginError::NotAClient);
        }
        if self.is_closed || self.going != Going::No || self.peer_last.is_some() {
            return Err(BeginError::GoingAway);
        }
        if self.streams.next > StreamId::MAX {
            return Err(BeginError::OutOfStreams);
        }
        if self.streams.len() >= self.peer.max_concurrent_streams as usize {
            return Err(BeginError::TooManyStreams);
        }
        Ok(())
    }

    pub(super) fn begin(
        &mut self,
        head: Section<'_>,
        end_stream: bool,
    ) -> Result<StreamId, BeginError> {
        self.can_begin()?;
        let id = self.streams.next;
        self.streams.next.0 += 2;
        let mut stream = self.new_stream(State::Open);
        stream.has_sent_head = true;
        stream.is_head_request = match head {
            Section::Fields(fields) => fields.get(Known::Method) == Some(b"HEAD"),
            Section::Block(_) => false,
        };
        self.streams.insert(id, stream);
        self.put_headers(id, head, end_stream);
        if end_stream {
            self.end_local(id);
        }
        Ok(id)
    }

    /// A stream on which something can be sent now.
    fn sending(&mut self, id: StreamId, after_head: bool) -> Result<&mut Stream, SendError> {
        let stream = self.streams.get(id).ok_or(SendError::Closed)?;
        if !stream.state.may_send() || stream.queue.end.is_some() {
            return Err(SendError::Closed);
        }
        if stream.has_sent_head != after_head {
            return Err(SendError::OutOfOrder);
        }
        Ok(stream)
    }

    pub(super) fn send_headers(
        &mut self,
        id: StreamId,
        head: Section<'_>,
        end_stream: bool,
    ) -> Result<(), SendError> {
        self.sending(id, false)?.has_sent_head = true;
        self.put_headers(id, head, end_stream);
        if end_stream {
            self.end_local(id);
        }
        Ok(())
    }

    pub(super) fn send_informational(
        &mut self,
        id: StreamId,
        head: Section<'_>,
    ) -> Result<(), SendError> {
        self.sending(id, false)?;
        self.put_headers(id, head, false);
        Ok(())
    }

    pub(super) fn send_data(
        &mut self,
        id: StreamId,
        data: Bytes,
        end_stream: bool,
    ) -> Result<(), SendError> {
        let has_room = self.line.is_empty() && self.output.remaining() < self.config.max_output;
        let most = self.send_window.available().min(self.peer.max_frame_size as usize);
        let stream = self.sending(id, true)?;
        if data.is_empty() && !end_stream {
            return Ok(());
        }
        // What nothing stands before needs no queue, neither of its own stream nor of another one.
        let fits = has_room && data.len() <= most.min(stream.send_window.available());
        if stream.queue.is_empty() && (fits || data.is_empty()) {
            self.put_data(id, data, end_stream);
            if end_stream {
                self.end_local(id);
            }
            return Ok(());
        }
        stream.queue.push(data);
        stream.queue.end = end_stream.then_some(End::Data);
        self.schedule(id);
        Ok(())
    }

    pub(super) fn send_trailers(
        &mut self,
        id: StreamId,
        trailers: Section<'_>,
    ) -> Result<(), SendError> {
        let stream = self.sending(id, true)?;
        if !stream.queue.is_empty() {
            stream.queue.end = Some(End::Trailers(trailers.to_owned()));
            return Ok(());
        }
        self.put_headers(id, trailers, true);
        self.end_local(id);
        Ok(())
    }

    pub(super) fn room(&self, id: StreamId) -> usize {
        self.streams.peek(id).filter(|it| it.state.may_send()).map_or(0, |stream| {
            let window = stream.send_window.available().min(self.send_window.available());
            window.saturating_sub(stream.queue.len())
        })
    }

    pub(super) fn discard(&mut self, id: StreamId) {
        if let Some(stream) = self.streams.get(id).filter(|it| !it.queue.is_empty()) {
            stream.queue.discard();
            if std::mem::take(&mut stream.queue.is_scheduled) {
                self.line.retain(|it| *it != id);
            }
            self.end_queue(id);
        }
    }

    pub(super) fn reset(&mut self, id: StreamId, reason: Reason) {
        if self.remove(id) {
            self.streams.remember_reset(id, self.now);
            self.output.put(Frame::RstStream { stream: id, reason });
        }
    }

    /// Makes DATA of what waits: one frame of each stream in turn, so that nobody waits for the end of a long
    /// message of somebody else.
    pub(super) fn fill(&mut self) {
        while self.output.remaining() < self.config.max_output
            && self.send_window.available() > 0
            && let Some(id) = self.line.pop_front()
        {
            let most = self.send_window.available().min(self.peer.max_frame_size as usize);
            let stream = self.streams.get(id).expect("those in line are open");
            stream.queue.is_scheduled = false;
            let data = stream.queue.pop(most.min(stream.send_window.available()));
            let is_last = stream.queue.is_empty();
            let end_stream = is_last && matches!(stream.queue.end, Some(End::Data));
            if end_stream {
                stream.queue.end = None;
            }
            self.put_data(id, data, end_stream);
            match is_last {
                true if end_stream => self.end_local(id),
                true => self.end_queue(id),
                false => self.schedule(id),
            }
        }
    }

    pub(super) fn schedule(&mut self, id: StreamId) {
        let stream = self.streams.get(id).expect("it is open");
        stream.schedule(id, &mut self.line);
    }

    /// Nothing waits any more: the stream ends, where that is what comes next, or can be gone on with.
    fn end_queue(&mut self, id: StreamId) {
        let stream = self.streams.get(id).expect("it is open");
        match stream.queue.end.take() {
            None => self.events.push_back(Event::Drained { stream: id }),
            Some(End::Data) => {
                self.put_data(id, Bytes::new(), true);
                self.end_local(id);
            }
            Some(End::Trailers(trailers)) => {
                let trailers = match &trailers {
                    OwnedSection::Fields(fields) => Section::Fields(fields),
                    OwnedSection::Block(block) => Section::Block(block),
                };
                self.put_headers(id, trailers, true);
                self.end_local(id);
            }
        }
    }

    fn put_data(&mut self, id: StreamId, data: Bytes, end_stream: bool) {
        self.send_window.take(data.len());
        self.streams.get(id).expect("it is open").send_window.take(data.len());
        self.give_back_control();
        self.output.put_data(id, data, end_stream);
    }

    pub(super) fn put_headers(&mut self, id: StreamId, section: Section<'_>, end_stream: bool) {
        let (encoder, max) = (&mut self.encoder, self.peer.max_frame_size as usize);
        let length = self.output.put_headers(id, end_stream, max, |out| match section {
            Section::Fields(fields) => encoder.encode(fields, out),
            Section::Block(block) => encoder.put(block, out),
        });
        self.give_back_control();
        // Answers are the client's doing, as far as its requests are not bounded by what it reads.
        if !self.is_client {
            self.output.note_replies(length);
        }
    }
}
