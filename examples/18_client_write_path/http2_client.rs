//! The client's side of a connection: its streams, and what they may do.

use std::{io, pin::pin, sync::Arc};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot, watch};
use traitwire::Status;
use wire::frame::{Malformed, Reason, Setting};

use crate::{
    Quotas, SendError,
    control_buffer::{ControlBuffer, DataFrame, Item},
    headers::{Field, list_size},
    status::of_reset,
    stream::Stream,
    streams::Streams,
};

/// What the calls, the writer and the reader of a connection share.
#[derive(Debug)]
pub(crate) struct Http2Client {
    pub(crate) control: ControlBuffer,
    /// One who waits may open a stream.
    quota_available: Notify,
    /// Whether the connection is over: nothing more is read, and a GOAWAY is the last that is written.
    closing: watch::Sender<bool>,
}

impl Http2Client {
    pub(crate) fn new() -> Self {
        Self {
            control: ControlBuffer::new(Streams::new()),
            quota_available: Notify::new(),
            closing: watch::Sender::new(false),
        }
    }

    // 3. Quota, id and HEADERS in one step, under one lock: so HEADERS leave in the order of ids.
    /// Opens a stream; waits while the server allows no more of them.
    pub(crate) async fn new_stream(&self, fields: Vec<Field>) -> Result<Arc<Stream>, Status> {
        // Calls that begin and are given up at once must not fill the queue of a stuck connection.
        self.control.throttle().await;
        let size = list_size(&fields);
        let mut fields = Some(fields);
        loop {
            let mut available = pin!(self.quota_available.notified());
            available.as_mut().enable();
            let opened = self.control.execute_and_put(|streams| {
                let opened = streams.check_for_stream_quota(size);
                let headers = opened.as_ref().ok().and_then(Option::as_ref).map(|stream| {
                    let left = streams.quota;
                    wire::step!(3, "new_stream: stream {}, {left} more may be opened", stream.id);
                    Item::Headers(stream.clone(), fields.take().unwrap_or_default())
                });
                (opened, headers)
            });
            let Some(opened) = opened.transpose() else {
                available.await;
                continue;
            };
            // There may be quota for another one who waits.
            self.quota_available.notify_one();
            return opened;
        }
    }

    // 5. What is queued counts against the stream's write quota until it is written.
    /// Queues a message. When this returns it is neither sent nor received.
    pub(crate) async fn write(
        &self,
        stream: &Stream,
        [head, payload]: [Bytes; 2],
        last: bool,
    ) -> Result<(), SendError> {
        let size = head.len() + payload.len();
        stream.wq.get(size as i64).await;
        stream.begin_write(last)?;
        let which = if last { "the last message" } else { "a message" };
        let left = stream.wq.left();
        wire::step!(5, "write: {which}, {size} bytes, write quota {left} left");
        let frame = DataFrame { stream: stream.id, head, payload, end_stream: last };
        self.control.put(Item::Data(frame));
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
            self.control.put(Item::OutgoingWindowUpdate(stream, increment));
        }
    }

    /// Ends a stream, and gives its quota back. With a reason, the peer is told.
    pub(crate) fn close_stream(&self, stream: &Stream, status: Status, reset: Option<Reason>) {
        if !stream.end(status) {
            return;
        }
        let is_drained = self.control.execute_and_put(|streams| {
            streams.remove(stream.id);
            (streams.is_drained(), Some(Item::CleanupStream(stream.id, reset)))
        });
        self.quota_available.notify_one();
        if is_drained {
            self.close_gracefully(Status::unavailable("the server has left"));
        }
    }

    /// RST_STREAM from the peer.
    pub(crate) fn handle_rst_stream(&self, stream: &Stream, reason: Reason) {
        let why = format!("the server reset the stream: {reason}");
        self.close_stream(stream, Status::new(of_reset(reason), why), None);
    }

    /// SETTINGS from the peer. What concerns streams is for us, the rest for the writer.
    pub(crate) fn handle_settings(&self, settings: Vec<(Setting, u32)>, is_first: bool) {
        self.control.execute_and_put(|streams| {
            if is_first {
                streams.set_max(u32::MAX.into());
            }
            for &(setting, value) in &settings {
                match setting {
                    Setting::MAX_CONCURRENT_STREAMS => streams.set_max(value.into()),
                    Setting::MAX_HEADER_LIST_SIZE => streams.max_header_list = value as usize,
                    _ => {}
                }
            }
            ((), Some(Item::IncomingSettings(settings)))
        });
        self.quota_available.notify_one();
    }

    /// GOAWAY from the peer. It comes once, or twice: first "no new streams", with the highest id
    /// that there is, and later with the last stream that the server looked at. `None` when that is
    /// more than it said before.
    pub(crate) fn handle_goaway(
        &self,
        last_stream: u32,
        reason: Reason,
        debug: &[u8],
    ) -> Option<()> {
        let debug = match String::from_utf8_lossy(debug) {
            debug if debug.is_empty() => String::new(),
            debug => format!(", {debug:?}"),
        };
        let why = Status::unavailable(format!("the server leaves: {reason}{debug}"));
        let unprocessed =
            self.control.streams(|streams| streams.drain(last_stream, why.clone()))?;
        for stream in unprocessed {
            self.close_stream(&stream, why.clone(), None);
        }
        self.quota_available.notify_waiters();
        if self.control.streams(|streams| streams.is_drained()) {
            self.close_gracefully(why);
        }
        Some(())
    }

    /// The writer has ended. After an error of the socket, calls go on with what the reader still
    /// finds there: answers, and perhaps the reason.
    pub(crate) fn writer_done(&self, error: Option<&io::Error>) {
        if let Some(error) = error {
            let status = Status::unavailable(format!("nothing can be written: {error}"));
            self.control.streams(|streams| streams.lose(status));
            self.quota_available.notify_waiters();
        }
        self.control.finish(None);
    }

    /// Ends the connection and all of its streams.
    pub(crate) fn close_gracefully(&self, why: Status) {
        self.close(why, Reason::NO_ERROR, "client transport shutdown");
    }

    /// Ends the connection and all of its streams, because it cannot go on.
    pub(crate) fn fail(&self, error: &ConnectionError) {
        match error {
            ConnectionError::Io(_) => self.close_gracefully(error.status()),
            ConnectionError::Malformed(malformed) => {
                self.close(error.status(), malformed.reason, malformed.what);
            }
        }
    }

    /// The peer gets what is queued, and GOAWAY.
    fn close(&self, why: Status, reason: Reason, debug: &'static str) {
        let Some((streams, why)) = self.control.streams(|streams| streams.close(why)) else {
            return;
        };
        self.control.finish(Some(Item::GoAway(reason, debug)));
        for stream in streams {
            stream.end(why.clone());
        }
        self.quota_available.notify_waiters();
        self.closing.send_replace(true);
    }

    /// Waits for the connection to end.
    pub(crate) async fn until_closing(&self) {
        // Its sender is here, so there is no error.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }

    /// What the connection has left of everything; `None` when it is over.
    pub(crate) async fn quotas(&self) -> Option<Quotas> {
        let (answer, answered) = oneshot::channel();
        self.control.execute_and_put(|streams| {
            let (stream_quota, active_streams) = (streams.quota, streams.active.len());
            let known = Quotas { stream_quota, active_streams, ..Quotas::default() };
            ((), Some(Item::Quotas(known, answer)))
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
