//! Metadata at the end of a good answer: a handler sets it, and each client finds it.

use tonic::metadata::MetadataMap;
use traitwire::{Code, Request, Response, Status, Stream, Streaming, Trailers, service, stream_fn};
use traitwire_tests::{serve, stock::proof::v1 as stock};

use crate::{
    contract::{Note, note, notes},
    proxies::grpc_proxy,
};

/// The four shapes, with envelopes, so that trailers have a place.
#[service(package = "proof.v1", name = "Echo")]
trait Counted {
    async fn say(&self, note: Note) -> Result<Response<Note>, Status>;
    async fn repeat(
        &self,
        note: Note,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;
    async fn join(&self, notes: Streaming<Note>) -> Result<Response<Note>, Status>;
    async fn chat(
        &self,
        notes: Request<Streaming<Note>>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;
}

/// Counts messages in `x-count`. With the text `fail` the call fails at its end.
struct Counter;

fn counted<T>(answer: T, trailers: &Trailers) -> Response<T> {
    let mut response = Response::new(answer);
    response.extensions_mut().insert(trailers.clone());
    response
}

fn set(trailers: &Trailers, count: u32) {
    trailers.update(|it| drop(it.insert("x-count", count.into())));
}

impl Counted for Counter {
    async fn say(&self, note: Note) -> Result<Response<Note>, Status> {
        let trailers = Trailers::new();
        set(&trailers, 1);
        Ok(counted(note, &trailers))
    }

    async fn repeat(
        &self,
        note: Note,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
        let trailers = Trailers::new();
        let response = trailers.clone();
        let notes = stream_fn(async move |mut out| {
            for count in 0..note.count {
                out.send(Note { count, ..note.clone() }).await?;
                set(&trailers, count + 1);
            }
            if note.text == "fail" {
                return Err(Status::aborted("as asked"));
            }
            Ok(())
        });
        Ok(counted(notes, &response))
    }

    async fn join(&self, mut notes: Streaming<Note>) -> Result<Response<Note>, Status> {
        let trailers = Trailers::new();
        let mut count = 0;
        while notes.message().await?.is_some() {
            count += 1;
        }
        set(&trailers, count);
        Ok(counted(note("all", count), &trailers))
    }

    async fn chat(
        &self,
        notes: Request<Streaming<Note>>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
        let trailers = Trailers::new();
        let response = trailers.clone();
        let mut notes = notes.into_inner();
        let answers = stream_fn(async move |mut out| {
            let mut count = 0;
            while let Some(note) = notes.message().await? {
                count += 1;
                set(&trailers, count);
                out.send(note).await?;
            }
            Ok(())
        });
        Ok(counted(answers, &response))
    }
}

fn value(trailers: &MetadataMap) -> String {
    trailers.get("x-count").expect("it was set").to_str().unwrap().to_owned()
}

/// Reads a stream to its end, and gives what it counted.
async fn count_of(mut notes: Streaming<Note>) -> String {
    while notes.message().await.unwrap().is_some() {
        assert!(notes.trailers().is_none(), "they come after the last message");
    }
    value(notes.trailers().expect("it has ended"))
}

fn count_of_one<T>(response: &Response<T>) -> String {
    assert!(!response.metadata().contains_key("x-count"), "it is not in the headers");
    let trailers = response.extensions().get::<Trailers>().expect("every unary answer has them");
    value(&trailers.get())
}

#[tokio::test]
async fn each_shape_has_them() {
    let server = serve(CountedServer::new(Counter)).await;
    let remote = CountedClient::new(server.connect().await).boxed();
    let local = CountedClient::in_process(Counter).boxed();
    let proxy = grpc_proxy(&server).await;
    let proxied = CountedClient::new(proxy.connect().await).boxed();
    for client in [remote, local, proxied] {
        assert_eq!(count_of_one(&client.say(note("one", 0)).await.unwrap()), "1");
        assert_eq!(count_of_one(&client.join(notes(["a", "b"])).await.unwrap()), "2");
        assert_eq!(count_of(client.repeat(note("", 3)).await.unwrap().into_inner()).await, "3");
        let chat = client.chat(Request::new(notes(["a", "b"]))).await.unwrap();
        assert_eq!(count_of(chat.into_inner()).await, "2");
    }
}

/// The metadata of an error is its own.
#[tokio::test]
async fn an_error_has_none_of_them() {
    let server = serve(CountedServer::new(Counter)).await;
    let remote = CountedClient::new(server.connect().await).boxed();
    let local = CountedClient::in_process(Counter).boxed();
    for client in [remote, local] {
        let mut notes = client.repeat(note("fail", 1)).await.unwrap().into_inner();
        assert!(notes.message().await.unwrap().is_some());
        let status = notes.message().await.unwrap_err();
        assert_eq!(status.code(), Code::Aborted);
        assert!(!status.metadata().contains_key("x-count"));
        assert!(notes.trailers().is_none());
    }
}

#[tokio::test]
async fn a_stock_client_finds_them() {
    let server = serve(CountedServer::new(Counter)).await;
    let mut client = stock::echo_client::EchoClient::new(server.channel().await);
    // tonic has headers and trailers of a unary answer in one map.
    let said = client.say(stock::Note::from(note("one", 0))).await.unwrap();
    assert_eq!(value(said.metadata()), "1");
    let mut repeated = client.repeat(stock::Note::from(note("", 3))).await.unwrap().into_inner();
    while repeated.message().await.unwrap().is_some() {}
    assert_eq!(value(&repeated.trailers().await.unwrap().unwrap()), "3");
}
