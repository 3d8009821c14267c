//! How far a file was followed, and what is new since then.
//!
//! Nothing is believed of an event: each look asks the file itself. So it does not matter how many
//! events there were, or whether they were lost.

use std::{io, sync::Arc};

use traitwire::{Sender, prost::bytes::Bytes};

use crate::{
    contract::{Event, FollowResponse, Line, Restart, Start},
    folder::{Folder, LogFile},
};

/// What is read at once, and so the longest line that is sent in one piece.
pub(crate) const BLOCK: usize = 64 * 1024;

/// How much of what was sent last is compared at each look.
const REMEMBERED: usize = 256;

/// A place in a file: all before it was sent.
pub(crate) struct Place {
    folder: Arc<Folder>,
    name: String,
    file: LogFile,
    offset: u64,
    /// The bytes before the offset. When they are no longer there, the file was truncated, even if
    /// it is as long as before by now.
    before: Vec<u8>,
}

impl Place {
    /// The place in a file where a caller wants to begin.
    pub(crate) async fn find(
        folder: Arc<Folder>,
        name: String,
        file: LogFile,
        start: Option<Start>,
    ) -> io::Result<Self> {
        let offset = match start {
            Some(Start::Offset(offset)) => offset,
            Some(Start::LastLines(count)) => last_lines(&file, count).await?,
            None => last_lines(&file, 0).await?,
        };
        let length = usize::try_from(offset).unwrap_or(REMEMBERED).min(REMEMBERED);
        let mut before = file.read(offset - length as u64, length).await?.to_vec();
        // A file that does not reach the offset was truncated: the first look will miss this.
        before.resize(length, 0);
        Ok(Self { folder, name, file, offset, before })
    }

    /// Sends all that is new.
    pub(crate) async fn catch_up(&mut self, out: &mut Sender<FollowResponse>) -> io::Result<()> {
        loop {
            // First the name and then the file: what was written to it while it had the name is
            // then read for certain.
            let successor = self.successor().await?;
            self.read_on(successor.is_some(), out).await?;
            let Some(successor) = successor else { return Ok(()) };
            send(out, restart(Restart::Rotated)).await?;
            (self.file, self.offset, self.before) = (successor, 0, Vec::new());
        }
    }

    /// The file that has the name instead of this one.
    ///
    /// One with nothing in it does not count yet, and between the two steps of a rotation there is
    /// none: as long as that is so, the writer may go on with the old file.
    async fn successor(&self) -> io::Result<Option<LogFile>> {
        match self.folder.open(&self.name).await {
            Ok(file) if file != self.file && file.len().await? > 0 => Ok(Some(file)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends the whole lines up to the end of the file. What remains is sent too if nothing will be
    /// added to it.
    async fn read_on(
        &mut self,
        is_complete: bool,
        out: &mut Sender<FollowResponse>,
    ) -> io::Result<()> {
        loop {
            let known = self.before.len();
            let bytes = self.file.read(self.offset - known as u64, known + BLOCK).await?;
            if !bytes.starts_with(&self.before) {
                send(out, restart(Restart::Truncated)).await?;
                (self.offset, self.before) = (0, Vec::new());
                continue;
            }
            let is_end = bytes.len() < known + BLOCK;
            let mut from = known;
            while let Some(length) = next_text(&bytes[from..], is_complete && is_end) {
                let text = bytes.slice(from..from + length);
                from += length;
                self.offset += length as u64;
                send(out, line(text, self.offset)).await?;
            }
            self.before = bytes[from.saturating_sub(REMEMBERED)..from].to_vec();
            if is_end {
                return Ok(());
            }
        }
    }
}

/// The length of the text to send next: a whole line, or what cannot wait to be one.
fn next_text(bytes: &[u8], is_all: bool) -> Option<usize> {
    let newline = bytes.iter().position(|byte| *byte == b'\n');
    let cannot_wait = bytes.len() == BLOCK || is_all && !bytes.is_empty();
    newline.map(|at| at + 1).or(cannot_wait.then_some(bytes.len()))
}

/// Where the last `count` whole lines begin: behind the newline before them.
async fn last_lines(file: &LogFile, count: u32) -> io::Result<u64> {
    let mut newlines = u64::from(count) + 1;
    let mut end = file.len().await?;
    while end > 0 {
        let start = end.saturating_sub(BLOCK as u64);
        let block = file.read(start, (end - start) as usize).await?;
        for (at, _) in block.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n') {
            newlines -= 1;
            if newlines == 0 {
                return Ok(start + at as u64 + 1);
            }
        }
        end = start;
    }
    Ok(0)
}

fn line(text: Bytes, next_offset: u64) -> Event {
    Event::Line(Line { text, next_offset })
}

fn restart(how: Restart) -> Event {
    Event::Restart(how.into())
}

/// A stream without a reader is what a pipe without one is.
async fn send(out: &mut Sender<FollowResponse>, event: Event) -> io::Result<()> {
    let sent = out.send(FollowResponse { event: Some(event) }).await;
    sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
}
