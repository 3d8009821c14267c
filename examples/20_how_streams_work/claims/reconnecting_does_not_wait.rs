//! A channel of tonic connects again when it is called, every time, and at once. grpc-go waits 1 s
//! after the first attempt that failed, and 120 s in the end; a loop around a call must do so itself.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use hyper_util::rt::TokioIo;
use tokio::{io::DuplexStream, time::Instant};
use tonic::{Code, transport::Endpoint};
use tower::service_fn;

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::Chunk,
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 18,
    name: "reconnecting-does-not-wait",
    claim: "every call to a server that is away tries to connect, and none waits between",
    run: || alone(run()),
};

async fn run() -> Result {
    let attempts = Arc::new(AtomicUsize::new(0));
    let attempt = attempts.clone();
    let connect = service_fn(move |_| {
        attempt.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Err::<TokioIo<DuplexStream>, _>("refused"))
    });
    let channel = Endpoint::from_static("http://lab").connect_with_connector_lazy(connect);
    let mut client = stock::Client::new(channel);
    let begun = Instant::now();
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(client.ask(Chunk::default()).await.map_or_else(|it| it.code(), |_| Code::Ok));
    }
    let attempts = attempts.load(Ordering::Relaxed);
    let waited = begun.elapsed();
    Ok(Verdict {
        saw: vec![
            format!("3 calls: {codes:?}"),
            format!("{attempts} attempts to connect, {} ms between them", waited.as_millis()),
        ],
        holds: codes == [Code::Unavailable; 3] && attempts == 3 && waited.is_zero(),
    })
}
