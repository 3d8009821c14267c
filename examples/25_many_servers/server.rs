//! A server, and the process that it would be.

use std::{future::pending, net::SocketAddr, time::Duration};

use tokio::{
    net::TcpListener,
    runtime::Runtime,
    sync::{oneshot, watch},
    task::{JoinHandle, spawn_blocking},
};
use traitwire::{ServeError, Server, Status};
use workbook::Result;

use crate::contract::{Stock, StockLevel, StockServer};

/// Counts pieces.
pub struct Warehouse {
    /// What it calls itself.
    pub name: String,
    /// Whether it takes calls and answers none.
    pub hangs: watch::Receiver<bool>,
}

impl Stock for Warehouse {
    async fn level(&self, _item: &str) -> Result<StockLevel, Status> {
        if *self.hangs.borrow() {
            pending::<()>().await;
        }
        Ok(StockLevel { pieces: 12, counted_by: self.name.clone() })
    }
}

/// A server with threads of its own, as a process has them.
pub struct Process {
    runtime: Runtime,
    serving: JoinHandle<Result<(), ServeError>>,
    stop: oneshot::Sender<()>,
    /// Where it listens.
    pub addr: SocketAddr,
    /// Has its calls hang.
    pub hangs: watch::Sender<bool>,
}

impl Process {
    /// Starts a server that listens at `addr`.
    pub async fn start(name: &str, addr: SocketAddr) -> Result<Self> {
        let runtime = Runtime::new()?;
        let listener = runtime.spawn(TcpListener::bind(addr)).await??;
        let addr = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let (hangs, is_hanging) = watch::channel(false);
        let warehouse = Warehouse { name: name.to_owned(), hangs: is_hanging };
        let server = Server::new().add(StockServer::new(warehouse));
        let serving = runtime.spawn(server.serve(listener, async { drop(stopped.await) }));
        Ok(Self { runtime, serving, stop, addr, hangs })
    }

    /// Has it finish the calls that run, and end.
    pub async fn drain(self) -> Result<SocketAddr> {
        let _ = self.stop.send(());
        self.serving.await??;
        self.runtime.shutdown_background();
        Ok(self.addr)
    }

    /// Ends it at once, with all of its connections.
    pub async fn kill(self) -> Result<SocketAddr> {
        let end = move || self.runtime.shutdown_timeout(Duration::from_secs(10));
        spawn_blocking(end).await?;
        Ok(self.addr)
    }
}
