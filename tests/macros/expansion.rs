//! The inputs of the expansion snapshots are programs: they compile, and their methods answer.

mod attributes;
mod borrowed;
mod message;
mod order_service;
mod shapes;
mod two_services;
mod unary;

use traitwire::{Code, Describe, Status, Stream, schema::Schema, stream_fn};

struct Everything;

impl unary::OrderManagement for Everything {
    async fn get_order(&self, id: String) -> Result<String, Status> {
        Ok(format!("order {id}"))
    }
}

impl borrowed::Notes for Everything {
    async fn add(&self, note: &borrowed::Note) -> Result<(), Status> {
        if note.name.is_empty() { Err(Status::invalid_argument("no name")) } else { Ok(()) }
    }

    async fn text(&self, name: &str) -> Result<String, Status> {
        Ok(format!("text of {name}"))
    }

    fn find(&self, bytes: &[u8]) -> impl Stream<Item = Result<String, Status>> {
        stream_fn(async move |mut out| {
            for byte in bytes {
                out.send(format!("has {byte}")).await?;
            }
            Ok(())
        })
    }
}

impl two_services::ShopV1 for Everything {
    async fn count(&self) -> Result<u64, Status> {
        Ok(1)
    }
}

impl two_services::ShopV2 for Everything {
    async fn count(&self) -> Result<u64, Status> {
        Ok(2)
    }
}

impl attributes::Keys for Everything {}

impl order_service::OrderService for Everything {
    async fn get_order(
        &self,
        request: order_service::Empty,
    ) -> Result<order_service::Empty, Status> {
        Ok(request)
    }
}

impl attributes::ServerOnly for Everything {
    async fn always(&self) -> Result<(), Status> {
        Ok(())
    }
}

#[tokio::test]
async fn a_unary_method_answers() {
    use unary::{ORDER_MANAGEMENT, OrderManagement, OrderManagementClient};

    let client = OrderManagementClient::in_process(Everything);
    assert_eq!(client.get_order("106".to_owned()).await.unwrap(), "order 106");
    assert_eq!(ORDER_MANAGEMENT.methods[0].path, "/ecommerce.OrderManagement/getOrder");
    assert_eq!(ORDER_MANAGEMENT.file, None);
}

#[tokio::test]
async fn an_argument_may_be_borrowed() {
    use borrowed::{Note, Notes, NotesClient};

    let client = NotesClient::in_process(Everything);
    let note = Note { name: "milk".to_owned(), text: "two".to_owned() };
    client.add(&note).await.unwrap();
    assert_eq!(client.add(&Note::default()).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(client.text(&note.name).await.unwrap(), "text of milk");
    let bytes = vec![7, 8];
    let mut found = client.find(&bytes);
    // The call has sent what it was lent.
    drop(bytes);
    assert_eq!(found.message().await.unwrap().as_deref(), Some("has 7"));
    assert_eq!(found.message().await.unwrap().as_deref(), Some("has 8"));
    assert_eq!(found.message().await.unwrap(), None);
}

#[tokio::test]
async fn two_services_share_a_module_and_a_type() {
    use two_services::{ShopV1, ShopV1Client, ShopV2, ShopV2Client};

    assert_eq!(ShopV1Client::in_process(Everything).count().await.unwrap(), 1);
    assert_eq!(ShopV2Client::in_process(Everything).count().await.unwrap(), 2);
}

#[tokio::test]
async fn the_keys_have_their_effect() {
    use attributes::{KEYS, Keys, KeysClient};

    let names: Vec<_> = KEYS.methods.iter().map(|it| (it.name, it.deprecated)).collect();
    assert_eq!(names, [("Other", false), ("two", false), ("four", true)]);
    assert_eq!(KEYS.full_name(), "keys.v1.AllKeys");
    assert_eq!(KEYS.file, Some("keys/v1/all_keys.proto"));

    let client = KeysClient::in_process(Everything);
    let missing = client.one().await.unwrap_err();
    assert_eq!(missing.code(), Code::Unimplemented);
    assert_eq!(missing.message(), "method Other not implemented");
    assert_eq!(client.two(21).await.unwrap(), 42);
}

#[test]
fn the_shapes_are_in_the_descriptor() {
    use traitwire::MethodKind::{Bidirectional, ClientStreaming, ServerStreaming, Unary};

    let kinds: Vec<_> = shapes::SHAPES.methods.iter().map(|it| (it.name, it.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("Unary", Unary),
            ("Listen", ServerStreaming),
            ("Search", ServerStreaming),
            ("Tail", ServerStreaming),
            ("Upload", ClientStreaming),
            ("Chat", Bidirectional),
            ("Ping", Unary),
        ]
    );
}

#[test]
fn a_short_message_is_the_contract_of_the_long_one() {
    let schema = |parcel| Schema::with_messages(&[], &[parcel]).unwrap().to_string();
    let short = schema(message::Parcel::DESCRIPTOR);
    assert_eq!(short, include_str!("expansion/parcel.proto"));
    assert_eq!(schema(super::pasted::message::Parcel::DESCRIPTOR), short);
}

/// Its expansion is printed in the first chapter.
#[tokio::test]
async fn the_contract_of_example_01_is_that_of_the_example() {
    use order_service::{Empty, OrderService, OrderServiceClient};

    let example = include_str!("../../examples/01_order_service.rs");
    let (_, contract) = include_str!("expansion/order_service.rs").split_once("service};").unwrap();
    assert!(example.contains(contract.trim()));
    let client = OrderServiceClient::in_process(Everything);
    assert_eq!(client.get_order(Empty {}).await.unwrap(), Empty {});
    assert_eq!(client.track_order("106").await.unwrap_err().code(), Code::Unimplemented);
    assert_eq!(client.create_order(Empty {}).await.unwrap_err().code(), Code::Unimplemented);
}
