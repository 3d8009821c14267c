//! The calls that are handed to a connection.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
};

use tokio::time::Instant;
use tonic::Status;

use super::{
    engine::{AnswerHead, Engine, Exchange, Failure, Request, Unsent},
    socket::Watch,
    target::Target,
};
use crate::{
    call::{keep, lock},
    deadline,
};

/// Where calls are handed to the task of a connection.
pub(super) struct Calls<X: Exchange> {
    queue: Mutex<Queue<X>>,
    pub(super) watch: Arc<Watch>,
    /// The server, as it was named.
    pub(super) target: Arc<Target>,
    /// How many calls the connection has, those in the queue included. The pool counts them.
    pub(super) open: AtomicUsize,
    has_answered: AtomicBool,
}

struct Queue<X: Exchange> {
    calls: Line<Waiting<X>>,
    connection: Option<Waker>,
    /// No call is taken any more.
    is_closed: bool,
    /// Nobody will hand in another one.
    is_left: bool,
}

impl<X: Exchange> Calls<X> {
    pub(super) fn new(watch: Arc<Watch>, target: Arc<Target>) -> Arc<Self> {
        let queue =
            Queue { calls: Line::default(), connection: None, is_closed: false, is_left: false };
        Arc::new(Self {
            queue: Mutex::new(queue),
            watch,
            target,
            open: AtomicUsize::new(0),
            has_answered: AtomicBool::new(false),
        })
    }

    /// Hands a call to the connection. It is begun after everything that the server has sent so far was
    /// read, so that none is begun after a GOAWAY. Then `send` gets the place for its further messages.
    pub(super) fn hand_in(
        &self,
        request: Request,
        until: Option<Instant>,
        send: Option<Send<X>>,
    ) -> HandedIn<X> {
        let slot = Arc::new(Mutex::new(Slot::Waiting(None)));
        let call = Waiting { request, until, send, slot: Arc::clone(&slot) };
        let mut queue = lock(&self.queue);
        if queue.is_closed {
            drop(queue);
            call.give_back();
            return HandedIn(slot);
        }
        queue.calls.push(call, |call| !call.is_given_up());
        let connection = queue.connection.take();
        drop(queue);
        if let Some(connection) = connection {
            connection.wake();
        }
        HandedIn(slot)
    }

    /// Takes the calls that wait; `Ready` without any when there will be no more.
    pub(super) fn poll_queue(
        &self,
        taken: &mut VecDeque<Waiting<X>>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let mut queue = lock(&self.queue);
        if queue.calls.items.is_empty() && !queue.is_left {
            keep(&mut queue.connection, cx.waker());
            return Poll::Pending;
        }
        std::mem::swap(taken, &mut queue.calls.items);
        Poll::Ready(())
    }

    /// Whether any call has been answered here.
    pub(super) fn has_answered(&self) -> bool {
        self.has_answered.load(Relaxed)
    }

    pub(super) fn note_answer(&self) {
        self.has_answered.store(true, Relaxed);
    }

    pub(super) fn is_busy(&self) -> bool {
        self.open.load(Relaxed) > 0
    }

    /// Lets the connection end after the calls that run.
    pub(super) fn leave(&self) {
        lock(&self.queue).is_left = true;
        self.wake();
    }

    /// Has the connection look around.
    pub(super) fn wake(&self) {
        let connection = lock(&self.queue).connection.take();
        if let Some(connection) = connection {
            connection.wake();
        }
    }

    /// Takes no more calls, and sends back those that wait.
    pub(super) fn close(&self) {
        let mut queue = lock(&self.queue);
        queue.is_closed = true;
        let calls = std::mem::take(&mut queue.calls);
        drop(queue);
        for call in calls.items {
            call.give_back();
        }
    }
}

/// Those who wait, in their order. Who is not there any more is forgotten before the line is twice as long
/// as it was, so that it is bounded by those who are.
pub(super) struct Line<T> {
    pub(super) items: VecDeque<T>,
    sweep_at: usize,
}

impl<T> Line<T> {
    pub(super) fn push(&mut self, item: T, is_there: impl Fn(&T) -> bool) {
        if self.items.len() >= self.sweep_at.max(64) {
            self.items.retain(is_there);
            self.sweep_at = 2 * self.items.len();
        }
        self.items.push_back(item);
    }
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self { items: VecDeque::new(), sweep_at: 0 }
    }
}

/// Sends the messages of a call that were not there at its beginning.
pub(super) type Send<X> = Box<dyn FnOnce(<X as Exchange>::Sending) + std::marker::Send>;

/// A call that waits to be begun by the task of its connection.
pub(super) struct Waiting<X: Exchange> {
    request: Request,
    pub(super) until: Option<Instant>,
    send: Option<Send<X>>,
    slot: Arc<Mutex<Slot<X>>>,
}

/// Where a connection puts the call that it has begun, and its caller finds it.
enum Slot<X> {
    Waiting(Option<Waker>),
    Begun(X, Option<Result<AnswerHead, Failure>>),
    Unsent,
    Late,
    Taken,
}

impl<X: Exchange> Waiting<X> {
    /// Whether nobody waits for it any more.
    pub(super) fn is_given_up(&self) -> bool {
        Arc::strong_count(&self.slot) == 1
    }

    pub(super) fn give_back(self) {
        self.put(Slot::Unsent);
    }

    /// Its deadline has passed.
    pub(super) fn expire(self) {
        self.put(Slot::Late);
    }

    fn put(self, state: Slot<X>) {
        let before = std::mem::replace(&mut *lock(&self.slot), state);
        if let Slot::Waiting(Some(caller)) = before {
            caller.wake();
        }
    }

    /// Begins it; whether the connection takes calls. Its caller is woken by the answer, and not before.
    pub(super) fn begin(self, engine: &mut dyn Engine<Exchange = X>) -> bool {
        let Self { request, send, slot, .. } = self;
        let begun = engine.begin(request);
        let takes_calls = begun.is_ok();
        let mut slot = lock(&slot);
        let caller = match &mut *slot {
            Slot::Waiting(caller) => caller.take(),
            _ => None,
        };
        *slot = match begun {
            Err(Unsent) => Slot::Unsent,
            Ok(mut exchange) => {
                if let Some((send, sending)) = send.zip(exchange.take_sending()) {
                    send(sending);
                }
                let head = match &caller {
                    None => None,
                    Some(caller) => match exchange.poll_head(&mut Context::from_waker(caller)) {
                        Poll::Ready(head) => Some(head),
                        Poll::Pending => {
                            *slot = Slot::Begun(exchange, None);
                            return takes_calls;
                        }
                    },
                };
                Slot::Begun(exchange, head)
            }
        };
        drop(slot);
        if let Some(caller) = caller {
            caller.wake();
        }
        takes_calls
    }
}

/// A call that a connection was given. Where it is dropped before it was begun, it never is.
pub(super) struct HandedIn<X>(Arc<Mutex<Slot<X>>>);

/// What became of a call that was handed in.
pub(super) enum Outcome<X> {
    Answered(X, AnswerHead),
    /// It was not begun, and may be handed to another connection.
    Unsent,
    Failed(Failure),
}

impl<X: Exchange> HandedIn<X> {
    /// Waits for the answer.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Outcome<X>> {
        let mut slot = lock(&self.0);
        if let Slot::Waiting(caller) = &mut *slot {
            keep(caller, cx.waker());
            return Poll::Pending;
        }
        Poll::Ready(match std::mem::replace(&mut *slot, Slot::Taken) {
            Slot::Begun(mut exchange, head) => {
                let polled = match head {
                    Some(head) => Poll::Ready(head),
                    None => exchange.poll_head(cx),
                };
                match polled {
                    Poll::Ready(Ok(head)) => Outcome::Answered(exchange, head),
                    Poll::Ready(Err(failure)) => Outcome::Failed(failure),
                    Poll::Pending => {
                        *slot = Slot::Begun(exchange, None);
                        return Poll::Pending;
                    }
                }
            }
            Slot::Unsent => Outcome::Unsent,
            Slot::Late => Outcome::Failed(Failure::Failed(deadline::exceeded())),
            Slot::Waiting(_) | Slot::Taken => {
                let why = "a call was polled after its end";
                Outcome::Failed(Failure::Failed(Status::internal(why)))
            }
        })
    }
}
