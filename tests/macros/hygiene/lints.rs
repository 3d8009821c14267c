//! Forbidden lints: nothing that is made switches one off again.

#![forbid(
    missing_docs,
    unused_must_use,
    unused_imports,
    non_camel_case_types,
    unsafe_code,
    unreachable_pub,
    missing_debug_implementations,
    elided_lifetimes_in_paths,
    single_use_lifetimes,
    trivial_casts,
    unused_qualifications,
    unused_results,
    let_underscore_drop
)]

use traitwire::{Describe, Request, Response, Status, Stream, Streaming, message, service};

/// A message.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub(crate) struct Note {
    /// What it says.
    #[prost(string, tag = "1")]
    pub(crate) text: String,
}

/// The same in short, with one of each kind.
#[message]
pub(crate) struct Memo {
    /// What it says.
    #[tag(1)]
    pub(crate) text: String,
    /// How it says it.
    #[tag(2, enumeration = Tone)]
    pub(crate) tone: i32,
    /// Who says it.
    #[oneof(3, 4)]
    pub(crate) author: Option<Author>,
    /// Other numbers.
    #[tag(5)]
    pub(crate) numbers: std::collections::HashMap<String, u32>,
}

/// How something is said.
#[message]
pub(crate) enum Tone {
    /// In no way.
    Unspecified = 0,
    /// As a warning.
    Warning = 1,
}

/// Who says it.
#[message]
pub(crate) enum Author {
    /// Somebody.
    #[tag(3)]
    Name(String),
    /// Another memo.
    #[tag(4)]
    Memo(Box<Memo>),
}

/// Every shape and form.
#[service]
pub(crate) trait Strict {
    /// Plain.
    async fn plain(&self, note: Note) -> Result<Note, Status>;
    /// In envelopes.
    async fn envelope(&self, note: Request<Note>) -> Result<Response<Note>, Status>;
    /// Borrowed.
    async fn borrowed(&self, note: &Note) -> Result<(), Status>;
    /// Borrowed by a body of its own.
    async fn length(&self, text: &str) -> Result<u64, Status> {
        Ok(text.len() as u64)
    }
    /// A view.
    #[rpc(unimplemented)]
    fn view(&self, text: &str) -> impl Stream<Item = Result<Note, Status>>;
    /// Another.
    #[rpc(unimplemented)]
    async fn bytes(&self, _: &[u8]) -> Result<impl Stream<Item = Result<Note, Status>>, Status>;
    /// A direct stream.
    #[rpc(unimplemented)]
    fn direct(&self, note: Note) -> impl Stream<Item = Result<Note, Status>>;
    /// A stream that may fail first.
    #[rpc(unimplemented)]
    async fn result(&self, note: Note) -> Result<impl Stream<Item = Result<Note, Status>>, Status>;
    /// A stream with metadata.
    #[rpc(unimplemented)]
    async fn response(
        &self,
        notes: Request<Streaming<Note>>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;
}

struct Echo;

impl Strict for Echo {
    async fn plain(&self, note: Note) -> Result<Note, Status> {
        Ok(note)
    }

    async fn envelope(&self, note: Request<Note>) -> Result<Response<Note>, Status> {
        Ok(Response::new(note.into_inner()))
    }

    async fn borrowed(&self, note: &Note) -> Result<(), Status> {
        if note.text == "strict" { Ok(()) } else { Err(Status::not_found(&note.text)) }
    }
}

#[tokio::test]
async fn a_strict_crate_has_no_warning() {
    let note = Note { text: "strict".to_owned() };
    let client = StrictClient::in_process(Echo);
    assert_eq!(client.plain(note.clone()).await.unwrap(), note);
    assert_eq!(client.envelope(Request::new(note.clone())).await.unwrap().into_inner(), note);
    client.borrowed(&note).await.unwrap();
    assert_eq!(client.length(&note.text).await.unwrap(), 6);
    assert!(client.view(&note.text).message().await.is_err());
    assert!(client.bytes(note.text.as_bytes()).await.is_err());
    assert!(client.direct(note.clone()).message().await.is_err());
    assert!(client.result(note.clone()).await.is_err());
    let notes = Request::new([note].into_iter().collect());
    assert!(client.response(notes).await.is_err());
}
