//! A sender may have a window of bytes on its way, and hears of more room one round trip later.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, split},
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tonic::{Request, Response};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::Chunk,
    rig::{Rig, dial, serve},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "a-window-per-round-trip",
    claim: "a stream carries one window in a round trip, however fast the machines are",
    run: || alone(run()),
};

const ONE_WAY: Duration = Duration::from_millis(10);
const ANSWER: u32 = 4 << 20;

/// More than the largest window.
const ROOM: usize = 2 * ANSWER as usize;

async fn run() -> Result {
    let first = format!("{ANSWER} bytes over a way of {:?} there and back", 2 * ONE_WAY);
    let (mut saw, mut holds) = (vec![first], true);
    for window in [65_535, 1 << 18, 1 << 20, 1 << 22] {
        let took = download(window).await?;
        let rate = ANSWER as f64 / took.as_secs_f64() / 1e6;
        holds &= took == 2 * ONE_WAY * ANSWER.div_ceil(window);
        saw.push(format!("window {window:>9} bytes {:>8} ms {rate:>8.1} MB/s", took.as_millis()));
    }
    Ok(Verdict { saw, holds })
}

/// How long an answer takes with this window.
async fn download(window: u32) -> Result<Duration> {
    let answer = Chunk::taking(ANSWER as usize);
    let service = stock::server_streaming(move |_: Request<Chunk>| {
        let answer = answer.clone();
        async { Ok(Response::new(tokio_stream::once(Ok(answer)))) }
    });
    let Rig { server, endpoint } = Rig::default();
    let endpoint =
        endpoint.initial_stream_window_size(window).initial_connection_window_size(window);
    let (channel, _) = dial(endpoint, far(serve(server, service))).await?;
    let mut client = stock::Client::new(channel);

    let start = Instant::now();
    let mut answers = client.pull(Chunk::default()).await?.into_inner();
    answers.message().await?;
    Ok(start.elapsed())
}

/// The same connection, and a long way to it.
fn far(io: DuplexStream) -> DuplexStream {
    let (near, end) = tokio::io::duplex(ROOM);
    let ((from_near, to_near), (from_far, to_far)) = (split(end), split(io));
    tokio::spawn(delay(from_near, to_far));
    tokio::spawn(delay(from_far, to_near));
    near
}

/// Passes on what comes, each byte so much later. It takes all that comes: what is on its way is
/// bounded by the windows of those who write.
async fn delay(
    mut from: ReadHalf<DuplexStream>,
    mut to: WriteHalf<DuplexStream>,
) -> io::Result<()> {
    let (sent, mut on_its_way) = mpsc::unbounded_channel();
    let read = async {
        let mut bytes = vec![0; ROOM];
        loop {
            let length = from.read(&mut bytes).await?;
            let arrival = (Instant::now() + ONE_WAY, bytes[..length].to_vec());
            if length == 0 || sent.send(arrival).is_err() {
                drop(sent);
                return Ok(());
            }
        }
    };
    let write = async {
        while let Some((arrives, bytes)) = on_its_way.recv().await {
            sleep_until(arrives).await;
            to.write_all(&bytes).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(read, write).map(|_| ())
}
