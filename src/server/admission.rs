//! What the head of a call says of it, and the one message of a call that has one.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tonic::{Status, metadata::MetadataMap};

use super::ServiceOptions;
use crate::{
    call::{Field, Head},
    clock::Instant,
    codec::{Budget, Held, MAX_DECODING_MESSAGE_SIZE, Reader, Writer},
    deadline,
};

/// A call that was let in.
pub(crate) struct Admitted {
    /// How long the caller waits.
    pub(crate) timeout: Option<Duration>,
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
}

/// What a [`Server`](crate::Server) has decided about a call that goes through tower services.
#[derive(Clone)]
pub(crate) struct CallLimits {
    /// When the call must be done.
    pub(crate) until: Option<Instant>,
    pub(crate) budget: Arc<Budget>,
}

/// Reads what the head of a call says about its time and its compression.
pub(crate) fn admit(head: &dyn Head, options: &ServiceOptions) -> Result<Admitted, Status> {
    let timeout = deadline::timeout_of(head)?;
    let encoding = head.get(Field::Encoding);
    let compression = match encoding.as_deref().map(|name| options.accept.named(name)) {
        None => None,
        Some(Ok(compression)) => compression,
        Some(Err(name)) => return Err(not_accepted(name, options)),
    };
    let send = match options.send.is_empty() {
        true => None,
        false => head.get(Field::AcceptEncoding).and_then(|it| options.send.accepted_by(&it)),
    };
    let limit = options.max_decoding_message_size.unwrap_or(MAX_DECODING_MESSAGE_SIZE);
    Ok(Admitted {
        timeout,
        reader: Reader::new(compression, limit),
        writer: Writer {
            compression: send,
            limit: options.max_encoding_message_size,
            side: "response",
        },
    })
}

/// UNIMPLEMENTED, with the compressions that are accepted (gRPC's `doc/compression.md`).
fn not_accepted(name: &[u8], options: &ServiceOptions) -> Status {
    let accepted = options.accept.names();
    let name = String::from_utf8_lossy(name);
    let why = format!("messages compressed as {name} are not accepted; {accepted} are");
    let mut metadata = MetadataMap::new();
    if let Ok(accepted) = accepted.parse() {
        metadata.insert("grpc-accept-encoding", accepted);
    }
    Status::with_metadata(tonic::Code::Unimplemented, why, metadata)
}

/// The one message of a request, on its way.
///
/// The gRPC specification calls any number but one a cardinality violation and gives it UNIMPLEMENTED,
/// on both sides (statuscodes.md): the peer takes the method for a streaming one, which this side does
/// not implement.
pub(crate) struct OneMessage {
    reader: Reader,
    message: Option<Bytes>,
}

impl OneMessage {
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader, message: None }
    }

    /// Takes some of the request.
    pub(crate) fn push(&mut self, data: Bytes) -> Result<(), Status> {
        self.reader.push(data);
        while let Some(message) = self.reader.next()? {
            self.reader.hold(message.len())?;
            if self.message.replace(message).is_some() {
                return Err(Status::unimplemented(
                    "expected one request message, got more than one",
                ));
            }
        }
        Ok(())
    }

    /// Takes the end of the request: the message, and what the call holds for it.
    pub(crate) fn end(&mut self) -> Result<(Bytes, Held), Status> {
        if self.reader.is_within_a_message() {
            return Err(Status::internal("the request ended within a message"));
        }
        let message = self.message.take();
        let none = || Status::unimplemented("expected one request message, got none");
        Ok((message.ok_or_else(none)?, self.reader.take_held()))
    }
}
