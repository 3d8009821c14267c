//! Two streams at once.
//!
//! The client sends a number now and then, and the server answers each as it arrives. The two
//! directions are independent: one task of the client sends while another reads, and each side
//! closes its own.
//!
//! ```sh
//! cargo run --example 04_sqrt                                     # a number a second
//! cargo run --example 04_sqrt -- --pause 100                      # or every 100 milliseconds
//! cargo run --example 04_sqrt -- serve 127.0.0.1:8083
//! cargo run --example 04_sqrt -- call 127.0.0.1:8083 --pause 200
//! ```

use std::{process::ExitCode, time::Duration};

use traitwire::{Server, Status, Stream, Streaming, message, service, stream_fn};
use workbook::{Command, Result, Socket};

traitwire::package!("helloworld", file = "bidirectional_stream.proto");

/// Answers each number as it arrives.
#[service(name = "BidirectionalStreamServer")]
pub trait BidirectionalStream {
    /// The square roots of the numbers, in their order.
    fn sqrt(
        &self,
        requests: Streaming<AllStreamReq>,
    ) -> impl Stream<Item = Result<AllStreamResp, Status>>;
}

/// A question.
#[message]
pub struct AllStreamReq {
    /// The number to take the root of.
    #[tag(1)]
    pub number: f64,
}

/// An answer.
#[message]
pub struct AllStreamResp {
    /// Its square root; NaN for a negative number.
    #[tag(1)]
    pub sqrt: f64,
}

/// Answers with roots.
pub struct Roots;

impl BidirectionalStream for Roots {
    fn sqrt(
        &self,
        mut requests: Streaming<AllStreamReq>,
    ) -> impl Stream<Item = Result<AllStreamResp, Status>> {
        stream_fn(async move |mut out| {
            while let Some(request) = requests.message().await? {
                println!("server ← {}", request.number);
                out.send(AllStreamResp { sqrt: request.number.sqrt() }).await?;
            }
            println!("server: client closed");
            Ok(())
        })
    }
}

async fn serve(socket: Socket) -> Result {
    Server::new()
        .add(BidirectionalStreamServer::new(Roots))
        .serve(socket.listener, socket.shutdown)
        .await?;
    Ok(())
}

async fn call(server: String, pause: Duration) -> Result {
    let client = BidirectionalStreamClient::connect(server).await?;
    let (mut numbers, requests) = Streaming::channel(1);

    let send = tokio::spawn(async move {
        for number in 0..10 {
            let request = AllStreamReq { number: f64::from(number) };
            if numbers.send(request).await.is_err() {
                return; // the call is over
            }
            tokio::time::sleep(pause).await;
        }
        // Dropping the sender closes this side of the call.
    });

    let mut roots = client.sqrt(requests);
    while let Some(root) = roots.message().await? {
        println!("client ← {:.3}", root.sqrt);
    }
    println!("client: server closed");
    Ok(send.await?)
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut command = Command::read();
    let pause = Duration::from_millis(command.option("--pause", 1000));
    let call = async |server| call(server, pause).await;
    command.run(&BIDIRECTIONAL_STREAM, "127.0.0.1:8083", serve, call).await
}
