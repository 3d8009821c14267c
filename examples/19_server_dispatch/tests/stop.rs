//! The end (13): GOAWAY, PING, GOAWAY, and nobody is cut off but by `stop`.

use std::time::Duration;

use tokio::time::Instant;
use wire::frame::{Content, Frame, Kind, PREFACE, Reason};

use super::{
    Doors, Scene, bounded,
    caller::{Caller, begin, framed, text},
};
use crate::Server;

const LARGEST: u32 = (1 << 31) - 1;

/// A GOAWAY without an error: its last stream.
#[track_caller]
fn last_stream(frame: &Frame) -> u32 {
    match frame.content().unwrap() {
        Content::Goaway { last_stream, reason: Reason::NO_ERROR, .. } => last_stream,
        other => panic!("{other:?}"),
    }
}

/// A server that stops gracefully while a caller has a stream open.
async fn stopping() -> (Scene, Caller) {
    let scene = Scene::new(Server::new().num_stream_workers(1));
    let mut caller = scene.caller().await;
    caller.send([begin(1, "Repeat")]).await;
    caller.expect(Kind::HEADERS).await;
    let server = scene.server.clone();
    tokio::spawn(async move { server.graceful_stop().await });
    assert_eq!(last_stream(&caller.expect(Kind::GOAWAY).await), LARGEST);
    (scene, caller)
}

#[tokio::test(start_paused = true)]
async fn a_graceful_stop_serves_the_streams_that_are_open() {
    let (scene, mut caller) = stopping().await;
    let ping = caller.expect(Kind::PING).await;
    // A stream that was on its way is let in, for the caller has not seen the GOAWAY yet.
    caller.send([begin(3, "Echo"), Frame::data(3, framed(&text("late")), true)]).await;
    assert_eq!(caller.answer(3).await.status().0, "0");
    let Ok(Content::Ping { payload, .. }) = ping.content() else { panic!("{ping:?}") };
    caller.send([Frame::ping(payload, true)]).await;
    assert_eq!(last_stream(&caller.expect(Kind::GOAWAY).await), 3);

    assert!(!scene.serving.is_finished());
    caller.send([Frame::data(1, framed(&text("whole")), true)]).await;
    let answer = caller.answer(1).await;
    assert_eq!((&answer.data, answer.status().0), (&framed(&text("whole")), "0"));
    caller.rest().await;
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn after_the_second_goaway_a_new_stream_is_not_served() {
    let (scene, mut caller) = stopping().await;
    let ping = caller.expect(Kind::PING).await;
    let Ok(Content::Ping { payload, .. }) = ping.content() else { panic!("{ping:?}") };
    caller.send([Frame::ping(payload, true)]).await;
    assert_eq!(last_stream(&caller.expect(Kind::GOAWAY).await), 1);
    caller.send([begin(3, "Echo"), Frame::data(3, framed(&text("too late")), true)]).await;
    caller.send([Frame::data(1, "", true)]).await;
    let rest = caller.rest().await;
    assert!(rest.iter().any(|it| it.stream == 1 && it.has(1)), "{rest:?}");
    assert!(rest.iter().all(|it| it.stream != 3), "{rest:?}");
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_does_not_answer_the_ping_is_given_five_seconds() {
    let (scene, mut caller) = stopping().await;
    caller.expect(Kind::PING).await;
    let begun = Instant::now();
    tokio::time::sleep(Duration::from_millis(5_010)).await;
    caller.send([begin(3, "Echo"), Frame::data(3, framed(&text("too late")), true)]).await;
    let refused = caller.expect(Kind::RST_STREAM).await;
    assert_eq!(refused, Frame::rst_stream(3, Reason::REFUSED_STREAM));

    // What has been open all the time goes on.
    tokio::time::sleep(Duration::from_secs(60)).await;
    caller.send([Frame::data(1, framed(&text("whole")), true)]).await;
    let answer = caller.answer(1).await;
    assert_eq!((&answer.data, answer.status().0), (&framed(&text("whole")), "0"));
    let rest = caller.rest().await;
    assert_eq!(last_stream(rest.last().unwrap()), 3);
    assert_eq!(begun.elapsed().as_secs(), 65);
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_without_streams_who_does_not_answer_is_left_after_five_seconds() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    let begun = Instant::now();
    bounded(scene.server.graceful_stop()).await;
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    assert!(caller.rest().await.iter().any(|it| it.kind == Kind::GOAWAY));
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_cuts_handlers_off_and_says_goodbye() {
    let scene = Scene::new(Server::new().num_stream_workers(1));
    let mut caller = scene.caller().await;
    caller.send([begin(1, "Hang"), Frame::data(1, framed(b""), true), begin(3, "Count")]).await;
    scene.until(|it| it.bench.running() == 2).await;
    let begun = Instant::now();
    bounded(scene.server.stop()).await;
    assert_eq!((scene.bench.running(), begun.elapsed()), (0, Duration::ZERO));
    let rest = caller.rest().await;
    assert_eq!(last_stream(rest.last().unwrap()), 3);
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_a_graceful_stop() {
    let (scene, mut caller) = stopping().await;
    bounded(scene.server.stop()).await;
    caller.rest().await;
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn who_has_not_shaken_hands_yet_is_hung_up_on() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.connect();
    caller.write(&PREFACE[..5]).await;
    caller.expect(Kind::SETTINGS).await;
    bounded(scene.server.graceful_stop()).await;
    assert_eq!(caller.rest().await, []);
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_has_stopped_serves_nobody() {
    let scene = Scene::new(Server::new().num_stream_workers(2));
    bounded(scene.server.graceful_stop()).await;
    let (_doors, connections) = tokio::sync::mpsc::unbounded_channel();
    bounded(scene.server.clone().serve(Doors(connections))).await;
    scene.end().await;
}
