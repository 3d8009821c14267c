//! A script for the crate `h2`.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker, ready},
};

use bytes::{Buf, Bytes, BytesMut};
use h2::{RecvStream, SendStream, client, server};
use http::{HeaderMap, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use traitwire_http2::frame::PREFACE;

use super::{Outcome, Stream};
use crate::script::Script;

/// Both directions of a connection, in memory. What is read is put there in parts.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<(BytesMut, Vec<u8>)>>);

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let input = &mut self.0.lock().unwrap().0;
        if input.is_empty() {
            return Poll::Pending;
        }
        let length = buffer.remaining().min(input.len());
        buffer.put_slice(&input[..length]);
        input.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.lock().unwrap().1.extend(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// As often as it takes until nothing changes any more: nobody is woken here.
const ROUNDS: usize = 4;

/// A client that has asked for four things.
pub(super) fn client(script: &Script) -> Outcome {
    let mut cx = Context::from_waker(Waker::noop());
    let pipe = Pipe::default();
    let mut outcome = Outcome::default();
    let mut builder = client::Builder::new();
    builder
        .enable_push(false)
        .max_concurrent_reset_streams(1_024)
        .reset_stream_duration(std::time::Duration::from_secs(10))
        .initial_connection_window_size(1 << 20);
    let mut handshake = Box::pin(builder.handshake::<_, Bytes>(pipe.clone()));
    let Poll::Ready(Ok((mut requests, connection))) = handshake.as_mut().poll(&mut cx) else {
        panic!("a client begins before it hears of the server")
    };
    let mut connection = Box::pin(connection);
    let mut kept = Vec::new();
    let mut calls: Vec<_> = (0..4)
        .map(|number| {
            let request = Request::post("http://host/a.B/C").body(()).unwrap();
            let (answer, stream) = requests.send_request(request, number % 2 == 0).unwrap();
            kept.push(stream);
            Asked { id: 2 * number + 1, answer: Some(answer), body: None }
        })
        .collect();
    // The requests leave before anything is read.
    let _ = connection.as_mut().poll(&mut cx);
    'parts: for part in &script.parts {
        pipe.0.lock().unwrap().0.extend_from_slice(part);
        for _ in 0..ROUNDS {
            let is_over = connection.as_mut().poll(&mut cx).is_ready();
            for call in &mut calls {
                call.go_on(&mut outcome, &mut cx);
            }
            if is_over {
                break 'parts;
            }
        }
    }
    let written = std::mem::take(&mut pipe.0.lock().unwrap().1);
    outcome.read(written.strip_prefix(PREFACE).expect("a preface"));
    outcome
}

struct Asked {
    id: u32,
    answer: Option<client::ResponseFuture>,
    body: Option<RecvStream>,
}

impl Asked {
    fn go_on(&mut self, outcome: &mut Outcome, cx: &mut Context<'_>) {
        if let Some(answer) = &mut self.answer {
            let Poll::Ready(answer) = Pin::new(answer).poll(cx) else { return };
            self.answer = None;
            let Ok(answer) = answer else { return };
            let mut head = lines(answer.headers());
            head.push(format!(":status: {}", answer.status().as_u16()));
            head.sort();
            outcome.of(self.id).head = Some(head);
            self.body = Some(answer.into_body());
        }
        if let Some(body) = &mut self.body
            && let Poll::Ready(is_whole) = read(body, outcome.of(self.id), cx)
        {
            outcome.of(self.id).is_whole = is_whole;
            self.body = None;
        }
    }
}

/// Takes what is there of a body; whether it came to its end.
fn read(body: &mut RecvStream, outcome: &mut Stream, cx: &mut Context<'_>) -> Poll<bool> {
    loop {
        match ready!(body.poll_data(cx)) {
            Some(Ok(data)) => {
                outcome.received += data.len();
                let _ = body.flow_control().release_capacity(data.len());
            }
            Some(Err(_)) => return Poll::Ready(false),
            None => break,
        }
    }
    Poll::Ready(match ready!(body.poll_trailers(cx)) {
        Ok(trailers) => {
            outcome.trailers = trailers.map(|it| lines(&it));
            true
        }
        Err(_) => false,
    })
}

struct Call {
    id: u32,
    body: RecvStream,
    answer: server::SendResponse<Bytes>,
    is_over: bool,
}

/// A server that answers what has come whole, after it has read all of a part.
pub(super) fn server(script: &Script) -> Outcome {
    let mut cx = Context::from_waker(Waker::noop());
    let pipe = Pipe::default();
    let mut outcome = Outcome::default();
    let mut handshake = Box::pin(
        server::Builder::new()
            .max_concurrent_streams(200)
            .max_pending_accept_reset_streams(200)
            .max_concurrent_reset_streams(1_024)
            .reset_stream_duration(std::time::Duration::from_secs(10))
            .initial_connection_window_size(1 << 20)
            .handshake::<_, Bytes>(pipe.clone()),
    );
    let mut connection = None;
    let mut calls: Vec<Call> = Vec::new();
    let mut kept = Vec::new();
    'parts: for part in &script.parts {
        pipe.0.lock().unwrap().0.extend_from_slice(part);
        for _ in 0..ROUNDS {
            if connection.is_none() {
                match handshake.as_mut().poll(&mut cx) {
                    Poll::Ready(Ok(it)) => connection = Some(it),
                    Poll::Ready(Err(_)) => break,
                    Poll::Pending => continue,
                }
            }
            let Some(connection) = &mut connection else { break };
            while let Poll::Ready(accepted) = connection.poll_accept(&mut cx) {
                let Some(Ok((request, answer))) = accepted else { break 'parts };
                let id = answer.stream_id().as_u32();
                outcome.of(id).head = Some(head(&request));
                let body = request.into_body();
                calls.push(Call { id, body, answer, is_over: false });
            }
            for call in &mut calls {
                go_on(call, &mut outcome, &mut cx, &mut kept);
            }
        }
    }
    let written = std::mem::take(&mut pipe.0.lock().unwrap().1);
    outcome.read(&written);
    outcome
}

fn go_on(
    call: &mut Call,
    outcome: &mut Outcome,
    cx: &mut Context<'_>,
    kept: &mut Vec<SendStream<Bytes>>,
) {
    if call.is_over {
        return;
    }
    let Poll::Ready(is_whole) = read(&mut call.body, outcome.of(call.id), cx) else { return };
    call.is_over = true;
    outcome.of(call.id).is_whole = is_whole;
    if !is_whole {
        return;
    }
    let head = Response::builder().header("content-type", "application/grpc");
    let Ok(mut stream) = call.answer.send_response(head.body(()).unwrap(), false) else { return };
    let _ = stream.send_data(Bytes::from_static(b"ok"), false);
    let status = ("grpc-status".parse().unwrap(), "0".parse().unwrap());
    let _ = stream.send_trailers(HeaderMap::from_iter([status]));
    kept.push(stream);
}

fn head(request: &Request<RecvStream>) -> Vec<String> {
    let uri = request.uri();
    let mut all = lines(request.headers());
    all.push(format!(":method: {}", request.method()));
    if let Some(authority) = uri.authority() {
        all.push(format!(":authority: {authority}"));
    }
    all.push(format!(":path: {}", uri.path()));
    all.sort();
    all
}

fn lines(fields: &HeaderMap) -> Vec<String> {
    let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        format!("{name}: {}", value.as_bytes().escape_ascii())
    };
    let mut lines: Vec<_> = fields.iter().map(line).collect();
    lines.sort();
    lines
}
