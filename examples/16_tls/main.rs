//! Mutual TLS, and an authority that is replaced while calls go on.
//!
//! A door lets in those who have a certificate, and greets them by the name in it. The program makes its own
//! authority, so nothing has to be installed. Keys and certificates are files in a folder, which the server
//! reads again and again.
//!
//! ```sh
//! cargo run --example 16_tls --features tls
//! cargo run --example 16_tls --features tls -- serve 127.0.0.1:50066
//! cargo run --example 16_tls --features tls -- call 127.0.0.1:50066
//! ```

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use mutual_tls::{
    authority, client,
    contract::{DOOR, DoorServer},
    server::{self, Porter},
};
use traitwire::Server;
use workbook::{Command, Result, Socket};

async fn serve(socket: Socket, folder: &Path) -> Result {
    authority::first(folder)?;
    let door = DoorServer::new(Porter);
    let server = Server::new().add(door).tls(server::tls(folder)?);
    server.serve(socket.listener, socket.shutdown).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut command = Command::read();
    let folder = PathBuf::from(command.option("--certs", "target/16_tls".to_owned()));
    let serve = async |socket| serve(socket, &folder).await;
    let call = async |server: String| client::tell(&server, &folder).await;
    command.run(&DOOR, "127.0.0.1:50066", serve, call).await
}
