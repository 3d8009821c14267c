//! What passed on a connection, as text: a line a frame, and below it what is in the frame.
//!
//! The number at the end of a line is the length of the payload; nine bytes come before it. What
//! peers sent is escaped and cut, so that it does nothing to a terminal and fits into it.

use std::collections::HashMap;

use bytes::Bytes;

use crate::{
    Side,
    call::{Call, Half},
    events::{Event, Garbage},
    fields::{count, hex},
    frame::{Content, Frame, Setting},
    headers::{Headers, Read},
    lines::{Lines, flat, text},
    schema::Schema,
    tap::Seen,
};

/// How many streams are followed at a time. The frames of others are shown, and not what they mean.
const STREAMS: usize = 10_000;
/// How many bytes of messages that are not whole are held, for all of them together.
const ROOM: usize = 4 << 20;
/// How many messages of a frame are shown, and how many settings.
const SHOWN: usize = 64;

/// How much is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Everything.
    #[default]
    Full,
    /// The frames of streams in a line each, without those that only open a window.
    Compact,
}

/// Follows a connection and says what passes.
#[derive(Default)]
pub struct Trace {
    schema: Schema,
    style: Style,
    client: Headers,
    server: Headers,
    calls: HashMap<u32, Call>,
    room: Room,
}

/// How many bytes may be held.
struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(ROOM)
    }
}

/// What there is to say of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The stream; 0 is the connection.
    pub stream: u32,
    /// Whole lines, or nothing.
    pub text: String,
}

/// A recording as text: the connection (as stream 0), and then each stream, as they began.
///
/// The frames of a stream are in the order in which they passed. Those of the connection are of one
/// side and then of the other: between the two there is no order that would be the same every time.
pub fn story(schema: &Schema, events: &[Seen]) -> Vec<Said> {
    let mut trace = Trace::new(schema.clone(), Style::Full);
    let mut groups = vec![Said { stream: 0, text: String::new() }];
    let mut server = String::new();
    for seen in events {
        let said = trace.event(seen.from, &seen.event);
        if (said.stream, seen.from) == (0, Side::Server) {
            server += &said.text;
            continue;
        }
        match groups.iter_mut().find(|group| group.stream == said.stream) {
            Some(group) => group.text += &said.text,
            None => groups.push(said),
        }
    }
    groups[0].text += &server;
    groups
}

impl Trace {
    /// A connection that has not begun.
    pub fn new(schema: Schema, style: Style) -> Self {
        Self { schema, style, ..Self::default() }
    }

    /// What is to be said of something that a side sent.
    pub fn event(&mut self, from: Side, event: &Event) -> Said {
        let full = self.style == Style::Full;
        let mut lines = Lines { from, full, text: String::new() };
        let mut stream = 0;
        match event {
            Event::Preface if full => lines.head("preface", 0, "", 24),
            Event::Preface => {}
            Event::Frame(frame) => {
                stream = frame.stream;
                self.frame(frame, &mut lines);
            }
            Event::Garbage(Garbage { offset, start, why }) => {
                lines.note(&format!("garbage from byte {offset} on: {why}"));
                lines.detail(&format!("{}  {}", hex(start), start.escape_ascii()));
            }
            Event::End { unread: 0 } if full => lines.note("end"),
            Event::End { unread: 0 } => {}
            Event::End { unread } => lines.note(&format!("end, after {unread} bytes unread")),
        }
        Said { stream, text: lines.text }
    }

    fn frame(&mut self, frame: &Frame, lines: &mut Lines) {
        let content = match frame.content() {
            Ok(content) => content,
            Err(malformed) => {
                let rule = malformed.to_string();
                lines.frame(frame, if lines.full { "malformed" } else { &rule });
                lines.detail(&rule);
                lines.detail(&hex(&frame.payload));
                // What it would have meant, its receiver does not know either.
                return;
            }
        };
        match content {
            Content::Headers { block, end_stream, end_headers } => {
                self.call(frame.stream, lines.from);
                let headers = self.headers(lines.from);
                let fields = headers.begin(frame.stream, &block, end_headers);
                self.fields(frame, fields.as_ref(), lines);
                if end_stream {
                    self.end(frame.stream, lines);
                }
            }
            Content::Continuation { block, end_headers } => {
                let headers = self.headers(lines.from);
                let fields = headers.go_on(frame.stream, &block, end_headers);
                self.fields(frame, fields.as_ref(), lines);
            }
            Content::Data { data, end_stream } => {
                self.data(frame, data, lines);
                if end_stream {
                    self.end(frame.stream, lines);
                }
            }
            Content::RstStream(reason) => {
                lines.frame(frame, &reason.to_string());
                if let Some(call) = self.calls.remove(&frame.stream) {
                    call.forget(&mut self.room.0);
                }
            }
            Content::Settings(settings) => {
                lines.connection(frame, "");
                for (at, (setting, value)) in settings.into_iter().enumerate() {
                    if setting == Setting::HEADER_TABLE_SIZE {
                        // It is about the blocks that come the other way.
                        self.headers(lines.from.peer()).allow(value as usize);
                    }
                    if at < SHOWN {
                        lines.detail(&format!("{setting:<22} {value}"));
                    }
                }
            }
            Content::Ping { payload, .. } => {
                lines.connection(frame, "");
                lines.detail(&hex(&payload));
            }
            Content::Goaway { last_stream, reason, debug } => {
                lines.connection(frame, &format!("{reason}, last stream {last_stream}"));
                if !debug.is_empty() {
                    lines.detail(&text(&debug));
                }
            }
            Content::WindowUpdate(increment) => lines.connection(frame, &format!("+{increment}")),
            Content::SettingsAck => lines.connection(frame, ""),
            Content::PushPromise => {
                // No gRPC server has a use for it.
                self.headers(lines.from).give_up("the header block of PUSH_PROMISE is not read");
                lines.frame(frame, "");
            }
            Content::Priority | Content::Unknown => lines.frame(frame, ""),
        }
    }

    /// A frame with headers, and their fields when it is the last of the block.
    fn fields(&mut self, frame: &Frame, fields: Option<&Read>, lines: &mut Lines) {
        lines.frame(frame, &summary(fields, lines.full));
        match fields {
            None => {}
            Some(Err(error)) => lines.detail(&format!("not readable: {error}")),
            Some(Ok(fields)) => {
                lines.fields(fields);
                if let Some(call) = self.calls.get_mut(&frame.stream) {
                    call.learn(lines.from, fields, &self.schema);
                }
            }
        }
    }

    fn data(&mut self, frame: &Frame, mut data: Bytes, lines: &mut Lines) {
        let half = self.calls.get_mut(&frame.stream).map(|call| call.half(lines.from));
        let Some(Half::Grpc(body)) = half else {
            // Not gRPC, or a stream that is not followed.
            lines.frame(frame, "");
            if !data.is_empty() {
                lines.detail(&text(&data));
            }
            return;
        };
        let (mut messages, mut more) = (Vec::new(), 0);
        while let Some(message) = body.messages.next(&mut data, &mut self.room.0) {
            if messages.len() < SHOWN {
                messages.push(body.open(message));
            } else {
                more += 1;
            }
        }
        let part = body.messages.part().map(|(held, whole)| match whole {
            Some(whole) => format!("part of a message: {held} of {whole} bytes with its prefix"),
            None => format!("part of a prefix: {}", count(held)),
        });
        let part =
            (more > 0).then(|| format!("… and {more} messages more")).into_iter().chain(part);
        if lines.full {
            lines.frame(frame, "");
            for message in messages {
                lines.detail(&message.prefix);
                message.bytes.iter().for_each(|line| lines.detail(line));
                lines.tree(message.fields.as_deref().unwrap_or_default(), 1);
            }
            part.for_each(|part| lines.detail(&part));
        } else {
            let fields = messages.iter().map(|message| match &message.fields {
                Some(fields) => flat(fields),
                None => message.prefix.clone(),
            });
            let words: Vec<String> = fields.chain(part).collect();
            lines.frame(frame, &words.join(" | "));
        }
    }

    /// A side has ended its half of a stream.
    fn end(&mut self, stream: u32, lines: &mut Lines) {
        let Some(call) = self.calls.get_mut(&stream) else { return };
        if let Some((held, _)) = call.end(lines.from, &mut self.room.0) {
            lines.detail(&format!("cut off: {} of a message that does not end", count(held)));
        }
        if call.is_over() {
            self.calls.remove(&stream);
        }
    }

    /// A client begins a stream, when there is room to follow it.
    fn call(&mut self, stream: u32, from: Side) {
        if from == Side::Client && self.calls.len() < STREAMS {
            self.calls.entry(stream).or_default();
        }
    }

    fn headers(&mut self, from: Side) -> &mut Headers {
        match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

/// Of a block in compact style, what tells one call from another.
fn summary(fields: Option<&Read>, full: bool) -> String {
    const USUAL: [&[u8]; 10] = [
        b":method",
        b":scheme",
        b":authority",
        b"content-type",
        b"content-length",
        b"date",
        b"grpc-accept-encoding",
        b"te",
        b"user-agent",
        b"accept-encoding",
    ];
    let Some(Ok(fields)) = fields.filter(|_| !full) else { return String::new() };
    let special = fields.list.iter().filter(|(name, _)| !USUAL.contains(&&name[..]));
    let words = special.map(|(name, value)| match &name[..] {
        b":path" => value.escape_ascii().to_string(),
        _ => format!("{} {}", name.escape_ascii(), value.escape_ascii()),
    });
    words.collect::<Vec<_>>().join(", ")
}
