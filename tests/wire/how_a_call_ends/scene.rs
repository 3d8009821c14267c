//! A call, its end, and what is seen of it.

use std::{pin::Pin, time::Duration};

use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};
use tonic::transport::{Endpoint, server::TcpIncoming};
use traitwire::{Request, Sender, Status, Stream, StreamExt, Streaming, stream_fn};
use traitwire_tests::stock::proof::v1 as stock;
use wire::Side;

use super::{
    Event, Shape, Stack,
    page::Run,
    witness::{QUESTION, Seen, Witness},
};
use crate::{
    contract::{Echo, EchoClient, EchoServer, Note, Stock, StockClient, note},
    line::Line,
};

/// Enough for anything here; what takes longer does not happen.
const BOUND: Duration = Duration::from_secs(10);

async fn within<F: Future>(what: &str, future: F) -> F::Output {
    let waited = timeout(BOUND, future).await;
    waited.unwrap_or_else(|_| panic!("{what} takes no longer than that"))
}

/// Makes a call, lets it happen, and tells what was seen.
pub(crate) async fn run(stack: Stack, shape: Shape, event: Event) -> Run {
    let (witness, sees) = Witness::new(event.deed());
    let drain_timeout = match event {
        Event::ServerStops => Duration::from_millis(500),
        _ => Duration::MAX,
    };
    let server = Server::start(stack, witness.clone(), drain_timeout).await;
    let uri = format!("http://{}", server.line.addr);
    let scene = Scene { server, witness, sees, stack, run: Run::new(shape, event) };
    match stack {
        Stack::Ours => scene.play(EchoClient::connect(uri).await.unwrap()).await,
        Stack::Stock => {
            let channel = Endpoint::from_shared(uri).unwrap().connect().await.unwrap();
            scene.play(StockClient(stock::echo_client::EchoClient::new(channel))).await
        }
    }
}

/// A server that can be told to stop.
struct Server {
    line: Line,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(stack: Stack, witness: Witness, drain_timeout: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Line::to(listener.local_addr().unwrap()).await;
        let (stop, told) = oneshot::channel::<()>();
        let told = async { drop(told.await) };
        let serving = match stack {
            Stack::Ours => tokio::spawn(async move {
                let server = traitwire::Server::new().drain_timeout(drain_timeout);
                server.add(EchoServer::new(witness)).serve(listener, told).await.unwrap();
            }),
            Stack::Stock => tokio::spawn(async move {
                let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
                // Its streams borrow nothing, so the service is there for ever.
                let service = Stock(Box::leak(Box::new(witness)));
                let service = stock::echo_server::EchoServer::new(service);
                let server = tonic::transport::Server::builder();
                server.serve_with_incoming_shutdown(service, incoming, told).await.unwrap();
            }),
        };
        Self { line, stop: Some(stop), serving }
    }

    /// Begins to stop: no call begins any more.
    async fn drain(&mut self) {
        self.stop = None;
        within("to drain", self.line.until_drained()).await;
    }
}

type Answers<'a> = Pin<Box<dyn Stream<Item = Result<Note, Status>> + Send + 'a>>;

/// A call of any shape as a stream of its answers. Who drops it drops the call.
fn call<C: Echo>(client: &C, shape: Shape, questions: Streaming<Note>) -> Answers<'_> {
    let one = Request::new(note(QUESTION, 0));
    let many = Request::new(questions);
    Box::pin(stream_fn(async move |mut out| {
        let mut answers: Answers<'_> = match shape {
            Shape::Unary => {
                let answer = client.say(one).await?.into_inner();
                Box::pin(Streaming::from_iter([answer]))
            }
            Shape::ServerStreaming => Box::pin(client.repeat(one).await?.into_inner()),
            Shape::ClientStreaming => {
                let answer = client.join(many).await?.into_inner();
                Box::pin(Streaming::from_iter([answer]))
            }
            Shape::Bidirectional => Box::pin(client.chat(many).await?.into_inner()),
        };
        while let Some(answer) = answers.next().await {
            out.send(answer?).await?;
        }
        Ok(())
    }))
}

/// What the caller asks, and the hand that asks.
fn questions(event: Event) -> (Sender<Note>, Streaming<Note>) {
    let (sender, questions) = Streaming::channel(1);
    if event != Event::CallerFails {
        return (sender, questions);
    }
    let failure = stream_fn(async |_| Err(Status::aborted("no more questions")));
    (sender, Streaming::new(questions.chain(failure)))
}

struct Scene {
    server: Server,
    witness: Witness,
    sees: mpsc::UnboundedReceiver<Seen>,
    stack: Stack,
    run: Run,
}

impl Scene {
    async fn play<C: Echo>(mut self, client: C) -> Run {
        let (shape, event) = (self.run.shape, self.run.event);
        let (mut sender, questions) = questions(event);
        sender.send(note(QUESTION, 0)).await.unwrap();
        let mut sender = Some(sender).filter(|_| shape.has_request_stream());
        let mut answers = Some(call(&client, shape, questions));
        within("to begin", self.begin(answers.as_mut().expect("nobody has left"))).await;

        match event {
            Event::CallerEnds | Event::CallerFails => sender = None,
            Event::CallerLeaves => answers = None,
            Event::CallerVanishes => self.server.line.lose(Side::Client),
            Event::ServerVanishes => self.server.line.lose(Side::Server),
            Event::ServerDrains => {
                self.server.drain().await;
                self.witness.go();
            }
            Event::ServerStops => {
                self.server.drain().await;
                // Ours has a drain timeout for that.
                if self.stack == Stack::Stock {
                    self.server.serving.abort();
                }
            }
            _ => self.witness.go(),
        }

        let goes_on = event.is_no_end(shape, self.stack);
        let caller_waits = !goes_on && event != Event::CallerVanishes;
        if let Some(answers) = answers.as_mut().filter(|_| caller_waits) {
            while self.run.caller.last().is_none_or(Option::is_some) {
                self.run.caller.push(within("an answer", answers.next()).await);
            }
        }
        if let Some(sender) = sender.as_mut().filter(|_| goes_on) {
            self.run.sent = Some(sender.send(note("more", 0)).await.is_ok());
            within("to arrive", self.server.line.until_messages(2)).await;
        }
        if event != Event::ServerVanishes {
            within("the handler", self.until_the_handler_is_done()).await;
        }
        if let Some(sender) = sender.as_mut().filter(|_| caller_waits) {
            within("a refusal", async { while sender.send(note("more", 0)).await.is_ok() {} })
                .await;
            self.run.sent = Some(false);
        }
        match event {
            Event::CallerVanishes | Event::ServerVanishes => {}
            Event::ServerDrains | Event::ServerStops => {
                within("to close", self.server.line.until_closed()).await;
            }
            // Another call over the same connection comes after all that belongs to this one.
            _ => {
                let other = client.say(Request::new(note("another", 0)));
                within("another call", other).await.unwrap();
            }
        }
        self.run.wire = [Side::Client, Side::Server].map(|side| self.server.line.sent(side));
        self.run
    }

    /// Until the question is asked, and answered where an answer comes before the end.
    async fn begin(&mut self, answers: &mut Answers<'_>) {
        let Run { shape, event, caller, handler, .. } = &mut self.run;
        let is_answered = shape.has_answer_stream() && *event != Event::HandlerRefuses;
        while handler.is_empty() || (is_answered && caller.is_empty()) {
            tokio::select! {
                answer = answers.next() => caller.push(answer),
                seen = self.sees.recv() => handler.extend(seen),
            }
        }
    }

    async fn until_the_handler_is_done(&mut self) {
        let leaves = self.run.event == Event::CallerLeaves;
        let goes_on = leaves && self.run.event.is_no_end(self.run.shape, self.stack);
        let handler = &mut self.run.handler;
        loop {
            match handler.last() {
                Some(Seen::StoppedReading | Seen::Returned | Seen::Panicked | Seen::Dropped) => {
                    break;
                }
                // It has read what was sent after its caller left.
                Some(Seen::Question) if goes_on && handler.len() > 1 => break,
                _ => handler.extend(self.sees.recv().await),
            }
        }
    }
}
