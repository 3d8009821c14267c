//! Calls over tonic's own transport.

use std::{
    error::Error,
    fmt,
    task::{Context, Poll},
};

use tonic::{Code, body::Body, transport::Channel};
use tower_service::Service;

use super::RequestBody;

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

/// What an error of tonic's transport, or of hyper, says about the call.
///
/// Where the error says nothing, one of its causes may.
pub(super) fn code_of(error: &(dyn Error + 'static)) -> Option<Code> {
    if error.is::<tonic::ConnectError>() {
        return Some(Code::Unavailable);
    }
    if error.is::<tonic::TimeoutExpired>() {
        return Some(Code::DeadlineExceeded);
    }
    let error = error.downcast_ref::<hyper::Error>()?;
    let is_lost = error.is_canceled()
        || error.is_closed()
        || error.is_timeout()
        || error.is_incomplete_message()
        // hyper's task for the connection has ended, and the call is still in its queue.
        || (error.is_user() && error.source().is_none());
    is_lost.then_some(Code::Unavailable)
}
