//! Exercise 12: goodbye.
//!
//! Whoever is in the room hears who else joins and leaves. But a member who breaks off, or whose
//! line is refused, leaves without a word, and is there for ever in the eyes of the others. Let
//! them hear that it left, once, however its call ends.
//!
//! ```sh
//! cargo xtask check 12
//! ```

use tokio::sync::broadcast::{self, error::RecvError};
use traitwire::{Status, Stream, Streaming, message, service, stream_fn};

traitwire::package!("chat.v1");

/// A room where everybody hears everybody.
#[service]
pub trait ChatService {
    /// Joins the room, and leaves it when the caller closes its side or goes away.
    fn chat(
        &self,
        requests: Streaming<ChatRequest>,
    ) -> impl Stream<Item = Result<ChatResponse, Status>>;
}

/// What a member says.
#[message]
pub struct ChatRequest {
    /// First its name, then its lines.
    #[tag(1)]
    pub text: String,
}

/// What a member hears.
#[message]
pub struct ChatResponse {
    /// `Ada joined`, `Ada: hello`, or `Ada left`.
    #[tag(1)]
    pub text: String,
}

/// The most bytes of a line.
pub const LONGEST: usize = 200;

/// The server.
pub struct Room {
    /// What was said last. A member that is slower misses some of it.
    said: broadcast::Sender<String>,
}

impl Default for Room {
    fn default() -> Self {
        Self { said: broadcast::Sender::new(64) }
    }
}

impl Room {
    fn tell(&self, text: String) {
        // An error says that nobody is there.
        let _ = self.said.send(text);
    }
}

impl ChatService for Room {
    fn chat(
        &self,
        mut requests: Streaming<ChatRequest>,
    ) -> impl Stream<Item = Result<ChatResponse, Status>> {
        stream_fn(async move |mut out| {
            let name = match requests.message().await? {
                Some(ChatRequest { text }) if !text.is_empty() => text,
                _ => return Err(Status::invalid_argument("a name comes first")),
            };
            let mut said = self.said.subscribe();
            self.tell(format!("{name} joined"));
            loop {
                tokio::select! {
                    request = requests.message() => {
                        let Some(ChatRequest { text }) = request? else { break };
                        if text.len() > LONGEST {
                            return Err(Status::invalid_argument("the line is too long"));
                        }
                        self.tell(format!("{name}: {text}"));
                    }
                    text = said.recv() => {
                        let text = match text {
                            Ok(text) => text,
                            Err(RecvError::Lagged(missed)) => format!("you missed {missed} lines"),
                            Err(RecvError::Closed) => break,
                        };
                        out.send(ChatResponse { text }).await?;
                    }
                }
            }
            self.tell(format!("{name} left"));
            Ok(())
        })
    }
}
