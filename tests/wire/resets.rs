//! A caller that goes away half way: the handler hears of it, and never takes half a request for a
//! whole one.

use bytes::Bytes;
use h2::{Reason, SendStream, client::SendRequest};
use http::header;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::{net::TcpStream, sync::mpsc, task::JoinHandle};
use tonic::body::Body;
use tower::Service;
use traitwire::{Code, Request, Response, Status, Stream, Streaming, service, stream_fn};
use traitwire_tests::{Server, serve};

use crate::{
    contract::{Note, note},
    raw::{framed, request},
};

#[service(package = "proof.v1", name = "Echo")]
trait Listen {
    async fn say(&self, note: Note) -> Result<Note, Status>;
    async fn join(&self, notes: Streaming<Note>) -> Result<Note, Status>;
    async fn chat(
        &self,
        notes: Request<Streaming<Note>>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;
}

/// What becomes of a handler.
#[derive(Debug, PartialEq)]
enum Seen {
    Text(String),
    End,
    Error(Code, String),
    /// It was dropped, or had returned.
    Gone,
}

/// Tells everything that its handlers read.
struct Witness(mpsc::UnboundedSender<Seen>);

impl Witness {
    fn handler(&self) -> Handler<'_> {
        Handler(&self.0)
    }
}

/// One call; its end is told too.
struct Handler<'a>(&'a mpsc::UnboundedSender<Seen>);

impl Handler<'_> {
    fn tell(&self, seen: Seen) {
        // The test may have seen enough.
        let _ = self.0.send(seen);
    }

    async fn read(&self, notes: &mut Streaming<Note>) -> Result<Option<Note>, Status> {
        let next = notes.message().await;
        self.tell(match &next {
            Ok(Some(note)) => Seen::Text(note.text.clone()),
            Ok(None) => Seen::End,
            Err(status) => Seen::Error(status.code(), status.message().to_owned()),
        });
        next
    }
}

impl Drop for Handler<'_> {
    fn drop(&mut self) {
        self.tell(Seen::Gone);
    }
}

impl Listen for Witness {
    async fn say(&self, note: Note) -> Result<Note, Status> {
        self.handler().tell(Seen::Text(note.text.clone()));
        Ok(note)
    }

    async fn join(&self, mut notes: Streaming<Note>) -> Result<Note, Status> {
        let handler = self.handler();
        while handler.read(&mut notes).await?.is_some() {}
        Ok(Note::default())
    }

    async fn chat(
        &self,
        notes: Request<Streaming<Note>>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
        let mut notes = notes.into_inner();
        let handler = self.handler();
        Ok(Response::new(stream_fn(async move |mut out| {
            while let Some(note) = handler.read(&mut notes).await? {
                out.send(note).await?;
            }
            Ok(())
        })))
    }
}

/// A server, what its handlers read, and a raw connection to it.
struct Scene {
    server: Server,
    seen: mpsc::UnboundedReceiver<Seen>,
    caller: SendRequest<Bytes>,
    connection: JoinHandle<()>,
}

impl Scene {
    async fn new() -> Self {
        let (sender, seen) = mpsc::unbounded_channel();
        let server = serve(ListenServer::new(Witness(sender))).await;
        let socket = TcpStream::connect(server.addr).await.unwrap();
        let (caller, connection) = h2::client::handshake(socket).await.unwrap();
        let connection = tokio::spawn(async move {
            let _ = connection.await;
        });
        Self { server, seen, caller, connection }
    }

    /// Starts a call and sends messages, each of which the handler has read before this returns.
    async fn send(&mut self, method: &str, texts: &[&str]) -> SendStream<Bytes> {
        let path = format!("/proof.v1.Echo/{method}");
        self.caller = self.caller.clone().ready().await.unwrap();
        let (answer, mut body) =
            self.caller.send_request(request(&self.server, &path, ()), false).unwrap();
        // A call whose answer nobody waits for would be cancelled.
        tokio::spawn(answer);
        for text in texts {
            body.send_data(framed(&note(text, 0)), false).unwrap();
            assert_eq!(self.seen().await, Seen::Text((*text).to_owned()));
        }
        body
    }

    async fn seen(&mut self) -> Seen {
        self.seen.recv().await.expect("the server holds the other end")
    }

    /// What becomes of a handler that reads when its caller goes away: it hears of it.
    async fn assert_cancelled(&mut self, method: &str) {
        let why = "the caller went away before its messages ended";
        assert_eq!(self.seen().await, Seen::Error(Code::Cancelled, why.to_owned()), "{method}");
        assert_eq!(self.seen().await, Seen::Gone, "{method}");
    }
}

/// The control: a request that ends is read to its end.
#[tokio::test]
async fn a_request_that_ends_in_peace_has_an_end() {
    let mut scene = Scene::new().await;
    for method in ["Join", "Chat"] {
        let mut body = scene.send(method, &["one", "two"]).await;
        body.send_data(Bytes::new(), true).unwrap();
        assert_eq!(scene.seen().await, Seen::End, "{method}");
        assert_eq!(scene.seen().await, Seen::Gone, "{method}");
    }
}

#[tokio::test]
async fn a_reset_between_messages_is_cancelled_for_every_reason() {
    // Not NO_ERROR, with which a server, and only a server, may stop a request: hyper takes it for
    // the end of the body.
    let reasons =
        [Reason::CANCEL, Reason::INTERNAL_ERROR, Reason::REFUSED_STREAM, Reason::PROTOCOL_ERROR];
    let mut scene = Scene::new().await;
    for method in ["Join", "Chat"] {
        for reason in reasons {
            let mut body = scene.send(method, &["one", "two"]).await;
            body.send_reset(reason);
            scene.assert_cancelled(method).await;
        }
    }
}

#[tokio::test]
async fn a_reset_within_a_message_is_cancelled() {
    let mut scene = Scene::new().await;
    for method in ["Join", "Chat"] {
        let mut body = scene.send(method, &["one"]).await;
        let half = framed(&note("two", 0)).slice(..7);
        body.send_data(half, false).unwrap();
        body.send_reset(Reason::CANCEL);
        scene.assert_cancelled(method).await;
    }
}

#[tokio::test]
async fn a_cut_connection_is_cancelled() {
    for method in ["Join", "Chat"] {
        let mut scene = Scene::new().await;
        let _body = scene.send(method, &["one", "two"]).await;
        scene.connection.abort();
        scene.assert_cancelled(method).await;
    }
}

/// What a layer sees of a call that no handler has seen.
#[tokio::test]
async fn a_unary_call_that_breaks_off_is_answered_with_cancelled() {
    let (sender, _seen) = mpsc::unbounded_channel();
    let mut server = ListenServer::new(Witness(sender));
    for so_far in [None, Some(framed(&note("half a request", 0)))] {
        let frames = so_far.map(|bytes| Ok(Frame::data(bytes)));
        let frames = frames.into_iter().chain([Err(Status::unknown("reset"))]);
        let body = Body::new(StreamBody::new(tokio_stream::iter(frames)));
        let request = http::Request::post("/proof.v1.Echo/Say")
            .header(header::CONTENT_TYPE, "application/grpc")
            .body(body)
            .unwrap();
        let answer = server.call(request).await.unwrap();
        let status = Status::from_header_map(answer.headers()).expect("headers alone");
        assert_eq!(status.code(), Code::Cancelled, "{status:?}");
    }
}

/// A unary handler runs when its one message is there and nothing follows.
#[tokio::test]
async fn a_unary_call_that_breaks_off_does_not_run() {
    let mut scene = Scene::new().await;
    let mut body = scene.send("Say", &[]).await;
    body.send_data(framed(&note("half a request", 0)), false).unwrap();
    body.send_reset(Reason::CANCEL);
    // The next call runs, and is the first that the service sees.
    let mut body = scene.send("Say", &[]).await;
    body.send_data(framed(&note("whole", 0)), true).unwrap();
    assert_eq!(scene.seen().await, Seen::Text("whole".to_owned()));
}
