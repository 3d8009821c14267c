//! The watch on the folder.

use std::path::Path;

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Result, Watcher, event::ModifyKind,
};
use tokio::sync::watch;

/// A watched folder, for as long as somebody holds this.
///
/// The folder is watched and not the file: a rotation is a matter of names, and names are what a
/// folder consists of. A file system that tells of no changes, as many on a network do, needs
/// `notify::PollWatcher` here.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Dropping it ends the watching.
    _watcher: RecommendedWatcher,
    changes: watch::Receiver<()>,
}

impl Watch {
    /// Watches the folder at `path`.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        let (changed, changes) = watch::channel(());
        let (mut changed, folder) = (Some(changed), path.to_owned());
        // What happened is a hint and no more, so it is not passed on: events may be coalesced, late
        // or, when there are too many of them, lost, and an error may stand for any of them.
        let mut watcher = notify::recommended_watcher(move |event: Result<Event>| match event {
            Ok(event) if is_end(&event, &folder) => changed = None,
            Ok(event) if !is_change(&event, &folder) => {}
            Ok(_) | Err(_) => {
                if let Some(changed) = &changed {
                    changed.send_replace(());
                }
            }
        })?;
        watcher.watch(path, RecursiveMode::NonRecursive)?;
        if let Some(parent) = path.parent() {
            // On Linux a removed folder says nothing itself while a file of it is open, but the one
            // that it was in does. Where that may not be watched, the end is not told of.
            let _ = watcher.watch(parent, RecursiveMode::NonRecursive);
        }
        Ok(Self { _watcher: watcher, changes })
    }

    /// Whether the folder is still there.
    pub(crate) fn is_live(&self) -> bool {
        self.changes.has_changed().is_ok()
    }

    /// Changes from now on, any number of them as one. Ends with the watching.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        let mut changes = self.changes.clone();
        changes.mark_unchanged();
        changes
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        println!("server: nobody follows any more, the watcher goes");
    }
}

/// Whether the folder itself was removed or renamed.
fn is_end(event: &Event, folder: &Path) -> bool {
    matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)))
        && event.paths.first().is_some_and(|path| path == folder)
}

/// Whether a file of the folder may have changed. An event without a path says that others were
/// lost; an access is what the server's own reading is, and must not lead to more of it.
pub(crate) fn is_change(event: &Event, folder: &Path) -> bool {
    let is_here = event.paths.iter().any(|path| path.starts_with(folder));
    !event.kind.is_access() && (is_here || event.paths.is_empty())
}
