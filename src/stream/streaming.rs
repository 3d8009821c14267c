//! The one stream type of calls.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use sync_wrapper::SyncWrapper;
use tokio_stream::Stream;
use tonic::{Status, metadata::MetadataMap};

use super::channel::{self, End, Received, Receiver, Sender};
use crate::{Message, status::FromStatus};

/// The messages of one side of a call, as bytes. It ends once.
pub(crate) trait Messages: Send {
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>>;

    /// What came after the last message of an answer that went well.
    fn trailers(&mut self) -> Option<MetadataMap> {
        None
    }
}

/// Where the messages come from.
enum Source<T, E> {
    Collected(std::vec::IntoIter<T>),
    Call(Call<T, E>),
    Stream(Pin<Box<dyn Stream<Item = Result<T, E>> + Send>>),
}

/// The messages of a call, and what makes this stream's own types of them.
struct Call<T, E> {
    messages: Box<dyn Messages>,
    decode: fn(Bytes) -> Result<T, Status>,
    error: fn(Status) -> E,
}

/// Decodes one message.
pub(crate) fn decode<M: Message>(message: Bytes) -> Result<M, Status> {
    M::decode(message).map_err(not_a_message)
}

pub(crate) fn not_a_message(error: prost::DecodeError) -> Status {
    Status::internal(format!("cannot decode the message: {error}"))
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
#[must_use = "a stream does nothing unless it is read"]
pub struct Streaming<T, E = Status> {
    /// `None` after the end: the source is dropped as soon as it is of no more use.
    source: Option<SyncWrapper<Source<T, E>>>,
    trailers: Option<MetadataMap>,
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
    ///         out.send(line.to_owned()).await?;
    ///     }
    ///     Ok(())
    /// }));
    /// ```
    pub fn new(stream: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self {
        Self::from_source(Source::Stream(Box::pin(stream)))
    }

    /// The stream of a call.
    pub(crate) fn of_call(messages: Box<dyn Messages>) -> Self
    where
        T: Message,
        E: FromStatus,
    {
        let (decode, error) = (decode::<T>, <E as From<Status>>::from);
        Self::from_source(Source::Call(Call { messages, decode, error }))
    }

    fn from_source(source: Source<T, E>) -> Self {
        Self { source: Some(SyncWrapper::new(source)), trailers: None }
    }

    /// The next message; `None` at the end.
    ///
    /// Cancel-safe, as [`next`](crate::StreamExt::next) is: a message that was not returned yet is returned
    /// by the next call.
    ///
    /// # Errors
    ///
    /// The status that ended the stream, once.
    pub async fn message(&mut self) -> Result<Option<T>, E> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }

    /// What a server sent after its last message, once that was the end and it was good.
    ///
    /// An error has its own in the metadata of its [`Status`]. A stream that is not the answer to a
    /// call has none.
    #[must_use]
    pub fn trailers(&self) -> Option<&MetadataMap> {
        self.trailers.as_ref()
    }
}

impl<T: Send + 'static, E: FromStatus + Send + 'static> Streaming<T, E> {
    /// A stream in two hands: send here, and end it by dropping the [`Sender`], or by failing it.
    ///
    /// `capacity` messages may wait between the two, one at least; the next `send` waits for the
    /// reader.
    ///
    /// ```
    /// use traitwire::{Status, Streaming};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Status> {
    /// let (mut sender, mut orders) = Streaming::<&str>::channel(2);
    /// sender.send("102").await?;
    /// sender.send("103").await?;
    /// drop(sender);
    ///
    /// assert_eq!(orders.message().await?, Some("102"));
    /// assert_eq!(orders.message().await?, Some("103"));
    /// assert_eq!(orders.message().await?, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn channel(capacity: usize) -> (Sender<T, E>, Self) {
        let (sender, receiver) = channel::channel(capacity, false);
        (sender, Self::new(Sent(receiver)))
    }
}

/// The messages of a [`Sender`].
struct Sent<T, E>(Receiver<T, E>);

impl<T, E: FromStatus> Stream for Sent<T, E> {
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        Poll::Ready(match ready!(self.0.poll(cx)) {
            Received::Message(message) => Some(Ok(message)),
            Received::End(End::InPeace) => None,
            Received::End(End::Failed(error)) => Some(Err(error)),
            Received::End(End::Panicked) => {
                let why = "the task that sends the messages of a stream panicked";
                Some(Err(Status::internal(why).into()))
            }
        })
    }
}

/// No message is pinned: they are moved out one by one.
impl<T, E> Unpin for Streaming<T, E> {}

impl<T, E> Stream for Streaming<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        let this = &mut *self;
        let Some(source) = &mut this.source else {
            return Poll::Ready(None);
        };
        let next = match source.get_mut() {
            Source::Collected(messages) => messages.next().map(Ok),
            Source::Call(call) => {
                let message = ready!(call.messages.poll_message(cx));
                if message.is_none() {
                    this.trailers = call.messages.trailers();
                    this.source = None;
                    return Poll::Ready(None);
                }
                message.map(|it| it.and_then(call.decode).map_err(call.error))
            }
            Source::Stream(stream) => ready!(stream.as_mut().poll_next(cx)),
        };
        if !matches!(next, Some(Ok(_))) {
            this.source = None;
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
