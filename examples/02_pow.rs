//! A server that answers with a stream.
//!
//! One number goes to the server, and its powers come back, one message each. The stream is written
//! as a sequence of sends; a send waits until there is room for it, so the server runs ahead of a
//! slow client only as far as the buffers of the connection reach.
//!
//! ```sh
//! cargo run --example 02_pow
//! cargo run --example 02_pow -- serve 127.0.0.1:8082
//! cargo run --example 02_pow -- call 127.0.0.1:8082
//! ```

use std::process::ExitCode;

use traitwire::{Server, Status, Stream, message, service, stream_fn};
use workbook::{Result, Socket};

traitwire::package!("stream", file = "server_stream.proto");

/// Answers one number with many.
#[service]
pub trait ServerStream {
    /// The powers 0 to 9 of a number. OUT_OF_RANGE after the last one that fits.
    fn pow(&self, request: ServerStreamReq)
    -> impl Stream<Item = Result<ServerStreamResp, Status>>;
}

/// A question.
#[message]
pub struct ServerStreamReq {
    /// The number to raise.
    #[tag(1)]
    pub number: i64,
}

/// One of the answers.
#[message]
pub struct ServerStreamResp {
    /// The next power.
    #[tag(1)]
    pub number: i64,
}

/// Answers with powers.
pub struct Powers;

impl ServerStream for Powers {
    fn pow(
        &self,
        request: ServerStreamReq,
    ) -> impl Stream<Item = Result<ServerStreamResp, Status>> {
        let base = request.number;
        println!("server ← {base}");
        stream_fn(async move |mut out| {
            let mut power = Some(1_i64);
            for exponent in 0..10 {
                let Some(number) = power else {
                    let why =
                        format!("{base} to the power of {exponent} does not fit into an int64");
                    return Err(Status::out_of_range(why));
                };
                out.send(ServerStreamResp { number }).await?;
                power = number.checked_mul(base);
            }
            Ok(())
        })
    }
}

async fn serve(socket: Socket) -> Result {
    Server::new()
        .add(ServerStreamServer::new(Powers))
        .serve(socket.listener, socket.shutdown)
        .await?;
    Ok(())
}

async fn call(server: String) -> Result {
    let client = ServerStreamClient::connect(server).await?;

    println!("client → 2");
    let mut powers = client.pow(ServerStreamReq { number: 2 });
    while let Some(power) = powers.message().await? {
        println!("client ← {}", power.number);
    }
    println!("client: server closed");
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    workbook::run(&SERVER_STREAM, "127.0.0.1:8082", serve, call).await
}
