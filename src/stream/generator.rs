//! A stream written as a sequence of sends.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use pin_project_lite::pin_project;
use tokio_stream::Stream;

use super::{
    channel::{End, Received, Receiver, Sender, channel},
    hand_over::lend,
};
use crate::call::keep;

/// A stream written as a sequence of sends.
///
/// `write` gets the [`Sender`] of the stream and returns the future that uses it. The stream polls
/// that future when its reader asks for a message, and only then: there is no task and no channel,
/// and one message at most is waiting. `Ok(())` ends the stream, and an error ends it with that
/// error, after the messages that were sent before it. A panic goes on in the reader, after these
/// messages too.
///
/// When the reader drops the stream, the future is dropped where it stands, at its `await`.
///
/// ```
/// use traitwire::{Status, stream_fn, StreamExt};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let powers = stream_fn(async |mut out| {
///     let mut power: i64 = 1;
///     for _ in 0..4 {
///         out.send(power).await?;
///         power *= 2;
///     }
///     Ok::<_, Status>(())
/// });
/// let powers: Vec<_> = powers.map(Result::unwrap).collect().await;
/// assert_eq!(powers, [1, 2, 4, 8]);
/// # }
/// ```
///
/// The sender may be moved into another task; the stream then ends when the future has ended and
/// the sender is dropped.
pub fn stream_fn<T, E, F, Fut>(write: F) -> impl Stream<Item = Result<T, E>>
where
    T: 'static,
    F: FnOnce(Sender<T, E>) -> Fut,
    Fut: Future<Output = Result<(), E>>,
{
    let (sender, core) = Core::new();
    StreamFn { writer: Some(write(sender)), core }
}

/// The one place of a stream, which it lends to its writer.
pub(super) struct Slot<T> {
    /// Which sender it is for.
    link: usize,
    message: Option<T>,
    /// Whose poll this is: a sender that waits with this waker is polled again with the writer.
    reader: WakerId,
    /// The sender that waits with another one, in a collection of futures for example.
    sender: Option<Waker>,
}

impl<T> Slot<T> {
    /// `None` where it is the slot of another sender than that of `link`.
    pub(super) fn poll_send(
        &mut self,
        link: usize,
        cx: &mut Context<'_>,
        message: &mut Option<T>,
    ) -> Option<Poll<()>> {
        if self.link != link {
            return None;
        }
        if self.message.is_none() {
            self.message = message.take();
            return Some(Poll::Ready(()));
        }
        if self.reader != WakerId::of(cx.waker()) {
            keep(&mut self.sender, cx.waker());
        }
        Some(Poll::Pending)
    }

    /// The message, and the sender that waits for its place.
    fn take(&mut self) -> Option<(T, Option<Waker>)> {
        Some((self.message.take()?, self.sender.take()))
    }
}

/// Tells wakers apart as [`Waker::will_wake`] does, without a clone to compare with.
#[derive(Default, PartialEq, Eq)]
struct WakerId {
    data: usize,
    vtable: usize,
}

impl WakerId {
    fn of(waker: &Waker) -> Self {
        Self { data: waker.data().addr(), vtable: std::ptr::from_ref(waker.vtable()).addr() }
    }
}

pin_project! {
    /// What [`stream_fn`] returns.
    struct StreamFn<T, E, Fut> {
        // `None` when it has ended.
        #[pin]
        writer: Option<Fut>,
        core: Core<T, E>,
    }
}

impl<T, E, Fut> Stream for StreamFn<T, E, Fut>
where
    T: 'static,
    Fut: Future<Output = Result<(), E>>,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        let mut this = self.project();
        let next = match this.writer.as_mut().as_pin_mut() {
            Some(writer) => this.core.poll_with(writer, cx),
            None => this.core.poll_next(cx),
        };
        if this.core.writer_has_ended {
            this.writer.set(None);
        }
        next
    }
}

/// What does not depend on the writer, so that it is compiled once for each type of message.
struct Core<T, E> {
    slot: Option<Box<Slot<T>>>,
    receiver: Receiver<T, E>,
    failure: Option<Failure<E>>,
    writer_has_ended: bool,
}

/// How a writer ended that did not end well.
enum Failure<E> {
    Error(E),
    Panic(Box<dyn Any + Send>),
}

impl<T: 'static, E> Core<T, E> {
    fn new() -> (Sender<T, E>, Self) {
        let (sender, receiver) = channel(1, true);
        let link = receiver.id();
        let slot = Slot { link, message: None, reader: WakerId::default(), sender: None };
        let (slot, failure) = (Some(Box::new(slot)), None);
        (sender, Self { slot, receiver, failure, writer_has_ended: false })
    }

    /// Lets the writer go on, and gives what it has sent.
    fn poll_with(
        &mut self,
        writer: Pin<&mut dyn Future<Output = Result<(), E>>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<T, E>>> {
        if let Some(slot) = &mut self.slot {
            slot.reader = WakerId::of(cx.waker());
        }
        // A writer that panicked is not polled again, so nobody sees what it left half-done.
        let poll = AssertUnwindSafe(|| writer.poll(cx));
        let failure = match lend(&mut self.slot, || catch_unwind(poll)) {
            Ok(Poll::Pending) => return self.poll_next(cx),
            Ok(Poll::Ready(result)) => result.err().map(Failure::Error),
            Err(panic) => Some(Failure::Panic(panic)),
        };
        self.writer_has_ended = true;
        if failure.is_some() {
            // This is the end, also when the sender lives on in another task.
            self.receiver.close();
            self.failure = failure;
        }
        self.poll_next(cx)
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        if let Some((message, sender)) = self.slot.as_mut().and_then(|slot| slot.take()) {
            if let Some(sender) = sender {
                sender.wake();
            }
            return Poll::Ready(Some(Ok(message)));
        }
        let end = match ready!(self.receiver.poll(cx)) {
            Received::Message(message) => return Poll::Ready(Some(Ok(message))),
            Received::End(end) => end,
        };
        match (self.failure.take(), end) {
            (Some(Failure::Error(error)), _) | (None, End::Failed(error)) => {
                // Nobody hears of a writer that goes on after its stream has failed.
                self.writer_has_ended = true;
                Poll::Ready(Some(Err(error)))
            }
            (Some(Failure::Panic(panic)), _) => resume_unwind(panic),
            (None, End::Panicked) => {
                panic!("the task that sends the messages of a stream panicked")
            }
            (None, End::InPeace) if self.writer_has_ended => Poll::Ready(None),
            // The sender is dropped, and the writer has not ended.
            (None, End::InPeace) => Poll::Pending,
        }
    }
}
