//! What a client calls over.

use std::{borrow::Cow, future::Future, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use tonic::{Extensions, Status, metadata::MetadataMap};

use super::{CallOptions, request::RequestStream};
use crate::{
    ServiceDescriptor,
    call::{End, Field, Head, Source, headers},
    clock::Instant,
    codec::Compressions,
    deadline,
    status::received,
};

/// What a client calls over: a channel, a server in the same process, a tower stack.
///
/// The [`Channel`](crate::Channel) of this library is one, and so is every tower service from gRPC
/// requests to gRPC responses, if it takes any body, or [`RequestBody`](super::RequestBody), and can be
/// cloned and shared; `TonicChannel` for services that take tonic's own body (feature `tonic-channel`);
/// [`InProcess`](super::InProcess); and [`BoxTransport`](super::BoxTransport) for one that is chosen
/// while the program runs. It is not implemented by hand.
pub trait Transport: Clone + Send + Sync + 'static {
    /// Makes a call.
    #[doc(hidden)]
    fn carry(
        &self,
        call: OutgoingCall,
    ) -> impl Future<Output = Result<IncomingCall, Status>> + Send;
}

/// A call on its way to a server.
pub struct OutgoingCall {
    pub(crate) head: OutgoingHead,
    pub(crate) messages: OutgoingMessages,
}

/// What a call begins with.
pub(crate) struct OutgoingHead {
    /// `/package.Service/Method`
    pub(crate) path: Cow<'static, str>,
    /// Whose method that is.
    #[cfg_attr(not(feature = "transport"), allow(dead_code, reason = "a channel asks for it"))]
    pub(crate) service: &'static ServiceDescriptor,
    pub(crate) options: Arc<CallOptions>,
    /// The deadline.
    pub(crate) until: Option<Instant>,
    pub(crate) metadata: MetadataMap,
    pub(crate) extensions: Extensions,
}

/// The messages of a call, with their prefixes.
pub(crate) enum OutgoingMessages {
    One(Bytes),
    Many(RequestStream),
}

impl OutgoingHead {
    pub(crate) fn accept(&self) -> Option<&Compressions> {
        Some(&self.options.accept).filter(|it| !it.is_empty())
    }

    /// What is left of the time, as it is sent.
    fn grpc_timeout(&self) -> Option<String> {
        let left = self.until?.saturating_duration_since(Instant::now());
        Some(deadline::format(left))
    }

    /// Adds its fields to those that every call has.
    pub(crate) fn add_fields(&self, fields: &mut HeaderMap) {
        if !self.metadata.is_empty() {
            fields.extend(headers::sent(self.metadata.clone()));
            fields.remove(headers::ACCEPT_ENCODING);
        }
        let encoding = self.options.send.map(|it| it.name().to_owned());
        for (name, value) in [
            (headers::TIMEOUT, self.grpc_timeout()),
            (headers::ENCODING, encoding),
            (headers::ACCEPT_ENCODING, self.accept().map(|it| it.names())),
        ] {
            if let Some(value) = value.and_then(|it| HeaderValue::try_from(it).ok()) {
                fields.insert(name, value);
            }
        }
    }
}

impl Head for OutgoingHead {
    fn get(&self, field: Field) -> Option<Cow<'_, [u8]>> {
        let owned = |text: String| Cow::Owned(text.into_bytes());
        match field {
            Field::Timeout => self.grpc_timeout().map(owned),
            Field::Encoding => self.options.send.map(|it| Cow::Borrowed(it.name().as_bytes())),
            Field::AcceptEncoding => self.accept().map(|it| owned(it.names())),
        }
    }
}

/// An answer whose head has come.
pub struct IncomingCall {
    pub(crate) metadata: MetadataMap,
    pub(crate) extensions: Extensions,
    /// The value of `grpc-encoding`, if there is one.
    pub(crate) encoding: Option<Vec<u8>>,
    pub(crate) rest: Rest,
}

impl IncomingCall {
    /// The answer, unless it is an error and nothing else.
    pub(crate) fn begun(self) -> Result<Self, Status> {
        match self.rest {
            Rest::End(End { status: Err(status), .. }) => Err(received(status, MetadataMap::new())),
            _ => Ok(self),
        }
    }
}

/// What comes after the head.
pub(crate) enum Rest {
    /// Nothing: the head was a status alone.
    End(End),
    Messages(Box<dyn Source>),
}
