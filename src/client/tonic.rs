//! Calls over tonic's own transport.

use std::{
    fmt,
    task::{Context, Poll},
};

use tonic::{
    body::Body,
    transport::{Channel, Endpoint, Error},
};
use tower_service::Service;

use super::RequestBody;
use crate::BoxError;

/// tonic's `Channel`, or any tower service that takes tonic's own body, as a transport of a client.
///
/// ```
/// # use traitwire::{Status, service};
/// # #[service]
/// # trait Orders {
/// #     async fn get(&self, id: String) -> Result<String, Status>;
/// # }
/// # fn example() {
/// use traitwire::{TonicChannel, tonic::transport::Endpoint};
///
/// let channel = Endpoint::from_static("http://127.0.0.1:50051").connect_lazy();
/// let orders = OrdersClient::new(TonicChannel::from(channel));
/// # }
/// ```
#[derive(Clone)]
pub struct TonicChannel<T = Channel>(T);

impl TonicChannel {
    /// Connects to a server, such as `http://127.0.0.1:50051`.
    ///
    /// # Errors
    ///
    /// When the address is not a URI, or nobody answers there.
    pub async fn connect<D>(server: D) -> Result<Self, Error>
    where
        D: TryInto<Endpoint, Error: Into<BoxError>>,
    {
        Ok(Self(Endpoint::new(server)?.connect().await?))
    }
}

impl<T> From<T> for TonicChannel<T> {
    fn from(service: T) -> Self {
        Self(service)
    }
}

impl<T: Service<http::Request<Body>>> Service<http::Request<RequestBody>> for TonicChannel<T> {
    type Response = T::Response;
    type Error = T::Error;
    type Future = T::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<RequestBody>) -> T::Future {
        self.0.call(request.map(Body::new))
    }
}

impl<T> fmt::Debug for TonicChannel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TonicChannel").finish_non_exhaustive()
    }
}
