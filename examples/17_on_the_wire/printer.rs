//! Standard output behind a queue, so that a slow terminal holds up nobody.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
};

use tokio::sync::oneshot;

/// How many bytes may wait for the terminal. What comes on top is dropped, and counted.
const ROOM: usize = 4 << 20;

/// The way to the terminal.
#[derive(Clone)]
pub(crate) struct Printer(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
}

#[derive(Default)]
struct Queue {
    text: String,
    dropped: usize,
}

impl Printer {
    /// Starts the thread that prints to `out`. The receiver is done when nobody reads `out` any more.
    pub(crate) fn start(
        mut out: impl Write + Send + 'static,
    ) -> (Self, oneshot::Receiver<io::Error>) {
        let shared = Arc::new(Shared { queue: Mutex::default(), filled: Condvar::new() });
        let (failed, closed) = oneshot::channel();
        let printer = Self(shared.clone());
        // It ends with the process: a write that waits for the terminal cannot be called back.
        thread::spawn(move || {
            loop {
                let text = shared.take();
                if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
                    let _ = failed.send(error);
                    return;
                }
            }
        });
        (printer, closed)
    }

    /// Prints whole lines, which stay together.
    pub(crate) fn print(&self, lines: &str) {
        let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.text.len() + lines.len() > ROOM {
            queue.dropped += lines.lines().count();
        } else {
            queue.text.push_str(lines);
        }
        self.0.filled.notify_one();
    }
}

impl Shared {
    /// Waits for something to print.
    fn take(&self) -> String {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let empty = |queue: &mut Queue| queue.text.is_empty() && queue.dropped == 0;
        let mut queue =
            self.filled.wait_while(queue, empty).unwrap_or_else(PoisonError::into_inner);
        let Queue { mut text, dropped } = std::mem::take(&mut *queue);
        if dropped > 0 {
            text += &format!("({dropped} lines dropped: the terminal is too slow)\n");
        }
        text
    }
}
