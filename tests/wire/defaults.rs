//! What each side announces when nobody has set anything.

use std::collections::BTreeMap;

use tokio::net::TcpListener;
use tonic::transport::{Server, server::TcpIncoming};
use traitwire::Request;
use traitwire_tests::stock::proof::v1 as stock;
use wire::{
    Side,
    frame::{Content, Setting},
};

use crate::{
    contract::{Echo, EchoClient, StockParrot, note},
    line::Line,
};

const KIB: u32 = 1024;
const MIB: u32 = 1024 * KIB;

/// The window of the connection before anybody enlarges it, RFC 9113 §6.9.2.
const SPECIFIED: u32 = 65_535;

/// A call from our client to a server of stock tonic, neither of which has a setting.
async fn called() -> Line {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let line = Line::to(listener.local_addr().unwrap()).await;
    let service = stock::echo_server::EchoServer::new(StockParrot);
    tokio::spawn(Server::builder().serve_with_incoming(service, TcpIncoming::from(listener)));
    let echo = EchoClient::connect(format!("http://{}", line.addr)).await.unwrap();
    echo.say(Request::new(note("hello", 0))).await.unwrap();
    line
}

/// The settings of a side, and the window of the connection.
fn announced(line: &Line, side: Side) -> (BTreeMap<Setting, u32>, u32) {
    let (mut settings, mut window) = (BTreeMap::new(), SPECIFIED);
    for frame in line.frames(side) {
        match frame.content().unwrap() {
            Content::Settings(some) => settings.extend(some),
            Content::WindowUpdate(increment) if frame.stream == 0 => window += increment,
            _ => {}
        }
    }
    (settings, window)
}

#[tokio::test]
async fn a_server_of_stock_tonic_announces_the_windows_of_hyper_and_no_limit_of_streams() {
    let (settings, window) = announced(&called().await, Side::Server);
    let expected = [
        (Setting::INITIAL_WINDOW_SIZE, MIB),
        (Setting::MAX_FRAME_SIZE, 16 * KIB),
        (Setting::MAX_HEADER_LIST_SIZE, 16 * KIB),
    ];
    assert_eq!((settings, window), (expected.into(), MIB));
}

#[tokio::test]
async fn a_channel_announces_the_windows_of_hyper() {
    let (settings, window) = announced(&called().await, Side::Client);
    let expected = [
        (Setting::ENABLE_PUSH, 0),
        (Setting::INITIAL_WINDOW_SIZE, 2 * MIB),
        (Setting::MAX_FRAME_SIZE, 16 * KIB),
        (Setting::MAX_HEADER_LIST_SIZE, 16 * KIB),
    ];
    assert_eq!((settings, window), (expected.into(), 5 * MIB));
}
