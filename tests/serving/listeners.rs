//! What a server listens on: Unix sockets, several listeners, an inherited one, one behind a balancer.

use std::{
    future::{pending, poll_fn},
    io::ErrorKind,
    os::fd::OwnedFd,
    path::Path,
    process::Stdio,
    sync::{Arc, Barrier, Mutex},
    thread,
};

use listenfd::ListenFd;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream, UnixStream},
    process::Command,
};
use traitwire::{Channel, Listener, Listeners, Peer, Request, Server, Status, bind_unix, service};
use traitwire_tests::frames::{PREFACE, Wire};

use crate::pipe::Once;

/// Tells who calls.
#[service(package = "proof.v1")]
trait Callers {
    /// As it is displayed.
    async fn name(&self, request: Request<()>) -> Result<String, Status>;
}

struct Teller;

impl Callers for Teller {
    async fn name(&self, request: Request<()>) -> Result<String, Status> {
        Ok(Peer::of(&request).expect("the server says who calls").to_string())
    }
}

fn teller() -> Server {
    Server::new().add(CallersServer::new(Teller))
}

/// A channel over this connection.
async fn over(io: impl traitwire::Io) -> Channel {
    let io = Arc::new(Mutex::new(Some(io)));
    let connect = tower::service_fn(move |_| {
        let io = io.lock().unwrap().take();
        async move { io.ok_or_else(|| std::io::Error::other("it connects once")) }
    });
    Channel::builder("http://test").connector(connect).connect().await.unwrap()
}

/// How a caller is called who comes by this connection.
async fn name(io: impl traitwire::Io) -> String {
    CallersClient::new(over(io).await).name(Request::new(())).await.unwrap()
}

#[tokio::test]
async fn a_socket_file_that_was_left_behind_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sock");
    drop(bind_unix(&path).unwrap());
    assert!(path.exists(), "it stays when its listener is gone");

    tokio::spawn(teller().serve(bind_unix(&path).unwrap(), pending()));
    assert_eq!(name(UnixStream::connect(&path).await.unwrap()).await, "unix");
}

#[tokio::test]
async fn a_socket_that_somebody_listens_on_is_refused_and_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sock");
    tokio::spawn(teller().serve(bind_unix(&path).unwrap(), pending()));
    assert_eq!(bind_unix(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
    assert_eq!(name(UnixStream::connect(&path).await.unwrap()).await, "unix");
}

#[tokio::test]
async fn of_many_who_bind_one_path_at_once_one_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sock");
    let runtime = tokio::runtime::Handle::current();
    for round in 0..100 {
        // What the last one has left behind, or nothing.
        if round % 2 == 0 && path.exists() {
            std::fs::remove_file(&path).unwrap();
        }
        let start = Barrier::new(4);
        let bind = || {
            let _runtime = runtime.enter();
            start.wait();
            bind_unix(&path)
        };
        let bound = thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(bind));
            threads.map(|thread| thread.join().unwrap())
        });
        let refused = bound.iter().filter_map(|it| it.as_ref().err());
        assert_eq!(refused.map(|it| it.kind()).collect::<Vec<_>>(), [ErrorKind::AddrInUse; 3]);
        UnixStream::connect(&path).await.expect("it is the one that listens");
    }
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    assert_eq!(left.len(), 1, "no other file is left");
}

#[tokio::test]
async fn a_file_that_is_no_socket_is_refused_and_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "to be kept").unwrap();
    assert_eq!(bind_unix(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "to be kept");

    // And what lies behind a link.
    let (link, socket) = (folder.path().join("link"), folder.path().join("shop.sock"));
    drop(bind_unix(&socket).unwrap());
    std::os::unix::fs::symlink(&socket, &link).unwrap();
    assert_eq!(bind_unix(&link).unwrap_err().kind(), ErrorKind::AddrInUse);
    assert!(socket.exists());
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let error = bind_unix(folder.path().join("missing/shop.sock")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn several_listeners_are_served_by_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sock");
    let tcp = [
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
    ];
    let addrs = tcp.each_ref().map(|it| it.local_addr().unwrap());
    let listeners = Listeners::new().add(bind_unix(&path).unwrap());
    let listeners = tcp.into_iter().fold(listeners, Listeners::add);
    tokio::spawn(teller().serve(listeners, pending()));

    for _ in 0..3 {
        assert_eq!(name(UnixStream::connect(&path).await.unwrap()).await, "unix");
        for addr in addrs {
            let io = TcpStream::connect(addr).await.unwrap();
            let own = io.local_addr().unwrap().to_string();
            assert_eq!(name(io).await, own);
        }
    }
}

/// A listener that always has somebody, and says which one it is.
struct Busy(&'static str);

impl Listener for Busy {
    type Io = tokio::io::DuplexStream;

    fn poll_accept(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<(Self::Io, Peer)>> {
        let peer = Peer::unix(Some(Path::new(self.0).to_owned()));
        std::task::Poll::Ready(Ok((tokio::io::duplex(1).0, peer)))
    }
}

#[tokio::test]
async fn a_busy_listener_leaves_the_others_their_turn() {
    let mut listeners = Listeners::new().add(Busy("a")).add(Busy("b")).add(Busy("c"));
    for name in ["unix:a", "unix:b", "unix:c", "unix:a", "unix:b"] {
        let (_, peer) = poll_fn(|cx| listeners.poll_accept(cx)).await.unwrap();
        assert_eq!(peer.to_string(), name);
    }
}

#[tokio::test]
async fn a_caller_is_named_by_its_address() {
    assert_eq!(Peer::unknown().to_string(), "unknown");
    assert_eq!(Peer::tcp("[2001:db8::1]:443".parse().unwrap()).to_string(), "[2001:db8::1]:443");

    // A caller over a Unix socket seldom has a path.
    let folder = tempfile::tempdir().unwrap();
    let (path, own) = (folder.path().join("shop.sock"), folder.path().join("caller.sock"));
    let mut listener = bind_unix(&path).unwrap();
    let caller = tokio::net::UnixSocket::new_stream().unwrap();
    caller.bind(&own).unwrap();
    let _caller = caller.connect(&path).await.unwrap();
    let (_, peer) = poll_fn(|cx| Listener::poll_accept(&mut listener, cx)).await.unwrap();
    assert_eq!(peer.to_string(), format!("unix:{}", own.display()));
    assert_eq!(peer.addr(), None);
}

const CHILD: &str = "TRAITWIRE_TEST_INHERITS";

/// The server of the next test, in a process of its own, which inherits its listener.
#[tokio::test]
async fn a_server_that_inherits_its_listener() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let inherited = ListenFd::from_env().take_tcp_listener(0).unwrap().expect("a listener");
    inherited.set_nonblocking(true).unwrap();
    let listener = TcpListener::from_std(inherited).unwrap();
    teller().serve(listener, pending()).await.unwrap();
}

#[tokio::test]
async fn a_listener_of_systemd_is_served() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    // As systemd does it: from descriptor 3 on, for the process of this number.
    let start = "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" --exact \"$1\" --quiet 3<&0 </dev/null";
    let _child = Command::new("sh")
        .args(["-c", start])
        .arg(std::env::current_exe().unwrap())
        .arg("listeners::a_server_that_inherits_its_listener")
        .env(CHILD, "1")
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    // The kernel connects it, before there is a process.
    let io = TcpStream::connect(addr).await.unwrap();
    let own = io.local_addr().unwrap().to_string();
    assert_eq!(name(io).await, own);
}

/// A server behind a balancer; where it listens.
async fn balanced() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(teller().proxy_protocol().serve(listener, pending()));
    addr
}

/// A header of version 2 without options: its command, its family, and its addresses.
fn version_2(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
    let length = u16::try_from(addresses.len()).unwrap().to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n", &[0x20 | command, family][..], &length, addresses].concat()
}

fn headers() -> Vec<(Vec<u8>, &'static str)> {
    let v4 = [192, 0, 2, 7, 192, 0, 2, 1, 0xa1, 0x12, 1, 0xbb];
    let documentation = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    let v6 = [&documentation[..], &documentation, &[0xa1, 0x12, 1, 0xbb]].concat();
    // What a balancer adds of its own: PP2_TYPE_AUTHORITY.
    let with_option = [&v4[..], &[2, 0, 4], b"shop"].concat();
    vec![
        (b"PROXY TCP4 192.0.2.7 192.0.2.1 41234 443\r\n".to_vec(), "192.0.2.7:41234"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 41234 443\r\n".to_vec(), "[2001:db8::7]:41234"),
        (b"PROXY UNKNOWN\r\n".to_vec(), "unknown"),
        (b"PROXY UNKNOWN a b c d e f g\r\n".to_vec(), "unknown"),
        (version_2(1, 0x11, &v4), "192.0.2.7:41234"),
        (version_2(1, 0x21, &v6), "[2001:db8::7]:41234"),
        (version_2(1, 0x11, &with_option), "192.0.2.7:41234"),
        // The balancer itself, which asks whether the server is there.
        (version_2(0, 0, &[]), "unknown"),
    ]
}

#[tokio::test]
async fn a_balancer_says_who_calls() {
    let addr = balanced().await;
    for (header, expected) in headers() {
        let mut io = TcpStream::connect(addr).await.unwrap();
        io.write_all(&header).await.unwrap();
        assert_eq!(name(io).await, expected, "{header:?}");
    }
}

#[tokio::test]
async fn what_a_balancer_says_may_come_byte_by_byte() {
    for (header, expected) in headers() {
        // With room for one byte, none comes before the one before it was read.
        let (mut caller, io) = tokio::io::duplex(1);
        let listener = Once(Some(io));
        tokio::spawn(teller().proxy_protocol().serve(listener, pending()));
        caller.write_all(&header).await.unwrap();
        assert_eq!(name(caller).await, expected, "{header:?}");
    }
}

#[tokio::test]
async fn a_connection_without_a_header_is_refused() {
    let addr = balanced().await;
    for bytes in [
        Vec::new(),
        PREFACE.to_vec(),
        b"PROXY TCP9 a b c d\r\n".to_vec(),
        b"PROXY TCP4\r\n".to_vec(),
        version_2(1, 0x11, &[192, 0, 2, 7]),
        b"GET / HTTP/1.1\r\nhost: shop\r\n\r\n".to_vec(),
    ] {
        let mut wire = Wire::connect(addr).await;
        wire.write(&bytes).await;
        if bytes.is_empty() {
            wire.socket.shutdown().await.unwrap();
        }
        assert!(wire.rest().await.is_empty(), "{bytes:?}");
    }
}
