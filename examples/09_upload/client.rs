//! The client: from a file to messages.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use traitwire::{Status, Stream, Streaming, stream_fn};

use crate::{
    checksum::hash,
    contract::{
        CHUNK, Content, File, GetUploadRequest, GetUploadResponse, UploadHeader, UploadRequest,
        UploadService,
    },
};

/// A file that is to be uploaded.
///
/// It is read twice: its checksum says which file it is, and so goes ahead of its bytes.
#[derive(Clone)]
pub struct Source {
    path: PathBuf,
    /// What the server is told of it.
    pub file: File,
    /// Whether to show how far it is.
    pub progress: bool,
}

impl Source {
    /// Reads it for the first time.
    pub async fn read(path: &Path) -> io::Result<Self> {
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || {
            let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
            let name = name.to_str().ok_or(io::ErrorKind::InvalidFilename)?.to_owned();
            let mut hasher = Sha256::new();
            let size = hash(&mut hasher, fs::File::open(&path)?)?;
            let file = File { name, size, sha256: hasher.finalize().to_vec() };
            Ok(Self { path, file, progress: false })
        })
        .await?
    }

    /// Asks how much of it the server has.
    pub async fn stored(&self, server: &impl UploadService) -> Result<GetUploadResponse, Status> {
        server.get_upload(GetUploadRequest { file: Some(self.file.clone()) }).await
    }

    /// Sends what the server does not have yet, and says how many bytes that was.
    pub async fn upload(&self, server: &impl UploadService) -> Result<u64, Status> {
        let GetUploadResponse { stored, complete } = self.stored(server).await?;
        if !complete {
            server.upload(Streaming::new(self.pieces(stored))).await?;
        }
        Ok(self.file.size.saturating_sub(stored))
    }

    /// The messages of an upload, read as they are sent: one chunk is in memory at a time.
    pub fn pieces(
        &self,
        offset: u64,
    ) -> impl Stream<Item = Result<UploadRequest, Status>> + Send + use<> {
        let Self { path, file, progress } = self.clone();
        stream_fn(async move |mut out| {
            let failed = |error: io::Error| Status::aborted(format!("{}: {error}", path.display()));
            let mut bytes = tokio::fs::File::open(&path).await.map_err(failed)?;
            bytes.seek(io::SeekFrom::Start(offset)).await.map_err(failed)?;

            let bar = if progress { bar(file.size) } else { ProgressBar::hidden() };
            bar.set_position(offset);
            let mut left = file.size.saturating_sub(offset);
            out.send(UploadRequest {
                content: Some(Content::Header(UploadHeader { file: Some(file), offset })),
            })
            .await?;
            while left > 0 {
                let length = left.min(CHUNK as u64);
                let mut chunk = vec![0; length as usize];
                bytes.read_exact(&mut chunk).await.map_err(failed)?;
                out.send(UploadRequest { content: Some(Content::Chunk(chunk)) }).await?;
                left -= length;
                bar.inc(length);
            }
            Ok(())
        })
    }
}

/// A bar of what was sent, which is not what was stored: the buffers of the connection lie between.
/// It appears on a terminal only, and goes when it is dropped.
fn bar(size: u64) -> ProgressBar {
    let style = "{wide_bar} {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} left";
    let style = ProgressStyle::with_template(style).expect("the template is one");
    ProgressBar::new(size).with_style(style)
}
