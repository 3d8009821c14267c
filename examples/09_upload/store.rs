//! A folder of files, and of what there is of those that are still to come.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio::sync::watch;
use traitwire::Status;

use crate::{
    announced::Announced,
    checksum::hash,
    contract::GetUploadResponse,
    disk::{failed, found},
};

/// What bounds a store.
#[derive(Clone, Copy)]
pub struct Limits {
    /// The most bytes of a file.
    pub size: u64,
    /// The most files that are not complete: with `size`, the most room that they take.
    pub parts: usize,
    /// How long a part is kept that nobody goes on with.
    pub keep: Duration,
    /// How long an upload may send nothing.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            size: 4 << 30,
            parts: 100,
            keep: Duration::from_secs(24 * 60 * 60),
            patience: Duration::from_secs(10),
        }
    }
}

/// ```text
/// FOLDER/NAME                  a file, complete
/// FOLDER/.parts/SHA256-SIZE    the first bytes of a file, on the same filesystem
/// FOLDER/.lock                 one store to a folder
/// ```
pub struct Store {
    folder: PathBuf,
    limits: Limits,
    /// The keys of the files that an upload is at work on.
    pub claimed: watch::Sender<HashSet<String>>,
    /// Locked for as long as it is open.
    _lock: fs::File,
}

impl Store {
    /// Takes over a folder, and makes it if need be.
    pub fn open(folder: &Path, limits: Limits) -> io::Result<Self> {
        fs::create_dir_all(folder.join(".parts"))?;
        let lock = fs::File::create(folder.join(".lock"))?;
        // Two stores would add to the same parts.
        fs4::FileExt::try_lock(&lock).map_err(|_| io::Error::other("another server has it"))?;
        Ok(Self {
            folder: folder.to_owned(),
            limits,
            claimed: watch::Sender::default(),
            _lock: lock,
        })
    }

    /// The bounds of the store.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Where the file will be.
    pub fn path(&self, file: &Announced) -> PathBuf {
        self.folder.join(&file.name)
    }

    /// Where its first bytes are.
    pub fn part_path(&self, file: &Announced) -> PathBuf {
        self.folder.join(".parts").join(file.key())
    }

    /// What there is of a file. Reads a file of this name and size to its end.
    pub fn stored(&self, file: &Announced) -> Result<GetUploadResponse, Status> {
        if let Some(bytes) = found(fs::File::open(self.path(file)))? {
            let mut hasher = Sha256::new();
            let size = bytes.metadata().map_err(failed)?.len();
            if size == file.size {
                hash(&mut hasher, bytes).map_err(failed)?;
                if hasher.finalize() == file.sha256 {
                    return Ok(GetUploadResponse { stored: size, complete: true });
                }
            }
            return Err(file.taken());
        }
        let part = found(fs::metadata(self.part_path(file)))?;
        Ok(GetUploadResponse { stored: part.map_or(0, |it| it.len()), complete: false })
    }

    /// Puts the names on the disk.
    pub fn sync(&self) -> Result<(), Status> {
        // Windows has no such call, and needs none.
        if cfg!(unix) {
            fs::File::open(&self.folder).and_then(|it| it.sync_all()).map_err(failed)
        } else {
            Ok(())
        }
    }

    /// Drops the parts that are too old, and refuses one more than there may be.
    pub fn make_room(&self, file: &Announced) -> Result<(), Status> {
        // While this is borrowed nobody can claim a part: what is free now stays so.
        let claimed = self.claimed.borrow();
        let mut parts = claimed.clone();
        for part in fs::read_dir(self.folder.join(".parts")).map_err(failed)? {
            let part = part.map_err(failed)?;
            let key = part.file_name().to_string_lossy().into_owned();
            if claimed.contains(&key) {
                continue;
            }
            let changed = part.metadata().and_then(|it| it.modified()).map_err(failed)?;
            if changed.elapsed().is_ok_and(|age| age > self.limits.keep) {
                fs::remove_file(part.path()).map_err(failed)?;
            } else {
                parts.insert(key);
            }
        }
        parts.remove(&file.key());
        if parts.len() < self.limits.parts {
            return Ok(());
        }
        let why = format!("{} files are not complete, and there may be no more", parts.len());
        Err(Status::resource_exhausted(why))
    }
}
