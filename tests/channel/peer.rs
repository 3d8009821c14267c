//! A server frame by frame: it says what the test has it say, and no more.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
    time::{sleep, timeout},
};
use traitwire::{Channel, Status};
use traitwire_tests::frames::{Content, Frame, Kind, Reason, Setting, Wire, field};

use crate::contract::{Echo, EchoClient, Note, note};

/// Waits until all others wait too.
///
/// On a clock that jumps, a sleep is one turn of the runtime, and what goes over a socket takes several.
pub(crate) async fn settle() {
    for _ in 0..50 {
        sleep(Duration::from_millis(1)).await;
    }
}

/// What takes longer than any time limit here does not come.
async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(120), future).await.expect("it comes")
}

/// Makes a call of one message in a task of its own.
pub(crate) fn say(client: &EchoClient, text: &str) -> JoinHandle<Result<Note, Status>> {
    let (client, note) = (client.clone(), note(text));
    tokio::spawn(async move { client.say(note).await })
}

/// A port that nobody else gets, whether anybody listens there or not.
pub(crate) struct Port {
    pub(crate) addr: SocketAddr,
    _held: TcpSocket,
}

impl Port {
    pub(crate) fn new() -> Self {
        let held = socket(([127, 0, 0, 1], 0).into());
        Self { addr: held.local_addr().unwrap(), _held: held }
    }

    pub(crate) fn listen(&self) -> Site {
        Site { listener: socket(self.addr).listen(1024).unwrap() }
    }
}

/// One that is bound and does not listen, which is as good as none for those who connect.
fn socket(addr: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    #[cfg(unix)]
    socket.set_reuseport(true).unwrap();
    socket.bind(addr).unwrap();
    socket
}

/// Where a server listens.
pub(crate) struct Site {
    pub(crate) listener: TcpListener,
}

impl Site {
    pub(crate) async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    pub(crate) fn uri(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// A client that connects when it calls.
    pub(crate) fn client(&self) -> EchoClient {
        EchoClient::new(Channel::builder(self.uri()).connect_lazy().unwrap())
    }

    /// The same with one connection.
    pub(crate) fn client_of_one(&self) -> EchoClient {
        let channel = Channel::builder(self.uri()).connections(1, 1);
        EchoClient::new(channel.connect_lazy().unwrap())
    }

    /// The next connection, whose client has begun and hears nothing.
    pub(crate) async fn accept(&self) -> Peer {
        let (socket, _) = soon(self.listener.accept()).await.unwrap();
        Peer::new(socket).await
    }

    /// The next connection, with what the server allows.
    pub(crate) async fn open(&self, settings: &[(Setting, u32)]) -> Peer {
        let mut peer = self.accept().await;
        peer.send([Frame::settings(settings)]).await;
        peer
    }

    /// Checks that nobody connects within a time in which no connection is lost.
    pub(crate) async fn assert_quiet(&self) {
        let accepted = timeout(Duration::from_secs(5), self.listener.accept()).await;
        assert!(accepted.is_err(), "somebody connects");
    }
}

/// No more than so many calls at once.
pub(crate) fn at_most(calls: u32) -> [(Setting, u32); 1] {
    [(Setting::MAX_CONCURRENT_STREAMS, calls)]
}

/// A connection, from the server's side.
pub(crate) struct Peer {
    wire: Wire,
    /// The calls that send, and what they have sent.
    open: HashMap<u32, BytesMut>,
}

impl Peer {
    async fn new(mut socket: TcpStream) -> Self {
        socket.set_nodelay(true).unwrap();
        socket.read_exact(&mut [0; 24]).await.unwrap();
        Self { wire: Wire { socket, buffer: BytesMut::new() }, open: HashMap::new() }
    }

    pub(crate) async fn send(&mut self, frames: impl IntoIterator<Item = Frame>) {
        self.wire.send(frames).await;
    }

    /// The next frame; `None` when the client has ended the connection.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        self.wire.next().await
    }

    /// What has come, on a clock that jumps.
    pub(crate) async fn so_far(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Ok(Some(frame)) = timeout(Duration::from_millis(50), self.next()).await {
            frames.push(frame);
        }
        frames
    }

    /// The next call that has sent all of its messages. Meanwhile the server answers what it is asked.
    pub(crate) async fn call(&mut self) -> (u32, Bytes) {
        soon(self.next_call()).await.expect("the client goes on")
    }

    async fn next_call(&mut self) -> Option<(u32, Bytes)> {
        loop {
            let frame = self.next().await?;
            let stream = frame.stream;
            match frame.content().unwrap() {
                Content::Headers { .. } => drop(self.open.insert(stream, BytesMut::new())),
                Content::Data { data, end_stream } => {
                    // What was on its way at a refusal is passed over.
                    let Some(body) = self.open.get_mut(&stream) else { continue };
                    body.put(data);
                    if end_stream {
                        return self.open.remove(&stream).map(|body| (stream, body.freeze()));
                    }
                }
                Content::Ping { payload, ack: false } => {
                    self.send([Frame::ping(payload, true)]).await;
                }
                Content::RstStream(_) => drop(self.open.remove(&stream)),
                _ => {}
            }
        }
    }

    /// The next call that begins.
    pub(crate) async fn begun(&mut self) -> u32 {
        loop {
            let frame = self.next().await.expect("the client goes on");
            if frame.kind == Kind::HEADERS {
                return frame.stream;
            }
        }
    }

    /// The next call that the client gives up.
    pub(crate) async fn given_up(&mut self) -> u32 {
        let reset = async {
            loop {
                let frame = self.next().await.expect("the client goes on");
                if frame.kind == Kind::RST_STREAM {
                    return frame.stream;
                }
            }
        };
        timeout(Duration::from_secs(20), reset).await.expect("it is reset")
    }

    /// Waits for a call, and refuses it.
    pub(crate) async fn refuse(&mut self) -> Bytes {
        let (stream, body) = self.call().await;
        self.send([Frame::rst_stream(stream, Reason::REFUSED_STREAM)]).await;
        body
    }

    /// Waits for a call, and answers it with its own message.
    pub(crate) async fn answer(&mut self) -> Bytes {
        let (stream, body) = self.call().await;
        self.send(answer(stream, body.clone())).await;
        body
    }

    /// Answers each call with its own messages, until the connection ends; how many there were.
    pub(crate) async fn serve(mut self) -> usize {
        self.serve_at_most(usize::MAX).await
    }

    /// The same for so many calls.
    pub(crate) async fn serve_at_most(&mut self, most: usize) -> usize {
        let mut calls = 0;
        while calls < most
            && let Some((stream, messages)) = self.next_call().await
        {
            self.send(answer(stream, messages)).await;
            calls += 1;
        }
        calls
    }

    /// Ends the connection with a FIN, and reads what still comes.
    pub(crate) async fn close(mut self) -> Vec<Frame> {
        let _ = self.wire.socket.shutdown().await;
        self.wire.rest().await
    }

    /// Ends the connection with a RST.
    pub(crate) fn reset(self) {
        self.wire.socket.set_zero_linger().unwrap();
    }

    /// Everything that comes until the client ends the connection.
    pub(crate) async fn rest(mut self) -> Vec<Frame> {
        soon(self.wire.rest()).await
    }
}

/// Whether these begin no call, and say nothing in one.
#[track_caller]
pub(crate) fn assert_no_call(frames: &[Frame]) {
    let is_of_call = |frame: &&Frame| matches!(frame.kind, Kind::HEADERS | Kind::DATA);
    assert_eq!(frames.iter().find(is_of_call), None);
}

/// The whole answer to a call, with OK.
pub(crate) fn answer(stream: u32, messages: Bytes) -> [Frame; 3] {
    [head(stream), Frame::data(stream, messages, false), ok(stream)]
}

/// The head of an answer.
pub(crate) fn head(stream: u32) -> Frame {
    // `:status 200`, `content-type`.
    Frame::headers(stream, [&[0x88], &field(31, "application/grpc")[..]].concat(), false)
}

/// The end of an answer.
pub(crate) fn ok(stream: u32) -> Frame {
    Frame::headers(stream, b"\x00\x0bgrpc-status\x010".as_slice(), true)
}

/// A message with its prefix.
pub(crate) fn framed(message: &Note) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(0);
    bytes.put_u32(message.encoded_len().try_into().unwrap());
    message.encode(&mut bytes).unwrap();
    bytes.freeze()
}
