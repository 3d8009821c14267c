//! The server over an engine that is a script: what the seam is worth.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::sync::watch;
use tonic::{Status, metadata::MetadataMap};

use super::{
    Server,
    connection::{Connection, Phase},
    engine::{Begun, Engine, Exchange, Failure, Request, RequestRest},
    serving::ConnectionState,
    socket::Watch,
};
use crate::{
    Peer, Placement, ServiceOptions, Stream, StreamExt, Streaming,
    call::{End, Field, Head, ResponseHead, lock},
    codec::Held,
    server::{ConnectionInfo, Refusal, ServerShutdown},
    service,
};

#[service(crate = "crate")]
trait Echo {
    async fn say(&self, text: String) -> Result<String, Status>;
    fn chat(&self, texts: Streaming<String>) -> impl Stream<Item = Result<String, Status>>;
}

struct Parrot;

impl Echo for Parrot {
    async fn say(&self, text: String) -> Result<String, Status> {
        Ok(text)
    }

    fn chat(&self, texts: Streaming<String>) -> impl Stream<Item = Result<String, Status>> {
        texts.map(|text| match text?.as_str() {
            "fail" => Err(Status::aborted("as asked")),
            text => Ok(text.to_owned()),
        })
    }
}

/// A `google.protobuf.StringValue` behind its prefix.
fn framed(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[0, 0, 0, 0, length + 2, 10, length], text.as_bytes()].concat()
}

/// What a caller sends: its path, and then one piece after the other.
struct Call {
    path: &'static str,
    pieces: VecDeque<Vec<u8>>,
    answer: Arc<Mutex<Vec<String>>>,
    /// How many bytes are taken at once.
    room: usize,
}

struct Script(VecDeque<Call>);

impl Engine for Script {
    type Head = &'static str;
    type Exchange = Call;

    fn poll_accept(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Begun<Self>, Failure>>> {
        Poll::Ready(self.0.pop_front().map(|call| Ok((call.path, call))))
    }

    fn go_away(&mut self) {}

    fn refuse_calls(&mut self) {}

    fn close(&mut self) {}

    fn ping(&mut self) {}

    fn is_idle(&self) -> bool {
        true
    }
}

struct NoFields;

impl Head for NoFields {
    fn get(&self, _: Field) -> Option<std::borrow::Cow<'_, [u8]>> {
        None
    }
}

impl Request for &'static str {
    fn path(&self) -> &str {
        self
    }

    fn fields(&self) -> (impl Head, usize, Option<Refusal>) {
        (NoFields, 0, None)
    }

    fn into_metadata(self) -> MetadataMap {
        MetadataMap::new()
    }

    fn into_http(self) -> http::request::Parts {
        unreachable!("there is no layer")
    }
}

impl Exchange for Call {
    type Rest = VecDeque<Vec<u8>>;

    fn take_rest(&mut self) -> Self::Rest {
        std::mem::take(&mut self.pieces)
    }

    fn send_refusal(&mut self, _: Refusal) {
        unreachable!("these are calls")
    }

    fn send_head(&mut self, _: ResponseHead) {
        lock(&self.answer).push("head".to_owned());
    }

    fn send_http(&mut self, _: http::response::Parts, _: bool) {
        unreachable!("there is no layer")
    }

    fn poll_room(&mut self, wanted: usize, _: &mut Context<'_>) -> Poll<Option<usize>> {
        Poll::Ready(Some(wanted.min(self.room)))
    }

    fn send_data(&mut self, data: Bytes, _: Held) {
        lock(&self.answer).push(String::from_utf8_lossy(&data).into_owned());
    }

    fn send_end(&mut self, end: End) {
        lock(&self.answer).push(match end.status {
            Ok(()) => "OK".to_owned(),
            Err(status) => format!("{:?}: {}", status.code(), status.message()),
        });
    }

    fn send_http_end(&mut self, _: Option<http::HeaderMap>) {
        unreachable!("there is no layer")
    }

    fn reset(&mut self) {
        lock(&self.answer).push("reset".to_owned());
    }

    fn poll_gone(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl RequestRest for VecDeque<Vec<u8>> {
    fn poll_data(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        Poll::Ready(self.pop_front().map(|piece| Ok(piece.into())))
    }

    fn has_ended(&self) -> bool {
        self.is_empty()
    }
}

/// What is answered to a call of these pieces.
async fn answer(path: &'static str, pieces: &[&[u8]], room: usize) -> Vec<String> {
    let options = ServiceOptions::new().placement(Placement::Connection);
    let app = Server::new().add(EchoServer::new(Parrot).with(options)).into_app().unwrap();
    let answer = Arc::<Mutex<Vec<String>>>::default();
    let pieces = pieces.iter().map(|it| it.to_vec()).collect();
    let call = Call { path, pieces, answer: Arc::clone(&answer), room };
    let (_draining, shutdown) = watch::channel(false);
    let info = ConnectionInfo { peer: Peer::unknown(), shutdown: ServerShutdown(shutdown) };
    let (_phase, phase) = watch::channel(Phase::Serving);
    let (state, watch) = (ConnectionState::new(info, None), Watch::new());
    Connection::new(Script([call].into()), app, state, watch, phase).run().await;
    std::mem::take(&mut *lock(&answer))
}

#[tokio::test]
async fn a_unary_call_passes_through_any_engine() {
    let hello = framed("hello");
    let expected = ["head", "\0\0\0\0\u{7}\n\u{5}hello", "OK"];
    for cut in [0, 3, 5, 9, hello.len()] {
        let (start, end) = hello.split_at(cut);
        assert_eq!(answer("/Echo/Say", &[start, end], 100).await, expected, "cut at {cut}");
    }
}

#[tokio::test]
async fn a_bidirectional_call_passes_through_any_engine() {
    let (one, two, fail) = (framed("a"), framed("b"), framed("fail"));
    let both = "\0\0\0\0\u{3}\n\u{1}a\0\0\0\0\u{3}\n\u{1}b";
    assert_eq!(answer("/Echo/Chat", &[&one, &two], 100).await, ["head", both, "OK"]);

    let failed = answer("/Echo/Chat", &[&one, &two, &fail], 100).await;
    assert_eq!(failed, ["head", both, "Aborted: as asked"]);
}

#[tokio::test]
async fn no_more_is_sent_than_there_is_room_for() {
    let long = framed(&"x".repeat(100));
    let sent = answer("/Echo/Chat", &[&long[..]; 60], 1000).await;
    let [head, pieces @ .., last, end] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!([head, end], ["head", "OK"]);
    assert!(!pieces.is_empty() && pieces.iter().all(|piece| piece.len() <= 1000));
    // The last is not asked about, because it is small.
    assert!(last.len() <= 4 * 1024);
    assert_eq!([pieces.concat(), last.clone()].concat().into_bytes(), long.repeat(60));
}

#[tokio::test]
async fn what_is_not_there_is_an_end_alone() {
    let ended = answer("/Echo/Sing", &[], 100).await;
    assert_eq!(ended, ["Unimplemented: unknown method Sing of service Echo"]);
}
