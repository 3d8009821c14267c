//! The server: tonic's transport with limits, over connections that can be ended.

mod accepting;
mod connection;
mod listener;

use std::{convert::Infallible, future::Future, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::{Notify, Semaphore, watch};
use tokio_stream::Stream;
use tonic::{
    body::Body,
    transport::{Error, Server as Transport},
};
use tower_layer::{Identity, Layer};
use tower_service::Service;

use self::{
    accepting::accept,
    connection::{Connection, Patience},
};
use crate::{BoxError, stream_fn};

pub use self::listener::Listener;

/// Serves over sockets, within limits.
///
/// ```no_run
/// # use traitwire::{Status, service};
/// # #[service]
/// # trait Orders {
/// #     async fn get(&self, id: String) -> Result<String, Status>;
/// # }
/// # async fn example(shop: impl Orders) -> Result<(), Box<dyn std::error::Error>> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:50051").await?;
/// let interrupted = async { drop(tokio::signal::ctrl_c().await) };
/// traitwire::Server::new().serve(listener, OrdersServer::new(shop), interrupted).await?;
/// # Ok(())
/// # }
/// ```
///
/// It is tonic's [`Server`](Transport) with every limit set, and with what that has none for:
/// connections, callers who connect and say nothing, a listener that fails, and an end.
///
/// # The limits
///
/// | setting | value | what it stops |
/// |---|---|---|
/// | [`max_connections`](Self::max_connections) | 512 | Callers who take every file that the process may open (often 1,024), until it can neither read one nor call anybody. |
/// | [`preface_timeout`](Self::preface_timeout) | 10 s | Connections that say nothing, or one byte at a time, and are held all the same (slowloris). |
/// | [`write_timeout`](Self::write_timeout) | 20 s | Callers who ask for much and read nothing, not even the PING of a keepalive. What is buffered for them would stay as long as they like. |
/// | [`drain_timeout`](Self::drain_timeout) | 5 s | A call that never ends, or a caller who is gone, which keep a server from ending until it is killed: after 10 s by `docker stop`, after 30 s by Kubernetes. |
/// | `max_concurrent_streams` | 200 | A task, and buffers, for each of the thousands of calls that one connection may begin. |
/// | `http2_max_pending_accept_reset_streams` | 200 | Rapid Reset (CVE-2023-44487): calls that are begun and reset in one breath. The value allows that all calls of a connection are given up at once, which happens when a network was away. |
/// | `http2_max_local_error_reset_streams` | 1,024 | MadeYouReset (CVE-2025-8671): wrong frames, for which the server itself resets calls that it has begun to work on. |
/// | `http2_max_header_list_size` | 16 KiB | Metadata that grows when it is decoded, and headers without end (CONTINUATION floods, VU#421644). A call above it is answered with 431; four times as much ends the connection. |
/// | `max_frame_size` | 16 KiB | One large frame that keeps the others of its connection waiting. |
/// | `initial_stream_window_size` | 1 MiB | Memory for what a handler has not read. |
/// | `initial_connection_window_size` | 4 MiB | The same for all calls of a connection. It is more than one call may take, so that a handler that does not read does not stall the others. |
/// | `http2_keepalive_interval`, `_timeout` | 60 s, 20 s | Callers who vanished without a word: their calls, and their connections, would stay. |
/// | nodelay | on | Small messages that wait for an acknowledgement of the one before, 40 ms or more. |
/// | pause after a failed `accept` | 5 ms to 1 s | A loop that takes a whole core while no file is left to open. |
///
/// How large a message may be is up to each service: `max_decoding_message_size` of an `XServer` is
/// 4 MiB. That, times `max_concurrent_streams`, is about what one connection can be made to hold.
///
/// The names in code are methods of tonic's server. Change them, and all else that it has, with
/// [`transport`](Self::transport).
///
/// # What is left to you
///
/// - How long a handler may take: `timeout` of the transport, for callers who set no deadline.
/// - How many calls run at once: `concurrency_limit_per_connection` and `load_shed` of the
///   transport, or a layer.
/// - A caller who keeps a connection and uses it little: `max_connection_age` of the transport asks
///   him to come again. Do not set `max_connection_age_grace` with it: in tonic 0.14.9 it replaces
///   the GOAWAY by a cut.
/// - Floods of PING and SETTINGS cost time and no memory, and resets at a calm pace cost what the
///   calls cost. Who may connect, and how fast, is for a firewall or a proxy.
#[derive(Clone, Debug)]
pub struct Server<L = Identity> {
    transport: Transport<L>,
    max_connections: usize,
    patience: Patience,
    drain_timeout: Duration,
}

impl Server {
    /// A server with the limits above.
    #[must_use]
    pub fn new() -> Self {
        const KIB: u32 = 1024;
        const MIB: u32 = 1024 * KIB;
        Self {
            transport: Transport::builder()
                .max_concurrent_streams(200)
                .http2_max_pending_accept_reset_streams(Some(200))
                .http2_max_local_error_reset_streams(Some(1024))
                .http2_max_header_list_size(16 * KIB)
                .max_frame_size(16 * KIB)
                .initial_stream_window_size(MIB)
                .initial_connection_window_size(4 * MIB)
                .http2_keepalive_interval(Some(Duration::from_secs(60)))
                .http2_keepalive_timeout(Some(Duration::from_secs(20))),
            max_connections: 512,
            patience: Patience { preface: Duration::from_secs(10), write: Duration::from_secs(20) },
            drain_timeout: Duration::from_secs(5),
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

impl<L> Server<L> {
    /// Changes the transport: `change` gets tonic's server as it is set, and returns it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let server = traitwire::Server::new().transport(|transport| {
    ///     transport.timeout(Duration::from_secs(30)).max_concurrent_streams(1_000)
    /// });
    /// ```
    ///
    /// What tonic does with a listener is not part of it: `tcp_nodelay` and `tcp_keepalive` have no
    /// effect here.
    #[must_use]
    pub fn transport<M>(self, change: impl FnOnce(Transport<L>) -> Transport<M>) -> Server<M> {
        let Ok(server) = self.try_transport(|transport| Ok::<_, Infallible>(change(transport)));
        server
    }

    /// The same for a change that may fail, such as `tls_config`.
    ///
    /// # Errors
    ///
    /// Those of `change`.
    pub fn try_transport<M, E>(
        self,
        change: impl FnOnce(Transport<L>) -> Result<Transport<M>, E>,
    ) -> Result<Server<M>, E> {
        let Self { transport, max_connections, patience, drain_timeout } = self;
        let transport = change(transport)?;
        Ok(Server { transport, max_connections, patience, drain_timeout })
    }

    /// How many connections there may be at once, one at least.
    ///
    /// The next one is not accepted before another one has ended. Until then it waits with the
    /// kernel, in the backlog of the listener, and takes no file of the process.
    ///
    /// A process may open so many files and no more (`ulimit -n`): leave some for everything else.
    #[must_use]
    pub fn max_connections(self, connections: usize) -> Self {
        Self { max_connections: connections.clamp(1, Semaphore::MAX_PERMITS), ..self }
    }

    /// How long a caller may take from the connection to the end of the HTTP/2 preface, which are
    /// the first 24 bytes that he sends. A TLS handshake is part of that time.
    ///
    /// With TLS the server sees only how much comes after the handshake, and is content with 24
    /// bytes of that. `Duration::MAX` is no limit.
    #[must_use]
    pub fn preface_timeout(self, preface_timeout: Duration) -> Self {
        Self { patience: Patience { preface: preface_timeout, ..self.patience }, ..self }
    }

    /// How long a caller may take nothing of what is sent to him. Who does not read an answer has his
    /// window for that, and goes on reading what is not an answer; who does not read his socket is
    /// gone, or up to something. `Duration::MAX` is no limit.
    #[must_use]
    pub fn write_timeout(self, write_timeout: Duration) -> Self {
        Self { patience: Patience { write: write_timeout, ..self.patience }, ..self }
    }

    /// How long the calls that run may go on after the shutdown. `Duration::MAX` is no limit.
    #[must_use]
    pub fn drain_timeout(self, drain_timeout: Duration) -> Self {
        Self { drain_timeout, ..self }
    }

    /// Serves `service` to all who connect, until `shutdown` is done and the calls have ended.
    ///
    /// `service` is an `XServer`, several of them behind tonic's `Routes`, or any other tower
    /// service. For `shutdown`, [`std::future::pending()`] is never.
    ///
    /// At the shutdown the listener is closed, and every caller is told by GOAWAY to begin no other
    /// call here. Calls that run go on for as long as the [`drain_timeout`](Self::drain_timeout).
    /// Then the connections that are left are cut, and their handlers dropped where they stand.
    ///
    /// Dropping the future cuts all connections at once.
    ///
    /// # Errors
    ///
    /// Those of tonic's transport. A listener that fails is asked again, and a connection that fails
    /// ends alone.
    pub async fn serve<K, S, B>(
        self,
        listener: K,
        service: S,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Error>
    where
        K: Listener,
        L: Layer<S>,
        L::Service: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        <L::Service as Service<Request<Body>>>::Future: Send,
        <L::Service as Service<Request<Body>>>::Error: Into<BoxError> + Send + 'static,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        // Every connection ends when this is dropped.
        let (alive, gone) = watch::channel(());
        let draining = Notify::new();
        let shutdown = async {
            shutdown.await;
            draining.notify_one();
        };
        let incoming = incoming(listener, self.max_connections, self.patience, gone);
        let served = self.transport.serve_with_incoming_shutdown(service, incoming, shutdown);
        let patience = async {
            draining.notified().await;
            tokio::time::sleep(self.drain_timeout).await;
        };
        let mut served = pin!(served);
        tokio::select! {
            result = &mut served => return result,
            () = patience => drop(alive),
        }
        served.await
    }
}

/// The connections of `listener`, so many at once.
fn incoming<K: Listener>(
    mut listener: K,
    max_connections: usize,
    patience: Patience,
    gone: watch::Receiver<()>,
) -> impl Stream<Item = Result<Connection<K::Io>, Infallible>> {
    let permits = Arc::new(Semaphore::new(max_connections));
    stream_fn(async move |mut out| {
        // The semaphore is never closed.
        while let Ok(permit) = permits.clone().acquire_owned().await {
            let io = accept(&mut listener).await;
            let connection = Connection::new(io, permit, patience, gone.clone());
            if out.send(connection).await.is_err() {
                break;
            }
        }
        Ok(())
    })
}
