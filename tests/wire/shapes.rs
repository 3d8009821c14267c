//! Every form in which a call may be written, against the stubs of stock tonic.
//!
//! How a method is written is no part of the contract: all traits here are `proof.v1.Echo`, so that
//! each of their clients calls the one stock server, and one stock client calls each of their
//! servers. [`contract::Echo`](crate::contract::Echo) has the forms with both envelopes.
//!
//! | argument | `Result<U, E>` | `Result<Response<U>, E>` | `impl Stream` | `Result<impl Stream, E>` | `Result<Response<impl Stream>, E>` |
//! |---|---|---|---|---|---|
//! | none | `Clock` | `Clock` | `Clock` | `Clock` | `Clock` |
//! | `T`, `Streaming<T>` | `Plain` | `Answers` | `Direct` | `Plain` | `Answers` |
//! | `Request<…>` | `Requests` | `Echo` | `RequestsDirect` | `Requests` | `Echo` |

use std::pin::Pin;

use tonic::transport::Channel;
use traitwire::{Request, Response, Status, Stream, StreamExt, Streaming, service, stream_fn};
use traitwire_tests::{serve, serve_http, stock::proof::v1 as stock};

use crate::contract::{Note, StockParrot, note, notes};

#[service(package = "proof.v1", name = "Echo")]
trait Plain {
    async fn say(&self, note: Note) -> Result<Note, Status>;
    async fn repeat(&self, note: Note) -> Result<impl Stream<Item = Result<Note, Status>>, Status>;
    async fn join(&self, notes: Streaming<Note>) -> Result<Note, Status>;
    async fn chat(
        &self,
        notes: Streaming<Note>,
    ) -> Result<impl Stream<Item = Result<Note, Status>>, Status>;
}

#[service(package = "proof.v1", name = "Echo")]
trait Direct {
    fn repeat(&self, note: Note) -> impl Stream<Item = Result<Note, Status>>;
    fn chat(&self, notes: Streaming<Note>) -> impl Stream<Item = Result<Note, Status>>;
}

#[service(package = "proof.v1", name = "Echo")]
trait Answers {
    async fn say(&self, note: Note) -> Result<Response<Note>, Status>;
    async fn repeat(
        &self,
        note: Note,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;
    async fn join(&self, notes: Streaming<Note>) -> Result<Response<Note>, Status>;
    async fn chat(
        &self,
        notes: Streaming<Note>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;
}

#[service(package = "proof.v1", name = "Echo")]
trait Requests {
    async fn say(&self, note: Request<Note>) -> Result<Note, Status>;
    async fn repeat(
        &self,
        note: Request<Note>,
    ) -> Result<impl Stream<Item = Result<Note, Status>>, Status>;
    async fn join(&self, notes: Request<Streaming<Note>>) -> Result<Note, Status>;
    async fn chat(
        &self,
        notes: Request<Streaming<Note>>,
    ) -> Result<impl Stream<Item = Result<Note, Status>>, Status>;
}

#[service(package = "proof.v1", name = "Echo")]
trait RequestsDirect {
    fn repeat(&self, note: Request<Note>) -> impl Stream<Item = Result<Note, Status>>;
    fn chat(&self, notes: Request<Streaming<Note>>) -> impl Stream<Item = Result<Note, Status>>;
}

#[service(package = "proof.v1")]
trait Clock {
    async fn plain(&self) -> Result<Note, Status>;
    async fn envelope(&self) -> Result<Response<Note>, Status>;
    async fn plain_stream(&self) -> Result<impl Stream<Item = Result<Note, Status>>, Status>;
    async fn envelope_stream(
        &self,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;
    fn direct_stream(&self) -> impl Stream<Item = Result<Note, Status>>;
}

/// Implements all of them. Every stream borrows the service.
struct Words {
    end: String,
}

impl Words {
    fn new() -> Self {
        Self { end: "end".to_owned() }
    }

    /// The note as often as it says, then the service's own word.
    fn repeated(&self, note: Note) -> impl Stream<Item = Result<Note, Status>> {
        stream_fn(async move |mut out| {
            for count in 0..note.count {
                out.send(Note { count, ..note.clone() }).await?;
            }
            out.send(crate::contract::note(&self.end, note.count)).await?;
            Ok(())
        })
    }

    async fn joined(&self, mut notes: Streaming<Note>) -> Result<Note, Status> {
        let mut texts = Vec::new();
        while let Some(note) = notes.message().await? {
            texts.push(note.text);
        }
        texts.push(self.end.clone());
        Ok(note(&texts.join(" "), 0))
    }

    /// Each note as it comes, then the service's own word.
    fn echoed(&self, mut notes: Streaming<Note>) -> impl Stream<Item = Result<Note, Status>> {
        stream_fn(async move |mut out| {
            while let Some(note) = notes.message().await? {
                out.send(note).await?;
            }
            out.send(note(&self.end, 0)).await?;
            Ok(())
        })
    }
}

type Items = Result<Note, Status>;

impl Plain for Words {
    async fn say(&self, note: Note) -> Result<Note, Status> {
        Ok(note)
    }
    async fn repeat(&self, note: Note) -> Result<impl Stream<Item = Items>, Status> {
        Ok(self.repeated(note))
    }
    async fn join(&self, notes: Streaming<Note>) -> Result<Note, Status> {
        self.joined(notes).await
    }
    async fn chat(&self, notes: Streaming<Note>) -> Result<impl Stream<Item = Items>, Status> {
        Ok(self.echoed(notes))
    }
}

impl Direct for Words {
    fn repeat(&self, note: Note) -> impl Stream<Item = Items> {
        self.repeated(note)
    }
    fn chat(&self, notes: Streaming<Note>) -> impl Stream<Item = Items> {
        self.echoed(notes)
    }
}

impl Answers for Words {
    async fn say(&self, note: Note) -> Result<Response<Note>, Status> {
        Ok(Response::new(note))
    }
    async fn repeat(&self, note: Note) -> Result<Response<impl Stream<Item = Items>>, Status> {
        Ok(Response::new(self.repeated(note)))
    }
    async fn join(&self, notes: Streaming<Note>) -> Result<Response<Note>, Status> {
        self.joined(notes).await.map(Response::new)
    }
    async fn chat(
        &self,
        notes: Streaming<Note>,
    ) -> Result<Response<impl Stream<Item = Items>>, Status> {
        Ok(Response::new(self.echoed(notes)))
    }
}

impl Requests for Words {
    async fn say(&self, note: Request<Note>) -> Result<Note, Status> {
        Ok(note.into_inner())
    }
    async fn repeat(&self, note: Request<Note>) -> Result<impl Stream<Item = Items>, Status> {
        Ok(self.repeated(note.into_inner()))
    }
    async fn join(&self, notes: Request<Streaming<Note>>) -> Result<Note, Status> {
        self.joined(notes.into_inner()).await
    }
    async fn chat(
        &self,
        notes: Request<Streaming<Note>>,
    ) -> Result<impl Stream<Item = Items>, Status> {
        Ok(self.echoed(notes.into_inner()))
    }
}

impl RequestsDirect for Words {
    fn repeat(&self, note: Request<Note>) -> impl Stream<Item = Items> {
        self.repeated(note.into_inner())
    }
    fn chat(&self, notes: Request<Streaming<Note>>) -> impl Stream<Item = Items> {
        self.echoed(notes.into_inner())
    }
}

impl Clock for Words {
    async fn plain(&self) -> Result<Note, Status> {
        Ok(note(&self.end, 0))
    }
    async fn envelope(&self) -> Result<Response<Note>, Status> {
        Ok(Response::new(note(&self.end, 1)))
    }
    async fn plain_stream(&self) -> Result<impl Stream<Item = Items>, Status> {
        Ok(self.repeated(note("tick", 2)))
    }
    async fn envelope_stream(&self) -> Result<Response<impl Stream<Item = Items>>, Status> {
        Ok(Response::new(self.repeated(note("tick", 2))))
    }
    fn direct_stream(&self) -> impl Stream<Item = Items> {
        self.repeated(note("tick", 2))
    }
}

/// The messages of a stream that ends well.
async fn all<M, N: From<M>>(stream: impl Stream<Item = Result<M, Status>>) -> Vec<N> {
    let messages: Result<Vec<M>, Status> = stream.collect().await;
    messages.unwrap().into_iter().map(N::from).collect()
}

type StockEcho = stock::echo_client::EchoClient<Channel>;

/// Two ticks and the word.
fn ticks() -> [Note; 3] {
    [note("tick", 0), note("tick", 1), note("end", 2)]
}

/// What a stock client gets from one of our servers, in the shapes that it has.
struct FromStock(StockEcho);

impl FromStock {
    async fn check_unary(&mut self) {
        let said = self.0.say(stock::Note::from(note("hello", 7))).await.unwrap();
        assert_eq!(Note::from(said.into_inner()), note("hello", 7));
        let sent = ["a", "b"].map(|text| stock::Note::from(note(text, 0)));
        let joined = self.0.join(tokio_stream::iter(sent)).await.unwrap();
        assert_eq!(joined.into_inner().text, "a b end");
    }

    async fn check_streams(&mut self) {
        let repeated = self.0.repeat(stock::Note::from(note("tick", 2))).await.unwrap();
        assert_eq!(all::<_, Note>(repeated.into_inner()).await, ticks());
        let sent = ["a", "b"].map(|text| stock::Note::from(note(text, 0)));
        let echoed = self.0.chat(tokio_stream::iter(sent)).await.unwrap();
        let expected = [note("a", 0), note("b", 0), note("end", 0)];
        assert_eq!(all::<_, Note>(echoed.into_inner()).await, expected);
    }
}

macro_rules! from_stock {
    ($server:expr) => {{
        let server = serve($server).await;
        let client = FromStock(StockEcho::new(server.channel().await));
        (server, client)
    }};
}

/// Calls our client of `$trait` over each transport: a stock server, our own, and in process.
/// Those of ours answer with a word more than the stock one.
macro_rules! to_each {
    ($client:ident, $server:ident, |$echo:ident, $end:ident| $check:expr) => {{
        let stock = serve_http(stock::echo_server::EchoServer::new(StockParrot)).await;
        let ours = serve($server::new(Words::new())).await;
        let ($echo, $end) = ($client::new(stock.connect().await), None::<&str>);
        $check;
        let ($echo, $end) = ($client::new(ours.connect().await), Some("end"));
        $check;
        let ($echo, $end) = ($client::in_process(Words::new()), Some("end"));
        $check;
    }};
}

/// Notes with these texts, numbered, and the word of our server after them.
fn with_end(texts: [&str; 2], end: Option<&str>, count: u32) -> Vec<Note> {
    let notes = texts.iter().zip(0..).map(|(text, count)| note(text, count));
    notes.chain(end.map(|end| note(end, count))).collect()
}

fn joined(end: Option<&str>) -> String {
    ["a", "b"].into_iter().chain(end).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn plain_arguments_and_plain_answers() {
    let (_server, mut stock) = from_stock!(PlainServer::new(Words::new()));
    stock.check_unary().await;
    stock.check_streams().await;
    to_each!(PlainClient, PlainServer, |echo, end| {
        assert_eq!(echo.say(note("hello", 7)).await.unwrap(), note("hello", 7));
        let repeated = echo.repeat(note("tick", 2)).await.unwrap();
        assert_eq!(all::<_, Note>(repeated).await, with_end(["tick"; 2], end, 2));
        assert_eq!(echo.join(notes(["a", "b"])).await.unwrap().text, joined(end));
        let echoed = echo.chat(notes(["a", "b"])).await.unwrap();
        assert_eq!(all::<_, Note>(echoed).await, with_end(["a", "b"], end, 0));
    });
}

#[tokio::test]
async fn plain_arguments_and_streams_at_once() {
    let (_server, mut stock) = from_stock!(DirectServer::new(Words::new()));
    stock.check_streams().await;
    to_each!(DirectClient, DirectServer, |echo, end| {
        let repeated = echo.repeat(note("tick", 2));
        assert_eq!(all::<_, Note>(repeated).await, with_end(["tick"; 2], end, 2));
        let echoed = echo.chat(notes(["a", "b"]));
        assert_eq!(all::<_, Note>(echoed).await, with_end(["a", "b"], end, 0));
    });
}

#[tokio::test]
async fn plain_arguments_and_answers_in_an_envelope() {
    let (_server, mut stock) = from_stock!(AnswersServer::new(Words::new()));
    stock.check_unary().await;
    stock.check_streams().await;
    to_each!(AnswersClient, AnswersServer, |echo, end| {
        assert_eq!(echo.say(note("hello", 7)).await.unwrap().into_inner(), note("hello", 7));
        let repeated = echo.repeat(note("tick", 2)).await.unwrap().into_inner();
        assert_eq!(all::<_, Note>(repeated).await, with_end(["tick"; 2], end, 2));
        let answer = echo.join(notes(["a", "b"])).await.unwrap();
        assert_eq!(answer.into_inner().text, joined(end));
        let echoed = echo.chat(notes(["a", "b"])).await.unwrap().into_inner();
        assert_eq!(all::<_, Note>(echoed).await, with_end(["a", "b"], end, 0));
    });
}

#[tokio::test]
async fn arguments_in_an_envelope_and_plain_answers() {
    let (_server, mut stock) = from_stock!(RequestsServer::new(Words::new()));
    stock.check_unary().await;
    stock.check_streams().await;
    to_each!(RequestsClient, RequestsServer, |echo, end| {
        assert_eq!(echo.say(Request::new(note("hello", 7))).await.unwrap(), note("hello", 7));
        let repeated = echo.repeat(Request::new(note("tick", 2))).await.unwrap();
        assert_eq!(all::<_, Note>(repeated).await, with_end(["tick"; 2], end, 2));
        let answer = echo.join(Request::new(notes(["a", "b"]))).await.unwrap();
        assert_eq!(answer.text, joined(end));
        let echoed = echo.chat(Request::new(notes(["a", "b"]))).await.unwrap();
        assert_eq!(all::<_, Note>(echoed).await, with_end(["a", "b"], end, 0));
    });
}

#[tokio::test]
async fn arguments_in_an_envelope_and_streams_at_once() {
    let (_server, mut stock) = from_stock!(RequestsDirectServer::new(Words::new()));
    stock.check_streams().await;
    to_each!(RequestsDirectClient, RequestsDirectServer, |echo, end| {
        let repeated = echo.repeat(Request::new(note("tick", 2)));
        assert_eq!(all::<_, Note>(repeated).await, with_end(["tick"; 2], end, 2));
        let echoed = echo.chat(Request::new(notes(["a", "b"])));
        assert_eq!(all::<_, Note>(echoed).await, with_end(["a", "b"], end, 0));
    });
}

#[tokio::test]
async fn no_argument_is_google_protobuf_empty() {
    let server = serve(ClockServer::new(Words::new())).await;
    let mut client = stock::clock_client::ClockClient::new(server.channel().await);
    let nothing = traitwire_tests::stock::google::protobuf::Empty {};
    assert_eq!(client.plain(nothing).await.unwrap().into_inner().text, "end");
    assert_eq!(client.envelope(nothing).await.unwrap().into_inner().count, 1);
    let plain = client.plain_stream(nothing).await.unwrap().into_inner();
    assert_eq!(all::<_, Note>(plain).await, ticks());
    let envelope = client.envelope_stream(nothing).await.unwrap().into_inner();
    assert_eq!(all::<_, Note>(envelope).await, ticks());
    let direct = client.direct_stream(nothing).await.unwrap().into_inner();
    assert_eq!(all::<_, Note>(direct).await, ticks());

    let stock = serve_http(stock::clock_server::ClockServer::new(StockClock)).await;
    check_clock(&ClockClient::new(stock.connect().await)).await;
    check_clock(&ClockClient::new(server.connect().await)).await;
    check_clock(&ClockClient::in_process(Words::new())).await;
}

async fn check_clock(clock: &impl Clock) {
    assert_eq!(clock.plain().await.unwrap(), note("end", 0));
    assert_eq!(clock.envelope().await.unwrap().into_inner(), note("end", 1));
    assert_eq!(all::<_, Note>(clock.plain_stream().await.unwrap()).await, ticks());
    let envelope = clock.envelope_stream().await.unwrap();
    assert_eq!(all::<_, Note>(envelope.into_inner()).await, ticks());
    assert_eq!(all::<_, Note>(clock.direct_stream()).await, ticks());
}

/// The stock server of [`Clock`].
struct StockClock;

type Nothing = Request<traitwire_tests::stock::google::protobuf::Empty>;
type Ticks = Pin<Box<dyn Stream<Item = Result<stock::Note, Status>> + Send>>;

fn stock_ticks() -> Response<Ticks> {
    let ticks = ticks().map(|tick| Ok(stock::Note::from(tick)));
    Response::new(Box::pin(tokio_stream::iter(ticks)))
}

#[tonic::async_trait]
impl stock::clock_server::Clock for StockClock {
    async fn plain(&self, _: Nothing) -> Result<Response<stock::Note>, Status> {
        Ok(Response::new(note("end", 0).into()))
    }
    async fn envelope(&self, _: Nothing) -> Result<Response<stock::Note>, Status> {
        Ok(Response::new(note("end", 1).into()))
    }
    type PlainStreamStream = Ticks;
    async fn plain_stream(&self, _: Nothing) -> Result<Response<Ticks>, Status> {
        Ok(stock_ticks())
    }
    type EnvelopeStreamStream = Ticks;
    async fn envelope_stream(&self, _: Nothing) -> Result<Response<Ticks>, Status> {
        Ok(stock_ticks())
    }
    type DirectStreamStream = Ticks;
    async fn direct_stream(&self, _: Nothing) -> Result<Response<Ticks>, Status> {
        Ok(stock_ticks())
    }
}
