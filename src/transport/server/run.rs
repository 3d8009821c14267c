//! The server while it runs: it accepts connections, and in the end waits for their calls.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
};

use bytes::Bytes;
use tokio::{sync::watch, task::JoinSet, time::timeout};

use super::{
    Io, Listener, TARGET,
    accept::Acceptor,
    app::App,
    connection::{Connection, End, LAST_WORDS, Phase},
    h2::H2,
    opening::{self, Opened},
    serving::ConnectionState,
    socket::{Socket, Watch},
};
use crate::server::{ConnectionInfo, ServerShutdown};

/// Serves all who connect.
pub(super) async fn run(
    app: Arc<App>,
    listener: impl Listener,
    shutdown: impl Future<Output = ()>,
    draining: watch::Sender<bool>,
) {
    let (phase, _) = watch::channel(Phase::Serving);
    let mut connections = JoinSet::new();
    let mut acceptor = Acceptor::new(listener);
    let mut shutdown = pin!(shutdown);
    loop {
        let has_room = connections.len() < app.limits.max_connections;
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            (io, peer) = poll_fn(|cx| acceptor.poll_accept(cx)), if has_room => {
                let shutdown = ServerShutdown(draining.subscribe());
                let info = ConnectionInfo { peer, shutdown };
                connections.spawn(connect(Arc::clone(&app), io, info, phase.subscribe()));
                if connections.len() == app.limits.max_connections {
                    let limit = app.limits.max_connections;
                    tracing::warn!(target: TARGET, limit, "as many connections as there may be: no more are accepted");
                }
            }
        }
    }
    drop(acceptor);
    draining.send_replace(true);
    phase.send_replace(Phase::Draining);
    let mut ended = pin!(async { while connections.join_next().await.is_some() {} });
    if timeout(app.limits.drain_timeout, ended.as_mut()).await.is_err() {
        phase.send_replace(Phase::Ending);
        // What hangs in its socket is dropped with the set.
        let _ = timeout(2 * LAST_WORDS, ended).await;
    }
}

/// Serves a connection to its end.
async fn connect<I: Io>(
    app: Arc<App>,
    io: I,
    mut info: ConnectionInfo,
    mut phase: watch::Receiver<Phase>,
) {
    let opened = opening::open(io, &app, &mut info.peer);
    let opened = tokio::select! {
        opened = timeout(app.limits.preface_timeout, opened) => opened,
        // It has no call to wait for.
        _ = phase.wait_for(|phase| *phase != Phase::Serving) => return,
    };
    match opened {
        Ok(Ok(Opened::Plain(io, bytes))) => serve(app, io, bytes, info, phase).await,
        #[cfg(feature = "tls-no-provider")]
        Ok(Ok(Opened::Tls(io, bytes))) => serve(app, io, bytes, info, phase).await,
        Ok(Err(reason)) => {
            tracing::debug!(target: TARGET, peer = %info.peer, %reason, "a connection was refused");
        }
        Err(_) => {
            let reason = "its caller has not begun in time";
            tracing::debug!(target: TARGET, peer = %info.peer, reason, "a connection was refused");
        }
    }
}

/// Serves the calls of a connection.
async fn serve<I: Io>(
    app: Arc<App>,
    io: I,
    begun: Bytes,
    info: ConnectionInfo,
    phase: watch::Receiver<Phase>,
) {
    let limits = &app.limits;
    let watch = Watch::new();
    let streams = limits.http2.max_concurrent_streams;
    let patience = limits.write_timeout;
    let socket = Socket::new(io, begun, Arc::clone(&watch), patience, streams);
    let engine = H2::new(socket, Arc::clone(&watch), limits);
    let peer = info.peer.clone();
    let watched = app
        .monitor
        .as_ref()
        .map(|monitor| monitor.watch(info.peer.clone(), Arc::clone(&app.routes), streams as usize));
    let state = ConnectionState::new(info, watched);
    let connection = Connection::new(engine, Arc::clone(&app), state, watch, phase);
    let reason = match connection.run().await {
        End::Peace => return,
        End::Failed(reason) => reason,
        End::Gone => "its caller answers no PING".to_owned(),
        End::Cut => "its calls were cut".to_owned(),
    };
    tracing::debug!(target: TARGET, %peer, %reason, "a connection was cut");
}
