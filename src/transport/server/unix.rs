//! Unix sockets.

use std::{
    fs::{self, File},
    io,
    os::unix::{fs::FileTypeExt, net::UnixStream},
    path::Path,
    task::{Context, Poll, ready},
};

use rustix::{
    fs::{FlockOperation, flock},
    io::retry_on_intr,
};
use tokio::net::UnixListener;

use super::listener::Listener;
use crate::Peer;

impl Listener for UnixListener {
    type Io = tokio::net::UnixStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Self::Io, Peer)>> {
        let (stream, addr) = ready!(Self::poll_accept(self, cx))?;
        Poll::Ready(Ok((stream, Peer::unix(addr.as_pathname().map(Path::to_owned)))))
    }
}

/// Listens on a Unix socket at `path`.
///
/// A socket file that a server has left behind, and that nobody listens on, is replaced. Of several that
/// do this at once, in one process or in several, one gets the path: its folder is locked meanwhile
/// (`flock`). Who binds by other means is not kept out by that.
///
/// # Errors
///
/// `AddrInUse` where somebody listens there, or where the file is no socket; and those of the system.
///
/// ```no_run
/// # async fn example(server: traitwire::Server) -> Result<(), Box<dyn std::error::Error>> {
/// let listener = traitwire::bind_unix("/run/shop.sock")?;
/// server.serve(listener, traitwire::shutdown_signal()).await?;
/// # Ok(())
/// # }
/// ```
pub fn bind_unix(path: impl AsRef<Path>) -> io::Result<UnixListener> {
    let path = path.as_ref();
    // A socket looks dead between its `bind` and its `listen`, too.
    let _lock = lock(path.parent().unwrap_or(path))?;
    let in_use = match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => error,
        bound => return bound,
    };
    let is_socket = fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket());
    let is_dead = || {
        let connected = UnixStream::connect(path);
        connected.is_err_and(|it| it.kind() == io::ErrorKind::ConnectionRefused)
    };
    if !is_socket || !is_dead() {
        return Err(in_use);
    }
    fs::remove_file(path)?;
    UnixListener::bind(path)
}

/// Locks a folder until this is dropped. It leaves no file behind, as a file for the lock would.
fn lock(folder: &Path) -> io::Result<File> {
    let here = Path::new(".");
    let folder = File::open(if folder.as_os_str().is_empty() { here } else { folder })?;
    retry_on_intr(|| flock(&folder, FlockOperation::LockExclusive))?;
    Ok(folder)
}
