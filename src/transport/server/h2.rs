//! HTTP/2 by the crate `h2`. Nothing outside of this file names it.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use h2::{
    Ping, PingPong, Reason, RecvStream, SendStream,
    server::{Builder, Connection, Handshake, SendResponse},
};
use http::{HeaderMap, request, response};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};
use tonic::{Status, metadata::MetadataMap};

use super::{
    engine::{Begun, Engine, Exchange, Failure, Request, RequestRest},
    socket::{Socket, Watch},
};
use crate::{
    call::{
        End, Head, ResponseHead,
        headers::{self, Fields},
    },
    codec::Held,
    server::{Refusal, refusal},
};

/// What HTTP/2 allows a caller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) max_concurrent_streams: u32,
    pub(super) max_pending_accept_reset_streams: usize,
    pub(super) max_local_error_reset_streams: usize,
    pub(super) max_frame_size: u32,
    pub(super) initial_stream_window_size: u32,
    pub(super) initial_connection_window_size: u32,
}

/// How many streams that this side has reset are remembered, so that what was on its way for them is
/// passed over instead of being taken for a fault of the caller, and how long.
const REMEMBERED: (usize, Duration) = (1024, Duration::from_secs(1));

/// How many times as many calls a caller may begin as it will be told, until it has been told or could have
/// been.
const UNTOLD: u32 = 5;
const TO_BE_TOLD: Duration = Duration::from_secs(10);

/// How much of an answer HTTP/2 holds that the caller's window allows and its socket does not take. It counts
/// for all calls together, and cannot be taken back at a deadline.
const SEND_BUFFER: usize = 128 * 1024;

/// A connection.
pub(super) struct H2<IO> {
    state: State<IO>,
    pings: Option<PingPong>,
    is_asking: bool,
    watch: Arc<Watch>,
    goes_away: bool,
    refuses: bool,
    /// The calls that have not been answered to their end, each of which has one of these.
    open: Arc<()>,
    max_concurrent_streams: usize,
    /// How many more calls above that are refused before the connection is ended. One that is let in
    /// gives one back.
    patience: usize,
    most_patience: usize,
    since: Instant,
}

enum State<IO> {
    Opening(Handshake<Socket<IO>, Outgoing>),
    Open(Connection<Socket<IO>, Outgoing>),
}

impl<IO: AsyncRead + AsyncWrite + Unpin> H2<IO> {
    pub(super) fn new(
        socket: Socket<IO>,
        watch: Arc<Watch>,
        limits: &super::limits::Limits,
    ) -> Self {
        let hard = limits.max_header_list_size.saturating_mul(4);
        let limits = &limits.http2;
        let handshake = Builder::new()
            .max_concurrent_streams(limits.max_concurrent_streams.saturating_mul(UNTOLD))
            .max_concurrent_reset_streams(REMEMBERED.0)
            .reset_stream_duration(REMEMBERED.1)
            .max_pending_accept_reset_streams(limits.max_pending_accept_reset_streams)
            .max_local_error_reset_streams(Some(limits.max_local_error_reset_streams))
            .max_send_buffer_size(SEND_BUFFER)
            .max_frame_size(limits.max_frame_size)
            .initial_window_size(limits.initial_stream_window_size)
            .initial_connection_window_size(limits.initial_connection_window_size)
            .max_header_list_size(u32::try_from(hard).unwrap_or(u32::MAX))
            .handshake(socket);
        Self {
            state: State::Opening(handshake),
            pings: None,
            is_asking: false,
            watch,
            goes_away: false,
            refuses: false,
            open: Arc::new(()),
            max_concurrent_streams: limits.max_concurrent_streams as usize,
            patience: limits.max_local_error_reset_streams,
            most_patience: limits.max_local_error_reset_streams,
            since: Instant::now(),
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + Send + 'static> Engine for H2<IO> {
    type Head = request::Parts;
    type Exchange = H2Exchange;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Begun<Self>, Failure>>> {
        let connection = loop {
            match &mut self.state {
                State::Opening(handshake) => match ready!(Pin::new(handshake).poll(cx)) {
                    Ok(mut connection) => {
                        self.pings = connection.ping_pong();
                        if self.goes_away {
                            connection.graceful_shutdown();
                        }
                        self.state = State::Open(connection);
                    }
                    Err(error) => return Poll::Ready(Some(Err(failure(&error)))),
                },
                State::Open(connection) => break connection,
            }
        };
        if self.is_asking
            && let Some(pings) = &mut self.pings
        {
            // Who answers is heard by what is read.
            self.is_asking = pings.poll_pong(cx).is_pending();
        }
        let mut polled = loop {
            let mut polled = connection.poll_accept(cx);
            // The calls that have begun, and this loop's own.
            let open = Arc::strong_count(&self.open) - 1;
            // A call that its caller has reset is there until its handler is dropped, and a caller that keeps to
            // the rules may have begun another one meanwhile.
            let max = self.max_concurrent_streams;
            let most = max.saturating_add(self.watch.resets_on_their_way().min(max));
            let is_too_much = || {
                open >= most
                    && (self.watch.has_acknowledged() || self.since.elapsed() >= TO_BE_TOLD)
            };
            if let Poll::Ready(Some(Ok((_, answer)))) = &mut polled
                && (self.refuses || is_too_much())
            {
                answer.send_reset(Reason::REFUSED_STREAM);
                match self.patience.checked_sub(1) {
                    Some(less) => self.patience = less,
                    None if self.goes_away => {}
                    None => {
                        self.goes_away = true;
                        connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM);
                    }
                }
                continue;
            }
            if matches!(polled, Poll::Ready(Some(Ok(_)))) && self.patience < self.most_patience {
                self.patience += 1;
            }
            break polled;
        };
        if self.refuses && polled.is_pending() && !connection.has_streams() {
            // Once: nobody can begin anything after that.
            self.refuses = false;
            connection.abrupt_shutdown(Reason::NO_ERROR);
            polled = connection.poll_accept(cx);
        }
        if self.watch.begins_wrongly() && !self.goes_away {
            self.goes_away = true;
            connection.abrupt_shutdown(Reason::PROTOCOL_ERROR);
            let _ = connection.poll_closed(cx);
        }
        Poll::Ready(match ready!(polled) {
            Some(Ok((request, answer))) => {
                let (head, rest) = request.into_parts();
                let (rest, answer) = (Some(H2Rest(rest)), Answer::NotBegun(answer));
                let (watch, open) = (Arc::clone(&self.watch), Some(Arc::clone(&self.open)));
                Some(Ok((head, H2Exchange { rest, answer, watch, open })))
            }
            Some(Err(error)) => Some(Err(failure(&error))),
            None => None,
        })
    }

    fn go_away(&mut self) {
        if !std::mem::replace(&mut self.goes_away, true)
            && let State::Open(connection) = &mut self.state
        {
            connection.graceful_shutdown();
        }
    }

    fn refuse_calls(&mut self) {
        self.refuses = true;
    }

    fn close(&mut self) {
        self.goes_away = true;
        if let State::Open(connection) = &mut self.state {
            connection.abrupt_shutdown(Reason::NO_ERROR);
        }
    }

    fn ping(&mut self) {
        if let Some(pings) = &mut self.pings {
            // One that is on its way is as good.
            let _ = pings.send_ping(Ping::opaque());
            self.is_asking = true;
        }
    }

    fn is_idle(&self) -> bool {
        matches!(&self.state, State::Open(connection) if !connection.has_streams())
    }
}

fn failure(error: &h2::Error) -> Failure {
    Failure(error.to_string())
}

impl Request for request::Parts {
    fn path(&self) -> &str {
        self.uri.path()
    }

    fn fields(&self) -> (impl Head, usize, Option<Refusal>) {
        let fields = Fields::of(&self.headers);
        let (length, refusal) = (fields.length, refusal(&self.method, fields.content_type));
        (fields, length, refusal)
    }

    fn into_metadata(self) -> MetadataMap {
        MetadataMap::from_headers(self.headers)
    }

    fn into_http(self) -> request::Parts {
        self
    }
}

/// The rest of a call.
pub(super) struct H2Exchange {
    rest: Option<H2Rest>,
    answer: Answer,
    watch: Arc<Watch>,
    /// Until the answer ends, which is before its caller can know of it and begin another call. A request
    /// that goes on after that is bounded by what the protocol allows.
    open: Option<Arc<()>>,
}

impl Drop for H2Exchange {
    fn drop(&mut self) {
        if self.open.is_some() {
            self.watch.gave_up();
        }
    }
}

enum Answer {
    NotBegun(SendResponse<Outgoing>),
    Begun(SendStream<Outgoing>),
    Ended,
}

/// Bytes that HTTP/2 holds until the socket takes them, or the stream is reset.
#[derive(Default)]
struct Outgoing {
    data: Bytes,
    _held: Held,
}

impl Buf for Outgoing {
    fn remaining(&self) -> usize {
        self.data.len()
    }

    fn chunk(&self) -> &[u8] {
        &self.data
    }

    fn advance(&mut self, count: usize) {
        self.data.advance(count);
    }
}

impl H2Exchange {
    fn respond(&mut self, response: http::Response<()>, ends: bool) {
        if ends {
            self.open = None;
        }
        if let Answer::NotBegun(answer) = &mut self.answer {
            // It fails where the caller is gone, which is seen next.
            self.answer = match answer.send_response(response, ends) {
                Ok(stream) if !ends => Answer::Begun(stream),
                _ => Answer::Ended,
            };
        }
    }

    fn respond_with(&mut self, fields: HeaderMap, ends: bool) {
        let mut response = http::Response::new(());
        *response.headers_mut() = fields;
        self.respond(response, ends);
    }
}

impl Exchange for H2Exchange {
    type Rest = H2Rest;

    fn send_refusal(&mut self, refusal: Refusal) {
        let (head, text) = refusal.into_response().into_parts();
        self.send_http(head, false);
        self.send_data(text, Held::default());
        self.send_http_end(None);
    }

    fn take_rest(&mut self) -> H2Rest {
        self.rest.take().expect("it is taken once")
    }

    fn send_head(&mut self, head: ResponseHead) {
        match headers::head(head, self.watch.longest_block()) {
            Ok(fields) => self.respond_with(fields, false),
            Err(status) => self.send_end(End::error(status)),
        }
    }

    fn send_http(&mut self, head: response::Parts, ends: bool) {
        let mut response = http::Response::new(());
        *response.status_mut() = head.status;
        *response.headers_mut() = head.headers;
        headers::strip_connection(response.headers_mut());
        self.respond(response, ends);
    }

    fn poll_room(&mut self, wanted: usize, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        let Answer::Begun(stream) = &mut self.answer else { return Poll::Ready(None) };
        if stream.capacity() < wanted {
            stream.reserve_capacity(wanted);
        }
        loop {
            let room = stream.capacity();
            if room > 0 {
                return Poll::Ready(Some(room.min(wanted)));
            }
            match ready!(stream.poll_capacity(cx)) {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Poll::Ready(None),
            }
        }
    }

    fn send_data(&mut self, data: Bytes, held: Held) {
        if let Answer::Begun(stream) = &mut self.answer
            && stream.send_data(Outgoing { data, _held: held }, false).is_err()
        {
            self.answer = Answer::Ended;
        }
    }

    fn send_end(&mut self, end: End) {
        self.open = None;
        let longest = self.watch.longest_block();
        match std::mem::replace(&mut self.answer, Answer::Ended) {
            Answer::Begun(mut stream) => {
                // A caller who is gone needs no end.
                let _ = stream.send_trailers(headers::trailers(end, longest));
            }
            answer @ Answer::NotBegun(_) => {
                self.answer = answer;
                let mut fields = headers::begun();
                headers::add_end(&mut fields, end, longest);
                self.respond_with(fields, true);
            }
            Answer::Ended => {}
        }
    }

    fn send_http_end(&mut self, trailers: Option<HeaderMap>) {
        self.open = None;
        if let Answer::Begun(mut stream) = std::mem::replace(&mut self.answer, Answer::Ended) {
            let _ = match trailers {
                Some(trailers) => stream.send_trailers(trailers),
                None => stream.send_data(Outgoing::default(), true),
            };
        }
    }

    fn reset(&mut self) {
        self.open = None;
        match &mut self.answer {
            Answer::NotBegun(answer) => answer.send_reset(Reason::INTERNAL_ERROR),
            Answer::Begun(stream) => stream.send_reset(Reason::INTERNAL_ERROR),
            Answer::Ended => {}
        }
        self.answer = Answer::Ended;
    }

    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.answer {
            Answer::NotBegun(answer) => answer.poll_reset(cx).map(drop),
            Answer::Begun(stream) => stream.poll_reset(cx).map(drop),
            Answer::Ended => Poll::Ready(()),
        }
    }
}

/// What a caller sends after the head.
pub(super) struct H2Rest(RecvStream);

impl RequestRest for H2Rest {
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        let Some(data) = ready!(self.0.poll_data(cx)) else { return Poll::Ready(None) };
        Poll::Ready(Some(match data {
            Ok(data) => {
                // The caller may send as much again.
                let _ = self.0.flow_control().release_capacity(data.len());
                Ok(data)
            }
            Err(_) => Err(Status::cancelled("the caller went away before its messages ended")),
        }))
    }

    fn has_ended(&self) -> bool {
        self.0.is_end_stream()
    }
}
