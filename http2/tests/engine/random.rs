//! Random connections: frames that are mostly right, and bytes that are changed after that.

use std::time::Instant;

use bytes::{Buf, Bytes};
use traitwire_http2::{
    Config, Connection, ConnectionError, Event, Fields, Reason, Settings,
    frame::{Frame, Kind, PREFACE, StreamId, flags},
    hpack::Encoder,
};

use crate::peer::{data, headers, initial_window, request, response, rst, trailers, window};

/// Numbers that are the same in each run: xorshift*.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Less than `most`.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % most
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// How many random cases a test has; `CASES` says otherwise.
pub(crate) fn cases(usual: u64) -> u64 {
    std::env::var("CASES").map_or(usual, |it| it.parse().expect("CASES is a number"))
}

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
    out.extend(traitwire_http2::frame::Head { length, kind, flags, stream }.to_bytes());
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

type Told = Vec<Result<Event, ConnectionError>>;

/// Drives an engine through a script, in pieces of at most `piece` bytes. All that it told and wrote.
fn drive(mut engine: Connection, script: &Script, piece: usize) -> (Told, Vec<u8>) {
    let now = Instant::now();
    let (mut told, mut written) = (Vec::new(), Vec::new());
    for part in &script.parts {
        for bytes in part.chunks(piece) {
            engine.input().extend_from_slice(bytes);
            loop {
                match engine.next_event(now) {
                    Ok(None) => break,
                    Ok(Some(event)) => {
                        act(&mut engine, &event);
                        told.push(Ok(event));
                    }
                    Err(error) => told.push(Err(error)),
                }
                assert!(engine.streams() <= 200);
            }
        }
        let output = engine.output();
        assert!(output.remaining() < 300_000, "{} bytes wait", output.remaining());
        written.extend(output.copy_to_bytes(output.remaining()));
    }
    (told, written)
}

fn act(engine: &mut Connection, event: &Event) {
    match *event {
        Event::Headers { stream, end_stream: true, .. } | Event::Trailers { stream, .. } => {
            let _ = engine.send_headers(stream, &response(), false);
            let _ = engine.send_data(stream, Bytes::from_static(&[7; 5_000]), false);
            let _ = engine.send_trailers(stream, &trailers());
        }
        Event::Data { stream, ref data, .. } => engine.release(stream, data.len()),
        _ => {}
    }
}

/// Whatever comes, there is no panic, what waits is bounded, and it makes no difference how the bytes are cut.
#[test]
fn what_comes_of_bytes_does_not_depend_on_how_they_are_read() {
    let now = Instant::now();
    for seed in 0..cases(500) {
        let mut dice = Dice::new(seed);
        let is_mutated = dice.one_in(2);
        let as_server = |script: &Script, piece| {
            drive(Connection::server(Config::default(), now), script, piece)
        };
        let as_client = |script: &Script, piece| {
            let mut engine = Connection::client(Config::default(), now);
            for number in 0..4 {
                engine.begin(&request(), number % 2 == 0).unwrap();
            }
            drive(engine, script, piece)
        };
        let script = Script::of_client(&mut dice, is_mutated);
        let whole = as_server(&script, usize::MAX);
        assert!(whole == as_server(&script, 1 + dice.below(50)), "seed {seed}, a server");
        let script = Script::of_server(&mut dice, is_mutated);
        let whole = as_client(&script, usize::MAX);
        assert!(whole == as_client(&script, 1 + dice.below(50)), "seed {seed}, a client");
    }
}

/// Bytes of no kind at all, for frames and for blocks of fields.
#[test]
fn noise() {
    let now = Instant::now();
    for seed in 0..cases(2_000) {
        let mut dice = Dice::new(seed);
        let noise: Vec<u8> = (0..dice.below(300)).map(|_| dice.below(256) as u8).collect();
        let parts = vec![[&PREFACE[..], &noise].concat()];
        drive(Connection::server(Config::default(), now), &Script { parts }, usize::MAX);

        let mut frames = PREFACE.to_vec();
        Frame::Settings(Settings::default()).write(&mut frames);
        headers(1, &noise, true).write(&mut frames);
        drive(Connection::server(Config::default(), now), &Script { parts: vec![frames] }, 100);
    }
}

/// Fields of any bytes come out as they went in, over tables of any size.
#[test]
fn fields_there_and_back() {
    use traitwire_http2::hpack::Decoder;
    for seed in 0..cases(50) {
        let mut dice = Dice::new(seed);
        let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
        for _ in 0..50 {
            if dice.one_in(10) {
                encoder.set_table_size(dice.below(5_000));
            }
            let mut fields = Fields::new();
            for _ in 0..dice.below(10) {
                let name = ["x", ":path", "te", "content-type", "x-bin"][dice.below(5)];
                let length = dice.pick(&[0, 1, 5, 100, 2_000]);
                let most = dice.pick(&[2, 256]);
                let value: Vec<u8> = (0..length).map(|_| dice.below(most) as u8).collect();
                match dice.one_in(5) {
                    true => fields.push_sensitive(name, value),
                    false => fields.push(name, value),
                }
            }
            let mut block = Vec::new();
            encoder.encode(&fields, &mut block);
            assert_eq!(decoder.decode(&block).expect("a block"), fields, "seed {seed}");
        }
    }
}
