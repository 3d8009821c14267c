//! A socket, watched: what was read of it, and whether its caller takes what is written.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf, Bytes};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};

use crate::call::headers::LONGEST_BLOCK;

/// What is known of a connection from below its protocol.
#[derive(Debug)]
pub(super) struct Watch {
    reads: AtomicUsize,
    /// What the caller announced as its MAX_HEADER_LIST_SIZE.
    longest_block: AtomicU32,
    begins_wrongly: AtomicBool,
    has_acknowledged: AtomicBool,
    /// How often the caller has reset a stream, and how many calls have ended by that.
    resets: AtomicUsize,
    given_up: AtomicUsize,
}

impl Watch {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            reads: AtomicUsize::new(0),
            longest_block: AtomicU32::new(u32::MAX),
            begins_wrongly: AtomicBool::new(false),
            has_acknowledged: AtomicBool::new(false),
            resets: AtomicUsize::new(0),
            given_up: AtomicUsize::new(0),
        })
    }

    /// How often something was read.
    pub(super) fn reads(&self) -> usize {
        self.reads.load(Relaxed)
    }

    /// How long a block of header fields may be for this caller, besides `:status`.
    pub(super) fn longest_block(&self) -> usize {
        match self.longest_block.load(Relaxed) {
            u32::MAX => LONGEST_BLOCK,
            said => (said as usize).saturating_sub(":status200".len() + 32),
        }
    }

    /// Whether the caller knows what the server has announced.
    pub(super) fn has_acknowledged(&self) -> bool {
        self.has_acknowledged.load(Relaxed)
    }

    /// Notes that a call has ended before its answer.
    pub(super) fn gave_up(&self) {
        self.given_up.fetch_add(1, Relaxed);
    }

    /// How many calls may have been reset whose handlers are not dropped yet.
    pub(super) fn resets_on_their_way(&self) -> usize {
        self.resets.load(Relaxed).saturating_sub(self.given_up.load(Relaxed))
    }

    /// Whether the first frame is another one than SETTINGS (RFC 9113 section 3.4).
    pub(super) fn begins_wrongly(&self) -> bool {
        self.begins_wrongly.load(Relaxed)
    }
}

/// A socket whose caller has sent the preface of HTTP/2, or more, which is given back first.
pub(super) struct Socket<IO> {
    io: IO,
    before: Bytes,
    frames: Frames,
    watch: Arc<Watch>,
    announcement: Announcement,
    write_timeout: Duration,
    /// The end of its patience, while the socket takes nothing.
    blocked: Option<Pin<Box<Sleep>>>,
}

impl<IO> Socket<IO> {
    /// The caller is told that it may have so many streams, whatever the protocol says.
    pub(super) fn new(
        io: IO,
        before: Bytes,
        watch: Arc<Watch>,
        write_timeout: Duration,
        max_concurrent_streams: u32,
    ) -> Self {
        let announcement = Announcement::Due { max_concurrent_streams };
        let frames = Frames::default();
        Self { io, before, frames, watch, announcement, write_timeout, blocked: None }
    }

    fn has_read(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.watch.reads.fetch_add(1, Relaxed);
            self.frames.read(bytes, &self.watch);
        }
    }

    fn or_blocked<T>(
        &mut self,
        polled: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.blocked = None;
            return polled;
        }
        let patience = self.write_timeout;
        let blocked = self.blocked.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        if blocked.as_mut().poll(cx).is_ready() {
            let why = "the caller takes nothing of what is sent to it";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, why)));
        }
        Poll::Pending
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Socket<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let start = buffer.filled().len();
        let polled = if self.before.is_empty() {
            Pin::new(&mut self.io).poll_read(cx, buffer)
        } else {
            let length = self.before.len().min(buffer.remaining());
            buffer.put_slice(&self.before[..length]);
            self.before.advance(length);
            Poll::Ready(Ok(()))
        };
        self.has_read(&buffer.filled()[start..]);
        polled
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Socket<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let polled = match this.announcement.of(bytes) {
            Some(bytes) => {
                let polled = Pin::new(&mut this.io).poll_write(cx, bytes);
                if let Poll::Ready(Ok(written)) = polled {
                    this.announcement.wrote(written);
                }
                polled
            }
            None => Pin::new(&mut this.io).poll_write(cx, bytes),
        };
        self.or_blocked(polled, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if !matches!(self.announcement, Announcement::Made) {
            let first = slices.iter().find(|slice| !slice.is_empty());
            return self.poll_write(cx, first.map_or(&[], |slice| slice));
        }
        let polled = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.or_blocked(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What TLS has encrypted is written here at the latest.
        let polled = Pin::new(&mut self.io).poll_flush(cx);
        self.or_blocked(polled, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// `PRI * HTTP/2.0`, with which a caller begins (RFC 9113 section 3.4).
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const FRAME_HEAD: usize = 9;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const ACK: u8 = 1;
const SETTING: usize = 6;
const MAX_CONCURRENT_STREAMS: u16 = 3;
const MAX_HEADER_LIST_SIZE: u16 = 6;

/// The server's first frame, its SETTINGS, with another number of streams in it than the protocol allows.
///
/// A caller may begin calls before it has read what it may (RFC 9113 section 3.4), as Envoy does. So the
/// protocol allows more than is announced, until the caller has acknowledged the announcement.
enum Announcement {
    Due { max_concurrent_streams: u32 },
    Begun { bytes: Vec<u8>, written: usize },
    Made,
}

impl Announcement {
    /// What is to be written instead of `bytes`, if anything is.
    fn of(&mut self, bytes: &[u8]) -> Option<&[u8]> {
        if let Self::Due { max_concurrent_streams } = self {
            let mut changed = bytes.to_vec();
            let length = bytes
                .first_chunk::<3>()
                .map_or(0, |[a, b, c]| u32::from_be_bytes([0, *a, *b, *c]) as usize);
            let payload = changed.get_mut(FRAME_HEAD..FRAME_HEAD + length).unwrap_or_default();
            for setting in payload.chunks_exact_mut(SETTING) {
                if setting[..2] == MAX_CONCURRENT_STREAMS.to_be_bytes() {
                    setting[2..].copy_from_slice(&max_concurrent_streams.to_be_bytes());
                }
            }
            *self = Self::Begun { bytes: changed, written: 0 };
        }
        match self {
            Self::Begun { bytes, written } => Some(&bytes[*written..]),
            _ => None,
        }
    }

    fn wrote(&mut self, length: usize) {
        if let Self::Begun { bytes, written } = self {
            *written += length;
            if *written == bytes.len() {
                *self = Self::Made;
            }
        }
    }
}

/// Follows the frames that a caller sends, by their heads.
#[derive(Debug)]
struct Frames {
    /// What is to be passed over.
    skip: usize,
    /// A head, or a setting, as far as it has come.
    part: [u8; FRAME_HEAD],
    filled: usize,
    /// What is left of a SETTINGS frame.
    settings: usize,
    is_first: bool,
}

impl Default for Frames {
    fn default() -> Self {
        let part = [0; FRAME_HEAD];
        Self { skip: PREFACE.len(), part, filled: 0, settings: 0, is_first: true }
    }
}

impl Frames {
    fn read(&mut self, mut bytes: &[u8], watch: &Watch) {
        loop {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = &bytes[skipped..];
            if bytes.is_empty() {
                return;
            }
            let wanted = if self.settings > 0 { SETTING } else { FRAME_HEAD };
            let taken = (wanted - self.filled).min(bytes.len());
            self.part[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled < wanted {
                return;
            }
            self.filled = 0;
            if self.settings > 0 {
                self.settings -= SETTING;
                self.setting(watch);
            } else {
                self.head(watch);
            }
        }
    }

    fn head(&mut self, watch: &Watch) {
        let [a, b, c, kind, flags, ..] = self.part;
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        if std::mem::take(&mut self.is_first) && kind != SETTINGS {
            watch.begins_wrongly.store(true, Relaxed);
        }
        if kind == RST_STREAM {
            watch.resets.fetch_add(1, Relaxed);
        }
        if kind == SETTINGS && flags & ACK != 0 {
            watch.has_acknowledged.store(true, Relaxed);
        }
        match kind {
            // One of another length is an error of the connection, which the protocol sees to.
            SETTINGS if length.is_multiple_of(SETTING) => self.settings = length,
            _ => self.skip = length,
        }
    }

    fn setting(&mut self, watch: &Watch) {
        let [a, b, value @ ..] = *self.part.first_chunk::<SETTING>().expect("as long as a head");
        if u16::from_be_bytes([a, b]) == MAX_HEADER_LIST_SIZE {
            watch.longest_block.store(u32::from_be_bytes(value), Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, 0, 0, 0, 0, 0], payload].concat()
    }

    #[test]
    fn a_setting_is_found_wherever_the_bytes_are_cut() {
        let settings = [0, 4, 0, 0, 255, 255, 0, 6, 0, 0, 4, 210];
        let bytes = [PREFACE.to_vec(), frame(SETTINGS, &settings), frame(0, b"data")].concat();
        for cut in 0..bytes.len() {
            let (watch, mut frames) = (Watch::new(), Frames::default());
            assert_eq!(watch.longest_block(), LONGEST_BLOCK);
            frames.read(&bytes[..cut], &watch);
            frames.read(&bytes[cut..], &watch);
            assert_eq!(watch.longest_block(), 1234 - 42, "cut at {cut}");
            assert!(!watch.begins_wrongly() && !watch.has_acknowledged());
            assert_eq!((frames.skip, frames.filled), (0, 0));
        }
    }

    #[test]
    fn another_number_of_streams_is_announced_however_it_is_written() {
        let settings = [0, 4, 0, 0, 255, 255, 0, 3, 0, 0, 3, 232];
        let bytes = [frame(SETTINGS, &settings), frame(8, &[0; 4])].concat();
        let mut expected = bytes.clone();
        expected[FRAME_HEAD + 10..FRAME_HEAD + 12].copy_from_slice(&[0, 200]);
        for piece in 1..bytes.len() {
            let mut announcement = Announcement::Due { max_concurrent_streams: 200 };
            let (mut sent, mut rest) = (Vec::new(), &bytes[..]);
            while let Some(changed) = announcement.of(rest) {
                let length = piece.min(changed.len());
                sent.extend_from_slice(&changed[..length]);
                announcement.wrote(length);
                rest = &rest[length..];
            }
            assert_eq!(sent, expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn another_first_frame_is_seen() {
        let (watch, mut frames) = (Watch::new(), Frames::default());
        frames.read(&[PREFACE.to_vec(), frame(6, &[0; 8])].concat(), &watch);
        assert!(watch.begins_wrongly());
    }
}
