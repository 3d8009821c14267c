//! The story that is told without a file: three uploads of one sample.

use std::{fs, future::pending, path::Path};

use traitwire::{Status, StreamExt, Streaming, stream_fn};
use workbook::Result;

use crate::{
    client::Source,
    contract::{CHUNK, UploadService},
};

/// Where the first upload breaks off: after half of the sample's 16 chunks.
const CHUNKS: usize = 8;

/// Breaks an upload off, goes on with it, and sends a file that is not what was announced.
pub async fn tell(server: &impl UploadService) -> Result {
    let folder = tempfile::tempdir()?;
    let sample = Source::read(&write_sample(&folder.path().join("sample.txt"))?).await?;
    println!("client: sample.txt has {} bytes", sample.file.size);
    println!("client: its SHA-256 is {}", hex::encode(&sample.file.sha256));

    if sample.stored(server).await?.complete {
        println!("client ← it is stored already");
    } else {
        println!("client → sample.txt from byte 0");
        break_off(&sample, server).await?;

        let sent = sample.upload(server).await?;
        println!("client ← {} bytes are stored, {sent} of them sent now", sample.file.size);
    }

    let changed = Source::read(&write_sample(&folder.path().join("changed.txt"))?).await?;
    fs::write(folder.path().join("changed.txt"), vec![b'?'; changed.file.size as usize])?;
    println!("client → changed.txt, which changed after it was hashed");
    match changed.upload(server).await {
        Ok(_) => Err("the server took a file for another".into()),
        Err(status) => {
            println!("client ← {:?}: {}", status.code(), status.message());
            Ok(())
        }
    }
}

/// Sends some chunks, and goes away when they are stored.
async fn break_off(source: &Source, server: &impl UploadService) -> Result<(), Status> {
    let some = source.pieces(0).take(1 + CHUNKS);
    let never = stream_fn(async |_out| pending().await);
    let call = server.upload(Streaming::new(some.chain(never)));
    let all_stored = async {
        // Sent is not stored: only the server can say what is.
        while source.stored(server).await?.stored < (CHUNKS * CHUNK) as u64 {}
        println!("client: breaks off when {} bytes are stored", CHUNKS * CHUNK);
        Ok(())
    };
    // One of the two is done, and the other is dropped. Where that is the call, the server is told.
    tokio::select! {
        answer = call => answer.map(drop),
        done = all_stored => done,
    }
}

/// The numbers from 0 on, a line of eight bytes each.
fn write_sample(path: &Path) -> Result<std::path::PathBuf> {
    let lines: String = (0..125_000).map(|number| format!("{number:07}\n")).collect();
    fs::write(path, lines)?;
    Ok(path.to_owned())
}
