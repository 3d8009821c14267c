//! The first bytes of a file, and how they become the file.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
};

use sha2::{Digest, Sha256};
use tempfile::TempPath;
use traitwire::Status;

use crate::{checksum::hash, claim::Claim, disk::failed};

/// The part of a file, open at its end. All of its methods wait for the disk.
///
/// What is on the disk is all that an upload leaves behind: a part that is dropped at any point can
/// be gone on with. It is not synced; whether a crash of the machine spoiled it, the checksum of
/// the whole file tells.
pub struct Part {
    bytes: fs::File,
    /// Of all bytes before the end.
    hasher: Sha256,
    end: u64,
    /// Dropped last, when the file is closed.
    claim: Claim,
}

impl Part {
    /// Opens it at `offset`, cuts off what is beyond, and hashes what is before.
    pub fn open(claim: Claim, offset: u64) -> Result<Self, Status> {
        let path = claim.store.part_path(&claim.file);
        let mut options = fs::OpenOptions::new();
        let options = options.create(true).truncate(false).read(true).write(true);
        let mut bytes = options.open(path).map_err(failed)?;
        let stored = bytes.metadata().map_err(failed)?.len();
        if offset > stored {
            let name = &claim.file.name;
            let why =
                format!("{stored} bytes of {name} are stored, so none can follow at {offset}");
            return Err(Status::out_of_range(why));
        }
        let mut hasher = Sha256::new();
        let end = hash(&mut hasher, (&mut bytes).take(offset)).map_err(failed)?;
        if end < stored {
            bytes.set_len(end).map_err(failed)?;
        }
        Ok(Self { bytes, hasher, end, claim })
    }

    /// Adds a chunk.
    pub fn append(mut self, chunk: &[u8]) -> Result<Self, Status> {
        let size = self.claim.file.size;
        let end = self.end + chunk.len() as u64;
        if end > size {
            let why =
                format!("{size} bytes were announced, and the chunk at {} ends at {end}", self.end);
            return Err(self.discard(Status::invalid_argument(why)));
        }
        self.bytes.write_all(chunk).map_err(failed)?;
        self.hasher.update(chunk);
        self.end = end;
        Ok(self)
    }

    /// Makes the file of it.
    pub fn finish(mut self) -> Result<u64, Status> {
        let file = &self.claim.file;
        if self.end < file.size {
            let why = format!("the stream ended at {} of {} bytes", self.end, file.size);
            return Err(Status::aborted(why));
        }
        let sha256 = self.hasher.finalize_reset();
        if sha256 != file.sha256 {
            let sha256 = hex::encode(sha256);
            let why = format!("the {} bytes have the SHA-256 {sha256}", self.end);
            return Err(self.discard(Status::data_loss(why)));
        }
        self.publish()
    }

    /// Gives the file its name: in one step, never in place of another file, and not before the
    /// bytes are on the disk, or a crash could leave the name without them.
    fn publish(self) -> Result<u64, Status> {
        if let Err(error) = self.bytes.sync_all() {
            // Nobody can say any more which bytes are on the disk.
            return Err(self.discard(failed(error)));
        }
        let Self { bytes, claim, end, .. } = self;
        drop(bytes);
        let Claim { store, file } = &claim;
        let part = TempPath::try_from_path(store.part_path(file)).map_err(failed)?;
        match part.persist_noclobber(store.path(file)) {
            Ok(()) => store.sync().map(|()| end),
            // The part goes too: another file has got the name in the meantime.
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(file.taken()),
            Err(error) => {
                error.path.keep().map_err(|it| failed(it.error))?;
                Err(failed(error.error))
            }
        }
    }

    /// Leaves nothing behind.
    fn discard(self, why: Status) -> Status {
        match fs::remove_file(self.claim.store.part_path(&self.claim.file)) {
            Ok(()) => {
                println!("server: nothing is kept");
                why
            }
            Err(error) => failed(error),
        }
    }
}
