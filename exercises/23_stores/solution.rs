//! Exercise 23, solved.

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
    let status = |is_there| match is_there {
        true => ServingStatus::Serving,
        false => ServingStatus::NotServing,
    };
    loop {
        let Stores { words, sounds } = *stores.borrow_and_update();
        health.set(WORDS, status(words));
        health.set(SPEECH, status(words && sounds));
        if stores.changed().await.is_err() {
            return health.shut_down();
        }
    }
}
