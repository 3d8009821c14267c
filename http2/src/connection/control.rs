//! Frames that carry nothing of a message.

use bytes::Bytes;

use super::{
    Event,
    core::{Core, Going},
};
use crate::{
    error::{ConnectionError, Fault, Reason},
    flow::{DEFAULT_WINDOW, Overflow},
    frame::{Frame, StreamId},
    settings::Settings,
};

/// What the PING has that follows the first GOAWAY.
const GOING: [u8; 8] = *b"goaway??";

impl Core {
    /// §6.5.3.
    pub(super) fn settings(&mut self, settings: &Settings) -> Result<(), ConnectionError> {
        if std::mem::replace(&mut self.has_settings, true) {
            self.spend_control()?;
        }
        if self.is_client && settings.enable_push == Some(true) {
            return Err(ConnectionError::protocol("ENABLE_PUSH by a server (§6.5.2)"));
        }
        let before = self.peer.initial_window_size;
        self.peer.apply(settings);
        if settings.header_table_size.is_some() {
            self.encoder.set_table_size(self.peer.header_table_size as usize);
        }
        let difference = i64::from(self.peer.initial_window_size) - i64::from(before);
        if difference != 0 {
            self.shift_windows(difference)?;
        }
        self.output.reply(Frame::SettingsAck);
        self.events.push_back(Event::Settings);
        Ok(())
    }

    /// §6.9.2: all streams feel a change of the initial window, also those that have sent more than that.
    fn shift_windows(&mut self, difference: i64) -> Result<(), ConnectionError> {
        for (id, stream) in self.streams.iter_mut() {
            stream.send_window.add(difference).map_err(|Overflow| {
                let detail = "INITIAL_WINDOW_SIZE makes a window too large";
                ConnectionError::new(Reason::FLOW_CONTROL_ERROR, detail)
            })?;
            stream.schedule(id, &mut self.line);
        }
        Ok(())
    }

    /// Our settings are in force now. Until here a peer could not know of limits that are below those of the
    /// protocol; those that are above are granted from the start.
    pub(super) fn settings_ack(&mut self) -> Result<(), ConnectionError> {
        if std::mem::replace(&mut self.is_acknowledged, true) {
            // One that answers nothing.
            return self.spend_control();
        }
        self.decoder.set_limit(self.config.header_table_size as usize);
        let size = self.config.initial_window_size;
        if size < DEFAULT_WINDOW {
            for (_, stream) in self.streams.iter_mut() {
                stream.receive_window.resize(size);
            }
        }
        self.events.push_back(Event::SettingsAck);
        Ok(())
    }

    /// §6.7.
    pub(super) fn pinged(&mut self, ack: bool, payload: [u8; 8]) -> Result<(), ConnectionError> {
        self.spend_control()?;
        if !ack {
            self.output.reply(Frame::Ping { ack: true, payload });
        } else if payload == GOING && self.going == Going::Told {
            self.end_going();
        } else {
            self.events.push_back(Event::Pong { payload });
        }
        Ok(())
    }

    /// §6.4.
    pub(super) fn rst_stream(
        &mut self,
        stream: StreamId,
        reason: Reason,
    ) -> Result<(), ConnectionError> {
        if self.streams.is_idle(stream) {
            return Err(ConnectionError::protocol("RST_STREAM of a stream that is idle"));
        }
        self.spend_control()?;
        let Some(it) = self.streams.get(stream) else { return Ok(()) };
        // One that is answered has cost what an answer costs.
        if !self.is_client && it.state.may_send() && !self.meters.resets.spend(self.now) {
            return Err(ConnectionError::excess("too_many_resets"));
        }
        self.remove(stream);
        self.events.push_back(Event::Reset { stream, reason, by_peer: true });
        Ok(())
    }

    /// §6.9.
    pub(super) fn window_update(&mut self, id: StreamId, increment: u32) -> Result<(), Fault> {
        self.spend_control()?;
        if id == StreamId::CONNECTION {
            return self.send_window.add(increment.into()).map_err(|Overflow| {
                let detail = "a window is too large (§6.9.1)";
                ConnectionError::new(Reason::FLOW_CONTROL_ERROR, detail).into()
            });
        }
        if self.streams.is_idle(id) {
            return Err(ConnectionError::protocol("WINDOW_UPDATE of a stream that is idle").into());
        }
        // One that is closed may have been closed while this was on its way (§5.1).
        let Some(stream) = self.streams.get(id) else { return Ok(()) };
        let added = stream.send_window.add(increment.into());
        added.map_err(|Overflow| Fault::Stream(id, Reason::FLOW_CONTROL_ERROR))?;
        self.schedule(id);
        Ok(())
    }

    /// §6.8.
    pub(super) fn go_away(
        &mut self,
        last_stream: StreamId,
        reason: Reason,
        debug: &[u8],
    ) -> Result<(), ConnectionError> {
        self.spend_control()?;
        // It may become less, and never more: what was lost by it may have been sent to somebody else since.
        if self.peer_last.replace(last_stream).is_some_and(|before| before < last_stream) {
            return Err(ConnectionError::protocol("a GOAWAY that takes another one back"));
        }
        if self.is_client {
            let all = self.streams.iter_mut().map(|(id, _)| id);
            let mut lost: Vec<_> = all.filter(|id| *id > last_stream).collect();
            lost.sort_unstable();
            for stream in lost {
                self.remove(stream);
                // The server has not looked at it, whatever the reason is (§8.7).
                let reason = Reason::REFUSED_STREAM;
                self.events.push_back(Event::Reset { stream, reason, by_peer: true });
            }
        }
        let debug = Bytes::copy_from_slice(debug);
        self.events.push_back(Event::GoAway { last_stream, reason, debug });
        Ok(())
    }

    /// A client begins nothing more. A server says that it takes no streams, and a PING behind that comes back
    /// when the client knows it: what it has begun before is served, so no request is lost (§6.8).
    pub(super) fn shut_down(&mut self) {
        if self.going != Going::No || self.is_closed {
            return;
        }
        self.going = Going::Told;
        if self.is_client {
            return self.end_going();
        }
        self.output.put_goaway(StreamId::MAX, Reason::NO_ERROR, "");
        self.output.put(Frame::Ping { ack: false, payload: GOING });
    }

    fn end_going(&mut self) {
        self.going = Going::Last(self.streams.last);
        self.output.put_goaway(self.streams.last, Reason::NO_ERROR, "");
    }
}
