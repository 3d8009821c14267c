//! Three members and what may happen between them, each step when all have heard the one before.

use traitwire::Status;
use workbook::Result;

use crate::{PINGS, connect, member::Member, room::LONGEST_LINE};

/// Holds the conversation.
pub(crate) async fn hold(server: String) -> Result {
    let mut ada = Member::join(&connect(server.clone(), PINGS).await?, "Ada").await?;
    hear([&mut ada]).await?;
    let mut bob = Member::join(&connect(server.clone(), PINGS).await?, "Bob").await?;
    hear([&mut bob, &mut ada]).await?;
    let mut cleo = Member::join(&connect(server.clone(), PINGS).await?, "Cleo").await?;
    hear([&mut cleo, &mut ada, &mut bob]).await?;

    let second = Member::join(&connect(server, PINGS).await?, "Ada").await;
    if let Err(status) = second {
        println!("client Ada ← {:?}: {}", status.code(), status.message());
    }

    say(&mut ada, "Hello, you two").await;
    hear([&mut ada, &mut bob, &mut cleo]).await?;
    say(&mut bob, &"la".repeat(LONGEST_LINE)).await;
    hear([&mut bob]).await?;
    say(&mut bob, "Hello!").await;
    hear([&mut ada, &mut bob, &mut cleo]).await?;

    // Her call is broken off. Her sending side stays open until then: to close it is to leave.
    println!("client Cleo: breaks off");
    drop(cleo.ear);
    hear([&mut ada, &mut bob]).await?;

    println!("client Bob: closes his side");
    drop(bob.voice);
    hear([&mut ada]).await?;

    println!("client Ada: closes her side");
    drop(ada.voice);
    if ada.ear.hear().await?.is_none() {
        println!("client Ada ← the end of the call");
    }
    Ok(())
}

/// Each of them hears the next event, one after the other.
async fn hear<const N: usize>(members: [&mut Member; N]) -> Result<(), Status> {
    for member in members {
        let event = member.ear.hear().await?.ok_or_else(|| Status::internal("the call ended"))?;
        println!("client {} ← {event}", member.name);
    }
    Ok(())
}

async fn say(member: &mut Member, text: &str) {
    match text.len() {
        0..80 => println!("client {} → {text}", member.name),
        length => println!("client {} → a line of {length} characters", member.name),
    }
    member.voice.say(text).await;
}
