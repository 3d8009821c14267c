//! The hand-over between one sender and one reader.
//!
//! One mechanism serves [`stream_fn`] (one place, the sender inside the stream) and
//! [`Streaming::channel`](crate::Streaming::channel) (`n` places, the sender in the caller's hands).
//!
//! There are two ways across. A [`Link`] has a lock, and connects any two tasks. A [`Slot`] has
//! none: a stream lends it to the future that it polls, and a sender that is polled in there finds
//! it. A sender that is once polled anywhere else keeps to the link from then on, so that its
//! messages cannot overtake each other.

use std::{
    any::Any,
    collections::VecDeque,
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use pin_project_lite::pin_project;
use tokio_stream::Stream;

use self::lend::{lend, lent};

pub(crate) mod lend;

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
///         out.send(power).await;
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
    F: FnOnce(Sender<T>) -> Fut,
    Fut: Future<Output = Result<(), E>>,
{
    let (mut sender, receiver) = channel(1);
    sender.inside = true;
    let slot =
        Slot { link: receiver.link.id(), message: None, reader: WakerId::default(), sender: None };
    StreamFn { writer: Some(write(sender)), slot: Some(Box::new(slot)), receiver, failure: None }
}

/// The sending end of a stream. The stream ends when this is dropped.
///
/// So a caller that gives up a call drops the call first, and then this: the other way round the
/// server may see an end that was none. Where one task does both, `tokio::join!(call, send)` drops
/// them in this order.
///
/// There is one sender to a stream: `send` borrows it for as long as it waits, so that two sends at
/// once do not compile and messages keep their order.
///
/// ```compile_fail,E0499
/// # async fn two_at_once(mut out: traitwire::Sender<u32>) {
/// let first = out.send(1);
/// let second = out.send(2);
/// tokio::join!(first, second);
/// # }
/// ```
pub struct Sender<T> {
    link: Arc<Link<T>>,
    /// Whether every message so far was sent inside the stream, through its slot.
    inside: bool,
}

impl<T: 'static> Sender<T> {
    /// Waits for a free place and puts `message` there. `false`: nobody reads any more, and the
    /// message is gone.
    ///
    /// Cancel-safe in this sense: when the future is dropped before it is done, the message was not
    /// put in place and is dropped too. Nothing is delivered twice, and no place is kept.
    ///
    /// ```
    /// use traitwire::Streaming;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (mut sender, orders) = Streaming::<u32>::channel(1);
    /// assert!(sender.send(7).await);
    /// drop(orders);
    /// assert!(!sender.send(8).await);
    /// # }
    /// ```
    pub async fn send(&mut self, message: T) -> bool {
        let mut message = Some(message);
        std::future::poll_fn(|cx| self.poll_send(cx, &mut message)).await
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, message: &mut Option<T>) -> Poll<bool> {
        if self.inside {
            let id = self.link.id();
            let polled =
                lent(|slot: &mut Slot<T>| (slot.link == id).then(|| slot.poll_send(cx, message)));
            match polled.flatten() {
                Some(polled) => return polled,
                None => self.inside = false,
            }
        }
        self.link.poll_send(cx, message)
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut places = self.link.places();
        places.sender_gone = true;
        let reader = places.reader.take();
        drop(places);
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

/// A sender and a receiver with `capacity` places between them, one at least.
pub(crate) fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let link = Arc::new(Link {
        places: Mutex::new(Places {
            queue: VecDeque::new(),
            capacity: capacity.max(1),
            sender: None,
            reader: None,
            sender_gone: false,
            closed: false,
        }),
    });
    (Sender { link: link.clone(), inside: false }, Receiver { link })
}

struct Link<T> {
    places: Mutex<Places<T>>,
}

struct Places<T> {
    queue: VecDeque<T>,
    capacity: usize,
    /// The sender that waits for a free place.
    sender: Option<Waker>,
    /// The reader that waits for a message.
    reader: Option<Waker>,
    sender_gone: bool,
    /// What is there may be read, and nothing may be added.
    closed: bool,
}

/// Keeps `waker` to be woken.
fn keep(place: &mut Option<Waker>, waker: &Waker) {
    match place {
        Some(kept) => kept.clone_from(waker),
        None => *place = Some(waker.clone()),
    }
}

impl<T> Link<T> {
    fn places(&self) -> MutexGuard<'_, Places<T>> {
        // No code of the user runs while the lock is held, so a poisoned lock guards sound data.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_send(&self, cx: &mut Context<'_>, message: &mut Option<T>) -> Poll<bool> {
        let mut places = self.places();
        if places.closed {
            return Poll::Ready(false);
        }
        if places.queue.len() == places.capacity {
            keep(&mut places.sender, cx.waker());
            return Poll::Pending;
        }
        places.queue.extend(message.take());
        let reader = places.reader.take();
        drop(places);
        if let Some(reader) = reader {
            reader.wake();
        }
        Poll::Ready(true)
    }

    /// Takes no message from now on.
    fn close(&self) {
        let mut places = self.places();
        places.closed = true;
        let sender = places.sender.take();
        drop(places);
        if let Some(sender) = sender {
            sender.wake();
        }
    }

    /// Tells links apart.
    fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

/// The reading end.
pub(crate) struct Receiver<T> {
    link: Arc<Link<T>>,
}

impl<T> Receiver<T> {
    /// The next message; `None` when all was read and no more can come.
    fn poll_message(&self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut places = self.link.places();
        let Some(message) = places.queue.pop_front() else {
            if places.sender_gone || places.closed {
                return Poll::Ready(None);
            }
            keep(&mut places.reader, cx.waker());
            return Poll::Pending;
        };
        let sender = places.sender.take();
        drop(places);
        if let Some(sender) = sender {
            sender.wake();
        }
        Poll::Ready(Some(message))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.link.close();
        let unread = std::mem::take(&mut self.link.places().queue);
        drop(unread);
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_message(cx)
    }
}

/// The one place of a stream, which it lends to its writer.
struct Slot<T> {
    /// Which sender it is for.
    link: usize,
    message: Option<T>,
    /// Whose poll this is: a sender that waits with this waker is polled again with the writer.
    reader: WakerId,
    /// The sender that waits with another one, in a collection of futures for example.
    sender: Option<Waker>,
}

impl<T> Slot<T> {
    fn poll_send(&mut self, cx: &mut Context<'_>, message: &mut Option<T>) -> Poll<bool> {
        if self.message.is_none() {
            self.message = message.take();
            return Poll::Ready(true);
        }
        if self.reader != WakerId::of(cx.waker()) {
            keep(&mut self.sender, cx.waker());
        }
        Poll::Pending
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
        #[pin]
        writer: Option<Fut>,
        slot: Option<Box<Slot<T>>>,
        receiver: Receiver<T>,
        failure: Option<Failure<E>>,
    }
}

/// How a writer ended that did not end well.
enum Failure<E> {
    Error(E),
    Panic(Box<dyn Any + Send>),
}

impl<T, E, Fut> Stream for StreamFn<T, E, Fut>
where
    T: 'static,
    Fut: Future<Output = Result<(), E>>,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        let mut this = self.project();
        if let Some(writer) = this.writer.as_mut().as_pin_mut() {
            if let Some(slot) = this.slot {
                slot.reader = WakerId::of(cx.waker());
            }
            // A writer that panicked is not polled again, so nobody sees what it left half-done.
            let poll = AssertUnwindSafe(|| writer.poll(cx));
            let ended = match lend(this.slot, || catch_unwind(poll)) {
                Ok(Poll::Pending) => None,
                Ok(Poll::Ready(result)) => Some(result.map_err(Failure::Error)),
                Err(panic) => Some(Err(Failure::Panic(panic))),
            };
            if let Some(result) = ended {
                this.writer.set(None);
                if let Err(failure) = result {
                    // This is the end, also when the sender lives on in another task.
                    this.receiver.link.close();
                    *this.failure = Some(failure);
                }
            }
            if let Some((message, sender)) = this.slot.as_mut().and_then(|slot| slot.take()) {
                if let Some(sender) = sender {
                    sender.wake();
                }
                return Poll::Ready(Some(Ok(message)));
            }
        }
        match this.receiver.poll_message(cx) {
            Poll::Ready(Some(message)) => Poll::Ready(Some(Ok(message))),
            Poll::Ready(None) if this.writer.is_none() => match this.failure.take() {
                Some(Failure::Error(error)) => Poll::Ready(Some(Err(error))),
                Some(Failure::Panic(panic)) => resume_unwind(panic),
                None => Poll::Ready(None),
            },
            _ => Poll::Pending,
        }
    }
}
