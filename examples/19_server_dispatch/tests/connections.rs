//! Accepting (1), the handshake (2), the registry (3, 12).

use std::{io, time::Duration};

use tokio::time::{Instant, timeout};
use wire::frame::{Content, Frame, Kind, PREFACE, Setting};

use super::{
    Scene,
    caller::{begin, framed, text},
};
use crate::{Server, conn::Connections};

#[tokio::test(start_paused = true)]
async fn a_listener_that_fails_is_asked_again_after_longer_and_longer_pauses() {
    let pauses = [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000];
    let scene = Scene::new(Server::new());
    let begun = Instant::now();
    for _ in 0..2 {
        for _ in pauses {
            scene.doors.send(Err(io::Error::other("no file is left"))).unwrap();
        }
        // A connection ends the pauses, so that they begin anew.
        scene.caller().await;
    }
    let took = begun.elapsed().as_millis();
    let expected = 2 * pauses.iter().sum::<u128>();
    // A timer may be late by a millisecond.
    assert!((expected..=expected + 20).contains(&took), "{took} ms");
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_takes_too_long_for_its_preface_is_hung_up_on() {
    for (server, seconds) in
        [(Server::new(), 120), (Server::new().connection_timeout(Duration::from_secs(3)), 3)]
    {
        let scene = Scene::new(server);
        for begins in [&b""[..], &PREFACE[..23]] {
            let begun = Instant::now();
            let mut caller = scene.connect();
            caller.write(begins).await;
            caller.rest().await;
            assert_eq!(begun.elapsed().as_secs(), seconds);
        }
        assert_eq!(scene.server.connections(), 0, "it never was in the registry");
        scene.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_preface_ends_its_connection_at_once() {
    let scene = Scene::new(Server::new());
    let begun = Instant::now();
    for begins in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[&PREFACE[..23], b"?"].concat()] {
        let mut caller = scene.connect();
        caller.write(begins).await;
        caller.rest().await;
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_registered_from_its_handshake_to_its_end() {
    let scene = Scene::new(Server::new());
    let first = scene.caller().await;
    let mut second = scene.caller().await;
    assert_eq!(scene.server.connections(), 2);
    drop(first);
    scene.until(|it| it.server.connections() == 1).await;
    second.call(1, "Echo", &text("still here")).await;
    drop(second);
    scene.until(|it| it.server.connections() == 0).await;
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_hangs_up_leaves_no_handler_behind() {
    let scene = Scene::new(Server::new().num_stream_workers(1));
    let mut caller = scene.caller().await;
    for (stream, method) in [(1, "Hang"), (3, "Count"), (5, "Repeat")] {
        caller.send([begin(stream, method)]).await;
    }
    caller.send([Frame::data(1, framed(b""), true)]).await;
    scene.until(|it| it.bench.running() == 3).await;
    drop(caller);
    scene.until(|it| it.server.connections() == 0).await;
    assert_eq!(scene.bench.running(), 0, "handlers go before their connection");
    scene.end().await;
}

/// A handler that does not wait for anything cannot be dropped.
#[expect(
    clippy::await_holding_lock,
    reason = "the handler is to block its thread, which is another"
)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_not_removed_before_its_handlers_have_ended() {
    let scene = Scene::new(Server::new());
    let gate = scene.bench.gate.clone();
    let closed = gate.lock().unwrap();
    let mut caller = scene.caller().await;
    caller.send([begin(1, "Block"), Frame::data(1, framed(b""), true)]).await;
    scene.until(|it| it.bench.running() == 1).await;
    drop(caller);
    // It would be over in no time.
    let stopped = timeout(Duration::from_millis(100), scene.server.stop()).await;
    assert!(stopped.is_err() && scene.server.connections() == 1);
    drop(closed);
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_in_after_the_end() {
    let connections = Connections::default();
    let first = connections.add_conn().unwrap();
    assert!(timeout(Duration::from_secs(9), connections.none_is_left()).await.is_err());
    assert!(connections.add_conn().is_none());
    drop(first);
    connections.none_is_left().await;
}

#[tokio::test(start_paused = true)]
async fn dropping_the_serving_cuts_all_connections() {
    let scene = Scene::new(Server::new().num_stream_workers(1));
    let mut caller = scene.caller().await;
    caller.send([begin(1, "Count")]).await;
    scene.until(|it| it.bench.running() == 1).await;
    scene.serving.abort();
    caller.rest().await;
    scene.until(|it| it.server.connections() == 0 && it.bench.running() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn the_limits_are_announced() {
    let scene = Scene::new(Server::new().max_concurrent_streams(7));
    let mut caller = scene.connect();
    let settings = caller.expect(Kind::SETTINGS).await.content().unwrap();
    assert_eq!(
        settings,
        Content::Settings(vec![
            (Setting::MAX_CONCURRENT_STREAMS, 7),
            (Setting::INITIAL_WINDOW_SIZE, 1 << 20),
            (Setting::MAX_FRAME_SIZE, 16_384),
            (Setting::MAX_HEADER_LIST_SIZE, 16_384),
        ])
    );
    drop(caller);
    scene.end().await;
}
