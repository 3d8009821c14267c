//! The channel: calls of one server, or of many, over connections that it keeps.
//!
//! A call goes through these files in this order: `call` makes the request and waits for a place, which
//! the `pool` gives on a connection that `dial` has opened; `calls` hands it to the task of that
//! `connection`, which begins it; `sending` takes the messages of a caller who sends many. `keepalive` sees
//! that the server is there. What speaks HTTP/2 stands behind the traits of `engine`: `h2`, over the
//! `socket` that it is given. `target` reads what a server is called, and `tower` is the door for tower
//! services.
//!
//! Many servers are named by `resolve`, and kept by the `balancer`, which has a pool for each and asks a policy of
//! `balance` which of them takes a call. `attempts` sends calls more than once, as a `policy` has it.

mod attempts;
mod backoff;
mod balance;
mod balancer;
mod builder;
mod call;
mod calls;
mod connection;
mod dial;
mod endpoint;
mod engine;
mod error;
mod h2;
mod health;
mod keepalive;
mod many;
mod outlier;
mod policy;
mod pool;
#[cfg(feature = "proxy")]
mod proxy;
mod resolve;
#[cfg(test)]
mod scripted;
mod sending;
#[cfg(feature = "service-config")]
mod service_config;
mod socket;
mod state;
mod target;
mod tower;

use std::{fmt, future::Future};

use tonic::Status;

#[cfg(feature = "service-config")]
pub use self::service_config::ServiceConfigError;
pub use self::{
    balance::{Balance, Endpoint, Pick, PickCall},
    builder::ChannelBuilder,
    error::ConnectError,
    outlier::OutlierDetection,
    policy::{CallPolicy, HedgingPolicy, RetryPolicy, ServiceConfig},
    resolve::{Resolve, ResolveHint},
    state::{ConnectivityState, ConnectivityStates},
    tower::{TowerBody, TowerChannel},
};
use self::{builder::Source, call::Caller, h2::H2Exchange};
use crate::client::{IncomingCall, OutgoingCall, Transport};

/// The target of the channel's events.
const TARGET: &str = "traitwire::channel";

/// Calls one server, or many, over connections that it opens when they are wanted, and again when they are lost.
///
/// It is cheap to clone, and all clones share the connections.
///
/// ```no_run
/// # use traitwire::{Status, service};
/// # #[service]
/// # trait Orders {
/// #     async fn get(&self, id: String) -> Result<String, Status>;
/// # }
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use traitwire::Channel;
///
/// let channel = Channel::builder("http://shop.example:50051")
///     .connect_timeout(Duration::from_secs(5))
///     .connect_lazy()?;
/// let orders = OrdersClient::new(channel);
/// let order = orders.get("106".to_owned()).await?;
/// # Ok(())
/// # }
/// ```
///
/// A server is named by
///
/// | | |
/// |---|---|
/// | `http://shop.example:50051` | a host and a port, 80 unless one is given; without `http://` too |
/// | `http://shop.example/api` | behind a proxy that serves it under a path, which goes before that of each call |
/// | `unix:/run/shop.sock` | a Unix socket; `unix:///run/shop.sock` too |
/// | `dns:///shop.example:50051` | all addresses of the name, looked up again every 30 s, and when a server is lost, but not within 5 s |
///
/// Many servers are named by `dns:///`, by a [`list`](Self::list), or by a [`Resolve`] of one's own, and
/// [`balance`](ChannelBuilder::balance) says which of them takes a call. To look the name up in `http://` finds the
/// first address that answers.
///
/// # What becomes of a call
///
/// - While there is no connection it waits for one. When none can be opened it fails with UNAVAILABLE and the
///   reason, such as "connection refused by 127.0.0.1:50051"; with
///   [`wait_for_ready`](crate::CallOptions::wait_for_ready) it goes on waiting.
/// - It is sent when the server has said how many calls it allows at once, and has room for it, and never
///   after the server has said that it goes away. A call whose deadline passes before is not sent.
/// - One that the server says it has not looked at, because it goes away (GOAWAY) or refuses it
///   (REFUSED_STREAM), is sent once more by itself, unless it has sent more than 64 KiB of a stream in several steps.
/// - One whose connection is lost is UNAVAILABLE, with the reason: the server may or may not have worked on it. It is
///   sent again where a [`ServiceConfig`] says that it may be.
///
/// # The settings
///
/// | setting | value | what it survives |
/// |---|---|---|
/// | [`connect_timeout`](ChannelBuilder::connect_timeout) | 20 s | A host that drops what is sent to it, or a server that accepts a connection and says nothing. |
/// | [`keepalive`](ChannelBuilder::keepalive) | 10 s, 10 s | A server that is gone without a word, because its machine or a network is. It is noticed within 20 s; in a stream on which nothing came for a while, within 5 minutes and 10 s. |
/// | [`backoff`](ChannelBuilder::backoff) | 100 ms to 20 s | A server that is down, and all of its clients that come back at one moment. |
/// | [`connections`](ChannelBuilder::connections) | 1 to 4 | A server that allows fewer calls on a connection than are made. |
/// | [`initial_stream_window_size`](ChannelBuilder::initial_stream_window_size) | 2 MiB | A stream that nobody reads. It bounds what is kept of it. |
/// | [`initial_connection_window_size`](ChannelBuilder::initial_connection_window_size) | 5 MiB | The same for all calls of a connection. |
/// | [`max_header_list_size`](ChannelBuilder::max_header_list_size) | 16 KiB | Headers without end. |
/// | calls given up on a connection | 100 in 30 s, then others go over a new one | A server that takes the resets of an impatient client for an attack, and cuts all its calls. |
/// | what is kept to be sent again | 64 KiB a stream | |
/// | nodelay | on | Small messages that wait for an acknowledgement of the one before, 40 ms or more. |
///
/// In all times, `Duration::MAX` is no limit.
///
/// # What it tells
///
/// Connections that are opened, cannot be, and end are events of `tracing` under the target
/// `traitwire::channel`, with the server and the reason.
#[derive(Clone)]
pub struct Channel(Caller<H2Exchange>);

impl Channel {
    /// A channel to `server`, such as `http://127.0.0.1:50051`, with the settings above.
    pub fn builder(server: impl AsRef<str>) -> ChannelBuilder {
        ChannelBuilder::named(server.as_ref())
    }

    /// A channel to many servers, each named as for [`builder`](Self::builder).
    ///
    /// ```
    /// use traitwire::{Balance, Channel};
    ///
    /// let channel = Channel::list(["http://10.0.0.1:50051", "http://10.0.0.2:50051"])
    ///     .balance(Balance::round_robin());
    /// ```
    pub fn list<S: Into<String>>(servers: impl IntoIterator<Item = S>) -> ChannelBuilder {
        let servers: Vec<String> = servers.into_iter().map(Into::into).collect();
        let name = servers.join(", ");
        let source = match servers.is_empty() {
            true => Err(ConnectError::invalid("an empty list names no server: write one at least")),
            false => Ok(Source::Listed(servers)),
        };
        ChannelBuilder::new(name, source)
    }

    /// A channel to the servers that `resolver` names, also while calls run.
    pub fn resolve(resolver: impl Resolve) -> ChannelBuilder {
        let source = Source::Resolved(Box::new(resolver));
        ChannelBuilder::new("a resolver".to_owned(), Ok(source))
    }

    /// Connects to `server`, such as `http://127.0.0.1:50051`.
    ///
    /// # Errors
    ///
    /// When `server` names none, or nobody answers there.
    pub async fn connect(server: impl AsRef<str>) -> Result<Self, ConnectError> {
        Self::builder(server).connect().await
    }

    /// Whether there is a connection.
    #[must_use]
    pub fn state(&self) -> ConnectivityState {
        self.0.servers.connectivity()
    }

    /// Follows whether there is a connection.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use traitwire::{Channel, ConnectivityState};
    ///
    /// let channel = Channel::builder("http://shop.example:50051").connect_lazy()?;
    /// let mut states = channel.states();
    /// assert_eq!(states.now(), ConnectivityState::Idle);
    /// println!("now it is {:?}", states.changed().await);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn states(&self) -> ConnectivityStates {
        self.0.servers.connectivity_states()
    }

    /// This channel as a tower service, for tower's layers and for clients that tonic generated.
    #[must_use]
    pub fn into_tower(self) -> TowerChannel {
        TowerChannel::new(self.0)
    }
}

impl Transport for Channel {
    fn carry(
        &self,
        call: OutgoingCall,
    ) -> impl Future<Output = Result<IncomingCall, Status>> + Send {
        self.0.carry(call)
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Channel").field(&format_args!("{}", self.0.about.name)).finish()
    }
}
