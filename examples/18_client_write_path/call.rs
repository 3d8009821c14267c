//! What the two halves of a call share: its stream, its deadline, its end.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};
use traitwire::{Code, Status};
use wire::frame::Reason;

use crate::{
    CallOptions, StreamDesc,
    http2_client::Http2Client,
    message::Encoding,
    stream::{End, Stream},
};

/// A call, until it is finished.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) transport: Arc<Http2Client>,
    pub(crate) stream: Arc<Stream>,
    pub(crate) desc: StreamDesc,
    deadline: Option<Instant>,
    pub(crate) encoding: Encoding,
    pub(crate) max_send: usize,
    pub(crate) max_recv: usize,
    finished: AtomicBool,
}

impl Call {
    pub(crate) fn new(
        transport: Arc<Http2Client>,
        stream: Arc<Stream>,
        desc: StreamDesc,
        deadline: Option<Instant>,
        options: &CallOptions,
    ) -> Self {
        let encoding = if options.compress { Encoding::Gzip } else { Encoding::Identity };
        let &CallOptions { max_send, max_recv, .. } = options;
        let finished = AtomicBool::new(false);
        Self { transport, stream, desc, deadline, encoding, max_send, max_recv, finished }
    }

    /// Does something that the deadline ends.
    pub(crate) async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, Status> {
        let Some(deadline) = self.deadline else { return Ok(work.await) };
        timeout_at(deadline, work).await.map_err(|_elapsed| {
            let status = deadline_exceeded();
            self.finish(&status);
            status
        })
    }

    /// Reads so many bytes of the stream, and returns the window for them.
    pub(crate) async fn read(&self, size: usize) -> Result<Bytes, End> {
        let Self { transport, stream, .. } = self;
        transport.update_window(stream.id, stream.adjust_window(size as u32));
        let read = stream.read(size).await;
        transport.update_window(stream.id, read.update);
        read.bytes
    }

    /// The end of the stream, where a message might have been.
    pub(crate) fn ended<T>(&self, end: End) -> Result<Option<T>, Status> {
        match end.status.code() {
            Code::Ok => Ok(None),
            // A server that gives up at the deadline may be faster than our clock.
            Code::Cancelled if self.deadline.is_some_and(|it| it <= Instant::now()) => {
                Err(deadline_exceeded())
            }
            _ => Err(end.status),
        }
    }

    /// The end of the stream in the middle of a message.
    pub(crate) fn cut_off<T>(&self, end: End) -> Result<Option<T>, Status> {
        self.ended::<T>(end)?;
        Err(Status::internal("the stream ended in the middle of a message"))
    }

    // 13. Once, however the call ends: the stream goes, and its quota is given back.
    pub(crate) fn finish(&self, status: &Status) {
        if self.finished.swap(true, Ordering::AcqRel) {
            return;
        }
        // A stream that the server has ended is not ended again.
        let end = End::from(status.clone());
        self.transport.close_stream(&self.stream, end, Some(Reason::CANCEL));
        wire::step!(13, "finish: {:?}", status.code());
    }
}

fn deadline_exceeded() -> Status {
    Status::deadline_exceeded("the deadline has passed")
}
