//! Servers that send broken frames: each call ends, with a status or an answer, and nothing is kept.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    task::yield_now,
    time::timeout,
};
use traitwire::{Channel, Streaming};
use traitwire_tests::{
    frames::{Frame, Kind, MAX_FRAME_SIZE, PREFACE, Reason, Setting},
    resident,
};
use wire::dice::{Dice, cases};

use crate::{
    contract::{Echo, EchoClient, note},
    peer::{framed, head, ok},
};

/// What a server may send to three calls, with things between them.
fn session() -> Vec<Frame> {
    let hello = framed(&note("hello"));
    vec![
        Frame::settings(&[(Setting::MAX_CONCURRENT_STREAMS, 100)]),
        Frame::settings_ack(),
        head(1),
        Frame::data(1, hello.slice(..7), false),
        Frame::window_update(0, 1 << 20),
        head(3),
        Frame::data(1, hello.slice(7..), false),
        ok(1),
        Frame::data(3, hello.clone(), false),
        Frame::ping(*b"anything", false),
        head(5),
        Frame::data(3, hello.clone(), false),
        ok(3),
        Frame::data(5, hello, false),
        ok(5),
        Frame::goaway(5, Reason::NO_ERROR, b""),
    ]
}

/// Calls a server three times, over this connection and no other.
async fn call(io: DuplexStream) {
    let io = Arc::new(Mutex::new(Some(io)));
    let connector = tower::service_fn(move |_| {
        let io = io.lock().unwrap().take();
        async move { io.ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionRefused)) }
    });
    let channel = Channel::builder("http://broken").connector(connector).connect_lazy().unwrap();
    let echo = EchoClient::new(channel);
    let said = echo.say(note("hello"));
    let repeated = async {
        let mut notes = echo.repeat(note("hello"));
        while let Ok(Some(_)) = notes.message().await {}
    };
    let joined = echo.join(Streaming::from_iter([note("a"), note("b")]));
    let calls = async { drop(tokio::join!(said, repeated, joined)) };
    timeout(Duration::from_secs(60), calls).await.expect("each call ends");
}

/// Says all of it, and whether the client has begun a call.
async fn serve(mut io: DuplexStream, frames: Vec<Vec<u8>>) -> bool {
    for bytes in frames {
        if io.write_all(&bytes).await.is_err() {
            break;
        }
        for _ in 0..3 {
            yield_now().await;
        }
    }
    let _ = io.shutdown().await;
    let mut said = Vec::new();
    let _ = io.read_to_end(&mut said).await;
    let mut said = BytesMut::from(said.get(PREFACE.len()..).unwrap_or_default());
    let frames = std::iter::from_fn(|| Frame::read(&mut said, MAX_FRAME_SIZE).ok().flatten());
    frames.into_iter().any(|frame| frame.kind == Kind::HEADERS)
}

/// More of them: `CASES=625000 cargo test --release -p traitwire-tests --test channel mutated`. That looks
/// at memory too, which belongs to the whole process: here other tests run in it.
#[tokio::test(start_paused = true)]
async fn mutated_answers_end_their_calls_and_leave_nothing_behind() {
    let whole: Vec<Vec<u8>> = session().iter().map(|it| it.to_bytes().to_vec()).collect();
    let mut dice = Dice(18);
    let (mut called, mut before) = (0, 0);
    let cases = cases(2_000);
    for case in 0..cases {
        let mut frames = whole.clone();
        for _ in 0..=dice.roll(3) {
            // What the server allows is seldom broken, so that most of the others meet a call.
            let broken = dice.roll(frames.len());
            if broken > 0 || dice.roll(4) == 0 {
                dice.mutate(&mut frames[broken]);
            }
        }
        let (io, theirs) = duplex(64 * 1024);
        let ((), begun) = tokio::join!(call(io), serve(theirs, frames));
        called += usize::from(begun);
        if case == cases / 10 {
            before = resident();
        }
    }
    assert!(called * 2 > cases, "{called} of {cases} met a call");
    if std::env::var_os("CASES").is_some() {
        let grown = resident().saturating_sub(before);
        assert!(grown < 32 << 20, "the process grew by {grown} bytes");
        println!("{cases} connections of {} frames, of which {called} met a call", whole.len());
        println!("the process grew by {grown} bytes from a tenth of them on");
    }

    // Whole frames are answers.
    let (io, theirs) = duplex(64 * 1024);
    let ((), begun) = tokio::join!(call(io), serve(theirs, whole));
    assert!(begun);
}
