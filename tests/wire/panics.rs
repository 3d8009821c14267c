//! A handler that panics fails its own call and nothing else.

use traitwire::{Code, Status};
use traitwire_tests::{Server, serve, stock::proof::v1 as stock};

use crate::{
    contract::{EchoServer, Parrot},
    raw,
};

/// A stock client on one connection, which does not come back if it is lost.
macro_rules! client {
    ($server:expr) => {
        stock::echo_client::EchoClient::new(raw::transport($server).await)
    };
}

async fn server() -> Server {
    serve(EchoServer::new(Parrot)).await
}

fn panicking() -> stock::Note {
    stock::Note { text: "panic".to_owned(), count: 2, payload: Vec::new() }
}

fn hello() -> stock::Note {
    stock::Note { text: "hello".to_owned(), count: 1, payload: Vec::new() }
}

#[track_caller]
fn assert_panicked(status: &Status) {
    assert_eq!(status.code(), Code::Internal);
    // What the handler said to its own log is not the caller's business.
    assert_eq!(status.message(), "the handler panicked");
}

#[tokio::test]
async fn a_panic_in_a_unary_handler_is_internal_and_the_connection_lives_on() {
    let server = server().await;
    let mut client = client!(&server);
    assert_panicked(&client.say(panicking()).await.unwrap_err());
    assert_eq!(client.say(hello()).await.unwrap().into_inner(), hello());
}

#[tokio::test]
async fn a_panic_in_a_stream_is_internal_and_the_connection_lives_on() {
    let server = server().await;
    let mut client = client!(&server);
    let notes = client.repeat(panicking()).await.unwrap().into_inner();
    assert_panicked(&last(notes).await);
    assert_eq!(client.say(hello()).await.unwrap().into_inner(), hello());
}

#[tokio::test]
async fn a_panic_while_reading_a_stream_is_internal_and_the_connection_lives_on() {
    let server = server().await;
    let mut client = client!(&server);
    let sent = || tokio_stream::iter([hello(), panicking(), hello()]);
    assert_panicked(&client.join(sent()).await.unwrap_err());
    let notes = client.chat(sent()).await.unwrap().into_inner();
    assert_panicked(&last(notes).await);
    assert_eq!(client.say(hello()).await.unwrap().into_inner(), hello());
}

/// The error at the end of a stream.
async fn last(mut notes: tonic::Streaming<stock::Note>) -> Status {
    loop {
        match notes.message().await {
            Ok(note) => assert!(note.is_some(), "the stream ended in peace"),
            Err(status) => return status,
        }
    }
}

#[tokio::test]
async fn what_was_sent_before_a_panic_arrives() {
    let server = server().await;
    let mut notes = client!(&server).repeat(panicking()).await.unwrap().into_inner();
    assert_eq!(notes.message().await.unwrap().unwrap().count, 0);
    assert_eq!(notes.message().await.unwrap().unwrap().count, 1);
    assert_panicked(&notes.message().await.unwrap_err());
}

#[tokio::test]
async fn a_panic_leaves_calls_on_the_same_connection_alone() {
    let server = server().await;
    let mut client = client!(&server);
    let (sender, questions) = tokio::sync::mpsc::channel(1);
    let questions = tokio_stream::wrappers::ReceiverStream::new(questions);
    let mut answers = client.chat(questions).await.unwrap().into_inner();

    assert_panicked(&client.say(panicking()).await.unwrap_err());

    sender.send(hello()).await.unwrap();
    assert_eq!(answers.message().await.unwrap().unwrap(), hello());
}

/// A panic in what makes the stream, rather than in the stream.
#[tokio::test]
async fn a_panic_before_the_stream_is_the_whole_answer() {
    use traitwire::{Stream, service};

    #[service(package = "proof.v1", name = "Echo")]
    trait Eager {
        fn repeat(
            &self,
            note: crate::contract::Note,
        ) -> impl Stream<Item = Result<crate::contract::Note, Status>>;
    }

    struct Panics;

    impl Eager for Panics {
        fn repeat(
            &self,
            note: crate::contract::Note,
        ) -> impl Stream<Item = Result<crate::contract::Note, Status>> {
            assert!(note.text.is_empty(), "as the caller asked for");
            tokio_stream::empty()
        }
    }

    let server = serve(EagerServer::new(Panics)).await;
    let mut client = client!(&server);
    assert_panicked(&client.repeat(hello()).await.unwrap_err());
    let mut notes = client.repeat(stock::Note::default()).await.unwrap().into_inner();
    assert!(notes.message().await.unwrap().is_none());
}
