//! Clients that take nothing of what is sent to them, or take their time.

use std::{future::pending, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::{Instant, sleep},
};
use traitwire::Server;

use crate::{
    contract::{Service, Test, flood},
    pipe::{Once, Pipe, ROOM},
};

/// A client with more to read than there is room for.
async fn flooded(server: Server, vectored: bool) -> (DuplexStream, Test) {
    let (mut client, pipe) = Pipe::new();
    let (service, test) = Service::new();
    tokio::spawn(server.add(service).serve(Once(Some(Pipe { vectored, ..pipe })), pending()));
    client.write_all(&flood()).await.unwrap();
    (client, test)
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_cut_after_the_write_timeout() {
    let servers: [(fn() -> Server, u64); 3] = [
        (Server::new, 20),
        (|| Server::new().write_timeout(Duration::from_secs(7)), 7),
        (|| Server::new().preface_timeout(Duration::from_secs(3)), 20),
    ];
    for (server, seconds) in servers {
        for vectored in [true, false] {
            let (_client, mut test) = flooded(server(), vectored).await;
            let start = Instant::now();
            test.dropped.recv().await.expect("the handler tells of its end");
            assert_eq!(start.elapsed().as_secs(), seconds, "vectored: {vectored}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_stalls_are_not_one_long_one() {
    for vectored in [true, false] {
        let (mut client, mut test) = flooded(Server::new(), vectored).await;
        sleep(Duration::from_secs(15)).await;
        client.read_exact(&mut [0; ROOM]).await.unwrap();
        let progress = Instant::now();
        test.dropped.recv().await.expect("the handler tells of its end");
        assert_eq!(progress.elapsed().as_secs(), 20, "vectored: {vectored}");
    }
}
