//! An error of another server that leaves a handler through `?` keeps its code and its message, and
//! loses what was meant for the handler alone.

use traitwire::{
    Code, InProcess, Request, Response, Status, Stream, StreamExt, Streaming, service, stream_fn,
};
use traitwire_tests::{Server, serve, serve_http, stock::proof::v1 as stock};

use crate::{
    contract::{
        Echo, EchoClient, EchoServer, Note, Parrot, StockClient, StockParrot, assert_failure,
        failure, note, notes,
    },
    raw::Canned,
};

/// Passes every call on.
struct Relay<E>(E);

impl<E: Echo> Echo for Relay<E> {
    async fn say(&self, note: Request<Note>) -> Result<Response<Note>, Status> {
        Ok(Response::new(self.0.say(note).await?.into_inner()))
    }

    async fn repeat(
        &self,
        note: Request<Note>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
        let answer = self.0.repeat(note).await?;
        Ok(Response::new(stream_fn(async move |mut out| {
            let mut notes = std::pin::pin!(answer.into_inner());
            while let Some(note) = notes.next().await {
                out.send(note?).await?;
            }
            Ok(())
        })))
    }

    async fn join(&self, notes: Request<Streaming<Note>>) -> Result<Response<Note>, Status> {
        Ok(Response::new(self.0.join(notes).await?.into_inner()))
    }

    async fn chat(
        &self,
        notes: Request<Streaming<Note>>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
        Ok(Response::new(self.0.chat(notes).await?.into_inner()))
    }
}

#[track_caller]
fn assert_bare_failure(status: &Status) {
    let expected = failure();
    assert_eq!((status.code(), status.message()), (expected.code(), expected.message()));
    assert_eq!(status.details(), b"");
    assert!(!status.metadata().contains_key("x-reason"));
    assert!(!status.metadata().contains_key("x-reason-bin"));
}

/// The errors of all four shapes, and one that comes after a message.
async fn errors(echo: impl Echo) -> Vec<Status> {
    async fn last(notes: impl Stream<Item = Result<Note, Status>>) -> Status {
        let notes: Vec<_> = notes.collect().await;
        notes.into_iter().last().expect("an item").expect_err("an error at the end")
    }
    vec![
        echo.say(Request::new(note("fail", 0))).await.unwrap_err(),
        last(echo.repeat(Request::new(note("fail", 0))).await.unwrap().into_inner()).await,
        last(echo.repeat(Request::new(note("fail", 2))).await.unwrap().into_inner()).await,
        echo.join(Request::new(notes(["one", "fail"]))).await.unwrap_err(),
        last(echo.chat(Request::new(notes(["one", "fail"]))).await.unwrap().into_inner()).await,
    ]
}

/// What a client of ours and a stock client get from this server.
async fn errors_of(server: Server) -> Vec<Status> {
    let ours = EchoClient::new(server.connect().await);
    let stock = StockClient(stock::echo_client::EchoClient::new(server.channel().await));
    [errors(ours).await, errors(stock).await].concat()
}

#[tokio::test]
async fn an_error_of_the_handlers_own_keeps_everything() {
    for status in errors_of(serve(EchoServer::new(Parrot)).await).await {
        assert_failure(&status);
    }
}

#[tokio::test]
async fn an_error_from_upstream_keeps_code_and_message_alone() {
    let ours = serve(EchoServer::new(Parrot)).await;
    let stock = serve_http(stock::echo_server::EchoServer::new(StockParrot)).await;
    for upstream in [ours, stock] {
        let relay = Relay(EchoClient::new(upstream.connect().await));
        for status in errors_of(serve(EchoServer::new(relay)).await).await {
            assert_bare_failure(&status);
        }
    }
}

#[tokio::test]
async fn an_upstream_in_the_same_process_is_another_server_too() {
    let relay = Relay(EchoClient::in_process(Parrot));
    for status in errors(EchoClient::in_process(relay)).await {
        assert_bare_failure(&status);
    }
}

/// The trait alone is no boundary: a decorator hands on what it decorates.
#[tokio::test]
async fn a_service_that_is_called_without_a_wire_keeps_everything() {
    for status in errors(EchoClient::in_process(Relay(Parrot))).await {
        assert_failure(&status);
    }
}

#[tokio::test]
async fn the_first_receiver_sees_everything_that_the_upstream_said() {
    let upstream = serve(EchoServer::new(Parrot)).await;
    for status in errors(EchoClient::new(upstream.connect().await)).await {
        assert_failure(&status);
    }
}

/// A handler that wants to tell more makes an error of its own.
#[tokio::test]
async fn an_error_made_anew_from_an_upstream_one_is_the_handlers_own() {
    #[service(package = "proof.v1", name = "Echo")]
    trait Say {
        async fn say(&self, note: Note) -> Result<Note, Status>;
    }

    struct Anew(EchoClient<InProcess<EchoServer<Parrot>>>);

    impl Say for Anew {
        async fn say(&self, note: Note) -> Result<Note, Status> {
            let answer = self.0.say(Request::new(note)).await;
            answer.map(Response::into_inner).map_err(|status| {
                let metadata = status.metadata().clone();
                let details = status.details().to_vec().into();
                Status::with_details_and_metadata(Code::Aborted, "upstream", details, metadata)
            })
        }
    }

    let say = SayClient::in_process(Anew(EchoClient::in_process(Parrot)));
    let status = say.say(note("fail", 0)).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Aborted, "upstream"));
    assert_eq!(status.details(), failure().details());
    assert_eq!(status.metadata().get("x-reason"), failure().metadata().get("x-reason"));
}

#[tokio::test]
async fn headers_of_an_answer_that_breaks_off_are_not_passed_on() {
    let upstream = Canned::new()
        .headers(&[("content-type", "application/grpc"), ("x-reason", "secret")])
        .breaks_off();
    let echo = EchoClient::in_process(Relay(EchoClient::new(upstream.transport())));
    for status in errors(echo).await {
        assert!(!status.metadata().contains_key("x-reason"), "{status:?}");
    }
}

/// grpc-go's `status.Err` has no error for OK; in Rust nothing forbids one.
#[tokio::test]
async fn ok_as_an_error_is_internal_in_every_shape() {
    let server = serve(EchoServer::new(Parrot)).await;
    let remote = EchoClient::new(server.connect().await).boxed();
    let local = EchoClient::in_process(Parrot).boxed();
    for echo in [remote, local] {
        let said = echo.say(Request::new(note("ok", 1))).await.map(drop);
        let joined = echo.join(Request::new(notes(["ok"]))).await.map(drop);
        let mut repeated = echo.repeat(Request::new(note("ok", 1))).await.unwrap().into_inner();
        assert_eq!(repeated.message().await.unwrap().unwrap().text, "ok");
        let mut chatted = echo.chat(Request::new(notes(["ok"]))).await.unwrap().into_inner();
        let ends =
            [said, joined, repeated.message().await.map(drop), chatted.message().await.map(drop)];
        for end in ends {
            assert_eq!(end.unwrap_err().code(), Code::Internal);
        }
    }
}
