//! The server: services over sockets, within limits.
//!
//! A connection goes through these files in this order: `run` takes it from the `listener` (by `accept`),
//! `opening` reads its preface, `connection` drives it, `serving` is one call on it. `routes` knows what a path names,
//! `pace` where its handler runs, `limits` what all of it may take, and `app` what all connections share. What speaks
//! HTTP/2 stands behind the traits of `engine`: `h2`, over the `socket` that it is given.

mod accept;
mod app;
mod connection;
mod engine;
mod h2;
mod incoming;
mod limits;
mod listener;
mod monitor;
mod opening;
mod pace;
#[cfg(feature = "proxy-protocol")]
mod proxy_protocol;
mod routes;
mod run;
#[cfg(test)]
mod scripted;
mod serving;
mod signal;
mod socket;
#[cfg(unix)]
mod unix;

use std::{error::Error, fmt, future::Future, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::watch;
use tonic::server::NamedService;
use tower_layer::Layer;
use tower_service::Service;

use self::{app::App, limits::Limits, routes::Routes};
use super::io::Io;
#[cfg(feature = "health")]
use crate::health::HealthReporter;
use crate::{
    BoxError, IntoServed, ServerShutdown,
    codec::Budget,
    intercept::{Chain, Intercept},
};

#[cfg(unix)]
pub use self::unix::bind_unix;
pub use self::{
    incoming::Incoming,
    listener::{AnyIo, Listener, Listeners},
    monitor::{CallSnapshot, ConnectionSnapshot, Monitor, Snapshot},
    routes::{HttpService, ServerBody},
    signal::shutdown_signal,
};

/// The target of the server's events.
const TARGET: &str = "traitwire::server";

/// Serves over sockets, within limits.
///
/// ```no_run
/// # use traitwire::{Status, service};
/// # #[service]
/// # trait Orders {
/// #     async fn get(&self, id: String) -> Result<String, Status>;
/// # }
/// # async fn example(shop: impl Orders) -> Result<(), Box<dyn std::error::Error>> {
/// use traitwire::{Server, shutdown_signal};
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:50051").await?;
/// Server::new().add(OrdersServer::new(shop)).serve(listener, shutdown_signal()).await?;
/// # Ok(())
/// # }
/// ```
///
/// Any number of services may be [added](Self::add). A tower service that speaks gRPC, such as one that
/// tonic generated, is [mounted](Self::mount), any other one is the [fallback](Self::fallback), and tower's
/// [layers](Self::layer) go around all of them. [Interceptors](Self::intercept) go around the calls of services that
/// are added, and know more of them.
///
/// A server on two addresses, with a layer around all of its services, and a service that says who calls,
/// and leaves a call without an end when the server is told to end:
///
/// ```no_run
/// use std::{error::Error, time::Duration};
/// use tokio::net::TcpListener;
/// use traitwire::{
///     HttpService, Listeners, Peer, Request, Server, ServerShutdown, Status, Stream, service,
///     shutdown_signal, stream_fn,
/// };
///
/// #[service(package = "shop")]
/// trait News {
///     fn follow(&self, request: Request<()>) -> impl Stream<Item = Result<String, Status>>;
/// }
///
/// struct Desk;
///
/// impl News for Desk {
///     fn follow(&self, request: Request<()>) -> impl Stream<Item = Result<String, Status>> {
///         stream_fn(async move |mut out| {
///             if let Some(peer) = Peer::of(&request) {
///                 out.send(format!("good morning, {peer}")).await?;
///             }
///             if let Some(shutdown) = request.extensions().get::<ServerShutdown>() {
///                 shutdown.clone().begun().await;
///             }
///             out.send("good night".to_owned()).await?;
///             Ok(())
///         })
///     }
/// }
///
/// # async fn example() -> Result<(), Box<dyn Error>> {
/// let listeners = Listeners::new()
///     .add(TcpListener::bind("127.0.0.1:50051").await?)
///     .add(TcpListener::bind("[::1]:50051").await?);
/// // Any layer of tower's, such as those of tower-http.
/// let logs = tower_layer::layer_fn(|inner: HttpService| Logged { inner });
/// Server::new()
///     .add(NewsServer::new(Desk))
///     .layer(logs)
///     .drain_timeout(Duration::from_secs(20))
///     .serve(listeners, shutdown_signal())
///     .await?;
/// # Ok(())
/// # }
/// # #[derive(Clone)]
/// # struct Logged { inner: HttpService }
/// # impl tower_service::Service<http::Request<traitwire::Incoming>> for Logged {
/// #     type Response = <HttpService as tower_service::Service<http::Request<traitwire::Incoming>>>::Response;
/// #     type Error = std::convert::Infallible;
/// #     type Future = <HttpService as tower_service::Service<http::Request<traitwire::Incoming>>>::Future;
/// #     fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
/// #         std::task::Poll::Ready(Ok(()))
/// #     }
/// #     fn call(&mut self, request: http::Request<traitwire::Incoming>) -> Self::Future {
/// #         println!("{}", request.uri().path());
/// #         self.inner.call(request)
/// #     }
/// # }
/// ```
///
/// # The limits
///
/// All of them have a value that is safe for a server that strangers reach.
///
/// | setting | value | what it stops |
/// |---|---|---|
/// | [`max_connections`](Self::max_connections) | 512 | Callers who take every file that the process may open (often 1,024), until it can neither read one nor call anybody. |
/// | [`preface_timeout`](Self::preface_timeout) | 10 s | Connections that say nothing, or one byte at a time, and are held all the same (slowloris). |
/// | [`write_timeout`](Self::write_timeout) | 20 s | Callers who ask for much and read nothing, not even the PING of a keepalive. What is buffered for them would stay as long as they like. |
/// | [`shutdown_delay`](Self::shutdown_delay) | none | Calls that a balancer still sends here, because it has not noticed that the server ends. |
/// | [`drain_timeout`](Self::drain_timeout) | 5 s | A call that never ends, or a caller who is gone, which keep a server from ending until it is killed: after 10 s by `docker stop`, after 30 s by Kubernetes. |
/// | [`default_timeout`](Self::default_timeout) | none | Calls of callers who set no deadline, and wait for ever. |
/// | [`max_timeout`](Self::max_timeout) | none | Calls whose deadline is further away than any answer is worth. |
/// | [`keepalive`](Self::keepalive) | 60 s, 20 s | Callers who vanished without a word: their calls, and their connections, would stay. |
/// | [`max_connection_age`](Self::max_connection_age) | none | Callers who stay with one server for ever, so that a new one behind the balancer gets none. |
/// | [`max_connection_idle`](Self::max_connection_idle) | none | Connections that nobody uses. |
/// | [`max_concurrent_streams`](Self::max_concurrent_streams) | 200 | A task, and buffers, for each of the thousands of calls that one connection may begin. |
/// | [`max_header_list_size`](Self::max_header_list_size) | 16 KiB | Metadata that grows when it is decoded, and headers without end (CONTINUATION floods, VU#421644). A call above it is RESOURCE_EXHAUSTED; above 64 KiB HTTP/2 itself answers 431; four times as much ends the connection. |
/// | [`max_buffered_bytes`](Self::max_buffered_bytes) | 512 MiB | Many calls that are within every limit of their own, and together hold more than there is. |
/// | [`initial_stream_window_size`](Self::initial_stream_window_size) | 1 MiB | Memory for what a handler has not read. |
/// | [`initial_connection_window_size`](Self::initial_connection_window_size) | 4 MiB | The same for all calls of a connection. It is more than one call may take, so that a handler that does not read does not stall the others. |
/// | [`max_frame_size`](Self::max_frame_size) | 16 KiB | One large frame that keeps the others of its connection waiting. |
/// | [`max_pending_accept_reset_streams`](Self::max_pending_accept_reset_streams) | 200 | Rapid Reset (CVE-2023-44487): calls that are begun and reset in one breath. The value allows that all calls of a connection are given up at once, which happens when a network was away. |
/// | [`max_local_error_reset_streams`](Self::max_local_error_reset_streams) | 1,024 | MadeYouReset (CVE-2025-8671): wrong frames, for which the server itself resets calls that it has begun to work on. |
/// | nodelay | on | Small messages that wait for an acknowledgement of the one before, 40 ms or more. |
/// | pause after a failed `accept` | 5 ms to 1 s | A loop that takes a whole core while no file is left to open. |
///
/// How large a message may be is up to each service:
/// [`max_decoding_message_size`](crate::ServiceOptions::max_decoding_message_size) is 4 MiB. In all times,
/// `Duration::MAX` is no limit.
///
/// # What is left to you
///
/// - Floods of PING and SETTINGS cost time and no memory, and resets at a calm pace cost what the
///   calls cost. Who may connect, and how fast, is for a firewall or a proxy.
///
/// # What it tells
///
/// Connections that are refused, cut, or fail, and calls that end in another way than by their handler,
/// are events of `tracing` under the target `traitwire::server`, with the peer and the reason.
#[must_use]
pub struct Server {
    routes: Routes,
    services: Vec<AddFn>,
    interceptors: Chain,
    layers: Vec<LayerFn>,
    limits: Limits,
    #[cfg(feature = "tls-no-provider")]
    tls: Option<crate::tls::ServerTls>,
    monitor: Option<Monitor>,
    /// Whether the shutdown has begun.
    draining: watch::Sender<bool>,
    #[cfg(feature = "health")]
    health: Option<HealthReporter>,
    #[cfg(feature = "reflection")]
    reflection: bool,
    /// What is wrong with it, said by [`serve`](Self::serve).
    error: Option<ServeError>,
}

type LayerFn = Box<dyn FnOnce(HttpService) -> HttpService + Send>;
/// Adds a service, within the interceptors of its server.
type AddFn = Box<dyn FnOnce(&mut Routes, &Chain) -> Result<(), ServeError> + Send>;

impl Server {
    /// A server of nothing, with the limits above.
    pub fn new() -> Self {
        let (services, interceptors) = Default::default();
        Self {
            routes: Routes::default(),
            services,
            interceptors,
            layers: Vec::new(),
            limits: Limits::default(),
            #[cfg(feature = "tls-no-provider")]
            tls: None,
            monitor: None,
            draining: watch::Sender::new(false),
            #[cfg(feature = "health")]
            health: None,
            #[cfg(feature = "reflection")]
            reflection: false,
            error: None,
        }
    }

    /// Adds a service: an `XServer`.
    #[expect(clippy::should_implement_trait, reason = "nothing is summed up")]
    pub fn add(mut self, service: impl IntoServed) -> Self {
        let service = service.into_served();
        self.services.push(Box::new(|routes, outer| routes.add(service.within(outer))));
        self
    }

    /// Puts an interceptor around all services that are added, before or after; those of a service itself are inside
    /// of it. The first is the outermost. See [`intercept`](crate::intercept).
    ///
    /// What is not added, a [`mount`](Self::mount)ed service or the [`fallback`](Self::fallback), is a tower service,
    /// whose calls no interceptor of the server sees. So a server with both an interceptor and a mounted service
    /// refuses to serve: give the interceptor to the other services then, by
    /// [`ServiceOptions::intercept`](crate::ServiceOptions::intercept).
    pub fn intercept(mut self, interceptor: impl Intercept) -> Self {
        self.interceptors.push(interceptor);
        self
    }

    /// Adds a service that something else than this library made, such as a server of tonic's, under
    /// its name. What has no name, such as a router, is the [`fallback`](Self::fallback).
    pub fn mount<S, B>(mut self, service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>> + NamedService,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let added = self.routes.mount(S::NAME, HttpService::new(service));
        self.note(added)
    }

    /// Serves whatever no service is there for: a tower service that gets the request as it is, such as
    /// a router of axum or of tonic.
    ///
    /// The port speaks HTTP/2 and nothing else: `curl` takes `--http2-prior-knowledge`. When the time of such
    /// a request is up, or the service panics, a caller that does not speak gRPC gets 504 or 500, or
    /// RST_STREAM where the answer has begun.
    pub fn fallback<S, B>(mut self, service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        self.routes.set_fallback(HttpService::new(service));
        self
    }

    /// Puts a tower layer around all services, whether they are added before or after. The layer that is
    /// added last is the outermost.
    ///
    /// A call without layers never becomes an `http::Request`; one with layers does, and is a little slower.
    pub fn layer<L, B>(mut self, layer: L) -> Self
    where
        L: Layer<HttpService> + Send + 'static,
        L::Service: Service<Request<Incoming>, Response = Response<B>>,
        L::Service: Clone + Send + Sync + 'static,
        <L::Service as Service<Request<Incoming>>>::Future: Send,
        <L::Service as Service<Request<Incoming>>>::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        self.layers.push(Box::new(move |inner| HttpService::new(layer.layer(inner))));
        self
    }

    /// Answers health checks, `grpc.health.v1`: every service of this server is SERVING unless the reporter says
    /// otherwise, and from the shutdown on none is. See [`health`](crate::health).
    ///
    /// Interceptors and layers go around it as around any service: one that asks for a token lets it pass.
    #[cfg(feature = "health")]
    pub fn health(self, reporter: &HealthReporter) -> Self {
        use std::time::Duration;

        use crate::{ServiceOptions, health::HealthServer};

        // Who watches has no deadline.
        let options = ServiceOptions::new().default_timeout(Duration::MAX);
        let server = self.add(HealthServer::new(reporter.clone()).with(options));
        Self { health: Some(reporter.clone()), ..server }
    }

    /// Answers server reflection, v1 and v1alpha, for everything that is added, before or after, and for itself. What
    /// is [mounted](Self::mount) is listed by its name. See [`reflection`](crate::reflection).
    #[cfg(feature = "reflection")]
    pub fn reflection(self) -> Self {
        Self { reflection: true, ..self }
    }

    /// Lets a monitor see which connections and calls there are.
    pub fn monitor(mut self, monitor: &Monitor) -> Self {
        self.monitor = Some(monitor.clone());
        self
    }

    /// Tells when the shutdown of this server begins, for tasks that end with it:
    ///
    /// ```
    /// # async fn example(server: traitwire::Server) {
    /// let shutdown = server.shutdown_token();
    /// tokio::spawn(async move {
    ///     tokio::select! {
    ///         () = shutdown.begun() => println!("the cache is written to disk"),
    ///         // () = refill(cache) => {}
    ///     }
    /// });
    /// # }
    /// ```
    ///
    /// Handlers find the same in the extensions of their requests.
    #[must_use]
    pub fn shutdown_token(&self) -> ServerShutdown {
        ServerShutdown(self.draining.subscribe())
    }

    fn note(mut self, added: Result<(), ServeError>) -> Self {
        self.error = self.error.or(added.err());
        self
    }

    /// Serves over TLS, and nothing else: who speaks HTTP/2 without it is told so.
    ///
    /// Handshakes count as connections do, and take their time from the
    /// [`preface_timeout`](Self::preface_timeout). One that fails is an event with the reason, such as which
    /// certificate has expired.
    #[cfg(feature = "tls-no-provider")]
    pub fn tls(mut self, tls: crate::tls::ServerTls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Serves all who connect, until `shutdown` is done and the calls have ended.
    ///
    /// For `shutdown`, [`shutdown_signal()`] is Ctrl-C and SIGTERM, and [`std::future::pending()`] is
    /// never.
    ///
    /// When `shutdown` is done:
    ///
    /// 1. Health checks are answered with NOT_SERVING, and those who watch are told.
    /// 2. For the [`shutdown_delay`](Self::shutdown_delay) everything else goes on as before.
    /// 3. The listener is closed, every caller is told by GOAWAY to begin no other call here, and handlers and tasks
    ///    can [learn of it](Self::shutdown_token).
    /// 4. Calls that run go on for as long as the [`drain_timeout`](Self::drain_timeout). Then those that are left
    ///    are ended with UNAVAILABLE, and their handlers dropped where they stand.
    ///
    /// Dropping the future cuts all connections at once.
    ///
    /// # Errors
    ///
    /// When two services have one name, and when a mounted service would pass the server's interceptors by. A
    /// listener that fails is asked again, and a connection that fails ends alone.
    pub async fn serve(
        self,
        listener: impl Listener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ServeError> {
        let (delay, draining) = (self.limits.shutdown_delay, self.draining.clone());
        #[cfg(feature = "health")]
        let health = self.health.clone();
        let app = self.into_app()?;
        let shutdown = async move {
            shutdown.await;
            #[cfg(feature = "health")]
            if let Some(health) = health {
                health.shut_down();
            }
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
        };
        run::run(app, listener, shutdown, draining).await;
        Ok(())
    }

    fn into_app(self) -> Result<Arc<App>, ServeError> {
        let Self { mut routes, services, interceptors, layers, limits, error, .. } = self;
        if let Some(error) = error {
            return Err(error);
        }
        for add in services {
            add(&mut routes, &interceptors)?;
        }
        if let Some(name) = routes.mounted().filter(|_| !interceptors.is_empty()) {
            return Err(ServeError::new(format!(
                "the service {name} is mounted, so that its calls would pass the interceptors of the server by: \
                 add these to the other services instead, by ServiceOptions::intercept"
            )));
        }
        #[cfg(feature = "reflection")]
        if self.reflection {
            let reflection = crate::reflection::Reflection::of(routes.services());
            let reflection = reflection.map_err(|error| ServeError::new(error.to_string()))?;
            let reflection = reflection.naming(routes.names());
            routes.add(reflection.v1().within(&interceptors))?;
            routes.add(reflection.v1alpha().within(&interceptors))?;
        }
        #[cfg(feature = "health")]
        if let Some(health) = self.health {
            health.serves(routes.names());
        }
        let routes = Arc::new(routes);
        let layered = match layers.is_empty() {
            true => None,
            false => {
                let inner = HttpService::of(Arc::clone(&routes));
                Some(layers.into_iter().fold(inner, |inner, layer| layer(inner)))
            }
        };
        let budget = Budget::new(limits.max_buffered_bytes);
        Ok(Arc::new(App {
            routes,
            layered,
            limits,
            budget,
            monitor: self.monitor,
            #[cfg(feature = "tls-no-provider")]
            tls: self.tls,
        }))
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// Why a server cannot serve.
#[derive(Debug)]
pub struct ServeError(String);

impl ServeError {
    fn new(why: String) -> Self {
        Self(why)
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ServeError {}
