//! Many subscribers, and none waits for another.
//!
//! A hub keeps the latest events once, for everybody. Each subscriber sees every event from its
//! position on, at its own pace. One that is too late loses events, as memory has an end; but it is
//! told: it goes on and hears how many it missed, or its call ends with DATA_LOSS, as it chose.
//!
//! ```sh
//! cargo run --example 11_subscribe
//! cargo run --example 11_subscribe -- serve 127.0.0.1:50061 --keep 1024
//! cargo run --example 11_subscribe -- call 127.0.0.1:50061              # the same story
//! cargo run --example 11_subscribe -- call 127.0.0.1:50061 --as subscriber
//! echo hello | cargo run --example 11_subscribe -- call 127.0.0.1:50061 --as publisher
//!
//! # 1,000 subscribers and 10,000 events; `serve --keep 1024` runs in another terminal
//! cargo run --release --example 11_subscribe -- call --as load --subscribers 1000 --events 10000
//! ```

mod by_hand;
mod contract;
mod hub;
mod load;
mod story;
#[cfg(test)]
mod tests;

use std::{process::ExitCode, sync::Arc, time::Duration};

use traitwire::Server;
use workbook::{Command, Result, Socket};

use crate::{
    by_hand::Role,
    contract::{EVENTS, EventsServer},
    hub::Hub,
    load::Load,
};

/// How long a subscriber that does not read may hold up the end of the server.
const GRACE: Duration = Duration::from_secs(1);

async fn serve(socket: Socket, hub: Arc<Hub>) -> Result {
    let shutdown = async {
        socket.shutdown.await;
        // No subscriber would leave by itself.
        hub.close();
    };
    Server::new()
        .drain_timeout(GRACE)
        // A subscriber that vanished without a word is found out and let go.
        .keepalive(Duration::from_secs(10), Duration::from_secs(20))
        .add(EventsServer::from_arc(hub.clone()))
        .serve(socket.listener, shutdown)
        .await?;
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut command = Command::read();
    let keep = command.option("--keep", 4);
    let role = command.option("--as", Role::Story);
    let load = Load {
        subscribers: command.option("--subscribers", 1000),
        stalled: command.option("--stalled", 0),
        events: command.option("--events", 10_000),
    };
    let serve = async |socket| serve(socket, Arc::new(Hub::new(keep))).await;
    let call = async |server| match role {
        Role::Story => story::tell(server).await,
        Role::Publisher => by_hand::publish(server).await,
        Role::Subscriber => by_hand::subscribe(server).await,
        Role::Load => load.run(server).await,
    };
    command.run(&EVENTS, "127.0.0.1:50061", serve, call).await
}
