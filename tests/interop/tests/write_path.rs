//! The client transport of example 18, against stock tonic, against ours, and against grpc-go.

use std::time::Duration;

use client_write_path::{CallOptions, ClientConn, ClientStream, ConnOptions, SendError};
use interop::{
    cases::{self, Outcome},
    contract::{
        Empty, Payload, ResponseParameters, SimpleRequest, SimpleResponse,
        StreamingInputCallRequest, StreamingInputCallResponse, StreamingOutputCallRequest,
        StreamingOutputCallResponse, TEST_SERVICE, TestService, UNIMPLEMENTED_SERVICE,
        UnimplementedService,
    },
    echo, service, stock,
};
use tokio::time::timeout;
use tonic::metadata::MetadataValue;
use traitwire::{
    Code, Message, MethodDescriptor, Request, Response, Sender, Status, Stream, Streaming,
    stream_fn,
};
use traitwire_tests::serve_http;

use crate::peers::Peer;

/// The cases that run, each on a connection of its own.
pub(crate) const CASES: [&str; 15] = [
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "custom_metadata",
    "status_code_and_message",
    "special_status_message",
    "unimplemented_method",
    "unimplemented_service",
    "cancel_after_begin",
    "cancel_after_first_response",
    "timeout_on_sleeping_server",
    "a_thousand_calls",
];

/// Runs a case, and asks for the quotas after it.
pub(crate) async fn run(case: &str, port: u16) -> Outcome {
    let outcome = timeout(Duration::from_secs(60), async {
        let conn = ClientConn::connect(("127.0.0.1", port), ConnOptions::default()).await;
        let conn = conn.map_err(|status| status.to_string())?;
        let before = conn.quotas().await.ok_or("the connection is over")?;
        one(case, &conn).await?;
        let after = conn.quotas().await.ok_or("the connection is over")?;
        let counts = [after.active_streams, after.established, after.writing];
        if counts != [0; 3] || after.stream_quota != before.stream_quota {
            return Err(format!("before {before:?}, after {after:?}"));
        }
        conn.close().await;
        Ok(())
    });
    outcome.await.unwrap_or_else(|_| Err("it does not end".to_owned()))
}

async fn one(case: &str, conn: &ClientConn) -> Outcome {
    let client = Caller(conn.clone());
    match case {
        "empty_unary" => cases::empty_unary(client).await,
        "large_unary" => cases::large_unary(client).await,
        "client_streaming" => cases::client_streaming(client).await,
        "server_streaming" => cases::server_streaming(client).await,
        "ping_pong" => cases::ping_pong(client).await,
        "empty_stream" => cases::empty_stream(client).await,
        "status_code_and_message" => cases::status_code_and_message(client).await,
        "special_status_message" => cases::special_status_message(client).await,
        "unimplemented_method" => cases::unimplemented_method(client).await,
        "unimplemented_service" => cases::unimplemented_service(client).await,
        // These look at what the trait does not show.
        "custom_metadata" => custom_metadata(conn).await.map_err(|status| status.to_string()),
        "cancel_after_begin" => cancelled(conn, false).await,
        "cancel_after_first_response" => cancelled(conn, true).await,
        "timeout_on_sleeping_server" => timeout_on_sleeping_server(conn).await,
        "a_thousand_calls" => a_thousand_calls(conn).await,
        _ => Err("no case has this name".to_owned()),
    }
}

/// Implements the trait over the transport.
struct Caller(ClientConn);

fn method(name: &str) -> &'static MethodDescriptor {
    let methods = TEST_SERVICE.methods.iter().find(|method| method.name == name);
    methods.expect("it is a method of the service")
}

impl Caller {
    async fn open<Req: Message, Res: Message>(
        &self,
        name: &str,
    ) -> Result<ClientStream<Req, Res>, Status> {
        self.0.new_client_stream(method(name), CallOptions::default()).await
    }
}

/// A call that is over says so where its answer is read.
fn sent(outcome: Result<(), SendError>) -> Result<(), Status> {
    match outcome {
        Ok(()) | Err(SendError::EndOfStream) => Ok(()),
        Err(SendError::Status(status)) => Err(status),
    }
}

async fn receive<Req: Message, Res: Message>(
    mut call: ClientStream<Req, Res>,
    mut out: Sender<Res>,
) -> Result<(), Status> {
    while let Some(message) = call.recv_msg().await? {
        out.send(message).await?;
    }
    Ok(())
}

impl TestService for Caller {
    async fn empty_call(&self, request: Empty) -> Result<Empty, Status> {
        self.0.invoke(method("EmptyCall"), &request, CallOptions::default()).await
    }

    async fn unary_call(
        &self,
        request: Request<SimpleRequest>,
    ) -> Result<Response<SimpleResponse>, Status> {
        let request = request.into_inner();
        let called = self.0.invoke(method("UnaryCall"), &request, CallOptions::default());
        called.await.map(Response::new)
    }

    async fn streaming_output_call(
        &self,
        request: Request<StreamingOutputCallRequest>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>
    {
        let mut call = self.open("StreamingOutputCall").await?;
        sent(call.send_msg(request.get_ref()).await)?;
        Ok(Response::new(stream_fn(async |out| receive(call, out).await)))
    }

    async fn streaming_input_call(
        &self,
        requests: Request<Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status> {
        let mut call = self.open("StreamingInputCall").await?;
        let mut requests = requests.into_inner();
        while let Some(request) = requests.message().await? {
            sent(call.send_msg(&request).await)?;
        }
        call.close_send();
        let answer = call.recv_msg().await?;
        answer.map(Response::new).ok_or_else(|| Status::internal("read twice"))
    }

    async fn full_duplex_call(
        &self,
        requests: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>
    {
        let mut call = self.open("FullDuplexCall").await?;
        let mut requests = requests.into_inner();
        Ok(Response::new(stream_fn(async move |mut out| {
            let (sending, receiving) = call.halves();
            let send = async {
                while let Some(request) = requests.message().await? {
                    sent(sending.send_msg(&request).await)?;
                }
                sending.close_send();
                Ok::<_, Status>(())
            };
            let receive = async {
                while let Some(answer) = receiving.recv_msg().await? {
                    out.send(answer).await?;
                }
                Ok(())
            };
            tokio::try_join!(send, receive)?;
            Ok(())
        })))
    }

    async fn half_duplex_call(
        &self,
        _: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>
    {
        // No case of gRPC's calls it.
        Err::<Response<Streaming<_>>, _>(Status::unimplemented("half_duplex_call"))
    }

    async fn unimplemented_call(&self, request: Empty) -> Result<Empty, Status> {
        self.0.invoke(method("UnimplementedCall"), &request, CallOptions::default()).await
    }
}

impl UnimplementedService for Caller {
    async fn unimplemented_call(&self, request: Empty) -> Result<Empty, Status> {
        let method = &UNIMPLEMENTED_SERVICE.methods[0];
        self.0.invoke(method, &request, CallOptions::default()).await
    }
}

fn exchange(asked: i32, sent: usize) -> StreamingOutputCallRequest {
    StreamingOutputCallRequest {
        response_parameters: vec![ResponseParameters { size: asked, ..Default::default() }],
        payload: Some(Payload { body: vec![0; sent], ..Payload::default() }),
        ..StreamingOutputCallRequest::default()
    }
}

type Duplex = ClientStream<StreamingOutputCallRequest, StreamingOutputCallResponse>;

async fn duplex(conn: &ClientConn, options: CallOptions) -> Result<Duplex, Status> {
    conn.new_client_stream(method("FullDuplexCall"), options).await
}

/// Metadata comes back at the beginning and at the end.
async fn custom_metadata(conn: &ClientConn) -> Result<(), Status> {
    let mut options = CallOptions::default();
    options.metadata.insert(echo::INITIAL, MetadataValue::from_static("initial"));
    options.metadata.insert_bin(echo::TRAILING, MetadataValue::from_bytes(&[0xab; 3]));
    let mut call = duplex(conn, options).await?;
    sent(call.send_msg(&exchange(314_159, 271_828)).await)?;
    call.close_send();
    assert_eq!(call.header().await?.get(echo::INITIAL).unwrap(), "initial");
    while call.recv_msg().await?.is_some() {}
    let trailer = call.trailer().expect("the call has ended");
    let value = trailer.get_bin(echo::TRAILING).expect("it comes back");
    assert_eq!(value.to_bytes().unwrap()[..], [0xab; 3]);
    Ok(())
}

/// A call is dropped, before its first message or after its first answer.
async fn cancelled(conn: &ClientConn, after_an_answer: bool) -> Outcome {
    let call = async {
        let mut call = duplex(conn, CallOptions::default()).await?;
        if after_an_answer {
            sent(call.send_msg(&exchange(31_415, 27_182)).await)?;
            call.recv_msg().await?;
        }
        Ok(())
    };
    call.await.map_err(|status: Status| status.to_string())
}

/// Nothing comes, and so the call ends at its deadline.
async fn timeout_on_sleeping_server(conn: &ClientConn) -> Outcome {
    let timeout = Some(Duration::from_millis(20));
    let options = CallOptions { timeout, ..CallOptions::default() };
    let ended = async {
        let mut call = duplex(conn, options).await?;
        let request = StreamingOutputCallRequest::default();
        sent(call.send_msg(&request).await)?;
        call.recv_msg().await
    };
    match ended.await {
        Err(status) if status.code() == Code::DeadlineExceeded => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// All of them share one connection, and none is lost.
async fn a_thousand_calls(conn: &ClientConn) -> Outcome {
    let mut calls = tokio::task::JoinSet::new();
    for size in 0..1000 {
        let conn = conn.clone();
        calls.spawn(async move {
            let request = SimpleRequest { response_size: size, ..SimpleRequest::default() };
            let options = CallOptions::default();
            let answer: Result<SimpleResponse, _> =
                conn.invoke(method("UnaryCall"), &request, options).await;
            let answer = answer.map_err(|status| status.to_string())?;
            let length = answer.payload.unwrap_or_default().body.len();
            (length == size as usize).then_some(()).ok_or(format!("{length} for {size}"))
        });
    }
    calls.join_all().await.into_iter().collect()
}

async fn every(port: u16) {
    let mut failed = Vec::new();
    for case in CASES {
        failed.extend(run(case, port).await.err().map(|reason| format!("{case}: {reason}")));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn the_client_of_example_18_calls_stock_tonic() {
    every(serve_http(stock::server()).await.addr.port()).await;
}

#[tokio::test]
async fn the_client_of_example_18_calls_ours() {
    every(serve_http(service::server()).await.addr.port()).await;
}

#[tokio::test]
async fn the_client_of_example_18_calls_go() {
    if Peer::Go.installed() {
        every(Peer::Go.serve().await.port).await;
    }
}

#[tokio::test]
async fn the_client_of_example_18_calls_the_server_of_example_19() {
    every(crate::dispatch::server(2).await.addr.port()).await;
}
