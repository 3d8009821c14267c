//! How a service is served.

use std::time::Duration;

use crate::{
    Compression,
    codec::Compressions,
    intercept::{Chain, Intercept},
};

/// How a service is served: the sizes of its messages, their compression, and what is around its calls.
///
/// ```
/// # use traitwire::{Status, service};
/// use traitwire::ServiceOptions;
///
/// # #[service]
/// # trait Orders {
/// #     async fn get(&self, id: String) -> Result<String, Status>;
/// # }
/// # fn example(shop: impl Orders) {
/// let options = ServiceOptions::new().max_decoding_message_size(64 * 1024);
/// let server = OrdersServer::new(shop).with(options);
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ServiceOptions {
    pub(crate) accept: Compressions,
    pub(crate) send: Compressions,
    pub(crate) max_decoding_message_size: Option<usize>,
    pub(crate) max_encoding_message_size: Option<usize>,
    pub(crate) placement: Placement,
    pub(crate) default_timeout: Option<Duration>,
    pub(crate) max_timeout: Option<Duration>,
    pub(crate) intercept: Chain,
}

/// Where a [`Server`](crate::Server) polls a handler first.
///
/// A task costs a few microseconds a call, and a handler that is polled in the task of its connection
/// costs none; but while it runs, the other calls of that connection wait, and all of them share one
/// core. Whatever has to wait for something goes on in a task of its own, wherever it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// In the task of the connection, while the method is seen to be quick; in one of its own
    /// otherwise. Both are measured, for each method.
    #[default]
    Measured,
    /// In the task of the connection. For handlers that never compute for long.
    Connection,
    /// In a task of its own.
    Task,
}

impl ServiceOptions {
    /// Messages of at most 4 MiB are read, those that are sent have no limit, and nothing is compressed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts requests that are compressed in this way. Any other is UNIMPLEMENTED.
    pub fn accept_compressed(mut self, compression: Compression) -> Self {
        self.accept.add(compression);
        self
    }

    /// Compresses answers in this way for callers that accept it.
    pub fn send_compressed(mut self, compression: Compression) -> Self {
        self.send.add(compression);
        self
    }

    /// The largest message to accept, in bytes, 4 MiB unless set. A larger one is RESOURCE_EXHAUSTED,
    /// and so is one that becomes larger when it is unpacked.
    pub fn max_decoding_message_size(mut self, limit: usize) -> Self {
        self.max_decoding_message_size = Some(limit);
        self
    }

    /// The largest message to send, in bytes before it is compressed; no limit unless set. Instead of a
    /// larger one the caller gets RESOURCE_EXHAUSTED, after the messages before it.
    pub fn max_encoding_message_size(mut self, limit: usize) -> Self {
        self.max_encoding_message_size = Some(limit);
        self
    }

    /// How long a call of this service may take whose caller sets no deadline, instead of what the
    /// [`Server`](crate::Server) says. For one of long streams, `Duration::MAX` is no limit.
    pub fn default_timeout(mut self, timeout: Duration) -> Self {
        self.default_timeout = Some(timeout);
        self
    }

    /// How long a call of this service may take at most, instead of what the [`Server`](crate::Server)
    /// says.
    pub fn max_timeout(mut self, timeout: Duration) -> Self {
        self.max_timeout = Some(timeout);
        self
    }

    /// Where the handlers of this service begin, on a [`Server`](crate::Server).
    pub fn placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }
    /// Puts an interceptor around the calls of this service, inside of those that were added before: see
    /// [`intercept`](crate::intercept).
    pub fn intercept(mut self, interceptor: impl Intercept) -> Self {
        self.intercept.push(interceptor);
        self
    }
}
