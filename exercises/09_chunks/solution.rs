//! Exercise 09, solved.

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
        let Some(Content::Header(Header { name, size, checksum: announced })) = first else {
            return Err(Status::invalid_argument("an upload begins with a header"));
        };
        // No room is made for what is only announced.
        let mut bytes = Vec::new();
        let mut received = 0;
        while let Some(request) = requests.message().await? {
            let Some(Content::Chunk(chunk)) = request.content else {
                return Err(Status::invalid_argument("after the header there are only chunks"));
            };
            let Chunk { offset, data } = chunk;
            if offset != received {
                let why = format!("the next chunk begins at {received}, and this one at {offset}");
                return Err(Status::out_of_range(why));
            }
            received += data.len() as u64;
            if received > size {
                let why = format!("{size} bytes were announced, and {received} have come");
                return Err(Status::invalid_argument(why));
            }
            bytes.extend(data);
        }
        if received < size {
            let why = format!("{size} bytes were announced, and only {received} have come");
            return Err(Status::data_loss(why));
        }
        let found = checksum(&bytes);
        if found != announced {
            let why = format!("the checksum is {found:08x}, and {announced:08x} was announced");
            return Err(Status::data_loss(why));
        }
        self.files().insert(name, bytes);
        Ok(UploadResponse {})
    }
}
