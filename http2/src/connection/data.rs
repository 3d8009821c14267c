//! DATA that comes, §6.1.

use bytes::Bytes;

use super::{
    Event,
    core::{Core, Going},
};
use crate::{
    error::{ConnectionError, Fault, Reason},
    frame::{Frame, Head, StreamId, flags},
    stream::State,
};

impl Core {
    pub(super) fn data(&mut self, head: &Head, data: Bytes) -> Result<(), ConnectionError> {
        // Padding counts too (§6.9.1), and a stream that is over does not make it count less.
        if !self.receive_window.may_receive(head.length) {
            let detail = "more DATA than the window of the connection";
            return Err(ConnectionError::new(Reason::FLOW_CONTROL_ERROR, detail));
        }
        self.receive_window.receive(head.length);
        let taken = self.data_of_stream(head, data);
        self.settle(taken)
    }

    fn data_of_stream(&mut self, head: &Head, data: Bytes) -> Result<(), Fault> {
        let (id, end_stream) = (head.stream, head.has(flags::END_STREAM));
        let judged = match self.streams.get(id) {
            None => self.data_of_none(id),
            Some(it) if !it.state.may_receive() => Err(Fault::Stream(id, Reason::STREAM_CLOSED)),
            Some(it) if !it.receive_window.may_receive(head.length) => {
                Err(Fault::Stream(id, Reason::FLOW_CONTROL_ERROR))
            }
            Some(_) => Ok(true),
        };
        // What a stream holds is released with the stream, and what none does is released here.
        if judged != Ok(true) {
            self.release_connection(head.length);
            return judged.map(drop);
        }
        let stream = self.streams.get(id).expect("it was judged");
        stream.receive_window.receive(head.length);
        if !stream.has_head || !stream.expect(data.len(), end_stream) {
            return Err(Fault::Stream(id, Reason::PROTOCOL_ERROR));
        }
        if !end_stream {
            if data.is_empty() && !self.meters.empty_data.spend(self.now) {
                return Err(ConnectionError::excess("too_many_empty_data_frames").into());
            }
            let most = self.config.small_data;
            if !data.is_empty() && !stream.charge_small(data.len(), &mut self.meters, most) {
                return Err(ConnectionError::excess("too_much_small_data").into());
            }
        }
        let padding = head.length as usize - data.len();
        if !data.is_empty() {
            self.give_back_control();
        }
        if padding > 0 {
            self.release(id, padding);
        }
        if end_stream || !data.is_empty() {
            self.events.push_back(Event::Data { stream: id, data, end_stream });
        }
        if end_stream {
            self.end_remote(id);
        }
        Ok(())
    }

    /// What to make of DATA whose stream is not there; nobody is given it.
    fn data_of_none(&mut self, id: StreamId) -> Result<bool, Fault> {
        let is_ignored = self.streams.is_remembered(id, self.now)
            || matches!(self.going, Going::Last(last) if id > last && !self.is_client);
        if is_ignored {
            self.spend_control()?;
            return Ok(false);
        }
        if self.streams.is_idle(id) {
            return Err(ConnectionError::protocol("DATA of a stream that is idle").into());
        }
        Err(Fault::Stream(id, Reason::STREAM_CLOSED))
    }

    pub(super) fn release(&mut self, id: StreamId, count: usize) {
        // What a stream held was released when it ended.
        let Some(stream) = self.streams.get(id) else { return };
        let count = u32::try_from(count).unwrap_or(u32::MAX).min(stream.receive_window.held());
        stream.refund_small(count, &mut self.meters);
        let increment = stream.receive_window.release(count);
        // A peer that has ended its side needs no more room.
        if let Some(increment) = increment.filter(|_| stream.state.may_receive()) {
            self.output.reply(Frame::WindowUpdate { stream: id, increment });
        }
        self.release_connection(count);
    }

    pub(super) fn release_connection(&mut self, count: u32) {
        if let Some(increment) = self.receive_window.release(count) {
            self.output.reply(Frame::WindowUpdate { stream: StreamId::CONNECTION, increment });
        }
    }

    /// This side has sent its last.
    pub(super) fn end_local(&mut self, id: StreamId) {
        let stream = self.streams.get(id).expect("it is open");
        stream.state.end_local();
        if stream.state == State::Closed {
            self.complete(id);
        }
    }
}
