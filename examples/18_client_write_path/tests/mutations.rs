//! A server's bytes, changed at random: whatever comes, calls end, tasks end, and nothing panics.

use traitwire::Code;
use wire::frame::{Frame, Kind, Reason, Setting};

use super::peer::{BOTH, Call, Peer, message, open, soon};
use crate::{ClientConn, ConnOptions};

/// Numbers that look like chance, the same at every run: xorshift.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % u64::from(limit.max(1))) as u32
    }
}

/// What a good server says to two calls: some of everything.
fn good() -> Vec<u8> {
    let (_, mut peer) = Peer::pipe(1);
    let frames = [
        Frame::settings(&[
            (Setting::INITIAL_WINDOW_SIZE, 1000),
            (Setting::MAX_CONCURRENT_STREAMS, 9),
        ]),
        Frame::settings_ack(),
        Frame::window_update(0, 100_000),
        Frame::ping([1; 8], false),
        peer.header(1),
        peer.header(3),
        Frame::data(1, message("one"), false),
        Frame::window_update(3, 5000),
        Frame::data(3, message(&"three".repeat(100)), false),
        Frame::settings(&[(Setting::HEADER_TABLE_SIZE, 100)]),
        Frame::new(Kind::HEADERS, 1, 1, peer.block(&[("x-own", "value")])),
        Frame::new(Kind::CONTINUATION, 4, 1, peer.block(&[("grpc-status", "0")])),
        Frame::goaway(3, Reason::NO_ERROR, b"bye"),
        peer.trailers(3, "5"),
        Frame::rst_stream(3, Reason::NO_ERROR),
    ];
    frames.iter().flat_map(Frame::to_bytes).collect()
}

/// Changes, drops, doubles or swaps some bytes.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let length = bytes.len() as u32;
        let at = random.below(length) as usize;
        let to = (at + 1 + random.below(20) as usize).min(bytes.len());
        match random.below(5) {
            0 => bytes[at] = random.below(256) as u8,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => drop(bytes.drain(at..to)),
            3 => {
                let again = bytes[at..to].to_vec();
                bytes.splice(at..at, again);
            }
            _ => bytes.truncate(at.max(30)),
        }
    }
}

async fn run(bytes: &[u8]) {
    let (client, mut peer) = Peer::pipe(1 << 16);
    peer.write(bytes).await;
    let conn = soon(ClientConn::handshake(client, "test", ConnOptions::default())).await;
    let Ok(conn) = conn else { return };
    let mut calls: Vec<Call> = Vec::new();
    for _ in 0..2 {
        let call = tokio::time::timeout(std::time::Duration::from_secs(1), async {
            conn.new_client_stream(BOTH, crate::CallOptions::default()).await
        });
        let Ok(Ok(mut call)) = call.await else { continue };
        // Whether it is sent is not the question.
        let _ = soon(call.send_msg(&"x".repeat(3000))).await;
        calls.push(call);
    }
    peer.vanish();
    for mut call in calls {
        let mut messages = 0;
        while let Ok(Some(_)) = soon(call.recv_msg()).await {
            messages += 1;
            assert!(messages < 1000);
        }
    }
    soon(conn.closed()).await;
}

/// To run it for longer, from another seed:
/// `CASES=1000000 SEED=2 cargo test --release -p client_write_path mutated`
#[tokio::test(start_paused = true)]
async fn mutated_bytes_end_calls_and_nothing_else() {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let mut random = Random(number("SEED").unwrap_or(1).max(1));
    let good = good();
    for _ in 0..number("CASES").unwrap_or(2000) {
        let mut bytes = good.clone();
        mutate(&mut bytes, &mut random);
        run(&bytes).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_bytes_are_good_before_they_are_mutated() {
    let (client, mut peer) = Peer::pipe(1 << 16);
    let good = good();
    let settings = Frame::settings(&[(Setting(1), 0), (Setting(1), 0)]).to_bytes().len();
    peer.write(&good[..settings]).await;
    let conn = soon(ClientConn::handshake(client, "test", ConnOptions::default())).await.unwrap();
    let (mut one, mut three) = (open(&conn, BOTH).await, open(&conn, BOTH).await);
    peer.write(&good[settings..]).await;
    assert_eq!(soon(one.recv_msg()).await.unwrap().as_deref(), Some("one"));
    assert_eq!(soon(one.recv_msg()).await.unwrap(), None);
    assert_eq!(one.trailer().unwrap().get("x-own").unwrap(), "value");
    assert_eq!(soon(three.recv_msg()).await.unwrap(), Some("three".repeat(100)));
    assert_eq!(soon(three.recv_msg()).await.unwrap_err().code(), Code::NotFound);
}
