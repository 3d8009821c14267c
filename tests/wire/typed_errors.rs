//! An enum with `#[derive(RpcError)]` on both sides of a call, and what others see of it.

mod passed_on;
mod peers;
mod received;

use std::{error::Error as _, time::Duration};

use http_body_util::Full;
use tonic_types::StatusExt;
use traitwire::{
    Code, FieldViolation, ResourceInfo, RpcError, Status, Stream, StreamExt, Streaming, service,
    stream_fn,
};
use traitwire_tests::{Server, serve};

use crate::{
    contract::{Note, note},
    raw::{Answer, framed, request},
};

/// What only the server may know.
const SECRET: &str = "password=hunter2 at /var/lib/shop";

#[derive(Debug, thiserror::Error)]
#[error("{SECRET}")]
struct StoreError;

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "shop.example.com")]
enum ShopError {
    #[error("no order {id}")]
    #[rpc_error(code = NotFound, reason = "ORDER_NOT_FOUND")]
    NoOrder {
        #[rpc_error(send = "orderId")]
        id: String,
    },
    #[error("{limit} orders at once are too many")]
    #[rpc_error(code = ResourceExhausted)]
    TooMany {
        #[rpc_error(send)]
        limit: u32,
        #[rpc_error(retry_info)]
        after: Duration,
    },
    #[error("{} fields are wrong", .0.len())]
    #[rpc_error(code = InvalidArgument)]
    Invalid(#[rpc_error(bad_request)] Vec<FieldViolation>),
    #[error("{} is locked", .0.resource_name)]
    #[rpc_error(code = Aborted)]
    Locked(#[rpc_error(resource_info)] ResourceInfo),
    #[error("the shop is closed")]
    #[rpc_error(code = Unavailable)]
    Closed,
    #[error("not paid")]
    #[rpc_error(code = FailedPrecondition)]
    NotPaid {
        #[rpc_error(send)]
        sum: u64,
        account: &'static str,
    },
    #[error("the store failed")]
    #[rpc_error(internal)]
    Store(#[from] StoreError),
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}

fn violations() -> Vec<FieldViolation> {
    let price = FieldViolation::new("price", "is negative").reason("NEGATIVE");
    vec![FieldViolation::new("items[0].id", "is empty"), price]
}

fn resource() -> ResourceInfo {
    ResourceInfo::new("order", "107").owner("user:ada").description("it is packed")
}

use ShopError::{Closed, Invalid, Locked, NoOrder, NotPaid, Other, Store, TooMany};

impl ShopError {
    /// The error that a text asks for.
    fn asked_for(text: &str) -> Self {
        match text {
            "none" => NoOrder { id: "größer \n 107".to_owned() },
            "long" => NoOrder { id: "7".repeat(100_000) },
            "many" => TooMany { limit: 3, after: Duration::from_millis(1_500) },
            "invalid" => Invalid(violations()),
            "locked" => Locked(resource()),
            "closed" => Closed,
            "unpaid" => NotPaid { sum: 7, account: SECRET },
            "store" => Store(StoreError),
            _ => Other(Status::unauthenticated("who are you?")),
        }
    }
}

#[service(package = "proof.v1", name = "Echo")]
trait Failing {
    /// Fails as the text says.
    async fn say(&self, note: Note) -> Result<Note, ShopError>;
    /// The same, after a message.
    fn repeat(&self, note: Note) -> impl Stream<Item = Result<Note, ShopError>>;
    async fn join(&self, notes: Streaming<Note>) -> Result<Note, ShopError>;
    fn chat(&self, notes: Streaming<Note>) -> impl Stream<Item = Result<Note, ShopError>>;
}

struct Shop;

impl Failing for Shop {
    async fn say(&self, note: Note) -> Result<Note, ShopError> {
        Err(ShopError::asked_for(&note.text))
    }

    fn repeat(&self, note: Note) -> impl Stream<Item = Result<Note, ShopError>> {
        stream_fn(async move |mut out| {
            out.send(note.clone()).await?;
            Err(ShopError::asked_for(&note.text))
        })
    }

    async fn join(&self, mut notes: Streaming<Note>) -> Result<Note, ShopError> {
        self.say(notes.message().await?.unwrap_or_default()).await
    }

    fn chat(&self, mut notes: Streaming<Note>) -> impl Stream<Item = Result<Note, ShopError>> {
        stream_fn(async move |mut out| {
            while let Some(note) = notes.message().await? {
                out.send(note.clone()).await?;
                self.say(note).await?;
            }
            Ok(())
        })
    }
}

/// The same service as one that knows nothing of the enum.
#[service(package = "proof.v1", name = "Echo")]
trait Plain {
    async fn say(&self, note: Note) -> Result<Note, Status>;
}

async fn shop() -> Server {
    serve(FailingServer::new(Shop)).await
}

/// The status that goes over the wire.
async fn status(text: &str) -> Status {
    PlainClient::new(shop().await.connect().await).say(note(text, 0)).await.unwrap_err()
}

/// What a client gets in all four shapes.
async fn errors(shop: &impl Failing, text: &str) -> Vec<ShopError> {
    let one = || -> Streaming<Note> { [note(text, 0)].into_iter().collect() };
    let mut repeated = std::pin::pin!(shop.repeat(note(text, 0)));
    let mut chatted = std::pin::pin!(shop.chat(one()));
    repeated.next().await.expect("a message").unwrap();
    chatted.next().await.expect("a message").unwrap();
    vec![
        shop.say(note(text, 0)).await.unwrap_err(),
        repeated.next().await.expect("an error").unwrap_err(),
        shop.join(one()).await.unwrap_err(),
        chatted.next().await.expect("an error").unwrap_err(),
    ]
}

/// Over a socket and in one process.
async fn all_errors(text: &str) -> Vec<ShopError> {
    let server = shop().await;
    let mut all = errors(&FailingClient::new(server.connect().await), text).await;
    all.extend(errors(&FailingClient::in_process(Shop), text).await);
    all
}

#[tokio::test]
async fn a_variant_comes_back_with_its_fields_in_every_shape() {
    for error in all_errors("none").await {
        assert!(matches!(&error, NoOrder { id } if id == "größer \n 107"), "{error:?}");
    }
    for error in all_errors("many").await {
        let TooMany { limit: 3, after } = error else { panic!("{error:?}") };
        assert_eq!(after, Duration::from_millis(1_500));
    }
    for error in all_errors("invalid").await {
        assert!(matches!(&error, Invalid(it) if *it == violations()), "{error:?}");
    }
    for error in all_errors("locked").await {
        assert!(matches!(&error, Locked(it) if *it == resource()), "{error:?}");
    }
    for error in all_errors("closed").await {
        assert!(matches!(error, Closed), "{error:?}");
    }
}

#[tokio::test]
async fn a_status_of_ones_own_goes_as_it_is() {
    for error in all_errors("who").await {
        let Other(status) = error else { panic!("{error:?}") };
        assert_eq!((status.code(), status.message()), (Code::Unauthenticated, "who are you?"));
    }
}

#[tokio::test]
async fn what_is_sent_is_in_the_standard_form() {
    let missing = status("none").await;
    assert_eq!((missing.code(), missing.message()), (Code::NotFound, "no order größer \n 107"));
    let details = missing.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!((&*info.reason, &*info.domain), ("ORDER_NOT_FOUND", "shop.example.com"));
    assert_eq!(
        info.metadata.clone().into_iter().collect::<Vec<_>>(),
        [("orderId".to_owned(), "größer \n 107".to_owned())]
    );

    let many = status("many").await;
    let details = many.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!((&*info.reason, &*info.metadata["limit"]), ("TOO_MANY", "3"));
    assert_eq!(details.retry_info().unwrap().retry_delay, Some(Duration::from_millis(1_500)));

    let invalid = status("invalid").await.get_details_bad_request().unwrap();
    let told: Vec<_> = invalid.field_violations.iter().map(|it| [&*it.field, &it.reason]).collect();
    assert_eq!(told, [["items[0].id", ""], ["price", "NEGATIVE"]]);
    let locked = status("locked").await.get_details_resource_info().unwrap();
    assert_eq!([locked.resource_name, locked.owner], ["107", "user:ada"]);

    // An error without fields has a reason all the same.
    let closed = status("closed").await.get_error_details();
    assert_eq!(closed.error_info().unwrap().reason, "CLOSED");
    assert!(closed.error_info().unwrap().metadata.is_empty());
}

/// Everything that the server sends in answer to a note, as text: headers, body and trailers, with
/// the details decoded.
async fn bytes(text: &str) -> String {
    let server = shop().await;
    let body = Full::new(framed(&note(text, 0)));
    let answer = Answer::to(&server, request(&server, "/proof.v1.Echo/Say", body)).await;
    let details = status(text).await.details().to_vec();
    format!("{answer:?} {}", String::from_utf8_lossy(&details))
}

#[tokio::test]
async fn what_is_internal_never_leaves() {
    let said = bytes("store").await;
    assert!(said.contains("internal error"), "{said}");
    for secret in [SECRET, "hunter2", "the store failed", "STORE", "Store"] {
        assert!(!said.contains(secret), "{said}");
    }
    for error in all_errors("store").await {
        let Other(status) = error else { panic!("{error:?}") };
        assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
        assert_eq!(status.details(), b"");
        let received = status.source().is_none_or(|it| it.is::<traitwire::Received>());
        assert!(received, "the source has left the server");
    }
}

#[test]
fn the_server_itself_can_read_what_is_internal() {
    let status = Status::from(Store(StoreError));
    let source = status.source().unwrap();
    assert!(source.is::<ShopError>());
    assert_eq!(source.source().unwrap().to_string(), SECRET);
}

#[tokio::test]
async fn a_field_leaves_only_where_it_is_marked_and_then_nobody_gets_the_variant() {
    let said = bytes("unpaid").await;
    assert!(said.contains("NOT_PAID") && said.contains("sum"), "{said}");
    assert!(!said.contains("hunter2") && !said.contains("account"), "{said}");
    for error in all_errors("unpaid").await {
        let Other(status) = error else { panic!("{error:?}") };
        assert_eq!((status.code(), status.message()), (Code::FailedPrecondition, "not paid"));
        assert_eq!(status.get_error_details().error_info().unwrap().metadata["sum"], "7");
    }
}

#[tokio::test]
async fn details_that_are_too_long_give_a_status_that_says_so() {
    for error in all_errors("long").await.into_iter().take(4) {
        let Other(status) = error else { panic!("{error:?}") };
        assert_eq!(status.code(), Code::NotFound);
        assert!(status.message().contains("left out"), "{}", status.message());
    }
}
