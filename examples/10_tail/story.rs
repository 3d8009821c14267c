//! Both ends in one process, and the program that writes the log.
//!
//! The writer goes on when the client has seen what it wrote before, so the story is the same each
//! time.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use traitwire::{Code, Streaming};
use workbook::Result;

use crate::{
    client::{WINDOW, connect, show},
    contract::{DownloadRequest, FollowRequest, FollowResponse, Logs, LogsClient, Start},
    server::{CHUNK, LogFolder},
    watch::Watch,
};

/// How long the file is that is downloaded.
const LARGE: u64 = 8 * 1024 * 1024;

/// What the server may have read when the client has taken nothing but one chunk: that, what the
/// window takes, and one chunk that the server has in its hands.
pub(crate) const AHEAD: u64 = WINDOW as u64 + 2 * CHUNK;

/// Follows a log that is written in `folder`, and then downloads from it.
pub(crate) async fn tell(server: String, logs: &LogFolder, folder: &Path) -> Result {
    let client = connect(server).await?;
    follow(&client, logs, folder).await?;
    download(&client, logs, folder).await
}

async fn follow(client: &LogsClient, logs: &LogFolder, folder: &Path) -> Result {
    let log = folder.join("app.log");
    fs::write(&log, "order 101\norder 102\n")?;

    println!("client → follow app.log");
    let start = Some(Start::LastLines(1));
    let request = FollowRequest { name: "app.log".to_owned(), start };
    let mut events = client.follow(request).await?;
    see(&mut events, 1).await?;

    println!("writer: adds a line");
    append(&log, "order 103\n")?;
    see(&mut events, 1).await?;

    println!("writer: renames the log and begins a new one");
    fs::rename(&log, folder.join("app.log.1"))?;
    fs::write(&log, "order 104\n")?;
    see(&mut events, 2).await?;

    println!("writer: truncates the log and goes on");
    fs::write(&log, "order 105\n")?;
    see(&mut events, 2).await?;

    println!("client: leaves");
    let watch = logs.folder.watch().await?;
    drop(events);
    unwatched(watch).await;
    Ok(())
}

async fn download(client: &LogsClient, logs: &LogFolder, folder: &Path) -> Result {
    File::create(folder.join("large.log"))?.set_len(LARGE)?;

    println!("client → download large.log");
    let request = DownloadRequest { name: "large.log".to_owned(), offset: 0 };
    let mut chunks = client.download(request).await?;
    let mut taken = 0;
    while let Some(chunk) = chunks.message().await? {
        if taken == 0 {
            println!("client ← {} KiB, and reads no further", chunk.data.len() / 1024);
            let read = when_it_waits(client, logs).await?;
            assert!(read <= AHEAD, "{read} bytes were read ahead of the client");
            println!("server: waits, having read {} KiB at most", AHEAD / 1024);
        }
        taken += chunk.data.len() as u64;
        assert_eq!(chunk.size, LARGE, "the client is told how much there is");
    }
    assert_eq!(taken, LARGE, "the client got all of it");
    println!("client ← {} KiB in all", taken / 1024);
    Ok(())
}

/// Prints the next `count` events.
async fn see(events: &mut Streaming<FollowResponse>, count: usize) -> Result {
    for _ in 0..count {
        show(events.message().await?.ok_or("the server ended the call")?);
    }
    Ok(())
}

/// Adds to the end of a file.
pub(crate) fn append(path: &Path, text: &str) -> Result {
    File::options().append(true).open(path)?.write_all(text.as_bytes())?;
    Ok(())
}

/// Gives the watch back, and is done when it was the last one and its thread has ended.
pub(crate) async fn unwatched(watch: Arc<Watch>) {
    let mut changes = watch.changes();
    drop(watch);
    while changes.changed().await.is_ok() {}
}

/// How much the server has read of a download that the client does not read, when it reads no more.
///
/// Other calls on the connection show that: each of them is a turn for everything between the two.
pub(crate) async fn when_it_waits(client: &LogsClient, logs: &LogFolder) -> Result<u64> {
    let mut read = 0;
    let mut quiet = 0;
    while quiet < 100 {
        let refused = client.follow(FollowRequest::default()).await;
        assert_eq!(refused.err().map(|it| it.code()), Some(Code::InvalidArgument));
        let before = std::mem::replace(&mut read, logs.downloaded.load(Ordering::Relaxed));
        quiet = if read == before && read >= u64::from(WINDOW) { quiet + 1 } else { 0 };
    }
    Ok(read)
}
