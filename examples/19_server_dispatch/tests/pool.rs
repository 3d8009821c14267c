//! Who runs a handler (6), and what its panic costs.

use wire::frame::{Frame, Kind, Reason, Setting};

use super::{
    Scene, bounded,
    caller::{begin, begin_with, framed, text},
};
use crate::{Dispatched, Server};

#[tokio::test(start_paused = true)]
async fn without_workers_each_stream_is_a_task() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    for stream in [1, 3, 5] {
        caller.call(stream, "Echo", &text("a")).await;
    }
    assert_eq!(scene.server.dispatched(), Dispatched { by_worker: 0, by_task: 3 });
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn when_all_workers_are_busy_a_stream_gets_a_task_and_waits_for_nobody() {
    let scene = Scene::new(Server::new().num_stream_workers(2));
    let mut caller = scene.caller().await;
    for (stream, by_worker, by_task) in [(1, 1, 0), (3, 2, 0), (5, 2, 1), (7, 2, 2)] {
        caller.send([begin(stream, "Count")]).await;
        let expected = Dispatched { by_worker, by_task };
        scene.until(|it| it.server.dispatched() == expected).await;
    }
    scene.until(|it| it.bench.running() == 4).await;
    for stream in [1, 3, 5, 7] {
        caller.send([Frame::data(stream, "", true)]).await;
        assert_eq!(caller.answer(stream).await.status().0, "0");
    }
    // They are free again.
    bounded(scene.server.workers_are_idle()).await;
    caller.call(9, "Echo", &text("a")).await;
    assert_eq!(scene.server.dispatched(), Dispatched { by_worker: 3, by_task: 2 });
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn workers_are_shared_by_all_connections() {
    let scene = Scene::new(Server::new().num_stream_workers(1));
    let (mut one, mut other) = (scene.caller().await, scene.caller().await);
    one.send([begin(1, "Count")]).await;
    scene.until(|it| it.bench.running() == 1).await;
    assert_eq!(other.call(1, "Echo", &text("a")).await.status().0, "0");
    assert_eq!(scene.server.dispatched(), Dispatched { by_worker: 1, by_task: 1 });
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_costs_its_call_and_no_worker() {
    for workers in [0, 1] {
        let scene = Scene::new(Server::new().num_stream_workers(workers));
        let mut caller = scene.caller().await;
        for turn in 0..3 {
            let panicked = caller.call(4 * turn + 1, "Echo", &text("panic")).await;
            assert_eq!(panicked.status(), ("13", "the handler panicked"));
            bounded(scene.server.workers_are_idle()).await;
            let fine = caller.call(4 * turn + 3, "Echo", &text("fine")).await;
            assert_eq!(fine.status().0, "0");
            bounded(scene.server.workers_are_idle()).await;
        }
        assert_eq!(scene.server.dispatched().by_worker, 6 * workers as u64);
        scene.end().await;
    }
}

/// Not while it runs, but while it is dropped: when its caller has left, and at the deadline.
#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_at_its_end_costs_no_worker() {
    let scene = Scene::new(Server::new().num_stream_workers(1));
    let mut caller = scene.caller().await;
    caller.send([Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 0)])]).await;
    caller.send([begin(1, "Explode"), Frame::data(1, framed(b""), true)]).await;
    scene.until(|it| it.bench.running() == 1).await;
    caller.send([Frame::rst_stream(1, Reason::CANCEL)]).await;
    bounded(scene.server.workers_are_idle()).await;

    caller.send([begin_with(3, "Explode", &[("grpc-timeout", "1S")])]).await;
    caller.send([Frame::data(3, framed(b""), true)]).await;
    assert_eq!(caller.answer(3).await.status().0, "4");
    bounded(scene.server.workers_are_idle()).await;

    assert_eq!(caller.call(5, "Sing", b"").await.status().0, "12");
    assert_eq!(scene.server.dispatched(), Dispatched { by_worker: 3, by_task: 0 });
    scene.end().await;
}

/// What is left of a handler counts, though its stream is reset: the fix for Rapid Reset.
#[expect(
    clippy::await_holding_lock,
    reason = "the handler is to block its thread, which is another"
)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_reset_makes_no_room_before_its_handler_has_ended() {
    let scene = Scene::new(Server::new().max_concurrent_streams(1));
    let mut caller = scene.caller().await;
    let gate = scene.bench.gate.clone();
    let closed = gate.lock().unwrap();
    caller.send([begin(1, "Block"), Frame::data(1, framed(b""), true)]).await;
    scene.until(|it| it.bench.running() == 1).await;
    caller.send([Frame::rst_stream(1, Reason::CANCEL), begin(3, "Count")]).await;
    for _ in 0..3 {
        // When it is answered, all before it was read.
        caller.send([Frame::ping(*b"anything", false)]).await;
        caller.expect(Kind::PING).await;
    }
    assert_eq!(scene.server.dispatched().by_task, 1, "the second handler waits");
    drop(closed);
    caller.send([Frame::data(3, "", true)]).await;
    assert_eq!(caller.answer(3).await.status().0, "0");
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_over_the_limit_is_refused() {
    let scene = Scene::new(Server::new().max_concurrent_streams(2));
    let mut caller = scene.caller().await;
    caller.send([1, 3, 5].map(|stream| begin(stream, "Count"))).await;
    let refused = caller.expect(Kind::RST_STREAM).await;
    assert_eq!(refused, Frame::rst_stream(5, Reason::REFUSED_STREAM));
    assert_eq!(scene.server.dispatched().by_task, 2);
    scene.end().await;
}
