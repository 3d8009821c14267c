//! The client: one end of a call, and its events as lines of text.

use std::fmt;

use traitwire::{Sender, Status, Streaming};

use crate::{
    contract::{Act, Chat, ChatClient, ChatEvent, ChatRequest, Event, Way},
    room::controls,
};

/// A member of a room. Its two directions are independent, and so are the halves of this.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) voice: Voice,
    pub(crate) ear: Ear,
}

impl Member {
    /// Joins a room.
    pub(crate) async fn join(room: &ChatClient, name: &str) -> Result<Self, Status> {
        let (voice, requests) = Voice::of(name).await?;
        let ear = Ear(room.chat(requests).await?);
        Ok(Self { name: name.to_owned(), voice, ear })
    }
}

/// Where a member's lines go in. To drop it is to leave.
pub(crate) struct Voice(Sender<ChatRequest>);

impl Voice {
    /// The requests of a call, with the first one in place: the server does not answer before it
    /// has read that, so whoever waited for the answer first would wait for ever.
    pub(crate) async fn of(name: &str) -> Result<(Self, Streaming<ChatRequest>), Status> {
        let (mut sender, requests) = Streaming::channel(16);
        sender.send(ChatRequest { act: Some(Act::Join(name.to_owned())) }).await?;
        Ok((Self(sender), requests))
    }

    /// Says a line. `false`: the call is over.
    pub(crate) async fn say(&mut self, text: impl Into<String>) -> bool {
        self.0.send(ChatRequest { act: Some(Act::Say(text.into())) }).await.is_ok()
    }
}

/// Where a member's events come out.
pub(crate) struct Ear(pub(crate) Streaming<ChatEvent>);

impl Ear {
    /// The next event; `None` at the end of the call.
    pub(crate) async fn hear(&mut self) -> Result<Option<Event>, Status> {
        while let Some(message) = self.0.message().await? {
            // One without is an event of a later version of the contract.
            if message.event.is_some() {
                return Ok(message.event);
            }
        }
        Ok(None)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Welcome(welcome) => write!(f, "* here: {}", Safe(&welcome.names.join(", "))),
            Self::Joined(name) => write!(f, "* {} joined", Safe(name)),
            Self::Left(left) if left.way() == Way::Lost => {
                write!(f, "* {} is lost", Safe(&left.name))
            }
            Self::Left(left) => write!(f, "* {} left", Safe(&left.name)),
            Self::Said(said) => write!(f, "{}: {}", Safe(&said.name), Safe(&said.text)),
            Self::Refused(why) => write!(f, "! {}", Safe(why)),
            Self::Missed(count) => write!(f, "! missed {count} events"),
        }
    }
}

/// Text for a terminal. Our server lets no control characters pass, but this may be another one.
struct Safe<'a>(&'a str);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.split(controls).enumerate().try_for_each(|(part, text)| {
            let mark = if part == 0 { "" } else { "\u{fffd}" };
            write!(f, "{mark}{text}")
        })
    }
}
