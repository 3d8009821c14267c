//! Connections of mutated bytes. The server ends them, or answers, and keeps nothing of them.

use std::{cell::Cell, panic};

use wire::dice::{Dice, cases};
use wire::frame::{Frame, PREFACE};

use super::{
    Scene,
    caller::{begin, begin_with, flagged, framed, text},
};
use crate::{Dispatched, Server};

thread_local! {
    /// How often this thread has panicked; tasks of a test run on its thread.
    static PANICS: Cell<u32> = const { Cell::new(0) };
}

fn count_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        PANICS.set(PANICS.get() + 1);
        before(info);
    }));
}

#[tokio::test(start_paused = true)]
async fn mutated_connections_leave_nothing_behind() {
    let session: Vec<u8> = [
        Frame::settings(&[]),
        Frame::settings_ack(),
        begin(1, "Echo"),
        Frame::data(1, framed(&text("hello")), true),
        begin_with(3, "Count", &[("grpc-encoding", "gzip"), ("grpc-timeout", "5S")]),
        Frame::data(3, flagged(1, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0]), false),
        begin(5, "Repeat"),
        Frame::data(5, [framed(&text("a")), framed(&text("b"))].concat(), false),
        Frame::window_update(5, 1000),
        begin(7, "Pour"),
        Frame::data(7, framed(&[0x08, 40]), true),
        Frame::ping(*b"anything", false),
    ]
    .iter()
    .flat_map(Frame::to_bytes)
    .collect();
    count_panics();
    let mut dice = Dice(13);
    let scene = Scene::new(Server::new().num_stream_workers(2).max_recv_msg_size(1000));
    let mut healthy = scene.caller().await;
    for turn in 0..cases(500) {
        let mut bytes = session.clone();
        dice.mutate(&mut bytes);
        let mut caller = scene.connect();
        caller.write(PREFACE).await;
        for piece in bytes.chunks(1 + dice.roll(bytes.len().max(1))) {
            caller.write(piece).await;
            tokio::task::yield_now().await;
        }
        // Nobody else feels it.
        let stream = u32::try_from(2 * turn + 1).unwrap();
        let answer = healthy.call(stream, "Echo", &text("healthy")).await;
        assert_eq!(answer.status().0, "0", "{bytes:?}");
        let read = u32::try_from(answer.data.len()).unwrap();
        healthy.send([Frame::window_update(0, read)]).await;
        drop(caller);
        scene.until(|it| it.server.connections() == 1 && it.bench.running() == 0).await;
    }
    let Dispatched { by_worker, by_task } = scene.server.dispatched();
    assert!(by_worker + by_task > 600 || cases(500) < 500, "they get as far as a handler");
    assert_eq!(PANICS.get(), 0);
    scene.server.workers_are_idle().await;
    drop(healthy);
    scene.end().await;
}
