//! A transport that is chosen while the program runs.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use tonic::Status;

use super::{
    Transport,
    transport::{IncomingCall, OutgoingCall},
};

/// Any [`Transport`], so that clients over different ones have one type:
///
/// ```
/// # use traitwire::{Status, service};
/// # #[service]
/// # trait Orders {
/// #     async fn get(&self, id: String) -> Result<String, Status>;
/// # }
/// # async fn example(shop: Option<impl Orders>) -> Result<(), Box<dyn std::error::Error>> {
/// use traitwire::BoxTransport;
///
/// let orders: OrdersClient<BoxTransport> = match shop {
///     Some(shop) => OrdersClient::in_process(shop).boxed(),
///     None => OrdersClient::connect("http://127.0.0.1:50051").await?.boxed(),
/// };
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct BoxTransport(Arc<dyn DynTransport>);

impl BoxTransport {
    /// Hides the type of a transport.
    #[must_use]
    pub fn new(transport: impl Transport) -> Self {
        Self(Arc::new(transport))
    }
}

impl Transport for BoxTransport {
    async fn carry(&self, call: OutgoingCall) -> Result<IncomingCall, Status> {
        self.0.carry_boxed(call).await
    }
}

impl fmt::Debug for BoxTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxTransport").finish_non_exhaustive()
    }
}

type BoxFuture<'a> = Pin<Box<dyn Future<Output = Result<IncomingCall, Status>> + Send + 'a>>;

trait DynTransport: Send + Sync {
    fn carry_boxed(&self, call: OutgoingCall) -> BoxFuture<'_>;
}

impl<T: Transport> DynTransport for T {
    fn carry_boxed(&self, call: OutgoingCall) -> BoxFuture<'_> {
        Box::pin(self.carry(call))
    }
}
