//! The one task that writes.
//!
//! It takes items from the control buffer, frames from the streams that have something to send, one
//! from each in turn, and writes them as far as the two windows of the peer allow.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use tokio::io::AsyncWrite;
use traitwire::Status;
use wire::frame::{Frame, MAX_FRAME_SIZE, Malformed, Reason, Setting};

use crate::{
    control_buffer::{DataFrame, Item},
    flow_control::{DEFAULT_WINDOW, MAX_WINDOW},
    framer::Framer,
    headers::HeaderEncoder,
    http2_client::{ConnectionError, Http2Client},
    stream::Stream,
};

/// Below so many bytes, others get one chance to add some before the flush.
const MIN_BATCH_SIZE: usize = 1000;

/// The writer of a connection, with what only it knows: how much the peer will take.
pub(crate) struct LoopyWriter<W> {
    transport: Arc<Http2Client>,
    framer: Framer<W>,
    headers: HeaderEncoder,
    established: BTreeMap<u32, OutStream>,
    /// The streams that have something to send and may, in turn.
    active: VecDeque<u32>,
    /// How much more the peer takes on the connection.
    send_quota: i64,
    /// The outbound initial window size: how much the peer takes on each stream at first.
    oiws: i64,
    yields: bool,
}

/// A stream, as the writer sees it.
struct OutStream {
    stream: Arc<Stream>,
    state: OutState,
    items: VecDeque<DataFrame>,
    /// What was sent and not returned. With the initial window, this gives the window; so one that
    /// changes needs no work here, and may leave the window negative.
    bytes_outstanding: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OutState {
    /// It has nothing to send.
    Empty,
    /// It is among the active streams.
    Active,
    /// It has something to send, and its window is used up.
    WaitingOnStreamQuota,
}

impl<W: AsyncWrite + Unpin> LoopyWriter<W> {
    pub(crate) fn new(transport: Arc<Http2Client>, framer: Framer<W>, yields: bool) -> Self {
        Self {
            transport,
            framer,
            headers: HeaderEncoder::new(),
            established: BTreeMap::new(),
            active: VecDeque::new(),
            send_quota: DEFAULT_WINDOW,
            oiws: DEFAULT_WINDOW,
            yields,
        }
    }

    /// Writes until the connection ends. The peer gets all that was queued before that.
    pub(crate) async fn run(&mut self) -> Result<(), ConnectionError> {
        while let Some(item) = self.transport.control.get().await {
            self.handle(item).await?;
            let mut yielded = !self.yields;
            loop {
                while let Some(item) = self.transport.control.try_get() {
                    self.handle(item).await?;
                    self.process_data().await?;
                }
                if self.process_data().await? {
                    continue;
                }
                let batch = self.framer.buffered();
                if yielded || !(1..MIN_BATCH_SIZE).contains(&batch) {
                    break;
                }
                // 9. Not a pause: who is ready to run runs now, and may add to the batch. When
                // nobody is, this returns at once.
                wire::step!(9, "yield: {batch} bytes are fewer than {MIN_BATCH_SIZE}");
                tokio::task::yield_now().await;
                yielded = true;
            }
            self.framer.flush().await?;
        }
        Ok(self.framer.shutdown().await?)
    }

    // 7. Items become frames in the buffer, or change what may be sent.
    async fn handle(&mut self, item: Item) -> Result<(), ConnectionError> {
        match item {
            Item::Headers(stream, fields) => {
                wire::step!(7, "handle: HEADERS of stream {}", stream.id);
                let block = self.headers.encode(&fields);
                self.framer.write_headers(stream.id, block).await?;
                self.established.insert(stream.id, OutStream::new(stream));
            }
            Item::Data(frame) => self.preprocess_data(frame).await?,
            Item::IncomingWindowUpdate(0, increment) => {
                self.send_quota = grown(self.send_quota, increment.into(), 0)?;
            }
            Item::IncomingWindowUpdate(stream, increment) => {
                self.incoming_window_update(stream, increment)?;
            }
            Item::OutgoingWindowUpdate(stream, increment) => {
                self.framer.write(&Frame::window_update(stream, increment)).await?;
            }
            Item::IncomingSettings(settings) => {
                self.apply_settings(&settings)?;
                self.framer.write(&Frame::settings_ack()).await?;
            }
            Item::PingAck(payload) => self.framer.write(&Frame::ping(payload, true)).await?,
            Item::CleanupStream(stream, reset) => {
                let removed = self.established.remove(&stream);
                if removed.as_ref().is_some_and(|it| it.state == OutState::Active) {
                    self.active.retain(|active| *active != stream);
                }
                if let Some(reason) = reset {
                    self.framer.write(&Frame::rst_stream(stream, reason)).await?;
                }
            }
            Item::GoAway(reason, debug) => {
                self.framer.write(&Frame::goaway(0, reason, debug.as_bytes())).await?;
            }
            Item::Quotas(mut known, answer) => {
                known.send_quota = self.send_quota;
                known.established = self.established.len();
                known.writing = self.active.len();
                // Who has gone does not want to know.
                let _ = answer.send(known);
            }
        }
        Ok(())
    }

    /// Queues a message with its stream, which joins the active streams if it had nothing to send.
    async fn preprocess_data(&mut self, frame: DataFrame) -> Result<(), ConnectionError> {
        let id = frame.stream;
        let Some(it) = self.established.get_mut(&id) else { return Ok(()) };
        if frame.len() == 0 && it.items.is_empty() {
            return self.write_end(id).await;
        }
        it.items.push_back(frame);
        if it.state == OutState::Empty {
            wire::step!(7, "handle: stream {id} joins the active streams");
            it.state = OutState::Active;
            self.active.push_back(id);
        }
        Ok(())
    }

    // 8. One frame of the stream whose turn it is; then it goes to the end of the line.
    /// Returns whether there may be more to do.
    async fn process_data(&mut self) -> Result<bool, ConnectionError> {
        if self.send_quota <= 0 {
            return Ok(false);
        }
        let Some(id) = self.active.pop_front() else { return Ok(false) };
        let Some(it) = self.established.get_mut(&id) else { return Ok(true) };
        let window = self.oiws - it.bytes_outstanding;
        if window <= 0 {
            it.state = OutState::WaitingOnStreamQuota;
            return Ok(true);
        }
        let Some(frame) = it.items.front_mut() else { return Ok(true) };
        // The peer takes frames of this size at least, and larger ones would serve streams worse.
        let size = (MAX_FRAME_SIZE as i64).min(window).min(self.send_quota) as usize;
        let head = frame.head.split_to(size.min(frame.head.len()));
        let payload = frame.payload.split_to((size - head.len()).min(frame.payload.len()));
        let size = head.len() + payload.len();
        it.stream.wq.replenish(size as i64);
        it.bytes_outstanding += size as i64;
        self.send_quota -= size as i64;

        let is_whole = frame.len() == 0;
        let end_stream = is_whole && frame.end_stream;
        if is_whole {
            it.items.pop_front();
        }
        let end_follows = it.items.front().is_some_and(|next| next.len() == 0);
        if end_follows {
            it.items.pop_front();
        }
        if it.items.is_empty() {
            it.state = OutState::Empty;
        } else {
            self.active.push_back(id);
        }
        let last = if end_stream { ", its last" } else { "" };
        wire::step!(8, "process_data: {size} bytes of stream {id}{last}");
        self.framer.write_data(id, [&head, &payload], end_stream).await?;
        if end_follows {
            self.write_end(id).await?;
        }
        Ok(true)
    }

    /// Ends a stream that has nothing left to send. No bytes need no window.
    async fn write_end(&mut self, id: u32) -> Result<(), ConnectionError> {
        wire::step!(8, "process_data: the end of stream {id}");
        Ok(self.framer.write_data(id, [&[], &[]], true).await?)
    }

    fn incoming_window_update(&mut self, id: u32, increment: u32) -> Result<(), ConnectionError> {
        let Some(it) = self.established.get_mut(&id) else { return Ok(()) };
        let window = self.oiws - it.bytes_outstanding;
        if let Err(malformed) = grown(window, increment.into(), id) {
            let why = Status::internal(malformed.to_string());
            let stream = it.stream.clone();
            self.transport.close_stream(&stream, why, Some(malformed.reason));
            return Ok(());
        }
        it.bytes_outstanding -= i64::from(increment);
        if it.state == OutState::WaitingOnStreamQuota && window + i64::from(increment) > 0 {
            it.state = OutState::Active;
            self.active.push_back(id);
        }
        Ok(())
    }

    fn apply_settings(&mut self, settings: &[(Setting, u32)]) -> Result<(), Malformed> {
        for &(setting, value) in settings {
            match setting {
                Setting::INITIAL_WINDOW_SIZE => {
                    self.oiws = value.into();
                    for (id, it) in &mut self.established {
                        let window = grown(self.oiws - it.bytes_outstanding, 0, 0)?;
                        if it.state == OutState::WaitingOnStreamQuota && window > 0 {
                            it.state = OutState::Active;
                            self.active.push_back(*id);
                        }
                    }
                }
                Setting::HEADER_TABLE_SIZE => self.headers.limit_table(value),
                // MAX_CONCURRENT_STREAMS is the reader's to handle; MAX_FRAME_SIZE is at least what
                // we send.
                _ => {}
            }
        }
        Ok(())
    }
}

impl OutStream {
    fn new(stream: Arc<Stream>) -> Self {
        Self { stream, state: OutState::Empty, items: VecDeque::new(), bytes_outstanding: 0 }
    }
}

/// A window after an increment, which must not make it larger than a window can be.
fn grown(window: i64, increment: i64, stream: u32) -> Result<i64, Malformed> {
    let grown = window + increment;
    if grown > MAX_WINDOW {
        let what = "a window that is too large";
        return Err(Malformed { reason: Reason::FLOW_CONTROL_ERROR, stream, what });
    }
    Ok(grown)
}
