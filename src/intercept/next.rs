//! What stands behind an interceptor.

use std::{fmt, future::Future, sync::Arc};

use tonic::Status;

use super::{Call, Chain, End, Level};

/// What stands behind an interceptor: the interceptors inside of it, and then the handler, or the server that is called.
#[derive(Clone)]
pub struct Next {
    to: To,
    at: usize,
}

/// Whose handler it is.
#[derive(Clone)]
enum To {
    #[cfg(feature = "server")]
    Service(Arc<crate::server::Interception>),
    #[cfg(feature = "client")]
    Transport(Arc<crate::client::Interception>),
}

impl Next {
    #[cfg(feature = "server")]
    pub(crate) fn of_service(service: &Arc<crate::server::Interception>, at: usize) -> Self {
        Self { to: To::Service(Arc::clone(service)), at }
    }

    #[cfg(feature = "client")]
    pub(crate) fn of_transport(transport: &Arc<crate::client::Interception>, at: usize) -> Self {
        Self { to: To::Transport(Arc::clone(transport)), at }
    }

    /// Goes on with the call, until all of it has ended: on the server the handler and its stream, on the client the
    /// answer to its status.
    ///
    /// Dropping the future cancels the call. It may be run in a task of its own, for work that must not be cut off.
    ///
    /// # Errors
    ///
    /// The status that the call ended with, where that is not OK.
    pub async fn run(&self, call: Call) -> Result<End, Status> {
        match &self.to {
            #[cfg(feature = "server")]
            To::Service(it) => {
                run(&**it, &it.chain, self.at, call, |at| Self::of_service(it, at)).await
            }
            #[cfg(feature = "client")]
            To::Transport(it) => {
                run(&**it, &it.chain, self.at, call, |at| Self::of_transport(it, at)).await
            }
        }
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}

/// What is inside of all interceptors.
pub(crate) trait Inner: Sync {
    /// Makes the call, to its end.
    fn call(&self, call: Call) -> impl Future<Output = Result<End, Status>> + Send;
}

/// Goes on with a call from the interceptor at `at`.
pub(crate) async fn run(
    inner: &impl Inner,
    chain: &Chain,
    at: usize,
    mut call: Call,
    next: impl Fn(usize) -> Next + Send,
) -> Result<End, Status> {
    let mut level = Level::new(chain, at, &call);
    let result = match level.begin(&mut call) {
        Err(status) => Err(status),
        Ok(Some(at)) => chain.function(at).call(call, next(at + 1)).await,
        Ok(None) => inner.call(call).await,
    };
    level.end(result.as_ref());
    result
}
