//! A service of which only one half is used: the other is not reported as dead.

use traitwire::{Status, service};

/// Only its server is used.
#[service]
pub(crate) trait Served {
    /// Answers.
    async fn answer(&self) -> Result<u32, Status>;
}

/// Only its client is used.
#[service]
trait Called {
    /// Answers.
    async fn answer(&self) -> Result<u32, Status>;
}

struct Answer;

impl Served for Answer {
    async fn answer(&self) -> Result<u32, Status> {
        Ok(1)
    }
}

fn is_served(_: impl traitwire::tonic::server::NamedService) {}

#[test]
fn a_service_may_be_private_to_its_crate() {
    is_served(ServedServer::new(Answer));
}

#[tokio::test]
async fn a_client_may_be_alone() {
    let channel = traitwire::Channel::builder("http://127.0.0.1:1").connect_lazy().unwrap();
    let client = CalledClient::new(channel);
    assert!(client.answer().await.is_err());
}
