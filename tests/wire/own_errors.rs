//! A client's own stream fails: whatever the server does, that is the error of the call.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};
use traitwire::{Code, Request, Status, StreamExt, Streaming, stream_fn};
use traitwire_tests::serve_http;

use crate::{
    contract::{Echo, EchoClient, Note, note},
    raw::Canned,
};

/// Enough for anything here; what takes longer does not happen.
const BOUND: Duration = Duration::from_secs(10);

/// Waits until the task is woken: at its end `timeout` asks once more, woken or not.
async fn woken<F: Future>(future: F) -> F::Output {
    let start = Instant::now();
    let output = timeout(BOUND, future).await.expect("the call ends");
    assert!(start.elapsed() < BOUND, "nobody has woken the client");
    output
}

/// The window that a server of traitwire gives to a stream.
const WINDOW: usize = 1024 * 1024;

fn failure() -> Status {
    Status::data_loss("the disk is gone")
}

#[track_caller]
fn assert_own(status: &Status) {
    assert_eq!((status.code(), status.message()), (Code::DataLoss, "the disk is gone"));
}

/// A note, and then an error.
fn failing() -> Request<Streaming<Note>> {
    Request::new(Streaming::new(tokio_stream::iter([Ok(note("hello", 0)), Err(failure())])))
}

#[tokio::test]
async fn an_answer_that_ends_in_peace_does_not_hide_the_clients_own_error() {
    let server = Canned::new().reads().message(&note("hi", 1)).trailers(&[("grpc-status", "0")]);
    let echo = EchoClient::new(server.transport());
    let mut answers = echo.chat(failing()).await.unwrap().into_inner();
    assert_eq!(answers.next().await.unwrap().unwrap(), note("hi", 1));
    assert_own(&answers.next().await.unwrap().unwrap_err());
    assert!(answers.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn the_clients_own_error_ends_an_answer_that_has_begun() {
    let echo = EchoClient::new(Canned::new().reads().goes_on().transport());
    let joined = woken(echo.join(failing())).await;
    assert_own(&joined.unwrap_err());
    let mut answers = echo.chat(failing()).await.unwrap().into_inner();
    let answer = woken(answers.next()).await;
    assert_own(&answer.unwrap().unwrap_err());
}

/// The server reads nothing, and the window is full: the cancellation waits behind a message.
#[tokio::test]
async fn the_clients_own_error_does_not_wait_for_a_full_window() {
    let server = serve_http(Canned::new().goes_on().service()).await;
    let echo = EchoClient::new(server.connect().await);
    let answered = Arc::new(Notify::new());
    let waits = answered.clone();
    let notes = stream_fn(async move |mut out| {
        waits.notified().await;
        out.send(Note { payload: vec![7; WINDOW], ..note("", 0) }).await?;
        out.send(note("one more", 0)).await?;
        Err(failure())
    });
    let answers = echo.chat(Request::new(Streaming::new(notes))).await;
    answered.notify_one();
    let mut answers = answers.unwrap().into_inner();
    let answer = woken(answers.next()).await;
    assert_own(&answer.unwrap().unwrap_err());
}
