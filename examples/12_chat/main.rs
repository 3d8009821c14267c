//! A room where everybody hears everybody.
//!
//! Each member has one bidirectional call: its lines go up, the events of the room come down. A
//! member leaves by closing its side, and is lost when its call or its connection breaks; either
//! way the others hear of it. A machine that vanishes without a word is found out by pings.
//!
//! ```sh
//! cargo run --example 12_chat                                          # a conversation
//! cargo run --example 12_chat -- serve 127.0.0.1:50062
//! cargo run --example 12_chat -- call 127.0.0.1:50062 --name Ada       # Ctrl-C or Ctrl-D leaves
//! echo hello | cargo run --example 12_chat -- call 127.0.0.1:50062 --name Bob
//! ```

mod contract;
mod conversation;
mod member;
mod room;
mod terminal;
#[cfg(test)]
mod tests;

use std::{process::ExitCode, sync::Arc, time::Duration};

use traitwire::{Channel, ConnectError, Server, ServiceOptions};
use workbook::{Command, Result, Socket};

use crate::{
    contract::{CHAT, ChatClient, ChatServer},
    room::Room,
};

/// How soon either end finds out that the other has vanished.
#[derive(Clone, Copy)]
struct Pings {
    /// So often the other end is asked for a sign of life.
    every: Duration,
    /// So long it may take to answer.
    patience: Duration,
}

const PINGS: Pings = Pings { every: Duration::from_secs(10), patience: Duration::from_secs(5) };

/// The largest request. A line that is too long but not this long is refused, and its call lives on.
const LARGEST_REQUEST: usize = 64 * 1024;

/// How long a member that does not read may hold up the end of the server.
const GRACE: Duration = Duration::from_secs(1);

async fn serve(socket: Socket, room: Arc<Room>, pings: Pings) -> Result {
    let options = ServiceOptions::new().max_decoding_message_size(LARGEST_REQUEST);
    let service = ChatServer::from_arc(room.clone()).with(options);
    let shutdown = async {
        socket.shutdown.await;
        room.close();
    };
    Server::new()
        .drain_timeout(GRACE)
        .keepalive(pings.every, pings.patience)
        .add(service)
        .serve(socket.listener, shutdown)
        .await?;
    Ok(())
}

async fn connect(server: String, pings: Pings) -> Result<ChatClient, ConnectError> {
    let channel = Channel::builder(server)
        .connect_timeout(pings.patience)
        .keepalive(pings.every, pings.patience)
        .connect()
        .await?;
    Ok(ChatClient::new(channel))
}

#[tokio::main]
async fn main() -> ExitCode {
    let is_conversation = std::env::args().len() == 1;
    let mut command = Command::read();
    let user = std::env::var("USER").ok().filter(|user| !user.is_empty());
    let name = command.option("--name", user.unwrap_or_else(|| "guest".to_owned()));
    let serve = async |socket| serve(socket, Arc::new(Room::new()), PINGS).await;
    let call = async |server| match is_conversation {
        true => conversation::hold(server).await,
        false => terminal::chat(connect(server, PINGS).await?, name).await,
    };
    command.run(&CHAT, "127.0.0.1:50062", serve, call).await
}
