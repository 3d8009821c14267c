//! Ours calls stock, stock calls ours, and ours calls ours: each scenario with each pair.

use std::pin::pin;

use traitwire::{Request, Response, Status, Stream, StreamExt, Streaming};
use traitwire_tests::{Server, serve, serve_dispatch, serve_http, stock::proof::v1 as stock};

use crate::contract::{
    ECHO, Echo, EchoClient, EchoServer, Note, Parrot, StockClient, StockParrot, assert_failure,
    note, notes,
};

async fn ours_to_ours() -> (Server, impl Echo) {
    let server = serve(EchoServer::new(Parrot)).await;
    let client = EchoClient::new(server.connect().await);
    (server, client)
}

async fn ours_to_ours_in_process() -> ((), impl Echo) {
    ((), EchoClient::in_process(Parrot))
}

async fn ours_to_stock() -> (Server, impl Echo) {
    let server = serve_http(stock::echo_server::EchoServer::new(StockParrot)).await;
    let client = EchoClient::new(server.connect().await);
    (server, client)
}

async fn stock_to_ours() -> (Server, impl Echo) {
    let server = serve(EchoServer::new(Parrot)).await;
    let client = stock::echo_client::EchoClient::new(server.channel().await);
    (server, StockClient(client))
}

/// The server of example 19.
async fn dispatch() -> Server {
    let server = server_dispatch::Server::new().num_stream_workers(1);
    serve_dispatch(server.register_service(&ECHO, EchoServer::new(Parrot))).await
}

async fn ours_to_dispatch() -> (Server, impl Echo) {
    let server = dispatch().await;
    let client = EchoClient::new(server.connect().await);
    (server, client)
}

async fn stock_to_dispatch() -> (Server, impl Echo) {
    let server = dispatch().await;
    let client = stock::echo_client::EchoClient::new(server.channel().await);
    (server, StockClient(client))
}

/// The control: what stock tonic itself does.
async fn stock_to_stock() -> (Server, impl Echo) {
    let server = serve_http(stock::echo_server::EchoServer::new(StockParrot)).await;
    let client = stock::echo_client::EchoClient::new(server.channel().await);
    (server, StockClient(client))
}

/// Makes a test of each scenario with one pair.
macro_rules! pair {
    ($pair:ident [$($scenario:ident)*]) => {
        mod $pair {
            $(
                #[tokio::test]
                async fn $scenario() {
                    let (_server, echo) = super::$pair().await;
                    super::$scenario(echo).await;
                }
            )*
        }
    };
}

/// Makes one function of all scenarios, for the peers in other languages.
macro_rules! every_scenario {
    ([$($scenario:ident)*]) => {
        pub(crate) async fn every_scenario(echo: impl Echo + Clone) {
            $(
                println!("{}", stringify!($scenario));
                $scenario(echo.clone()).await;
            )*
        }
    };
}

/// Makes a test of each scenario with each pair.
macro_rules! every_pair {
    ($scenarios:tt) => {
        pair!(ours_to_ours $scenarios);
        pair!(ours_to_ours_in_process $scenarios);
        pair!(ours_to_stock $scenarios);
        pair!(stock_to_ours $scenarios);
        pair!(ours_to_dispatch $scenarios);
        pair!(stock_to_dispatch $scenarios);
        pair!(stock_to_stock $scenarios);
        every_scenario!($scenarios);
    };
}

every_pair!([
    a_unary_call_brings_its_answer
    a_server_stream_brings_its_messages_in_order
    a_client_stream_is_answered_at_its_end
    a_bidirectional_stream_is_answered_message_by_message
    empty_streams_end_well
    a_message_of_no_bytes_is_a_message
    a_large_message_arrives_whole
    a_refused_call_keeps_the_whole_error
    an_error_after_some_messages_comes_after_them
    an_error_in_the_middle_of_a_request_ends_the_call
    metadata_travels_both_ways
]);

/// Reads a stream: its messages, and the error that ended it.
async fn read(notes: impl Stream<Item = Result<Note, Status>>) -> (Vec<Note>, Option<Status>) {
    let mut notes = pin!(notes);
    let mut read = Vec::new();
    while let Some(next) = notes.next().await {
        match next {
            Ok(note) => read.push(note),
            Err(status) => {
                assert!(notes.next().await.is_none(), "nothing comes after an error");
                return (read, Some(status));
            }
        }
    }
    (read, None)
}

/// Reads a stream that ends well.
async fn read_all(notes: impl Stream<Item = Result<Note, Status>>) -> Vec<Note> {
    let (notes, error) = read(notes).await;
    assert!(error.is_none(), "the stream ended with {error:?}");
    notes
}

async fn a_unary_call_brings_its_answer(echo: impl Echo) {
    let answer = echo.say(Request::new(note("hello", 3))).await.unwrap();
    assert_eq!(answer.into_inner(), note("hello", 3));
}

async fn a_server_stream_brings_its_messages_in_order(echo: impl Echo) {
    let answer = echo.repeat(Request::new(note("again", 100))).await.unwrap();
    let expected: Vec<_> = (0..100).map(|count| note("again", count)).collect();
    assert_eq!(read_all(answer.into_inner()).await, expected);
}

async fn a_client_stream_is_answered_at_its_end(echo: impl Echo) {
    let answer = echo.join(Request::new(notes(["one", "two", "three"]))).await.unwrap();
    assert_eq!(answer.into_inner(), note("one two three", 3));
}

async fn a_bidirectional_stream_is_answered_message_by_message(echo: impl Echo) {
    let (mut sender, questions) = Streaming::channel(1);
    let answers = echo.chat(Request::new(questions)).await.unwrap().into_inner();
    let mut answers = pin!(answers);
    for count in 0..5 {
        sender.send(note("and", count)).await.unwrap();
        assert_eq!(answers.next().await.unwrap().unwrap(), note("and", count));
    }
    drop(sender);
    assert!(answers.next().await.is_none());
}

async fn empty_streams_end_well(echo: impl Echo) {
    let repeated = echo.repeat(Request::new(note("never", 0))).await.unwrap();
    assert_eq!(read_all(repeated.into_inner()).await, []);
    let joined = echo.join(Request::new(notes([]))).await.unwrap();
    assert_eq!(joined.into_inner(), note("", 0));
    let chat = echo.chat(Request::new(notes([]))).await.unwrap();
    assert_eq!(read_all(chat.into_inner()).await, []);
}

async fn a_message_of_no_bytes_is_a_message(echo: impl Echo) {
    let nothing = Note::default();
    assert_eq!(echo.say(Request::new(nothing.clone())).await.unwrap().into_inner(), nothing);
    let chat = echo.chat(Request::new([nothing.clone()].into_iter().collect())).await.unwrap();
    assert_eq!(read_all(chat.into_inner()).await, [nothing]);
}

async fn a_large_message_arrives_whole(echo: impl Echo) {
    let large = Note { payload: (0..3_000_000u32).map(|n| n as u8).collect(), ..note("large", 1) };
    assert_eq!(echo.say(Request::new(large.clone())).await.unwrap().into_inner(), large);
    let chat = echo.chat(Request::new([large.clone()].into_iter().collect())).await.unwrap();
    assert_eq!(read_all(chat.into_inner()).await, [large]);
}

/// The error is the whole answer: it comes from the call, not from its stream.
async fn a_refused_call_keeps_the_whole_error(echo: impl Echo) {
    fn refused<P>(message: P) -> Request<P> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("x-refuse", "yes".parse().expect("printable"));
        request
    }
    fn error<T>(answer: Result<Response<T>, Status>) -> Status {
        answer.err().expect("the call is refused")
    }

    assert_failure(&error(echo.say(refused(note("", 0))).await));
    assert_failure(&error(echo.repeat(refused(note("", 2))).await));
    assert_failure(&error(echo.join(refused(notes(["one", "two"]))).await));
    assert_failure(&error(echo.chat(refused(notes(["one", "two"]))).await));
}

async fn an_error_after_some_messages_comes_after_them(echo: impl Echo) {
    let repeated = echo.repeat(Request::new(note("fail", 3))).await.unwrap();
    let (messages, error) = read(repeated.into_inner()).await;
    assert_eq!(messages, [note("fail", 0), note("fail", 1), note("fail", 2)]);
    assert_failure(&error.expect("an error"));

    let chat = echo.chat(Request::new(notes(["one", "two", "fail", "four"]))).await.unwrap();
    let (messages, error) = read(chat.into_inner()).await;
    assert_eq!(messages, [note("one", 0), note("two", 1)]);
    assert_failure(&error.expect("an error"));
}

async fn an_error_in_the_middle_of_a_request_ends_the_call(echo: impl Echo) {
    // The sender lives on: the server does not wait for the end of the request.
    let (mut sender, questions) = Streaming::channel(2);
    sender.send(note("one", 0)).await.unwrap();
    sender.send(note("fail", 1)).await.unwrap();
    assert_failure(&echo.join(Request::new(questions)).await.unwrap_err());
    drop(sender);
}

async fn metadata_travels_both_ways(echo: impl Echo) {
    fn marked<P>(message: P) -> Request<P> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("x-echo", "a b;c=%".parse().expect("printable"));
        let bytes = tonic::metadata::BinaryMetadataValue::from_bytes(&[0, 1, 254, 255]);
        request.metadata_mut().insert_bin("x-echo-bin", bytes);
        request
    }
    #[track_caller]
    fn check<T>(answer: &Response<T>) {
        let metadata = answer.metadata();
        assert_eq!(metadata.get("x-echo").unwrap(), "a b;c=%");
        let bytes = metadata.get_bin("x-echo-bin").unwrap().to_bytes().unwrap();
        assert_eq!(bytes.as_ref(), [0, 1, 254, 255]);
    }

    check(&echo.say(marked(note("", 0))).await.unwrap());
    check(&echo.repeat(marked(note("", 1))).await.unwrap());
    check(&echo.join(marked(notes(["one"]))).await.unwrap());
    check(&echo.chat(marked(notes(["one"]))).await.unwrap());
}
