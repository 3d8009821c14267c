//! How a channel is set up.

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, Uri, header, uri::Authority};
use tokio::runtime::Handle;
use tower_service::Service;

#[cfg(feature = "proxy")]
use super::proxy;
use super::{
    Channel, ConnectError, ServiceConfig,
    backoff::Backoff,
    balance::Balance,
    call::{About, Caller},
    dial::{Connect, Dialler},
    h2,
    keepalive::Patience,
    many,
    outlier::OutlierDetection,
    pool,
    resolve::{self, AnyResolve, Dns, Resolution},
};
use crate::{BoxError, client::EACH, transport::io::Io};

const KIB: u32 = 1024;
const MIB: u32 = 1024 * KIB;

/// RFC 9113 section 6.9.1.
const MAX_WINDOW: u32 = (1 << 31) - 1;

/// A [`Channel`] to be.
#[must_use]
pub struct ChannelBuilder {
    /// What the servers are called.
    name: String,
    source: Result<Source, ConnectError>,
    authority: Option<Authority>,
    pub(super) balance: Option<Balance>,
    pub(super) health: Option<String>,
    pub(super) outliers: Option<OutlierDetection>,
    pub(super) config: ServiceConfig,
    connect: Option<Connect>,
    /// Whether TLS of `https://` is the matter of `connect`.
    connects_securely: bool,
    #[cfg(feature = "tls-no-provider")]
    tls: Option<crate::tls::ClientTls>,
    connect_timeout: Duration,
    user_agent: Option<String>,
    http2: h2::Limits,
    pool: pool::Limits,
}

/// Where the names of the servers come from.
pub(super) enum Source {
    Listed(Vec<String>),
    Dns { host: String, port: u16 },
    Resolved(Box<dyn AnyResolve>),
}

impl ChannelBuilder {
    pub(super) fn new(name: String, source: Result<Source, ConnectError>) -> Self {
        Self {
            name,
            source,
            authority: None,
            balance: None,
            health: None,
            outliers: None,
            config: ServiceConfig::new(),
            connect: None,
            connects_securely: false,
            #[cfg(feature = "tls-no-provider")]
            tls: None,
            connect_timeout: Duration::from_secs(20),
            user_agent: None,
            http2: h2::Limits {
                max_header_list_size: 16 * KIB,
                max_frame_size: 16 * KIB,
                initial_stream_window_size: 2 * MIB,
                initial_connection_window_size: 5 * MIB,
            },
            pool: pool::Limits {
                min_connections: 1,
                max_connections: 4,
                keepalive: Some(Patience {
                    interval: Duration::from_secs(10),
                    timeout: Duration::from_secs(10),
                    insists: false,
                }),
                backoff: Backoff {
                    first: Duration::from_millis(100),
                    longest: Duration::from_secs(20),
                },
            },
        }
    }

    /// How long it may take to connect: the look-up of the name, the socket, and the first word of the
    /// server.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        Self { connect_timeout: timeout, ..self }
    }

    /// Asks a server that has been silent for `interval` while calls run whether it is there (PING), and
    /// takes it for gone when it does not answer within `timeout`. Its calls are UNAVAILABLE then. Both are a
    /// second at least.
    ///
    /// Without this a server that sends nothing but its answers to PING is asked once in five minutes, because
    /// those of other libraries end a connection that asks them more often ("too_many_pings").
    pub fn keepalive(mut self, interval: Duration, timeout: Duration) -> Self {
        let at_least = |it: Duration| it.max(Duration::from_secs(1));
        let (interval, timeout) = (at_least(interval), at_least(timeout));
        self.pool.keepalive = Some(Patience { interval, timeout, insists: true });
        self
    }

    /// Asks no server whether it is there.
    pub fn without_keepalive(mut self) -> Self {
        self.pool.keepalive = None;
        self
    }

    /// How long to wait after a failed attempt to connect: `first`, then 1.6 times as long after each further
    /// one, to `longest`; all by up to a fifth longer or shorter.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.pool.backoff = Backoff { first, longest };
        self
    }

    /// How many connections there are to a server: `min` as soon as there are calls, which are spread over them, and
    /// another one up to `max` whenever the server allows no more calls on those that there are.
    ///
    /// A connection is driven by one task, so more than one is of use to a client that calls more often than
    /// one core can.
    pub fn connections(mut self, min: usize, max: usize) -> Self {
        self.pool.min_connections = min.max(1);
        self.pool.max_connections = max.max(min).max(1);
        self
    }

    /// How many bytes a server may send on one call before they are read: from 16 KiB to 2 GiB - 1.
    pub fn initial_stream_window_size(mut self, bytes: u32) -> Self {
        self.http2.initial_stream_window_size = bytes.clamp(16 * KIB, MAX_WINDOW);
        self
    }

    /// How many bytes a server may send on all calls of a connection before they are read: from 64 KiB - 1,
    /// which HTTP/2 begins with, to 2 GiB - 1.
    pub fn initial_connection_window_size(mut self, bytes: u32) -> Self {
        self.http2.initial_connection_window_size = bytes.clamp(64 * KIB - 1, MAX_WINDOW);
        self
    }

    /// How many bytes the header fields of an answer may have, and its trailers.
    pub fn max_header_list_size(mut self, bytes: u32) -> Self {
        self.http2.max_header_list_size = bytes;
        self
    }

    /// How long a frame of the server may be, from 16 KiB to 16 MiB.
    pub fn max_frame_size(mut self, bytes: u32) -> Self {
        self.http2.max_frame_size = bytes.clamp(16 * KIB, 16 * MIB - 1);
        self
    }

    /// What calls carry as `:authority`, instead of the name that is dialled: such as the name of a server
    /// behind a proxy. With TLS it is also the name that the server's certificate must have.
    pub fn authority(mut self, authority: impl AsRef<str>) -> Self {
        let authority = authority.as_ref();
        let parsed = authority.parse::<Authority>().map_err(|error| error.to_string());
        let parsed = match parsed {
            Ok(it) if it.as_str().contains('@') => Err("a user has no place in it".to_owned()),
            parsed => parsed,
        };
        match parsed {
            Ok(authority) => self.authority = Some(authority),
            Err(error) => {
                let why = format!("{authority:?} is no authority: {error}");
                self.source = self.source.and(Err(ConnectError::invalid(why)));
            }
        }
        self
    }

    /// Who calls, before the name of this library in `user-agent`.
    pub fn user_agent(self, name: impl Into<String>) -> Self {
        Self { user_agent: Some(name.into()), ..self }
    }

    /// Whom it trusts, and what it shows, where the server is named by `https://`.
    ///
    /// Without this those authorities are trusted that the platform trusts, with the feature `tls-native-roots`.
    #[cfg(feature = "tls-no-provider")]
    pub fn tls(self, tls: crate::tls::ClientTls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Has connections opened by a tower service that takes the URI of the server: through a proxy, over a
    /// transport of another kind, or to one in the same process.
    ///
    /// For `https://` it speaks TLS itself, unless [`tls`](Self::tls) is called too.
    ///
    /// ```
    /// use std::io;
    /// use traitwire::Channel;
    ///
    /// # fn service_fn<F>(f: F) -> tower_fn::ServiceFn<F> { tower_fn::ServiceFn(f) }
    /// # mod tower_fn {
    /// #     use std::task::{Context, Poll};
    /// #     #[derive(Clone)]
    /// #     pub struct ServiceFn<F>(pub F);
    /// #     impl<F, Q, R, E, U> tower_service::Service<Q> for ServiceFn<F>
    /// #     where F: FnMut(Q) -> U, U: Future<Output = Result<R, E>> {
    /// #         type Response = R; type Error = E; type Future = U;
    /// #         fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), E>> { Poll::Ready(Ok(())) }
    /// #         fn call(&mut self, q: Q) -> U { (self.0)(q) }
    /// #     }
    /// # }
    /// // `tower::service_fn`
    /// let connector = service_fn(|_uri| async {
    ///     let (ours, theirs) = tokio::io::duplex(1024);
    ///     drop(theirs); // to be served
    ///     Ok::<_, io::Error>(ours)
    /// });
    /// let channel = Channel::builder("http://in.memory").connector(connector);
    /// ```
    pub fn connector<C>(self, connector: C) -> Self
    where
        C: Service<Uri, Response: Io, Error: Into<BoxError>, Future: Send + 'static>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        let connect: Connect = Arc::new(move |uri| {
            let mut connector = connector.clone();
            Box::pin(async move {
                let ready = std::future::poll_fn(|cx| connector.poll_ready(cx)).await;
                ready.map_err(Into::into)?;
                let io = connector.call(uri).await.map_err(Into::into)?;
                Ok(Box::new(io) as Box<dyn Io>)
            })
        });
        Self { connect: Some(connect), connects_securely: true, ..self }
    }

    /// Connects through a proxy: `http://user:password@host:port` by HTTP CONNECT, `socks5://host:port` by
    /// SOCKS5, where the proxy looks the name of the server up.
    ///
    /// No variable of the environment names one.
    #[cfg(feature = "proxy")]
    pub fn proxy(mut self, proxy: impl AsRef<str>) -> Self {
        match proxy::through(proxy.as_ref()) {
            Ok(connect) => (self.connect, self.connects_securely) = (Some(connect), false),
            Err(error) => self.source = self.source.and(Err(error)),
        }
        self
    }

    /// Connects now.
    ///
    /// # Errors
    ///
    /// When no server was named, or nobody answers there.
    pub async fn connect(self) -> Result<Channel, ConnectError> {
        let channel = self.connect_lazy()?;
        channel.0.servers.connect().await?;
        Ok(channel)
    }

    /// A channel that connects when it is called. To be made within a tokio runtime.
    ///
    /// # Errors
    ///
    /// When no server was named.
    pub fn connect_lazy(self) -> Result<Channel, ConnectError> {
        let fields = fields(self.user_agent)?;
        let runtime = Handle::try_current().map_err(|_| {
            ConnectError::invalid(
                "a channel is made within a tokio runtime, such as #[tokio::main]",
            )
        })?;
        let source = self.source?;
        let dialler = Dialler {
            connect: self.connect,
            connects_securely: self.connects_securely,
            #[cfg(feature = "tls-no-provider")]
            tls: match self.tls {
                None if !self.connects_securely => platform(&source)?,
                given => given,
            },
            connect_timeout: self.connect_timeout,
            http2: self.http2,
        };
        let limits = (self.connect_timeout, self.pool.backoff);
        let resolution = match source {
            Source::Listed(servers) => {
                let list = resolve::list(&servers, self.authority.as_ref())?;
                for target in &*list {
                    dialler.judge(target)?;
                }
                Resolution::fixed(list)
            }
            Source::Dns { host, port } => {
                let dns = Box::new(Dns::new(dialler.scheme(), host, port));
                Resolution::begin(dns, self.authority, limits, &runtime)
            }
            Source::Resolved(resolver) => {
                Resolution::begin(resolver, self.authority, limits, &runtime)
            }
        };
        let policies = self.config.policies().map(Arc::new);
        let about = Arc::new(About { name: self.name, fields, policies });
        let settings = many::Settings {
            dialler: Arc::new(dialler),
            limits: self.pool,
            balance: self.balance.or(self.config.balance),
            health: self.health.or(self.config.health),
            outliers: self.outliers,
            runtime,
        };
        let servers = settings.servers(resolution, &about);
        Ok(Channel(Caller { servers, about }))
    }
}

/// Trust in those whom the platform trusts, where a server is named by `https://`.
#[cfg(feature = "tls-no-provider")]
fn platform(source: &Source) -> Result<Option<crate::tls::ClientTls>, ConnectError> {
    #[cfg(feature = "tls-native-roots")]
    if let Source::Listed(servers) = source
        && let Some(server) = servers.iter().find(|it| it.starts_with("https:"))
    {
        let built = crate::tls::ClientTls::builder(crate::tls::Authorities::platform()).build();
        let failed = |error| ConnectError::invalid(format!("{server}: {error}"));
        return built.map(Some).map_err(failed);
    }
    let _ = source;
    Ok(None)
}

/// What every call says.
fn fields(user_agent: Option<String>) -> Result<HeaderMap, ConnectError> {
    let ours = concat!("traitwire/", env!("CARGO_PKG_VERSION"));
    let user_agent = user_agent.filter(|name| !name.is_empty());
    let user_agent = user_agent.map_or_else(|| ours.to_owned(), |name| format!("{name} {ours}"));
    let invalid = |_| ConnectError::invalid(format!("{user_agent:?} is no valid user agent"));
    let user_agent = HeaderValue::try_from(&user_agent).map_err(invalid)?;
    let mut fields = EACH.clone();
    fields.insert(header::USER_AGENT, user_agent);
    Ok(fields)
}

impl fmt::Debug for ChannelBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelBuilder").field("server", &self.name).finish_non_exhaustive()
    }
}
