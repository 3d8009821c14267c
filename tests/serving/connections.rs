//! How many connections there are, of what kind, and how long they may say nothing.

use std::{future::poll_fn, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep, timeout},
};
use traitwire::{Channel, Listener, Peer, Request, Server, Status, service};
use traitwire_tests::{
    frames::{Kind, PREFACE, Wire},
    serve, serve_with,
};

use crate::contract::{Calls, CallsClient, Service};

/// When a caller is sent away who does this to a server.
async fn sent_away_after(server: Server, caller: impl AsyncFnOnce(&mut Wire)) -> Duration {
    let server = serve_with(server, Service::new().0).await;
    let mut wire = Wire::connect(server.addr).await;
    let start = Instant::now();
    caller(&mut wire).await;
    timeout(Duration::from_secs(300), wire.rest()).await.expect("the connection ends");
    start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_says_nothing_is_sent_away() {
    let silence = async |_: &mut Wire| {};
    assert_eq!(sent_away_after(Server::new(), silence).await.as_secs(), 10);

    let server = Server::new().preface_timeout(Duration::from_secs(3));
    assert_eq!(sent_away_after(server, silence).await.as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_preface_without_its_last_byte_is_none() {
    let almost = async |wire: &mut Wire| wire.write(&PREFACE[..23]).await;
    assert_eq!(sent_away_after(Server::new(), almost).await.as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn one_byte_at_a_time_gains_no_time() {
    let drip = async |wire: &mut Wire| {
        for byte in &PREFACE[..15] {
            wire.write(&[*byte]).await;
            sleep(Duration::from_millis(600)).await;
        }
    };
    assert_eq!(sent_away_after(Server::new(), drip).await.as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_caller_with_a_preface_stays() {
    let server = serve(Service::new().0).await;
    let mut wire = Wire::connect(server.addr).await;
    let start = Instant::now();
    let (most, last) = PREFACE.split_at(23);
    wire.write(most).await;
    sleep(Duration::from_secs(9)).await;
    wire.write(last).await;
    // What the server sends next is the first PING to an idle caller.
    wire.expect(Kind::PING).await;
    assert!(start.elapsed().as_secs() > 60);
}

#[tokio::test]
async fn the_next_connection_waits_until_one_has_ended() {
    let server = serve_with(Server::new().max_connections(2), Service::new().0).await;
    let say = async |client: CallsClient| client.say("hello".to_owned()).await.unwrap();
    let first = CallsClient::new(server.connect().await);
    let second = CallsClient::new(server.connect().await);
    say(first.clone()).await;
    say(second.clone()).await;

    // The kernel connects it.
    let third = Channel::builder(server.uri()).connect_lazy().unwrap();
    let third = CallsClient::new(third);
    let mut waiting = tokio::spawn(say(third));
    for _ in 0..100 {
        // Each is a turn for the server, too.
        say(first.clone()).await;
        say(second.clone()).await;
    }
    assert!(!waiting.is_finished());
    drop(first);
    assert_eq!((&mut waiting).await.unwrap(), "hello");
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_no_connection_is_one_and_no_limit_is_too_large() {
    for limit in [0, usize::MAX] {
        let server = Server::new().max_connections(limit);
        let server = serve_with(server, Service::new().0).await;
        let client = CallsClient::new(server.connect().await);
        let said = timeout(Duration::from_secs(60), client.say("hello".to_owned())).await;
        assert_eq!(said.expect("it is served").unwrap(), "hello");
    }
}

#[tokio::test]
async fn tcp_has_no_delay() {
    let mut listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let _caller = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (accepted, _) = poll_fn(|cx| Listener::poll_accept(&mut listener, cx)).await.unwrap();
    assert!(accepted.nodelay().unwrap());
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_is_a_listener() {
    use tokio::net::UnixListener;

    let name = format!("traitwire-{}.sock", std::process::id());
    let path = std::env::temp_dir().join(name);
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(Server::new().add(Service::new().0).serve(listener, std::future::pending()));

    let client = CallsClient::connect(format!("unix:{}", path.display())).await.unwrap();
    assert_eq!(client.say("hello".to_owned()).await.unwrap(), "hello");
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_handler_knows_who_calls() {
    #[service]
    trait Mirrors {
        async fn address(&self, nothing: Request<()>) -> Result<String, Status>;
    }
    struct Mirror;
    impl Mirrors for Mirror {
        async fn address(&self, nothing: Request<()>) -> Result<String, Status> {
            Ok(Peer::of(&nothing).map(|peer| peer.to_string()).unwrap_or_default())
        }
    }

    let server = serve(MirrorsServer::new(Mirror)).await;
    let client = MirrorsClient::new(server.connect().await);
    let address = client.address(Request::new(())).await.unwrap();
    assert!(address.starts_with("127.0.0.1:"), "{address}");
}
