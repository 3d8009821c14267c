//! What the two ends agree on.

use traitwire::{Status, Streaming, message, service};

traitwire::package!("files.v1", file = "files/v1/upload.proto");

/// The most bytes that a chunk may have.
pub const CHUNK: usize = 64 * 1024;

/// Takes in files, in pieces.
#[service]
pub trait UploadService {
    /// Stores a file: a header, then its bytes in order, then the end of the stream.
    ///
    /// The file gets its name when all of it is there, checked and on the disk. What an upload that
    /// broke off has stored is kept aside for a day, so that another one can go on from there.
    ///
    /// ABORTED: the upload broke off, or another one of the same file is running; ask GetUpload and
    /// go on. OUT_OF_RANGE: the offset is beyond what is stored. ALREADY_EXISTS: the name is taken.
    /// RESOURCE_EXHAUSTED: the file is too large, or there is no room. INVALID_ARGUMENT: not a
    /// header, a name or a chunk as it must be, or more bytes than announced. DATA_LOSS: the bytes
    /// have another checksum. After more bytes or another checksum than announced nothing is kept.
    async fn upload(&self, requests: Streaming<UploadRequest>) -> Result<UploadResponse, Status>;

    /// How much of a file is stored, and whether it is complete.
    ///
    /// ALREADY_EXISTS: its name is taken by another file.
    async fn get_upload(&self, request: GetUploadRequest) -> Result<GetUploadResponse, Status>;
}

/// A piece of an upload.
#[message]
pub struct UploadRequest {
    /// The header comes first, and once.
    #[oneof(1, 2)]
    pub content: Option<Content>,
}

/// What a piece holds.
#[message]
pub enum Content {
    /// What is to come.
    #[tag(1)]
    Header(UploadHeader),
    /// The next bytes: one at least, and 64 KiB at most.
    #[tag(2)]
    Chunk(Vec<u8>),
}

/// What an upload is about to send.
#[message]
pub struct UploadHeader {
    /// The file, with all of its bytes.
    #[tag(1)]
    pub file: Option<File>,
    /// Where the chunks begin: at 0, or where GetUpload said. What is stored beyond is sent anew.
    #[tag(2)]
    pub offset: u64,
}

/// A file. The checksum and the size say which bytes are meant, whatever their name.
#[message]
pub struct File {
    /// Its name, without a folder.
    #[tag(1)]
    pub name: String,
    /// How many bytes it has.
    #[tag(2)]
    pub size: u64,
    /// The SHA-256 of its bytes: 32 bytes.
    #[tag(3)]
    pub sha256: Vec<u8>,
}

/// The file is stored.
#[message]
pub struct UploadResponse {
    /// How many bytes it has.
    #[tag(1)]
    pub size: u64,
}

/// Asks for a file.
#[message]
pub struct GetUploadRequest {
    /// The file, as its upload announces it.
    #[tag(1)]
    pub file: Option<File>,
}

/// What there is of a file.
#[message]
pub struct GetUploadResponse {
    /// How many bytes of it are stored, from its beginning.
    #[tag(1)]
    pub stored: u64,
    /// Whether it is there under its name, with nothing left to be sent.
    #[tag(2)]
    pub complete: bool,
}
