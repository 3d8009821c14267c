//! The server: its options, its accept loop (1) and its end (13).

use std::{
    future::{Future, poll_fn},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet, time::sleep};
use traitwire::{Listener, Peer, ServiceDescriptor};

use crate::{
    conn::{Connections, handle_raw_conn},
    registry::{Hosted, Services},
    workers::{Dispatched, Workers},
};

/// A gRPC server.
///
/// First its options and services, then [`serve`](Self::serve) in an [`Arc`], for one listener or
/// for several, and an end: [`graceful_stop`](Self::graceful_stop) or [`stop`](Self::stop).
pub struct Server {
    pub(crate) options: Options,
    pub(crate) services: Services,
    pub(crate) connections: Connections,
    pub(crate) workers: Workers,
    pub(crate) stopping: watch::Sender<Stopping>,
}

pub(crate) struct Options {
    pub(crate) connection_timeout: Duration,
    pub(crate) max_concurrent_streams: u32,
    pub(crate) max_recv_msg_size: usize,
}

/// How far the end of the server has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stopping {
    No,
    Gracefully,
    Now,
}

impl Server {
    /// A server without services.
    #[must_use]
    pub fn new() -> Self {
        Self {
            options: Options {
                connection_timeout: Duration::from_secs(120),
                max_concurrent_streams: 200,
                max_recv_msg_size: 4 << 20,
            },
            services: Services::default(),
            connections: Connections::default(),
            workers: Workers::new(0),
            stopping: watch::Sender::new(Stopping::No),
        }
    }

    /// How many workers take streams; none unless set, and then each stream is a task of its own.
    #[must_use]
    pub fn num_stream_workers(self, workers: usize) -> Self {
        Self { workers: Workers::new(workers), ..self }
    }

    /// How long a caller may take for the preface of HTTP/2; two minutes unless set.
    #[must_use]
    pub fn connection_timeout(mut self, timeout: Duration) -> Self {
        self.options.connection_timeout = timeout;
        self
    }

    /// How many calls there may be on one connection at once, one at least; 200 unless set, where
    /// grpc-go has no limit.
    #[must_use]
    pub fn max_concurrent_streams(mut self, streams: u32) -> Self {
        self.options.max_concurrent_streams = streams.max(1);
        self
    }

    /// How large a message may be, before and after its decompression; 4 MiB unless set.
    ///
    /// A service has a limit of its own, `max_decoding_message_size`: the smaller one counts.
    #[must_use]
    pub fn max_recv_msg_size(mut self, bytes: usize) -> Self {
        self.options.max_recv_msg_size = bytes;
        self
    }

    /// Hosts a service: `OrdersServer::new(shop)`, as it is or with layers around it.
    ///
    /// # Panics
    ///
    /// When there is one of this name already.
    #[must_use]
    pub fn register_service(
        mut self,
        descriptor: &'static ServiceDescriptor,
        service: impl Hosted,
    ) -> Self {
        self.services.register(descriptor, service);
        self
    }

    /// What answers the calls of services and methods that are not registered: a proxy, for one.
    #[must_use]
    pub fn unknown_service_handler(mut self, handler: impl Hosted) -> Self {
        self.services.register_unknown(handler);
        self
    }

    /// Serves all who connect, until the server is stopped. Dropping the future cuts them.
    // 1. Accepts connections, and handles each in a task of its own.
    pub async fn serve<K: Listener>(self: Arc<Self>, mut listener: K) {
        self.workers.init_server_workers();
        let mut connections = JoinSet::new();
        loop {
            let (io, peer) = tokio::select! {
                biased;
                () = self.stops(Stopping::Gracefully) => break,
                accepted = accept(&mut listener) => accepted,
            };
            wire::step!(1, "accept");
            connections.spawn(handle_raw_conn(self.clone(), io, peer));
            // What has ended is not kept longer than until the next one comes.
            while connections.try_join_next().is_some() {}
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
    }

    /// Ends in peace: takes no more connections, and no more calls on those that there are, and waits
    /// for the calls that run, however long they take. [`stop`](Self::stop) cuts that short.
    // 13. Each connection sees this for itself: `Transport::drain`.
    pub async fn graceful_stop(&self) {
        self.end(Stopping::Gracefully).await;
    }

    /// Ends at once: connections are closed, and handlers dropped where they stand.
    pub async fn stop(&self) {
        self.end(Stopping::Now).await;
    }

    async fn end(&self, how: Stopping) {
        self.stopping.send_if_modified(|now| {
            let further = *now < how;
            *now = how.max(*now);
            further
        });
        self.connections.none_is_left().await;
        self.workers.stop().await;
    }

    /// Waits until the server stops, in this way or a faster one.
    pub(crate) fn stops(&self, how: Stopping) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.stopping.subscribe();
        // It cannot fail: a connection that waits for this holds the server.
        async move { drop(stopping.wait_for(|now| *now >= how).await) }
    }

    /// How many connections are registered.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Who has taken the streams so far.
    pub fn dispatched(&self) -> Dispatched {
        self.workers.dispatched()
    }

    /// Waits until no worker has a stream.
    pub async fn workers_are_idle(&self) {
        self.workers.are_idle().await;
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// HTTP/2 with every limit set that it has.
    pub(crate) fn http2(&self) -> h2::server::Builder {
        const KIB: u32 = 1024;
        const MIB: u32 = 1024 * KIB;
        let mut http2 = h2::server::Builder::new();
        http2
            .initial_window_size(MIB)
            .initial_connection_window_size(4 * MIB)
            .max_frame_size(16 * KIB)
            .max_header_list_size(16 * KIB)
            // What grpc-go calls the write quota of a stream.
            .max_send_buffer_size(64 * KIB as usize)
            .max_concurrent_streams(self.max_concurrent_streams)
            // A caller may give up all of its calls at once, and no more than that.
            .max_concurrent_reset_streams(self.max_concurrent_streams as usize)
            .max_pending_accept_reset_streams(self.max_concurrent_streams as usize)
            .max_local_error_reset_streams(Some(1024));
        http2
    }
}

/// The next connection, however often the listener fails before.
async fn accept<K: Listener>(listener: &mut K) -> (K::Io, Peer) {
    const SHORTEST: Duration = Duration::from_millis(5);
    const LONGEST: Duration = Duration::from_secs(1);
    let mut pause = SHORTEST;
    loop {
        match poll_fn(|cx| listener.poll_accept(cx)).await {
            Ok(accepted) => return accepted,
            // A process without a free file has none a moment later either.
            Err(_) => {
                sleep(pause).await;
                pause = LONGEST.min(pause * 2);
            }
        }
    }
}
