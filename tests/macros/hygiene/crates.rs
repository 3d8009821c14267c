//! The crate under another name, and behind another crate.

/// A crate that passes traitwire on.
mod facade {
    pub use traitwire as wire;
}

use facade::wire::{Status, service};

/// A service that never says `traitwire`.
#[service(crate = "facade::wire")]
pub trait Renamed {
    /// Answers.
    async fn answer(&self) -> Result<Message, Status>;
}

/// A message that never says `traitwire`.
#[derive(Clone, PartialEq, prost::Message, facade::wire::Describe)]
#[describe(crate = "facade::wire", package = "renamed")]
pub struct Message {}

struct Answer;

impl Renamed for Answer {
    async fn answer(&self) -> Result<Message, Status> {
        Ok(Message {})
    }
}

#[tokio::test]
async fn the_crate_may_have_another_name() {
    assert_eq!(RenamedClient::in_process(Answer).answer().await.unwrap(), Message {});
    assert_eq!(RENAMED.methods[0].output.package, "renamed");
}
