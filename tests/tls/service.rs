//! What is called, where it is served, and what the library tells of it.

use std::{
    fmt::Debug,
    net::SocketAddr,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use tokio::{net::TcpListener, sync::oneshot, time::timeout};
use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::DefaultGuard,
};
use traitwire::{
    Channel, Code, Peer, Request, Server, Status, Stream, service, stream_fn,
    tls::{ClientTls, ServerTls},
};

#[service(package = "tls.test")]
pub(crate) trait Who {
    /// What was said, and the names in the certificate of who said it.
    async fn say(&self, words: Request<String>) -> Result<String, Status>;
    /// As many bytes as are asked for, in messages of 16 KiB.
    fn pour(&self, bytes: u64) -> impl Stream<Item = Result<Vec<u8>, Status>>;
}

pub(crate) struct Named;

impl Who for Named {
    async fn say(&self, words: Request<String>) -> Result<String, Status> {
        let names = Peer::of(&words).map(Peer::names).unwrap_or_default();
        Ok(format!("{} by [{}]", words.get_ref(), names.join(", ")))
    }

    fn pour(&self, bytes: u64) -> impl Stream<Item = Result<Vec<u8>, Status>> {
        stream_fn(async move |mut out| {
            for _ in 0..bytes.div_ceil(16 * 1024) {
                out.send(vec![7; 16 * 1024]).await?;
            }
            Ok(())
        })
    }
}

/// A server on a free port, until this is dropped.
pub(crate) struct Served {
    pub(crate) addr: SocketAddr,
    _alive: oneshot::Sender<()>,
}

pub(crate) async fn serve(tls: &ServerTls) -> Served {
    serve_by(Server::new().tls(tls.clone())).await
}

pub(crate) async fn serve_by(server: Server) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (alive, gone) = oneshot::channel::<()>();
    let server = server.add(WhoServer::new(Named));
    tokio::spawn(async move { server.serve(listener, async { drop(gone.await) }).await.unwrap() });
    Served { addr, _alive: alive }
}

impl Served {
    pub(crate) fn uri(&self) -> String {
        format!("https://{}", self.addr)
    }

    pub(crate) fn client(&self, tls: &ClientTls) -> WhoClient {
        let channel = Channel::builder(self.uri()).tls(tls.clone()).connect_lazy().unwrap();
        WhoClient::new(channel)
    }
}

/// What the call comes to, which must not hang.
pub(crate) async fn say(client: &WhoClient, words: &str) -> Result<String, Status> {
    timeout(Duration::from_secs(20), client.say(Request::new(words.to_owned())))
        .await
        .expect("nothing hangs")
}

/// Why there is no call.
pub(crate) async fn refusal(client: &WhoClient) -> String {
    let status = say(client, "hello").await.expect_err("the call is refused");
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    status.message().to_owned()
}

/// The events of the library on this thread, each with its fields, as long as it lives.
pub(crate) struct Events {
    heard: Arc<Mutex<Vec<String>>>,
    _listens: DefaultGuard,
}

struct Listening(Arc<Mutex<Vec<String>>>);

impl Events {
    pub(crate) fn new() -> Self {
        // With one listener, the thread that is first at an event decides for all whether it is heard. With two,
        // tracing asks the listeners.
        static ANOTHER: LazyLock<Dispatch> =
            LazyLock::new(|| Dispatch::new(Listening(Arc::default())));
        LazyLock::force(&ANOTHER);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listens = tracing::subscriber::set_default(Listening(Arc::clone(&heard)));
        Self { heard, _listens: listens }
    }

    /// The reason of the first event that has one.
    pub(crate) async fn reason(&self) -> String {
        self.reason_with("").await
    }

    /// The first reason with this in it.
    pub(crate) async fn reason_with(&self, part: &str) -> String {
        let of = |line: &String| {
            let (_, reason) = line.split_once(" reason=")?;
            reason.contains(part).then(|| reason.to_owned())
        };
        let heard = async {
            loop {
                if let Some(reason) = self.heard.lock().unwrap().iter().find_map(of) {
                    return reason;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(20), heard).await.expect("the server says why")
    }
}

impl Subscriber for Listening {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && matches!(metadata.target(), "traitwire::server" | "traitwire::tls")
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = String::new();
        event.record(&mut Fields(&mut line));
        self.0.lock().unwrap().push(line);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        *self.0 += &format!(" {field}={value:?}");
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        *self.0 += &format!(" {field}={value}");
    }
}
