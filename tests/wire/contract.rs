//! One contract with all four shapes, and both sides of it: ours, and those of stock tonic.

use std::pin::Pin;

use tonic::{
    metadata::{BinaryMetadataValue, MetadataMap},
    transport::Channel,
};
use traitwire::{
    Code, Describe, Request, Response, Status, Stream, StreamExt, Streaming, service, stream_fn,
};
use traitwire_tests::stock::proof::v1 as stock;

/// What is sent; the text says what the server does with it.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "proof.v1")]
pub(crate) struct Note {
    #[prost(string, tag = "1")]
    pub(crate) text: String,
    #[prost(uint32, tag = "2")]
    pub(crate) count: u32,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) payload: Vec<u8>,
}

/// A note with a text and a count.
pub(crate) fn note(text: &str, count: u32) -> Note {
    Note { text: text.to_owned(), count, payload: Vec::new() }
}

/// A stream of notes, numbered from 0.
pub(crate) fn notes<'a>(texts: impl IntoIterator<Item = &'a str>) -> Streaming<Note> {
    texts.into_iter().zip(0..).map(|(text, count)| note(text, count)).collect()
}

/// The four shapes, each with metadata in both directions.
#[service(package = "proof.v1")]
pub(crate) trait Echo {
    /// The same note.
    async fn say(&self, note: Request<Note>) -> Result<Response<Note>, Status>;

    /// The note as often as its count says, numbered from 0.
    async fn repeat(
        &self,
        note: Request<Note>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;

    /// All texts in one note, and how many there were.
    async fn join(&self, notes: Request<Streaming<Note>>) -> Result<Response<Note>, Status>;

    /// Each note as it comes.
    async fn chat(
        &self,
        notes: Request<Streaming<Note>>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;
}

/// Serves [`Echo`].
///
/// | in the request | what happens |
/// |---|---|
/// | metadata `x-echo`, `x-echo-bin` | comes back in the headers of the answer |
/// | metadata `x-refuse` | [`failure`] before anything else |
/// | text `fail` | [`failure`]; from `repeat` after the messages |
/// | text `wait` | no end; from `repeat` after the messages |
/// | text `panic` | a panic; from `repeat` after the messages |
/// | text `ok` | an error whose code is OK; from `repeat` after the messages |
#[derive(Clone, Copy)]
pub(crate) struct Parrot;

/// An error with everything that an error can have.
pub(crate) fn failure() -> Status {
    let mut metadata = MetadataMap::new();
    metadata.insert("x-reason", "out of seeds".parse().expect("printable"));
    metadata.insert_bin("x-reason-bin", BinaryMetadataValue::from_bytes(&[0, 128, 255]));
    Status::with_details_and_metadata(
        Code::FailedPrecondition,
        "100 % größer: 漢字 🦜\nand %41 is no letter",
        b"\x00details\xff".as_slice().into(),
        metadata,
    )
}

/// Checks that `status` is [`failure`], with nothing lost on the way.
#[track_caller]
pub(crate) fn assert_failure(status: &Status) {
    let expected = failure();
    assert_eq!(status.code(), expected.code());
    assert_eq!(status.message(), expected.message());
    assert_eq!(status.details(), expected.details());
    for key in ["x-reason", "x-reason-bin"] {
        let (found, expected) = (status.metadata().as_ref(), expected.metadata().as_ref());
        assert_eq!(found.get(key), expected.get(key), "{key}");
    }
}

/// Does what the text of a note asks for.
async fn obey(text: &str) -> Result<(), Status> {
    match text {
        "fail" => Err(failure()),
        "wait" => std::future::pending().await,
        "panic" => panic!("as the caller asked for"),
        "ok" => Err(Status::ok("an error that is none")),
        _ => Ok(()),
    }
}

/// The headers of the answer to a request with these, or a refusal.
fn headers(request: &MetadataMap) -> Result<MetadataMap, Status> {
    let mut headers = MetadataMap::new();
    if request.contains_key("x-refuse") {
        return Err(failure());
    }
    if let Some(value) = request.get("x-echo") {
        headers.insert("x-echo", value.clone());
    }
    if let Some(value) = request.get_bin("x-echo-bin") {
        headers.insert_bin("x-echo-bin", value.clone());
    }
    Ok(headers)
}

fn answer<T>(headers: MetadataMap, message: T) -> Response<T> {
    Response::from_parts(headers, message, http::Extensions::new())
}

impl Echo for Parrot {
    async fn say(&self, request: Request<Note>) -> Result<Response<Note>, Status> {
        let headers = headers(request.metadata())?;
        let note = request.into_inner();
        obey(&note.text).await?;
        Ok(answer(headers, note))
    }

    async fn repeat(
        &self,
        request: Request<Note>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
        let headers = headers(request.metadata())?;
        let note = request.into_inner();
        let notes = stream_fn(async move |mut out| {
            for count in 0..note.count {
                out.send(Note { count, ..note.clone() }).await?;
            }
            obey(&note.text).await
        });
        Ok(answer(headers, notes))
    }

    async fn join(&self, request: Request<Streaming<Note>>) -> Result<Response<Note>, Status> {
        let headers = headers(request.metadata())?;
        let mut notes = request.into_inner();
        let mut texts = Vec::new();
        while let Some(note) = notes.message().await? {
            obey(&note.text).await?;
            texts.push(note.text);
        }
        let count = u32::try_from(texts.len()).expect("a test sends few notes");
        Ok(answer(headers, note(&texts.join(" "), count)))
    }

    async fn chat(
        &self,
        request: Request<Streaming<Note>>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
        let headers = headers(request.metadata())?;
        let mut notes = request.into_inner();
        let answers = stream_fn(async move |mut out| {
            while let Some(note) = notes.message().await? {
                obey(&note.text).await?;
                out.send(note).await?;
            }
            Ok(())
        });
        Ok(answer(headers, answers))
    }
}

/// A service of ours behind the stubs of stock tonic.
pub(crate) struct Stock<S: 'static>(pub(crate) &'static S);

/// The same behaviour as [`Parrot`]: the type, and its value.
pub(crate) type StockParrot = Stock<Parrot>;
#[allow(non_upper_case_globals)]
pub(crate) const StockParrot: Stock<Parrot> = Stock(&Parrot);

type StockNotes = Pin<Box<dyn Stream<Item = Result<stock::Note, Status>> + Send>>;

fn stock_notes(notes: impl Stream<Item = Result<Note, Status>> + Send + 'static) -> StockNotes {
    Box::pin(notes.map(|note| note.map(stock::Note::from)))
}

fn our_notes(notes: tonic::Streaming<stock::Note>) -> Streaming<Note> {
    Streaming::new(notes.map(|note| note.map(Note::from)))
}

#[tonic::async_trait]
impl<S: Echo> stock::echo_server::Echo for Stock<S> {
    async fn say(&self, request: Request<stock::Note>) -> Result<Response<stock::Note>, Status> {
        Ok(self.0.say(request.map(Note::from)).await?.map(stock::Note::from))
    }

    type RepeatStream = StockNotes;

    async fn repeat(&self, request: Request<stock::Note>) -> Result<Response<StockNotes>, Status> {
        Ok(self.0.repeat(request.map(Note::from)).await?.map(stock_notes))
    }

    async fn join(
        &self,
        request: Request<tonic::Streaming<stock::Note>>,
    ) -> Result<Response<stock::Note>, Status> {
        Ok(self.0.join(request.map(our_notes)).await?.map(stock::Note::from))
    }

    type ChatStream = StockNotes;

    async fn chat(
        &self,
        request: Request<tonic::Streaming<stock::Note>>,
    ) -> Result<Response<StockNotes>, Status> {
        Ok(self.0.chat(request.map(our_notes)).await?.map(stock_notes))
    }
}

/// A stock client behind our trait, so that one test can take either client.
pub(crate) struct StockClient(pub(crate) stock::echo_client::EchoClient<Channel>);

fn sent(notes: Streaming<Note>) -> impl Stream<Item = stock::Note> + Send + 'static {
    notes.map(|note| note.expect("the tests' own notes do not fail").into())
}

impl Echo for StockClient {
    async fn say(&self, request: Request<Note>) -> Result<Response<Note>, Status> {
        let answer = self.0.clone().say(request.map(stock::Note::from)).await?;
        Ok(answer.map(Note::from))
    }

    async fn repeat(
        &self,
        request: Request<Note>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
        let answer = self.0.clone().repeat(request.map(stock::Note::from)).await?;
        Ok(answer.map(our_notes))
    }

    async fn join(&self, request: Request<Streaming<Note>>) -> Result<Response<Note>, Status> {
        let answer = self.0.clone().join(request.map(sent)).await?;
        Ok(answer.map(Note::from))
    }

    async fn chat(
        &self,
        request: Request<Streaming<Note>>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
        let answer = self.0.clone().chat(request.map(sent)).await?;
        Ok(answer.map(our_notes))
    }
}

impl From<Note> for stock::Note {
    fn from(Note { text, count, payload }: Note) -> Self {
        Self { text, count, payload }
    }
}

impl From<stock::Note> for Note {
    fn from(stock::Note { text, count, payload }: stock::Note) -> Self {
        Self { text, count, payload }
    }
}
