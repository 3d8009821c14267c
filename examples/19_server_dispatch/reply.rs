//! The answering half of a stream: messages within the caller's window (10), and the status (11).

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{Reason, SendStream, server::SendResponse};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header, response::Parts};
use traitwire::Status;

use crate::headers::EarlyAbort;

/// The caller has reset the stream, or its connection has ended: nobody waits for an answer.
pub(crate) struct Gone;

/// The answer to a request, at its beginning or after its headers.
pub(crate) enum Reply {
    Nothing(SendResponse<Bytes>),
    Headers(SendStream<Bytes>),
}

impl Reply {
    pub(crate) fn new(respond: SendResponse<Bytes>) -> Self {
        Self::Nothing(respond)
    }

    /// Runs `work` for a caller who is there. When it leaves, `work` is dropped where it stands.
    pub(crate) async fn while_wanted<W: Future>(&mut self, work: W) -> Result<W::Output, Gone> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if self.poll_reset(cx).is_ready() {
                return Poll::Ready(Err(Gone));
            }
            work.as_mut().poll(cx).map(Ok)
        })
        .await
    }

    fn poll_reset(&mut self, cx: &mut Context<'_>) -> Poll<Result<Reason, h2::Error>> {
        match self {
            Self::Nothing(respond) => respond.poll_reset(cx),
            Self::Headers(stream) => stream.poll_reset(cx),
        }
    }

    /// Sends the headers of an answer; with `end` they are all of it.
    pub(crate) fn write_header(&mut self, head: Parts, end: bool) -> Result<(), Gone> {
        let Self::Nothing(respond) = self else { return Err(Gone) };
        let response = Response::from_parts(head, ());
        *self = Self::Headers(respond.send_response(response, end).map_err(|_| Gone)?);
        Ok(())
    }

    // 10. Sends a piece of a message, as the caller's window allows it.
    pub(crate) async fn write(&mut self, mut data: Bytes) -> Result<(), Gone> {
        let Self::Headers(stream) = self else { return Err(Gone) };
        while !data.is_empty() {
            stream.reserve_capacity(data.len());
            let capacity = poll_fn(|cx| poll_capacity(stream, cx)).await?;
            let piece = data.split_to(capacity.min(data.len()));
            stream.send_data(piece, false).map_err(|_| Gone)?;
        }
        Ok(())
    }

    /// Ends an answer that has no status, for it is not one of gRPC.
    pub(crate) fn end(self) {
        if let Self::Headers(mut stream) = self {
            // Who is gone does not miss it.
            let _ = stream.send_data(Bytes::new(), true);
        }
    }

    // 11. Ends an answer with its status: in the trailers, or if there are no headers yet in these
    // (Trailers-Only).
    //
    // When the caller still sends, `h2` then tells it to stop: RST_STREAM(NO_ERROR), when the last
    // handle of a stream that has answered is dropped (`proto/streams/streams.rs`, `maybe_cancel`).
    pub(crate) fn write_status(self, trailers: HeaderMap) {
        match self {
            Self::Nothing(_) => self.early(StatusCode::OK, trailers),
            Self::Headers(mut stream) => {
                wire::step!(11, "write_status: {}", grpc_status(&trailers));
                // Who is gone does not miss it.
                let _ = stream.send_trailers(trailers);
            }
        }
    }

    // 11. The same with the headers that a service has made.
    pub(crate) fn write_headers_only(mut self, head: Parts) {
        wire::step!(11, "write_status: {}, headers only", grpc_status(&head.headers));
        // Who is gone does not miss it.
        let _ = self.write_header(head, true);
    }

    /// Answers what is not a call.
    pub(crate) fn early_abort(self, abort: &EarlyAbort) {
        let mut headers = trailers_of(&abort.status);
        if abort.http == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        self.early(abort.http, headers);
    }

    fn early(self, http: StatusCode, mut headers: HeaderMap) {
        let content_type = HeaderValue::from_static("application/grpc");
        headers.insert(header::CONTENT_TYPE, content_type);
        let (mut head, ()) = Response::new(()).into_parts();
        (head.status, head.headers) = (http, headers);
        self.write_headers_only(head);
    }
}

/// A status as trailers.
pub(crate) fn trailers_of(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    if status.add_header(&mut trailers).is_err() {
        // Something in it is no header. That much can be said.
        trailers.insert("grpc-status", HeaderValue::from(status.code() as i32));
    }
    trailers
}

fn grpc_status(headers: &HeaderMap) -> &str {
    headers.get("grpc-status").and_then(|it| it.to_str().ok()).unwrap_or("none")
}

/// How many bytes may be sent now; one at least.
fn poll_capacity(
    stream: &mut SendStream<Bytes>,
    cx: &mut Context<'_>,
) -> Poll<Result<usize, Gone>> {
    // `h2` only says when there is more than before.
    while stream.capacity() == 0 {
        match ready!(stream.poll_capacity(cx)) {
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Poll::Ready(Err(Gone)),
        }
    }
    Poll::Ready(Ok(stream.capacity()))
}
