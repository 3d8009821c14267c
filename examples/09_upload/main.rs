//! A file, sent in pieces.
//!
//! A client streams a file; the server writes it down, checks it, and only then gives it its name.
//! A call may end at any message, so "stored or not" is not enough of an answer: what has come is
//! kept aside, by the checksum that the file will have, and the next upload goes on from there.
//!
//! | what happens | what is there afterwards |
//! |---|---|
//! | all bytes come, with the right checksum | the file, under its name |
//! | the caller goes away, sends nothing for 10 s, or closes too early | a part, for a day; at most 100 of them |
//! | more bytes come than announced, or the checksum is another one | nothing |
//!
//! A name never shows less than the whole file, and no file takes the place of another. One upload
//! at a time is at work on a file: a second one waits for 11 s, and is refused. After a restart
//! nothing is needed but the folder: an upload that goes on hashes the part once more. Callers are
//! not told apart: whoever knows the checksum and the size may go on with a part.
//!
//! In memory there is one chunk on either side, and what the connection buffers, about 1 MiB.
//!
//! ```sh
//! cargo run --example 09_upload
//! cargo run --example 09_upload -- serve 127.0.0.1:8089 --folder uploads
//! cargo run --example 09_upload -- call 127.0.0.1:8089 --file video.mp4    # and once more, after Ctrl-C
//! ```

pub mod announced;
pub mod checksum;
pub mod claim;
pub mod client;
pub mod contract;
pub mod disk;
pub mod part;
pub mod server;
pub mod store;
pub mod story;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use traitwire::{Server, ServiceOptions};
use workbook::{Command, Result, Socket};

use crate::{
    client::Source,
    contract::{CHUNK, UPLOAD_SERVICE, UploadServiceClient, UploadServiceServer},
    server::Uploads,
    store::{Limits, Store},
};

async fn serve(socket: Socket, folder: Option<PathBuf>, limits: Limits) -> Result {
    let temporary = tempfile::tempdir()?;
    let folder = folder.unwrap_or_else(|| temporary.path().to_owned());
    let store = Store::open(&folder, limits)
        .map_err(|error| format!("cannot store in {}: {error}", folder.display()))?;
    // A chunk and the few bytes around it.
    let options = ServiceOptions::new().max_decoding_message_size(CHUNK + 1024);
    let service = UploadServiceServer::new(Uploads::new(Arc::new(store))).with(options);
    Server::new().add(service).serve(socket.listener, socket.shutdown).await?;
    Ok(())
}

async fn call(server: String, file: Option<PathBuf>) -> Result {
    let client = UploadServiceClient::connect(server).await?;
    let Some(path) = file else {
        return story::tell(&client).await;
    };
    let mut source =
        Source::read(&path).await.map_err(|error| format!("{}: {error}", path.display()))?;
    source.progress = true;
    let sent = source.upload(&client).await?;
    println!("client ← {} bytes are stored, {sent} of them sent now", source.file.size);
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut command = Command::read();
    let folder = command.optional("--folder"); // a temporary one
    let size = command.option("--limit", Limits::default().size);
    let file = command.optional("--file"); // the story of a sample

    let serve = async |socket| serve(socket, folder, Limits { size, ..Limits::default() }).await;
    let call = async |server| call(server, file).await;
    command.run(&UPLOAD_SERVICE, "127.0.0.1:8089", serve, call).await
}
