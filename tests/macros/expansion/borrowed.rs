//! Arguments that the call lends.

use traitwire::{Describe, Status, Stream, service};

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
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "notes")]
pub struct Note {
    /// What it is called.
    #[prost(string, tag = "1")]
    pub name: String,
    /// What it says.
    #[prost(string, tag = "2")]
    pub text: String,
}
