//! A streaming answer: one future for the handler and for its stream.
//!
//! A stream may borrow the service, so neither can outlive the other, and Rust has no type for a
//! stream next to what it borrows. A future has: its own state. So the handler and the loop that takes
//! messages from its stream are one boxed future, which encodes the messages into what is
//! [`Ready`] for the transport. Nothing is spawned.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tokio_stream::Stream;
use tonic::{Response, Status};

use super::call::Ready;
use crate::{
    Message,
    call::lock,
    codec::{Writer, write_ready},
    status::IntoStatus,
};

/// Where the messages of a streaming answer leave the handler.
pub struct ResponseStream {
    ready: Arc<Mutex<Ready>>,
    writer: Writer,
}

impl ResponseStream {
    /// The stream, and where its messages will be.
    pub(crate) fn open(writer: Writer, ready: Arc<Mutex<Ready>>) -> (Self, Arc<Mutex<Ready>>) {
        (Self { ready: Arc::clone(&ready), writer }, ready)
    }

    /// Sends every message, and ends with the stream.
    pub fn messages<Items>(self, items: Items) -> Responding<Items> {
        Responding { items, out: self }
    }

    /// Sends the head, then every message, and ends with the stream.
    pub fn respond<Items>(self, response: Response<Items>) -> Responding<Items> {
        let (metadata, items, extensions) = response.into_parts();
        lock(&self.ready).head = Some(Response::from_parts(metadata, (), extensions));
        Responding { items, out: self }
    }

    /// Takes what the stream has ready.
    ///
    /// The lock is held while the stream is polled: nobody else looks before that is over, and what
    /// was encoded is there also when the stream panics.
    fn poll<U: Message, E: IntoStatus>(
        &self,
        items: Pin<&mut dyn Stream<Item = Result<U, E>>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Status>> {
        let mut ready = lock(&self.ready);
        if !ready.has_begun {
            ready.has_begun = true;
            ready.head.get_or_insert_with(|| Response::new(()));
        }
        write_ready(items, cx, &self.writer, &mut ready.messages)
    }
}

pin_project! {
    /// A stream while its messages are encoded.
    pub struct Responding<Items> {
        #[pin]
        items: Items,
        out: ResponseStream,
    }
}

impl<Items, U, E> Future for Responding<Items>
where
    Items: Stream<Item = Result<U, E>>,
    U: Message,
    E: IntoStatus,
{
    type Output = Result<(), Status>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.out.poll(this.items, cx)
    }
}
