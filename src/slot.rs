//! The hand-over between one sender and one reader.
//!
//! One mechanism serves [`stream_fn`] (one place, the sender inside the stream) and
//! [`Streaming::channel`](crate::Streaming::channel) (`n` places, the sender in the caller's hands).

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
};

use pin_project_lite::pin_project;
use tokio_stream::Stream;

/// A stream written as a sequence of sends.
///
/// `write` gets the [`Sender`] of the stream and returns the future that uses it. The stream polls
/// that future when its reader asks for a message, and only then: there is no task and no channel,
/// and one message at most is waiting. `Ok(())` ends the stream, and an error ends it with that
/// error, after the messages that were sent before it.
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
    F: FnOnce(Sender<T>) -> Fut,
    Fut: Future<Output = Result<(), E>>,
{
    let (sender, receiver) = channel(1);
    StreamFn { writer: Some(write(sender)), receiver, error: None }
}

/// The sending end of a stream. The stream ends when this is dropped.
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
}

impl<T> Sender<T> {
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
        std::future::poll_fn(|cx| self.link.poll_send(cx, &mut message)).await
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
        polled_by_reader: AtomicBool::new(false),
        places: Mutex::new(Places {
            queue: VecDeque::new(),
            capacity: capacity.max(1),
            sender: None,
            reader: None,
            sender_gone: false,
            reader_gone: false,
        }),
    });
    (Sender { link: link.clone() }, Receiver { link })
}

struct Link<T> {
    places: Mutex<Places<T>>,
    /// Set while [`StreamFn`] polls its writer: a sender that waits now is polled again when the
    /// reader asks for more, so it needs no wake-up.
    polled_by_reader: AtomicBool,
}

struct Places<T> {
    queue: VecDeque<T>,
    capacity: usize,
    /// The sender that waits for a free place.
    sender: Option<Waiting>,
    /// The reader that waits for a message.
    reader: Option<Waker>,
    sender_gone: bool,
    reader_gone: bool,
}

struct Waiting {
    waker: Waker,
    polled_by_reader: bool,
}

impl<T> Link<T> {
    fn places(&self) -> MutexGuard<'_, Places<T>> {
        // No code of the user runs while the lock is held, so a poisoned lock guards sound data.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_send(&self, cx: &mut Context<'_>, message: &mut Option<T>) -> Poll<bool> {
        let mut places = self.places();
        if places.reader_gone {
            return Poll::Ready(false);
        }
        if places.queue.len() == places.capacity {
            let polled_by_reader = self.polled_by_reader.load(Relaxed);
            match &mut places.sender {
                Some(waiting) if waiting.waker.will_wake(cx.waker()) => {
                    waiting.polled_by_reader = polled_by_reader;
                }
                sender => *sender = Some(Waiting { waker: cx.waker().clone(), polled_by_reader }),
            }
            return Poll::Pending;
        }
        places.queue.extend(message.take());
        // A reader that is polling the writer looks into the queue when it has done so. The flag is
        // read under the lock that the reader takes then, so it cannot be out of date.
        let reader = match self.polled_by_reader.load(Relaxed) {
            true => None,
            false => places.reader.take(),
        };
        drop(places);
        if let Some(reader) = reader {
            reader.wake();
        }
        Poll::Ready(true)
    }
}

/// The reading end.
pub(crate) struct Receiver<T> {
    link: Arc<Link<T>>,
}

impl<T> Receiver<T> {
    /// The next message; `None` when the sender is gone and all that it sent was read.
    fn poll_message(&self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut places = self.link.places();
        let Some(message) = places.queue.pop_front() else {
            if places.sender_gone {
                return Poll::Ready(None);
            }
            match &mut places.reader {
                Some(reader) => reader.clone_from(cx.waker()),
                reader => *reader = Some(cx.waker().clone()),
            }
            return Poll::Pending;
        };
        let sender = match &places.sender {
            // Polled by this very reader, with its waker: the next poll reaches it.
            Some(it) if it.polled_by_reader && it.waker.will_wake(cx.waker()) => None,
            _ => places.sender.take(),
        };
        drop(places);
        if let Some(sender) = sender {
            sender.waker.wake();
        }
        Poll::Ready(Some(message))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut places = self.link.places();
        places.reader_gone = true;
        let unread = std::mem::take(&mut places.queue);
        let sender = places.sender.take();
        drop(places);
        drop(unread);
        if let Some(sender) = sender {
            sender.waker.wake();
        }
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_message(cx)
    }
}

pin_project! {
    /// What [`stream_fn`] returns.
    struct StreamFn<T, E, Fut> {
        #[pin]
        writer: Option<Fut>,
        receiver: Receiver<T>,
        error: Option<E>,
    }
}

impl<T, E, Fut> Stream for StreamFn<T, E, Fut>
where
    Fut: Future<Output = Result<(), E>>,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        let mut this = self.project();
        if let Some(writer) = this.writer.as_mut().as_pin_mut() {
            this.receiver.link.polled_by_reader.store(true, Relaxed);
            let polled = writer.poll(cx);
            this.receiver.link.polled_by_reader.store(false, Relaxed);
            if let Poll::Ready(result) = polled {
                this.writer.set(None);
                *this.error = result.err();
            }
        }
        let ended = this.writer.is_none();
        match this.receiver.poll_message(cx) {
            Poll::Ready(Some(message)) => Poll::Ready(Some(Ok(message))),
            // An error ends the stream at once, also when the sender lives on in another task.
            _ if this.error.is_some() => Poll::Ready(this.error.take().map(Err)),
            Poll::Ready(None) if ended => Poll::Ready(None),
            _ => Poll::Pending,
        }
    }
}
