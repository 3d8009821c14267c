//! How many times the client flushes for a thousand calls at once.

use std::{future::pending, net::SocketAddr, thread};

use client_write_path::{CallOptions, ClientConn, ConnOptions};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    runtime::Builder,
    task::JoinSet,
};
use traitwire::{Placement, Server, ServiceOptions, Status, service};
use wire::{Side, tap::Tap};
use workbook::Result;

use crate::pipe::call_over_a_pipe;

/// How many calls run at the same time.
pub(crate) const CALLS: usize = 1000;

/// How often each is counted. The middle one is shown.
const TIMES: usize = 11;

/// As little work as there can be for a server.
#[service(package = "write_path.v1")]
trait Echo {
    async fn echo(&self, text: String) -> Result<String, Status>;
}

struct Echoes;

impl Echo for Echoes {
    async fn echo(&self, text: String) -> Result<String, Status> {
        Ok(text)
    }
}

/// Prints the table: with the yield and without, on one thread and on two.
pub(crate) fn table() -> Result {
    let server = serve()?;
    println!("flushes for {CALLS} calls at once, the middle of {TIMES} runs (least to most)");
    println!("{:<18}{:>18}{:>18}", "runtime", "with the yield", "without");
    let mut two_threads = Builder::new_multi_thread();
    two_threads.worker_threads(2);
    let flavours =
        [("current_thread", Builder::new_current_thread()), ("multi_thread, 2", two_threads)];
    for (name, mut flavour) in flavours {
        print!("{name:<18}");
        for yields in [true, false] {
            let runtime = flavour.enable_all().build()?;
            let mut counts = runtime.block_on(async {
                let socket = TcpStream::connect(server).await?;
                socket.set_nodelay(true)?;
                count(socket, yields, TIMES).await
            })?;
            counts.sort_unstable();
            let (least, middle, most) = (counts[0], counts[TIMES / 2], counts[TIMES - 1]);
            print!("{:>18}", format!("{middle} ({least} to {most})"));
        }
        println!();
    }
    Ok(())
}

/// A server on a thread of its own, so that the client's runtime is the one that differs. It ends
/// with the program.
fn serve() -> Result<SocketAddr> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    thread::spawn(move || {
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).expect("a socket that listens");
            let server = Server::new().add(EchoServer::new(Echoes));
            server.serve(listener, pending()).await.expect("it serves");
        });
    });
    Ok(address)
}

/// Counts once over a pipe, both ends on this thread: the same number at every run.
pub(crate) async fn over_a_pipe(yields: bool) -> Result<usize> {
    // A server that measures its handlers would do now this, now that.
    let options = ServiceOptions::new().placement(Placement::Task);
    let server = Server::new().add(EchoServer::new(Echoes).with(options));
    let counts = call_over_a_pipe(server, async |io| count(io, yields, 1).await).await?;
    counts.first().copied().ok_or_else(|| "nothing was counted".into())
}

/// The writes that the socket saw for the calls, so many times.
async fn count<Io>(io: Io, yields: bool, times: usize) -> Result<Vec<usize>>
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let tap = Tap::new();
    let io = tap.wrap(io, Side::Client);
    let conn = ClientConn::handshake(io, "echo", ConnOptions { yields }).await?;
    let mut counts = Vec::new();
    for _ in 0..times {
        conn.quotas().await;
        tap.forget();
        let mut calls = JoinSet::new();
        for _ in 0..CALLS {
            let conn = conn.clone();
            calls.spawn(async move {
                let text = "a text of some fifty bytes, as a small call has it".to_owned();
                let options = CallOptions::default();
                conn.invoke::<String, String>(&ECHO.methods[0], &text, options).await
            });
        }
        while let Some(called) = calls.join_next().await {
            called??;
        }
        counts.push(tap.writes(Side::Client).len());
    }
    conn.close().await;
    Ok(counts)
}
