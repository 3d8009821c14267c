//! A server that tells what it serves, so that any tool can call it without a `.proto`.
//!
//! cargo add traitwire --features health,reflection
//! cargo add tokio --features macros,net,rt-multi-thread

use tokio::net::TcpListener;
use traitwire::reflection::v1::{MessageRequest, MessageResponse, ServerReflectionRequest};
use traitwire::reflection::v1::{ServerReflection, ServerReflectionClient};
use traitwire::{Server, Status, Streaming, health::HealthReporter, service, shutdown_signal};

/// Prices of things.
#[service(package = "shop.v1")]
pub trait Prices {
    /// The price of a thing, in cents.
    async fn get(&self, thing: &str) -> Result<u64, Status>;
}

struct List;

impl Prices for List {
    async fn get(&self, thing: &str) -> Result<u64, Status> {
        match thing {
            "flute" => Ok(12_900),
            _ => Err(Status::not_found(format!("no {thing} here"))),
        }
    }
}

pub fn server() -> Server {
    Server::new().add(PricesServer::new(List)).health(&HealthReporter::new()).reflection()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `cargo run -- 127.0.0.1:50051` serves there, for grpcurl and buf.
    if let Some(address) = std::env::args().nth(1) {
        let listener = TcpListener::bind(address).await?;
        return Ok(server().serve(listener, shutdown_signal()).await?);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(server().serve(listener, shutdown_signal()));

    let client = ServerReflectionClient::connect(address).await?;
    let message_request = Some(MessageRequest::ListServices(String::new()));
    let question = ServerReflectionRequest { message_request, ..Default::default() };
    let mut answers = client.server_reflection_info(Streaming::from_iter([question]));
    while let Some(answer) = answers.message().await? {
        if let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response {
            list.service.iter().for_each(|service| println!("{}", service.name));
        }
    }
    Ok(())
}
