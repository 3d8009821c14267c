//! The contract.

use traitwire::{Status, Stream, Streaming, message, service};

traitwire::package!("chat.v1", file = "chat/v1/chat.proto");

/// A room where everybody hears everybody.
#[service]
pub(crate) trait Chat {
    /// Joins the room, and leaves it when the call ends, however it ends.
    ///
    /// The first request must join. ALREADY_EXISTS when the name is taken, INVALID_ARGUMENT when it
    /// is not a name, DEADLINE_EXCEEDED when it does not come, RESOURCE_EXHAUSTED when the room is
    /// full, UNAVAILABLE when it closes. The call ends when the member closes its side.
    async fn chat(
        &self,
        requests: Streaming<ChatRequest>,
    ) -> Result<impl Stream<Item = Result<ChatEvent, Status>>, Status>;
}

/// What a member does.
#[message]
pub(crate) struct ChatRequest {
    /// Which of them.
    #[oneof(1, 2)]
    pub(crate) act: Option<Act>,
}

/// What a member does.
#[message]
pub(crate) enum Act {
    /// Joins under this name: 1 to 24 letters, digits, `-` and `_`.
    #[tag(1)]
    Join(String),
    /// Says a line: at most 500 characters, none of which controls a terminal.
    #[tag(2)]
    Say(String),
}

/// What a member hears.
#[message]
pub(crate) struct ChatEvent {
    /// Which of them.
    #[oneof(1, 2, 3, 4, 5, 6)]
    pub(crate) event: Option<Event>,
}

/// What a member hears.
#[message]
pub(crate) enum Event {
    /// The member is in the room; the first event of each call.
    #[tag(1)]
    Welcome(Welcome),
    /// Somebody else came; the name.
    #[tag(2)]
    Joined(String),
    /// Somebody else went.
    #[tag(3)]
    Left(Left),
    /// Somebody said a line, the member itself included: all hear all lines in one order.
    #[tag(4)]
    Said(Said),
    /// The last line of this member was refused, and nobody else heard it; the reason.
    #[tag(5)]
    Refused(String),
    /// This member reads too slowly, and so many events are gone.
    #[tag(6)]
    Missed(u64),
}

/// The member is in the room.
#[message]
pub(crate) struct Welcome {
    /// Who is there, the member itself included, sorted.
    #[tag(1)]
    pub(crate) names: Vec<String>,
}

/// Somebody went.
#[message]
pub(crate) struct Left {
    /// Who.
    #[tag(1)]
    pub(crate) name: String,
    /// How.
    #[tag(2, enumeration = Way)]
    pub(crate) way: i32,
}

/// How somebody went.
#[message]
pub(crate) enum Way {
    /// Not said.
    Unspecified = 0,
    /// Closed its side of the call.
    Left = 1,
    /// Was cut off: its call or its connection broke.
    Lost = 2,
}

/// Somebody said a line.
#[message]
pub(crate) struct Said {
    /// Who.
    #[tag(1)]
    pub(crate) name: String,
    /// What.
    #[tag(2)]
    pub(crate) text: String,
}
