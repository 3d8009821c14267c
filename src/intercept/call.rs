//! A call, as interceptors see it before it begins.

use std::{
    borrow::Cow,
    fmt, mem,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use tonic::{Extensions, Status, metadata::MetadataMap};

use super::{End, Ended, Flow, Inspect};
#[cfg(feature = "server")]
use crate::Peer;
use crate::{
    Message, MethodDescriptor, MethodKind, RawMessage, ServiceDescriptor, TypeRef, clock::Instant,
};

/// A call before its handler starts, or before its request is sent.
///
/// See [`intercept`](crate::intercept) for what can be done with it.
pub struct Call {
    pub(crate) info: Info,
    pub(crate) metadata: MetadataMap,
    pub(crate) extensions: Extensions,
    /// What an interceptor must not touch.
    pub(crate) half: Half,
    pub(crate) hooks: Option<Box<Hooks>>,
}

/// What stays known of a call to its end.
#[derive(Clone)]
pub(crate) struct Info {
    pub(crate) service: &'static ServiceDescriptor,
    pub(crate) method: &'static MethodDescriptor,
    /// The path, where the method is none of the service.
    unknown: Option<Box<str>>,
    pub(crate) started: Instant,
    pub(crate) until: Option<Instant>,
    /// The bytes of the request, where it is one message.
    pub(crate) request: u64,
    /// What stands before an answer of one message on this side.
    pub(crate) prefix: u8,
    /// For a call that streams.
    pub(crate) flow: Option<Arc<Flow>>,
}

impl Info {
    /// What is known of a call of `path`.
    pub(crate) fn of(
        service: &'static ServiceDescriptor,
        path: Cow<'static, str>,
        until: Option<Instant>,
        request: u64,
        prefix: u8,
    ) -> Self {
        let method = service.methods.iter().find(|it| it.path == path);
        let unknown = if method.is_none() { Some(path.into()) } else { None };
        let method = method.unwrap_or(&UNKNOWN);
        let flow = (method.kind != MethodKind::Unary).then(Arc::default);
        Self { service, method, unknown, started: Instant::now(), until, request, prefix, flow }
    }

    pub(crate) fn path(&self) -> &str {
        self.unknown.as_deref().unwrap_or(self.method.path)
    }

    /// The path for a transport.
    #[cfg(feature = "client")]
    pub(crate) fn to_path(&self) -> Cow<'static, str> {
        match &self.unknown {
            Some(path) => Cow::Owned(path.to_string()),
            None => Cow::Borrowed(self.method.path),
        }
    }

    /// Lets one stream of answers begin, and no other after it.
    pub(crate) fn claim(&self) -> Result<(), Status> {
        match &self.flow {
            Some(flow) if flow.is_answering.swap(true, Ordering::Relaxed) => Err(begun()),
            _ => Ok(()),
        }
    }

    /// Whether no stream of answers has begun.
    pub(crate) fn may_answer(&self) -> Result<(), Status> {
        match &self.flow {
            Some(flow) if flow.is_answering.load(Ordering::Relaxed) => Err(begun()),
            _ => Ok(()),
        }
    }

    /// Whether the request is one message.
    pub(crate) fn is_asked_by_one(&self) -> bool {
        matches!(self.method.kind, MethodKind::Unary | MethodKind::ServerStreaming)
    }

    /// Whether the answer is a stream.
    pub(crate) fn is_answered_by_many(&self) -> bool {
        matches!(self.method.kind, MethodKind::ServerStreaming | MethodKind::Bidirectional)
    }
}

fn begun() -> Status {
    Status::internal(
        "the answer of this call has begun, so that an interceptor cannot make it again",
    )
}

/// A method that no contract here knows: any of those, on the wire.
pub(crate) static UNKNOWN: MethodDescriptor = MethodDescriptor::new(
    "",
    "",
    MethodKind::Bidirectional,
    TypeRef::of::<RawMessage>(),
    TypeRef::of::<RawMessage>(),
);

/// What only one side has.
pub(crate) enum Half {
    #[cfg(feature = "server")]
    Server(crate::server::CallHalf),
    #[cfg(feature = "client")]
    Client(crate::client::CallHalf),
}

pub(crate) type OnEnd = Box<dyn FnOnce(&Ended<'_>) + Send + Sync>;
pub(crate) type OnResponse = Arc<dyn Fn(&mut MetadataMap) + Send + Sync>;

/// What interceptors have asked for.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) requests: Vec<Inspect>,
    pub(crate) responses: Vec<Inspect>,
    pub(crate) on_response: Vec<OnResponse>,
    on_end: Vec<OnEnd>,
}

impl Call {
    /// The method that is called, with its shape, its docs, its idempotency.
    ///
    /// A call that no contract here knows, by [`unknown_methods`](crate::unknown_methods) or a
    /// [`RawClient`](crate::RawClient), is of a method without a name, which has its [`path`](Self::path) all the same.
    #[must_use]
    pub fn method(&self) -> &'static MethodDescriptor {
        self.info.method
    }

    /// The service that the method belongs to.
    #[must_use]
    pub fn service(&self) -> &'static ServiceDescriptor {
        self.info.service
    }

    /// The path of the call: `/package.Service/Method`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.info.path()
    }

    /// The metadata of the request.
    #[must_use]
    pub fn metadata(&self) -> &MetadataMap {
        &self.metadata
    }

    /// The same, to be changed.
    #[must_use]
    pub fn metadata_mut(&mut self) -> &mut MetadataMap {
        &mut self.metadata
    }

    /// What is in the extensions of the handler's [`Request`](crate::Request), or of the caller's.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The same, to be changed.
    #[must_use]
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// How much time is left, where the call has a deadline.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        Some(self.info.until?.saturating_duration_since(Instant::now()))
    }

    /// Shows each message of the caller before the handler gets it, or before it is sent: its bytes, without
    /// compression. One that is refused ends the call with that error.
    pub fn inspect_requests(
        &mut self,
        inspect: impl Fn(&Bytes) -> Result<(), Status> + Send + Sync + 'static,
    ) {
        self.hooks().requests.push(Arc::new(inspect));
    }

    /// Shows each message of the server before it is sent, or before the caller gets it. One that is refused ends the
    /// call with that error, after the messages before it.
    pub fn inspect_responses(
        &mut self,
        inspect: impl Fn(&Bytes) -> Result<(), Status> + Send + Sync + 'static,
    ) {
        // What comes from inside passes the innermost first.
        self.hooks().responses.insert(0, Arc::new(inspect));
    }

    /// Changes the metadata that the answer begins with.
    ///
    /// An answer that is an error and nothing else has none; that of the error is last.
    pub fn on_response(&mut self, change: impl Fn(&mut MetadataMap) + Send + Sync + 'static) {
        self.hooks().on_response.insert(0, Arc::new(change));
    }

    /// Hears of the end of the call, when what [`Next::run`](super::Next::run) does is done, or when it is dropped.
    ///
    /// The code after `run` in an interceptor does not hear of that: a call that is dropped goes no further.
    ///
    /// ```
    /// use traitwire::Status;
    /// use traitwire::intercept::{Call, End, Next};
    ///
    /// async fn audit(mut call: Call, next: Next) -> Result<End, Status> {
    ///     call.on_end(|ended| println!("{} {:?} {:?}", ended.path(), ended.code(), ended.duration()));
    ///     next.run(call).await
    /// }
    /// ```
    pub fn on_end(&mut self, hear: impl FnOnce(&Ended<'_>) + Send + Sync + 'static) {
        self.hooks().on_end.push(Box::new(hear));
    }

    fn hooks(&mut self) -> &mut Hooks {
        self.hooks.get_or_insert_default()
    }

    pub(super) fn take_on_end(&mut self) -> Vec<OnEnd> {
        let Some(hooks) = &mut self.hooks else { return Vec::new() };
        let on_end = mem::take(&mut hooks.on_end);
        if hooks.requests.is_empty() && hooks.responses.is_empty() && hooks.on_response.is_empty() {
            self.hooks = None;
        }
        on_end
    }

    /// The same call once more, to [`run`](super::Next::run) it again, where its request is one message; `None` where
    /// it is a stream, which is there only once.
    ///
    /// What was given to [`on_end`](Self::on_end) stays with this one. An answer that is a stream and has begun cannot
    /// be made again: `run` then fails with INTERNAL.
    #[must_use]
    pub fn try_clone(&self) -> Option<Self> {
        let half = match &self.half {
            #[cfg(feature = "server")]
            Half::Server(half) => Half::Server(half.try_clone()?),
            #[cfg(feature = "client")]
            Half::Client(half) => Half::Client(half.try_clone()?),
        };
        let hooks = self.hooks.as_ref().map(|hooks| {
            let Hooks { requests, responses, on_response, .. } = &**hooks;
            let (requests, responses) = (requests.clone(), responses.clone());
            let on_response = on_response.clone();
            Box::new(Hooks { requests, responses, on_response, on_end: Vec::new() })
        });
        Some(Self {
            info: self.info.clone(),
            metadata: self.metadata.clone(),
            extensions: self.extensions.clone(),
            half,
            hooks,
        })
    }

    /// Answers with this message, without going on. A stream of answers then has this one.
    ///
    /// # Errors
    ///
    /// INTERNAL, where the method answers with a message of another name; and what an interceptor that inspects the
    /// answer refuses it with.
    pub fn respond<M: Message>(self, message: &M) -> Result<End, Status> {
        let (output, given) = (self.info.method.output.full_name(), TypeRef::of::<M>().full_name());
        if !self.info.method.name.is_empty() && output != given {
            let path = self.path();
            return Err(Status::internal(format!(
                "an interceptor answers {path} with {given}, and it is answered with {output}"
            )));
        }
        let Self { info, half, hooks, .. } = self;
        match half {
            #[cfg(feature = "server")]
            Half::Server(half) => half.respond(&info, hooks, message),
            #[cfg(feature = "client")]
            Half::Client(half) => half.respond(&info, hooks, message),
        }
    }
}

#[cfg(feature = "server")]
impl Call {
    /// Who calls, where the call came by a [`Server`](crate::Server). A client knows none.
    #[must_use]
    pub fn peer(&self) -> Option<&Peer> {
        let connection = match &self.half {
            Half::Server(half) => half.peer(),
            #[cfg(feature = "client")]
            Half::Client(_) => None,
        };
        connection.or_else(|| self.extensions.get())
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("path", &self.path()).finish_non_exhaustive()
    }
}
