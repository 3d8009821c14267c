//! Servers, clients, their futures and their streams can go where tasks go. It is the compiler that
//! proves it.

use traitwire::{CallOptions, Request, Streaming, stream_fn};

use crate::contract::{Echo, EchoClient, EchoServer, Note, Parrot, note, notes};

fn shared<T: Send + Sync + 'static>(_: &T) {}
fn sent<T: Send>(it: T) -> T {
    it
}

#[test]
fn servers_and_clients_are_send_and_sync() {
    shared(&EchoServer::new(Parrot));
    let in_process = EchoClient::in_process(Parrot);
    shared(&in_process);
    shared(&in_process.clone().with(CallOptions::new().metadata("x-key", "value")));
    fn over_a_channel(client: &EchoClient) {
        shared(client);
    }
    let _ = over_a_channel;
}

#[test]
fn streams_are_send_and_sync() {
    let (sender, stream) = Streaming::<Note>::channel(1);
    shared(&sender);
    shared(&stream);
    let numbers = stream_fn(async |mut out| {
        out.send(1).await?;
        Ok::<_, traitwire::Status>(())
    });
    drop(sent(numbers));
}

#[tokio::test]
async fn futures_and_streams_of_calls_are_send() {
    let echo = EchoClient::in_process(Parrot);
    sent(echo.say(Request::new(note("", 0)))).await.unwrap();
    sent(echo.join(Request::new(notes([])))).await.unwrap();
    let repeated = sent(echo.repeat(Request::new(note("", 0)))).await.unwrap();
    drop(sent(repeated.into_inner()));
    let chat = sent(echo.chat(Request::new(notes([])))).await.unwrap();
    drop(sent(chat.into_inner()));
}

/// Also where only the trait is known.
#[tokio::test]
async fn generic_callers_can_be_spawned() {
    async fn ask(echo: impl Echo) -> Note {
        let task = tokio::spawn(async move { echo.say(Request::new(note("far", 1))).await });
        task.await.unwrap().unwrap().into_inner()
    }
    assert_eq!(ask(Parrot).await, note("far", 1));
    assert_eq!(ask(EchoClient::in_process(Parrot)).await, note("far", 1));
}
