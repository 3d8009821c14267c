//! Connections of broken frames: the server answers or ends them, and keeps nothing of them.

use std::{
    io,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::mpsc,
    task::yield_now,
    time::timeout,
};
use traitwire::{Listener, Peer, Server};
use traitwire_tests::{
    frames::{Frame, POST, PREFACE, Setting, field},
    resident,
};
use wire::dice::{Dice, cases};

use crate::contract::Service;

/// Pipes that a test makes.
struct Pipes(mpsc::UnboundedReceiver<DuplexStream>);

impl Listener for Pipes {
    type Io = DuplexStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(DuplexStream, Peer)>> {
        match self.0.poll_recv(cx) {
            Poll::Ready(Some(io)) => Poll::Ready(Ok((io, Peer::unknown()))),
            _ => Poll::Pending,
        }
    }
}

fn begin(stream: u32, method: &str, more: &[u8], ends: bool) -> Frame {
    let path = field(4, &format!("/proof.v1.Calls/{method}"));
    let block = [&POST[..2], &path, &field(31, "application/grpc"), more].concat();
    Frame::headers(stream, block, ends)
}

/// What a caller may send: calls that end, and calls that do not.
fn session() -> Vec<Frame> {
    let hello = b"\0\0\0\0\x07\x0a\x05hello".to_vec();
    let timeout = [&[0, 12][..], b"grpc-timeout", &[2], b"5S"].concat();
    vec![
        Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 1 << 20)]),
        Frame::settings_ack(),
        begin(1, "Hold", &[], false),
        Frame::data(1, vec![0; 5], true),
        begin(3, "Wait", &timeout, false),
        Frame::data(3, vec![0; 5], true),
        Frame::window_update(0, 1 << 20),
        begin(5, "Say", &[], false),
        Frame::data(5, hello[..7].to_vec(), false),
        Frame::data(5, hello[7..].to_vec(), true),
        Frame::ping(*b"anything", false),
        begin(7, "Say", &[], false),
        Frame::data(7, hello, true),
        begin(9, "Sing", &[], true),
    ]
}

/// More of them: `CASES=700000 cargo test --release -p traitwire-tests --test serving mutated`. That
/// looks at memory too, which belongs to the whole process: here other tests run in it.
#[tokio::test(start_paused = true)]
async fn mutated_connections_leave_nothing_behind() {
    let frames: Vec<Vec<u8>> = session().iter().map(|it| it.to_bytes().to_vec()).collect();
    let (connect, pipes) = mpsc::unbounded_channel();
    let (service, mut test) = Service::new();
    let server = Server::new().max_connections(4).add(service);
    tokio::spawn(server.serve(Pipes(pipes), std::future::pending()));
    let mut dice = Dice(17);
    let (mut held, mut before) = (0, 0);
    let cases = cases(2_000);
    for case in 0..cases {
        // Most of the frames are whole, so that more than half of the connections reach a handler.
        let mut frames = frames.clone();
        for _ in 0..=dice.roll(3) {
            let broken = dice.roll(frames.len());
            dice.mutate(&mut frames[broken]);
        }
        let (mut caller, io) = duplex(64 * 1024);
        connect.send(io).unwrap();
        for bytes in std::iter::once(PREFACE.to_vec()).chain(frames) {
            // An error behind a call, in one piece with it, leaves the call no time to begin.
            if caller.write_all(&bytes).await.is_err() {
                break;
            }
            yield_now().await;
        }
        // What does not end by itself is ended here.
        let mut answer = Vec::new();
        let ended = caller.read_to_end(&mut answer);
        let _ = timeout(Duration::from_millis(10), ended).await;
        drop(caller);
        while test.dropped.try_recv().is_ok() {
            held += 1;
        }
        if case == cases / 10 {
            before = resident();
        }
    }
    // The connections of the last ones end.
    tokio::time::sleep(Duration::from_secs(1)).await;
    while test.dropped.try_recv().is_ok() {
        held += 1;
    }
    assert!(held * 2 > cases, "{held} of {cases} reached the handler that does not end");
    if std::env::var_os("CASES").is_some() {
        let grown = resident().saturating_sub(before);
        assert!(grown < 32 << 20, "the process grew by {grown} bytes");
        println!("{cases} connections, of which {held} reached a handler that does not end");
        println!("the process grew by {grown} bytes from a tenth of them on");
    }

    let (mut caller, io) = duplex(64 * 1024);
    connect.send(io).unwrap();
    caller
        .write_all(&[&PREFACE[..], &frames[..1].concat(), &frames[10..].concat()].concat())
        .await
        .unwrap();
    let mut answer = Vec::new();
    let read = async {
        while !answer.windows(5).any(|it| it == b"hello") {
            caller.read_buf(&mut answer).await.unwrap();
        }
    };
    timeout(Duration::from_secs(10), read).await.expect("the server stands");
}
