//! Every way to go, over sockets.

use std::time::Duration;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::oneshot,
    time::timeout,
};
use traitwire::Code;
use workbook::Result;

use super::{BOUND, connected, end, heard, left, over_a_socket, welcomed};
use crate::{
    PINGS, Pings, connect,
    contract::{Event, Way},
    member::Member,
};

/// What becomes of a connection.
enum Fate {
    /// Both ends see it close.
    Cut,
    /// Neither end sees anything: no byte passes any more.
    Silence,
}

/// A wire to the server, and a hand on it.
async fn wire(server: &str) -> Result<(String, oneshot::Sender<Fate>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let address = server.trim_start_matches("http://").to_owned();
    let (hand, fate) = oneshot::channel();
    tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = TcpStream::connect(address).await.unwrap();
        tokio::select! {
            fate = fate => if let Ok(Fate::Silence) = fate {
                std::future::pending::<()>().await;
            },
            _ = copy_bidirectional(&mut near, &mut far) => {}
        }
    });
    Ok((url, hand))
}

#[tokio::test]
async fn a_member_that_closes_its_side_has_left() {
    over_a_socket(PINGS, async |server| {
        let mut ada = connected(server.clone(), "Ada").await?;
        let mut bob = connected(server, "Bob").await?;
        heard(&mut ada).await;
        drop(bob.voice);
        assert_eq!(bob.ear.hear().await?, None);
        assert_eq!(heard(&mut ada).await, left("Bob", Way::Left));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_member_that_breaks_off_its_call_is_lost() {
    over_a_socket(PINGS, async |server| {
        let mut ada = connected(server.clone(), "Ada").await?;
        let bob = connected(server, "Bob").await?;
        heard(&mut ada).await;
        drop(bob.ear);
        assert_eq!(heard(&mut ada).await, left("Bob", Way::Lost));
        drop(bob.voice);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_member_whose_connection_breaks_is_lost() {
    over_a_socket(PINGS, async |server| {
        let mut ada = connected(server.clone(), "Ada").await?;
        let (url, hand) = wire(&server).await?;
        let mut bob = connected(url, "Bob").await?;
        heard(&mut ada).await;
        assert!(hand.send(Fate::Cut).is_ok());
        assert_eq!(heard(&mut ada).await, left("Bob", Way::Lost));
        assert_eq!(end(&mut bob).await.unwrap_err().code(), Code::Unavailable);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn both_ends_find_out_that_the_other_has_vanished() {
    let pings = Pings { every: Duration::from_millis(50), patience: Duration::from_millis(500) };
    over_a_socket(pings, async |server| {
        let mut ada = connected(server.clone(), "Ada").await?;
        let (url, hand) = wire(&server).await?;
        let bob = Member::join(&connect(url, pings).await?, "Bob").await?;
        let mut bob = welcomed(bob).await;
        heard(&mut ada).await;
        assert!(hand.send(Fate::Silence).is_ok());
        assert_eq!(heard(&mut ada).await, left("Bob", Way::Lost));
        assert_eq!(end(&mut bob).await.unwrap_err().code(), Code::Unavailable);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_request_that_is_far_too_large_ends_the_call_of_its_sender_alone() {
    over_a_socket(PINGS, async |server| {
        let mut ada = connected(server.clone(), "Ada").await?;
        let mut bob = connected(server, "Bob").await?;
        heard(&mut ada).await;
        bob.voice.say("la".repeat(crate::LARGEST_REQUEST)).await;
        assert_eq!(end(&mut bob).await.unwrap_err().code(), Code::ResourceExhausted);
        assert_eq!(heard(&mut ada).await, left("Bob", Way::Lost));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_server_stops_although_members_are_there() {
    let (keep, kept) = oneshot::channel();
    over_a_socket(PINGS, async |server| {
        let ada = connected(server.clone(), "Ada").await?;
        let bob = connected(server, "Bob").await?;
        assert!(keep.send((ada, bob)).is_ok());
        Ok(())
    })
    .await;
    let (mut ada, mut bob) = timeout(BOUND, kept).await.unwrap().unwrap();
    assert_eq!(heard(&mut ada).await, Event::Joined("Bob".to_owned()));
    for member in [&mut ada, &mut bob] {
        assert_eq!(end(member).await.unwrap_err().code(), Code::Unavailable);
    }
}
