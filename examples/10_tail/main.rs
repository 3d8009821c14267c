//! A file that is read while it grows.
//!
//! `tail -f` over gRPC: the server sends each line as it is written, and says when the file was
//! rotated or truncated. Such a call has no end of its own. The caller leaves, and all that the
//! server holds for it must go: the open file and the watch are parts of the stream's own future,
//! which is dropped with the call. A large download is the same shape with an end, at the pace of
//! its reader.
//!
//! In memory there are, for each call, a few blocks of 64 KiB and what the window of the stream
//! takes, however long the file and however slow the reader; a follower with nothing to send holds
//! an open file and 256 bytes. All followers share one watcher, and changes that nobody had the time
//! to look at are one change.
//!
//! ```sh
//! cargo run --example 10_tail
//! cargo run --example 10_tail -- serve 127.0.0.1:8090 --dir /var/log
//! cargo run --example 10_tail -- call 127.0.0.1:8090 --file syslog --lines 20
//! cargo run --example 10_tail -- call 127.0.0.1:8090 --file syslog --save syslog.copy
//! ```

mod client;
mod contract;
mod folder;
mod follow;
mod server;
mod story;
#[cfg(test)]
mod tests;
mod watch;

use std::{env, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use traitwire::Server;
use workbook::{Command, Result, Socket};

use crate::{
    contract::{LOGS, LogsServer},
    server::LogFolder,
};

/// How long downloads, and callers that do not read, may hold up the end of the server.
const GRACE: Duration = Duration::from_secs(2);

async fn serve(socket: Socket, logs: Arc<LogFolder>) -> Result {
    let shutdown = async {
        socket.shutdown.await;
        // Nobody who follows a file would leave by itself.
        logs.close();
    };
    Server::new()
        .drain_timeout(GRACE)
        // A caller who vanished without a word is found out, also while nothing is written.
        .keepalive(Duration::from_secs(10), Duration::from_secs(20))
        .add(LogsServer::from_arc(logs.clone()))
        .serve(socket.listener, shutdown)
        .await?;
    Ok(())
}

/// Follows a file, or saves it when there is a place to save it at.
async fn call(server: String, file: String, lines: u32, save: Option<PathBuf>) -> Result {
    let client = client::connect(server).await?;
    match save {
        Some(path) => client::save(client, file, &path).await,
        None => client::follow(client, file, lines).await,
    }
}

async fn run() -> Result<ExitCode> {
    const ADDRESS: &str = "127.0.0.1:8090";
    let mut command = Command::read();
    let dir = command.option("--dir", ".".to_owned());
    let file = command.option("--file", "app.log".to_owned());
    let lines = command.option("--lines", 10);
    let save = command.optional("--save");

    if env::args().len() > 1 {
        let serve = async |socket| {
            let logs = LogFolder::new(&dir).map_err(|error| format!("{dir}: {error}"))?;
            serve(socket, Arc::new(logs)).await
        };
        let call = async |server| call(server, file, lines, save).await;
        return Ok(command.run(&LOGS, ADDRESS, serve, call).await);
    }
    // Without a word: both ends, and somebody who writes the log.
    let folder = tempfile::tempdir()?;
    let logs = Arc::new(LogFolder::new(&folder)?);
    let serve = async |socket| serve(socket, logs.clone()).await;
    let call = async |server| story::tell(server, &logs, folder.path()).await;
    Ok(command.run(&LOGS, ADDRESS, serve, call).await)
}

#[tokio::main]
async fn main() -> ExitCode {
    run().await.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}
