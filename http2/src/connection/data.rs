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
        if let Some(outcome) = self.unwanted(head) {
            // What a stream holds is released with the stream, and what none does is released here.
            self.release_connection(head.length);
            return outcome;
        }
        let stream = self.streams.get(id).expect("it is wanted");
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

    /// What becomes of DATA that nobody is given.
    fn unwanted(&mut self, head: &Head) -> Option<Result<(), Fault>> {
        let id = head.stream;
        let error = |reason| Some(Err(Fault::Stream(id, reason)));
        if let Some(stream) = self.streams.peek(id) {
            return match stream {
                it if !it.state.may_receive() => error(Reason::STREAM_CLOSED),
                it if !it.receive_window.may_receive(head.length) => {
                    error(Reason::FLOW_CONTROL_ERROR)
                }
                _ => None,
            };
        }
        if self.is_passed_over(id) {
            return Some(self.spend_control().map_err(Fault::from));
        }
        if self.streams.is_idle(id) {
            return Some(Err(ConnectionError::protocol("DATA of a stream that is idle").into()));
        }
        error(Reason::STREAM_CLOSED)
    }

    /// Whether it was reset here a short while ago, or was begun after this side has gone away (§6.8).
    fn is_passed_over(&mut self, id: StreamId) -> bool {
        self.streams.is_remembered(id, self.now)
            || matches!(self.going, Going::Last(last) if id > last && !self.is_client)
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
