//! A client that sends a stream.
//!
//! Ten numbers go to the server, one message each, and one answer comes back when the client has
//! closed its side. The server learns that from the stream itself: it ends.
//!
//! ```sh
//! cargo run --example 03_sum
//! cargo run --example 03_sum -- serve 127.0.0.1:8081
//! cargo run --example 03_sum -- call 127.0.0.1:8081
//! ```

use std::process::ExitCode;

use traitwire::{Server, Status, Streaming, message, service};
use workbook::{Result, Socket};

traitwire::package!("stream", file = "client_stream.proto");

/// Answers many numbers with one.
#[service]
pub trait ClientStream {
    /// The sum of all numbers. OUT_OF_RANGE when it does not fit.
    async fn sum(&self, requests: Streaming<ClientStreamReq>) -> Result<ClientStreamResp, Status>;
}

/// One of the numbers.
#[message]
pub struct ClientStreamReq {
    /// The number to add.
    #[tag(1)]
    pub data: i64,
}

/// The answer to all of them.
#[message]
pub struct ClientStreamResp {
    /// Their sum.
    #[tag(1)]
    pub sum: i64,
}

/// Adds up.
pub struct Adder;

impl ClientStream for Adder {
    async fn sum(
        &self,
        mut requests: Streaming<ClientStreamReq>,
    ) -> Result<ClientStreamResp, Status> {
        let mut sum: i64 = 0;
        while let Some(request) = requests.message().await? {
            println!("server ← {}", request.data);
            sum = sum
                .checked_add(request.data)
                .ok_or_else(|| Status::out_of_range("the sum does not fit into an int64"))?;
        }
        println!("server: client closed");
        Ok(ClientStreamResp { sum })
    }
}

async fn serve(socket: Socket) -> Result {
    Server::new()
        .add(ClientStreamServer::new(Adder))
        .serve(socket.listener, socket.shutdown)
        .await?;
    Ok(())
}

async fn call(server: String) -> Result {
    let client = ClientStreamClient::connect(server).await?;

    // Any iterator of messages is a stream that ends after the last of them.
    let numbers: Streaming<_> = (0..10).map(|data| ClientStreamReq { data }).collect();
    let answer = client.sum(numbers).await?;
    println!("client ← sum: {}", answer.sum);
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    workbook::run(&CLIENT_STREAM, "127.0.0.1:8081", serve, call).await
}
