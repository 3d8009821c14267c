//! Who may work on a part: one upload at a time.

use std::{fs, sync::Arc, time::Duration};

use tokio::time::timeout;
use traitwire::Status;

use crate::{announced::Announced, disk::failed, part::Part, store::Store};

/// The right to work on the part of a file. Dropped, it is free for the next one.
pub struct Claim {
    /// Where the file goes.
    pub store: Arc<Store>,
    /// The file.
    pub file: Announced,
}

impl Claim {
    /// Waits for it.
    ///
    /// An upload whose caller vanished is given up when its patience is at its end. This waits a
    /// little longer than that, so whoever comes back gets the part.
    pub async fn wait(store: Arc<Store>, file: Announced) -> Result<Self, Status> {
        let key = file.key();
        let mut claimed = store.claimed.subscribe();
        let free = async {
            while !store.claimed.send_if_modified(|keys| keys.insert(key.clone())) {
                // This cannot fail: the sending end is in `store`.
                let _ = claimed.wait_for(|keys| !keys.contains(&key)).await;
            }
        };
        match timeout(store.limits().patience + Duration::from_secs(1), free).await {
            Ok(()) => Ok(Self { store, file }),
            Err(_) => Err(Status::aborted(format!("another upload of {} is running", file.name))),
        }
    }

    /// Opens the part, to go on at `offset`.
    pub fn open(self, offset: u64) -> Result<Part, Status> {
        if fs::exists(self.store.path(&self.file)).map_err(failed)? {
            return Err(self.file.taken());
        }
        self.store.make_room(&self.file)?;
        Part::open(self, offset)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let path = self.store.part_path(&self.file);
        match fs::metadata(&path).map(|it| it.len()) {
            // Nothing to go on with. If it cannot be removed now, it is when it is old.
            Ok(0) => drop(fs::remove_file(path)),
            Ok(kept) => println!("server: {kept} of {} bytes are kept", self.file.size),
            // It became the file, or it was discarded.
            Err(_) => {}
        }
        self.store.claimed.send_modify(|keys| {
            keys.remove(&self.file.key());
        });
    }
}
