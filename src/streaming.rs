//! The one stream type of calls.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use sync_wrapper::SyncWrapper;
use tokio_stream::Stream;
use tonic::Status;

#[cfg(feature = "client")]
use crate::client::Incoming;
use crate::slot::{self, Sender};

/// Where the messages come from. What is not the user's own stream has a path of its own, without
/// the costs of a trait object.
enum Source<T, E> {
    Collected(std::vec::IntoIter<T>),
    #[cfg(feature = "server")]
    Requests(Box<tonic::Streaming<T>>, fn(Status) -> E),
    #[cfg(feature = "client")]
    Answers(Box<Incoming<T>>, fn(Status) -> E),
    Stream(Pin<Box<dyn Stream<Item = Result<T, E>> + Send>>),
}

/// A stream of messages: what a server reads from its caller, what a client reads from its server,
/// and what a caller or a test passes in.
///
/// Read it with [`message`](Streaming::message), or as the [`Stream`] that it is:
///
/// ```
/// use traitwire::{Status, Streaming};
///
/// async fn sum(mut numbers: Streaming<i64>) -> Result<i64, Status> {
///     let mut sum = 0;
///     while let Some(number) = numbers.message().await? {
///         sum += number;
///     }
///     Ok(sum)
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Status> {
/// assert_eq!(sum((0..10).collect()).await?, 45);
/// # Ok(())
/// # }
/// ```
///
/// # Making one
///
/// | from | with |
/// |---|---|
/// | messages that are there already | `.collect()`, [`FromIterator`] |
/// | a stream, lazy or fallible | [`Streaming::new`] |
/// | a hand that sends now and then | [`Streaming::channel`] |
///
/// # How it ends
///
/// | what happens | the reader sees |
/// |---|---|
/// | the other side closes its half, or the server returns | `None` |
/// | the other side fails after some messages | these messages, one `Err`, then `None` |
/// | the caller goes away before its stream has ended | `Err`, [`Code::Cancelled`](crate::Code::Cancelled) |
/// | the server answers before the caller's stream has ended | the answer; the rest of the stream is dropped |
/// | the stream is dropped before its end | the other side is told to stop: its handler, or its request stream, is dropped |
///
/// After the end or an error it stays at `None`.
pub struct Streaming<T, E = Status> {
    /// `None` after the end: the source is dropped as soon as it is of no more use.
    source: Option<SyncWrapper<Source<T, E>>>,
}

impl<T, E> Streaming<T, E> {
    /// A stream of calls from any stream.
    ///
    /// A client sends what the stream yields as it comes. An error ends the call: the server is
    /// told that the call is cancelled, and the caller gets the error.
    ///
    /// ```
    /// use traitwire::{Status, Streaming, stream_fn};
    ///
    /// let lines: Streaming<String> = Streaming::new(stream_fn(async |mut out| {
    ///     let text = std::fs::read_to_string("orders.csv")
    ///         .map_err(|error| Status::not_found(format!("orders.csv: {error}")))?;
    ///     for line in text.lines() {
    ///         out.send(line.to_owned()).await;
    ///     }
    ///     Ok(())
    /// }));
    /// ```
    pub fn new(stream: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self {
        Self::from_source(Source::Stream(Box::pin(stream)))
    }

    /// What a server receives.
    #[cfg(feature = "server")]
    pub(crate) fn requests(messages: tonic::Streaming<T>, error: fn(Status) -> E) -> Self {
        Self::from_source(Source::Requests(Box::new(messages), error))
    }

    /// What a client receives.
    #[cfg(feature = "client")]
    pub(crate) fn answers(messages: Incoming<T>, error: fn(Status) -> E) -> Self {
        Self::from_source(Source::Answers(Box::new(messages), error))
    }

    fn from_source(source: Source<T, E>) -> Self {
        Self { source: Some(SyncWrapper::new(source)) }
    }

    /// The next message; `None` at the end.
    ///
    /// Cancel-safe: a message that was not returned yet is returned by the next call.
    ///
    /// # Errors
    ///
    /// The status that ended the stream, once.
    pub async fn message(&mut self) -> Result<Option<T>, E> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }
}

impl<T: Send + 'static, E: Send + 'static> Streaming<T, E> {
    /// A stream in two hands: send here, and close it by dropping the [`Sender`].
    ///
    /// `capacity` messages may wait between the two, one at least; the next `send` waits for the
    /// reader.
    ///
    /// ```
    /// use traitwire::{Status, Streaming};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Status> {
    /// let (mut sender, mut orders) = Streaming::<&str>::channel(2);
    /// sender.send("102").await;
    /// sender.send("103").await;
    /// drop(sender);
    ///
    /// assert_eq!(orders.message().await?, Some("102"));
    /// assert_eq!(orders.message().await?, Some("103"));
    /// assert_eq!(orders.message().await?, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn channel(capacity: usize) -> (Sender<T>, Self) {
        let (sender, receiver) = slot::channel(capacity);
        (sender, Self::new(tokio_stream::StreamExt::map(receiver, Ok)))
    }
}

/// No message is pinned: they are moved out one by one.
impl<T, E> Unpin for Streaming<T, E> {}

impl<T, E> Stream for Streaming<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        let Some(source) = &mut self.source else {
            return Poll::Ready(None);
        };
        let next = match source.get_mut() {
            Source::Collected(messages) => messages.next().map(Ok),
            #[cfg(feature = "server")]
            Source::Requests(messages, error) => {
                ready!(Pin::new(&mut **messages).poll_next(cx)).map(|it| it.map_err(*error))
            }
            #[cfg(feature = "client")]
            Source::Answers(messages, error) => {
                ready!(Pin::new(&mut **messages).poll_next(cx)).map(|it| it.map_err(*error))
            }
            Source::Stream(stream) => ready!(stream.as_mut().poll_next(cx)),
        };
        if !matches!(next, Some(Ok(_))) {
            self.source = None;
        }
        Poll::Ready(next)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // The source is behind a wrapper that gives no shared access.
        if self.source.is_none() { (0, Some(0)) } else { (0, None) }
    }
}

/// Collects at once: the iterator runs now, and the stream yields what it gave.
impl<T, E> FromIterator<T> for Streaming<T, E> {
    fn from_iter<I: IntoIterator<Item = T>>(messages: I) -> Self {
        let messages: Vec<T> = messages.into_iter().collect();
        Self::from_source(Source::Collected(messages.into_iter()))
    }
}

impl<T, E> fmt::Debug for Streaming<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streaming").finish_non_exhaustive()
    }
}
