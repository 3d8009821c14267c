//! A caller in bare HTTP/2: it has no clock of its own, and makes room for an answer when it likes.

use std::{net::SocketAddr, thread::yield_now, time::Duration};

use bytes::Bytes;
use h2::{
    RecvStream, SendStream,
    client::{Builder, ResponseFuture, SendRequest},
};
use http::{HeaderMap, Response};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    task::spawn_blocking,
    time::sleep,
};
use traitwire::Code;

/// Waits until all others wait too.
///
/// On a clock that jumps, a sleep is one turn of the runtime, and what goes over a socket takes several. While
/// another thread has a turn the clock stands still, and a kernel that is busy comes to deliver.
pub(crate) async fn settle() {
    for _ in 0..50 {
        spawn_blocking(yield_now).await.unwrap();
        sleep(Duration::from_millis(1)).await;
    }
}

/// A connection.
#[derive(Clone)]
pub(crate) struct Caller {
    /// Its own address.
    pub(crate) addr: SocketAddr,
    requests: SendRequest<Bytes>,
    closed: watch::Receiver<()>,
}

impl Caller {
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        Self::with(addr, &Builder::new()).await
    }

    /// One that makes no room for any answer.
    pub(crate) async fn deaf(addr: SocketAddr) -> Self {
        Self::with(addr, Builder::new().initial_window_size(0)).await
    }

    async fn with(server: SocketAddr, builder: &Builder) -> Self {
        let socket = TcpStream::connect(server).await.unwrap();
        // A clock that jumps does not wait for an acknowledgement of TCP.
        socket.set_nodelay(true).unwrap();
        let addr = socket.local_addr().unwrap();
        Self::over(socket, addr, builder).await
    }

    /// One by this connection, which has this address.
    pub(crate) async fn over(
        socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        addr: SocketAddr,
        builder: &Builder,
    ) -> Self {
        let (requests, connection) = builder.handshake(socket).await.unwrap();
        let (open, closed) = watch::channel(());
        tokio::spawn(async move {
            let _open = open;
            // How it ends, the calls are told.
            let _ = connection.await;
        });
        Self { addr, requests, closed }
    }

    /// Waits until the server has ended the connection.
    pub(crate) async fn closed(&self) {
        // Nothing is ever sent.
        let _ = self.closed.clone().changed().await;
    }

    /// Asks for a page.
    pub(crate) async fn get(&self, path: &str) -> Response<Vec<u8>> {
        let mut requests = self.requests.clone().ready().await.unwrap();
        let request = http::Request::get(format!("http://test{path}")).body(()).unwrap();
        let (answer, _) = requests.send_request(request, true).unwrap();
        let (head, mut body) = answer.await.unwrap().into_parts();
        Response::from_parts(head, read(&mut body).await)
    }

    /// Begins a call, and leaves its request open.
    pub(crate) async fn begin(&self, path: &str, headers: &[(&str, &str)]) -> Begun {
        let mut requests = self.requests.clone().ready().await.unwrap();
        let request = http::Request::post(format!("http://test{path}"));
        let request = request.header("content-type", "application/grpc").header("te", "trailers");
        let request = headers.iter().fold(request, |it, (name, value)| it.header(*name, *value));
        let (answer, request) = requests.send_request(request.body(()).unwrap(), false).unwrap();
        Begun { answer, request }
    }

    /// Calls with one message.
    pub(crate) async fn call(&self, path: &str, headers: &[(&str, &str)], message: &[u8]) -> Begun {
        let mut begun = self.begin(path, headers).await;
        begun.request.send_data(framed(message), true).unwrap();
        begun
    }
}

/// A call.
pub(crate) struct Begun {
    answer: ResponseFuture,
    pub(crate) request: SendStream<Bytes>,
}

impl Begun {
    /// Waits for the head of the answer.
    pub(crate) async fn answered(self) -> Answer {
        let (head, body) = self.answer.await.unwrap().into_parts();
        Answer { head: head.headers, body, _request: self.request }
    }

    /// Reads the answer to its end.
    pub(crate) async fn end(self) -> (Code, String) {
        self.answered().await.end().await
    }
}

/// An answer that has begun.
pub(crate) struct Answer {
    head: HeaderMap,
    body: RecvStream,
    _request: SendStream<Bytes>,
}

impl Answer {
    /// Waits for a message, and makes room for the next ones.
    pub(crate) async fn data(&mut self) -> Bytes {
        let data = self.body.data().await.unwrap().unwrap();
        self.body.flow_control().release_capacity(data.len()).unwrap();
        data
    }

    /// The status at the end, which stands in the trailers where the answer has any.
    pub(crate) async fn end(mut self) -> (Code, String) {
        read(&mut self.body).await;
        let trailers = self.body.trailers().await.unwrap();
        let fields = trailers.as_ref().unwrap_or(&self.head);
        let text = |name| fields.get(name).map_or("", |it| it.to_str().unwrap()).to_owned();
        (Code::from_bytes(text("grpc-status").as_bytes()), text("grpc-message").replace("%20", " "))
    }
}

async fn read(body: &mut RecvStream) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        body.flow_control().release_capacity(data.len()).unwrap();
        all.extend(data);
    }
    all
}

/// A message with its prefix.
pub(crate) fn framed(message: &[u8]) -> Bytes {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], &length[..], message].concat().into()
}
