//! Exercise 23: health that follows the stores.
//!
//! A dictionary has two services. `words.v1.Words` needs the store of words, and `words.v1.Speech` needs the words and
//! the sounds. A store can go away and come back. But `report` says once that both are SERVING, so balancers send
//! calls to services that can answer none of them.
//!
//! Follow the stores: each service is SERVING as long as all that it needs is there, and NOT_SERVING otherwise, also
//! before the first store has come. The server as a whole stays SERVING meanwhile, because a restart would not bring a
//! store back. When nobody looks after the stores any more, the sender is dropped, and everything is NOT_SERVING.
//!
//! ```sh
//! cargo xtask check 23
//! ```

use tokio::sync::watch;
use traitwire::health::{HealthReporter, ServingStatus};

/// Looks words up.
pub const WORDS: &str = "words.v1.Words";
/// Speaks them.
pub const SPEECH: &str = "words.v1.Speech";

/// Which stores are there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stores {
    pub words: bool,
    pub sounds: bool,
}

/// Says how the services are, as the stores go and come.
pub async fn report(health: HealthReporter, mut stores: watch::Receiver<Stores>) {
    health.set(WORDS, ServingStatus::Serving);
    health.set(SPEECH, ServingStatus::Serving);
    // The sender has something to say, or is gone.
    let _ = stores.changed().await;
}
