//! The cases: what a client does, and what it expects.
//!
//! They are written against the trait, so they run with each client that implements it. A case that
//! fails says why in one sentence.

use std::{error::Error, marker::PhantomData, pin::pin, time::Duration};

use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tonic::{
    CancellationHandle,
    metadata::{MetadataMap, MetadataValue},
    transport::{self, Endpoint},
};
use traitwire::{
    CallOptions, Channel, Code, Compression::Gzip, Request, Response, Status, Stream, StreamExt,
    Streaming, TonicChannel, Trailers, Transport, stream_fn,
};

use crate::{
    contract::{
        BoolValue, EchoStatus, Empty, Payload, ResponseParameters, SimpleRequest,
        StreamingInputCallRequest, StreamingOutputCallRequest, StreamingOutputCallResponse,
        TestService, TestServiceClient, UnimplementedService, UnimplementedServiceClient,
    },
    echo,
    stock::StockClient,
    wire::{self, Compress, Seen, Wire},
};

/// How a case ended; where not well, with the reason.
pub type Outcome = Result<(), String>;

/// Every case that [`run`] knows. The others of gRPC's need credentials of a cloud, or what is not
/// in a server and a client: `cacheable_unary` a proxy that caches, `orca_per_rpc` and `orca_oob` a
/// load balancer that takes reports, `grpclb` and `xds` cases their control planes.
pub const CASES: &[&str] = &[
    "empty_unary",
    "large_unary",
    "client_compressed_unary",
    "server_compressed_unary",
    "client_streaming",
    "client_compressed_streaming",
    "server_streaming",
    "server_compressed_streaming",
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
    "pick_first_unary",
    "rpc_soak",
    "channel_soak",
];

/// Longer than any case takes, but for a soak.
const PATIENCE: Duration = Duration::from_secs(20);

/// What carries the calls of a client.
pub trait Carrier: Clone {
    /// A connection of its own.
    fn connect(server: &str) -> impl Future<Output = Result<Self, String>>;
    /// As clients of ours take it.
    fn transport(self) -> impl Transport;
    /// The same, watched.
    fn watched(self) -> Wire;
}

impl Carrier for Channel {
    async fn connect(server: &str) -> Result<Self, String> {
        Self::connect(server).await.map_err(|error| cannot_connect(server, error))
    }

    fn transport(self) -> impl Transport {
        self
    }

    fn watched(self) -> Wire {
        wire::calling(self.into_tower())
    }
}

impl Carrier for transport::Channel {
    async fn connect(server: &str) -> Result<Self, String> {
        let connected = async { Endpoint::from_shared(server.to_owned())?.connect().await };
        connected.await.map_err(|error| cannot_connect(server, error))
    }

    fn transport(self) -> impl Transport {
        TonicChannel::from(self)
    }

    fn watched(self) -> Wire {
        wire::calling(self)
    }
}

fn cannot_connect(server: &str, error: impl Error) -> String {
    format!("cannot connect to {server}: {error}")
}

/// Whose client runs a case.
pub trait Stack {
    /// What it calls over.
    type Channel: Carrier;

    /// A client over a connection.
    fn client(channel: Self::Channel) -> impl TestService;
    /// One that compresses what it sends.
    fn sending_compressed(channel: Self::Channel) -> impl TestService;
    /// One that takes compressed answers.
    fn accepting_compressed(channel: Self::Channel) -> impl TestService;
    /// One whose calls are cancelled by a token, or by the handle of a request.
    fn cancelled_by(channel: Self::Channel, token: CancellationToken) -> impl TestService;
    /// A client of the service that no server has.
    fn unimplemented(channel: Self::Channel) -> impl UnimplementedService;

    /// What comes back for one message.
    fn unary(
        channel: Self::Channel,
        request: Request<SimpleRequest>,
    ) -> impl Future<Output = Result<Returned, Status>>;

    /// What comes back for a stream, to the end of the answers.
    fn full_duplex(
        channel: Self::Channel,
        requests: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> impl Future<Output = Result<Returned, Status>>;
}

/// A whole answer.
#[derive(Debug, Default)]
pub struct Returned {
    /// The metadata at its beginning.
    pub initial: MetadataMap,
    /// The payload of each of its messages.
    pub payloads: Vec<Option<Payload>>,
    /// The metadata at its end.
    pub trailing: MetadataMap,
}

/// The clients that `#[service]` makes, over their own channel or another one.
pub struct Ours<C = Channel>(PhantomData<C>);

impl<C: Carrier> Stack for Ours<C> {
    type Channel = C;

    fn client(channel: C) -> impl TestService {
        TestServiceClient::new(channel.transport())
    }

    fn sending_compressed(channel: C) -> impl TestService {
        let client = TestServiceClient::new(TonicChannel::from(channel.watched()));
        client.with(CallOptions::new().send_compressed(Gzip))
    }

    fn accepting_compressed(channel: C) -> impl TestService {
        let client = TestServiceClient::new(TonicChannel::from(channel.watched()));
        client.with(CallOptions::new().accept_compressed(Gzip))
    }

    fn cancelled_by(channel: C, token: CancellationToken) -> impl TestService {
        let client = TestServiceClient::new(channel.transport());
        client.with(CallOptions::new().cancellation(token))
    }

    fn unimplemented(channel: C) -> impl UnimplementedService {
        UnimplementedServiceClient::new(channel.transport())
    }

    async fn unary(channel: C, request: Request<SimpleRequest>) -> Result<Returned, Status> {
        let client = TestServiceClient::new(channel.transport());
        let (initial, answer, extensions) = client.unary_call(request).await?.into_parts();
        let trailers = extensions.get::<Trailers>();
        let trailing = trailers.map(Trailers::get).unwrap_or_default();
        Ok(Returned { initial, payloads: vec![answer.payload], trailing })
    }

    async fn full_duplex(
        channel: C,
        requests: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Returned, Status> {
        let client = TestServiceClient::new(channel.transport());
        let (initial, mut answers, _) = client.full_duplex_call(requests).await?.into_parts();
        let mut payloads = Vec::new();
        while let Some(answer) = answers.message().await? {
            payloads.push(answer.payload);
        }
        let trailing = answers.trailers().cloned().unwrap_or_default();
        Ok(Returned { initial, payloads, trailing })
    }
}

/// The clients of stock tonic, over their own channel or another one.
pub struct Stock<C = transport::Channel>(PhantomData<C>);

impl<C: Carrier> Stack for Stock<C> {
    type Channel = C;

    fn client(channel: C) -> impl TestService {
        StockClient::new(channel.watched())
    }

    fn sending_compressed(channel: C) -> impl TestService {
        StockClient::sending_compressed(channel.watched())
    }

    fn accepting_compressed(channel: C) -> impl TestService {
        StockClient::accepting_compressed(channel.watched())
    }

    fn cancelled_by(channel: C, _: CancellationToken) -> impl TestService {
        StockClient::new(channel.watched())
    }

    fn unimplemented(channel: C) -> impl UnimplementedService {
        StockClient::new(channel.watched())
    }

    async fn unary(channel: C, request: Request<SimpleRequest>) -> Result<Returned, Status> {
        StockClient::new(channel.watched()).unary(request).await
    }

    async fn full_duplex(
        channel: C,
        requests: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Returned, Status> {
        StockClient::new(channel.watched()).full_duplex(requests).await
    }
}

/// Runs a case by its name.
pub async fn run<S: Stack>(case: &str, server: &str, soak: &Soak) -> Outcome {
    match case {
        "rpc_soak" => return rpc_soak::<S>(server, soak).await,
        "channel_soak" => return channel_soak::<S>(server, soak).await,
        _ => {}
    }
    let client = async || Ok::<_, String>(S::client(S::Channel::connect(server).await?));
    let accepting =
        async || Ok::<_, String>(S::accepting_compressed(S::Channel::connect(server).await?));
    // For what must not be compressed, and for what must be.
    let both = async || {
        let channel = S::Channel::connect(server).await?;
        Ok::<_, String>((S::client(channel.clone()), S::sending_compressed(channel)))
    };
    let outcome = async {
        match case {
            "empty_unary" => empty_unary(client().await?).await,
            "large_unary" => large_unary(client().await?).await,
            "client_compressed_unary" => {
                let (plain, compressing) = both().await?;
                client_compressed_unary(plain, compressing).await
            }
            "server_compressed_unary" => server_compressed_unary(accepting().await?).await,
            "client_streaming" => client_streaming(client().await?).await,
            "client_compressed_streaming" => {
                let (plain, compressing) = both().await?;
                client_compressed_streaming(plain, compressing).await
            }
            "server_streaming" => server_streaming(client().await?).await,
            "server_compressed_streaming" => server_compressed_streaming(accepting().await?).await,
            "ping_pong" => ping_pong(client().await?).await,
            "empty_stream" => empty_stream(client().await?).await,
            "custom_metadata" => custom_metadata::<S>(S::Channel::connect(server).await?).await,
            "status_code_and_message" => status_code_and_message(client().await?).await,
            "special_status_message" => special_status_message(client().await?).await,
            "unimplemented_method" => unimplemented_method(client().await?).await,
            "unimplemented_service" => {
                unimplemented_service(S::unimplemented(S::Channel::connect(server).await?)).await
            }
            "cancel_after_begin" => {
                cancel_after_begin::<S>(S::Channel::connect(server).await?).await
            }
            "cancel_after_first_response" => {
                cancel_after_first_response::<S>(S::Channel::connect(server).await?).await
            }
            "timeout_on_sleeping_server" => timeout_on_sleeping_server(client().await?).await,
            "pick_first_unary" => pick_first_unary(client().await?).await,
            _ => Err("no case has this name".to_owned()),
        }
    };
    within(PATIENCE, outcome).await
}

async fn within(limit: Duration, outcome: impl Future<Output = Outcome>) -> Outcome {
    let late = |_| Err(format!("nothing came within {} s", limit.as_secs_f32()));
    timeout(limit, outcome).await.unwrap_or_else(late)
}

/// Nothing for nothing.
pub async fn empty_unary(client: impl TestService) -> Outcome {
    client.empty_call(Empty {}).await.map_err(unexpected)?;
    Ok(())
}

/// A large message each way.
pub async fn large_unary(client: impl TestService) -> Outcome {
    let response = client.unary_call(Request::new(large())).await.map_err(unexpected)?;
    sized(&response.into_inner().payload, 314_159)
}

/// The server tells compressed messages from others, and the client sends both.
pub async fn client_compressed_unary(
    plain: impl TestService,
    compressing: impl TestService,
) -> Outcome {
    let request = |value| {
        let expect_compressed = Some(BoolValue { value });
        Request::new(SimpleRequest { expect_compressed, ..large() })
    };
    failed(plain.unary_call(request(true)).await, Code::InvalidArgument)?;

    for response in
        [compressing.unary_call(request(true)).await, plain.unary_call(request(false)).await]
    {
        sized(&response.map_err(unexpected)?.into_inner().payload, 314_159)?;
    }
    Ok(())
}

/// The server compresses an answer when it is asked to, and only then.
pub async fn server_compressed_unary(client: impl TestService) -> Outcome {
    for value in [true, false] {
        let request = SimpleRequest { response_compressed: Some(BoolValue { value }), ..large() };
        let response = client.unary_call(Request::new(request)).await.map_err(unexpected)?;
        came_compressed(&Seen::of(response.extensions()), value)?;
        sized(&response.into_inner().payload, 314_159)?;
    }
    Ok(())
}

/// Many messages to the server.
pub async fn client_streaming(client: impl TestService) -> Outcome {
    let requests = [27182, 8, 1828, 45904].map(|size| input(size, None));
    let requests = Request::new(requests.into_iter().collect());
    let response = client.streaming_input_call(requests).await.map_err(unexpected)?;
    equal("the sum", response.into_inner().aggregated_payload_size, 74922)
}

/// One compressed message and one that is not, in one stream.
pub async fn client_compressed_streaming(
    plain: impl TestService,
    compressing: impl TestService,
) -> Outcome {
    let probe = Request::new([input(27182, Some(true))].into_iter().collect());
    failed(plain.streaming_input_call(probe).await, Code::InvalidArgument)?;

    let requests = [input(27182, Some(true)), input(45904, Some(false))];
    let mut requests = Request::new(requests.into_iter().collect());
    requests.extensions_mut().insert(Compress::from_iter([true, false]));
    let response = compressing.streaming_input_call(requests).await.map_err(unexpected)?;
    equal("the sum", response.into_inner().aggregated_payload_size, 73086)
}

/// Many messages from the server.
pub async fn server_streaming(client: impl TestService) -> Outcome {
    let sizes = [31415, 9, 2653, 58979];
    let request = Request::new(output(sizes.map(parameters)));
    let response = client.streaming_output_call(request).await.map_err(unexpected)?;
    let mut answers = pin!(response.into_inner());
    for size in sizes {
        sized(&next(&mut answers).await?.payload, size)?;
    }
    ended(&mut answers).await
}

/// One compressed message and one that is not, in one answer.
pub async fn server_compressed_streaming(client: impl TestService) -> Outcome {
    let expected = [(31415, true), (92653, false)];
    let request = output(expected.map(|(size, value)| ResponseParameters {
        compressed: Some(BoolValue { value }),
        ..parameters(size)
    }));
    let response = client.streaming_output_call(Request::new(request)).await.map_err(unexpected)?;
    let seen = Seen::of(response.extensions());
    let mut answers = pin!(response.into_inner());
    for (size, compressed) in expected {
        let answer = next(&mut answers).await?;
        came_compressed(&seen, compressed)?;
        sized(&answer.payload, size)?;
    }
    ended(&mut answers).await
}

/// Messages in turn, each when the last one was answered.
pub async fn ping_pong(client: impl TestService) -> Outcome {
    let rounds = [(31415, 27182), (9, 8), (2653, 1828), (58979, 45904)];
    let mut requests = rounds.map(|(asked, sent)| exchange(asked, sent)).into_iter();
    let (mut sender, sent) = Streaming::channel(1);
    // Before the call: there are servers whose answer begins with its first message.
    sender.send(requests.next().expect("four rounds")).await.map_err(unexpected)?;
    let response = client.full_duplex_call(Request::new(sent)).await.map_err(unexpected)?;
    let mut answers = pin!(response.into_inner());
    for (asked, _) in rounds {
        sized(&next(&mut answers).await?.payload, asked)?;
        if let Some(request) = requests.next() {
            sender.send(request).await.map_err(unexpected)?;
        }
    }
    drop(sender);
    ended(&mut answers).await
}

/// No message either way.
pub async fn empty_stream(client: impl TestService) -> Outcome {
    let requests = Request::new([].into_iter().collect());
    let response = client.full_duplex_call(requests).await.map_err(unexpected)?;
    ended(&mut pin!(response.into_inner())).await
}

/// Metadata comes back at the beginning and at the end, of one message and of a stream.
async fn custom_metadata<S: Stack>(channel: S::Channel) -> Outcome {
    const INITIAL: &str = "test_initial_metadata_value";
    const TRAILING: &[u8] = &[0xab, 0xab, 0xab];

    fn with_metadata<P>(payload: P) -> Request<P> {
        let mut request = Request::new(payload);
        let metadata = request.metadata_mut();
        metadata.insert(echo::INITIAL, MetadataValue::from_static(INITIAL));
        metadata.insert_bin(echo::TRAILING, MetadataValue::from_bytes(TRAILING));
        request
    }

    let one = S::unary(channel.clone(), with_metadata(large())).await;
    let requests = [exchange(314_159, 271_828)].into_iter().collect();
    let many = S::full_duplex(channel, with_metadata(requests)).await;
    for returned in [one, many] {
        let Returned { initial, payloads, trailing } = returned.map_err(unexpected)?;
        let value = initial.get(echo::INITIAL).and_then(|it| it.to_str().ok());
        equal("the initial metadata", value, Some(INITIAL))?;
        equal("the number of messages", payloads.len(), 1)?;
        sized(&payloads[0], 314_159)?;
        let value = trailing.get_bin(echo::TRAILING).and_then(|it| it.to_bytes().ok());
        equal("the trailing metadata", value.as_deref(), Some(TRAILING))?;
    }
    Ok(())
}

/// A status comes back as it was asked for, instead of one message and instead of a stream.
pub async fn status_code_and_message(client: impl TestService) -> Outcome {
    let message = "test status message";
    let status = || Some(EchoStatus { code: Code::Unknown as i32, message: message.to_owned() });

    let request = SimpleRequest { response_status: status(), ..SimpleRequest::default() };
    let unary = failed(client.unary_call(Request::new(request)).await, Code::Unknown)?;
    equal("the message", unary.message(), message)?;

    let request = StreamingOutputCallRequest { response_status: status(), ..output([]) };
    let requests = Request::new([request].into_iter().collect());
    let streamed = end(client.full_duplex_call(requests).await).await;
    let streamed = failed(streamed, Code::Unknown)?;
    equal("the message", streamed.message(), message)
}

/// A message with white space, with Unicode's first plane and with another.
pub async fn special_status_message(client: impl TestService) -> Outcome {
    let message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    let status = EchoStatus { code: Code::Unknown as i32, message: message.to_owned() };
    let request = SimpleRequest { response_status: Some(status), ..SimpleRequest::default() };
    let status = failed(client.unary_call(Request::new(request)).await, Code::Unknown)?;
    equal("the message", status.message(), message)
}

/// A method that the server's service does not have.
pub async fn unimplemented_method(client: impl TestService) -> Outcome {
    failed(client.unimplemented_call(Empty {}).await, Code::Unimplemented)?;
    Ok(())
}

/// A service that the server does not have.
pub async fn unimplemented_service(client: impl UnimplementedService) -> Outcome {
    failed(client.unimplemented_call(Empty {}).await, Code::Unimplemented)?;
    Ok(())
}

/// A call is cancelled when its headers are sent, and no message is.
async fn cancel_after_begin<S: Stack>(channel: S::Channel) -> Outcome {
    let token = CancellationToken::new();
    let client = S::cancelled_by(channel, token.clone());
    // Whoever asks for the first message has sent the headers.
    let (begin, begun) = oneshot::channel();
    let requests = Streaming::new(stream_fn(async move |_out| {
        let _ = begin.send(());
        std::future::pending::<Result<(), Status>>().await
    }));
    let mut request = Request::new(requests);
    let handle = request.cancellation_handle();
    let cancelled = async {
        let _ = begun.await;
        cancel(&token, handle);
    };
    let (result, ()) = tokio::join!(client.streaming_input_call(request), cancelled);
    failed(result, Code::Cancelled)?;
    Ok(())
}

/// A call is cancelled when its first answer has come.
async fn cancel_after_first_response<S: Stack>(channel: S::Channel) -> Outcome {
    let token = CancellationToken::new();
    let client = S::cancelled_by(channel, token.clone());
    let (mut sender, requests) = Streaming::channel(1);
    sender.send(exchange(31415, 27182)).await.map_err(unexpected)?;
    let mut request = Request::new(requests);
    let handle = request.cancellation_handle();
    let response = client.full_duplex_call(request).await.map_err(unexpected)?;
    let mut answers = pin!(response.into_inner());
    sized(&next(&mut answers).await?.payload, 31415)?;
    cancel(&token, handle);
    failed(answers.next().await.transpose(), Code::Cancelled)?;
    Ok(())
}

/// Ours is cancelled by the token, tonic by the handle.
fn cancel(token: &CancellationToken, handle: CancellationHandle) {
    token.cancel();
    handle.cancel();
}

/// A stream on which nothing comes ends at its deadline.
pub async fn timeout_on_sleeping_server(client: impl TestService) -> Outcome {
    let (mut sender, requests) = Streaming::channel(1);
    let payload = Some(zeros(27182));
    let request = StreamingOutputCallRequest { payload, ..output([]) };
    sender.send(request).await.map_err(unexpected)?;
    let mut request = Request::new(requests);
    request.set_timeout(Duration::from_millis(1));
    // A thousand times the deadline, for a client that has none.
    within(Duration::from_secs(1), async {
        failed(end(client.full_duplex_call(request).await).await, Code::DeadlineExceeded)?;
        Ok(())
    })
    .await
}

/// All calls reach the same server.
pub async fn pick_first_unary(client: impl TestService) -> Outcome {
    let mut first = None;
    for _ in 0..100 {
        let request = SimpleRequest {
            response_size: 1,
            payload: Some(zeros(1)),
            fill_server_id: true,
            ..SimpleRequest::default()
        };
        let response = client.unary_call(Request::new(request)).await.map_err(unexpected)?;
        let id = response.into_inner().server_id;
        if id.is_empty() {
            return Err("the server does not say who it is".to_owned());
        }
        equal("the server", &id, first.get_or_insert_with(|| id.clone()))?;
    }
    Ok(())
}

/// How long a soak is, and how well it must go.
#[derive(Clone, Debug)]
pub struct Soak {
    /// How many calls.
    pub iterations: u32,
    /// How many of them may fail.
    pub max_failures: u32,
    /// A call that takes longer has failed.
    pub max_latency: Duration,
    /// How long all of them may take.
    pub overall_timeout: Duration,
    /// From the start of a call to the start of the next, at least.
    pub min_time_between: Duration,
    /// How many bytes each call sends.
    pub request_size: i32,
    /// How many bytes each call asks for.
    pub response_size: i32,
}

impl Default for Soak {
    fn default() -> Self {
        Self {
            iterations: 10,
            max_failures: 0,
            max_latency: Duration::from_secs(1),
            overall_timeout: Duration::from_secs(10),
            min_time_between: Duration::ZERO,
            request_size: 271_828,
            response_size: 314_159,
        }
    }
}

/// Many calls over one connection.
pub async fn rpc_soak<S: Stack>(server: &str, soak: &Soak) -> Outcome {
    let client = S::client(S::Channel::connect(server).await?);
    soaked(soak, async || soak_call(&client, soak).await).await
}

/// Many calls, each over a connection of its own.
pub async fn channel_soak<S: Stack>(server: &str, soak: &Soak) -> Outcome {
    soaked(soak, async || soak_call(&S::client(S::Channel::connect(server).await?), soak).await)
        .await
}

async fn soak_call(client: &impl TestService, soak: &Soak) -> Outcome {
    let request = SimpleRequest {
        response_size: soak.response_size,
        payload: Some(zeros(soak.request_size)),
        ..SimpleRequest::default()
    };
    let response = client.unary_call(Request::new(request)).await.map_err(unexpected)?;
    sized(&response.into_inner().payload, soak.response_size)
}

async fn soaked(soak: &Soak, call: impl AsyncFn() -> Outcome) -> Outcome {
    let mut failures = Vec::new();
    let mut done = 0;
    let calls = async {
        for _ in 0..soak.iterations {
            let started = Instant::now();
            if let Err(reason) = within(soak.max_latency, call()).await {
                failures.push(reason);
            }
            done += 1;
            sleep_until(started + soak.min_time_between).await;
        }
    };
    let in_time = timeout(soak.overall_timeout, calls).await.is_ok();
    match failures.last() {
        _ if !in_time => {
            let limit = soak.overall_timeout.as_secs_f32();
            Err(format!("{done} of {} calls were done within {limit} s", soak.iterations))
        }
        Some(last) if failures.len() > soak.max_failures as usize => {
            Err(format!("{} of {} calls failed; the last: {last}", failures.len(), soak.iterations))
        }
        _ => Ok(()),
    }
}

fn zeros(size: i32) -> Payload {
    Payload { body: vec![0; usize::try_from(size).unwrap_or_default()], ..Payload::default() }
}

fn large() -> SimpleRequest {
    SimpleRequest {
        response_size: 314_159,
        payload: Some(zeros(271_828)),
        ..SimpleRequest::default()
    }
}

fn input(size: i32, expect_compressed: Option<bool>) -> StreamingInputCallRequest {
    StreamingInputCallRequest {
        payload: Some(zeros(size)),
        expect_compressed: expect_compressed.map(|value| BoolValue { value }),
    }
}

fn parameters(size: i32) -> ResponseParameters {
    ResponseParameters { size, ..ResponseParameters::default() }
}

fn output<const N: usize>(answers: [ResponseParameters; N]) -> StreamingOutputCallRequest {
    StreamingOutputCallRequest {
        response_parameters: answers.into(),
        ..StreamingOutputCallRequest::default()
    }
}

/// Sends some bytes, and asks for one answer of others.
fn exchange(asked: i32, sent: i32) -> StreamingOutputCallRequest {
    StreamingOutputCallRequest { payload: Some(zeros(sent)), ..output([parameters(asked)]) }
}

type Answer = Result<StreamingOutputCallResponse, Status>;

async fn next(
    answers: &mut (impl Stream<Item = Answer> + Unpin),
) -> Result<StreamingOutputCallResponse, String> {
    let answer = answers.next().await.ok_or("the stream ended early")?;
    answer.map_err(unexpected)
}

async fn ended(answers: &mut (impl Stream<Item = Answer> + Unpin)) -> Outcome {
    match answers.next().await {
        None => Ok(()),
        Some(Ok(_)) => Err("there is a message too many".to_owned()),
        Some(Err(status)) => Err(unexpected(status)),
    }
}

/// What is first to come of a call, its messages or an error.
async fn end(
    call: Result<Response<impl Stream<Item = Answer>>, Status>,
) -> Result<Option<StreamingOutputCallResponse>, Status> {
    pin!(call?.into_inner()).next().await.transpose()
}

fn unexpected(error: impl Into<Status>) -> String {
    let status = error.into();
    format!("the call failed with {:?}, {:?}", status.code(), status.message())
}

fn failed<T>(result: Result<T, Status>, expected: Code) -> Result<Status, String> {
    match result {
        Err(status) if status.code() == expected => Ok(status),
        Err(status) => Err(format!("{}, not with {expected:?}", unexpected(status))),
        Ok(_) => Err(format!("the call went well, and did not fail with {expected:?}")),
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, there: T, expected: T) -> Outcome {
    if there == expected {
        return Ok(());
    }
    Err(format!("{what} is {there:?}, not {expected:?}"))
}

fn sized(payload: &Option<Payload>, expected: i32) -> Outcome {
    let body = payload.as_ref().map(|payload| &payload.body[..]).unwrap_or_default();
    equal("the size of the payload", body.len(), usize::try_from(expected).unwrap_or_default())?;
    equal("every byte being zero", body.iter().all(|byte| *byte == 0), true)
}

fn came_compressed(seen: &Seen, expected: bool) -> Outcome {
    equal("whether the message is compressed", seen.next_is_compressed(), Some(expected))
}
