//! Borrowed arguments are the same calls as owned ones, on the wire and in the contract.

use std::pin::pin;

use traitwire::{
    CallOptions, Code, Compression, Response, ServiceOptions, Status, Stream, StreamExt,
    schema::Schema, service, stream_fn,
};
use traitwire_tests::serve;

use crate::contract::{Note, note};

/// Every shape whose request is one message.
#[service(package = "borrowed.v1", name = "Kept")]
pub(crate) trait Owned {
    async fn text(&self, it: String) -> Result<String, Status>;
    async fn bytes(&self, it: Vec<u8>) -> Result<Vec<u8>, Status>;
    async fn note(&self, it: Note) -> Result<Note, Status>;
    async fn envelope(&self, it: String) -> Result<Response<String>, Status>;
    fn direct(&self, it: String) -> impl Stream<Item = Result<String, Status>>;
    async fn stream(&self, it: Vec<u8>) -> Result<impl Stream<Item = Result<u32, Status>>, Status>;
    async fn both(
        &self,
        it: Note,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;
}

/// Every shape whose request is one message.
#[service(package = "borrowed.v1", name = "Kept")]
pub(crate) trait Borrowed {
    async fn text(&self, it: &str) -> Result<String, Status>;
    async fn bytes(&self, it: &[u8]) -> Result<Vec<u8>, Status>;
    async fn note(&self, it: &Note) -> Result<Note, Status>;
    async fn envelope(&self, it: &str) -> Result<Response<String>, Status>;
    fn direct(&self, it: &str) -> impl Stream<Item = Result<String, Status>>;
    async fn stream(&self, it: &[u8]) -> Result<impl Stream<Item = Result<u32, Status>>, Status>;
    async fn both(
        &self,
        it: &Note,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;
}

/// Implements both, each with what it takes.
pub(crate) struct Kept;

macro_rules! kept {
    ($contract:ident, $text:ty, $bytes:ty, $note:ty) => {
        impl $contract for Kept {
            async fn text(&self, it: $text) -> Result<String, Status> {
                tokio::task::yield_now().await;
                Ok(it.to_owned())
            }
            async fn bytes(&self, it: $bytes) -> Result<Vec<u8>, Status> {
                tokio::task::yield_now().await;
                Ok(it.to_owned())
            }
            async fn note(&self, it: $note) -> Result<Note, Status> {
                tokio::task::yield_now().await;
                Ok(note(&it.text, it.count + 1))
            }
            async fn envelope(&self, it: $text) -> Result<Response<String>, Status> {
                Ok(Response::new(it.to_uppercase()))
            }
            fn direct(&self, it: $text) -> impl Stream<Item = Result<String, Status>> {
                stream_fn(async move |mut out| {
                    for word in it.split(' ') {
                        tokio::task::yield_now().await;
                        out.send(word.to_owned()).await?;
                    }
                    Ok(())
                })
            }
            async fn stream(
                &self,
                it: $bytes,
            ) -> Result<impl Stream<Item = Result<u32, Status>>, Status> {
                if it.is_empty() {
                    return Err(Status::invalid_argument("nothing"));
                }
                Ok(stream_fn(async move |mut out| {
                    for byte in it.iter() {
                        out.send(u32::from(*byte)).await?;
                    }
                    Ok(())
                }))
            }
            async fn both(
                &self,
                it: $note,
            ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
                let notes = (0..it.count).map(move |count| Ok(note(&it.text, count)));
                Ok(Response::new(tokio_stream::iter(notes)))
            }
        }
    };
}

kept!(Owned, String, Vec<u8>, Note);
kept!(Borrowed, &str, &[u8], &Note);

/// Calls every method with what `$give` makes of a reference.
macro_rules! check {
    ($kept:ident, $give:path) => {{
        let long = "größer 漢 🦜 ".repeat(10_000);
        for text in ["", "106", &long] {
            assert_eq!($kept.text($give(text)).await.unwrap(), text);
            assert_eq!($kept.bytes($give(text.as_bytes())).await.unwrap(), text.as_bytes());
            assert_eq!($kept.note($give(&note(text, 6))).await.unwrap(), note(text, 7));
        }
        assert_eq!($kept.envelope($give("loud")).await.unwrap().into_inner(), "LOUD");
        assert_eq!(all($kept.direct($give("to be"))).await, ["to", "be"]);
        let numbers = $kept.stream($give(&[0, 128, 255][..])).await.unwrap();
        assert_eq!(all(numbers).await, [0, 128, 255]);
        let refused = $kept.stream($give(&[][..])).await.err().unwrap();
        assert_eq!(refused.code(), Code::InvalidArgument);
        let tick = note("tick", 2);
        let notes = $kept.both($give(&tick)).await.unwrap();
        assert_eq!(all(notes.into_inner()).await, [note("tick", 0), note("tick", 1)]);
    }};
}

async fn check_owned(kept: &impl Owned) {
    check!(kept, ToOwned::to_owned);
}

async fn check_borrowed(kept: &impl Borrowed) {
    check!(kept, std::convert::identity);
}

/// The messages of a stream that ends well.
async fn all<M>(stream: impl Stream<Item = Result<M, Status>>) -> Vec<M> {
    stream.collect::<Result<Vec<M>, Status>>().await.unwrap()
}

#[test]
fn both_forms_are_one_contract() {
    assert_eq!(OWNED, BORROWED);
    let set = |it| Schema::of(&[it]).unwrap().file_descriptor_set();
    assert_eq!(set(&OWNED), set(&BORROWED));
}

#[tokio::test]
async fn each_client_calls_each_server() {
    let own = serve(OwnedServer::new(Kept)).await;
    let lent = serve(BorrowedServer::new(Kept)).await;
    for server in [&own, &lent] {
        let channel = server.connect().await;
        check_owned(&OwnedClient::new(channel.clone())).await;
        check_borrowed(&BorrowedClient::new(channel)).await;
    }
}

#[tokio::test]
async fn arguments_are_lent_whatever_carries_the_call() {
    check_borrowed(&Kept).await;
    check_borrowed(&BorrowedClient::in_process(Kept)).await;
    check_borrowed(&BorrowedClient::new(BorrowedServer::new(Kept)).boxed()).await;
    check_owned(&OwnedClient::new(BorrowedServer::new(Kept))).await;
    let packed = ServiceOptions::new().accept_compressed(Compression::Gzip);
    let client = BorrowedClient::new(BorrowedServer::new(Kept).with(packed));
    check_borrowed(&client.with(CallOptions::new().send_compressed(Compression::Gzip))).await;
}

#[tokio::test]
async fn a_call_may_be_sent_to_another_task_with_what_it_borrows() {
    fn is_sent<T: Send>(it: T) -> T {
        it
    }

    async fn first(kept: impl Borrowed) -> Result<String, Status> {
        let words = "to be".to_owned();
        let mut stream = pin!(kept.direct(&words));
        stream.next().await.expect("there are two")
    }

    let client = BorrowedClient::in_process(Kept);
    assert_eq!(tokio::spawn(first(client.clone())).await.unwrap().unwrap(), "to");
    assert_eq!(is_sent(client.text("106")).await.unwrap(), "106");
    let text = "to be".to_owned();
    let words = client.direct(&text);
    // A client's stream has encoded its request, and outlives the argument.
    drop(text);
    assert_eq!(tokio::spawn(all(words)).await.unwrap(), ["to", "be"]);
}
