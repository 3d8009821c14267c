//! The client: reads calls, makes them, and says what came of each.

use std::{error::Error as StdError, future::pending, io, sync::Arc, time::Duration};

use prost_types::Any;
use tokio::{
    io::{AsyncRead, stdin, stdout},
    sync::{Notify, Semaphore, mpsc},
    time::sleep,
};
use tonic::{
    codec::CompressionEncoding,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};
use traitwire::{Message, Request, Status, Streaming, stream_fn};

use crate::{
    contract::{ConformancePayload, ConformanceService, ConformanceServiceClient},
    metadata::{headers, metadata},
    suite::{
        CancelTiming, ClientCompatRequest, ClientCompatResponse, ClientErrorResult,
        ClientResponseResult, Compression, Outcome, StreamType, read, write,
    },
    trailers::{self, Seen, Watched},
};

/// How many calls are made at once. Most of them wait, for a delay or for a deadline.
const AT_ONCE: usize = 32;

/// The suite does not ask how a client calls it.
const CANCELLED: &str = "the call was cancelled";

type Failure = Box<dyn StdError + Send + Sync>;
type Client = ConformanceServiceClient<Watched>;

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
    seen: Seen,
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
        let mut client = Client::new(trailers::calling(connect(&request).await?));
        let encoding = match request.compression() {
            Compression::Gzip => Some(CompressionEncoding::Gzip),
            Compression::Deflate => Some(CompressionEncoding::Deflate),
            Compression::Zstd => Some(CompressionEncoding::Zstd),
            Compression::Unspecified | Compression::Identity => None,
            other => return Err(format!("no compression {other:?}").into()),
        };
        if let Some(encoding) = encoding {
            client = client.send_compressed(encoding).accept_compressed(encoding);
        }
        if request.message_receive_limit > 0 {
            client = client.max_decoding_message_size(request.message_receive_limit.try_into()?);
        }
        if let Some(timeout) = request.timeout_ms {
            client = client.with_timeout(milliseconds(timeout));
        }
        let at_the_end = CancelTiming::AfterCloseSendMs(0);
        let cancel = request.cancel.as_ref().map(|it| it.timing.unwrap_or(at_the_end));
        let progress = Progress { closed: Notify::new(), answered: Semaphore::new(0) };
        Ok(Self { client, request, cancel, seen: Seen::default(), progress: Arc::new(progress) })
    }

    async fn make(&self) -> ClientResponseResult {
        let mut payloads = Vec::new();
        let cancelled = async {
            let Some(CancelTiming::AfterCloseSendMs(time)) = self.cancel else {
                return pending().await;
            };
            self.progress.closed.notified().await;
            sleep(milliseconds(time)).await;
        };
        // To drop a call is to cancel it.
        let result = tokio::select! {
            result = self.exchange(&mut payloads) => result,
            () = cancelled => Err(Status::cancelled(CANCELLED)),
        };
        ClientResponseResult {
            response_headers: headers(&self.seen.headers()),
            payloads,
            error: result.err().map(Into::into),
            response_trailers: headers(&self.seen.trailers()),
        }
    }

    async fn exchange(&self, payloads: &mut Vec<ConformancePayload>) -> Result<(), Status> {
        let client = &self.client;
        match self.request.method.as_str() {
            "Unary" => {
                let response = client.unary(self.one()?).await?;
                self.push(payloads, response.into_inner().payload)
            }
            "Unimplemented" => {
                client.unimplemented(self.one()?).await?;
                self.push(payloads, None)
            }
            "ClientStream" => {
                let response = client.client_stream(self.many()?).await?;
                self.push(payloads, response.into_inner().payload)
            }
            "ServerStream" => {
                let mut responses = client.server_stream(self.one()?).await?.into_inner();
                while let Some(response) = responses.message().await? {
                    self.push(payloads, response.payload)?;
                }
                Ok(())
            }
            "BidiStream" => {
                let mut responses = client.bidi_stream(self.many()?).await?.into_inner();
                while let Some(response) = responses.message().await? {
                    self.push(payloads, response.payload)?;
                }
                Ok(())
            }
            other => Err(Status::invalid_argument(format!("no method {other:?}"))),
        }
    }

    /// Keeps a response, unless the call is to be cancelled after it.
    fn push(
        &self,
        payloads: &mut Vec<ConformancePayload>,
        payload: Option<ConformancePayload>,
    ) -> Result<(), Status> {
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
                out.send(message).await;
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
        request.extensions_mut().insert(self.seen.clone());
        Ok(request)
    }
}

async fn connect(request: &ClientCompatRequest) -> Result<Channel, Failure> {
    let address = format!("{}:{}", request.host, request.port);
    if request.server_tls_cert.is_empty() {
        return Ok(Endpoint::from_shared(format!("http://{address}"))?.connect().await?);
    }
    let ca = Certificate::from_pem(&request.server_tls_cert);
    let mut tls = ClientTlsConfig::new().ca_certificate(ca);
    if let Some(creds) = &request.client_tls_creds {
        tls = tls.identity(Identity::from_pem(&creds.cert, &creds.key));
    }
    Ok(Endpoint::from_shared(format!("https://{address}"))?.tls_config(tls)?.connect().await?)
}

fn milliseconds(number: u32) -> Duration {
    Duration::from_millis(number.into())
}
