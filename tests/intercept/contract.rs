//! A service of all four shapes that says what it was given, and an interceptor that says what it saw.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use traitwire::{
    BoxTransport, InProcess, MethodKind, Request, Response, Server, ServiceOptions, Status, Stream,
    StreamExt, Streaming,
    intercept::{Call, End, Ended, Intercept, Next},
    service,
};
use traitwire_tests::serve_with;

/// Texts come and go.
#[service(package = "tests")]
pub trait Texts {
    /// The text.
    async fn one(&self, text: Request<String>) -> Result<Response<String>, Status>;
    /// Its words.
    async fn words(
        &self,
        text: Request<String>,
    ) -> Result<Response<impl Stream<Item = Result<String, Status>>>, Status>;
    /// The same, without waiting for a head.
    fn split(&self, text: &str) -> impl Stream<Item = Result<String, Status>>;
    /// All texts as one.
    async fn join(&self, texts: Request<Streaming<String>>) -> Result<Response<String>, Status>;
    /// The texts as they come.
    async fn both(
        &self,
        texts: Request<Streaming<String>>,
    ) -> Result<Response<impl Stream<Item = Result<String, Status>>>, Status>;
}

/// What an interceptor hands to the handler.
#[derive(Clone)]
pub struct User(pub String);

/// Counts how often a handler started.
#[derive(Clone, Default)]
pub struct Reader(pub Arc<AtomicUsize>);

impl Reader {
    fn start<T>(&self, request: &Request<T>) -> String {
        self.0.fetch_add(1, Ordering::Relaxed);
        let user = request.extensions().get().map_or("nobody", |User(name)| name);
        match request.metadata().get("x-word").map(|it| it.to_str().unwrap()) {
            Some(word) => format!("{user} {word}"),
            None => user.to_owned(),
        }
    }
}

/// An answer that says in its metadata who has asked.
fn answer<T>(given: &str, body: T) -> Response<T> {
    let mut response = Response::new(body);
    response.metadata_mut().insert("x-given", given.parse().unwrap());
    response
}

fn word(word: &str) -> Result<String, Status> {
    match word {
        "fail" => Err(Status::aborted("as asked")),
        "panic" => panic!("the handler panics, as the test wants it to"),
        word => Ok(word.to_owned()),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

impl Texts for Reader {
    async fn one(&self, text: Request<String>) -> Result<Response<String>, Status> {
        let given = self.start(&text);
        if text.get_ref() == "wait" {
            std::future::pending().await
        }
        Ok(answer(&given, word(&text.into_inner())?))
    }

    async fn words(
        &self,
        text: Request<String>,
    ) -> Result<Response<impl Stream<Item = Result<String, Status>>>, Status> {
        let given = self.start(&text);
        let words = words(&text.into_inner());
        Ok(answer(&given, tokio_stream::iter(words).map(|it| word(&it)).chain(waits(&given))))
    }

    fn split(&self, text: &str) -> impl Stream<Item = Result<String, Status>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        tokio_stream::iter(text.split(' ').map(word))
    }

    async fn join(&self, texts: Request<Streaming<String>>) -> Result<Response<String>, Status> {
        let given = self.start(&texts);
        let mut texts = texts.into_inner();
        let mut joined = Vec::new();
        // A text that is refused ends the call, whatever its handler thinks of it.
        while let Ok(Some(text)) = texts.message().await {
            joined.push(word(&text)?);
        }
        Ok(answer(&given, joined.join(" ")))
    }

    async fn both(
        &self,
        texts: Request<Streaming<String>>,
    ) -> Result<Response<impl Stream<Item = Result<String, Status>>>, Status> {
        let given = self.start(&texts);
        Ok(answer(&given, texts.into_inner().map(|text| word(&text?))))
    }
}

/// A stream that has no end, for a caller who says so.
fn waits(given: &str) -> impl Stream<Item = Result<String, Status>> + use<> {
    let waits = given.ends_with(" wait");
    tokio_stream::iter(waits.then_some(())).then(|()| std::future::pending())
}

pub type Client = TextsClient<BoxTransport>;

/// What a server is given at each door.
pub struct Served {
    pub reader: Reader,
    pub options: ServiceOptions,
}

/// A client over a socket, one in the same process, and one that calls the tower service.
pub async fn doors(
    mut serve: impl FnMut() -> Served,
) -> [(&'static str, Client, Option<traitwire_tests::Server>); 3] {
    let mut server = || {
        let Served { reader, options } = serve();
        TextsServer::new(reader).with(options)
    };
    let socket = serve_with(Server::new(), server()).await;
    [
        ("socket", TextsClient::new(socket.connect().await).boxed(), Some(socket)),
        ("in process", TextsClient::new(InProcess::new(server())).boxed(), None),
        ("tower", TextsClient::new(server()).boxed(), None),
    ]
}

/// The result of a call: what the handler was given, and what it answered.
pub type Outcome = Result<(String, Vec<String>), Status>;

/// The names of the methods.
pub const METHODS: [&str; 5] = ["One", "Words", "Split", "Join", "Both"];

/// Makes a call with these words, whatever its shape.
pub async fn call(client: &Client, method: &str, text: &str) -> Outcome {
    match method {
        "One" => {
            let answer = client.one(Request::new(text.to_owned())).await?;
            Ok((given(&answer), vec![answer.into_inner()]))
        }
        "Words" => read(client.words(Request::new(text.to_owned())).await?).await,
        "Split" => read(Response::new(client.split(text))).await,
        "Join" => {
            let texts: Streaming<String> = words(text).into_iter().collect();
            let answer = client.join(Request::new(texts)).await?;
            Ok((given(&answer), vec![answer.into_inner()]))
        }
        "Both" => {
            let texts: Streaming<String> = words(text).into_iter().collect();
            read(client.both(Request::new(texts)).await?).await
        }
        other => panic!("no method {other}"),
    }
}

pub fn given<T>(answer: &Response<T>) -> String {
    let given = answer.metadata().get("x-given");
    given.map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn read(answer: Response<Streaming<String>>) -> Outcome {
    let given = given(&answer);
    let mut texts = answer.into_inner();
    let mut read = Vec::new();
    while let Some(text) = texts.message().await? {
        read.push(text);
    }
    Ok((given, read))
}

/// What was seen, in its order.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    pub fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    /// What was written since the last time.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Waits for something to be written.
    pub async fn next(&self) -> Vec<String> {
        loop {
            let lines = self.take();
            if !lines.is_empty() {
                return lines;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Writes how a call ended.
    pub fn end(&self, name: &str, ended: &Ended<'_>) {
        let (requests, responses) = (ended.requests(), ended.responses());
        self.write(format!(
            "{name} {} {:?} {}/{} messages, {}/{} bytes",
            ended.method().name,
            ended.code(),
            requests.messages,
            responses.messages,
            requests.bytes,
            responses.bytes
        ));
    }
}

/// A function that writes what it sees.
pub async fn observe(
    name: &'static str,
    journal: Journal,
    mut call: Call,
    next: Next,
) -> Result<End, Status> {
    journal.write(format!("{name} begins {}", shape(&call)));
    let ends = journal.clone();
    call.on_end(move |ended| ends.end(name, ended));
    let result = next.run(call).await;
    let code = result.as_ref().map_or_else(Status::code, |_| traitwire::Code::Ok);
    journal.write(format!("{name} has {code:?}"));
    result
}

fn shape(call: &Call) -> String {
    let method = call.method();
    assert_eq!(call.service().full_name(), "tests.Texts");
    assert_eq!(call.path(), method.path);
    let shape = match method.kind {
        MethodKind::Unary => "one to one",
        MethodKind::ServerStreaming => "one to many",
        MethodKind::ClientStreaming => "many to one",
        MethodKind::Bidirectional => "many to many",
    };
    format!("{} {shape}", method.name)
}

/// A type that does.
pub struct Observer {
    pub name: &'static str,
    pub journal: Journal,
}

impl Intercept for Observer {
    fn begin(&self, call: &mut Call) -> Result<(), Status> {
        self.journal.write(format!("{} begins {}", self.name, shape(call)));
        Ok(())
    }

    fn end(&self, ended: &Ended<'_>) {
        self.journal.end(self.name, ended);
    }
}
