//! The service of `connectrpc/conformance/v1/service.proto`, as far as gRPC has a use for it.

use prost_types::Any;
use traitwire::{Describe, Request, Response, Status, Stream, Streaming, service};

/// A service that answers as its requests say.
#[service(package = "connectrpc.conformance.v1")]
pub(crate) trait ConformanceService {
    /// The message, or the error, that the request defines.
    async fn unary(
        &self,
        request: Request<UnaryRequest>,
    ) -> Result<Response<UnaryResponse>, Status>;
    /// The messages that the request defines, and then its error.
    async fn server_stream(
        &self,
        request: Request<ServerStreamRequest>,
    ) -> Result<Response<impl Stream<Item = Result<ServerStreamResponse, Status>>>, Status>;
    /// What the first request defines, when the last has come.
    async fn client_stream(
        &self,
        requests: Request<Streaming<ClientStreamRequest>>,
    ) -> Result<Response<ClientStreamResponse>, Status>;
    /// What the first request defines: a message for each request, or all of them after the last.
    async fn bidi_stream(
        &self,
        requests: Request<Streaming<BidiStreamRequest>>,
    ) -> Result<Response<impl Stream<Item = Result<BidiStreamResponse, Status>>>, Status>;
    /// A method that no server has.
    #[rpc(unimplemented)]
    async fn unimplemented(
        &self,
        request: Request<UnimplementedRequest>,
    ) -> Result<Response<UnimplementedResponse>, Status>;
}

/// What a call with one response is answered with.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct UnaryResponseDefinition {
    #[prost(message, repeated, tag = "1")]
    pub(crate) response_headers: Vec<Header>,
    #[prost(oneof = "Answer", tags = "2, 3")]
    pub(crate) response: Option<Answer>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) response_trailers: Vec<Header>,
    /// A message for the suite's own server. The client passes it on as it comes.
    #[prost(bytes = "vec", optional, tag = "5")]
    pub(crate) raw_response: Option<Vec<u8>>,
    #[prost(uint32, tag = "6")]
    pub(crate) response_delay_ms: u32,
}

/// A response, or an error instead of it.
#[derive(Clone, PartialEq, prost::Oneof, Describe)]
pub(crate) enum Answer {
    #[prost(bytes, tag = "2")]
    ResponseData(Vec<u8>),
    #[prost(message, tag = "3")]
    Error(Error),
}

/// What a call with many responses is answered with.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct StreamResponseDefinition {
    #[prost(message, repeated, tag = "1")]
    pub(crate) response_headers: Vec<Header>,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(crate) response_data: Vec<Vec<u8>>,
    #[prost(uint32, tag = "3")]
    pub(crate) response_delay_ms: u32,
    #[prost(message, optional, tag = "4")]
    pub(crate) error: Option<Error>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) response_trailers: Vec<Header>,
    /// A message for the suite's own server. The client passes it on as it comes.
    #[prost(bytes = "vec", optional, tag = "6")]
    pub(crate) raw_response: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct UnaryRequest {
    #[prost(message, optional, tag = "1")]
    pub(crate) response_definition: Option<UnaryResponseDefinition>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) request_data: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct UnaryResponse {
    #[prost(message, optional, tag = "1")]
    pub(crate) payload: Option<ConformancePayload>,
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct ServerStreamRequest {
    #[prost(message, optional, tag = "1")]
    pub(crate) response_definition: Option<StreamResponseDefinition>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) request_data: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct ServerStreamResponse {
    #[prost(message, optional, tag = "1")]
    pub(crate) payload: Option<ConformancePayload>,
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct ClientStreamRequest {
    /// Counts in the first message alone.
    #[prost(message, optional, tag = "1")]
    pub(crate) response_definition: Option<UnaryResponseDefinition>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) request_data: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct ClientStreamResponse {
    #[prost(message, optional, tag = "1")]
    pub(crate) payload: Option<ConformancePayload>,
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct BidiStreamRequest {
    /// Counts in the first message alone, as the next field does.
    #[prost(message, optional, tag = "1")]
    pub(crate) response_definition: Option<StreamResponseDefinition>,
    /// Whether each request is answered before the next one is read.
    #[prost(bool, tag = "2")]
    pub(crate) full_duplex: bool,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) request_data: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct BidiStreamResponse {
    #[prost(message, optional, tag = "1")]
    pub(crate) payload: Option<ConformancePayload>,
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct UnimplementedRequest {}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct UnimplementedResponse {}

/// A response, and what the server saw of the requests.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct ConformancePayload {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) data: Vec<u8>,
    #[prost(message, optional, tag = "2")]
    pub(crate) request_info: Option<RequestInfo>,
}

/// What a server saw of the requests.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1", name = "ConformancePayload.RequestInfo")]
pub(crate) struct RequestInfo {
    #[prost(message, repeated, tag = "1")]
    pub(crate) request_headers: Vec<Header>,
    #[prost(int64, optional, tag = "2")]
    pub(crate) timeout_ms: Option<i64>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) requests: Vec<Any>,
}

/// An error as the suite describes it.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct Error {
    /// An enumeration in the original, with the numbers of gRPC.
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, optional, tag = "2")]
    pub(crate) message: Option<String>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<Any>,
}

/// A header or trailer with all its values; binary ones in base64, as they travel.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "connectrpc.conformance.v1")]
pub(crate) struct Header {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, repeated, tag = "2")]
    pub(crate) value: Vec<String>,
}
