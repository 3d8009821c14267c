//! The first that was added is the outermost; and what one hands on reaches the handler.

use traitwire::{
    CallOptions, InProcess, Server, ServiceOptions, Status,
    intercept::{Call, End, Next, from_fn},
};
use traitwire_tests::serve_all;

use crate::contract::{
    Journal, METHODS, Observer, Reader, Served, TextsClient, TextsServer, User, call, doors,
    observe,
};

fn function(name: &'static str, journal: &Journal) -> impl traitwire::intercept::Intercept {
    let journal = journal.clone();
    from_fn(move |call, next| observe(name, journal.clone(), call, next))
}

fn observer(name: &'static str, journal: &Journal) -> Observer {
    Observer { name, journal: journal.clone() }
}

/// The names in front of the lines.
fn names(journal: &Journal) -> String {
    let lines = journal.take();
    let names: Vec<_> = lines.iter().map(|it| it.split(' ').next().unwrap()).collect();
    names.join(" ")
}

/// Each function writes three lines: it begins, what is inside has ended, it goes on.
const NESTED: &str = "a b c d d d c b b a";

#[tokio::test]
async fn types_and_functions_nest_as_they_were_added() {
    let journal = Journal::default();
    let clients = doors(|| {
        let options = ServiceOptions::new()
            .intercept(observer("a", &journal))
            .intercept(function("b", &journal))
            .intercept(observer("c", &journal))
            .intercept(function("d", &journal));
        Served { reader: Reader::default(), options }
    });
    for (door, client, _server) in clients.await {
        for method in METHODS {
            call(&client, method, "to be").await.unwrap();
            assert_eq!(names(&journal), NESTED, "{method} by {door}");
        }
    }
}

#[tokio::test]
async fn those_of_a_client_add_up() {
    let journal = Journal::default();
    let client = TextsClient::in_process(Reader::default())
        .with(CallOptions::new().intercept(observer("a", &journal)))
        .with(
            CallOptions::new()
                .intercept(function("b", &journal))
                .intercept(observer("c", &journal)),
        )
        .with(CallOptions::new().intercept(function("d", &journal)))
        .boxed();
    for method in METHODS {
        call(&client, method, "to be").await.unwrap();
        assert_eq!(names(&journal), NESTED, "{method}");
    }
}

/// Whether the service was added before the interceptor or after it.
#[tokio::test]
async fn those_of_a_server_are_outside_of_those_of_a_service() {
    let journal = Journal::default();
    let options =
        ServiceOptions::new().intercept(observer("c", &journal)).intercept(function("d", &journal));
    let texts = TextsServer::new(Reader::default()).with(options);
    let server = Server::new()
        .intercept(observer("a", &journal))
        .add(texts)
        .intercept(function("b", &journal));
    let server = serve_all(server).await;
    let client = TextsClient::new(server.connect().await).boxed();
    for method in METHODS {
        call(&client, method, "to be").await.unwrap();
        assert_eq!(names(&journal), NESTED, "{method}");
    }
}

async fn hand_on(mut call: Call, next: Next) -> Result<End, Status> {
    call.extensions_mut().insert(User("ann".to_owned()));
    let word = call.metadata_mut().insert("x-word", "hello".parse().unwrap());
    assert_eq!(word.unwrap(), "from the client");
    call.on_response(|metadata| {
        let given = metadata.remove("x-given").unwrap();
        let given = format!("{}, by the server", given.to_str().unwrap());
        metadata.insert("x-given", given.parse().unwrap());
    });
    next.run(call).await
}

async fn add_words(mut call: Call, next: Next) -> Result<End, Status> {
    call.metadata_mut().insert("x-word", "from the client".parse().unwrap());
    call.on_response(|metadata| {
        let given = metadata.remove("x-given").unwrap();
        let given = format!("{}, by the client", given.to_str().unwrap());
        metadata.insert("x-given", given.parse().unwrap());
    });
    next.run(call).await
}

#[tokio::test]
async fn what_is_handed_on_arrives() {
    let clients = doors(|| Served {
        reader: Reader::default(),
        options: ServiceOptions::new().intercept(from_fn(hand_on)),
    });
    for (door, client, _server) in clients.await {
        let client = client.with(CallOptions::new().intercept(from_fn(add_words)));
        for method in ["One", "Words", "Join", "Both"] {
            let (given, _) = call(&client, method, "to be").await.unwrap();
            assert_eq!(given, "ann hello, by the server, by the client", "{method} by {door}");
        }
    }
}

/// A client in the same process meets those of the service, and a server that has none costs nothing to pass.
#[tokio::test]
async fn both_sides_in_one_process() {
    let journal = Journal::default();
    let options = ServiceOptions::new().intercept(observer("inner", &journal));
    let server = TextsServer::new(Reader::default()).with(options);
    let client = TextsClient::new(InProcess::new(server))
        .with(CallOptions::new().intercept(observer("outer", &journal)))
        .boxed();
    for method in METHODS {
        call(&client, method, "to be").await.unwrap();
        assert_eq!(names(&journal), "outer inner inner outer", "{method}");
    }
}
