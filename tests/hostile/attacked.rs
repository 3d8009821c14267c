//! What the hostile suite runs in a process of its own, so that memory and files can be counted.
//!
//! | arguments | what it does |
//! |---|---|
//! | `serve [SETTING=NUMBER]…` | prints its address, and serves |
//! | `dispatch [SETTING=NUMBER]…` | the same with the server of example 19 |
//! | `call URI` | makes one call, and prints what came of it |
//! | `crowd ADDR COUNT` | connects so often, says nothing, and prints that it is there |
//!
//! Each of them ends when its standard input does. Everything runs on one thread: whatever keeps
//! that busy, all callers feel.

mod service;

use std::{
    error::Error,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    io::{copy, sink, stdin},
    net::{TcpListener, TcpSocket, TcpStream},
};
use traitwire::{
    CallOptions, Compression, Server, ServiceOptions, Status, Stream, Streaming, stream_fn,
};

use service::{ATTACKED, Attacked, AttackedClient, AttackedServer, Census, Tree};

type Failure = Box<dyn Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", ref settings @ ..] => serve(settings).await,
        ["dispatch", ref settings @ ..] => dispatch(settings).await,
        ["call", uri] => call(uri).await,
        ["crowd", addr, count] => crowd(addr.parse()?, count.parse()?).await,
        _ => Err(
            "serve [SETTING=NUMBER]…, dispatch [SETTING=NUMBER]…, call URI, or crowd ADDR COUNT"
                .into(),
        ),
    }
}

async fn end_of_input() {
    // One that cannot be read has ended too.
    let _ = copy(&mut stdin(), &mut sink()).await;
}

async fn serve(settings: &[&str]) -> Result<(), Failure> {
    let mut server = Server::new();
    for setting in settings {
        server = set(server, setting)?;
    }
    let listener = listen()?;
    let options = ServiceOptions::new().accept_compressed(Compression::Gzip);
    let service = AttackedServer::new(Den::default()).with(options);
    Ok(server.add(service).serve(listener, end_of_input()).await?)
}

/// The same with the server of example 19.
async fn dispatch(settings: &[&str]) -> Result<(), Failure> {
    let mut server = server_dispatch::Server::new().num_stream_workers(4);
    for setting in settings {
        let Some(("preface_timeout_ms", number)) = setting.split_once('=') else {
            return Err(format!("no setting {setting}").into());
        };
        server = server.connection_timeout(Duration::from_millis(number.parse()?));
    }
    let server = Arc::new(server.register_service(&ATTACKED, AttackedServer::new(Den::default())));
    let end = async {
        end_of_input().await;
        server.stop().await;
    };
    tokio::join!(server.clone().serve(listen()?), end);
    Ok(())
}

fn listen() -> Result<TcpListener, Failure> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    // A crowd is to wait with the kernel, and not to knock again after seconds.
    let listener = socket.listen(4096)?;
    println!("{}", listener.local_addr()?);
    Ok(listener)
}

/// A setting as an argument; what is not set is as the library has it.
fn set(server: Server, setting: &str) -> Result<Server, Failure> {
    let (key, value) = setting.split_once('=').ok_or("a setting is KEY=NUMBER")?;
    let number = value.parse()?;
    let time = Duration::from_millis(number);
    Ok(match key {
        "max_connections" => server.max_connections(number.try_into()?),
        "preface_timeout_ms" => server.preface_timeout(time),
        "write_timeout_ms" => server.write_timeout(time),
        "drain_timeout_ms" => server.drain_timeout(time),
        "keepalive_ms" => server.keepalive(time, time),
        _ => return Err(format!("no setting {key}").into()),
    })
}

async fn call(uri: &str) -> Result<(), Failure> {
    let options = CallOptions::new().accept_compressed(Compression::Gzip);
    let client = AttackedClient::connect(uri.to_owned()).await?.with(options);
    match client.echo("hello".to_owned()).await {
        Ok(text) => println!("answered: {text}"),
        Err(status) => println!("{:?}: {}", status.code(), status.message()),
    }
    end_of_input().await;
    Ok(())
}

async fn crowd(addr: SocketAddr, count: usize) -> Result<(), Failure> {
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        connections.push(TcpStream::connect(addr).await?);
    }
    println!("{count} connected");
    end_of_input().await;
    Ok(())
}

#[derive(Default)]
struct Den {
    running: AtomicU64,
    begun: AtomicU64,
    poured: AtomicU64,
}

/// A handler that runs.
struct Running<'a>(&'a AtomicU64);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Den {
    fn begin(&self) -> Running<'_> {
        self.begun.fetch_add(1, Relaxed);
        self.running.fetch_add(1, Relaxed);
        Running(&self.running)
    }
}

impl Attacked for Den {
    async fn echo(&self, text: String) -> Result<String, Status> {
        Ok(text)
    }

    async fn hang(&self) -> Result<(), Status> {
        let _running = self.begin();
        std::future::pending().await
    }

    fn pour(&self) -> impl Stream<Item = Result<Vec<u8>, Status>> {
        stream_fn(async |mut out| {
            let _running = self.begin();
            loop {
                out.send(vec![7; 1024]).await?;
                self.poured.fetch_add(1, Relaxed);
            }
        })
    }

    async fn drain(&self, mut pieces: Streaming<Vec<u8>>) -> Result<u64, Status> {
        let _running = self.begin();
        let mut bytes = 0;
        while let Some(piece) = pieces.message().await? {
            bytes += piece.len() as u64;
        }
        Ok(bytes)
    }

    async fn ignore(&self, pieces: Streaming<Vec<u8>>) -> Result<(), Status> {
        let _running = self.begin();
        let _unread = pieces;
        std::future::pending().await
    }

    async fn refuse(&self, _: Streaming<Vec<u8>>) -> Result<(), Status> {
        Err(Status::unauthenticated("who are you?"))
    }

    async fn depth(&self, tree: Tree) -> Result<u32, Status> {
        let below = std::iter::successors(tree.child.as_deref(), |tree| tree.child.as_deref());
        Ok(u32::try_from(below.count()).expect("prost reads a hundred at most"))
    }

    async fn census(&self) -> Result<Census, Status> {
        let Self { running, begun, poured } = self;
        Ok(Census {
            running: running.load(Relaxed),
            begun: begun.load(Relaxed),
            poured: poured.load(Relaxed),
        })
    }
}
