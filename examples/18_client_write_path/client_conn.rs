//! A connection to a server: made, shared by calls on any tasks, and left.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadHalf, WriteHalf},
    net::{TcpStream, ToSocketAddrs},
    sync::watch,
    time::{Instant, sleep, timeout},
};
use traitwire::{Message, MethodDescriptor, Status, tonic::metadata::MetadataMap};
use wire::frame::{Frame, PREFACE, Setting};

use crate::{
    call::Call,
    client_stream::{ClientStream, StreamDesc},
    flow_control::DEFAULT_WINDOW,
    framer::Framer,
    headers::{MAX_HEADER_LIST, create_header_fields},
    http2_client::{Closing, ConnectionError, Http2Client},
    loopy_writer::LoopyWriter,
    message::MAX_RECV,
    reader::Reader,
};

/// How long a server may take to begin.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// How long the last frames may take when we leave.
const GO_AWAY_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to a server. A clone is the same connection; it ends when the last one is dropped,
/// and so do the calls that still run.
///
/// Two tasks belong to it: one writes, one reads.
#[derive(Clone, Debug)]
pub struct ClientConn(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    transport: Arc<Http2Client>,
    authority: String,
    /// Its senders live in the tasks.
    tasks: watch::Receiver<()>,
}

/// How a connection behaves.
#[derive(Clone, Debug)]
pub struct ConnOptions {
    /// The window of each stream: how much of an answer waits for an application that does not read.
    pub stream_window: u32,
    /// The window of the connection; 65,535 at least.
    pub conn_window: u32,
    /// Whether the writer yields once before it flushes a small batch. Off, to see what it is for.
    pub yields: bool,
}

impl Default for ConnOptions {
    fn default() -> Self {
        Self { stream_window: DEFAULT_WINDOW, conn_window: DEFAULT_WINDOW, yields: true }
    }
}

/// How a call behaves.
#[derive(Clone, Debug)]
pub struct CallOptions {
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// What it carries.
    pub metadata: MetadataMap,
    /// Whether its messages are compressed, with gzip.
    pub compress: bool,
    /// The longest message that it sends.
    pub max_send: usize,
    /// The longest message that it takes.
    pub max_recv: usize,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self {
            timeout: None,
            metadata: MetadataMap::new(),
            compress: false,
            max_send: i32::MAX as usize,
            max_recv: MAX_RECV,
        }
    }
}

/// What is left of everything on a connection. When no call runs, it is what it was before the first
/// one, as soon as the peer has returned its windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    /// How many more streams may be opened.
    pub stream_quota: i64,
    /// The streams that have not ended.
    pub active_streams: usize,
    /// How many bytes the peer takes on the connection.
    pub send_quota: i64,
    /// The streams that the writer knows.
    pub established: usize,
    /// Those that have something to write, and may.
    pub writing: usize,
}

impl ClientConn {
    /// Connects to a server, without TLS.
    pub async fn connect(
        address: impl ToSocketAddrs,
        options: ConnOptions,
    ) -> Result<Self, Status> {
        let connected = async {
            let socket = TcpStream::connect(address).await?;
            socket.set_nodelay(true)?;
            Ok::<_, io::Error>((socket.peer_addr()?.to_string(), socket))
        };
        let connected = timeout(CONNECT_TIMEOUT, connected).await;
        let (authority, socket) = connected
            .map_err(|_elapsed| Status::unavailable("cannot connect: it takes too long"))?
            .map_err(|error| Status::unavailable(format!("cannot connect: {error}")))?;
        Self::handshake(socket, authority, options).await
    }

    /// Begins a connection over anything that carries bytes. Ready when the server has said what it
    /// allows.
    pub async fn handshake<Io>(
        io: Io,
        authority: impl Into<String>,
        options: ConnOptions,
    ) -> Result<Self, Status>
    where
        Io: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (read, write) = tokio::io::split(io);
        let conn_window = options.conn_window.max(DEFAULT_WINDOW);
        let transport = Arc::new(Http2Client::new(options.stream_window));
        let mut framer = Framer::new(write);
        let mut reader = Reader::new(transport.clone(), read, conn_window);
        let greet = async {
            framer.put(PREFACE);
            framer.write(&our_settings(&options)).await?;
            if conn_window > DEFAULT_WINDOW {
                framer.write(&Frame::window_update(0, conn_window - DEFAULT_WINDOW)).await?;
            }
            framer.flush().await?;
            reader.read_preface().await
        };
        match timeout(CONNECT_TIMEOUT, greet).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(error.status()),
            Err(_elapsed) => return Err(Status::unavailable("the server does not begin")),
        }
        let (alive, tasks) = watch::channel(());
        tokio::spawn(write_task(transport.clone(), framer, options.yields, alive.clone()));
        tokio::spawn(read_task(transport.clone(), reader, alive));
        Ok(Self(Arc::new(Handle { transport, authority: authority.into(), tasks })))
    }

    // 1. A unary call is a stream that is used once in each direction.
    /// Makes a unary call.
    pub async fn invoke<Req: Message, Res: Message>(
        &self,
        method: &MethodDescriptor,
        request: &Req,
        options: CallOptions,
    ) -> Result<Res, Status> {
        wire::step!(1, "invoke {}", method.path);
        let mut stream = self.open(method, StreamDesc::UNARY, options).await?;
        // When this fails because the call is over, the answer says why.
        stream.send_msg(request).await.or_else(|error| error.unless_ended())?;
        let answer = stream.recv_msg().await?;
        answer.ok_or_else(|| Status::internal("the answer was read before"))
    }

    /// Begins a call of any shape.
    pub async fn new_client_stream<Req: Message, Res: Message>(
        &self,
        method: &MethodDescriptor,
        options: CallOptions,
    ) -> Result<ClientStream<Req, Res>, Status> {
        self.open(method, StreamDesc::of(method.kind), options).await
    }

    // 2. What all calls have in common: a deadline, limits, a compressor; and then a stream.
    async fn open<Req: Message, Res: Message>(
        &self,
        method: &MethodDescriptor,
        desc: StreamDesc,
        options: CallOptions,
    ) -> Result<ClientStream<Req, Res>, Status> {
        wire::step!(2, "new_client_stream: {desc}");
        let Handle { transport, authority, .. } = &*self.0;
        let deadline = options.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let fields = create_header_fields(method.path, authority, options.timeout, &options);
        let opened = transport.new_stream(fields);
        let opened = match deadline {
            Some(deadline) => {
                tokio::time::timeout_at(deadline, opened).await.map_err(|_elapsed| {
                    Status::deadline_exceeded("the deadline has passed, before there was a stream")
                })?
            }
            None => opened.await,
        };
        Ok(ClientStream::new(Call::new(transport.clone(), opened?, desc, deadline, &options)))
    }

    /// Ends the connection and its calls, with GOAWAY, and waits until its tasks have ended.
    pub async fn close(&self) {
        self.0.close();
        self.closed().await;
    }

    /// Waits until the connection has ended, for whatever reason.
    pub async fn closed(&self) {
        let mut tasks = self.0.tasks.clone();
        // Nothing is ever sent: this ends with the last sender.
        while tasks.changed().await.is_ok() {}
    }

    /// What is left of everything, when all that was queued before has been handled; `None` when the
    /// connection has ended.
    pub async fn quotas(&self) -> Option<Quotas> {
        self.0.transport.quotas().await
    }
}

impl Handle {
    fn close(&self) {
        self.transport.close_gracefully(Status::cancelled("the connection was closed"));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
    }
}

/// What we tell the server about us.
fn our_settings(options: &ConnOptions) -> Frame {
    Frame::settings(&[
        (Setting::ENABLE_PUSH, 0),
        (Setting::INITIAL_WINDOW_SIZE, options.stream_window),
        (Setting::MAX_HEADER_LIST_SIZE, MAX_HEADER_LIST as u32),
    ])
}

async fn write_task<Io: AsyncRead + AsyncWrite>(
    transport: Arc<Http2Client>,
    framer: Framer<WriteHalf<Io>>,
    yields: bool,
    _alive: watch::Sender<()>,
) {
    let mut writer = LoopyWriter::new(transport.clone(), framer, yields);
    let too_late = async {
        if transport.until_closing().await == Closing::Gracefully {
            sleep(GO_AWAY_TIMEOUT).await;
        }
    };
    let work = async {
        // What can be told to the server, the writer still tells it.
        while let Err(error) = writer.run().await {
            transport.fail(&error);
            if matches!(error, ConnectionError::Io(_)) {
                break;
            }
        }
    };
    tokio::select! {
        biased;
        () = work => {}
        () = too_late => {}
    }
}

async fn read_task<Io: AsyncRead + AsyncWrite>(
    transport: Arc<Http2Client>,
    mut reader: Reader<ReadHalf<Io>>,
    _alive: watch::Sender<()>,
) {
    tokio::select! {
        biased;
        _ = transport.until_closing() => {}
        error = reader.run() => transport.fail(&error),
    }
}
