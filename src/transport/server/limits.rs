//! The limits of a server, and how they are set.

use std::time::Duration;

use super::{Server, h2};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// The limits of a server; their table is at [`Server`](super::Server).
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) http2: h2::Limits,
    pub(super) max_connections: usize,
    pub(super) max_header_list_size: usize,
    pub(super) max_buffered_bytes: usize,
    pub(super) preface_timeout: Duration,
    pub(super) write_timeout: Duration,
    pub(super) shutdown_delay: Duration,
    pub(super) drain_timeout: Duration,
    pub(super) keepalive_interval: Duration,
    pub(super) keepalive_timeout: Duration,
    pub(super) max_connection_age: Duration,
    pub(super) max_connection_age_grace: Duration,
    pub(super) max_connection_idle: Duration,
    pub(super) default_timeout: Option<Duration>,
    pub(super) max_timeout: Option<Duration>,
    #[cfg(feature = "proxy-protocol")]
    pub(super) proxy_protocol: bool,
}

impl Default for Limits {
    fn default() -> Self {
        let http2 = h2::Limits {
            max_concurrent_streams: 200,
            max_pending_accept_reset_streams: 200,
            max_local_error_reset_streams: 1024,
            max_frame_size: 16 * KIB as u32,
            initial_stream_window_size: MIB as u32,
            initial_connection_window_size: 4 * MIB as u32,
        };
        Self {
            http2,
            max_connections: 512,
            max_header_list_size: 16 * KIB,
            max_buffered_bytes: 512 * MIB,
            preface_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(20),
            shutdown_delay: Duration::ZERO,
            drain_timeout: Duration::from_secs(5),
            keepalive_interval: Duration::from_secs(60),
            keepalive_timeout: Duration::from_secs(20),
            max_connection_age: Duration::MAX,
            max_connection_age_grace: Duration::MAX,
            max_connection_idle: Duration::MAX,
            default_timeout: None,
            max_timeout: None,
            #[cfg(feature = "proxy-protocol")]
            proxy_protocol: false,
        }
    }
}

/// The limits, each with its default in the table above.
impl Server {
    /// How many connections there may be at once, one at least.
    ///
    /// The next one is not accepted before another one has ended. Until then it waits with the
    /// kernel, in the backlog of the listener, and takes no file of the process.
    ///
    /// A process may open so many files and no more (`ulimit -n`): leave some for everything else.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.limits.max_connections = connections.max(1);
        self
    }

    /// How long a caller may take from the connection to the end of the HTTP/2 preface, which are
    /// the first 24 bytes that it sends, or with TLS the first that it sends after the handshake.
    pub fn preface_timeout(mut self, timeout: Duration) -> Self {
        self.limits.preface_timeout = timeout;
        self
    }

    /// How long a caller may take nothing of what is sent to it. Who does not read an answer has its
    /// window for that, and goes on reading what is not an answer; who does not read its socket is
    /// gone, or up to something.
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.limits.write_timeout = timeout;
        self
    }

    /// How long the server goes on as before once it is told to end, and only answers health checks (feature
    /// `health`) with NOT_SERVING. Balancers need this time to notice, and to stop sending calls here: twice the
    /// interval of their checks is enough. It comes before the [`drain_timeout`](Self::drain_timeout), and both
    /// together have to be less than the time after which the process is killed.
    pub fn shutdown_delay(mut self, delay: Duration) -> Self {
        self.limits.shutdown_delay = delay;
        self
    }

    /// How long the calls that run may go on after the shutdown. Then they are ended with UNAVAILABLE.
    pub fn drain_timeout(mut self, timeout: Duration) -> Self {
        self.limits.drain_timeout = timeout;
        self
    }

    /// How long a call may take whose caller sets no deadline, and its stream too. Then it is ended with
    /// DEADLINE_EXCEEDED. A service with long streams is exempted by an option of its own:
    /// [`ServiceOptions::default_timeout`](crate::ServiceOptions::default_timeout).
    pub fn default_timeout(mut self, timeout: Duration) -> Self {
        self.limits.default_timeout = Some(timeout);
        self
    }

    /// How long a call may take at most, and its stream too, whatever its caller asks for.
    pub fn max_timeout(mut self, timeout: Duration) -> Self {
        self.limits.max_timeout = Some(timeout);
        self
    }

    /// After how long without a word a caller is asked whether it is there (by a PING), 100 ms at least, and
    /// how long it may take to answer.
    pub fn keepalive(mut self, interval: Duration, timeout: Duration) -> Self {
        self.limits.keepalive_interval = interval.max(Duration::from_millis(100));
        self.limits.keepalive_timeout = timeout;
        self
    }

    /// After how long a caller is told by GOAWAY to connect anew, and how long its calls may go on then.
    /// After that they are ended with UNAVAILABLE.
    ///
    /// A caller that does not acknowledge the GOAWAY may begin calls for 5 s more. Then they are refused.
    pub fn max_connection_age(mut self, age: Duration, grace: Duration) -> Self {
        self.limits.max_connection_age = age;
        self.limits.max_connection_age_grace = grace;
        self
    }

    /// After how long without a call a connection is ended by GOAWAY.
    pub fn max_connection_idle(mut self, idle: Duration) -> Self {
        self.limits.max_connection_idle = idle;
        self
    }

    /// How many calls a caller may have at once on a connection. One more is reset with REFUSED_STREAM,
    /// which callers may try again.
    ///
    /// Until the caller has acknowledged that it knows this number, and for 10 s at most, it may have five
    /// times as many: a proxy that has just been started begins the calls of all its callers before it has read
    /// anything.
    pub fn max_concurrent_streams(mut self, streams: u32) -> Self {
        self.limits.http2.max_concurrent_streams = streams;
        self
    }

    /// How many bytes the header fields of a call may count for: names, values, and 32 for each.
    ///
    /// What is announced to the caller is four times as much, which is where HTTP/2 itself refuses, without
    /// a word in gRPC.
    pub fn max_header_list_size(mut self, bytes: u32) -> Self {
        self.limits.max_header_list_size = bytes as usize;
        self
    }

    /// How many bytes of messages all calls may hold together: of requests that are being received or
    /// handled, and of answers that the socket has not taken. A call that would hold more is RESOURCE_EXHAUSTED.
    /// Calls that hold 4 KiB or less are not counted.
    ///
    /// Of an answer whose caller makes room for it, up to 128 KiB are given to HTTP/2. They count until the
    /// socket has taken them, and cannot be taken back: where it takes nothing, the status at a deadline
    /// stands behind them, until the [`write_timeout`](Self::write_timeout) ends the connection.
    pub fn max_buffered_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_buffered_bytes = bytes;
        self
    }

    /// How much a caller may send of a call that the handler has not read.
    pub fn initial_stream_window_size(mut self, bytes: u32) -> Self {
        self.limits.http2.initial_stream_window_size = window(bytes);
        self
    }

    /// The same for all calls of a connection together.
    pub fn initial_connection_window_size(mut self, bytes: u32) -> Self {
        self.limits.http2.initial_connection_window_size = window(bytes);
        self
    }

    /// How large a frame may be that a caller sends: from 16 KiB to 16 MiB.
    pub fn max_frame_size(mut self, bytes: u32) -> Self {
        self.limits.http2.max_frame_size = bytes.clamp(16 * KIB as u32, 16 * MIB as u32 - 1);
        self
    }

    /// How many calls that were begun and reset may wait to be seen. One more ends the connection.
    pub fn max_pending_accept_reset_streams(mut self, streams: usize) -> Self {
        self.limits.http2.max_pending_accept_reset_streams = streams;
        self
    }

    /// How many calls of a connection may be reset because of wrong frames before it is ended.
    pub fn max_local_error_reset_streams(mut self, streams: usize) -> Self {
        self.limits.http2.max_local_error_reset_streams = streams;
        self
    }

    /// Each connection begins with a header of the PROXY protocol, version 1 or 2, by which a balancer says
    /// who has connected to it. One that does not is refused.
    #[cfg(feature = "proxy-protocol")]
    pub fn proxy_protocol(mut self) -> Self {
        self.limits.proxy_protocol = true;
        self
    }
}

/// What HTTP/2 allows a window to be.
fn window(bytes: u32) -> u32 {
    bytes.min((1 << 31) - 1)
}
