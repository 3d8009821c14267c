//! The runs: calls with a tap on the client's socket.
//!
//! A run shows the same bytes every time. The client waits for whatever would otherwise have two
//! possible orders, and what differs between machines (the port in `:authority`) is set, and not
//! painted over.

use std::time::Duration;

use http::HeaderValue;
use tokio::net::TcpStream;
use tower::{ServiceExt, service_fn};
use traitwire::{Channel, RequestBody, Server, Streaming, schema::Schema};
use wire::{
    Side,
    frame::{Frame, Kind, flags},
    schema,
    tap::{Event, Seen, Tap},
    trace,
};
use workbook::{Result, Socket};

use crate::{
    contract::{ORDER_MANAGEMENT, OrderManagement, OrderManagementClient, OrderManagementServer},
    shop::{Shop, order},
};

/// A run.
pub(crate) struct Run {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    shape: Shape,
}

/// What is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Unary,
    ServerStreaming,
    ClientStreaming,
    Bidirectional,
    Error,
    TrailersOnly,
    Gzip,
    Deadline,
    Cancellation,
}

/// All of them; the first is shown when no other is asked for.
pub(crate) const RUNS: [Run; 9] = [
    run("unary", "one message, and one back", Shape::Unary),
    run("server-streaming", "one message, and two back", Shape::ServerStreaming),
    run("client-streaming", "two messages, and one back", Shape::ClientStreaming),
    run("bidirectional", "two messages, and each is answered", Shape::Bidirectional),
    run("error", "a stream that fails after a message", Shape::Error),
    run("trailers-only", "an error and nothing else", Shape::TrailersOnly),
    run("gzip", "compressed messages (--features gzip)", Shape::Gzip),
    run("deadline", "time runs out on the server", Shape::Deadline),
    run("cancellation", "the client leaves early", Shape::Cancellation),
];

const fn run(name: &'static str, about: &'static str, shape: Shape) -> Run {
    Run { name, about, shape }
}

/// Makes the call, and returns what the tap saw.
pub(crate) async fn show(run: &Run) -> Result<String> {
    let tap = Tap::new();
    workbook::both(
        async |socket| serve(socket, &tap, run.shape).await,
        async |server| {
            let channel = connect(&server, &tap).await?;
            call(channel, &tap, run.shape).await?;
            // The client is gone; it ends the connection, and reads no more.
            tap.until(|events| events.iter().any(|it| matches!(it.event, Event::End { .. }))).await;
            Ok(())
        },
    )
    .await?;
    let contract = Schema::of(&[&ORDER_MANAGEMENT])?.to_string();
    let contract = schema::Schema::parse([("", contract.as_str())])?;
    let mut groups = trace::story(&contract, &tap.events());
    if run.shape != Shape::Unary {
        // The connection is the same in every run.
        groups.remove(0);
    }
    let texts: Vec<String> = groups.into_iter().map(|group| group.text).collect();
    Ok(texts.join("\n"))
}

async fn call(channel: Channel, tap: &Tap, shape: Shape) -> Result {
    let shop = OrderManagementClient::new(channel.clone());
    match shape {
        Shape::Unary => {
            shop.get_order("106").await?;
        }
        Shape::ServerStreaming => {
            let mut orders = shop.search_orders("Google");
            while orders.message().await?.is_some() {}
        }
        Shape::ClientStreaming => {
            let orders = [order("102", &["Google Pixel Book"], 1100.0), order("103", &[], 0.0)];
            shop.update_orders(orders.into_iter().collect()).await?;
        }
        Shape::Bidirectional => {
            let (mut ids, requests) = Streaming::channel(1);
            let mut shipments = shop.process_orders(requests);
            for id in ["102", "103"] {
                let send = async {
                    // The headers of an answer come before any message, or between any two.
                    tap.until(|events| frames(events, Side::Server, is_headers)).await;
                    ids.send(id.to_owned()).await
                };
                let (shipment, _) = tokio::join!(shipments.message(), send);
                shipment?;
            }
            drop(ids);
            while shipments.message().await?.is_some() {}
        }
        Shape::Error => {
            let mut orders = shop.search_orders("Apple");
            while let Ok(Some(_)) = orders.message().await {}
        }
        Shape::TrailersOnly => {
            let _not_found = shop.get_order("999").await;
        }
        Shape::Gzip => gzip(shop).await?,
        Shape::Deadline => {
            // The server allows a second. With one time at both ends nobody could say which of their
            // clocks is first, and with one that the client counts, what it sends.
            let hurry =
                channel.into_tower().map_request(|mut request: http::Request<RequestBody>| {
                    let timeout = HeaderValue::from_static("9S");
                    request.headers_mut().insert("grpc-timeout", timeout);
                    request
                });
            let shop = OrderManagementClient::new(hurry);
            let mut orders = shop.search_orders("Amazon");
            while let Ok(Some(_)) = orders.message().await {}
        }
        Shape::Cancellation => {
            let mut orders = shop.search_orders("Amazon");
            orders.message().await?;
        }
    }
    Ok(())
}

#[cfg(feature = "gzip")]
async fn gzip(shop: OrderManagementClient) -> Result {
    use traitwire::{CallOptions, Compression::Gzip};

    let options = CallOptions::new().send_compressed(Gzip).accept_compressed(Gzip);
    shop.with(options).get_order("106").await?;
    Ok(())
}

#[cfg(not(feature = "gzip"))]
async fn gzip(_: OrderManagementClient) -> Result {
    Err("this run needs `cargo run --example 17_on_the_wire --features gzip -- show gzip`".into())
}

/// Connects through the tap, and waits until both sides have said how they want to be talked to.
async fn connect(server: &str, tap: &Tap) -> Result<Channel> {
    let address = server.strip_prefix("http://").unwrap_or(server).to_owned();
    let socket = {
        let tap = tap.clone();
        service_fn(move |_| {
            let (tap, address) = (tap.clone(), address.clone());
            async move {
                let socket = TcpStream::connect(address).await?;
                socket.set_nodelay(true)?;
                Ok::<_, std::io::Error>(tap.wrap(socket, Side::Client))
            }
        })
    };
    let channel = Channel::builder("http://shop.example").connector(socket).connect().await?;
    tap.until(|events| {
        frames(events, Side::Client, is_ack) && frames(events, Side::Server, is_ack)
    })
    .await;
    Ok(channel)
}

/// Whether a side has sent such a frame.
fn frames(events: &[Seen], from: Side, such: fn(&Frame) -> bool) -> bool {
    events.iter().filter(|it| it.from == from).filter_map(Seen::frame).any(such)
}

fn is_ack(frame: &Frame) -> bool {
    frame.kind == Kind::SETTINGS && frame.has(flags::ACK)
}

fn is_window_update(frame: &Frame) -> bool {
    frame.kind == Kind::WINDOW_UPDATE
}

fn is_headers(frame: &Frame) -> bool {
    frame.kind == Kind::HEADERS
}

async fn serve(socket: Socket, tap: &Tap, shape: Shape) -> Result {
    // What a client says of its own accord; to the SETTINGS of the server it will answer later.
    tap.until(|events| frames(events, Side::Client, is_window_update)).await;
    let service = OrderManagementServer::new(Shop);
    #[cfg(feature = "gzip")]
    let service = {
        use traitwire::{Compression::Gzip, ServiceOptions};
        service.with(ServiceOptions::new().accept_compressed(Gzip).send_compressed(Gzip))
    };
    let most = if shape == Shape::Deadline { Duration::from_secs(1) } else { Duration::MAX };
    let server = Server::new().add(service).max_timeout(most);
    server.serve(socket.listener, socket.shutdown).await?;
    Ok(())
}
