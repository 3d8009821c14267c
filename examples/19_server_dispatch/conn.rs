//! Connections: the handshake (2), and the registry (3, 12).

use std::{collections::BTreeSet, sync::Arc};

use tokio::{sync::watch, time::timeout};
use traitwire::{Io, Peer};

use crate::{Server, server::Stopping, streams::Transport};

// 2. Shakes hands with a caller, and then serves the calls of the connection until it ends.
//
// grpc-go also waits here for the first SETTINGS of the caller; `h2` takes them when they come.
pub(crate) async fn handle_raw_conn(server: Arc<Server>, io: impl Io, peer: Peer) {
    let handshake = server.options.http2().handshake(io);
    let handshake = timeout(server.options.connection_timeout, handshake);
    let connection = tokio::select! {
        biased;
        () = server.stops(Stopping::Gracefully) => return,
        connection = handshake => connection,
    };
    // Who says nothing, or something else, is not answered: it does not speak HTTP/2.
    let Ok(Ok(connection)) = connection else { return };
    wire::step!(2, "handshake");

    // From here on the connection is waited for when the server stops.
    let Some(_registered) = server.connections.add_conn() else { return };
    Transport::new(server.clone(), connection, peer).run().await;
}

/// The connections that there are.
#[derive(Default)]
pub(crate) struct Connections(watch::Sender<Registry>);

#[derive(Default)]
struct Registry {
    open: BTreeSet<u64>,
    next: u64,
    /// Nobody comes in any more.
    closed: bool,
}

impl Connections {
    // 3. Registers a connection, unless the server has stopped meanwhile.
    pub(crate) fn add_conn(&self) -> Option<Registered<'_>> {
        let mut added = None;
        self.0.send_if_modified(|registry| {
            if !registry.closed {
                added = Some(registry.next);
                registry.open.insert(registry.next);
                registry.next += 1;
            }
            added.is_some()
        });
        let id = added?;
        wire::step!(3, "add_conn");
        Some(Registered { connections: self, id })
    }

    // 12. The connection is over, and so are all of its handlers.
    fn remove_conn(&self, id: u64) {
        wire::step!(12, "remove_conn");
        self.0.send_modify(|registry| {
            registry.open.remove(&id);
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.0.borrow().open.len()
    }

    /// Lets nobody in any more, and waits until all have gone.
    pub(crate) async fn none_is_left(&self) {
        self.0.send_modify(|registry| registry.closed = true);
        // It cannot fail: the sender is here.
        drop(self.0.subscribe().wait_for(|registry| registry.open.is_empty()).await);
    }
}

/// A connection in the registry. Dropping it is its removal, so that none is forgotten.
pub(crate) struct Registered<'a> {
    connections: &'a Connections,
    id: u64,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.connections.remove_conn(self.id);
    }
}
