//! The same checks, without a socket and over one.

use std::future::pending;

use starter::{GreetOftenRequest, GreetRequest, Greeter, GreeterClient, GreeterServer, Host};
use tokio::net::TcpListener;
use traitwire::{Code, Server, StreamExt};

fn host() -> Host {
    Host {
        hello: "Hello".to_owned(),
    }
}

/// Whoever implements the contract, near or far.
async fn greets(greeter: &impl Greeter) {
    let name = "Ada".to_owned();
    let greeting = greeter
        .greet(GreetRequest { name: name.clone() })
        .await
        .unwrap();
    assert_eq!(greeting.text, "Hello, Ada!");

    let greetings = greeter.greet_often(GreetOftenRequest { name, times: 3 });
    let greetings: Vec<_> = greetings
        .map(|greeting| greeting.unwrap().text)
        .collect()
        .await;
    assert_eq!(greetings, ["Hello, Ada!"; 3]);

    let status = greeter.greet(GreetRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn greets_without_a_socket() {
    greets(&GreeterClient::in_process(host())).await;
}

#[tokio::test]
async fn greets_over_a_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // It ends with the test.
    tokio::spawn(
        Server::new()
            .add(GreeterServer::new(host()))
            .serve(listener, pending()),
    );
    greets(
        &GreeterClient::connect(format!("http://{address}"))
            .await
            .unwrap(),
    )
    .await;
}
