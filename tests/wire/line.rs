//! A line between a client and a server, with a tap on it, that can be cut.

use std::{future::pending, net::SocketAddr};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use wire::{
    Side,
    frame::{Content, Frame, Kind, Reason},
    tap::{Event, Seen, Tap},
};

/// Carries one connection.
pub(crate) struct Line {
    pub(crate) addr: SocketAddr,
    tap: Tap,
    cut: Option<oneshot::Sender<Side>>,
}

impl Line {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (tap, (cut, gone)) = (Tap::new(), oneshot::channel());
        let tapped = tap.clone();
        tokio::spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            drop(listener);
            let mut server = TcpStream::connect(server).await.unwrap();
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            let mut client = tapped.wrap(client, Side::Server);
            tokio::select! {
                // Each end was told of the end of the other.
                _ = copy_bidirectional(&mut client, &mut server) => {}
                Ok(gone) = gone => {
                    // The one that is gone hears nothing of it, so its end stays open.
                    match gone {
                        Side::Client => drop(server),
                        Side::Server => drop(client),
                    }
                    pending::<()>().await;
                }
            }
        });
        Self { addr, tap, cut: Some(cut) }
    }

    /// One of the two is gone: its peer sees the connection closed.
    pub(crate) fn lose(&mut self, side: Side) {
        let cut = self.cut.take().expect("a line is cut once");
        cut.send(side).expect("the connection is there");
    }

    /// Waits until the server has said twice that it stops: at first to begin no call, and then
    /// which was the last.
    pub(crate) async fn until_drained(&self) {
        self.until(2, |seen| is(seen, Side::Server, Kind::GOAWAY)).await;
    }

    /// Waits until the caller has sent so many messages, each in a frame.
    pub(crate) async fn until_messages(&self, count: usize) {
        self.until(count, |seen| is(seen, Side::Client, Kind::DATA)).await;
    }

    /// Waits until the server has closed the connection.
    pub(crate) async fn until_closed(&self) {
        self.until(1, |seen| matches!(seen.event, Event::End { .. })).await;
    }

    async fn until(&self, count: usize, is_one: impl Fn(&Seen) -> bool) {
        self.tap.until(|all| all.iter().filter(|seen| is_one(seen)).count() >= count).await;
    }

    /// The frames that a side has sent.
    pub(crate) fn frames(&self, from: Side) -> Vec<Frame> {
        self.tap.frames(from)
    }

    /// What a side has sent that concerns the first call.
    pub(crate) fn sent(&self, from: Side) -> Vec<String> {
        let mut sent: Vec<String> = Vec::new();
        for frame in self.frames(from).iter().filter(|frame| matches!(frame.stream, 0 | 1)) {
            let is_first = !sent.iter().any(|it| it == "HEADERS");
            if let Some(word) = word(frame, from, is_first) {
                sent.push(word);
            }
        }
        sent
    }
}

fn is(seen: &Seen, from: Side, kind: Kind) -> bool {
    seen.from == from && seen.frame().is_some_and(|frame| frame.kind == kind)
}

fn word(frame: &Frame, from: Side, is_first: bool) -> Option<String> {
    let word = match frame.content().expect("our peers keep to the rules") {
        Content::Data { data, end_stream: true } if data.is_empty() => "END_STREAM",
        Content::Data { end_stream: true, .. } => "DATA+END_STREAM",
        Content::Data { .. } => "DATA",
        Content::Headers { end_stream: false, .. } => "HEADERS",
        Content::Headers { .. } if from == Side::Client => "HEADERS+END_STREAM",
        Content::Headers { .. } if is_first => "trailers-only",
        Content::Headers { .. } => "trailers",
        Content::RstStream(reason) => return Some(format!("RST_STREAM({reason})")),
        // A client says so when it closes the connection, if it still can.
        Content::Goaway { .. } if from == Side::Client => return None,
        Content::Goaway { reason: Reason::NO_ERROR, .. } => "GOAWAY",
        Content::Goaway { reason, .. } => return Some(format!("GOAWAY({reason})")),
        _ => return None,
    };
    Some(word.to_owned())
}
