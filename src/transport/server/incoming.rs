//! The body of a request, for tower services.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::Frame;
use tonic::Status;

use super::engine::RequestRest;
use crate::call::{Source, lock};

/// The rest of a request in two hands: the handler reads it, and when that has ended, the connection
/// reads what is left.
pub(super) struct Shared<R>(pub(super) Arc<Mutex<R>>);

impl<R: RequestRest> Source for Shared<R> {
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        lock(&self.0).poll_data(cx)
    }
}

/// The body of a request that a [`Server`](crate::Server) received.
pub struct Incoming {
    /// `None` at the end.
    source: Option<Box<dyn Source>>,
}

impl Incoming {
    /// A body without a byte, where the request has ended with its head.
    pub(super) fn empty() -> Self {
        Self { source: None }
    }

    pub(super) fn new(source: impl Source + 'static) -> Self {
        Self { source: Some(Box::new(source)) }
    }
}

impl http_body::Body for Incoming {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(source) = &mut self.source else { return Poll::Ready(None) };
        let polled = source.poll_data(cx);
        if let Poll::Ready(None) = polled {
            self.source = None;
        }
        polled.map(|data| data.map(|data| data.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.source.is_none()
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").finish_non_exhaustive()
    }
}
