//! Connections through a proxy: HTTP CONNECT, and SOCKS5.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderValue, Uri};
use hyper_util::{
    client::legacy::connect::proxy::{SocksV5, Tunnel},
    rt::TokioIo,
};
use tokio::net::TcpStream;
use tower_service::Service;

use super::{ConnectError, dial::Connect};
use crate::transport::io::Io;

/// Connects through the proxy at `uri`.
pub(super) fn through(uri: &str) -> Result<Connect, ConnectError> {
    let invalid = |why: &str| ConnectError::invalid(format!("{uri:?} names no proxy: {why}"));
    let proxy: Uri = uri.parse().map_err(|error| invalid(&format!("{error}")))?;
    let authority = proxy.authority().ok_or_else(|| invalid("it has no host"))?;
    let user = authority.as_str().rsplit_once('@').map(|(user, _)| user.to_owned());
    match proxy.scheme_str() {
        Some("http") => {
            let mut tunnel = Tunnel::new(proxy, ToProxy);
            if let Some(user) = user {
                let basic = format!("Basic {}", BASE64_STANDARD.encode(user));
                let basic =
                    HeaderValue::try_from(basic).map_err(|error| invalid(&format!("{error}")))?;
                tunnel = tunnel.with_auth(basic);
            }
            Ok(connect(tunnel))
        }
        Some("socks5") => {
            // The proxy looks the name up.
            let mut socks = SocksV5::new(proxy, ToProxy);
            if let Some(user) = user {
                let (name, password) = user.split_once(':').unwrap_or((&user, ""));
                socks = socks.with_auth(name.to_owned(), password.to_owned());
            }
            Ok(connect(socks))
        }
        _ => Err(invalid("it begins with neither http: nor socks5:")),
    }
}

fn connect<S>(service: S) -> Connect
where
    S: Service<Uri, Response = TokioIo<TcpStream>> + Clone + Send + Sync + 'static,
    S::Error: std::error::Error + Send + Sync + 'static,
    S::Future: Send,
{
    Arc::new(move |uri| {
        let mut service = service.clone();
        Box::pin(async move {
            let io = service.call(uri).await?.into_inner();
            let _ = io.set_nodelay(true);
            Ok(Box::new(io) as Box<dyn Io>)
        })
    })
}

/// Connects to a proxy itself.
#[derive(Clone)]
struct ToProxy;

impl Service<Uri> for ToProxy {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<TcpStream>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, proxy: Uri) -> Self::Future {
        Box::pin(async move {
            let default = if proxy.scheme_str() == Some("http") { 80 } else { 1080 };
            let host = proxy.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            let stream = TcpStream::connect((host, proxy.port_u16().unwrap_or(default))).await?;
            Ok(TokioIo::new(stream))
        })
    }
}
