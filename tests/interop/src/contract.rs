//! The services of `grpc/testing/test.proto`.

use traitwire::{Request, Response, Status, Stream, Streaming, message, service};

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
#[message(package = "grpc.testing", file = "grpc/testing/empty.proto")]
pub struct Empty {}

/// A flag that may be absent.
#[message(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct BoolValue {
    /// The flag.
    #[tag(1)]
    pub value: bool,
}

/// What a payload is made of.
#[message(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub enum PayloadType {
    /// Zeros.
    #[tag(name = "COMPRESSABLE")]
    Compressable = 0,
}

/// Bytes of no meaning.
#[message(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct Payload {
    /// What they are.
    #[tag(1, enumeration = PayloadType)]
    pub r#type: i32,
    /// The bytes.
    #[tag(2)]
    pub body: Vec<u8>,
}

/// The status that a server is asked to answer with.
#[message(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct EchoStatus {
    /// Its code.
    #[tag(1)]
    pub code: i32,
    /// Its message.
    #[tag(2)]
    pub message: String,
}

/// A request of one message.
#[message(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct SimpleRequest {
    /// What the answer should be made of.
    #[tag(1, enumeration = PayloadType)]
    pub response_type: i32,
    /// How many bytes it should have.
    #[tag(2)]
    pub response_size: i32,
    /// Bytes that come along.
    #[tag(3)]
    pub payload: Option<Payload>,
    /// Whether to say who called.
    #[tag(4)]
    pub fill_username: bool,
    /// Whether to say what for.
    #[tag(5)]
    pub fill_oauth_scope: bool,
    /// Whether the answer should be compressed.
    #[tag(6)]
    pub response_compressed: Option<BoolValue>,
    /// The status to answer with.
    #[tag(7)]
    pub response_status: Option<EchoStatus>,
    /// Whether this message should have come compressed.
    #[tag(8)]
    pub expect_compressed: Option<BoolValue>,
    /// Whether to say which server this is.
    #[tag(9)]
    pub fill_server_id: bool,
}

/// An answer of one message.
#[message(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct SimpleResponse {
    /// The bytes.
    #[tag(1)]
    pub payload: Option<Payload>,
    /// Who called.
    #[tag(2)]
    pub username: String,
    /// What for.
    #[tag(3)]
    pub oauth_scope: String,
    /// Which server this is.
    #[tag(4)]
    pub server_id: String,
}

/// One of many requests.
#[message(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct StreamingInputCallRequest {
    /// Bytes to count.
    #[tag(1)]
    pub payload: Option<Payload>,
    /// Whether this message should have come compressed.
    #[tag(2)]
    pub expect_compressed: Option<BoolValue>,
}

/// The answer to many requests.
#[message(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct StreamingInputCallResponse {
    /// How many bytes came.
    #[tag(1)]
    pub aggregated_payload_size: i32,
}

/// One answer that is asked for.
#[message(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct ResponseParameters {
    /// How many bytes it should have.
    #[tag(1)]
    pub size: i32,
    /// How long to wait before it, in microseconds.
    #[tag(2)]
    pub interval_us: i32,
    /// Whether it should be compressed.
    #[tag(3)]
    pub compressed: Option<BoolValue>,
}

/// A request for many answers.
#[message(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct StreamingOutputCallRequest {
    /// What they should be made of.
    #[tag(1, enumeration = PayloadType)]
    pub response_type: i32,
    /// The answers.
    #[tag(2)]
    pub response_parameters: Vec<ResponseParameters>,
    /// Bytes that come along.
    #[tag(3)]
    pub payload: Option<Payload>,
    /// The status to answer with.
    #[tag(7)]
    pub response_status: Option<EchoStatus>,
}

/// One of many answers.
#[message(package = "grpc.testing", file = "grpc/testing/messages.proto")]
pub struct StreamingOutputCallResponse {
    /// The bytes.
    #[tag(1)]
    pub payload: Option<Payload>,
}
