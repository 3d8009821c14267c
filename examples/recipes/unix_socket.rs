//! A server on a Unix socket, and a client that calls it there.
//!
//! cargo add traitwire
//! cargo add tokio --features macros,rt-multi-thread

use std::{env, error::Error, future::pending, process};

use traitwire::{Server, Status, bind_unix, service};

#[service(package = "recipes")]
pub trait Clock {
    async fn zone(&self) -> Result<String, Status>;
}

struct Wall;

impl Clock for Wall {
    async fn zone(&self) -> Result<String, Status> {
        Ok("Europe/Zurich".to_owned())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Who may call is a matter of the file's permissions, and of its folder's.
    let path = env::temp_dir().join(format!("clock-{}.sock", process::id()));
    // A socket that a server left behind when it was killed is replaced; one that is in use is an error.
    let listener = bind_unix(&path)?;
    // A program of its own would wait for `shutdown_signal()`.
    tokio::spawn(Server::new().add(ClockServer::new(Wall)).serve(listener, pending()));

    let clock = ClockClient::connect(format!("unix:{}", path.display())).await?;
    println!("{}", clock.zone().await?);
    std::fs::remove_file(path)?;
    Ok(())
}
