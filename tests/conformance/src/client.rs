//! The client: reads calls, makes them, and says what came of each.

use std::{error::Error as StdError, future::pending, io, sync::Arc, time::Duration};

use prost_types::Any;
use tokio::{
    io::{AsyncRead, stdin, stdout},
    sync::{Notify, Semaphore, mpsc},
    time::sleep,
};
use traitwire::{
    CallOptions, Channel, Compression, Message, Received, Request, Response, Status, Streaming,
    Trailers, stream_fn,
    tls::{Authorities, ClientTls, Identity},
    tonic::metadata::MetadataMap,
};

use crate::{
    contract::{ConformancePayload, ConformanceService, ConformanceServiceClient},
    metadata::{headers, metadata},
    suite::{
        self, CancelTiming, ClientCompatRequest, ClientCompatResponse, ClientErrorResult,
        ClientResponseResult, Outcome, StreamType, read, write,
    },
};

/// How many calls are made at once. Most of them wait, for a delay or for a deadline.
const AT_ONCE: usize = 32;

/// The suite does not ask how a client calls it.
const CANCELLED: &str = "the call was cancelled";

type Failure = Box<dyn StdError + Send + Sync>;
type Client = ConformanceServiceClient;

pub(crate) async fn run() -> Result<(), Failure> {
    let (done, mut results) = mpsc::channel(AT_ONCE);
    let calls = tokio::spawn(call_all(stdin(), done));
    let mut output = stdout();
    while let Some(result) = results.recv().await {
        write(&mut output, &result).await?;
    }
    Ok(calls.await??)
}

async fn call_all(
    mut input: impl AsyncRead + Unpin,
    done: mpsc::Sender<ClientCompatResponse>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(mut request) = read::<ClientCompatRequest>(&mut input).await? {
        let place = places.clone().acquire_owned().await;
        let done = done.clone();
        tokio::spawn(async move {
            let test_name = std::mem::take(&mut request.test_name);
            let outcome = match Call::new(request).await {
                Ok(call) => Outcome::Response(call.make().await),
                Err(error) => Outcome::Error(ClientErrorResult { message: error.to_string() }),
            };
            // It fails when the output is closed, and `run` has ended with that error.
            let _ = done.send(ClientCompatResponse { test_name, result: Some(outcome) }).await;
            drop(place);
        });
    }
    Ok(())
}

/// A call that can be made.
struct Call {
    client: Client,
    request: ClientCompatRequest,
    cancel: Option<CancelTiming>,
    progress: Arc<Progress>,
}

/// How far a call has come.
struct Progress {
    /// The request has ended.
    closed: Notify,
    /// Counts the responses.
    answered: Semaphore,
}

impl Call {
    async fn new(request: ClientCompatRequest) -> Result<Self, Failure> {
        let mut options = CallOptions::new();
        let compression = match request.compression() {
            suite::Compression::Gzip => Some(Compression::Gzip),
            suite::Compression::Deflate => Some(Compression::Deflate),
            suite::Compression::Zstd => Some(Compression::Zstd),
            suite::Compression::Unspecified | suite::Compression::Identity => None,
            other => return Err(format!("no compression {other:?}").into()),
        };
        if let Some(compression) = compression {
            options = options.send_compressed(compression).accept_compressed(compression);
        }
        if request.message_receive_limit > 0 {
            options = options.max_decoding_message_size(request.message_receive_limit.try_into()?);
        }
        if let Some(timeout) = request.timeout_ms {
            options = options.timeout(milliseconds(timeout));
        }
        let client = Client::new(connect(&request).await?).with(options);
        let at_the_end = CancelTiming::AfterCloseSendMs(0);
        let cancel = request.cancel.as_ref().map(|it| it.timing.unwrap_or(at_the_end));
        let progress = Progress { closed: Notify::new(), answered: Semaphore::new(0) };
        Ok(Self { client, request, cancel, progress: Arc::new(progress) })
    }

    async fn make(&self) -> ClientResponseResult {
        let mut returned = Returned::default();
        let cancelled = async {
            let Some(CancelTiming::AfterCloseSendMs(time)) = self.cancel else {
                return pending().await;
            };
            self.progress.closed.notified().await;
            sleep(milliseconds(time)).await;
        };
        // To drop a call is to cancel it.
        let result = tokio::select! {
            result = self.exchange(&mut returned) => result,
            () = cancelled => Err(Status::cancelled(CANCELLED)),
        };
        if let Err(status) = &result {
            returned.failed(status);
        }
        ClientResponseResult {
            response_headers: headers(returned.headers.as_ref()),
            payloads: returned.payloads,
            error: result.err().map(Into::into),
            response_trailers: headers(returned.trailers.as_ref()),
        }
    }

    async fn exchange(&self, returned: &mut Returned) -> Result<(), Status> {
        let client = &self.client;
        match self.request.method.as_str() {
            "Unary" => {
                let response = returned.one(client.unary(self.one()?).await?);
                self.push(returned, response.payload)
            }
            "Unimplemented" => {
                client.unimplemented(self.one()?).await?;
                self.push(returned, None)
            }
            "ClientStream" => {
                let response = returned.one(client.client_stream(self.many()?).await?);
                self.push(returned, response.payload)
            }
            "ServerStream" => {
                let mut responses = returned.many(client.server_stream(self.one()?).await?);
                while let Some(response) = responses.message().await? {
                    self.push(returned, response.payload)?;
                }
                returned.ended(&responses);
                Ok(())
            }
            "BidiStream" => {
                let mut responses = returned.many(client.bidi_stream(self.many()?).await?);
                while let Some(response) = responses.message().await? {
                    self.push(returned, response.payload)?;
                }
                returned.ended(&responses);
                Ok(())
            }
            other => Err(Status::invalid_argument(format!("no method {other:?}"))),
        }
    }

    /// Keeps a response, unless the call is to be cancelled after it.
    fn push(
        &self,
        returned: &mut Returned,
        payload: Option<ConformancePayload>,
    ) -> Result<(), Status> {
        let payloads = &mut returned.payloads;
        payloads.push(payload.unwrap_or_default());
        self.progress.answered.add_permits(1);
        match self.cancel {
            Some(CancelTiming::AfterNumResponses(count)) if payloads.len() == count as usize => {
                Err(Status::cancelled(CANCELLED))
            }
            _ => Ok(()),
        }
    }

    /// The one message of the request.
    fn one<M: Message>(&self) -> Result<Request<M>, Status> {
        let mut messages = self.messages()?;
        let (Some(message), true) = (messages.pop(), messages.is_empty()) else {
            return Err(Status::invalid_argument("not one message"));
        };
        self.progress.closed.notify_one();
        self.request(message)
    }

    /// The messages of the request; in full duplex, each waits for a response to the one before.
    fn many<M: Message>(&self) -> Result<Request<Streaming<M>>, Status> {
        let messages = self.messages()?;
        let full_duplex = self.request.stream_type() == StreamType::FullDuplexBidiStream;
        let delay = milliseconds(self.request.request_delay_ms);
        let (cancel, progress) = (self.cancel, self.progress.clone());
        self.request(Streaming::new(stream_fn(async move |mut out| {
            for message in messages {
                if !delay.is_zero() {
                    sleep(delay).await;
                }
                out.send(message).await?;
                if full_duplex && let Ok(answered) = progress.answered.acquire().await {
                    answered.forget();
                }
            }
            if let Some(CancelTiming::BeforeCloseSend(())) = cancel {
                // An error of the client's stream cancels its call.
                return Err(Status::cancelled(CANCELLED));
            }
            progress.closed.notify_one();
            Ok(())
        })))
    }

    fn messages<M: Message>(&self) -> Result<Vec<M>, Status> {
        let messages: Result<_, _> =
            self.request.request_messages.iter().map(Any::to_msg).collect();
        messages.map_err(|error| Status::invalid_argument(error.to_string()))
    }

    fn request<P>(&self, payload: P) -> Result<Request<P>, Status> {
        let mut request = Request::new(payload);
        *request.metadata_mut() = metadata(&self.request.request_headers)?;
        Ok(request)
    }
}

/// What has come of an answer.
#[derive(Default)]
struct Returned {
    headers: MetadataMap,
    payloads: Vec<ConformancePayload>,
    trailers: MetadataMap,
}

impl Returned {
    /// Keeps what is around the one message of an answer.
    fn one<T>(&mut self, response: Response<T>) -> T {
        let (headers, message, extensions) = response.into_parts();
        self.headers = headers;
        self.trailers = extensions.get().map(Trailers::get).unwrap_or_default();
        message
    }

    /// Keeps what is before the messages of an answer.
    fn many<T>(&mut self, response: Response<Streaming<T>>) -> Streaming<T> {
        let (headers, messages, _) = response.into_parts();
        self.headers = headers;
        messages
    }

    /// Keeps what is after them.
    fn ended<T>(&mut self, messages: &Streaming<T>) {
        self.trailers = messages.trailers().cloned().unwrap_or_default();
    }

    /// Keeps what is around the messages of a call that failed.
    fn failed(&mut self, status: &Status) {
        self.trailers = status.metadata().clone();
        let received = status.source().and_then(|it| it.downcast_ref::<Received>());
        if let Some(received) = received.filter(|_| self.headers.is_empty()) {
            self.headers = received.headers().clone();
        }
    }
}

async fn connect(request: &ClientCompatRequest) -> Result<Channel, Failure> {
    let address = format!("{}:{}", request.host, request.port);
    if request.server_tls_cert.is_empty() {
        return Ok(Channel::connect(format!("http://{address}")).await?);
    }
    let mut tls = ClientTls::builder(Authorities::pem(&*request.server_tls_cert));
    if let Some(creds) = &request.client_tls_creds {
        tls = tls.identity(Identity::pem(&*creds.cert, &*creds.key));
    }
    Ok(Channel::builder(format!("https://{address}")).tls(tls.build()?).connect().await?)
}

fn milliseconds(number: u32) -> Duration {
    Duration::from_millis(number.into())
}
