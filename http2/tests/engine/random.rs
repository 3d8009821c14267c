//! Random connections, whole and cut.

use std::time::Instant;

use bytes::{Buf, Bytes};
use traitwire_http2::{
    Config, Connection, ConnectionError, Event, Fields, Settings,
    frame::{Frame, PREFACE},
    hpack::{Decoder, Encoder},
};

use crate::{
    peer::{headers, request, response, trailers},
    script::Script,
};

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

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// How many random cases a test has; `CASES` says otherwise.
pub(crate) fn cases(usual: u64) -> u64 {
    std::env::var("CASES").map_or(usual, |it| it.parse().expect("CASES is a number"))
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
