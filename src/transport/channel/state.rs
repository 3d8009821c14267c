//! Whether a channel can call.

use tokio::sync::watch;

/// Whether a channel has a connection, as gRPC has it (its doc/connectivity-semantics-and-api.md).
///
/// A channel of many servers is as well off as the best of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConnectivityState {
    /// There is no connection, and none is being opened, because nobody calls.
    Idle,
    /// A connection is being opened. Calls wait for it.
    Connecting,
    /// There is a connection.
    Ready,
    /// The last attempt failed, and none has succeeded since. Calls fail, apart from those that
    /// [wait](crate::CallOptions::wait_for_ready).
    TransientFailure,
    /// The channel is gone: nobody has it any more.
    Shutdown,
}

/// The states of a channel, one after the other: [`Channel::states`](super::Channel::states).
///
/// It does not keep the channel alive.
#[derive(Clone, Debug)]
pub struct ConnectivityStates(pub(super) watch::Receiver<ConnectivityState>);

impl ConnectivityStates {
    /// The state now.
    #[must_use]
    pub fn now(&self) -> ConnectivityState {
        match self.0.has_changed() {
            Ok(_) => *self.0.borrow(),
            Err(_) => ConnectivityState::Shutdown,
        }
    }

    /// Waits until the state is another one than it was when it was asked for last, and gives it. One that
    /// lasts for a moment only may be passed over.
    pub async fn changed(&mut self) -> ConnectivityState {
        match self.0.changed().await {
            Ok(()) => *self.0.borrow_and_update(),
            Err(_) => ConnectivityState::Shutdown,
        }
    }
}
