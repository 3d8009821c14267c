//! The server: what a call holds, it holds in its own stream.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::watch;
use traitwire::{Status, Stream, stream_fn};

use crate::{
    contract::{DownloadRequest, DownloadResponse, FollowRequest, FollowResponse, Logs},
    folder::Folder,
    follow::Place,
};

/// The longest chunk of a download. A download holds a few of them and what the window of its
/// stream takes, however large the file.
pub(crate) const CHUNK: u64 = 64 * 1024;

/// Serves the files of a folder.
#[derive(Debug)]
pub(crate) struct LogFolder {
    /// The folder.
    pub(crate) folder: Arc<Folder>,
    /// How many bytes were read for downloads.
    pub(crate) downloaded: AtomicU64,
    /// Whether the server is about to stop.
    closing: watch::Sender<bool>,
}

impl LogFolder {
    /// The folder at `path`.
    pub(crate) fn new(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self {
            folder: Arc::new(Folder::new(path)?),
            downloaded: AtomicU64::new(0),
            closing: watch::Sender::new(false),
        })
    }

    /// Ends the calls that have no end of their own.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }
}

impl Logs for LogFolder {
    async fn follow(
        &self,
        FollowRequest { name, start }: FollowRequest,
    ) -> Result<impl Stream<Item = Result<FollowResponse, Status>>, Status> {
        let failed = refusal(name.clone());
        let file = self.folder.open(&name).await.map_err(&failed)?;
        // Watched first and read then: what is written in between is read, or told of, or both.
        let watch = self.folder.watch().await.map_err(cannot_watch)?;
        let mut changes = watch.changes();
        println!("server ← follow {name}");
        let place = Place::find(self.folder.clone(), name, file, start);
        let mut place = place.await.map_err(&failed)?;

        Ok(stream_fn(async move |mut out| {
            // When the caller leaves, this future is dropped where it stands, and with it the file
            // and the watch.
            let _watch = watch;
            let mut closing = self.closing.subscribe();
            let follow = async {
                loop {
                    place.catch_up(&mut out).await.map_err(&failed)?;
                    // While the caller did not read, `catch_up` waited, and all changes became one.
                    let is_gone = |_| Status::unavailable("the folder is no longer there");
                    changes.changed().await.map_err(is_gone)?;
                }
            };
            tokio::select! {
                ended = follow => ended,
                _ = closing.wait_for(|is_closing| *is_closing) => {
                    Err(Status::unavailable("the server stops"))
                }
            }
        }))
    }

    async fn download(
        &self,
        DownloadRequest { name, mut offset }: DownloadRequest,
    ) -> Result<impl Stream<Item = Result<DownloadResponse, Status>>, Status> {
        let failed = refusal(name.clone());
        let file = self.folder.open(&name).await.map_err(&failed)?;
        let size = file.len().await.map_err(&failed)?;
        if offset > size {
            return Err(Status::out_of_range(format!("{name} ends at {size}, before {offset}")));
        }
        println!("server ← download {name}");

        Ok(stream_fn(async move |mut out| {
            loop {
                let length = CHUNK.min(size - offset);
                let data = file.read(offset, length as usize).await.map_err(&failed)?;
                if (data.len() as u64) < length {
                    return Err(Status::aborted(format!("{name} became shorter than {size}")));
                }
                self.downloaded.fetch_add(length, Ordering::Relaxed);
                // Waits for the reader, and nothing is read ahead of it.
                out.send(DownloadResponse { size, offset, data }).await?;
                offset += length;
                if offset == size {
                    return Ok(());
                }
            }
        }))
    }
}

/// What a caller is told of a file that cannot be read: its name, as much of it as a status has room
/// for, and not where the folder is.
pub(crate) fn refusal(name: String) -> impl Fn(io::Error) -> Status {
    move |error| {
        let status = Status::from(error);
        Status::new(status.code(), format!("{name:.64}: {}", status.message()))
    }
}

fn cannot_watch(error: io::Error) -> Status {
    eprintln!("server: cannot watch the folder: {error}");
    Status::unavailable("the folder cannot be watched")
}
