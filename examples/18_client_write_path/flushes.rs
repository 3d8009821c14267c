//! How many times the client flushes for a thousand calls at once.

use std::{process::ExitCode, thread};

use client_write_path::{CallOptions, ClientConn, ConnOptions};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    sync::oneshot,
    task::JoinSet,
};
use traitwire::{Placement, Server, ServiceOptions, Status, service};
use wire::{Side, tap::Tap};
use workbook::Result;

use crate::pipe::Pipe;

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
pub(crate) fn run() -> ExitCode {
    match table() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn table() -> Result {
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
            let mut counts = runtime.block_on(over_a_socket(yields))?;
            counts.sort_unstable();
            let (least, middle, most) = (counts[0], counts[TIMES / 2], counts[TIMES - 1]);
            print!("{:>18}", format!("{middle} ({least} to {most})"));
        }
        println!();
    }
    Ok(())
}

/// Counts over a socket. The server has a thread of its own, so that the client's runtime is the one
/// that differs.
async fn over_a_socket(yields: bool) -> Result<Vec<usize>> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let runtime: Runtime = Builder::new_current_thread().enable_all().build()?;
    let server = thread::spawn(move || {
        runtime.block_on(async {
            let shutdown = async { drop(stopped.await) };
            let listener = TcpListener::from_std(listener)?;
            let service = EchoServer::new(Echoes);
            Server::new()
                .add(service)
                .serve(listener, shutdown)
                .await
                .map_err(std::io::Error::other)
        })
    });
    let socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let counts = count(socket, yields, TIMES).await?;
    drop(stop);
    server.join().map_err(|_panic| "the server has panicked")??;
    Ok(counts)
}

/// Counts once over a pipe, both ends on this thread: the same number at every run.
pub(crate) async fn over_a_pipe(yields: bool) -> Result<usize> {
    let (io, pipe) = Pipe::new();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async { drop(stopped.await) };
    // A server that measures its handlers would do now this, now that.
    let options = ServiceOptions::new().placement(Placement::Task);
    let serve = Server::new().add(EchoServer::new(Echoes).with(options)).serve(pipe, shutdown);
    let call = async {
        let counts = count(io, yields, 1).await;
        drop(stop);
        counts
    };
    let (served, counts) = tokio::join!(serve, call);
    served?;
    counts?.first().copied().ok_or_else(|| "nothing was counted".into())
}

/// The writes that the socket saw for the calls, so many times.
async fn count<Io>(io: Io, yields: bool, times: usize) -> Result<Vec<usize>>
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let tap = Tap::new();
    let options = ConnOptions { yields, ..ConnOptions::default() };
    let conn = ClientConn::handshake(tap.wrap(io, Side::Client), "echo", options).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn on_one_thread_the_count_is_always_the_same() {
        for yields in [true, false] {
            let count = over_a_pipe(yields).await.unwrap();
            assert_eq!(over_a_pipe(yields).await.unwrap(), count);
            // The other extreme is a flush for each call.
            assert!(count < CALLS / 10, "{count}");
        }
    }
}
