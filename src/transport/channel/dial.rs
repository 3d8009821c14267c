//! Opens a connection: looks the name up, connects, and waits until the server has been heard.

use std::{
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use http::Uri;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

use super::{
    ConnectError,
    engine::Engine,
    h2::{self, H2, H2Exchange},
    pool::Dialled,
    socket::Watch,
    target::{Place, Target},
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
    pub(super) target: Target,
    pub(super) connect: Option<Connect>,
    pub(super) connect_timeout: Duration,
    pub(super) http2: h2::Limits,
}

impl Dialler {
    /// Opens a connection within the time limit, the first SETTINGS of the server included.
    pub(super) async fn dial(&self) -> Result<Dialled<H2Exchange>, ConnectError> {
        let until = Instant::now().checked_add(self.connect_timeout);
        let (io, server) = self.connect(until).await?;
        let watch = Watch::new(server);
        let begun = self.begin(io, Arc::clone(&watch));
        match within(until, begun).await {
            Some(result) => result,
            None => {
                let (server, limit) = (watch.server(), self.connect_timeout);
                let why = format!("{server} said nothing of HTTP/2 within {limit:?}");
                Err(ConnectError::unavailable(why))
            }
        }
    }

    async fn begin(
        &self,
        io: Box<dyn Io>,
        watch: Arc<Watch>,
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
        Ok(Dialled { engine: Box::new(engine), watch })
    }

    /// A socket, and the name of its other end.
    async fn connect(&self, until: Option<Instant>) -> Result<(Box<dyn Io>, String), ConnectError> {
        let Self { target, connect, connect_timeout, .. } = self;
        let late = || {
            let why = format!("no connection to {target} within {connect_timeout:?}");
            ConnectError::unavailable(why)
        };
        if let Some(connect) = connect {
            let connected = within(until, connect(target.uri.clone())).await.ok_or_else(late)?;
            let failed = |error: BoxError| {
                ConnectError::caused(format!("no connection to {target}: {error}"), error)
            };
            return Ok((connected.map_err(failed)?, target.to_string()));
        }
        match &target.place {
            Place::Tcp { host, port } => {
                let addrs = within(until, tokio::net::lookup_host((host.as_str(), *port)));
                let addrs: Vec<_> = match addrs.await.ok_or_else(late)? {
                    Ok(addrs) => addrs.collect(),
                    Err(error) => {
                        let why = format!("the name {host} cannot be looked up: {error}");
                        return Err(ConnectError::caused(why, error.into()));
                    }
                };
                let (stream, addr) =
                    tcp(&addrs, until).await.map_err(|(addr, error)| match addr {
                        Some(addr) => ConnectError::of(&server(target, addr), error),
                        None => {
                            ConnectError::unavailable(format!("the name {host} has no address"))
                        }
                    })?;
                // It fails where the server has gone already, which is seen when it is read.
                let _ = stream.set_nodelay(true);
                Ok((Box::new(stream), server(target, addr)))
            }
            #[cfg(unix)]
            Place::Unix(path) => {
                let connected = within(until, tokio::net::UnixStream::connect(path));
                match connected.await.ok_or_else(late)? {
                    Ok(stream) => Ok((Box::new(stream), target.to_string())),
                    Err(error) => Err(ConnectError::of(&target.to_string(), error)),
                }
            }
        }
    }
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

/// Connects to the first address that answers. One that does not leaves time for the others.
async fn tcp(
    addrs: &[SocketAddr],
    until: Option<Instant>,
) -> Result<(TcpStream, SocketAddr), (Option<SocketAddr>, io::Error)> {
    let mut failure = (None, io::ErrorKind::NotFound.into());
    for (tried, addr) in addrs.iter().enumerate() {
        let connected = match until {
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                let share = left / u32::try_from(addrs.len() - tried).unwrap_or(u32::MAX);
                let late = |_| Err(io::ErrorKind::TimedOut.into());
                timeout(share, TcpStream::connect(addr)).await.unwrap_or_else(late)
            }
            None => TcpStream::connect(addr).await,
        };
        match connected {
            Ok(stream) => return Ok((stream, *addr)),
            Err(error) => failure = (Some(*addr), error),
        }
    }
    Err(failure)
}
