//! What the tests share: servers on free ports, the stubs of stock tonic, and what is skipped.

pub mod frames;
pub mod stock;

use std::{future::Future, io::Write, net::SocketAddr, path::PathBuf, pin::Pin, sync::Arc};

use bytes::Bytes;
use tokio::{net::TcpListener, sync::oneshot};
use tonic::transport::Endpoint;
use tower_service::Service;
use traitwire::{Channel, Incoming, Served, rt::server::Dispatch};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A server on a free port of this machine. It ends when this is dropped.
pub struct Server {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Tells the server to end, by being dropped.
    _alive: oneshot::Sender<()>,
}

impl Server {
    /// The address as clients take it.
    pub fn uri(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// A connection to the server.
    pub async fn connect(&self) -> Channel {
        Channel::connect(self.uri()).await.expect("the server listens")
    }

    /// A connection to the server for a stock client.
    pub async fn channel(&self) -> tonic::transport::Channel {
        let endpoint = Endpoint::from_shared(self.uri()).expect("an address is a URI");
        endpoint.connect().await.expect("the server listens")
    }
}

/// Serves one service of ours.
pub async fn serve<C, S>(service: Served<C, S>) -> Server
where
    C: Dispatch<S> + 'static,
    S: Send + Sync + 'static,
{
    serve_with(traitwire::Server::new(), service).await
}

/// The same with other limits.
pub async fn serve_with<C, S>(server: traitwire::Server, service: Served<C, S>) -> Server
where
    C: Dispatch<S> + 'static,
    S: Send + Sync + 'static,
{
    serve_all(server.add(service)).await
}

/// Serves what has no contract of ours: a stock service, several of them as
/// [`Routes`](tonic::service::Routes), or ours behind a layer.
pub async fn serve_http<S, B>(service: S) -> Server
where
    S: Service<http::Request<Incoming>, Response = http::Response<B>>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    serve_all(traitwire::Server::new().fallback(service)).await
}

/// Serves what a server has been given.
pub async fn serve_all(server: traitwire::Server) -> Server {
    let serve = |listener, gone| async move {
        server.serve(listener, gone).await.expect("no service is there twice");
    };
    serve_by(serve).await
}

/// Serves with the server of example 19. It ends at once when this is dropped, and leaves nobody.
pub async fn serve_dispatch(server: server_dispatch::Server) -> Server {
    let server = Arc::new(server);
    let serve = |listener, gone| async move {
        let end = async {
            gone.await;
            server.stop().await;
        };
        tokio::join!(server.clone().serve(listener), end);
        assert_eq!(server.connections(), 0, "a connection is left");
    };
    serve_by(serve).await
}

/// Serves by other means: `serve` gets a listener, and what is done when the server is to end.
pub async fn serve_by<F>(serve: impl FnOnce(TcpListener, Gone) -> F) -> Server
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("a bound address");
    let (alive, gone) = oneshot::channel::<()>();
    tokio::spawn(serve(listener, Box::pin(async { drop(gone.await) })));
    Server { addr, _alive: alive }
}

/// Done when the [`Server`] is dropped.
pub type Gone = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where `tests/peers/install.sh` puts the programs of other people.
pub fn peers() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/peers"))
}

/// A file of a peer, if that is installed. If not, the running test says that it is skipped.
pub fn peer(name: &str, file: &str) -> Option<PathBuf> {
    let path = peers().join(file);
    if path.exists() {
        return Some(path);
    }
    skipped(&format!("no peer {name}; `tests/peers/install.sh {name}` installs it"));
    None
}

/// The Python of the peers, if it has this module.
pub fn python(module: &str) -> Option<PathBuf> {
    let python = peer("python", "python/bin/python")?;
    let import =
        std::process::Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if import.is_ok_and(|it| it.status.success()) {
        return Some(python);
    }
    skipped(&format!("no {module} for Python; `tests/peers/install.sh python` installs it"));
    None
}

/// Says that the running test is skipped. Past the capture of the test harness, so that it is seen.
pub fn skipped(why: &str) {
    let test = std::thread::current();
    let line = format!("skipped: {}: {why}\n", test.name().unwrap_or("a test"));
    // Without an output there is nobody to tell.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// How much memory this process has in its hands, in bytes.
#[cfg(target_os = "linux")]
#[must_use]
pub fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Nothing that is known here.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn resident() -> usize {
    0
}
