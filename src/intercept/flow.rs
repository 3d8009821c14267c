//! The messages of a call that streams, as they pass: counted, and shown to those who asked.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use bytes::Bytes;
use tonic::Status;

use super::Traffic;
use crate::{
    Compression,
    call::lock,
    codec::{PREFIX, Reader, frames},
};

/// What looks at messages.
pub(crate) type Inspect = Arc<dyn Fn(&Bytes) -> Result<(), Status> + Send + Sync>;

/// What all who take part in a call that streams know of its messages.
#[derive(Default)]
pub(crate) struct Flow {
    pub(crate) requests: Tally,
    pub(crate) responses: Tally,
    /// Whether its answer has begun, or is about to.
    pub(crate) is_answering: AtomicBool,
    /// Why a message of the caller was refused.
    pub(crate) refused: Mutex<Option<Status>>,
}

#[derive(Default)]
pub(crate) struct Tally {
    messages: AtomicU64,
    bytes: AtomicU64,
}

impl Tally {
    pub(crate) fn add(&self, traffic: Traffic) {
        self.messages.fetch_add(traffic.messages, Ordering::Relaxed);
        self.bytes.fetch_add(traffic.bytes, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Traffic {
        let [messages, bytes] = [&self.messages, &self.bytes].map(|it| it.load(Ordering::Relaxed));
        Traffic { messages, bytes }
    }
}

/// Which of the two sides of a [`Flow`].
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Requests,
    Responses,
}

/// Where the messages of one side pass.
pub(crate) struct Tap {
    flow: Option<Arc<Flow>>,
    side: Side,
    inspect: Vec<Inspect>,
}

impl Tap {
    pub(crate) fn requests(flow: Option<Arc<Flow>>, inspect: Vec<Inspect>) -> Self {
        Self { flow, side: Side::Requests, inspect }
    }

    pub(crate) fn responses(flow: Option<Arc<Flow>>, inspect: Vec<Inspect>) -> Self {
        Self { flow, side: Side::Responses, inspect }
    }

    fn count(&self, traffic: Traffic) {
        if let Some(flow) = &self.flow {
            match self.side {
                Side::Requests => flow.requests.add(traffic),
                Side::Responses => flow.responses.add(traffic),
            }
        }
    }

    /// Why a message of the caller was refused.
    pub(crate) fn refused(&self) -> Option<Status> {
        lock(&self.flow.as_ref()?.refused).clone()
    }

    /// Lets a message pass.
    ///
    /// # Errors
    ///
    /// What it was refused with.
    pub(crate) fn message(&self, message: &Bytes) -> Result<(), Status> {
        if let Err(status) = self.show(message) {
            if let (Some(flow), Side::Requests) = (&self.flow, self.side) {
                *lock(&flow.refused) = Some(status.clone());
            }
            return Err(status);
        }
        self.count(Traffic { messages: 1, bytes: message.len() as u64 });
        Ok(())
    }

    fn show(&self, message: &Bytes) -> Result<(), Status> {
        self.inspect.iter().try_for_each(|inspect| inspect(message))
    }

    /// Lets messages pass that are framed already.
    ///
    /// # Errors
    ///
    /// What one of them was refused with. `framed` then ends before it.
    pub(crate) fn framed(
        &self,
        compression: Option<Compression>,
        framed: &mut Vec<u8>,
    ) -> Result<(), Status> {
        let (length, result) = self.inspect_framed(compression, framed);
        framed.truncate(length);
        self.count(count(framed));
        result
    }

    /// The same for an answer that is one message, and is sent or not.
    pub(crate) fn whole(
        &self,
        compression: Option<Compression>,
        framed: &[u8],
    ) -> Result<(), Status> {
        self.inspect_framed(compression, framed).1
    }

    /// Shows messages to those who asked: the length of those that may pass, and why not the next one.
    fn inspect_framed(
        &self,
        compression: Option<Compression>,
        framed: &[u8],
    ) -> (usize, Result<(), Status>) {
        if self.inspect.is_empty() {
            return (framed.len(), Ok(()));
        }
        let mut reader = Reader::new(compression, usize::MAX);
        reader.push(Bytes::copy_from_slice(framed));
        let mut passed = 0;
        for length in frames(framed) {
            let shown = match reader.next() {
                Ok(Some(message)) => self.show(&message),
                Ok(None) => Ok(()),
                Err(status) => Err(status),
            };
            if shown.is_err() {
                return (passed, shown);
            }
            passed += PREFIX + length;
        }
        (passed, Ok(()))
    }
}

/// How much there is in framed messages.
pub(crate) fn count(framed: &[u8]) -> Traffic {
    frames(framed).fold(Traffic::default(), |sum, length| Traffic {
        messages: sum.messages + 1,
        bytes: sum.bytes + length as u64,
    })
}
