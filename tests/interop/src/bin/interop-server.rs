//! The server of the official interop cases, on loopback.
//!
//! ```sh
//! cargo run -p interop --bin interop-server -- --port=10000
//! ```
//!
//! `--stock=true` serves the same on stock tonic. Port 0 takes a free one; the first line says which.

use std::process::ExitCode;

use interop::{flags::Flags, service, stock};
use tokio::net::TcpListener;
use tonic::transport::{self, server::TcpIncoming};
use traitwire::{Server, shutdown_signal};

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(2)
        }
    }
}

async fn serve() -> Result<(), String> {
    let flags = Flags::read(std::env::args().skip(1), &["port", "use_tls", "stock"])?;
    let port: u16 = flags.get("port")?.unwrap_or(10000);
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    let listener = listener.map_err(|error| format!("cannot listen on port {port}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("{address}");
    if flags.get("stock")?.unwrap_or(false) {
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let server = transport::Server::builder();
        let served =
            server.serve_with_incoming_shutdown(stock::server(), incoming, shutdown_signal());
        return served.await.map_err(|error| error.to_string());
    }
    let served = Server::new().fallback(service::server()).serve(listener, shutdown_signal());
    served.await.map_err(|error| error.to_string())
}
