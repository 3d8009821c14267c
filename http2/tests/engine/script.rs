//! What a peer sends at random: frames that are mostly right, and bytes that are changed after that.

use traitwire_http2::{
    Fields, Reason, Settings,
    frame::{Frame, Head, Kind, PREFACE, StreamId, flags},
    hpack::Encoder,
};

use crate::{
    peer::{data, headers, initial_window, request, response, rst, trailers, window},
    random::Dice,
};

/// What a peer sends, in parts between which the other side answers.
pub(crate) struct Script {
    pub(crate) parts: Vec<Vec<u8>>,
}

impl Script {
    /// By a client; whether bytes of it are changed at random.
    pub(crate) fn of_client(dice: &mut Dice, is_mutated: bool) -> Self {
        let mut script = Self::new(dice, true, is_mutated);
        script.parts[0].splice(0..0, *PREFACE);
        script
    }

    /// By a server, to a client that has begun four requests.
    pub(crate) fn of_server(dice: &mut Dice, is_mutated: bool) -> Self {
        Self::new(dice, false, is_mutated)
    }

    fn new(dice: &mut Dice, by_client: bool, is_mutated: bool) -> Self {
        let (encoder, open) = (Encoder::default(), Vec::new());
        let wildness = dice.pick(&[3, 20, usize::MAX]);
        let mut script = Writer { encoder, next: 1, open, by_client, wildness };
        let mut parts: Vec<_> = (0..3).map(|_| script.part(dice)).collect();
        if is_mutated {
            parts.iter_mut().for_each(|part| mutate(dice, part));
        }
        let mut settings = Vec::new();
        Frame::Settings(Settings::default()).write(&mut settings);
        parts[0].splice(0..0, settings);
        Self { parts }
    }
}

struct Writer {
    encoder: Encoder,
    next: u32,
    /// Those that have not ended.
    open: Vec<u32>,
    by_client: bool,
    /// One frame in so many may be anything.
    wildness: usize,
}

impl Writer {
    /// Mostly what the rules allow, and now and then anything.
    fn part(&mut self, dice: &mut Dice) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..dice.below(12) {
            match dice.one_in(self.wildness) {
                true => self.anything(dice, &mut out),
                false => self.honest(dice, &mut out),
            }
        }
        out
    }

    fn honest(&mut self, dice: &mut Dice, out: &mut Vec<u8>) {
        let end_stream = dice.one_in(3);
        if self.open.is_empty() || dice.one_in(3) {
            let Some(stream) = self.begin() else { return };
            let fields = if self.by_client { request() } else { response() };
            headers(stream, &self.block(&fields), end_stream).write(out);
            if !end_stream {
                self.open.push(stream);
            }
            return;
        }
        let at = dice.below(self.open.len());
        let stream = self.open[at];
        let ends = match dice.below(6) {
            0 => {
                Frame::Ping { ack: false, payload: *b"a script" }.write(out);
                false
            }
            1 => {
                window(dice.pick(&[0, stream]), 1_000).write(out);
                false
            }
            2 => {
                rst(stream).write(out);
                true
            }
            3 => {
                headers(stream, &self.block(&trailers()), true).write(out);
                true
            }
            _ => {
                let length = dice.pick(&[1, 300, 5_000]);
                data(stream, &vec![b'd'; length], end_stream).write(out);
                end_stream
            }
        };
        if ends {
            self.open.swap_remove(at);
        }
    }

    /// The next stream that a client begins, or a server answers.
    fn begin(&mut self) -> Option<u32> {
        let stream = self.next;
        if !self.by_client && stream > 7 {
            return None;
        }
        self.next += 2;
        Some(stream)
    }

    fn block(&mut self, fields: &Fields) -> Vec<u8> {
        let mut block = Vec::new();
        self.encoder.encode(fields, &mut block);
        block
    }

    /// A head, seldom a wrong one.
    fn head(&mut self, dice: &mut Dice) -> Fields {
        let mut fields = if self.by_client { request() } else { response() };
        if self.by_client && dice.one_in(20) {
            fields = [(":method", "GET"), (":scheme", "http")].into_iter().collect();
        }
        if dice.one_in(3) {
            fields.push("x-number", dice.below(4).to_string());
        }
        if dice.one_in(12) {
            let (name, value) = dice.pick(&[
                ("content-length", "3"),
                ("content-length", "x"),
                ("connection", "close"),
                ("te", "gzip"),
                ("X", "y"),
                ("x", "\n"),
                (":path", "/again"),
                (":status", "200"),
                (":unknown", ""),
            ]);
            fields.push(name, value);
        }
        fields
    }

    fn anything(&mut self, dice: &mut Dice, out: &mut Vec<u8>) {
        let some = if self.by_client { [1, 3, 5, 7, self.next] } else { [1, 3, 5, 7, 2] };
        let stream = dice.pick(&some);
        let end_stream = dice.one_in(2);
        match dice.below(24) {
            0..=7 => {
                let (fields, id) = (self.head(dice), dice.pick(&[self.next, stream]));
                let id = if self.by_client { id } else { dice.pick(&[1, 3, 5, 7]) };
                if self.by_client {
                    self.next = self.next.max(id + 2);
                }
                let fragment = self.block(&fields);
                if dice.one_in(8) {
                    let (first, rest) = fragment.split_at(fragment.len() / 2);
                    let stream = StreamId(id);
                    Frame::Headers { stream, fragment: first, end_stream, end_headers: false }
                        .write(out);
                    Frame::Continuation { stream, fragment: rest, end_headers: true }.write(out);
                } else {
                    headers(id, &fragment, end_stream).write(out);
                }
            }
            8..=13 => {
                let length = dice.pick(&[0, 1, 3, 3, 300, 5_000, 16_384]);
                data(stream, &vec![b'd'; length], end_stream).write(out);
            }
            14 => {
                let fragment = self.block(&trailers());
                headers(stream, &fragment, !dice.one_in(4)).write(out);
            }
            15 => rst(stream).write(out),
            16 | 17 => {
                let increment = dice.pick(&[1, 1_000, 65_535, (1 << 31) - 1]);
                window(dice.pick(&[0, stream]), increment).write(out);
            }
            18 => Frame::Ping { ack: dice.one_in(4), payload: *b"a script" }.write(out),
            19 => initial_window(dice.pick(&[0, 10, 65_535, 1 << 20, 1 << 31])).write(out),
            20 => raw(out, Kind::PRIORITY, 0, stream, &[0, 0, 0, dice.below(8) as u8, 9]),
            21 => {
                let padding = dice.below(6) as u8;
                raw(out, Kind::DATA, flags::PADDED, stream, &[padding, 1, 2, 3, 4]);
            }
            22 => {
                let kind = Kind(dice.below(12) as u8);
                let payload = vec![0; dice.pick(&[0, 4, 5, 6, 8])];
                raw(out, kind, dice.below(256) as u8, dice.pick(&[0, stream]), &payload);
            }
            _ => {
                let reason = dice.pick(&[Reason::NO_ERROR, Reason::INTERNAL_ERROR]);
                let last_stream = StreamId(dice.pick(&[0, 3, 7, u32::MAX >> 1]));
                Frame::GoAway { last_stream, reason, debug: b"" }.write(out);
            }
        }
    }
}

fn raw(out: &mut Vec<u8>, kind: Kind, flags: u8, stream: u32, payload: &[u8]) {
    let (length, stream) = (payload.len() as u32, StreamId(stream));
    out.extend(Head { length, kind, flags, stream }.to_bytes());
    out.extend(payload);
}

fn mutate(dice: &mut Dice, bytes: &mut Vec<u8>) {
    for _ in 0..dice.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = dice.below(bytes.len());
        match dice.below(4) {
            0 => bytes[at] = dice.below(256) as u8,
            1 => bytes[at] ^= 1 << dice.below(8),
            2 => drop(bytes.drain(at..(at + dice.below(20)).min(bytes.len()))),
            _ => {
                let piece = bytes[at..(at + dice.below(40)).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
}
