//! The client's side of a connection: its streams, and what they may do.

use std::{io, pin::pin, sync::Arc};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot, watch};
use traitwire::Status;
use wire::frame::{Malformed, Reason, Setting};

use crate::{
    Quotas,
    control_buffer::{ControlBuffer, DataFrame, Item},
    headers::Field,
    message::Prepared,
    status::of_reset,
    stream::{End, EndOfStream, Stream},
    streams::Streams,
};

/// What the calls, the writer and the reader of a connection share.
#[derive(Debug)]
pub(crate) struct Http2Client {
    pub(crate) control: ControlBuffer,
    /// One who waits may open a stream.
    quota_available: Notify,
    /// How the connection ends, once it does.
    closing: watch::Sender<Option<Closing>>,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// The writer writes what is queued, and GOAWAY.
    Gracefully,
    /// There is nobody to write to.
    AtOnce,
}

impl Http2Client {
    pub(crate) fn new(window: u32) -> Self {
        Self {
            control: ControlBuffer::new(Streams::new(window)),
            quota_available: Notify::new(),
            closing: watch::Sender::new(None),
        }
    }

    // 3. Quota, id and HEADERS in one step, under one lock: so HEADERS leave in the order of ids.
    /// Opens a stream; waits while the server allows no more of them.
    pub(crate) async fn new_stream(&self, fields: Vec<Field>) -> Result<Arc<Stream>, Status> {
        // Calls that begin and are given up at once must not fill the queue of a stuck connection.
        self.control.throttle().await;
        let mut fields = Some(fields);
        loop {
            let mut available = pin!(self.quota_available.notified());
            available.as_mut().enable();
            let opened = self.control.execute_and_put(|streams| {
                let opened = streams.check_for_stream_quota();
                if let (Some(Ok(stream)), left) = (&opened, streams.quota) {
                    wire::step!(3, "new_stream: stream {}, {left} more may be opened", stream.id);
                    let fields = fields.take().unwrap_or_default();
                    let headers = Item::Headers { stream: stream.clone(), fields };
                    return (opened, Some(headers));
                }
                (opened, None)
            });
            match opened {
                Some(opened) => {
                    // There may be quota for another one who waits.
                    self.quota_available.notify_one();
                    return opened;
                }
                None => available.await,
            }
        }
    }

    // 5. What is queued counts against the stream's write quota until it is written.
    /// Queues a message. When this returns it is neither sent nor received.
    pub(crate) async fn write(
        &self,
        stream: &Stream,
        message: Prepared,
        last: bool,
    ) -> Result<(), EndOfStream> {
        tokio::select! {
            biased;
            () = stream.until_end() => return Err(EndOfStream),
            () = stream.wq.get(message.size()) => {}
        }
        stream.begin_write(last)?;
        let which = if last { "the last message" } else { "a message" };
        let (size, left) = (message.size(), stream.wq.left());
        wire::step!(5, "write: {which}, {size} bytes, write quota {left} left");
        self.control.put(Item::Data(DataFrame {
            stream: stream.id,
            head: Bytes::copy_from_slice(&message.head),
            payload: message.payload,
            end_stream: last,
        }));
        Ok(())
    }

    /// Queues the end of a stream.
    pub(crate) fn write_end(&self, stream: &Stream) {
        if stream.begin_write(true).is_ok() {
            let (head, payload) = (Bytes::new(), Bytes::new());
            let end = DataFrame { stream: stream.id, head, payload, end_stream: true };
            self.control.put(Item::Data(end));
        }
    }

    /// Returns window to the peer.
    pub(crate) fn update_window(&self, stream: u32, increment: Option<u32>) {
        if let Some(increment) = increment {
            self.control.put(Item::OutgoingWindowUpdate { stream, increment });
        }
    }

    /// Ends a stream, and gives its quota back. With a reason, the peer is told.
    pub(crate) fn close_stream(&self, stream: &Stream, end: End, reset: Option<Reason>) {
        if !stream.end(end) {
            return;
        }
        let is_drained = self.control.execute_and_put(|streams| {
            streams.remove(stream.id);
            (streams.is_drained(), Some(Item::CleanupStream { stream: stream.id, reset }))
        });
        self.quota_available.notify_one();
        if is_drained {
            self.close_gracefully(Status::unavailable("the server has left"));
        }
    }

    /// RST_STREAM from the peer.
    pub(crate) fn handle_rst_stream(&self, stream: &Stream, reason: Reason) {
        let status =
            Status::new(of_reset(reason), format!("the server reset the stream: {reason}"));
        let unprocessed = reason == Reason::REFUSED_STREAM;
        self.close_stream(stream, End { status, unprocessed }, None);
    }

    /// SETTINGS from the peer. What concerns streams is for us, the rest for the writer.
    pub(crate) fn handle_settings(&self, settings: Vec<(Setting, u32)>, is_first: bool) {
        let mut max = is_first.then_some(u32::MAX);
        for &(setting, value) in &settings {
            if setting == Setting::MAX_CONCURRENT_STREAMS {
                max = Some(value);
            }
        }
        self.control.execute_and_put(|streams| {
            if let Some(max) = max {
                streams.set_max(max.into());
            }
            ((), Some(Item::IncomingSettings(settings)))
        });
        self.quota_available.notify_one();
    }

    /// GOAWAY from the peer. It comes once, or twice: first "no new streams", with the highest id
    /// that there is, and later with the last stream that the server looked at.
    pub(crate) fn handle_goaway(
        &self,
        last_stream: u32,
        reason: Reason,
        debug: &[u8],
    ) -> Result<(), &'static str> {
        let debug = match String::from_utf8_lossy(debug) {
            debug if debug.is_empty() => String::new(),
            debug => format!(", {debug:?}"),
        };
        let why = Status::unavailable(format!("the server leaves: {reason}{debug}"));
        let end = End { status: why.clone(), unprocessed: true };
        let unprocessed = self.control.streams(|streams| streams.drain(last_stream, why))?;
        for stream in unprocessed {
            self.close_stream(&stream, end.clone(), None);
        }
        self.quota_available.notify_waiters();
        if self.control.streams(|streams| streams.is_drained()) {
            self.close_gracefully(end.status);
        }
        Ok(())
    }

    /// Ends the connection and all of its streams. The peer gets what is queued, and GOAWAY.
    pub(crate) fn close_gracefully(&self, why: Status) {
        self.close(why, Some((Reason::NO_ERROR, "client transport shutdown")));
    }

    /// Ends the connection and all of its streams, because it cannot go on.
    pub(crate) fn fail(&self, error: &ConnectionError) {
        let goaway = match error {
            ConnectionError::Io(_) => None,
            ConnectionError::Malformed(malformed) => Some((malformed.reason, malformed.what)),
        };
        self.close(error.status(), goaway);
    }

    /// Ends the connection and all of its streams. Without a reason to tell the peer, at once.
    fn close(&self, why: Status, goaway: Option<(Reason, &'static str)>) {
        let Some((streams, why)) = self.control.streams(|streams| streams.close(why)) else {
            return;
        };
        let last = goaway.map(|(reason, debug)| Item::GoAway { reason, debug });
        let closing = if last.is_some() { Closing::Gracefully } else { Closing::AtOnce };
        self.control.finish(last);
        for stream in streams {
            stream.end(why.clone().into());
        }
        self.quota_available.notify_waiters();
        self.closing.send_replace(Some(closing));
    }

    /// Waits for the connection to end.
    pub(crate) async fn until_closing(&self) -> Closing {
        let mut closing = self.closing.subscribe();
        let closing = closing.wait_for(Option::is_some).await.map(|closing| *closing);
        closing.ok().flatten().unwrap_or(Closing::AtOnce)
    }

    /// What the connection has left of everything; `None` when it is over.
    pub(crate) async fn quotas(&self) -> Option<Quotas> {
        let (answer, answered) = oneshot::channel();
        self.control.execute_and_put(|streams| {
            let (stream_quota, active_streams) = (streams.quota, streams.active.len());
            let known = Quotas { stream_quota, active_streams, ..Quotas::default() };
            ((), Some(Item::Quotas { known, answer }))
        });
        answered.await.ok()
    }
}

/// Why a connection cannot go on.
#[derive(Debug)]
pub(crate) enum ConnectionError {
    /// Its socket is gone.
    Io(io::Error),
    /// The peer broke a rule. It is told which.
    Malformed(Malformed),
}

impl ConnectionError {
    /// The status of the streams that end with it.
    pub(crate) fn status(&self) -> Status {
        Status::unavailable(match self {
            Self::Io(error) => format!("the connection is lost: {error}"),
            Self::Malformed(malformed) => format!("the server breaks a rule: {malformed}"),
        })
    }
}

impl From<io::Error> for ConnectionError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Malformed> for ConnectionError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}
