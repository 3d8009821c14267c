//! What becomes of an error that a service gets from another one.

use traitwire::{Code, RpcError, Status, Stream, Streaming, Transport, service};
use traitwire_tests::serve;

use super::{
    Failing, FailingClient, FailingServer, Plain, PlainClient,
    ShopError::{self, NoOrder, Other, TooMany},
    errors, shop,
};
use crate::contract::{Note, note};

/// The errors of another service.
#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "relay.example.com")]
enum RelayError {
    #[error("the shop has no such order")]
    #[rpc_error(code = NotFound)]
    NoOrder,
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}

#[service(package = "proof.v1", name = "Echo")]
trait Relay {
    async fn say(&self, note: Note) -> Result<Note, RelayError>;
}

/// Passes the errors of the shop on by `?`.
struct ByStatus<T>(PlainClient<T>);

impl<T: Transport> Relay for ByStatus<T> {
    async fn say(&self, note: Note) -> Result<Note, RelayError> {
        Ok(self.0.say(note).await?)
    }
}

/// Turns the one that it knows into its own.
struct ByVariant<T>(FailingClient<T>);

impl<T: Transport> Relay for ByVariant<T> {
    async fn say(&self, note: Note) -> Result<Note, RelayError> {
        self.0.say(note).await.map_err(|error| match error {
            NoOrder { .. } => RelayError::NoOrder,
            error => RelayError::Other(error.into()),
        })
    }
}

/// Answers with the errors of the shop itself.
struct Same<T>(FailingClient<T>);

impl<T: Transport> Failing for Same<T> {
    async fn say(&self, note: Note) -> Result<Note, ShopError> {
        self.0.say(note).await
    }
    fn repeat(&self, note: Note) -> impl Stream<Item = Result<Note, ShopError>> {
        self.0.repeat(note)
    }
    async fn join(&self, notes: Streaming<Note>) -> Result<Note, ShopError> {
        self.0.join(notes).await
    }
    fn chat(&self, notes: Streaming<Note>) -> impl Stream<Item = Result<Note, ShopError>> {
        self.0.chat(notes)
    }
}

#[tokio::test]
async fn an_error_of_another_enum_is_passed_on_as_code_and_message() {
    let shop = shop().await;
    for (text, code) in [("none", Code::NotFound), ("many", Code::ResourceExhausted)] {
        let upstream = PlainClient::new(shop.connect().await);
        let server = serve(RelayServer::new(ByStatus(upstream))).await;
        let status = PlainClient::new(server.connect().await).say(note(text, 0)).await.unwrap_err();
        assert_eq!(status.code(), code);
        assert_eq!(status.message(), ShopError::asked_for(text).to_string());
        assert_eq!(status.details(), b"");
    }
}

#[tokio::test]
async fn a_service_may_turn_an_error_into_its_own() {
    let shop = shop().await;
    let upstream = FailingClient::new(shop.connect().await);
    let server = serve(RelayServer::new(ByVariant(upstream))).await;
    let client = RelayClient::new(server.connect().await);
    assert!(matches!(client.say(note("none", 0)).await, Err(RelayError::NoOrder)));
}

#[tokio::test]
async fn an_error_of_the_same_enum_is_passed_on_whole() {
    let shop = shop().await;
    let upstream = FailingClient::new(shop.connect().await);
    let server = serve(FailingServer::new(Same(upstream))).await;
    let client = FailingClient::new(server.connect().await);
    for error in errors(&client, "many").await {
        assert!(matches!(error, TooMany { limit: 3, .. }), "{error:?}");
    }
    for error in errors(&client, "store").await {
        let Other(status) = error else { panic!("{error:?}") };
        assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
    }
}
