//! The other end of a connection: it sends any frame, and reads what comes.

use std::time::{Duration, Instant};

use bytes::Buf;
use traitwire_http2::{
    Config, Connection, ConnectionError, Event, Fields, Reason, Settings,
    frame::{Frame, Head, Kind, PREFACE, StreamId},
    hpack::{Decoder, Encoder},
};

/// A frame that was read.
pub(crate) type Read = (Head, Vec<u8>);

pub(crate) struct Peer {
    pub(crate) engine: Connection,
    pub(crate) now: Instant,
    pub(crate) encoder: Encoder,
    pub(crate) decoder: Decoder,
}

impl Peer {
    /// Of a server, with everything said that is said first.
    pub(crate) fn of_server(config: Config) -> Self {
        let now = Instant::now();
        let mut peer = Self::around(Connection::server(config, now), now);
        peer.engine.input().extend_from_slice(PREFACE);
        peer.greet();
        peer
    }

    pub(crate) fn of_client(config: Config) -> Self {
        let now = Instant::now();
        let mut peer = Self::around(Connection::client(config, now), now);
        assert_eq!(peer.engine.output().copy_to_bytes(PREFACE.len()), PREFACE[..]);
        peer.greet();
        peer
    }

    /// Of an engine that has not been talked to.
    pub(crate) fn around(engine: Connection, now: Instant) -> Self {
        Self { engine, now, encoder: Encoder::default(), decoder: Decoder::default() }
    }

    fn greet(&mut self) {
        self.send([Frame::Settings(Settings::default()), Frame::SettingsAck]);
        assert_eq!(self.events(), [Event::Settings, Event::SettingsAck]);
        let frames = self.read();
        assert_eq!((frames[0].0.kind, frames[0].0.flags), (Kind::SETTINGS, 0));
        assert_eq!(frames.last().unwrap().0.kind, Kind::SETTINGS);
    }

    pub(crate) fn send<'a>(&mut self, frames: impl IntoIterator<Item = Frame<'a>>) {
        let mut bytes = Vec::new();
        frames.into_iter().for_each(|frame| frame.write(&mut bytes));
        self.send_bytes(&bytes);
    }

    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.engine.input().extend_from_slice(bytes);
    }

    pub(crate) fn send_raw(&mut self, kind: Kind, flags: u8, stream: u32, payload: &[u8]) {
        let (length, stream) = (payload.len() as u32, StreamId(stream));
        self.send_bytes(&Head { length, kind, flags, stream }.to_bytes());
        self.send_bytes(payload);
    }

    pub(crate) fn send_headers(&mut self, stream: u32, fields: &Fields, end_stream: bool) {
        let mut fragment = Vec::new();
        self.encoder.encode(fields, &mut fragment);
        self.send([headers(stream, &fragment, end_stream)]);
    }

    /// Begins a request, or answers one.
    pub(crate) fn begin(&mut self, stream: u32, end_stream: bool) {
        self.send_headers(stream, &request(), end_stream);
    }

    pub(crate) fn try_event(&mut self) -> Result<Option<Event>, ConnectionError> {
        self.engine.next_event(self.now)
    }

    pub(crate) fn try_events(&mut self) -> Result<Vec<Event>, ConnectionError> {
        std::iter::from_fn(|| self.try_event().transpose()).collect()
    }

    #[track_caller]
    pub(crate) fn events(&mut self) -> Vec<Event> {
        self.try_events().expect("the connection goes on")
    }

    #[track_caller]
    pub(crate) fn fails(&mut self) -> ConnectionError {
        let error = self.try_events().expect_err("the connection fails");
        assert!(self.engine.is_over());
        // Once, and the peer is told.
        assert_eq!(self.try_events(), Ok(vec![]));
        let (head, payload) = self.read().pop().expect("a GOAWAY");
        match Frame::read(&head, &payload) {
            Ok(Frame::GoAway { reason, debug, .. }) => {
                assert_eq!((reason, debug), (error.reason, error.detail.as_bytes()));
            }
            other => panic!("{other:?}"),
        }
        error
    }

    /// All that the engine has written.
    pub(crate) fn read(&mut self) -> Vec<Read> {
        let mut bytes = Vec::new();
        loop {
            let output = self.engine.output();
            if !output.has_remaining() {
                break;
            }
            bytes.extend(output.copy_to_bytes(output.remaining()));
        }
        split(&bytes)
    }

    /// The streams that were reset, and why.
    pub(crate) fn resets(&mut self) -> Vec<(u32, Reason)> {
        let frames = self.read();
        let resets = frames.iter().filter_map(|(head, payload)| match Frame::read(head, payload) {
            Ok(Frame::RstStream { stream, reason }) => Some((stream.0, reason)),
            _ => None,
        });
        resets.collect()
    }

    /// How long the DATA of each frame is.
    pub(crate) fn data(&mut self) -> Vec<(u32, usize)> {
        let frames = self.read().into_iter().filter(|(head, _)| head.kind == Kind::DATA);
        frames.map(|(head, payload)| (head.stream.0, payload.len())).collect()
    }

    pub(crate) fn wait(&mut self, time: Duration) {
        self.now += time;
    }
}

pub(crate) fn split(mut bytes: &[u8]) -> Vec<Read> {
    let mut frames = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk() {
        let head = Head::read(head);
        let (payload, rest) = rest.split_at(head.length as usize);
        frames.push((head, payload.to_vec()));
        bytes = rest;
    }
    assert!(bytes.is_empty(), "a frame is not whole");
    frames
}

pub(crate) fn headers(stream: u32, fragment: &[u8], end_stream: bool) -> Frame<'_> {
    Frame::Headers { stream: StreamId(stream), fragment, end_stream, end_headers: true }
}

pub(crate) fn data(stream: u32, data: &[u8], end_stream: bool) -> Frame<'_> {
    Frame::Data { stream: StreamId(stream), data, end_stream }
}

pub(crate) fn rst(stream: u32) -> Frame<'static> {
    Frame::RstStream { stream: StreamId(stream), reason: Reason::CANCEL }
}

pub(crate) fn window(stream: u32, increment: u32) -> Frame<'static> {
    Frame::WindowUpdate { stream: StreamId(stream), increment }
}

pub(crate) fn initial_window(size: u32) -> Frame<'static> {
    let mut settings = Settings::default();
    settings.initial_window_size = Some(size);
    Frame::Settings(settings)
}

pub(crate) fn request() -> Fields {
    [(":method", "POST"), (":scheme", "http"), (":path", "/a.B/C")].into_iter().collect()
}

pub(crate) fn response() -> Fields {
    [(":status", "200"), ("content-type", "application/grpc")].into_iter().collect()
}

pub(crate) fn trailers() -> Fields {
    [("grpc-status", "0")].into_iter().collect()
}
