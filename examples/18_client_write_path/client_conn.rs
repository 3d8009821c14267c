//! A connection to a server: made, shared by calls on any tasks, and left.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, WriteHalf},
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep, timeout},
};
use traitwire::{Message, MethodDescriptor, Status, tonic::metadata::MetadataMap};
use wire::frame::{Frame, Setting};

use crate::{
    call::{Call, by},
    client_stream::{ClientStream, SendError, StreamDesc},
    framer::Framer,
    headers::create_header_fields,
    http2_client::{ConnectionError, Http2Client},
    loopy_writer::LoopyWriter,
    message::Encoding,
    reader::{MAX_HEADER_LIST, Reader},
};

/// How long a server may take to begin.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// How long the last frames may take, ours when we leave, and the server's when it has left.
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
    /// Whether the writer yields once before it flushes a small batch. Off, to see what it is for.
    pub yields: bool,
}

impl Default for ConnOptions {
    fn default() -> Self {
        Self { yields: true }
    }
}

/// How a call behaves.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// What it carries.
    pub metadata: MetadataMap,
    /// Whether its messages are compressed, with gzip.
    pub compress: bool,
}

/// Where to connect: a name and a port. The server sees them in `:authority`.
#[derive(Clone, Debug)]
pub struct Target(String);

impl From<&str> for Target {
    fn from(target: &str) -> Self {
        Self(target.to_owned())
    }
}

impl From<(&str, u16)> for Target {
    fn from((host, port): (&str, u16)) -> Self {
        Self(if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") })
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
    pub async fn connect(target: impl Into<Target>, options: ConnOptions) -> Result<Self, Status> {
        let Target(target) = target.into();
        let connected = timeout(CONNECT_TIMEOUT, TcpStream::connect(&target)).await;
        let socket = connected
            .map_err(|_elapsed| Status::unavailable("cannot connect: it takes too long"))?
            .and_then(|socket| socket.set_nodelay(true).map(|()| socket))
            .map_err(|error| Status::unavailable(format!("cannot connect: {error}")))?;
        Self::handshake(socket, target, options).await
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
        let transport = Arc::new(Http2Client::new());
        let (mut framer, mut reader) = (Framer::new(write), Reader::new(transport.clone(), read));
        let greet = async {
            framer.write(&our_settings()).await?;
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
        tokio::spawn({
            let transport = transport.clone();
            async move {
                tokio::select! {
                    biased;
                    () = transport.until_closing() => {}
                    error = reader.run() => transport.fail(&error),
                }
                drop(alive);
            }
        });
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
        let mut stream = self.new_client_stream(method, options).await?;
        // When this fails because the call is over, the answer says why.
        stream.send_msg(request).await.or_else(SendError::unless_ended)?;
        let answer = stream.recv_msg().await?;
        answer.ok_or_else(|| Status::internal("the answer was read before"))
    }

    // 2. What all calls have in common: a deadline, limits, a compressor; and then a stream.
    /// Begins a call of any shape.
    pub async fn new_client_stream<Req: Message, Res: Message>(
        &self,
        method: &MethodDescriptor,
        options: CallOptions,
    ) -> Result<ClientStream<Req, Res>, Status> {
        let desc = StreamDesc::of(method.kind);
        wire::step!(2, "new_client_stream: {desc}");
        let Handle { transport, authority, .. } = &*self.0;
        let deadline = options.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let opened = transport.new_stream(create_header_fields(method.path, authority, &options));
        Ok(ClientStream::new(Call {
            transport: transport.clone(),
            stream: by(deadline, opened).await??,
            desc,
            deadline,
            encoding: if options.compress { Encoding::Gzip } else { Encoding::Identity },
            finished: AtomicBool::new(false),
        }))
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
fn our_settings() -> Frame {
    let list = (Setting::MAX_HEADER_LIST_SIZE, MAX_HEADER_LIST);
    Frame::settings(&[(Setting::ENABLE_PUSH, 0), list])
}

async fn write_task<Io: AsyncRead + AsyncWrite>(
    transport: Arc<Http2Client>,
    framer: Framer<WriteHalf<Io>>,
    yields: bool,
    _alive: watch::Sender<()>,
) {
    let mut writer = LoopyWriter::new(transport.clone(), framer, yields);
    let work = async {
        loop {
            match writer.run().await {
                Ok(()) => return None,
                Err(ConnectionError::Io(error)) => return Some(error),
                // What can be told to the server, the writer still tells it.
                Err(error) => transport.fail(&error),
            }
        }
    };
    let too_late = async {
        transport.until_closing().await;
        sleep(GO_AWAY_TIMEOUT).await;
        None
    };
    let error = tokio::select! {
        biased;
        error = work => error,
        error = too_late => error,
    };
    transport.writer_done(error.as_ref());
    if let Some(error) = error {
        // The reader ends the connection, when it has read what is there. If it finds no end, we do.
        let _ = timeout(GO_AWAY_TIMEOUT, transport.until_closing()).await;
        transport.fail(&error.into());
    }
}
