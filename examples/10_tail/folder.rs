//! The folder and its files.

use std::{
    io::{self, Read, Seek, SeekFrom},
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use same_file::Handle;
use traitwire::prost::bytes::Bytes;

use crate::watch::Watch;

/// The longest name that is looked up, in bytes; file systems allow no more.
const LONGEST_NAME: usize = 255;

/// A folder whose files are served.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Without symbolic links, to compare with.
    path: PathBuf,
    watch: Mutex<Weak<Watch>>,
}

impl Folder {
    /// The folder at `path`.
    pub(crate) fn new(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self { path: path.as_ref().canonicalize()?, watch: Mutex::default() })
    }

    /// Opens a file of the folder.
    pub(crate) async fn open(self: &Arc<Self>, name: &str) -> io::Result<LogFile> {
        let (folder, name) = (self.clone(), name.to_owned());
        blocking(move || folder.open_now(&name)).await
    }

    fn open_now(&self, name: &str) -> io::Result<LogFile> {
        let mut components = Path::new(name).components();
        let is_name = matches!(
            (components.next(), components.next()),
            (Some(Component::Normal(only)), None) if only == name
        );
        if !is_name || name.len() > LONGEST_NAME {
            return Err(invalid("not the name of a file in the folder"));
        }
        // A symbolic link may lead to another file of the folder: a current log is often one.
        let path = self.path.join(name).canonicalize()?;
        if path.parent() != Some(&self.path) {
            return Err(invalid("this leads out of the folder"));
        }
        // Before it is opened: to open a pipe is to wait for its writer.
        if !path.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "this is not a file"));
        }
        Ok(LogFile(Arc::new(Handle::from_path(path)?)))
    }

    /// Watches the folder, together with all who watch it now.
    pub(crate) async fn watch(self: &Arc<Self>) -> io::Result<Arc<Watch>> {
        let folder = self.clone();
        blocking(move || folder.watch_now().map_err(io::Error::other)).await
    }

    /// Each watcher takes a thread and, on Linux, one of the few inotify instances that a user may
    /// have. So all who follow share one.
    fn watch_now(&self) -> notify::Result<Arc<Watch>> {
        let mut shared = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watch) = shared.upgrade().filter(|watch| watch.is_live()) {
            return Ok(watch);
        }
        let watch = Arc::new(Watch::new(&self.path)?);
        *shared = Arc::downgrade(&watch);
        Ok(watch)
    }
}

/// An open file. It stays this one when its name goes to another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogFile(Arc<Handle>);

impl LogFile {
    /// How long it is.
    pub(crate) async fn len(&self) -> io::Result<u64> {
        let file = self.0.clone();
        blocking(move || Ok(file.as_file().metadata()?.len())).await
    }

    /// At most `length` bytes from `offset` on; fewer where the file ends.
    pub(crate) async fn read(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        let file = self.0.clone();
        blocking(move || {
            let mut file = file.as_file();
            // Where there is nothing, a file system may refuse to look.
            if offset >= file.metadata()?.len() {
                return Ok(Bytes::new());
            }
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = Vec::with_capacity(length);
            file.take(length as u64).read_to_end(&mut bytes)?;
            Ok(bytes.into())
        })
        .await
    }
}

/// Waits for the disk on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
