//! What the suite writes to the standard input of a program, and reads from its standard output:
//! messages, each behind its length in four bytes.

use std::io;

use prost::Message;
use prost_types::Any;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::contract::{ConformancePayload, Error, Header};

/// The next message; `None` at the end.
pub(crate) async fn read<M: Message + Default>(
    input: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<M>> {
    let length = match input.read_u32().await {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        length => length?,
    };
    let mut message = vec![0; length as usize];
    input.read_exact(&mut message).await?;
    Ok(Some(M::decode(&message[..])?))
}

pub(crate) async fn write(
    output: &mut (impl AsyncWrite + Unpin),
    message: &impl Message,
) -> io::Result<()> {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).map_err(io::Error::other)?;
    output.write_u32(length).await?;
    output.write_all(&message).await?;
    output.flush().await
}

/// How a server is to be started.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ServerCompatRequest {
    #[prost(bool, tag = "4")]
    pub(crate) use_tls: bool,
    /// Where it is not empty, clients must show a certificate that this one vouches for.
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) client_tls_cert: Vec<u8>,
    /// 0 is no limit.
    #[prost(uint32, tag = "6")]
    pub(crate) message_receive_limit: u32,
    #[prost(message, optional, tag = "7")]
    pub(crate) server_creds: Option<TlsCreds>,
}

/// Where the server listens.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ServerCompatResponse {
    #[prost(string, tag = "1")]
    pub(crate) host: String,
    #[prost(uint32, tag = "2")]
    pub(crate) port: u32,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) pem_cert: Vec<u8>,
}

/// A certificate and its key.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TlsCreds {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) cert: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) key: Vec<u8>,
}

/// A call that a client is to make.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ClientCompatRequest {
    #[prost(string, tag = "1")]
    pub(crate) test_name: String,
    #[prost(enumeration = "Compression", tag = "5")]
    pub(crate) compression: i32,
    #[prost(string, tag = "6")]
    pub(crate) host: String,
    #[prost(uint32, tag = "7")]
    pub(crate) port: u32,
    /// Empty without TLS.
    #[prost(bytes = "vec", tag = "8")]
    pub(crate) server_tls_cert: Vec<u8>,
    #[prost(message, optional, tag = "9")]
    pub(crate) client_tls_creds: Option<TlsCreds>,
    /// 0 is no limit.
    #[prost(uint32, tag = "10")]
    pub(crate) message_receive_limit: u32,
    #[prost(string, tag = "12")]
    pub(crate) method: String,
    #[prost(enumeration = "StreamType", tag = "13")]
    pub(crate) stream_type: i32,
    #[prost(message, repeated, tag = "15")]
    pub(crate) request_headers: Vec<Header>,
    #[prost(message, repeated, tag = "16")]
    pub(crate) request_messages: Vec<Any>,
    #[prost(uint32, optional, tag = "17")]
    pub(crate) timeout_ms: Option<u32>,
    /// Before each message of a stream.
    #[prost(uint32, tag = "18")]
    pub(crate) request_delay_ms: u32,
    #[prost(message, optional, tag = "19")]
    pub(crate) cancel: Option<Cancel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum Compression {
    Unspecified = 0,
    Identity = 1,
    Gzip = 2,
    Br = 3,
    Zstd = 4,
    Deflate = 5,
    Snappy = 6,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum StreamType {
    Unspecified = 0,
    Unary = 1,
    ClientStream = 2,
    ServerStream = 3,
    HalfDuplexBidiStream = 4,
    FullDuplexBidiStream = 5,
}

/// When a client is to cancel its call; without a timing, as soon as all is sent.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Cancel {
    #[prost(oneof = "CancelTiming", tags = "1, 2, 3")]
    pub(crate) timing: Option<CancelTiming>,
}

#[derive(Clone, Copy, PartialEq, prost::Oneof)]
pub(crate) enum CancelTiming {
    /// After the last message, instead of the end of the stream.
    #[prost(message, tag = "1")]
    BeforeCloseSend(()),
    /// So long after the end of the request.
    #[prost(uint32, tag = "2")]
    AfterCloseSendMs(u32),
    #[prost(uint32, tag = "3")]
    AfterNumResponses(u32),
}

/// What came of a call.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ClientCompatResponse {
    #[prost(string, tag = "1")]
    pub(crate) test_name: String,
    #[prost(oneof = "Outcome", tags = "2, 3")]
    pub(crate) result: Option<Outcome>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Outcome {
    #[prost(message, tag = "2")]
    Response(ClientResponseResult),
    /// The call could not be made at all.
    #[prost(message, tag = "3")]
    Error(ClientErrorResult),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ClientResponseResult {
    #[prost(message, repeated, tag = "1")]
    pub(crate) response_headers: Vec<Header>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) payloads: Vec<ConformancePayload>,
    #[prost(message, optional, tag = "3")]
    pub(crate) error: Option<Error>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) response_trailers: Vec<Header>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ClientErrorResult {
    #[prost(string, tag = "1")]
    pub(crate) message: String,
}
