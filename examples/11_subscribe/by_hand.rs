//! One publisher or one subscriber, in a terminal of its own.

use std::{fmt, str::FromStr};

use tokio::io::{AsyncBufReadExt, BufReader};
use workbook::Result;

use crate::contract::{Events, EventsClient, Item, OnLag, PublishRequest, Start, SubscribeRequest};

/// What `call` does.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// Everything, once.
    Story,
    /// Each line of the input is an event.
    Publisher,
    /// Each event is a line of the output.
    Subscriber,
    /// Measures.
    Load,
}

const ROLES: [(&str, Role); 4] = [
    ("story", Role::Story),
    ("publisher", Role::Publisher),
    ("subscriber", Role::Subscriber),
    ("load", Role::Load),
];

impl FromStr for Role {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        ROLES.iter().find(|(name, _)| *name == word).map(|(_, role)| *role).ok_or(())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ROLES[*self as usize].0)
    }
}

/// Publishes the lines of the input.
pub(crate) async fn publish(server: String) -> Result {
    let events = EventsClient::connect(server).await?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let stored = events.publish(PublishRequest { payload: line.into_bytes() }).await?;
        println!("client → event {}", stored.position.unwrap_or_default().number);
    }
    Ok(())
}

/// Prints what is kept, and then every event as it comes, until Ctrl-C.
pub(crate) async fn subscribe(server: String) -> Result {
    let events = EventsClient::connect(server).await?;
    let request = SubscribeRequest::new(Start::Oldest(()), OnLag::Skip);
    let mut items = events.subscribe(request).await?;
    while let Some(response) = items.message().await? {
        match response.item {
            Some(Item::Event(event)) => {
                let number = event.position.unwrap_or_default().number;
                // The publisher may be anybody: nothing that it sends commands this terminal.
                let text: String = String::from_utf8_lossy(&event.payload).escape_debug().collect();
                println!("client ← event {number}: {text:.60}");
            }
            Some(Item::Missed(count)) => println!("client ← missed {count}"),
            // An item of a later version of the contract.
            None => {}
        }
    }
    Ok(())
}
