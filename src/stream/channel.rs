//! A stream in two hands: one sends, one reads.
//!
//! There are two ways across. A [`Link`] has a lock, and connects any two tasks. A [`Slot`] has none: a
//! stream that polls its own writer lends the slot to it, and a sender that is polled in there finds
//! it. A sender that is once polled anywhere else keeps to the link from then on, so that its messages
//! cannot overtake each other.

use std::{
    collections::VecDeque,
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use tonic::Status;

use super::{generator::Slot, hand_over::lent};
use crate::call::{keep, lock};

/// The sending end of a stream. The stream ends when this is dropped, in peace; [`fail`](Self::fail)
/// ends it with an error.
///
/// A caller that gives up a call drops the call first, and then this: the other way round the server
/// may see an end that was none. Where one task does both, `tokio::join!(call, send)` drops them in
/// this order.
///
/// When a panic drops it, the stream does not end in peace: its reader gets INTERNAL, and a request
/// that was being sent is cancelled.
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
pub struct Sender<T, E = Status> {
    link: Arc<Link<T, E>>,
    /// Whether every message so far was sent inside the stream, through its slot.
    inside: bool,
}

impl<T: 'static, E> Sender<T, E> {
    /// Waits for a free place and puts `message` there.
    ///
    /// Cancel-safe in this sense: when the future is dropped before it is done, the message was not
    /// put in place and is dropped too. Nothing is delivered twice, and no place is kept.
    ///
    /// ```
    /// use traitwire::Streaming;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (mut sender, orders) = Streaming::<u32>::channel(1);
    /// assert!(sender.send(7).await.is_ok());
    /// drop(orders);
    /// assert_eq!(sender.send(8).await.unwrap_err().0, 8);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When nobody reads any more: the message comes back.
    pub async fn send(&mut self, message: T) -> Result<(), SendError<T>> {
        let mut message = Some(message);
        std::future::poll_fn(|cx| self.poll_send(cx, &mut message)).await;
        match message {
            None => Ok(()),
            Some(message) => Err(SendError(message)),
        }
    }

    /// Ends the stream with an error, after the messages that were sent.
    ///
    /// A request that fails is cancelled: its server is told so, and the caller gets the error.
    ///
    /// ```
    /// use traitwire::{Status, Streaming};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (sender, mut orders) = Streaming::<u32>::channel(1);
    /// sender.fail(Status::data_loss("the file is cut off"));
    /// assert_eq!(orders.message().await.unwrap_err().message(), "the file is cut off");
    /// # }
    /// ```
    pub fn fail(self, error: E) {
        self.link.end(End::Failed(error));
    }

    /// `Ready` when the message was taken, or nobody reads any more.
    fn poll_send(&mut self, cx: &mut Context<'_>, message: &mut Option<T>) -> Poll<()> {
        if self.inside {
            let id = self.link.id();
            let polled = lent(|slot: &mut Slot<T>| slot.poll_send(id, cx, message));
            match polled.flatten() {
                Some(polled) => return polled,
                None => self.inside = false,
            }
        }
        self.link.poll_send(cx, message)
    }
}

impl<T, E> Drop for Sender<T, E> {
    fn drop(&mut self) {
        self.link.end(if std::thread::panicking() { End::Panicked } else { End::InPeace });
    }
}

impl<T, E> fmt::Debug for Sender<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

/// A message that was not sent, because nobody reads the stream any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendError<T>(pub T);

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads the stream any more")
    }
}

impl<T: fmt::Debug> Error for SendError<T> {}

/// So that `?` goes on in a handler.
impl<T> From<SendError<T>> for Status {
    fn from(error: SendError<T>) -> Self {
        Self::cancelled(error.to_string())
    }
}

/// A sender and a receiver with `capacity` places between them, one at least. `inside`: the receiver
/// polls the one who sends.
pub(super) fn channel<T, E>(capacity: usize, inside: bool) -> (Sender<T, E>, Receiver<T, E>) {
    let link = Arc::new(Link {
        places: Mutex::new(Places {
            queue: VecDeque::new(),
            capacity: capacity.max(1),
            sender: None,
            reader: None,
            end: None,
            closed: false,
        }),
    });
    (Sender { link: link.clone(), inside }, Receiver { link })
}

struct Link<T, E> {
    places: Mutex<Places<T, E>>,
}

struct Places<T, E> {
    queue: VecDeque<T>,
    capacity: usize,
    /// The sender that waits for a free place.
    sender: Option<Waker>,
    /// The reader that waits for a message.
    reader: Option<Waker>,
    /// How the sender has ended.
    end: Option<End<E>>,
    /// What is there may be read, and nothing may be added.
    closed: bool,
}

/// How a sender has ended.
pub(super) enum End<E> {
    InPeace,
    Failed(E),
    Panicked,
}

impl<T, E> Link<T, E> {
    fn places(&self) -> MutexGuard<'_, Places<T, E>> {
        lock(&self.places)
    }

    fn poll_send(&self, cx: &mut Context<'_>, message: &mut Option<T>) -> Poll<()> {
        let mut places = self.places();
        if places.closed {
            return Poll::Ready(());
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
        Poll::Ready(())
    }

    /// Ends the stream; the first end counts.
    fn end(&self, end: End<E>) {
        let mut places = self.places();
        // A later one is dropped when the lock is free: it may be the user's.
        let late = match &places.end {
            Some(_) => Some(end),
            None => places.end.replace(end),
        };
        let reader = places.reader.take();
        drop(places);
        drop(late);
        if let Some(reader) = reader {
            reader.wake();
        }
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
pub(super) struct Receiver<T, E> {
    link: Arc<Link<T, E>>,
}

/// What a receiver comes to.
pub(super) enum Received<T, E> {
    Message(T),
    /// All was read and no more can come.
    End(End<E>),
}

impl<T, E> Receiver<T, E> {
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Received<T, E>> {
        let mut places = self.link.places();
        let Some(message) = places.queue.pop_front() else {
            return match places.end.take() {
                Some(end) => {
                    places.end = Some(End::InPeace);
                    Poll::Ready(Received::End(end))
                }
                None if places.closed => Poll::Ready(Received::End(End::InPeace)),
                None => {
                    keep(&mut places.reader, cx.waker());
                    Poll::Pending
                }
            };
        };
        let sender = places.sender.take();
        drop(places);
        if let Some(sender) = sender {
            sender.wake();
        }
        Poll::Ready(Received::Message(message))
    }

    /// Takes no message from now on.
    pub(super) fn close(&self) {
        self.link.close();
    }

    /// Tells links apart.
    pub(super) fn id(&self) -> usize {
        self.link.id()
    }
}

impl<T, E> Drop for Receiver<T, E> {
    fn drop(&mut self) {
        self.link.close();
        let unread = std::mem::take(&mut self.link.places().queue);
        drop(unread);
    }
}
