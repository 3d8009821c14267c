//! A call of any shape, as its caller sees it.

use std::{fmt, marker::PhantomData, sync::Arc};

use traitwire::{Message, MethodKind, Status, tonic::metadata::MetadataMap};

use crate::{
    call::Call,
    message::{Encoding, Head, PREFIX, prepare_msg},
};

/// Which sides of a call are streams, and send any number of messages. That is all that tells the
/// four shapes apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamDesc {
    pub(crate) client_streams: bool,
    pub(crate) server_streams: bool,
}

impl StreamDesc {
    /// What the descriptor of a method says.
    pub(crate) fn of(kind: MethodKind) -> Self {
        use MethodKind::{Bidirectional, ClientStreaming, ServerStreaming};
        Self {
            client_streams: matches!(kind, ClientStreaming | Bidirectional),
            server_streams: matches!(kind, ServerStreaming | Bidirectional),
        }
    }
}

impl fmt::Display for StreamDesc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client_streams, server_streams } = self;
        write!(f, "client_streams {client_streams}, server_streams {server_streams}")
    }
}

/// A call. Dropping it cancels it, unless it has ended.
///
/// Sending and receiving are independent of each other; [`halves`](Self::halves) gives one to each
/// of two futures.
#[derive(Debug)]
pub struct ClientStream<Req, Res> {
    sending: Sending<Req>,
    receiving: Receiving<Res>,
}

/// The half that sends.
#[derive(Debug)]
pub struct Sending<Req> {
    call: Arc<Call>,
    message: PhantomData<fn(Req)>,
}

/// The half that receives.
#[derive(Debug)]
pub struct Receiving<Res> {
    call: Arc<Call>,
    encoding: Option<Encoding>,
    /// The five bytes of a message that has not come yet.
    head: Option<Head>,
    /// The message of a side that sends one, until it is sure that there is no other.
    only: Option<Res>,
    over: Option<Result<(), Status>>,
}

/// Why a message was not sent.
#[derive(Debug)]
pub enum SendError {
    /// The call, or this half of it, is over. [`Receiving::recv_msg`] says how.
    EndOfStream,
    /// The message cannot be sent.
    Status(Status),
}

impl SendError {
    /// The status, if there is one. The end of a call is no error here: its answer says why.
    pub fn unless_ended(self) -> Result<(), Status> {
        match self {
            Self::EndOfStream => Ok(()),
            Self::Status(status) => Err(status),
        }
    }
}

impl<Req: Message, Res: Message> ClientStream<Req, Res> {
    pub(crate) fn new(call: Call) -> Self {
        let call = Arc::new(call);
        let receiving =
            Receiving { call: call.clone(), encoding: None, head: None, only: None, over: None };
        Self { sending: Sending { call, message: PhantomData }, receiving }
    }

    /// One to send and one to receive, at the same time.
    pub fn halves(&mut self) -> (&mut Sending<Req>, &mut Receiving<Res>) {
        (&mut self.sending, &mut self.receiving)
    }

    /// See [`Sending::send_msg`].
    pub async fn send_msg(&mut self, message: &Req) -> Result<(), SendError> {
        self.sending.send_msg(message).await
    }

    /// See [`Sending::close_send`].
    pub fn close_send(&mut self) {
        self.sending.close_send();
    }

    /// See [`Receiving::recv_msg`].
    pub async fn recv_msg(&mut self) -> Result<Option<Res>, Status> {
        self.receiving.recv_msg().await
    }

    /// The metadata of the answer, as soon as it has come.
    pub async fn header(&mut self) -> Result<MetadataMap, Status> {
        self.receiving.header().await
    }

    /// The metadata that came with the status, after the end.
    pub fn trailer(&self) -> Option<MetadataMap> {
        let end = self.receiving.call.stream.how_it_ended()?;
        Some(end.metadata().clone())
    }

    #[cfg(test)]
    pub(crate) fn stream(&self) -> &crate::stream::Stream {
        &self.receiving.call.stream
    }
}

impl<Req, Res> Drop for ClientStream<Req, Res> {
    fn drop(&mut self) {
        self.sending.call.finish(&Status::cancelled("the caller has gone"));
    }
}

impl<Req: Message> Sending<Req> {
    /// Queues a message, when there is room. It is neither sent nor received when this returns. Not
    /// queued, when this is dropped before that.
    pub async fn send_msg(&mut self, message: &Req) -> Result<(), SendError> {
        let Call { transport, stream, desc, encoding, .. } = &*self.call;
        let message = prepare_msg(message, *encoding).map_err(SendError::Status)?;
        let written = transport.write(stream, message, !desc.client_streams);
        self.call.within(written).await.unwrap_or(Err(SendError::EndOfStream))
    }

    /// Ends this half: there will be no more messages.
    pub fn close_send(&mut self) {
        self.call.transport.write_end(&self.call.stream);
    }
}

impl<Res: Message> Receiving<Res> {
    // 12. The end of an answer that is one message is read too, before the message is believed.
    /// The next message; `None` at the end. An error is the status of the call, and its end.
    pub async fn recv_msg(&mut self) -> Result<Option<Res>, Status> {
        if let Some(over) = &self.over {
            return over.clone().map(|()| None);
        }
        let call = self.call.clone();
        let received = call.within(self.receive()).await.unwrap_or_else(Err);
        let over = match &received {
            Ok(Some(_)) if call.desc.server_streams => return received,
            Ok(_) => Ok(()),
            Err(status) => Err(status.clone()),
        };
        call.finish(over.as_ref().err().unwrap_or(&Status::ok("")));
        self.over = Some(over);
        received
    }

    async fn receive(&mut self) -> Result<Option<Res>, Status> {
        if self.call.desc.server_streams {
            return self.next().await;
        }
        // A caller that takes a streaming method for this one is told so, on both sides.
        let violation = |count| {
            Err(Status::unimplemented(format!("expected one response message, got {count}")))
        };
        if self.only.is_none() {
            self.only = self.next().await?;
        }
        match (self.only.is_some(), self.next().await?) {
            (true, None) => Ok(self.only.take()),
            (true, Some(_)) => violation("more than one"),
            (false, _) => violation("none"),
        }
    }

    /// The next message, or the end. Goes on where it was when the one before was dropped.
    async fn next(&mut self) -> Result<Option<Res>, Status> {
        let call = &self.call;
        let encoding = match self.encoding {
            Some(encoding) => encoding,
            None => match call.stream.header().await {
                Ok(header) => {
                    let name = header.get("grpc-encoding").map(|name| name.as_bytes());
                    *self.encoding.insert(Encoding::of(name)?)
                }
                Err(end) => return call.ended(end),
            },
        };
        let head = match self.head {
            Some(head) => head,
            None => match call.read(PREFIX).await {
                Ok(bytes) => *self.head.insert(Head::read(bytes)?),
                Err(end) if call.stream.has_data() => return call.cut_off(end),
                Err(end) => return call.ended(end),
            },
        };
        let bytes = match call.read(head.length).await {
            Ok(bytes) => bytes,
            Err(end) => return call.cut_off(end),
        };
        self.head = None;
        let message = head.unpack(bytes, encoding)?;
        wire::step!(12, "recv_msg: a message of {} bytes", head.length);
        Ok(Some(message))
    }

    /// The metadata of the answer, as soon as it has come.
    pub async fn header(&mut self) -> Result<MetadataMap, Status> {
        let header = self.call.within(self.call.stream.header()).await?;
        header.map(MetadataMap::from_headers)
    }
}
