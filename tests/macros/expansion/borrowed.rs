//! Arguments that the call lends.

use traitwire::{Status, Stream, message, service};

/// Notes, by their names.
#[service(package = "notes")]
pub trait Notes {
    /// Keeps a note.
    async fn add(&self, note: &Note) -> Result<(), Status>;
    /// The text of a note, or NOT_FOUND.
    async fn text(&self, name: &str) -> Result<String, Status>;
    /// The names of the notes that have these bytes in their texts.
    fn find(&self, bytes: &[u8]) -> impl Stream<Item = Result<String, Status>>;
}

/// A note.
#[message(package = "notes")]
pub struct Note {
    /// What it is called.
    #[tag(1)]
    pub name: String,
    /// What it says.
    #[tag(2)]
    pub text: String,
}
