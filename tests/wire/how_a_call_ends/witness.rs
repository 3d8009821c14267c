//! A handler that does one thing when it is told to, and tells what it sees.

use std::{future::pending, sync::Arc, thread};

use tokio::sync::{Notify, mpsc};
use traitwire::{Code, Request, Response, Status, Stream, Streaming, stream_fn};

use crate::contract::{Echo, Note, note};

/// What the caller asks, and what the handler answers.
pub(crate) const QUESTION: &str = "q";
pub(crate) const ANSWER: &str = "a";

/// What a handler does when it has a question, and its caller the answer if there is one yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Deed {
    /// Reads on to the end; where there is nothing to read, stands still.
    Wait,
    Return,
    /// Fails before it has answered.
    Refuse,
    Fail,
    Panic,
    /// Drops its request stream, and stands still.
    StopReading,
}

/// What a handler sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Seen {
    Question,
    End,
    Error(Code),
    StoppedReading,
    Returned,
    Panicked,
    Dropped,
}

#[derive(Clone)]
pub(crate) struct Witness {
    deed: Deed,
    go: Arc<Notify>,
    seen: mpsc::UnboundedSender<Seen>,
}

impl Witness {
    pub(crate) fn new(deed: Deed) -> (Self, mpsc::UnboundedReceiver<Seen>) {
        let (seen, sees) = mpsc::unbounded_channel();
        (Self { deed, go: Arc::default(), seen }, sees)
    }

    /// Lets the handler do it.
    pub(crate) fn go(&self) {
        self.go.notify_one();
    }

    fn enter(&self) -> Handler<'_> {
        Handler { witness: self, returned: false }
    }

    fn tell(&self, seen: Seen) {
        // A test that has seen enough listens no more.
        let _ = self.seen.send(seen);
    }
}

/// A call; its end is told too.
struct Handler<'a> {
    witness: &'a Witness,
    returned: bool,
}

impl Handler<'_> {
    async fn read(&self, notes: &mut Streaming<Note>) -> Result<Option<Note>, Status> {
        let next = notes.message().await;
        self.witness.tell(match &next {
            Ok(Some(_)) => Seen::Question,
            Ok(None) => Seen::End,
            Err(status) => Seen::Error(status.code()),
        });
        next
    }

    /// Does it, with what is left of the request.
    async fn act(&self, notes: Option<Streaming<Note>>) -> Result<(), Status> {
        match (self.witness.deed, notes) {
            (Deed::Wait, None) => pending().await,
            (Deed::Wait, Some(mut notes)) => {
                while self.read(&mut notes).await?.is_some() {}
                Ok(())
            }
            (deed, notes) => {
                self.witness.go.notified().await;
                match deed {
                    Deed::Wait | Deed::Return => Ok(()),
                    Deed::Refuse | Deed::Fail => Err(Status::not_found("as asked")),
                    Deed::Panic => panic!("as asked"),
                    Deed::StopReading => {
                        drop(notes);
                        self.witness.tell(Seen::StoppedReading);
                        pending().await
                    }
                }
            }
        }
    }

    fn returns<T>(mut self, result: Result<T, Status>) -> Result<T, Status> {
        self.returned = true;
        result
    }
}

impl Drop for Handler<'_> {
    fn drop(&mut self) {
        self.witness.tell(match self.returned {
            true => Seen::Returned,
            false if thread::panicking() => Seen::Panicked,
            false => Seen::Dropped,
        });
    }
}

impl Echo for Witness {
    async fn say(&self, request: Request<Note>) -> Result<Response<Note>, Status> {
        if request.get_ref().text != QUESTION {
            return Ok(Response::new(request.into_inner()));
        }
        let handler = self.enter();
        self.tell(Seen::Question);
        let result = handler.act(None).await;
        handler.returns(result.map(|()| Response::new(note(ANSWER, 0))))
    }

    async fn repeat(
        &self,
        _: Request<Note>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
        let handler = self.enter();
        self.tell(Seen::Question);
        if self.deed == Deed::Refuse {
            let result = handler.act(None).await;
            handler.returns(result)?;
            return Err(Status::internal("it refuses"));
        }
        Ok(Response::new(stream_fn(async move |mut out| {
            out.send(note(ANSWER, 0)).await?;
            let result = handler.act(None).await;
            handler.returns(result)
        })))
    }

    async fn join(&self, request: Request<Streaming<Note>>) -> Result<Response<Note>, Status> {
        let handler = self.enter();
        let mut notes = request.into_inner();
        handler.read(&mut notes).await?;
        let result = handler.act(Some(notes)).await;
        handler.returns(result.map(|()| Response::new(note(ANSWER, 0))))
    }

    async fn chat(
        &self,
        request: Request<Streaming<Note>>,
    ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status> {
        let handler = self.enter();
        let mut notes = request.into_inner();
        handler.read(&mut notes).await?;
        if self.deed == Deed::Refuse {
            let result = handler.act(Some(notes)).await;
            handler.returns(result)?;
            return Err(Status::internal("it refuses"));
        }
        Ok(Response::new(stream_fn(async move |mut out| {
            out.send(note(ANSWER, 0)).await?;
            let result = handler.act(Some(notes)).await;
            handler.returns(result)
        })))
    }
}
