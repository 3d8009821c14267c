//! What both ends agree on.

use traitwire::{Status, Stream, message, prost::bytes::Bytes, service};

traitwire::package!("logs.v1", file = "logs/v1/logs.proto");

/// The files of one folder, to be followed and to be downloaded.
///
/// A name is that of a file in the folder. Another one, or one that leads out of the folder, is
/// INVALID_ARGUMENT; a file that is not there is NOT_FOUND, and one that the server may not read
/// PERMISSION_DENIED.
#[service]
pub(crate) trait Logs {
    /// The last lines of a file, and those that are written from now on.
    ///
    /// The headers come when the file is watched: no line that is written after them is missed. The
    /// call goes on until the caller leaves, also when the file is gone: it waits for a new one of
    /// that name. UNAVAILABLE when the folder is gone too, or when the server stops.
    async fn follow(
        &self,
        request: FollowRequest,
    ) -> Result<impl Stream<Item = Result<FollowResponse, Status>>, Status>;

    /// A file as long as it is now, in chunks of at most 64 KiB, one at least.
    ///
    /// OUT_OF_RANGE when the offset is behind the end, ABORTED when the file becomes shorter.
    async fn download(
        &self,
        request: DownloadRequest,
    ) -> Result<impl Stream<Item = Result<DownloadResponse, Status>>, Status>;
}

/// Which file to follow, and from where.
#[message]
pub(crate) struct FollowRequest {
    /// The file.
    #[tag(1)]
    pub(crate) name: String,
    /// Where to begin. Without it, with the next line that becomes whole.
    #[oneof(2, 3)]
    pub(crate) start: Option<Start>,
}

/// Where to begin.
#[message]
pub(crate) enum Start {
    /// With so many of the lines that are whole.
    #[tag(2)]
    LastLines(u32),
    /// At this byte, to go on after a `next_offset`. A file that is shorter was truncated.
    #[tag(3)]
    Offset(u64),
}

/// What is new in the file.
#[message]
pub(crate) struct FollowResponse {
    /// A line, or a new beginning.
    #[oneof(1, 2)]
    pub(crate) event: Option<Event>,
}

/// A line, or a new beginning.
#[message]
pub(crate) enum Event {
    /// The next line.
    #[tag(1)]
    Line(Line),
    /// The file began anew: the next line is at offset 0.
    #[tag(2, enumeration = Restart)]
    Restart(i32),
}

/// A line, when it is whole.
#[message]
pub(crate) struct Line {
    /// The bytes of the file, in no certain encoding, the newline among them. Without a newline at
    /// its end this is a piece of 64 KiB of a line that goes on in the next message, or the end of a
    /// file that was rotated in the middle of a line.
    #[tag(1)]
    pub(crate) text: Bytes,
    /// Where the text after this one begins.
    #[tag(2)]
    pub(crate) next_offset: u64,
}

/// How a file began anew.
#[message]
pub(crate) enum Restart {
    /// Not said.
    Unspecified = 0,
    /// Another file has the name, and something in it. The one before was sent to its end; files
    /// that had the name in between, while the caller did not read, are not sent.
    Rotated = 1,
    /// What was sent last is no longer there.
    Truncated = 2,
}

/// Which file to download, and from where.
#[message]
pub(crate) struct DownloadRequest {
    /// The file.
    #[tag(1)]
    pub(crate) name: String,
    /// The first byte to send: as many as the caller has already.
    #[tag(2)]
    pub(crate) offset: u64,
}

/// A chunk of the file.
#[message]
pub(crate) struct DownloadResponse {
    /// How long the file was when the call began: where the last chunk ends.
    #[tag(1)]
    pub(crate) size: u64,
    /// Where in the file this chunk begins.
    #[tag(2)]
    pub(crate) offset: u64,
    /// Its bytes. Empty only when there is nothing from the offset of the request on.
    #[tag(3)]
    pub(crate) data: Bytes,
}
