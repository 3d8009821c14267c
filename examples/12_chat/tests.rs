//! Everybody hears everybody, in one order; and however a member goes, the others hear of it.

mod leaving;
mod talking;

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;
use traitwire::{InProcess, Status};
use workbook::Result;

use crate::{
    PINGS, Pings,
    contract::{Chat, ChatClient, ChatServer, Event, Left, Said, Way},
    member::{Ear, Member, Voice},
    room::Room,
    serve,
};

/// How long a test waits for what must come.
const BOUND: Duration = Duration::from_secs(20);

type Local = ChatClient<InProcess<ChatServer<Room>>>;

/// A room without a socket.
fn local() -> Local {
    ChatClient::in_process(Room::new())
}

async fn try_join(room: &Local, name: &str) -> Result<Member, Status> {
    let (voice, requests) = Voice::of(name).await?;
    Ok(Member { name: name.to_owned(), voice, ear: Ear(room.chat(requests).await?) })
}

/// Joins, and hears the welcome.
async fn join(room: &Local, name: &str) -> Member {
    let member = try_join(room, name).await.unwrap();
    welcomed(member).await
}

async fn welcomed(mut member: Member) -> Member {
    assert!(matches!(heard(&mut member).await, Event::Welcome(_)));
    member
}

/// The next event.
async fn heard(member: &mut Member) -> Event {
    timeout(BOUND, member.ear.hear()).await.expect("an event in time").unwrap().unwrap()
}

/// Why the call ends.
async fn end(member: &mut Member) -> Result<(), Status> {
    timeout(BOUND, member.ear.hear()).await.expect("the end in time").map(|event| {
        assert_eq!(event, None);
    })
}

fn said(name: &str, text: &str) -> Event {
    Event::Said(Said { name: name.to_owned(), text: text.to_owned() })
}

fn left(name: &str, way: Way) -> Event {
    Event::Left(Left { name: name.to_owned(), way: way.into() })
}

/// Runs a test against a server on a socket.
async fn over_a_socket(pings: Pings, test: impl AsyncFnOnce(String) -> Result) {
    let serve = async |socket| serve(socket, Arc::new(Room::new()), pings).await;
    timeout(BOUND, workbook::both(serve, test)).await.expect("done in time").unwrap();
}

/// Joins over a connection of its own.
async fn connected(server: String, name: &str) -> Result<Member> {
    let client = crate::connect(server, PINGS).await?;
    Ok(welcomed(Member::join(&client, name).await?).await)
}
