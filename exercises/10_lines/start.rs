//! Exercise 10: chunks are not lines.
//!
//! `Split` takes the bytes of a text in chunks and answers with its lines. But it takes each chunk
//! for a text of its own, and chunks end anywhere: in the middle of a line, in the middle of a
//! character.
//!
//! Send each line as soon as its newline has come, without the newline. The last line needs none.
//! A line that is not UTF-8 ends the call with INVALID_ARGUMENT, and one of more than `LONGEST`
//! bytes with RESOURCE_EXHAUSTED, before a caller without newlines has filled the memory.
//!
//! ```sh
//! cargo xtask check 10
//! ```

use traitwire::{Status, Stream, Streaming, message, service, stream_fn};

traitwire::package!("text.v1");

/// Reads texts.
#[service]
pub trait TextService {
    /// The lines of a text, each as soon as it is whole.
    fn split(
        &self,
        requests: Streaming<SplitRequest>,
    ) -> impl Stream<Item = Result<SplitResponse, Status>>;
}

/// A chunk of the text.
#[message]
pub struct SplitRequest {
    /// Its bytes.
    #[tag(1)]
    pub data: Vec<u8>,
}

/// A line.
#[message]
pub struct SplitResponse {
    /// The line, without its newline.
    #[tag(1)]
    pub line: String,
}

/// The most bytes of a line, without its newline.
pub const LONGEST: usize = 64 * 1024;

/// The server.
pub struct Splitter;

impl TextService for Splitter {
    fn split(
        &self,
        mut requests: Streaming<SplitRequest>,
    ) -> impl Stream<Item = Result<SplitResponse, Status>> {
        stream_fn(async move |mut out| {
            while let Some(SplitRequest { data }) = requests.message().await? {
                for line in String::from_utf8_lossy(&data).lines() {
                    out.send(SplitResponse { line: line.to_owned() }).await?;
                }
            }
            Ok(())
        })
    }
}
