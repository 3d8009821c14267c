//! Opens a connection: looks the name up, connects, and waits until the server has been heard.

use std::{
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use http::Uri;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep, timeout_at},
};

use super::{
    ConnectError,
    engine::Engine,
    h2::{self, H2, H2Exchange},
    pool::Dialled,
    socket::Watch,
    target::{self, Target},
};
use crate::{BoxError, transport::io::Io};

/// A connector of one's own.
pub(super) type Connect = Arc<
    dyn Fn(Uri) -> Pin<Box<dyn Future<Output = Result<Box<dyn Io>, BoxError>> + Send>>
        + Send
        + Sync,
>;

/// How a server is reached.
pub(super) struct Dialler {
    pub(super) connect: Option<Connect>,
    /// Whether TLS of `https://` is the matter of `connect`.
    pub(super) connects_securely: bool,
    /// What goes around connections to servers that are named by `https://`.
    #[cfg(feature = "tls-no-provider")]
    pub(super) tls: Option<crate::tls::ClientTls>,
    pub(super) connect_timeout: Duration,
    pub(super) http2: h2::Limits,
}

/// One address of a server; `None` where its name is not looked up here.
type Place = (Arc<Target>, Option<SocketAddr>);

impl Dialler {
    /// Opens a connection to the first of these servers that answers, within the time limit.
    pub(super) async fn dial(
        &self,
        targets: &[Arc<Target>],
    ) -> Result<Dialled<H2Exchange>, ConnectError> {
        let until = Instant::now().checked_add(self.connect_timeout);
        let mut failure = None;
        let mut places = Vec::new();
        for target in targets {
            match self.places(target, until).await {
                Ok(found) => places.extend(found),
                Err(error) => failure = Some(error),
            }
        }
        if let Some((last, first)) = places.split_last()
            && first.is_empty()
        {
            return self.dial_one(last, until).await;
        }
        let attempts = places.iter().map(|place| self.dial_one(place, until));
        race(attempts).await.map_err(|error| {
            let none = || ConnectError::unavailable("no server was named");
            error.or(failure).unwrap_or_else(none)
        })
    }

    /// The addresses of a server, in the order in which they are tried.
    async fn places(
        &self,
        target: &Arc<Target>,
        until: Option<Instant>,
    ) -> Result<Vec<Place>, ConnectError> {
        let (host, port) = match &target.place {
            target::Place::Tcp { host, port } => (host, port),
            #[cfg(unix)]
            target::Place::Unix(_) => return Ok(vec![(Arc::clone(target), None)]),
        };
        if self.connect.is_some() {
            return Ok(vec![(Arc::clone(target), None)]);
        }
        let addrs = within(until, tokio::net::lookup_host((host.as_str(), *port)));
        let addrs: Vec<_> = match addrs.await.ok_or_else(|| self.late(target))? {
            Ok(addrs) => addrs.collect(),
            Err(error) => {
                let why = format!("the name {host} cannot be looked up: {error}");
                return Err(ConnectError::caused(why, error.into()));
            }
        };
        if addrs.is_empty() {
            return Err(ConnectError::unavailable(format!("the name {host} has no address")));
        }
        Ok(by_turns(addrs).into_iter().map(|addr| (Arc::clone(target), Some(addr))).collect())
    }

    fn late(&self, target: &Target) -> ConnectError {
        let within = self.connect_timeout;
        ConnectError::unavailable(format!("no connection to {target} within {within:?}"))
    }

    /// Opens a connection to one address, the first SETTINGS of the server included.
    async fn dial_one(
        &self,
        place: &Place,
        until: Option<Instant>,
    ) -> Result<Dialled<H2Exchange>, ConnectError> {
        self.judge(&place.0)?;
        let (io, server) = self.connect(place, until).await?;
        #[cfg(feature = "tls-no-provider")]
        let io = self.secure(io, &place.0, &server, until).await?;
        let watch = Watch::new(server);
        let begun = self.begin(io, Arc::clone(&watch), Arc::clone(&place.0));
        match within(until, begun).await {
            Some(result) => result,
            None => {
                let (server, limit) = (watch.server(), self.connect_timeout);
                let why = format!("{server} said nothing of HTTP/2 within {limit:?}");
                Err(ConnectError::unavailable(why))
            }
        }
    }

    /// How servers are called that are named without a scheme.
    pub(super) fn scheme(&self) -> &'static str {
        #[cfg(feature = "tls-no-provider")]
        if self.tls.is_some() {
            return "https";
        }
        "http"
    }

    /// Whether a server can be called in the way that it is named.
    pub(super) fn judge(&self, target: &Target) -> Result<(), ConnectError> {
        let uri = &target.uri;
        #[cfg(feature = "tls-no-provider")]
        if self.tls.is_some() {
            if target.is_tls() {
                return certified(target).map(drop);
            }
            let why =
                format!("{uri} is without TLS: name the server by https://, or give no `tls`");
            return Err(ConnectError::invalid(why));
        }
        if !target.is_tls() || self.connects_securely {
            return Ok(());
        }
        let why = if cfg!(feature = "tls-native-roots") {
            "say with `tls` whom to trust"
        } else if cfg!(feature = "tls-no-provider") {
            "say with `tls` whom to trust, or enable the feature `tls-native-roots`"
        } else {
            "enable the feature `tls` of traitwire"
        };
        Err(ConnectError::invalid(format!("{uri} wants TLS: {why}")))
    }

    #[cfg(feature = "tls-no-provider")]
    async fn secure(
        &self,
        io: Box<dyn Io>,
        target: &Target,
        server: &str,
        until: Option<Instant>,
    ) -> Result<Box<dyn Io>, ConnectError> {
        let Some(tls) = self.tls.as_ref().filter(|_| target.is_tls()) else { return Ok(io) };
        let why = match within(until, tls.connect(io, certified(target)?)).await {
            Some(Ok(io)) => return Ok(io),
            Some(Err(why)) => format!("no TLS with {server}: {why}"),
            None => format!("no TLS with {server} within {:?}", self.connect_timeout),
        };
        Err(ConnectError::unavailable(why))
    }

    async fn begin(
        &self,
        io: Box<dyn Io>,
        watch: Arc<Watch>,
        target: Arc<Target>,
    ) -> Result<Dialled<H2Exchange>, ConnectError> {
        let failed = |error: &dyn std::fmt::Display| {
            watch.explain(|server| format!("the connection to {server} failed: {error}"));
            ConnectError::unavailable(watch.reason())
        };
        let begun = H2::begin(io, Arc::clone(&watch), &self.http2).await;
        let mut engine = begun.map_err(|error| failed(&error))?;
        poll_fn(|cx| {
            // What the server allows counts from the first call on.
            let polled = engine.poll(cx);
            if watch.settings() > 0 && !watch.goes_away() {
                return Poll::Ready(Ok(()));
            }
            polled.map(|ended| match ended {
                Ok(()) => Err(failed(&"it ended")),
                Err(error) => Err(failed(&error)),
            })
        })
        .await?;
        Ok(Dialled { engine: Box::new(engine), watch, target })
    }

    /// A socket, and the name of its other end.
    async fn connect(
        &self,
        (target, addr): &Place,
        until: Option<Instant>,
    ) -> Result<(Box<dyn Io>, String), ConnectError> {
        let late = || self.late(target);
        if let Some(connect) = &self.connect {
            let connected = within(until, connect(target.uri.clone())).await.ok_or_else(late)?;
            let failed = |error: BoxError| {
                ConnectError::caused(format!("no connection to {target}: {error}"), error)
            };
            return Ok((connected.map_err(failed)?, target.to_string()));
        }
        match (&target.place, addr) {
            #[cfg(unix)]
            (target::Place::Unix(path), _) => {
                let connected = within(until, tokio::net::UnixStream::connect(path));
                match connected.await.ok_or_else(late)? {
                    Ok(stream) => Ok((Box::new(stream), target.to_string())),
                    Err(error) => Err(ConnectError::of(&target.to_string(), error)),
                }
            }
            (_, None) => Err(late()),
            (_, Some(addr)) => {
                let server = server(target, *addr);
                let timed_out = || Err(io::ErrorKind::TimedOut.into());
                let stream = within(until, TcpStream::connect(addr)).await;
                let stream = stream.unwrap_or_else(timed_out);
                let stream = stream.map_err(|error| ConnectError::of(&server, error))?;
                // It fails where the server has gone already, which is seen when it is read.
                let _ = stream.set_nodelay(true);
                Ok((Box::new(stream), server))
            }
        }
    }
}

/// The name that the certificate of a server must have.
#[cfg(feature = "tls-no-provider")]
fn certified(
    target: &Target,
) -> Result<crate::tls::rustls::pki_types::ServerName<'static>, ConnectError> {
    let host = target.authority.host().trim_matches(['[', ']']).to_owned();
    host.clone().try_into().map_err(|_| {
        ConnectError::invalid(format!("{host:?} is no name that a certificate can have"))
    })
}

/// A server by name and address, where they differ.
fn server(target: &Target, addr: SocketAddr) -> String {
    let (name, addr) = (target.to_string(), addr.to_string());
    if name == addr { name } else { format!("{name} ({addr})") }
}

async fn within<F: Future>(until: Option<Instant>, future: F) -> Option<F::Output> {
    match until {
        Some(until) => timeout_at(until, future).await.ok(),
        None => Some(future.await),
    }
}

/// The addresses of IPv6 and of IPv4 by turns, the kind of the first one first (RFC 8305 section 4).
fn by_turns(addrs: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let is_v6 = addrs.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addrs.into_iter().partition(|it| it.is_ipv6() == is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut all = Vec::new();
    loop {
        let (one, other) = (first.next(), second.next());
        if one.is_none() && other.is_none() {
            return all;
        }
        all.extend(one.into_iter().chain(other));
    }
}

/// How long one attempt is alone (RFC 8305 section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Makes one attempt after the other, the next one when the last has failed or its head start is over; the first
/// that succeeds is taken, and the others are given up. If all fail, the error of the last one.
async fn race<T, F>(attempts: impl Iterator<Item = F>) -> Result<T, Option<ConnectError>>
where
    F: Future<Output = Result<T, ConnectError>>,
{
    let mut attempts = attempts.fuse();
    let mut running: Vec<Pin<Box<F>>> = Vec::new();
    let mut failure = None;
    let mut head_start = pin!(sleep(Duration::ZERO));
    poll_fn(|cx| {
        loop {
            let mut has_failed = false;
            let mut at = 0;
            while at < running.len() {
                match running[at].as_mut().poll(cx) {
                    Poll::Ready(Ok(opened)) => return Poll::Ready(Ok(opened)),
                    Poll::Ready(Err(error)) => {
                        failure = Some(error);
                        has_failed = true;
                        drop(running.remove(at));
                    }
                    Poll::Pending => at += 1,
                }
            }
            if !has_failed && head_start.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            match attempts.next() {
                Some(attempt) => {
                    running.push(Box::pin(attempt));
                    head_start.as_mut().reset(Instant::now() + HEAD_START);
                }
                None if running.is_empty() => return Poll::Ready(Err(failure.take())),
                None => return Poll::Pending,
            }
        }
    })
    .await
}
