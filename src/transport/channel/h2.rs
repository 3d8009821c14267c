//! HTTP/2 by the crate `h2`. Nothing else of the channel names it.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use h2::{
    Ping, PingPong, Reason, RecvStream, SendStream,
    client::{Builder, Connection, ResponseFuture, SendRequest},
};
use http::HeaderMap;
use tonic::{Code, Status};

use super::{
    engine::{AnswerHead, Engine, Exchange, Failure, Request, Sending, Unsent},
    socket::{Socket, Watch},
};
use crate::{client::code_of_h2, transport::io::Io};

/// What HTTP/2 allows a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) max_header_list_size: u32,
    pub(super) max_frame_size: u32,
    pub(super) initial_stream_window_size: u32,
    pub(super) initial_connection_window_size: u32,
}

/// How many streams that this side has reset are remembered, and how long, so that what was on its way
/// for them is passed over. A caller who drops answers is no reason to end a connection, and the memory
/// is bounded by what the server had room to send.
const REMEMBERED: (usize, Duration) = (10_000, Duration::from_secs(10));

/// How much of a request HTTP/2 holds that the server's window allows and the socket does not take.
const SEND_BUFFER: usize = 128 * 1024;

/// A connection.
pub(super) struct H2<IO> {
    connection: Connection<Socket<IO>, Bytes>,
    /// `None` when no more calls are to begin.
    calls: Option<SendRequest<Bytes>>,
    pings: Option<PingPong>,
    is_asking: bool,
    watch: Arc<Watch>,
}

impl<IO: Io> H2<IO> {
    /// Begins the connection. The server has not been heard yet.
    pub(super) async fn begin(io: IO, watch: Arc<Watch>, limits: &Limits) -> Result<Self, String> {
        let socket = Socket::new(io, Arc::clone(&watch));
        let (calls, mut connection) = Builder::new()
            .enable_push(false)
            .max_concurrent_reset_streams(REMEMBERED.0)
            .reset_stream_duration(REMEMBERED.1)
            .max_local_error_reset_streams(None)
            .max_send_buffer_size(SEND_BUFFER)
            .max_header_list_size(limits.max_header_list_size)
            .max_frame_size(limits.max_frame_size)
            .initial_window_size(limits.initial_stream_window_size)
            .initial_connection_window_size(limits.initial_connection_window_size)
            .handshake(socket)
            .await
            .map_err(|error| error.to_string())?;
        let pings = connection.ping_pong();
        Ok(Self { connection, calls: Some(calls), pings, is_asking: false, watch })
    }
}

impl<IO: Io> Engine for H2<IO> {
    type Exchange = H2Exchange;

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        if self.is_asking
            && let Some(pings) = &mut self.pings
        {
            // Who answers is heard by what is read.
            self.is_asking = pings.poll_pong(cx).is_pending();
        }
        Pin::new(&mut self.connection).poll(cx).map_err(|error| error.to_string())
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.calls {
            // What went wrong is said by the connection.
            Some(calls) => calls.poll_ready(cx).map(drop),
            None => Poll::Pending,
        }
    }

    fn begin(&mut self, request: Request) -> Result<H2Exchange, Unsent> {
        let Request { head, messages, is_whole } = request;
        let calls = self.calls.as_mut().ok_or(Unsent)?;
        let is_head = is_whole && messages.is_empty();
        let (response, mut stream) = calls.send_request(head, is_head).map_err(|_| Unsent)?;
        let id = stream.stream_id().as_u32();
        if !messages.is_empty() {
            // They are in memory as it is, so they need not wait for room outside.
            let _ = stream.send_data(messages, is_whole);
        }
        let sending = (!is_whole).then_some(stream);
        let watch = Arc::clone(&self.watch);
        let answer = Answer::Awaited(response);
        Ok(H2Exchange { sending, answer, has_ended: false, id, watch })
    }

    fn ping(&mut self) {
        if let Some(pings) = &mut self.pings {
            // One that is on its way is as good.
            let _ = pings.send_ping(Ping::opaque());
            self.is_asking = true;
        }
    }

    fn go_away(&mut self) {
        self.calls = None;
    }
}

/// A call.
pub(super) struct H2Exchange {
    sending: Option<SendStream<Bytes>>,
    answer: Answer,
    has_ended: bool,
    id: u32,
    watch: Arc<Watch>,
}

/// h2 resets a call that is dropped before its end.
impl Drop for H2Exchange {
    fn drop(&mut self) {
        if !self.has_ended {
            self.watch.has_reset();
        }
    }
}

enum Answer {
    Awaited(ResponseFuture),
    Begun(RecvStream),
}

impl H2Exchange {
    fn failure(&self, error: h2::Error) -> Failure {
        let refused =
            error.is_reset() && error.is_remote() && error.reason() == Some(Reason::REFUSED_STREAM);
        let is_over = error.is_io() || error.is_go_away();
        let passed_over = is_over && self.watch.has_passed_over(self.id);
        let status = status(error, &self.watch);
        if refused || passed_over { Failure::Unprocessed(status) } else { Failure::Failed(status) }
    }
}

fn status(error: h2::Error, watch: &Watch) -> Status {
    let server = watch.server();
    let (code, said) = match (code_of_h2(&error), error.reason()) {
        (Code::Unavailable, _) if !error.is_reset() => {
            if error.is_library() {
                watch.broke_the_rules(&error);
            }
            (Code::Unavailable, watch.reason())
        }
        (code, Some(reason)) if error.is_remote() => {
            (code, format!("{server} reset the call: {reason:?}"))
        }
        (code, _) => (code, format!("the answer of {server} is not valid: {error}")),
    };
    let mut status = Status::new(code, said);
    status.set_source(Arc::new(error));
    status
}

impl Exchange for H2Exchange {
    type Sending = H2Sending;

    fn take_sending(&mut self) -> Option<H2Sending> {
        self.sending.take().map(H2Sending)
    }

    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<AnswerHead, Failure>> {
        let Answer::Awaited(response) = &mut self.answer else { return Poll::Pending };
        Poll::Ready(match ready!(Pin::new(response).poll(cx)) {
            Ok(response) => {
                let (head, body) = response.into_parts();
                let is_end = body.is_end_stream();
                self.has_ended = is_end;
                self.answer = Answer::Begun(body);
                Ok(AnswerHead { status: head.status, fields: head.headers, is_end })
            }
            Err(error) => {
                self.has_ended = true;
                Err(self.failure(error))
            }
        })
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        let Answer::Begun(body) = &mut self.answer else { return Poll::Ready(None) };
        Poll::Ready(match ready!(body.poll_data(cx)) {
            Some(Ok(data)) => {
                // The server may send as much again.
                let _ = body.flow_control().release_capacity(data.len());
                Some(Ok(data))
            }
            Some(Err(error)) => {
                self.has_ended = true;
                Some(Err(status(error, &self.watch)))
            }
            None => None,
        })
    }

    fn poll_trailers(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<HeaderMap>, Status>> {
        let Answer::Begun(body) = &mut self.answer else { return Poll::Ready(Ok(None)) };
        let trailers = ready!(body.poll_trailers(cx));
        self.has_ended = true;
        Poll::Ready(trailers.map_err(|error| status(error, &self.watch)))
    }
}

/// Where the messages of a call go.
pub(super) struct H2Sending(SendStream<Bytes>);

impl Sending for H2Sending {
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        self.0.reserve_capacity(1);
        while self.0.capacity() == 0 {
            match ready!(self.0.poll_capacity(cx)) {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Poll::Ready(false),
            }
        }
        Poll::Ready(true)
    }

    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_reset(cx).map(drop)
    }

    fn send_data(&mut self, data: Bytes) {
        // A call that is over is seen next.
        let _ = self.0.send_data(data, false);
    }

    fn end(&mut self) {
        let _ = self.0.send_data(Bytes::new(), true);
    }

    fn cancel(&mut self) {
        self.0.send_reset(Reason::CANCEL);
    }
}
