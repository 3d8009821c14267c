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
    client_stream::StreamDesc, http2_client::Http2Client, message::Encoding, stream::Stream,
};

/// A call, until it is finished.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) transport: Arc<Http2Client>,
    pub(crate) stream: Arc<Stream>,
    pub(crate) desc: StreamDesc,
    pub(crate) deadline: Option<Instant>,
    pub(crate) encoding: Encoding,
    pub(crate) finished: AtomicBool,
}

impl Call {
    /// Does something that the deadline ends.
    pub(crate) async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, Status> {
        let done = by(self.deadline, work).await;
        done.inspect_err(|status| self.finish(status))
    }

    /// Reads so many bytes of the stream, and returns the window for them.
    pub(crate) async fn read(&self, size: usize) -> Result<Bytes, Status> {
        let Self { transport, stream, .. } = self;
        transport.update_window(stream.id, stream.adjust_window(size));
        let (bytes, update) = stream.read(size).await?;
        transport.update_window(stream.id, update);
        Ok(bytes)
    }

    /// The end of the stream, where a message might have been.
    pub(crate) fn ended<T>(&self, end: Status) -> Result<Option<T>, Status> {
        match end.code() {
            Code::Ok => Ok(None),
            // A server that gives up at the deadline may be faster than our clock.
            Code::Cancelled if self.deadline.is_some_and(|it| it <= Instant::now()) => {
                Err(deadline_exceeded())
            }
            _ => Err(end),
        }
    }

    /// The end of the stream in the middle of a message.
    pub(crate) fn cut_off<T>(&self, end: Status) -> Result<Option<T>, Status> {
        self.ended::<T>(end)?;
        Err(Status::internal("the stream ended in the middle of a message"))
    }

    // 13. Once, however the call ends: the stream goes, and its quota is given back.
    pub(crate) fn finish(&self, status: &Status) {
        if self.finished.swap(true, Ordering::AcqRel) {
            return;
        }
        // A stream that the server has ended is not ended again.
        self.transport.close_stream(&self.stream, status.clone(), Some(Reason::CANCEL));
        wire::step!(13, "finish: {:?}", status.code());
    }
}

/// Does something that the deadline ends, if there is one.
pub(crate) async fn by<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = T>,
) -> Result<T, Status> {
    let Some(deadline) = deadline else { return Ok(work.await) };
    timeout_at(deadline, work).await.map_err(|_elapsed| deadline_exceeded())
}

fn deadline_exceeded() -> Status {
    Status::deadline_exceeded("the deadline has passed")
}
