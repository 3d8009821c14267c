//! The client: it prints a file as it grows, or saves one.

use std::path::Path;

use tokio::io::AsyncWriteExt;
use traitwire::{Channel, Status};
use workbook::Result;

use crate::contract::{
    DownloadRequest, Event, FollowRequest, FollowResponse, Logs, LogsClient, Restart, Start,
};

/// How many bytes of a stream may be on their way to a client that does not read. A caller that
/// wants more speed over a long distance pays for it with memory, here.
pub(crate) const WINDOW: u32 = 256 * 1024;

/// Connects to a server.
pub(crate) async fn connect(server: String) -> Result<LogsClient> {
    let channel = Channel::builder(server).initial_stream_window_size(WINDOW);
    Ok(LogsClient::new(channel.connect().await?))
}

/// Prints the last lines of a file and what becomes of it, until the program is stopped.
pub(crate) async fn follow(client: LogsClient, name: String, last_lines: u32) -> Result {
    println!("client → follow {name}");
    let start = Some(Start::LastLines(last_lines));
    let mut events = client.follow(FollowRequest { name, start }).await?;
    while let Some(event) = events.message().await? {
        show(event);
    }
    Ok(())
}

/// Prints an event.
pub(crate) fn show(event: FollowResponse) {
    match event.event {
        Some(Event::Line(line)) => {
            println!("client ← {}", String::from_utf8_lossy(&line.text).trim_end());
        }
        Some(Event::Restart(how)) => match Restart::try_from(how) {
            Ok(Restart::Rotated) => println!("client: rotated, from the start of a new file"),
            Ok(Restart::Truncated) => println!("client: truncated, from the start of the file"),
            // A newer server may know of more.
            Ok(Restart::Unspecified) | Err(_) => println!("client: from the start"),
        },
        None => {}
    }
}

/// Saves a file, or what is missing of it when a part was saved before.
pub(crate) async fn save(client: LogsClient, name: String, path: &Path) -> Result {
    let file = tokio::fs::OpenOptions::new().create(true).append(true).open(path).await;
    let mut file = file.map_err(|error| format!("{}: {error}", path.display()))?;
    let mut saved = file.metadata().await?.len();
    println!("client → download {name} from {saved}");

    let mut chunks = client.download(DownloadRequest { name, offset: saved }).await?;
    let mut size = None;
    while let Some(chunk) = chunks.message().await? {
        if chunk.offset != saved {
            return Err(Status::data_loss("a chunk is missing").into());
        }
        // The next chunk is not asked for before this one is written.
        file.write_all(&chunk.data).await?;
        saved += chunk.data.len() as u64;
        size = Some(chunk.size);
    }
    file.sync_all().await?;
    if size != Some(saved) {
        return Err(Status::data_loss(format!("the download ended at {saved}")).into());
    }
    println!("client ← {saved} bytes, to the end");
    Ok(())
}
