//! The channel over an engine that is a script: what the seam is worth.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::runtime::Handle;
use tonic::Status;

use super::{
    call::{About, Caller, Servers},
    engine::{AnswerHead, Engine, Exchange, Failure, Request, Sending, Unsent},
    pool::{Dialled, Limits, Pool},
    socket::Watch,
    target::Target,
};
use crate::{
    Code, Stream, StreamExt, Streaming,
    call::{headers, keep, lock},
    service,
    transport::channel::backoff::Backoff,
};

#[service(crate = "crate")]
trait Echo {
    async fn say(&self, text: String) -> Result<String, Status>;
    fn chat(&self, texts: Streaming<String>) -> impl Stream<Item = Result<String, Status>>;
}

/// Answers each call with what it sends.
struct Script {
    said: Arc<Mutex<Vec<String>>>,
    /// How many calls it passes over before it looks at one.
    passes_over: usize,
}

impl Engine for Script {
    type Exchange = Exchanged;

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Pending
    }

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    fn begin(&mut self, request: Request) -> Result<Exchanged, Unsent> {
        lock(&self.said).push(request.head.uri().to_string());
        let is_passed_over = self.passes_over > 0;
        self.passes_over -= usize::from(is_passed_over);
        let data = Some(request.messages).into_iter().filter(|it| !it.is_empty()).collect();
        let echo = Echoed { data, has_ended: request.is_whole, reader: None };
        Ok(Exchanged { echo: Arc::new(Mutex::new(echo)), is_passed_over })
    }

    fn ping(&mut self) {}

    fn go_away(&mut self) {}
}

struct Exchanged {
    echo: Arc<Mutex<Echoed>>,
    is_passed_over: bool,
}

struct Echoed {
    data: VecDeque<Bytes>,
    has_ended: bool,
    reader: Option<Waker>,
}

impl Exchange for Exchanged {
    type Sending = Echoing;

    fn take_sending(&mut self) -> Option<Echoing> {
        Some(Echoing(Arc::clone(&self.echo)))
    }

    fn poll_head(&mut self, _: &mut Context<'_>) -> Poll<Result<AnswerHead, Failure>> {
        if self.is_passed_over {
            return Poll::Ready(Err(Failure::Unprocessed(Status::unavailable("passed over"))));
        }
        let mut fields = HeaderMap::new();
        fields.insert(http::header::CONTENT_TYPE, headers::GRPC);
        Poll::Ready(Ok(AnswerHead { status: StatusCode::OK, fields, is_end: false }))
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        let mut echo = lock(&self.echo);
        match echo.data.pop_front() {
            Some(data) => Poll::Ready(Some(Ok(data))),
            None if echo.has_ended => Poll::Ready(None),
            None => {
                keep(&mut echo.reader, cx.waker());
                Poll::Pending
            }
        }
    }

    fn poll_trailers(&mut self, _: &mut Context<'_>) -> Poll<Result<Option<HeaderMap>, Status>> {
        let mut trailers = HeaderMap::new();
        trailers.insert(headers::STATUS, HeaderValue::from_static("0"));
        Poll::Ready(Ok(Some(trailers)))
    }
}

struct Echoing(Arc<Mutex<Echoed>>);

impl Echoing {
    fn change(&self, change: impl FnOnce(&mut Echoed)) {
        let mut echo = lock(&self.0);
        change(&mut echo);
        if let Some(reader) = echo.reader.take() {
            reader.wake();
        }
    }
}

impl Sending for Echoing {
    fn poll_room(&mut self, _: &mut Context<'_>) -> Poll<bool> {
        Poll::Ready(true)
    }

    fn poll_over(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    fn send_data(&mut self, data: Bytes) {
        self.change(|echo| echo.data.push_back(data));
    }

    fn end(&mut self) {
        self.change(|echo| echo.has_ended = true);
    }

    fn cancel(&mut self) {}
}

/// A client over an engine that passes over so many calls first, and what the engine is told.
fn client(passes_over: usize) -> (EchoClient<Caller<Exchanged>>, Arc<Mutex<Vec<String>>>) {
    let said = Arc::<Mutex<Vec<String>>>::default();
    let heard = Arc::clone(&said);
    let dial = Box::new(move || {
        let said = Arc::clone(&heard);
        let watch = Watch::new("a script".to_owned());
        let engine = Box::new(Script { said, passes_over }) as _;
        let target = Arc::new(Target::parse("http://script/base").unwrap());
        let dialled = Dialled { engine, watch, target };
        Box::pin(async { Ok(dialled) }) as _
    });
    let second = std::time::Duration::from_secs(1);
    let backoff = Backoff { first: second, longest: second };
    let limits = Limits { min_connections: 1, max_connections: 1, keepalive: None, backoff };
    let about = About { name: "a script".to_owned(), fields: HeaderMap::new(), policies: None };
    let servers = Servers::One(Pool::new(dial, limits, Handle::current(), None));
    (EchoClient::new(Caller { servers, about: Arc::new(about) }), said)
}

#[tokio::test]
async fn calls_pass_without_h2() {
    let (client, said) = client(0);
    assert_eq!(client.say("hello".to_owned()).await.unwrap(), "hello");
    let (mut sender, texts) = Streaming::channel(1);
    let mut answers = client.chat(texts);
    for text in ["one", "two"] {
        sender.send(text.to_owned()).await.unwrap();
        assert_eq!(answers.message().await.unwrap().as_deref(), Some(text));
    }
    drop(sender);
    assert_eq!(answers.message().await.unwrap(), None);
    assert_eq!(*lock(&said), ["http://script/base/Echo/Say", "http://script/base/Echo/Chat"]);
}

#[tokio::test]
async fn what_was_passed_over_is_sent_once_more() {
    let (client, said) = client(1);
    let texts = ["one", "two"].map(str::to_owned);
    let answers: Result<Vec<_>, _> = client.chat(texts.into_iter().collect()).collect().await;
    assert_eq!(answers.unwrap(), ["one", "two"]);
    assert_eq!(lock(&said).len(), 2);

    let (client, said) = self::client(2);
    let status = client.say("hello".to_owned()).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Unavailable, "passed over"));
    assert_eq!(lock(&said).len(), 2);
}
