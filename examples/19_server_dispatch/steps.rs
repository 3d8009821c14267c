//! The steps of the server, printed.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use tokio::sync::watch;
use wire::steps::tracing::subscriber::set_global_default;
use workbook::Result;

/// Prints the steps that the server takes, when they are to be seen.
pub(crate) struct Steps {
    shown: Arc<AtomicBool>,
    last: watch::Receiver<u64>,
}

impl Steps {
    /// Looks at the steps of this process.
    pub(crate) fn install() -> Result<Self> {
        let shown = Arc::new(AtomicBool::new(false));
        let (taken, last) = watch::channel(0);
        let prints = shown.clone();
        set_global_default(wire::steps::Steps::new(move |n, text| {
            if prints.load(Relaxed) {
                // A step may be a drop, where a closed pipe must not panic.
                let _ = writeln!(io::stdout(), "server [{n}] {text}");
                taken.send_replace(n);
            }
        }))?;
        Ok(Self { shown, last })
    }

    /// Shows the steps from here on, or hides them.
    pub(crate) fn show(&self, shown: bool) {
        self.shown.store(shown, Relaxed);
    }

    /// Waits until this is the last step that was shown.
    pub(crate) async fn until(&mut self, n: u64) -> Result {
        self.last.wait_for(|last| *last == n).await?;
        Ok(())
    }
}
