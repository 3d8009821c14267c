//! A service with a call of each shape, and the channel's side of it.

use std::future::pending;

use traitwire::{Status, Stream, Streaming, message, service, stream_fn};

/// What is sent, the same as that of the stock stubs.
#[message(package = "proof.v1")]
pub(crate) struct Note {
    #[tag(1)]
    pub(crate) text: String,
    #[tag(2)]
    pub(crate) count: u32,
    #[tag(3)]
    pub(crate) payload: Vec<u8>,
}

/// A note with a text.
pub(crate) fn note(text: &str) -> Note {
    Note { text: text.to_owned(), ..Note::default() }
}

#[service(package = "proof.v1")]
pub(crate) trait Echo {
    /// The same note.
    async fn say(&self, note: Note) -> Result<Note, Status>;

    /// The note as often as its count says, numbered from 0. With the text `hold`, no end after that.
    fn repeat(&self, note: Note) -> impl Stream<Item = Result<Note, Status>>;

    /// All texts in one note, and how many there were.
    async fn join(&self, notes: Streaming<Note>) -> Result<Note, Status>;

    /// Each note as it comes.
    fn chat(&self, notes: Streaming<Note>) -> impl Stream<Item = Result<Note, Status>>;
}

/// Serves [`Echo`].
pub(crate) struct Parrot;

impl Echo for Parrot {
    async fn say(&self, note: Note) -> Result<Note, Status> {
        Ok(note)
    }

    fn repeat(&self, note: Note) -> impl Stream<Item = Result<Note, Status>> {
        stream_fn(async move |mut out| {
            for count in 0..note.count {
                out.send(Note { count, ..note.clone() }).await?;
            }
            if note.text == "hold" {
                pending::<()>().await;
            }
            Ok(())
        })
    }

    async fn join(&self, mut notes: Streaming<Note>) -> Result<Note, Status> {
        let mut texts = Vec::new();
        while let Some(note) = notes.message().await? {
            texts.push(note.text);
        }
        let count = u32::try_from(texts.len()).expect("a test sends few notes");
        Ok(Note { count, ..note(&texts.join(" ")) })
    }

    fn chat(&self, mut notes: Streaming<Note>) -> impl Stream<Item = Result<Note, Status>> {
        stream_fn(async move |mut out| {
            while let Some(note) = notes.message().await? {
                out.send(note).await?;
            }
            Ok(())
        })
    }
}
