//! The services of `grpc/testing/test.proto`.

use traitwire::{Describe, Request, Response, Status, Stream, Streaming, service};

/// A service that is easy to test against.
#[service(package = "grpc.testing", file = "grpc/testing/test.proto")]
pub trait TestService {
    /// Nothing for nothing.
    async fn empty_call(&self, request: Empty) -> Result<Empty, Status>;
    /// A payload of the size that is asked for, or the status.
    async fn unary_call(
        &self,
        request: Request<SimpleRequest>,
    ) -> Result<Response<SimpleResponse>, Status>;
    /// The same; an answer may come from a cache.
    #[rpc(unimplemented)]
    async fn cacheable_unary_call(&self, request: SimpleRequest) -> Result<SimpleResponse, Status>;
    /// Payloads of the sizes that are asked for.
    async fn streaming_output_call(
        &self,
        request: Request<StreamingOutputCallRequest>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>;
    /// The size of all payloads together.
    async fn streaming_input_call(
        &self,
        requests: Request<Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status>;
    /// Answers each request as it comes.
    async fn full_duplex_call(
        &self,
        requests: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>;
    /// Answers all requests when the last has come.
    async fn half_duplex_call(
        &self,
        requests: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>;
    /// A method that no server has.
    #[rpc(unimplemented)]
    async fn unimplemented_call(&self, request: Empty) -> Result<Empty, Status>;
}

/// A service that no server has.
#[service(package = "grpc.testing", file = "grpc/testing/test.proto", unimplemented)]
pub trait UnimplementedService {
    /// A method of it.
    async fn unimplemented_call(&self, request: Empty) -> Result<Empty, Status>;
}

/// A message without fields.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/empty.proto")]
pub struct Empty {}

/// A flag that may be absent.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct BoolValue {
    /// The flag.
    #[prost(bool, tag = "1")]
    pub value: bool,
}

/// What a payload is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/messages.proto")]
#[repr(i32)]
pub enum PayloadType {
    /// Zeros.
    #[describe(name = "COMPRESSABLE")]
    Compressable = 0,
}

/// Bytes of no meaning.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct Payload {
    /// What they are.
    #[prost(enumeration = "PayloadType", tag = "1")]
    pub r#type: i32,
    /// The bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub body: Vec<u8>,
}

/// The status that a server is asked to answer with.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct EchoStatus {
    /// Its code.
    #[prost(int32, tag = "1")]
    pub code: i32,
    /// Its message.
    #[prost(string, tag = "2")]
    pub message: String,
}

/// A request of one message.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct SimpleRequest {
    /// What the answer should be made of.
    #[prost(enumeration = "PayloadType", tag = "1")]
    pub response_type: i32,
    /// How many bytes it should have.
    #[prost(int32, tag = "2")]
    pub response_size: i32,
    /// Bytes that come along.
    #[prost(message, optional, tag = "3")]
    pub payload: Option<Payload>,
    /// Whether to say who called.
    #[prost(bool, tag = "4")]
    pub fill_username: bool,
    /// Whether to say what for.
    #[prost(bool, tag = "5")]
    pub fill_oauth_scope: bool,
    /// Whether the answer should be compressed.
    #[prost(message, optional, tag = "6")]
    pub response_compressed: Option<BoolValue>,
    /// The status to answer with.
    #[prost(message, optional, tag = "7")]
    pub response_status: Option<EchoStatus>,
    /// Whether this message should have come compressed.
    #[prost(message, optional, tag = "8")]
    pub expect_compressed: Option<BoolValue>,
    /// Whether to say which server this is.
    #[prost(bool, tag = "9")]
    pub fill_server_id: bool,
}

/// An answer of one message.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct SimpleResponse {
    /// The bytes.
    #[prost(message, optional, tag = "1")]
    pub payload: Option<Payload>,
    /// Who called.
    #[prost(string, tag = "2")]
    pub username: String,
    /// What for.
    #[prost(string, tag = "3")]
    pub oauth_scope: String,
    /// Which server this is.
    #[prost(string, tag = "4")]
    pub server_id: String,
}

/// One of many requests.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct StreamingInputCallRequest {
    /// Bytes to count.
    #[prost(message, optional, tag = "1")]
    pub payload: Option<Payload>,
    /// Whether this message should have come compressed.
    #[prost(message, optional, tag = "2")]
    pub expect_compressed: Option<BoolValue>,
}

/// The answer to many requests.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct StreamingInputCallResponse {
    /// How many bytes came.
    #[prost(int32, tag = "1")]
    pub aggregated_payload_size: i32,
}

/// One answer that is asked for.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct ResponseParameters {
    /// How many bytes it should have.
    #[prost(int32, tag = "1")]
    pub size: i32,
    /// How long to wait before it, in microseconds.
    #[prost(int32, tag = "2")]
    pub interval_us: i32,
    /// Whether it should be compressed.
    #[prost(message, optional, tag = "3")]
    pub compressed: Option<BoolValue>,
}

/// A request for many answers.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct StreamingOutputCallRequest {
    /// What they should be made of.
    #[prost(enumeration = "PayloadType", tag = "1")]
    pub response_type: i32,
    /// The answers.
    #[prost(message, repeated, tag = "2")]
    pub response_parameters: Vec<ResponseParameters>,
    /// Bytes that come along.
    #[prost(message, optional, tag = "3")]
    pub payload: Option<Payload>,
    /// The status to answer with.
    #[prost(message, optional, tag = "7")]
    pub response_status: Option<EchoStatus>,
}

/// One of many answers.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct StreamingOutputCallResponse {
    /// The bytes.
    #[prost(message, optional, tag = "1")]
    pub payload: Option<Payload>,
}
