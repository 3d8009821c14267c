//! The server: the room, and a seat for each member.
//!
//! Events go round in a `tokio::sync::broadcast`: one bounded ring for the whole room. Whoever
//! speaks waits for nobody, and a member that reads too slowly hears how many events it missed. So
//! the memory of the room is bounded by [`SEATS`] and [`BACKLOG`], and by the longest line.
//!
//! A call is one future, which both takes lines and hands out events. When a member does not read
//! and the connection holds no more for it, that future rests, and its lines wait with it: it
//! cannot flood a room that it does not listen to.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};
use traitwire::{SendError, Sender, Status, Stream, Streaming, stream_fn};

use crate::contract::{Act, Chat, ChatEvent, ChatRequest, Event, Left, Said, Way, Welcome};

/// How many members a room has at most.
pub(crate) const SEATS: usize = 100;
/// How many events a member may be behind the others.
pub(crate) const BACKLOG: usize = 256;
/// How long a name may be, in characters.
pub(crate) const LONGEST_NAME: usize = 24;
/// How long a line may be, in characters.
pub(crate) const LONGEST_LINE: usize = 500;
/// How long a caller may take to say its name.
pub(crate) const JOIN_WITHIN: Duration = Duration::from_secs(10);

/// A room where everybody hears everybody.
pub(crate) struct Room {
    members: Arc<Mutex<Members>>,
}

/// Who is there, and what goes round: changed together, so that all see one order.
struct Members {
    names: BTreeSet<String>,
    /// `None` when the room is closed.
    events: Option<broadcast::Sender<Event>>,
}

impl Members {
    fn tell(&self, event: Event) {
        if let Some(events) = &self.events {
            // An error says that nobody is there to hear it.
            let _ = events.send(event);
        }
    }
}

impl Room {
    /// An empty room.
    pub(crate) fn new() -> Self {
        let (events, _) = broadcast::channel(BACKLOG);
        let members = Members { names: BTreeSet::new(), events: Some(events) };
        Self { members: Arc::new(Mutex::new(members)) }
    }

    /// Ends every call after the events that are there, and lets nobody in any more.
    pub(crate) fn close(&self) {
        lock(&self.members).events = None;
    }

    /// Takes a seat. No event after this is missed in silence.
    fn join(&self, name: String) -> Result<(Seat, Welcome, broadcast::Receiver<Event>), Status> {
        check_name(&name)?;
        let mut members = lock(&self.members);
        let Some(events) = members.events.clone() else { return Err(closed()) };
        if members.names.contains(&name) {
            return Err(Status::already_exists(format!("{name} is in the room already")));
        }
        if members.names.len() == SEATS {
            return Err(Status::resource_exhausted(format!("all {SEATS} seats are taken")));
        }
        println!("server: {name} joined");
        members.tell(Event::Joined(name.clone()));
        members.names.insert(name.clone());
        let welcome = Welcome { names: members.names.iter().cloned().collect() };
        let seat = Seat { name, way: Way::Lost, members: self.members.clone() };
        Ok((seat, welcome, events.subscribe()))
    }
}

/// A member's place. Dropping it is leaving: however the call ends, the others hear of it.
struct Seat {
    name: String,
    way: Way,
    members: Arc<Mutex<Members>>,
}

impl Seat {
    /// The member has closed its side: when it goes, it was not lost.
    fn leave(&mut self) {
        self.way = Way::Left;
    }

    /// Says a line to all.
    fn say(&self, text: String) {
        println!("server: {} said {text:?}", self.name);
        lock(&self.members).tell(Event::Said(Said { name: self.name.clone(), text }));
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        let mut members = lock(&self.members);
        members.names.remove(&name);
        if members.events.is_some() {
            let how = if self.way == Way::Left { "left" } else { "is lost" };
            println!("server: {name} {how}");
            members.tell(Event::Left(Left { name, way: self.way.into() }));
        }
    }
}

impl Chat for Room {
    async fn chat(
        &self,
        mut requests: Streaming<ChatRequest>,
    ) -> Result<impl Stream<Item = Result<ChatEvent, Status>>, Status> {
        let name = first(&mut requests).await?;
        let (mut seat, welcome, mut events) = self.join(name)?;
        Ok(stream_fn(async move |mut out| {
            hear(&mut out, Event::Welcome(welcome)).await?;
            loop {
                tokio::select! {
                    event = events.recv() => match event {
                        Ok(event) => hear(&mut out, event).await?,
                        Err(RecvError::Lagged(count)) => {
                            hear(&mut out, Event::Missed(count)).await?;
                        }
                        Err(RecvError::Closed) => return Err(closed()),
                    },
                    request = requests.message() => match request?.map(|it| it.act) {
                        Some(Some(Act::Say(text))) => match check_line(&text) {
                            Ok(()) => seat.say(text),
                            Err(why) => hear(&mut out, Event::Refused(why)).await?,
                        },
                        Some(_) => return Err(Status::invalid_argument("expected `say`")),
                        None => break,
                    },
                }
            }
            // What was said before the member closed its side is still for its ears.
            seat.leave();
            for _ in 0..events.len() {
                match events.try_recv() {
                    Ok(event) => hear(&mut out, event).await?,
                    Err(TryRecvError::Lagged(count)) => {
                        hear(&mut out, Event::Missed(count)).await?;
                    }
                    Err(_) => break,
                }
            }
            Ok(())
        }))
    }
}

/// The name in the first request.
async fn first(requests: &mut Streaming<ChatRequest>) -> Result<String, Status> {
    let request = tokio::time::timeout(JOIN_WITHIN, requests.message());
    let request = request.await.map_err(|_| Status::deadline_exceeded("nobody joined"))??;
    match request.and_then(|it| it.act) {
        Some(Act::Join(name)) => Ok(name),
        _ => Err(Status::invalid_argument("expected `join` first")),
    }
}

async fn hear(out: &mut Sender<ChatEvent>, event: Event) -> Result<(), SendError<ChatEvent>> {
    out.send(ChatEvent { event: Some(event) }).await
}

fn closed() -> Status {
    Status::unavailable("the room is closed")
}

/// No code that panics runs while the lock is held, but a seat must be free whatever happened.
fn lock(members: &Mutex<Members>) -> MutexGuard<'_, Members> {
    members.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check_name(name: &str) -> Result<(), Status> {
    let is_name = |it: char| it.is_alphanumeric() || it == '-' || it == '_';
    match name.chars().count() {
        1..=LONGEST_NAME if name.chars().all(is_name) => Ok(()),
        _ => Err(Status::invalid_argument(format!(
            "a name has 1 to {LONGEST_NAME} letters, digits, `-` or `_`"
        ))),
    }
}

/// Refuses and does not mend: what the others read is what the member wrote.
fn check_line(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if length > LONGEST_LINE {
        return Err(format!("the line has {length} characters, and the limit is {LONGEST_LINE}"));
    }
    if text.trim().is_empty() {
        return Err("the line is empty".to_owned());
    }
    match text.chars().find(|it| controls(*it)) {
        Some(it) => Err(format!("the line has a control character, {}", it.escape_unicode())),
        None => Ok(()),
    }
}

/// Whether a character commands a terminal (an escape sequence moves the cursor, or worse), breaks
/// the line, or turns the direction of the text around it.
pub(crate) fn controls(it: char) -> bool {
    it.is_control() || matches!(it, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
