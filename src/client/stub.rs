//! What calls: a transport, and how it is used.

use std::{borrow::Cow, fmt, marker::PhantomData, sync::Arc};

#[cfg(feature = "server")]
use super::InProcess;
use super::{BoxTransport, CallOptions, Transport, call::Outgoing};
#[cfg(feature = "server")]
use crate::server::{Dispatch, Served};
#[cfg(feature = "transport")]
use crate::transport::channel::{Channel, ConnectError};
use crate::{Message, descriptor::Contract};

/// What a client calls over where nothing else is said.
#[cfg(feature = "transport")]
pub type DefaultTransport = Channel;
/// What a client calls over where nothing else is said.
#[cfg(not(feature = "transport"))]
pub type DefaultTransport = BoxTransport;

/// Calls a service: the `XClient` of a trait `X` is an alias of this, and implements `X`.
///
/// It is cheap to clone.
///
/// To drop a call before its end, or its stream of answers, cancels it: the server drops the handler. So
/// a call is not cancel-safe. If it loses in a `select!` it is over, and nobody knows how far the handler
/// came; to call again begins anew. Where a loop waits for other things too, keep the call beside it:
///
/// ```
/// # use traitwire::{Status, service};
/// # #[service]
/// # trait Orders {
/// #     async fn get(&self, id: &str) -> Result<String, Status>;
/// # }
/// # async fn example(client: OrdersClient) -> Result<String, Status> {
/// let mut ticks = tokio::time::interval(std::time::Duration::from_secs(1));
/// let mut call = std::pin::pin!(client.get("106"));
/// loop {
///     tokio::select! {
///         order = &mut call => return order,
///         _ = ticks.tick() => println!("still waiting"),
///     }
/// }
/// # }
/// ```
///
/// The messages of a stream are cancel-safe ([`Streaming::message`](crate::Streaming::message)), and so is
/// [`Sender::send`](crate::Sender::send).
///
/// `T` is the [`Transport`]: what carries the calls.
pub struct Client<C, T = DefaultTransport> {
    pub(super) transport: T,
    pub(super) options: Arc<CallOptions>,
    contract: PhantomData<fn() -> C>,
}

#[cfg(feature = "transport")]
impl<C> Client<C> {
    /// Connects to a server, such as `http://127.0.0.1:50051`: see [`Channel`].
    ///
    /// # Errors
    ///
    /// When `server` names none, or nobody answers there.
    pub async fn connect(server: impl AsRef<str>) -> Result<Self, ConnectError> {
        Ok(Self::of(Channel::connect(server).await?))
    }
}

#[cfg(feature = "server")]
impl<C: Dispatch<S>, S: Send + Sync + 'static> Client<C, InProcess<Served<C, S>>> {
    /// Calls a service in this process: through the codec, without a socket.
    #[must_use]
    pub fn in_process(service: S) -> Self {
        Self::of(InProcess::new(Served::new(service)))
    }
}

impl<C, T: Transport> Client<C, T> {
    /// Calls over a transport: a channel, a server, a tower stack.
    #[must_use]
    pub fn new(transport: T) -> Self {
        Self::of(transport)
    }

    /// This client with other options.
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        let options = self.options.and_over(options, &self.transport);
        Self { transport: self.transport.clone(), options, contract: PhantomData }
    }

    /// This client without the type of its transport.
    #[must_use]
    pub fn boxed(self) -> Client<C, BoxTransport> {
        let Self { transport, options, contract } = self;
        Client { transport: BoxTransport::new(transport), options, contract }
    }
}

impl<C, T> Client<C, T> {
    fn of(transport: T) -> Self {
        Self { transport, options: Arc::default(), contract: PhantomData }
    }
}

impl<C, T: Clone> Clone for Client<C, T> {
    fn clone(&self) -> Self {
        let (transport, options) = (self.transport.clone(), self.options.clone());
        Self { transport, options, contract: PhantomData }
    }
}

impl<C: Contract, T> fmt::Debug for Client<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("service", &C::NAME)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// A call with messages of `Q`, answered with messages of `U`.
pub struct Call<Q, U>(PhantomData<(Q, U)>);

impl<Q: Message, U: Message> Call<Q, U> {
    /// Takes the options for a call of `path` (`/package.Service/Method`), as they stand now.
    ///
    /// No method of the client, so that it takes no name from those of a service.
    pub fn of<C, T>(client: &Client<C, T>, path: &'static str) -> Outgoing<T>
    where
        C: Contract,
        T: Transport,
    {
        let (transport, options) = (client.transport.clone(), client.options.clone());
        Outgoing::new(transport, options, C::DESCRIPTOR, Cow::Borrowed(path))
    }
}

/// What [`Call`] has in the place of [`Call::of`], where a type was refused as a message: the compiler
/// need not say it here again.
pub trait Uncallable {
    /// No call.
    #[must_use]
    fn of<C>(_: &C, _: &'static str) -> Refused {
        Refused
    }
}

impl<Q, U> Uncallable for Call<Q, U> {}

/// Has the methods of [`Outgoing`], with any types.
pub struct Refused;

macro_rules! refused {
    ($(async fn $waits:ident;)* $(fn $waits_not:ident;)*) => {
        impl Refused {
            $(
                /// Is never called.
                pub async fn $waits<Q, R>(self, _: Q) -> R {
                    unreachable!("the program does not compile")
                }
            )*
            $(
                /// Is never called.
                pub fn $waits_not<Q, R>(self, _: Q) -> R {
                    unreachable!("the program does not compile")
                }
            )*
        }
    };
}

refused! {
    async fn unary;
    async fn client_streaming;
    async fn server_streaming;
    async fn bidirectional;
    fn server_streaming_when_polled;
    fn bidirectional_when_polled;
}
