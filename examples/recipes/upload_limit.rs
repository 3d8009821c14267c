//! An upload that is refused when it gets too large, message by message and as a whole.
//!
//! cargo add traitwire
//! cargo add tokio --features macros,rt-multi-thread

use std::error::Error;

use traitwire::{InProcess, ServiceOptions, Status, Streaming, service};

#[service(package = "recipes")]
pub trait Uploads {
    /// The bytes that were stored, or RESOURCE_EXHAUSTED.
    async fn upload(&self, chunks: Streaming<Vec<u8>>) -> Result<u64, Status>;
}

/// How long an upload may be.
const LONGEST: u64 = 100_000;

struct Disk;

impl Uploads for Disk {
    async fn upload(&self, mut chunks: Streaming<Vec<u8>>) -> Result<u64, Status> {
        let mut bytes = 0;
        while let Some(chunk) = chunks.message().await? {
            bytes += chunk.len() as u64;
            // An error ends the call, so the client stops sending.
            if bytes > LONGEST {
                let why = format!("an upload has at most {LONGEST} bytes");
                return Err(Status::resource_exhausted(why));
            }
        }
        Ok(bytes)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A message has at most 4 MiB unless this says otherwise, and is never read when it is longer.
    let options = ServiceOptions::new().max_decoding_message_size(64 * 1024);
    let server = UploadsServer::new(Disk).with(options);
    let uploads = UploadsClient::new(InProcess::new(server));

    for (count, size) in [(3, 30_000), (4, 30_000), (1, 70_000)] {
        let chunks = Streaming::from_iter(vec![vec![7; size]; count]);
        match uploads.upload(chunks).await {
            Ok(bytes) => println!("{count} of {size}: {bytes} bytes are stored"),
            Err(status) => println!("{count} of {size}: {}", status.message()),
        }
    }
    Ok(())
}
