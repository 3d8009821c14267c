//! Exercise 09: whole, or not at all.
//!
//! A header announces a file, and its bytes come in chunks. `Upload` stores whatever came. Let it
//! store the file only when it is the one that was announced, and otherwise answer so:
//!
//! | what comes | answer | when |
//! |---|---|---|
//! | a chunk that does not begin where the one before it ended | OUT_OF_RANGE | at once |
//! | more bytes than announced | INVALID_ARGUMENT | at once |
//! | fewer bytes than announced | DATA_LOSS | at the end |
//! | other bytes than announced, by their checksum | DATA_LOSS | at the end |
//!
//! A message that names numbers helps the caller: which offset, how many bytes. A file of that name
//! that is there already stays as it is until the new one is whole.
//!
//! ```sh
//! cargo xtask check 09
//! ```

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use traitwire::{Status, Streaming, message, service};

traitwire::package!("files.v1", file = "files/v1/files.proto");

/// Takes in files.
#[service]
pub trait FileService {
    /// Stores a file: a header, then its chunks in order.
    async fn upload(&self, requests: Streaming<UploadRequest>) -> Result<UploadResponse, Status>;
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
    Header(Header),
    /// The next bytes.
    #[tag(2)]
    Chunk(Chunk),
}

/// A file, announced.
#[message]
pub struct Header {
    /// Its name.
    #[tag(1)]
    pub name: String,
    /// How many bytes it has.
    #[tag(2)]
    pub size: u64,
    /// Their checksum.
    #[tag(3, fixed32)]
    pub checksum: u32,
}

/// Some bytes of a file.
#[message]
pub struct Chunk {
    /// Where in the file they begin.
    #[tag(1)]
    pub offset: u64,
    /// The bytes.
    #[tag(2)]
    pub data: Vec<u8>,
}

/// The file is stored.
#[message]
pub struct UploadResponse {}

/// A checksum that finds accidents, and no attacks: FNV-1a.
pub fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The server.
#[derive(Default)]
pub struct Files {
    files: Mutex<HashMap<String, Vec<u8>>>,
}

impl Files {
    /// The bytes of a file.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.files().get(name).cloned()
    }

    fn files(&self) -> MutexGuard<'_, HashMap<String, Vec<u8>>> {
        // No method panics while it holds the lock.
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileService for Files {
    async fn upload(
        &self,
        mut requests: Streaming<UploadRequest>,
    ) -> Result<UploadResponse, Status> {
        let first = requests.message().await?.and_then(|request| request.content);
        let Some(Content::Header(header)) = first else {
            return Err(Status::invalid_argument("an upload begins with a header"));
        };
        let mut bytes = Vec::new();
        while let Some(request) = requests.message().await? {
            let Some(Content::Chunk(chunk)) = request.content else {
                return Err(Status::invalid_argument("after the header there are only chunks"));
            };
            bytes.extend(chunk.data);
        }
        self.files().insert(header.name, bytes);
        Ok(UploadResponse {})
    }
}
