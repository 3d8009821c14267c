//! 8. The messages of a request, as their service reads them.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::RecvStream;
use http_body::Frame;
use tokio::sync::oneshot;
use traitwire::Status;

use crate::message::Unpack;

/// A body for a service, in the place of the one that came.
pub(crate) struct Messages {
    body: RecvStream,
    unpack: Unpack,
    /// Who is told what is wrong with a message.
    fail: Option<oneshot::Sender<Status>>,
}

impl Messages {
    pub(crate) fn new(body: RecvStream, unpack: Unpack, fail: oneshot::Sender<Status>) -> Self {
        Self { body, unpack, fail: Some(fail) }
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Status>> {
        loop {
            if let Some(message) = self.unpack.next()? {
                return Poll::Ready(Ok(Some(message)));
            }
            match ready!(self.body.poll_data(cx)) {
                Some(Ok(data)) => {
                    self.unpack.push(&data);
                    // The handler reads, so the caller may go on. It fails when the caller is gone.
                    let _ = self.body.flow_control().release_capacity(data.len());
                }
                Some(Err(error)) => {
                    return Poll::Ready(Err(Status::cancelled(error.to_string())));
                }
                None => return Poll::Ready(self.unpack.finish().map(|()| None)),
            }
        }
    }
}

impl http_body::Body for Messages {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let message = ready!(self.poll_message(cx));
        if let Err(status) = &message
            && let Some(fail) = self.fail.take()
        {
            // Where the call is over, somebody else may read on.
            let _ = fail.send(status.clone());
        }
        Poll::Ready(message.map(|it| it.map(Frame::data)).transpose())
    }
}
