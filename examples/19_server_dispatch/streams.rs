//! The streams of one connection: each request becomes one (4), until the connection ends or the
//! server does (13).

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use h2::{
    Reason, RecvStream,
    server::{Connection, SendResponse},
};
use http::Request;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use traitwire::{Io, Peer};

use crate::{Server, call::Stream, headers::operate_headers, reply::Reply, server::Stopping};

/// How long a caller may take to answer the PING between the two GOAWAYs.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection after its handshake.
pub(crate) struct Transport<T> {
    server: Arc<Server>,
    connection: Connection<T, Bytes>,
    /// What is known of the caller: handlers find it in the extensions of their request.
    peer: Peer,
    /// A permit for each handler that may run.
    handler_quota: Arc<Semaphore>,
}

impl<T: Io> Transport<T> {
    pub(crate) fn new(server: Arc<Server>, connection: Connection<T, Bytes>, peer: Peer) -> Self {
        let handlers = server.options.max_concurrent_streams as usize;
        Self { server, connection, peer, handler_quota: Arc::new(Semaphore::new(handlers)) }
    }

    /// Serves the connection to its end, and waits for its handlers.
    pub(crate) async fn run(mut self) {
        let handlers = self.server.options.max_concurrent_streams;
        let (gracefully, now) =
            (self.server.stops(Stopping::Gracefully), self.server.stops(Stopping::Now));
        let served = async {
            tokio::select! {
                () = self.handle_streams() => return,
                () = gracefully => {}
            }
            self.drain().await;
        };
        tokio::select! {
            () = served => {}
            () = now => self.close().await,
        }
        // Handlers whose caller is gone are dropped when they next wait.
        drop(self.connection);
        // It cannot fail: the semaphore is not closed.
        let _ = self.handler_quota.acquire_many(handlers).await;
    }

    // 4. Takes the streams that the caller opens, and leaves each to a worker.
    async fn handle_streams(&mut self) {
        while let Some((permit, request, respond)) = self.next_stream().await {
            wire::step!(4, "handle_streams: stream {}", respond.stream_id().as_u32());
            self.begin_stream(permit, request, respond);
        }
    }

    /// The next stream, when there is a handler free for it: that a caller resets a stream does not
    /// free one, for its handler may still run. Until then the connection goes on with the streams
    /// that it has; `h2` keeps new ones, and ends the connection of who resets too many of these.
    async fn next_stream(
        &mut self,
    ) -> Option<(OwnedSemaphorePermit, Request<RecvStream>, SendResponse<Bytes>)> {
        let Self { connection, handler_quota, .. } = self;
        let permit = tokio::select! {
            permit = handler_quota.clone().acquire_owned() => permit.ok()?,
            _ = poll_fn(|cx| connection.poll_closed(cx)) => return None,
        };
        // A connection that breaks is at its end, and its handlers see that by themselves.
        let (request, respond) = connection.accept().await?.ok()?;
        Some((permit, request, respond))
    }

    fn begin_stream(
        &self,
        permit: OwnedSemaphorePermit,
        request: Request<RecvStream>,
        respond: SendResponse<Bytes>,
    ) {
        let (mut head, body) = request.into_parts();
        match operate_headers(&head) {
            Ok(headers) => {
                head.extensions.insert(self.peer.clone());
                let stream = Stream { headers, head, body, reply: Reply::new(respond) };
                let server = self.server.clone();
                self.server.workers.dispatch(async move {
                    let _permit = permit;
                    stream.handle_stream(&server).await;
                });
            }
            Err(abort) => Reply::new(respond).early_abort(&abort),
        }
    }

    // 13. Ends the connection when its streams have ended.
    //
    // The first GOAWAY asks the caller to open no more streams, and allows for those that are on
    // their way: its last stream is 2^31 - 1. The answer to the PING after it says that none is on
    // its way any more, and the second GOAWAY names the last one. `h2` sends all three
    // (`Connection::graceful_shutdown`); it waits for the answer for ever, and we do not.
    async fn drain(&mut self) {
        wire::step!(13, "drain: GOAWAY, PING");
        self.connection.graceful_shutdown();
        if timeout(PATIENCE, self.handle_streams()).await.is_err() {
            self.refuse_streams().await;
        }
    }

    // 13. Waits for the streams that there are, and then says the second GOAWAY in any case.
    async fn refuse_streams(&mut self) {
        let mut said = false;
        poll_fn(|cx| {
            loop {
                let accepted = pin!(self.connection.accept()).poll(cx);
                match accepted {
                    // A caller may try it again elsewhere: nobody has seen it here.
                    Poll::Ready(Some(Ok((_, mut respond)))) => {
                        respond.send_reset(Reason::REFUSED_STREAM);
                    }
                    Poll::Ready(_) => return Poll::Ready(()),
                    Poll::Pending if said || self.connection.has_streams() => return Poll::Pending,
                    Poll::Pending => {
                        self.connection.abrupt_shutdown(Reason::NO_ERROR);
                        said = true;
                    }
                }
            }
        })
        .await;
    }

    /// Says goodbye, if the socket takes it, and waits for nothing.
    async fn close(&mut self) {
        self.connection.abrupt_shutdown(Reason::NO_ERROR);
        poll_fn(|cx| {
            let _ = self.connection.poll_closed(cx);
            Poll::Ready(())
        })
        .await;
    }
}
