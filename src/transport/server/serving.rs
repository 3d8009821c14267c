//! One call, from its head to its end, on the stream of a connection.

mod entry;
mod http;
mod linger;
mod task;

use std::{
    borrow::Cow,
    error::Error,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
};

use ::http::HeaderMap;
use bytes::Bytes;
use tonic::Status;

use self::{
    entry::{Starting, poll_message},
    http::{Http, Next},
    linger::Linger,
};
use super::{TARGET, engine::Exchange, monitor::WatchedCall};
use crate::{
    call::{End, ResponseHead, Sink},
    codec::Held,
    deadline::{self, Deadline},
    server::{Call, Panicked, Refusal},
};

pub(super) use self::task::ConnectionState;

/// How long the last of an answer may be that HTTP/2 is given whether or not its caller has made room.
const SMALL: usize = 4 * 1024;

/// How often a call goes on before it lets other tasks run: half a mebibyte of an answer, at 16 KiB each.
const TURNS: usize = 32;

/// What is said of a tower service that panics.
const PANICKED: &str = "the service panicked";

/// A call.
pub(super) struct Serving<X: Exchange> {
    exchange: X,
    work: Work,
    request: Receiving<X::Rest>,
    /// Bytes that the caller has not made room for.
    waiting: Bytes,
    end: Option<Ending>,
    held: Held,
    connection: Arc<ConnectionState>,
    method: Cow<'static, str>,
    speaks: Speaks,
    /// What a monitor sees of it.
    watched: Option<WatchedCall>,
}

/// Who reads the request.
enum Receiving<R> {
    Here(R),
    Handler(Arc<Mutex<R>>),
    /// Nobody: the call has ended before it.
    Linger(Box<Linger<R>>),
    Nobody,
}

enum Work {
    /// The one message of the request is to come.
    Message(Box<Starting>),
    Call(Call),
    Http(Http, Deadline),
    Ended,
}

/// How an answer ends.
enum Ending {
    Call(End),
    Http(Option<Box<HeaderMap>>),
    /// For a caller that does not speak gRPC.
    Refusal(Refusal),
    Reset,
}

/// What a caller speaks that tower services answer, and how far its answer is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaks {
    Grpc,
    Http { has_begun: bool },
}

impl<X: Exchange> Serving<X> {
    /// Counts what waits.
    fn hold(&mut self) -> Result<(), Status> {
        if let Some(watched) = &self.watched {
            watched.waits(self.waiting.len());
        }
        self.held.set(self.waiting.len())
    }

    /// Ends the call in another way than its handler would. What waits is dropped.
    fn fail(&mut self, status: Status) {
        let (peer, method) = (&self.connection.info.peer, &*self.method);
        let reason = status.message();
        tracing::debug!(target: TARGET, %peer, method, reason, "a call was ended");
        self.end_with(status);
    }

    /// Ends a call whose service is at fault.
    fn blame(&mut self, reason: &'static str) {
        self.tell_of_fault(reason);
        self.end_with(Status::internal(reason));
    }

    fn tell_of_fault(&self, reason: &'static str) {
        let (peer, method) = (&self.connection.info.peer, &*self.method);
        tracing::error!(target: TARGET, %peer, method, reason, "a call was ended");
    }

    fn end_with(&mut self, status: Status) {
        self.work = Work::Ended;
        self.waiting = Bytes::new();
        self.end = Some(match self.speaks {
            Speaks::Grpc => Ending::Call(End::error(status)),
            Speaks::Http { has_begun: false } => Ending::Refusal(Refusal::of(&status)),
            Speaks::Http { has_begun: true } => Ending::Reset,
        });
    }

    /// Sends what there is room for.
    fn poll_deliver(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        // What is small and the last of its call is not asked about.
        if self.end.is_some() && self.waiting.len() <= SMALL && !self.waiting.is_empty() {
            self.send(self.waiting.len());
        }
        while !self.waiting.is_empty() {
            let room = ready!(self.exchange.poll_room(self.waiting.len(), cx)).ok_or(Gone)?;
            self.send(room);
        }
        if let (Some(watched), Some(end)) = (&mut self.watched, &self.end)
            && matches!(end, Ending::Call(End { status: Ok(()), .. }) | Ending::Http(_))
        {
            watched.succeeds();
        }
        match self.end.take() {
            Some(Ending::Call(end)) => self.exchange.send_end(end),
            Some(Ending::Http(trailers)) => self.exchange.send_http_end(trailers.map(|it| *it)),
            Some(Ending::Refusal(refusal)) => self.exchange.send_refusal(refusal),
            Some(Ending::Reset) => self.exchange.reset(),
            None => {}
        }
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, length: usize) {
        let held = self.held.split(length);
        self.exchange.send_data(self.waiting.split_to(length), held);
    }

    /// Lets the handler go on. `Ready` where there is something to deliver.
    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.work {
            Work::Message(starting) => {
                let Receiving::Here(rest) = &mut self.request else {
                    unreachable!("the handler has not begun")
                };
                let received = match poll_message(rest, &mut starting.message, cx) {
                    Poll::Pending if starting.deadline.poll_expired(cx) => {
                        Err(deadline::exceeded())
                    }
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(received) => received,
                };
                match (received, std::mem::replace(&mut self.work, Work::Ended)) {
                    (Ok(message), Work::Message(starting)) => {
                        self.request = Receiving::Nobody;
                        self.work = Work::Call(starting.start(message));
                    }
                    (Err(status), _) => self.fail(status),
                    (Ok(_), _) => unreachable!("it was there"),
                }
                Poll::Ready(())
            }
            Work::Call(call) => {
                let mut out = Out::new(&mut self.exchange);
                let polled = call.poll(cx, &mut out);
                let Out { head, messages, end, .. } = out;
                let is_something = head || !messages.is_empty() || end.is_some();
                if let Some(End { status: Err(status), .. }) = &end
                    && status.source().is_some_and(|source| source.is::<Panicked>())
                {
                    self.tell_of_fault("its handler panicked");
                }
                (self.waiting, self.end) = (messages, end.map(Ending::Call));
                // An answer that waits for its caller has the deadline of its call.
                if polled.is_ready() && self.waiting.is_empty() {
                    self.work = Work::Ended;
                }
                if is_something { Poll::Ready(()) } else { polled }
            }
            Work::Http(http, deadline) => {
                if deadline.poll_expired(cx) {
                    self.fail(deadline::exceeded());
                    return Poll::Ready(());
                }
                let next = match catch_unwind(AssertUnwindSafe(|| http.poll(cx))) {
                    Err(_) => {
                        self.blame(PANICKED);
                        return Poll::Ready(());
                    }
                    Ok(polled) => ready!(polled),
                };
                match next {
                    Next::Head(head, _) if head.status.is_informational() => {
                        self.blame("the service answered with an informational status");
                    }
                    Next::Head(head, ends) => {
                        self.exchange.send_http(*head, ends);
                        if let Speaks::Http { has_begun } = &mut self.speaks {
                            *has_begun = true;
                        }
                        if ends {
                            self.work = Work::Ended;
                        }
                    }
                    Next::Data(data) => self.waiting = data,
                    Next::End(trailers) => {
                        self.work = Work::Ended;
                        self.end = Some(Ending::Http(trailers.map(Box::new)));
                    }
                    Next::Failed(status) => self.fail(status),
                }
                Poll::Ready(())
            }
            Work::Ended => Poll::Ready(()),
        }
    }
}

impl<X: Exchange> Future for Serving<X> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut turns = 0..TURNS;
        loop {
            if turns.next().is_none() {
                // There is always more, and others have a right to their turn.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match this.poll_deliver(cx) {
                Poll::Ready(Ok(())) if matches!(this.work, Work::Ended) => break,
                Poll::Ready(Ok(())) => {
                    let polled = this.poll_work(cx);
                    // What was sent is held no more.
                    if let Err(status) = this.hold() {
                        this.fail(status);
                        continue;
                    }
                    if polled.is_ready() {
                        continue;
                    }
                }
                Poll::Ready(Err(Gone)) => {
                    this.gone();
                    return Poll::Ready(());
                }
                Poll::Pending if this.is_overdue(cx) => {
                    this.fail(deadline::exceeded());
                    continue;
                }
                Poll::Pending => {}
            }
            if this.exchange.poll_gone(cx).is_ready() {
                this.gone();
                return Poll::Ready(());
            }
            match this.connection.is_cut() {
                Some(why) => this.fail(Status::unavailable(why)),
                None => return Poll::Pending,
            }
        }
        this.held = Held::default();
        this.poll_linger(cx)
    }
}

/// The caller is.
struct Gone;

impl<X: Exchange> Serving<X> {
    /// Whether the time of a call is up whose caller does not read.
    fn is_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        match &mut self.work {
            Work::Call(call) => call.poll_expired(cx),
            Work::Http(_, deadline) => deadline.poll_expired(cx),
            Work::Message(_) | Work::Ended => false,
        }
    }

    fn gone(&mut self) {
        self.work = Work::Ended;
        let (peer, method) = (&self.connection.info.peer, &*self.method);
        let reason = "its caller went away";
        tracing::debug!(target: TARGET, %peer, method, reason, "a call was ended");
    }

    /// Whether it is refused already.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self.work, Work::Ended)
    }
}

/// Where a call puts its answer: the head goes at once.
struct Out<'a, X> {
    exchange: &'a mut X,
    head: bool,
    messages: Bytes,
    end: Option<End>,
}

impl<'a, X> Out<'a, X> {
    fn new(exchange: &'a mut X) -> Self {
        Self { exchange, head: false, messages: Bytes::new(), end: None }
    }
}

impl<X: Exchange> Sink for Out<'_, X> {
    fn head(&mut self, head: ResponseHead) {
        self.head = true;
        self.exchange.send_head(head);
    }

    fn messages(&mut self, messages: Bytes) {
        self.messages = messages;
    }

    fn end(&mut self, end: End) {
        self.end = Some(end);
    }
}
