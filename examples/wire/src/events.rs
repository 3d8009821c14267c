//! The bytes of a connection as events: what a peer would understand of them.
//!
//! A [`Connection`] is fed the bytes of both directions as they pass, in pieces of any size. It
//! holds at most one frame a direction, and a frame is as long as the receiver allowed it to be.

use bytes::{Bytes, BytesMut};

use crate::frame::{Content, Frame, HEAD, Kind, MAX_FRAME_SIZE, PREFACE, Setting};

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Side {
    Client,
    Server,
}

impl Side {
    /// The one that it talks to.
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// Something that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The bytes with which a client begins.
    Preface,
    /// A whole frame, which may be malformed.
    Frame(Frame),
    /// Bytes that are no HTTP/2. Nobody could say where a frame begins behind them, so the rest of
    /// this direction is only counted.
    Garbage(Garbage),
    /// The side writes no more. So many bytes before that were garbage, or a frame cut off.
    End {
        /// How many.
        unread: u64,
    },
}

/// Where bytes are no HTTP/2 any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Garbage {
    /// How many bytes of this direction came before.
    pub offset: u64,
    /// The first of them.
    pub start: Bytes,
    /// What is wrong with them.
    pub why: &'static str,
}

/// Both directions of a connection.
#[derive(Debug)]
pub struct Connection {
    client: Reader,
    server: Reader,
}

impl Default for Connection {
    fn default() -> Self {
        Self { client: Reader::new(State::Preface), server: Reader::new(State::Settings) }
    }
}

impl Connection {
    /// Takes bytes that a side sent, and calls `each` with what has become whole.
    pub fn feed(&mut self, from: Side, bytes: &[u8], mut each: impl FnMut(Event)) {
        self.reader(from).push(bytes);
        while let Some(event) = self.reader(from).next() {
            self.learn(from, &event);
            each(event);
        }
    }

    /// A side has closed its direction.
    pub fn end(&mut self, from: Side) -> Event {
        Event::End { unread: self.reader(from).unread() }
    }

    /// Who allows longer frames gets them. He may take it back, but not what is on its way.
    fn learn(&mut self, from: Side, event: &Event) {
        let Event::Frame(frame) = event else { return };
        let Ok(Content::Settings(settings)) = frame.content() else { return };
        for (setting, value) in settings {
            if setting == Setting::MAX_FRAME_SIZE {
                let peer = self.reader(from.peer());
                peer.max = peer.max.max(value as usize);
            }
        }
    }

    fn reader(&mut self, from: Side) -> &mut Reader {
        match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

/// How much of garbage is shown.
const START: usize = 16;

/// One direction.
#[derive(Debug)]
struct Reader {
    state: State,
    /// How many bytes came before those in `bytes`.
    offset: u64,
    bytes: BytesMut,
    /// The longest payload.
    max: usize,
}

#[derive(Debug)]
enum State {
    /// A client is to begin with the preface.
    Preface,
    /// A server is to begin with SETTINGS.
    Settings,
    Frames,
    Garbage {
        bytes: u64,
    },
}

impl Reader {
    fn new(state: State) -> Self {
        Self { state, offset: 0, bytes: BytesMut::new(), max: MAX_FRAME_SIZE }
    }

    fn push(&mut self, more: &[u8]) {
        match &mut self.state {
            State::Garbage { bytes } => *bytes += more.len() as u64,
            _ => self.bytes.extend_from_slice(more),
        }
    }

    fn next(&mut self) -> Option<Event> {
        match self.state {
            State::Preface => {
                let length = self.bytes.len().min(PREFACE.len());
                if self.bytes[..length] != PREFACE[..length] {
                    return Some(self.garbage("not the preface of HTTP/2"));
                }
                if length < PREFACE.len() {
                    return None;
                }
                let _ = self.bytes.split_to(length);
                self.offset += length as u64;
                self.state = State::Frames;
                Some(Event::Preface)
            }
            State::Settings => {
                if Kind(*self.bytes.get(3)?) != Kind::SETTINGS {
                    return Some(self.garbage("does not begin with SETTINGS"));
                }
                self.state = State::Frames;
                self.next()
            }
            State::Frames => match Frame::read(&mut self.bytes, self.max) {
                Ok(frame) => frame.map(|frame| {
                    self.offset += (HEAD + frame.payload.len()) as u64;
                    Event::Frame(frame)
                }),
                Err(malformed) => Some(self.garbage(malformed.what)),
            },
            State::Garbage { .. } => None,
        }
    }

    fn garbage(&mut self, why: &'static str) -> Event {
        let bytes = std::mem::take(&mut self.bytes);
        self.state = State::Garbage { bytes: bytes.len() as u64 };
        let start = Bytes::copy_from_slice(&bytes[..bytes.len().min(START)]);
        Event::Garbage(Garbage { offset: self.offset, start, why })
    }

    fn unread(&self) -> u64 {
        match self.state {
            State::Garbage { bytes } => bytes,
            _ => self.bytes.len() as u64,
        }
    }
}
