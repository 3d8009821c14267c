//! Servers that die, hang, and come back at their port.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{oneshot, watch},
    task::{JoinHandle, JoinSet},
    time::sleep,
};
use traitwire::{Request, Server, Status, service};

use crate::peer::Port;

#[service(package = "proof.v1")]
pub(crate) trait Numbers {
    /// The number of the server.
    #[rpc(idempotency = "NO_SIDE_EFFECTS")]
    async fn mine(&self, request: Request<()>) -> Result<u32, Status>;

    /// The same, and nobody says that it may be called twice.
    async fn once(&self) -> Result<u32, Status>;
}

/// What a server does with its calls.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Manner {
    #[default]
    Well,
    Slow(Duration),
    Fails,
    /// Every other call fails.
    HalfFails,
    /// UNAVAILABLE, with this for those who would call again.
    Pushback(&'static str),
}

/// What a server has seen.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) manner: Mutex<Manner>,
    pub(crate) calls: AtomicUsize,
    /// `grpc-previous-rpc-attempts` of its calls.
    pub(crate) previous: Mutex<Vec<Option<String>>>,
}

struct Number(u32, Arc<Seen>);

impl Numbers for Number {
    async fn mine(&self, request: Request<()>) -> Result<u32, Status> {
        let previous = request.metadata().get("grpc-previous-rpc-attempts");
        let previous = previous.map(|it| it.to_str().unwrap().to_owned());
        self.1.previous.lock().unwrap().push(previous);
        self.once().await
    }

    async fn once(&self) -> Result<u32, Status> {
        let Self(number, seen) = self;
        let before = seen.calls.fetch_add(1, Relaxed);
        let manner = *seen.manner.lock().unwrap();
        match manner {
            Manner::Well => {}
            Manner::Slow(time) => sleep(time).await,
            Manner::HalfFails if before % 2 == 1 => {}
            Manner::Fails | Manner::HalfFails => return Err(Status::unavailable("not now")),
            Manner::Pushback(said) => {
                let mut status = Status::unavailable("not now");
                status.metadata_mut().insert("grpc-retry-pushback-ms", said.parse().unwrap());
                return Err(status);
            }
        }
        Ok(*number)
    }
}

/// A server behind a relay, at a port that stays.
pub(crate) struct Backend {
    port: Port,
    pub(crate) seen: Arc<Seen>,
    number: u32,
    freeze: watch::Sender<bool>,
    running: Option<Running>,
}

struct Running {
    upstream: Arc<Mutex<SocketAddr>>,
    relay: JoinHandle<()>,
    end: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Backend {
    pub(crate) async fn new(number: u32) -> Self {
        let mut backend = Self::down(number);
        backend.start().await;
        backend
    }

    /// One that refuses connections.
    pub(crate) fn down(number: u32) -> Self {
        let (seen, (freeze, _)) = (Arc::default(), watch::channel(false));
        Self { port: Port::new(), seen, number, freeze, running: None }
    }

    pub(crate) async fn three() -> [Self; 3] {
        [Self::new(0).await, Self::new(1).await, Self::new(2).await]
    }

    pub(crate) fn uri(&self) -> String {
        format!("http://{}", self.port.addr)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.port.addr
    }

    pub(crate) fn set(&self, manner: Manner) {
        *self.seen.manner.lock().unwrap() = manner;
    }

    /// How many calls it has seen since this was asked last.
    pub(crate) fn calls(&self) -> usize {
        self.seen.calls.swap(0, Relaxed)
    }

    async fn serve(&self) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (addr, (end, ends)) = (listener.local_addr().unwrap(), oneshot::channel());
        let numbers = NumbersServer::new(Number(self.number, Arc::clone(&self.seen)));
        let serving = Server::new().add(numbers).serve(listener, async { drop(ends.await) });
        (addr, end, tokio::spawn(async { serving.await.unwrap() }))
    }

    pub(crate) async fn start(&mut self) {
        let (addr, end, server) = self.serve().await;
        let upstream = Arc::new(Mutex::new(addr));
        let listener = self.port.listen().listener;
        let relay = relay(listener, Arc::clone(&upstream), self.freeze.subscribe());
        let relay = tokio::spawn(relay);
        self.running = Some(Running { upstream, relay, end, server });
    }

    /// The process ends, and its connections with it.
    pub(crate) async fn kill(&mut self) {
        let Running { relay, server, .. } = self.running.take().unwrap();
        relay.abort();
        server.abort();
        let _ = (relay.await, server.await);
    }

    /// Nothing comes or goes any more, and nothing is closed.
    pub(crate) fn hang(&self) {
        self.freeze.send_replace(true);
    }

    pub(crate) fn wake(&self) {
        self.freeze.send_replace(false);
    }

    /// Another process takes its place, and this one goes away in peace.
    pub(crate) async fn replace(&mut self) {
        let (addr, end, server) = self.serve().await;
        let running = self.running.as_mut().unwrap();
        *running.upstream.lock().unwrap() = addr;
        let _ = std::mem::replace(&mut running.end, end).send(());
        running.server = server;
    }
}

async fn relay(
    listener: TcpListener,
    upstream: Arc<Mutex<SocketAddr>>,
    frozen: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        let (addr, mut frozen) = (*upstream.lock().unwrap(), frozen.clone());
        connections.spawn(async move {
            let Ok(mut server) = TcpStream::connect(addr).await else { return };
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            let mut copying = std::pin::pin!(copy_bidirectional(&mut client, &mut server));
            loop {
                let is_frozen = *frozen.borrow_and_update();
                tokio::select! {
                    _ = &mut copying, if !is_frozen => return,
                    changed = frozen.changed() => if changed.is_err() { return },
                }
            }
        });
    }
}
