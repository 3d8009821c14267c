//! A socket, watched: what the server has said, before the protocol above makes something of it.

use std::{
    fmt, io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::call::{headers::LONGEST_BLOCK, lock};

/// What is known of a connection from below its protocol.
#[derive(Debug)]
pub(super) struct Watch {
    /// The server, for what is said about it.
    server: String,
    reads: AtomicUsize,
    /// How many frames of answers were read.
    answers: AtomicUsize,
    /// How many SETTINGS were read.
    settings: AtomicUsize,
    max_concurrent_streams: AtomicU32,
    longest_block: AtomicU32,
    goes_away: AtomicBool,
    /// The last stream that the server may have looked at.
    last_stream: AtomicU32,
    /// How many calls were given up.
    resets: AtomicUsize,
    /// Whether the server has complained about PING.
    wants_fewer_pings: AtomicBool,
    /// Why the connection ends, as far as anybody knows; the first reason counts.
    reason: Mutex<Option<String>>,
}

impl Watch {
    pub(super) fn new(server: String) -> Arc<Self> {
        Arc::new(Self {
            server,
            reads: AtomicUsize::new(0),
            answers: AtomicUsize::new(0),
            settings: AtomicUsize::new(0),
            max_concurrent_streams: AtomicU32::new(u32::MAX),
            longest_block: AtomicU32::new(u32::MAX),
            goes_away: AtomicBool::new(false),
            last_stream: AtomicU32::new(u32::MAX),
            resets: AtomicUsize::new(0),
            wants_fewer_pings: AtomicBool::new(false),
            reason: Mutex::default(),
        })
    }

    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// How often something was read.
    pub(super) fn reads(&self) -> usize {
        self.reads.load(Relaxed)
    }

    /// How many HEADERS and DATA were read.
    pub(super) fn answers(&self) -> usize {
        self.answers.load(Relaxed)
    }

    /// How often the server has said what it allows. Before the first time nothing is to be sent.
    pub(super) fn settings(&self) -> usize {
        self.settings.load(Relaxed)
    }

    /// How many calls the server allows at once.
    pub(super) fn max_concurrent_streams(&self) -> usize {
        self.max_concurrent_streams.load(Relaxed) as usize
    }

    pub(super) fn takes_no_calls(&self) -> bool {
        self.max_concurrent_streams() == 0
    }

    /// How long a block of header fields may be for this server.
    pub(super) fn longest_block(&self) -> usize {
        match self.longest_block.load(Relaxed) {
            u32::MAX => LONGEST_BLOCK,
            said => said as usize,
        }
    }

    /// Whether the server has said that it takes no more calls here.
    pub(super) fn goes_away(&self) -> bool {
        self.goes_away.load(Relaxed)
    }

    /// Whether the server has said that it did not look at this stream, nor will.
    pub(super) fn has_passed_over(&self, stream: u32) -> bool {
        stream > self.last_stream.load(Relaxed)
    }

    /// How many calls were given up, each of which is a reset for the server.
    pub(super) fn resets(&self) -> usize {
        self.resets.load(Relaxed)
    }

    pub(super) fn has_reset(&self) {
        self.resets.fetch_add(1, Relaxed);
    }

    /// Whether the server has ended the connection because it was asked too often whether it is there.
    pub(super) fn wants_fewer_pings(&self) -> bool {
        self.wants_fewer_pings.load(Relaxed)
    }

    /// Why the connection ended.
    pub(super) fn reason(&self) -> String {
        let known = lock(&self.reason).clone();
        known.unwrap_or_else(|| format!("the connection to {} was lost", self.server))
    }

    pub(super) fn explain(&self, reason: impl FnOnce(&str) -> String) {
        lock(&self.reason).get_or_insert_with(|| reason(&self.server));
    }

    /// This side gives the connection up, because of what the server has sent.
    pub(super) fn broke_the_rules(&self, error: &dyn fmt::Display) {
        self.explain(|server| format!("the connection to {server} failed: {error}"));
    }

    fn lost(&self, error: &io::Error) {
        self.explain(|server| format!("the connection to {server} was lost: {error}"));
    }
}

/// A socket that is watched.
pub(super) struct Socket<IO> {
    io: IO,
    frames: Frames,
    watch: Arc<Watch>,
}

impl<IO> Socket<IO> {
    pub(super) fn new(io: IO, watch: Arc<Watch>) -> Self {
        Self { io, frames: Frames::default(), watch }
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Socket<IO> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let start = buffer.filled().len();
        let result = ready!(Pin::new(&mut this.io).poll_read(cx, buffer));
        let read = &buffer.filled()[start..];
        match &result {
            Ok(()) if read.is_empty() && buffer.remaining() > 0 => {
                this.watch.explain(|server| format!("{server} closed the connection"));
            }
            Ok(()) => {
                this.watch.reads.fetch_add(1, Relaxed);
                this.frames.read(read, &this.watch);
            }
            Err(error) => this.watch.lost(error),
        }
        Poll::Ready(result)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Socket<IO> {
    fn written(
        &mut self,
        polled: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Err(error)) = &polled {
            self.hear_last_words(cx);
            self.watch.lost(error);
        }
        polled
    }

    /// What the server said before it took no more says why, and nobody else will read it.
    fn hear_last_words(&mut self, cx: &mut Context<'_>) {
        let mut bytes = [0; 4096];
        for _ in 0..16 {
            let mut buffer = ReadBuf::new(&mut bytes);
            let polled = Pin::new(&mut self.io).poll_read(cx, &mut buffer);
            // Only TLS says so: by an alert that came before the end.
            if let Poll::Ready(Err(error)) = &polled
                && error.kind() == io::ErrorKind::InvalidData
            {
                self.watch.lost(error);
            }
            if !matches!(polled, Poll::Ready(Ok(()))) || buffer.filled().is_empty() {
                return;
            }
            self.frames.read(buffer.filled(), &self.watch);
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Socket<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.written(polled, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.written(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

const FRAME_HEAD: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const SETTING: usize = 6;
const MAX_CONCURRENT_STREAMS: u16 = 3;
const MAX_HEADER_LIST_SIZE: u16 = 6;

/// How much of a frame is kept: all of it, for one that is no longer than every peer takes.
const KEPT: usize = 16 * 1024;

/// How much of what a GOAWAY says is told.
const TOLD: usize = 512;

/// Follows the frames that a server sends, by their heads.
#[derive(Debug, Default)]
struct Frames {
    head: [u8; FRAME_HEAD],
    filled: usize,
    /// What is left of the payload.
    left: usize,
    /// The payload, where somebody looks into it.
    payload: Option<Vec<u8>>,
    has_begun: bool,
}

impl Frames {
    fn read(&mut self, mut bytes: &[u8], watch: &Watch) {
        loop {
            if self.left > 0 {
                let (now, later) = bytes.split_at(self.left.min(bytes.len()));
                if let Some(payload) = &mut self.payload {
                    payload.extend_from_slice(&now[..now.len().min(KEPT - payload.len())]);
                }
                self.left -= now.len();
                bytes = later;
            }
            if self.left == 0
                && let Some(payload) = self.payload.take()
            {
                match self.head[3] {
                    SETTINGS => settings(&payload, watch),
                    _ => go_away(&payload, watch),
                }
            }
            if bytes.is_empty() {
                return;
            }
            let (now, later) = bytes.split_at((FRAME_HEAD - self.filled).min(bytes.len()));
            self.head[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            bytes = later;
            // An alert (RFC 8446 section 5.1), which is shorter than the head of a frame.
            if !self.has_begun && self.filled >= 2 && self.head.starts_with(&[21, 3]) {
                watch.explain(|server| format!("{server} speaks TLS: use https://"));
            }
            if self.filled < FRAME_HEAD {
                return;
            }
            self.filled = 0;
            self.begin(watch);
        }
    }

    fn begin(&mut self, watch: &Watch) {
        let [a, b, c, kind, flags, ..] = self.head;
        if !std::mem::replace(&mut self.has_begun, true) && kind != SETTINGS {
            let what = if self.head.starts_with(b"HTTP/1.") { "HTTP/1" } else { "no HTTP/2" };
            watch.explain(|server| format!("{server} speaks {what}"));
        }
        self.left = u32::from_be_bytes([0, a, b, c]) as usize;
        match kind {
            DATA | HEADERS => drop(watch.answers.fetch_add(1, Relaxed)),
            SETTINGS if flags & ACK == 0 => self.payload = Some(Vec::new()),
            GOAWAY => self.payload = Some(Vec::new()),
            _ => {}
        }
    }
}

fn settings(payload: &[u8], watch: &Watch) {
    for setting in payload.chunks_exact(SETTING) {
        let [a, b, value @ ..] = *setting.first_chunk::<SETTING>().expect("chunks of this size");
        let value = u32::from_be_bytes(value);
        match u16::from_be_bytes([a, b]) {
            MAX_CONCURRENT_STREAMS => watch.max_concurrent_streams.store(value, Relaxed),
            MAX_HEADER_LIST_SIZE => watch.longest_block.store(value, Relaxed),
            _ => {}
        }
    }
    watch.settings.fetch_add(1, Relaxed);
}

fn go_away(payload: &[u8], watch: &Watch) {
    // One that is shorter is an error of the connection, which the protocol sees to.
    let Some((&[a, b, c, d, e, f, g, h], debug)) = payload.split_first_chunk::<8>() else { return };
    watch.last_stream.fetch_min(u32::from_be_bytes([a & 0x7f, b, c, d]), Relaxed);
    let debug = &debug[..debug.len().min(TOLD)];
    let code = name_of(u32::from_be_bytes([e, f, g, h]));
    watch.explain(|server| match String::from_utf8_lossy(debug).trim() {
        "" => format!("{server} ended the connection: GOAWAY {code}"),
        debug => format!("{server} ended the connection: GOAWAY {code}, {debug:?}"),
    });
    watch.wants_fewer_pings.fetch_or(debug == b"too_many_pings", Relaxed);
    watch.goes_away.store(true, Relaxed);
}

/// The name of an error code (RFC 9113 section 7).
fn name_of(code: u32) -> String {
    const NAMES: [&str; 14] = [
        "NO_ERROR",
        "PROTOCOL_ERROR",
        "INTERNAL_ERROR",
        "FLOW_CONTROL_ERROR",
        "SETTINGS_TIMEOUT",
        "STREAM_CLOSED",
        "FRAME_SIZE_ERROR",
        "REFUSED_STREAM",
        "CANCEL",
        "COMPRESSION_ERROR",
        "CONNECT_ERROR",
        "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY",
        "HTTP_1_1_REQUIRED",
    ];
    NAMES.get(code as usize).map_or_else(|| code.to_string(), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, 0, 0, 0, 0, 0], payload].concat()
    }

    #[test]
    fn what_a_server_says_is_heard_wherever_the_bytes_are_cut() {
        let bytes = [
            frame(SETTINGS, &[0, 3, 0, 0, 0, 7, 0, 6, 0, 0, 4, 210]),
            frame(HEADERS, b"headers"),
            frame(DATA, &[7; 700]),
            frame(GOAWAY, &[&[0, 0, 0, 5, 0, 0, 0, 11][..], b"too_many_pings"].concat()),
        ]
        .concat();
        for cut in 0..bytes.len() {
            let (watch, mut frames) = (Watch::new("shop".to_owned()), Frames::default());
            frames.read(&bytes[..cut], &watch);
            assert!(!watch.goes_away());
            frames.read(&bytes[cut..], &watch);
            assert_eq!((watch.settings(), watch.answers()), (1, 2), "cut at {cut}");
            assert_eq!((watch.max_concurrent_streams(), watch.longest_block()), (7, 1234));
            assert!(watch.goes_away() && watch.has_passed_over(7) && !watch.has_passed_over(5));
            let said = "shop ended the connection: GOAWAY ENHANCE_YOUR_CALM, \"too_many_pings\"";
            assert_eq!(watch.reason(), said);
            assert!(watch.wants_fewer_pings());
        }
    }

    #[test]
    fn long_frames_are_not_kept() {
        let (watch, mut frames) = (Watch::new("shop".to_owned()), Frames::default());
        let payload = [&[0; 8][..], &[b'x'; 20_000]].concat();
        frames.read(&frame(SETTINGS, &[0; 6000]), &watch);
        frames.read(&frame(GOAWAY, &payload), &watch);
        assert!(watch.goes_away() && watch.reason().len() < 2 * TOLD);
    }

    #[test]
    fn another_protocol_is_named() {
        for (bytes, said) in [
            (&b"HTTP/1.1 400 Bad Request"[..], "shop speaks HTTP/1"),
            (b"220 mail.example", "shop speaks no HTTP/2"),
            (b"\x15\x03\x03\0\x02\x02\x0a", "shop speaks TLS: use https://"),
        ] {
            let (watch, mut frames) = (Watch::new("shop".to_owned()), Frames::default());
            frames.read(bytes, &watch);
            assert_eq!(watch.reason(), said);
        }
    }
}
