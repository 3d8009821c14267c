//! Accepting, whatever happens.

use std::{future::poll_fn, io, time::Duration};

use super::Listener;

/// The first pause after a failure. It doubles up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);

/// The next connection, however often the listener fails before.
pub(super) async fn accept<K: Listener>(listener: &mut K) -> K::Io {
    let mut pause = SHORTEST;
    loop {
        match poll_fn(|cx| listener.poll_accept(cx)).await {
            Ok(io) => return io,
            // That caller is out of the backlog, and the next one need not wait for him.
            Err(error) if is_of_one_connection(&error) => {}
            // The process has no file left, or the kernel no memory. That takes its time.
            Err(_) => {
                tokio::time::sleep(pause).await;
                pause = LONGEST.min(pause * 2);
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
