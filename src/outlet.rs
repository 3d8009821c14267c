//! A streaming answer: one future for the handler and for its stream.
//!
//! A stream may borrow the service, so neither can outlive the other, and Rust has no type for a
//! stream next to what it borrows. A future has: its own state. So the handler and the loop that
//! takes messages from its stream are one boxed future, and the messages reach the response body
//! through an [`Outlet`]. The call polls that future until the handler has its head, the response
//! headers; from then on the response body polls the same future. When the caller goes away the
//! body is dropped, and the handler with it, where it stands. Nothing is spawned.

use std::{
    collections::VecDeque,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio_stream::Stream;
use tonic::{Response, Status};

use crate::slot::lend::{lend, lent};

/// How many messages may wait in an outlet. Two of them halve the hand-over of one; more would let
/// a handler run ahead of a caller that does not read.
const READ_AHEAD: usize = 2;

/// Where the messages of a streaming answer leave the handler: a place that the [`Answer`] lends to
/// the handler while it polls it.
pub struct Outlet<U> {
    messages: PhantomData<fn(U)>,
}

struct Place<U> {
    /// Metadata and extensions of the answer, once the handler has them.
    head: Option<Response<()>>,
    ready: VecDeque<U>,
}

impl<U: 'static> Outlet<U> {
    fn place<R>(&self, look: impl FnOnce(&mut Place<U>) -> R) -> R {
        lent(look).expect("a handler is polled by its answer")
    }

    /// Sends the head, then every message, and ends with the stream.
    pub async fn respond<Items, E>(self, response: Response<Items>) -> Result<(), Status>
    where
        Items: Stream<Item = Result<U, E>>,
        E: Into<Status>,
    {
        let (metadata, items, extensions) = response.into_parts();
        self.place(|place| place.head = Some(Response::from_parts(metadata, (), extensions)));
        let mut items = std::pin::pin!(items);
        std::future::poll_fn(|cx| self.poll_forward(items.as_mut(), cx)).await
    }

    /// Takes what is ready. The body polls again when it has passed that on, so a full outlet needs
    /// no wake-up.
    fn poll_forward<Items, E>(
        &self,
        mut items: Pin<&mut Items>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Status>>
    where
        Items: Stream<Item = Result<U, E>>,
        E: Into<Status>,
    {
        for _ in 0..READ_AHEAD {
            match ready!(items.as_mut().poll_next(cx)) {
                Some(Ok(message)) => self.place(|place| place.ready.push_back(message)),
                Some(Err(error)) => return Poll::Ready(Err(error.into())),
                None => return Poll::Ready(Ok(())),
            }
        }
        Poll::Pending
    }
}

/// Starts a handler that answers with a stream.
pub(crate) fn open<U, F, Fut>(handler: F) -> Opening<U, Fut>
where
    F: FnOnce(Outlet<U>) -> Fut,
{
    let handler = Box::pin(handler(Outlet { messages: PhantomData }));
    let place = Box::new(Place { head: None, ready: VecDeque::new() });
    Opening(Some(Answer { handler: Some(handler), place: Some(place), error: None }))
}

/// The handler until it has its head. An error before that is the whole answer.
pub(crate) struct Opening<U, Fut>(Option<Answer<U, Fut>>);

impl<U, Fut> Unpin for Opening<U, Fut> {}

impl<U, Fut> Future for Opening<U, Fut>
where
    U: 'static,
    Fut: Future<Output = Result<(), Status>>,
{
    type Output = Result<Response<Answer<U, Fut>>, Status>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = self.0.as_mut().expect("polled after it was done");
        answer.poll_handler(cx);
        let head = answer.place().head.take();
        match (head, answer.handler.is_some()) {
            (Some(head), _) => {
                let (metadata, (), extensions) = head.into_parts();
                let answer = self.0.take().expect("it was there");
                Poll::Ready(Ok(Response::from_parts(metadata, answer, extensions)))
            }
            (None, true) => Poll::Pending,
            (None, false) => {
                let missing = || Status::internal("the handler ended without an answer");
                Poll::Ready(Err(answer.error.take().unwrap_or_else(missing)))
            }
        }
    }
}

/// The messages of a streaming answer, and the handler that they come from.
pub(crate) struct Answer<U, Fut> {
    /// `None` when it has ended.
    handler: Option<Pin<Box<Fut>>>,
    /// There, except while the handler is polled.
    place: Option<Box<Place<U>>>,
    error: Option<Status>,
}

impl<U, Fut> Unpin for Answer<U, Fut> {}

impl<U, Fut> Answer<U, Fut>
where
    U: 'static,
    Fut: Future<Output = Result<(), Status>>,
{
    fn place(&mut self) -> &mut Place<U> {
        self.place.as_mut().expect("the place is lent for the time of a poll only")
    }

    /// Lets the handler go on.
    fn poll_handler(&mut self, cx: &mut Context<'_>) {
        let Some(handler) = &mut self.handler else { return };
        if let Poll::Ready(result) = lend(&mut self.place, || handler.as_mut().poll(cx)) {
            self.handler = None;
            self.error = result.err();
        }
    }
}

impl<U, Fut> Stream for Answer<U, Fut>
where
    U: 'static,
    Fut: Future<Output = Result<(), Status>>,
{
    type Item = Result<U, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.place().ready.is_empty() {
            this.poll_handler(cx);
        }
        match this.place().ready.pop_front() {
            Some(message) => Poll::Ready(Some(Ok(message))),
            None if this.handler.is_some() => Poll::Pending,
            None => Poll::Ready(this.error.take().map(Err)),
        }
    }
}
