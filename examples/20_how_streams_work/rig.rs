//! The rig: a client and a server, and a tap on the connection between them.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio_stream::StreamExt;
use tonic::{
    body::Body,
    transport::{Channel, Endpoint, Server},
};
use tower::{BoxError, Service, service_fn};
use traitwire::{Io, prost::bytes::Bytes};
use wire::{
    Side,
    frame::{Content, Frame, Kind, Reason},
    tap::Tap,
};

use crate::claim::Result;

/// How much is on its way between the two ends before a write waits.
pub(crate) const PIPE: usize = 1 << 20;

/// The two ends before they are connected, as tonic makes them when nothing is set.
pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) endpoint: Endpoint,
}

impl Default for Rig {
    fn default() -> Self {
        let endpoint = Endpoint::from_static("http://lab");
        Self { server: Server::builder(), endpoint }
    }
}

impl Rig {
    /// Connects the two in memory. The tap is at the client's end.
    pub(crate) async fn connect<S, B>(self, service: S) -> Result<(Channel, Tap)>
    where
        S: Service<Request<Body>, Response = Response<B>, Future: Send> + Clone + Send + 'static,
        S::Error: Into<BoxError> + Send,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        dial(self.endpoint, serve(self.server, service)).await
    }
}

/// Serves one connection in memory, and returns the caller's end of it.
pub(crate) fn serve<S, B>(server: Server, service: S) -> DuplexStream
where
    S: Service<Request<Body>, Response = Response<B>, Future: Send> + Clone + Send + 'static,
    S::Error: Into<BoxError> + Send,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let (client, io) = tokio::io::duplex(PIPE);
    let incoming = tokio_stream::once(Ok::<_, io::Error>(io)).chain(tokio_stream::pending());
    tokio::spawn(async move { server.serve_with_incoming(service, incoming).await });
    client
}

/// A channel over the caller's end of a connection, with a tap on it.
pub(crate) async fn dial(endpoint: Endpoint, io: DuplexStream) -> Result<(Channel, Tap)> {
    let tap = Tap::new();
    let mut io = Some(TokioIo::new(tap.wrap(io, Side::Client)));
    let connect = service_fn(move |_| {
        let connected = io.take().ok_or("there is one connection, and it is over");
        std::future::ready(connected)
    });
    Ok((endpoint.connect_with_connector(connect).await?, tap))
}

/// The same with a channel of Traitwire.
pub(crate) async fn dial_ours(io: DuplexStream) -> Result<(traitwire::Channel, Tap)> {
    let tap = Tap::new();
    let io = tap.wrap(io, Side::Client);
    Ok((channel_over([io]).await?, tap))
}

/// A channel of Traitwire over these connections, one after the other.
pub(crate) async fn channel_over<IO: Io, const N: usize>(
    connections: [IO; N],
) -> Result<traitwire::Channel> {
    let connections = Arc::new(Mutex::new(connections.into_iter()));
    let connect = service_fn(move |_| {
        let next = connections.lock().ok().and_then(|mut it| it.next());
        std::future::ready(next.ok_or("there are no more connections"))
    });
    Ok(traitwire::Channel::builder("http://lab").connector(connect).connect().await?)
}

/// Waits until everybody waits: time is paused, so it goes on only when nobody else can.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// Time is paused: in a minute of it, all has happened that will.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// The frames of a kind that a side sent.
pub(crate) fn frames(tap: &Tap, from: Side, kind: Kind) -> Vec<Frame> {
    tap.frames(from).into_iter().filter(|frame| frame.kind == kind).collect()
}

/// How long the payloads of its DATA frames were.
pub(crate) fn data_sizes(tap: &Tap, from: Side) -> Vec<usize> {
    frames(tap, from, Kind::DATA).iter().map(|frame| frame.payload.len()).collect()
}

/// Whether a side ended the connection because of too many small frames of DATA.
pub(crate) fn calmed(tap: &Tap, from: Side) -> bool {
    let calm = |frame: &Frame| {
        matches!(frame.content(), Ok(Content::Goaway { reason: Reason::ENHANCE_YOUR_CALM, debug, .. })
            if debug == "too_many_data_frames")
    };
    frames(tap, from, Kind::GOAWAY).iter().any(calm)
}

/// The frames of streams in the order in which they passed, a line for each turn of a side.
pub(crate) fn passed(tap: &Tap) -> Vec<String> {
    let mut lines: Vec<(Side, String)> = Vec::new();
    for seen in tap.events() {
        let Some(Frame { stream: 1.., .. }) = seen.frame() else { continue };
        let Some(frame) = seen.frame().and_then(told) else { continue };
        match lines.last_mut() {
            Some((side, line)) if *side == seen.from => *line += &format!(", {frame}"),
            _ => lines.push((seen.from, frame)),
        }
    }
    let side = |side| if side == Side::Client { "client" } else { "server" };
    lines.into_iter().map(|(from, line)| format!("{} → {line}", side(from))).collect()
}

/// A frame in short; flow control is told elsewhere.
fn told(frame: &Frame) -> Option<String> {
    Some(match frame.content().ok()? {
        Content::Headers { end_stream: false, .. } => "HEADERS".to_owned(),
        Content::Headers { end_stream: true, .. } => "HEADERS END_STREAM".to_owned(),
        Content::Data { data, end_stream: false } => format!("DATA {}", data.len()),
        Content::Data { data, end_stream: true } => format!("DATA {} END_STREAM", data.len()),
        Content::RstStream(reason) => format!("RST_STREAM {reason}"),
        _ => return None,
    })
}
