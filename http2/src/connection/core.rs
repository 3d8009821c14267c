//! What a connection is when its bytes are cut into frames.

use std::{collections::VecDeque, time::Instant};

use super::Event;
use crate::{
    config::{Config, Meters},
    error::{ConnectionError, Fault, Reason},
    fields::Fields,
    flow::{DEFAULT_WINDOW, ReceiveWindow, SendWindow},
    frame::{Frame, Head, Kind, PREFACE, StreamId},
    hpack::{Decoder, Encoder},
    output::Output,
    settings::{FRAME_SIZES, PeerSettings, Settings},
    streams::Streams,
};

#[derive(Debug)]
pub(super) struct Core {
    pub(super) is_client: bool,
    pub(super) config: Config,
    pub(super) meters: Meters,
    /// When the bytes that are worked on were read.
    pub(super) now: Instant,
    pub(super) events: VecDeque<Event>,
    pub(super) output: Output,
    /// Memory for the next fields.
    pub(super) spare: Fields,

    pub(super) peer: PeerSettings,
    /// Whether the peer has said its settings, which it does first (§3.4), and knows ours.
    pub(super) has_settings: bool,
    pub(super) is_acknowledged: bool,

    pub(super) streams: Streams,
    /// The streams whose turn it is to send, in order.
    pub(super) line: VecDeque<StreamId>,
    pub(super) send_window: SendWindow,
    pub(super) receive_window: ReceiveWindow,

    pub(super) decoder: Decoder,
    pub(super) encoder: Encoder,
    /// A field block that goes on in the next frame.
    pub(super) unfinished: Option<Unfinished>,

    pub(super) going: Going,
    /// The last stream that the peer takes, once it has said so (§6.8).
    pub(super) peer_last: Option<StreamId>,
    /// Nothing is read any more, and GOAWAY was the last that is written.
    pub(super) is_closed: bool,
}

/// A field block whose end has not come (§4.3).
#[derive(Debug)]
pub(super) struct Unfinished {
    pub(super) stream: StreamId,
    pub(super) end_stream: bool,
    pub(super) block: Vec<u8>,
    pub(super) frames: usize,
}

/// How far this side is in going away (§6.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Going {
    No,
    /// The peer was told, and may not know it yet.
    Told,
    /// Streams after this one are not looked at.
    Last(StreamId),
}

impl Core {
    pub(super) fn new(mut config: Config, is_client: bool, now: Instant) -> Self {
        config.max_frame_size =
            config.max_frame_size.clamp(*FRAME_SIZES.start(), *FRAME_SIZES.end());
        config.connection_window_size = config.connection_window_size.max(DEFAULT_WINDOW);
        let settings = Settings {
            header_table_size: Some(config.header_table_size).filter(|it| *it != 4_096),
            enable_push: is_client.then_some(false),
            max_concurrent_streams: (!is_client).then_some(config.max_concurrent_streams),
            initial_window_size: Some(config.initial_window_size)
                .filter(|it| *it != DEFAULT_WINDOW),
            max_frame_size: Some(config.max_frame_size).filter(|it| it != FRAME_SIZES.start()),
            max_header_list_size: Some(config.max_header_list_size),
        };
        let mut output = Output::default();
        if is_client {
            output.put_preface(PREFACE);
        }
        output.put(Frame::Settings(settings));
        let more = config.connection_window_size - DEFAULT_WINDOW;
        if more > 0 {
            output.put(Frame::WindowUpdate { stream: StreamId::CONNECTION, increment: more });
        }
        let first = StreamId(if is_client { 1 } else { 2 });
        Self {
            is_client,
            meters: Meters::new(&config, now),
            now,
            events: VecDeque::new(),
            output,
            spare: Fields::new(),
            peer: PeerSettings::default(),
            has_settings: false,
            is_acknowledged: false,
            streams: Streams::new(first, config.remembered_resets, config.reset_memory),
            line: VecDeque::new(),
            send_window: SendWindow::new(DEFAULT_WINDOW),
            receive_window: ReceiveWindow::new(config.connection_window_size),
            decoder: Decoder::default(),
            encoder: Encoder::default(),
            unfinished: None,
            going: Going::No,
            peer_last: None,
            is_closed: false,
            config,
        }
    }

    /// What a frame may be at this point, whatever it says.
    pub(super) fn before(&mut self, head: &Head) -> Result<(), ConnectionError> {
        if !self.has_settings && head.kind != Kind::SETTINGS {
            return Err(ConnectionError::protocol("the first frame is no SETTINGS"));
        }
        match &self.unfinished {
            // Nothing may come between the frames of a block, on any stream (§4.3).
            Some(it) if head.kind != Kind::CONTINUATION || head.stream != it.stream => {
                Err(ConnectionError::protocol("a field block is not finished"))
            }
            None if head.kind == Kind::CONTINUATION => {
                Err(ConnectionError::protocol("CONTINUATION of no field block"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn frame(&mut self, frame: Frame<'_>) -> Result<(), Fault> {
        match frame {
            Frame::Data { .. } => unreachable!("its payload is taken apart from the others"),
            Frame::Headers { stream, fragment, end_stream, end_headers } => {
                self.headers(stream, fragment, end_stream, end_headers)
            }
            Frame::Continuation { fragment, end_headers, .. } => {
                self.continuation(fragment, end_headers)
            }
            Frame::RstStream { stream, reason } => Ok(self.rst_stream(stream, reason)?),
            Frame::WindowUpdate { stream, increment } => self.window_update(stream, increment),
            Frame::Settings(settings) => Ok(self.settings(&settings)?),
            Frame::SettingsAck => Ok(self.settings_ack()?),
            Frame::Ping { ack, payload } => Ok(self.pinged(ack, payload)?),
            Frame::GoAway { last_stream, reason, debug } => {
                Ok(self.go_away(last_stream, reason, debug)?)
            }
            Frame::PushPromise { .. } => {
                Err(ConnectionError::protocol("PUSH_PROMISE, which is announced as off").into())
            }
            Frame::Priority { .. } | Frame::Unknown { .. } => Ok(self.spend_control()?),
        }
    }

    /// Does what a fault asks for (§5.4): resets its stream, or ends the connection.
    pub(super) fn settle(&mut self, taken: Result<(), Fault>) -> Result<(), ConnectionError> {
        match taken {
            Ok(()) => Ok(()),
            Err(Fault::Connection(error)) => Err(error),
            Err(Fault::Stream(stream, _)) if self.streams.is_idle(stream) => {
                Err(ConnectionError::protocol("a frame of a stream that is idle"))
            }
            Err(Fault::Stream(stream, reason)) => {
                if !self.meters.local_resets.spend(self.now) {
                    return Err(ConnectionError::excess("too_many_internal_resets"));
                }
                if self.remove(stream) {
                    self.events.push_back(Event::Reset { stream, reason, by_peer: false });
                }
                self.streams.remember_reset(stream, self.now);
                self.output.reply(Frame::RstStream { stream, reason });
                Ok(())
            }
        }
    }

    /// Counts a frame that carries nothing.
    pub(super) fn spend_control(&mut self) -> Result<(), ConnectionError> {
        match self.meters.control_frames.spend(self.now) {
            true => Ok(()),
            false => Err(ConnectionError::excess("too_many_control_frames")),
        }
    }

    /// A frame of a message, in either direction, gives back what frames around it cost.
    pub(super) fn give_back_control(&mut self) {
        self.meters.control_frames.give_back(2);
    }

    /// Forgets a stream that is over, and lets the peer use what it held of the connection's window; whether it
    /// was there.
    pub(super) fn remove(&mut self, id: StreamId) -> bool {
        let Some(stream) = self.streams.remove(id) else { return false };
        self.meters.small_data -= stream.small_data;
        if stream.queue.is_scheduled {
            self.line.retain(|it| *it != id);
        }
        self.release_connection(stream.receive_window.held());
        true
    }

    /// Forgets a stream that has come to its end in both directions.
    pub(super) fn complete(&mut self, id: StreamId) {
        self.meters.resets.give_back(1);
        self.remove(id);
    }

    /// Whether the peer has to read before it may cause more.
    pub(super) fn is_congested(&self) -> bool {
        self.output.replies() > self.config.max_output
    }

    pub(super) fn max_frame_size(&self) -> u32 {
        self.config.max_frame_size
    }

    pub(super) fn close(&mut self, reason: Reason, debug: &'static str) {
        if !std::mem::replace(&mut self.is_closed, true) {
            let last = match self.going {
                Going::Last(last) => last,
                Going::No | Going::Told => self.streams.last,
            };
            self.output.put_goaway(last, reason, debug);
            self.streams.clear();
            self.line.clear();
        }
    }

    pub(super) fn is_over(&self) -> bool {
        let is_going = matches!(self.going, Going::Last(_)) || self.peer_last.is_some();
        self.is_closed || (is_going && self.streams.len() == 0)
    }
}
