//! A script for this engine.

use std::time::Instant;

use bytes::{Buf, Bytes};
use traitwire_http2::{
    Config, Connection, Event, Fields,
    frame::{PREFACE, StreamId},
};

use super::Outcome;
use crate::{
    peer::{request, response, trailers},
    script::Script,
};

pub(super) fn lines(fields: &Fields) -> Vec<String> {
    let mut lines: Vec<_> = fields
        .iter()
        .map(|it| format!("{}: {}", it.name.escape_ascii(), it.value.escape_ascii()))
        .collect();
    // h2 keeps no scheme of a request without an authority, and no order between names.
    lines.retain(|it| !it.starts_with(":scheme"));
    lines.sort();
    lines
}

/// A server that answers what has come whole, after it has read all of a part.
pub(super) fn server(script: &Script) -> Outcome {
    let now = Instant::now();
    let mut engine = Connection::server(Config::default(), now);
    let (mut outcome, mut written) = (Outcome::default(), Vec::new());
    for part in &script.parts {
        engine.input().extend_from_slice(part);
        let mut whole = Vec::new();
        loop {
            match engine.next_event(now) {
                Ok(None) | Err(_) => break,
                Ok(Some(event)) => note(&mut engine, event, &mut outcome, &mut whole),
            }
        }
        for stream in whole {
            let _ = engine.send_headers(stream, &response(), false);
            let _ = engine.send_data(stream, Bytes::from_static(b"ok"), false);
            let _ = engine.send_trailers(stream, &trailers());
        }
        let output = engine.output();
        written.extend(output.copy_to_bytes(output.remaining()));
        if engine.is_over() {
            break;
        }
    }
    outcome.read(&written);
    outcome
}

/// A client that has asked for four things.
pub(super) fn client(script: &Script) -> Outcome {
    let now = Instant::now();
    let mut engine = Connection::client(Config::default(), now);
    let (mut outcome, mut written) = (Outcome::default(), Vec::new());
    for number in 0..4 {
        engine.begin(&request(), number % 2 == 0).expect("a stream");
    }
    engine.output().advance(PREFACE.len());
    for part in &script.parts {
        engine.input().extend_from_slice(part);
        while let Ok(Some(event)) = engine.next_event(now) {
            note(&mut engine, event, &mut outcome, &mut Vec::new());
        }
        let output = engine.output();
        written.extend(output.copy_to_bytes(output.remaining()));
        if engine.is_over() {
            break;
        }
    }
    outcome.read(&written);
    outcome
}

/// What the user of a stream sees.
fn note(engine: &mut Connection, event: Event, outcome: &mut Outcome, whole: &mut Vec<StreamId>) {
    let (stream, is_end) = match event {
        Event::Headers { stream, fields, end_stream } => {
            outcome.of(stream.0).head = Some(lines(&fields));
            (stream, end_stream)
        }
        Event::Data { stream, data, end_stream } => {
            outcome.of(stream.0).received += data.len();
            engine.release(stream, data.len());
            (stream, end_stream)
        }
        Event::Trailers { stream, fields } => {
            outcome.of(stream.0).trailers = Some(lines(&fields));
            (stream, true)
        }
        _ => return,
    };
    if is_end {
        outcome.of(stream.0).is_whole = true;
        whole.push(stream);
    }
}
