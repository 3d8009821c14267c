//! Exercise 10, solved.

use std::mem;

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
            // Of the line that is not whole yet.
            let mut line = Vec::new();
            while let Some(SplitRequest { data }) = requests.message().await? {
                for piece in data.split_inclusive(|byte| *byte == b'\n') {
                    line.extend_from_slice(piece);
                    let is_whole = line.pop_if(|byte| *byte == b'\n').is_some();
                    if line.len() > LONGEST {
                        let why = format!("a line has more than {LONGEST} bytes");
                        return Err(Status::resource_exhausted(why));
                    }
                    if is_whole {
                        out.send(decode(mem::take(&mut line))?).await?;
                    }
                }
            }
            if !line.is_empty() {
                out.send(decode(line)?).await?;
            }
            Ok(())
        })
    }
}

/// A whole line is text, as no newline is within a character.
fn decode(line: Vec<u8>) -> Result<SplitResponse, Status> {
    match String::from_utf8(line) {
        Ok(line) => Ok(SplitResponse { line }),
        Err(error) => Err(Status::invalid_argument(format!("a line is not UTF-8: {error}"))),
    }
}
