//! How a call ended, as interceptors see it.

use std::time::Duration;

use tonic::{Code, Status, metadata::MetadataMap};

use super::call::Info;
use crate::{MethodDescriptor, ServiceDescriptor, Trailers, call::Reply};

/// That a call has ended well: what an interceptor passes on.
///
/// It comes from [`Next::run`](super::Next::run) and from [`Call::respond`](super::Call::respond), and holds the answer
/// of a call that has one message for it.
#[must_use = "the interceptor returns it"]
#[derive(Default)]
pub struct End {
    pub(crate) trailers: Option<Trailers>,
    /// The answer that is one message.
    pub(crate) reply: Option<Reply>,
}

impl End {
    /// The end of a call that is answered with one message.
    pub(crate) fn of(reply: Reply) -> Self {
        Self { trailers: reply.extensions.get().cloned(), reply: Some(reply) }
    }

    /// A copy of the metadata that comes after the last message.
    #[must_use]
    pub fn trailers(&self) -> MetadataMap {
        self.trailers.as_ref().map(Trailers::get).unwrap_or_default()
    }
}

impl std::fmt::Debug for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("End").finish_non_exhaustive()
    }
}

/// How a call ended.
///
/// One that was dropped before its end, because the caller went away, has the status CANCELLED, or DEADLINE_EXCEEDED
/// where its time was up.
pub struct Ended<'a> {
    pub(super) info: &'a Info,
    pub(super) result: Result<&'a End, &'a Status>,
}

impl<'a> Ended<'a> {
    /// OK, or the code of the error.
    #[must_use]
    pub fn code(&self) -> Code {
        self.error().map_or(Code::Ok, Status::code)
    }

    /// The status, unless it is OK.
    #[must_use]
    pub fn error(&self) -> Option<&'a Status> {
        self.result.err()
    }

    /// How long the call took, from its first interceptor on.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.info.started.elapsed()
    }

    /// The messages of the caller, as far as they came to the handler, or left the client.
    #[must_use]
    pub fn requests(&self) -> Traffic {
        match &self.info.flow {
            Some(flow) if !self.info.is_asked_by_one() => flow.requests.get(),
            _ => Traffic { messages: 1, bytes: self.info.request },
        }
    }

    /// The messages of the server, as far as they left the handler, or came to the client.
    #[must_use]
    pub fn responses(&self) -> Traffic {
        let reply = self.result.ok().and_then(|end| end.reply.as_ref());
        match (reply, &self.info.flow) {
            (Some(reply), _) => {
                let bytes = (reply.message.len() - usize::from(self.info.prefix)) as u64;
                Traffic { messages: 1, bytes }
            }
            (None, Some(flow)) => flow.responses.get(),
            (None, None) => Traffic::default(),
        }
    }

    /// The metadata that comes last: the trailers, or that of the error.
    #[must_use]
    pub fn trailers(&self) -> MetadataMap {
        match self.result {
            Ok(end) => end.trailers(),
            Err(status) => status.metadata().clone(),
        }
    }

    /// The method, as [`Call::method`](super::Call::method) has it.
    #[must_use]
    pub fn method(&self) -> &'static MethodDescriptor {
        self.info.method
    }

    /// The service, as [`Call::service`](super::Call::service) has it.
    #[must_use]
    pub fn service(&self) -> &'static ServiceDescriptor {
        self.info.service
    }

    /// The path of the call: `/package.Service/Method`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.info.path()
    }
}

impl std::fmt::Debug for Ended<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ended")
            .field("path", &self.path())
            .field("code", &self.code())
            .field("requests", &self.requests())
            .field("responses", &self.responses())
            .finish_non_exhaustive()
    }
}

/// How much one side has sent.
///
/// The bytes are those of messages, without what is around them. What this side sends counts as it leaves, compressed
/// where it is; what it receives counts unpacked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// How many messages.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
}
