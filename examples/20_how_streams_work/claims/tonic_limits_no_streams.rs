//! How many streams a caller may open. hyper would stop at 200, and end a connection on which it
//! has refused 1,024; tonic tells it "no limit" for both where nothing is set.

use std::{
    fmt, io,
    task::{Context, Poll},
};

use http::Request;
use tokio::io::DuplexStream;
use tonic::{Response, body::Body, transport::Server};
use tower::ServiceExt;
use traitwire::{Incoming, Listener, MethodKind, Peer};
use wire::{
    Side,
    frame::{Content, Frame, Kind, Reason},
};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::path,
    raw::{self, Raw},
    rig::{PIPE, frames, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 19,
    name: "tonic-limits-no-streams",
    claim: "a server of tonic takes any number of streams, unless it is given a limit",
    run: || alone(run()),
};

async fn run() -> Result {
    // It answers with headers, and then with nothing.
    let service = stock::streaming(async |_| Ok(Response::new(tokio_stream::pending())));
    let tonic = || serve(Server::builder(), service.clone());
    let limited = || serve(Server::builder().max_concurrent_streams(100), service.clone());
    let traitwire = || {
        let (client, io) = tokio::io::duplex(PIPE);
        let own = service.clone().map_request(|it: Request<Incoming>| it.map(Body::new));
        let server = traitwire::Server::new().fallback(own);
        tokio::spawn(server.serve(One(Some(io)), std::future::pending()));
        client
    };
    let seen = [
        open(5_000, tonic()).await?,
        open(5_000, limited()).await?,
        open(1_000, traitwire()).await?,
        open(5_000, traitwire()).await?,
    ];
    let goaway = Some("too_many_internal_resets".to_owned());
    let expected = [
        Seen { taken: 5_000, refused: 0, goaway: None },
        Seen { taken: 100, refused: 4_900, goaway: None },
        Seen { taken: 200, refused: 800, goaway: None },
        Seen { taken: 0, refused: 1_024, goaway },
    ];
    Ok(Verdict {
        saw: vec![
            format!("5000 streams to tonic:               {}", seen[0]),
            format!("5000 streams to tonic, limit of 100: {}", seen[1]),
            format!("1000 streams to Traitwire:           {}", seen[2]),
            format!("5000 streams to Traitwire:           {}", seen[3]),
        ],
        holds: seen == expected,
    })
}

/// What the server did with the streams.
#[derive(PartialEq, Eq)]
struct Seen {
    taken: usize,
    refused: usize,
    goaway: Option<String>,
}

/// Opens so many streams with one write, whatever the settings of the server say.
async fn open(streams: u32, server: DuplexStream) -> Result<Seen> {
    let mut client = Raw::client(server).await?;
    settle().await;
    let request = raw::request(path(MethodKind::Bidirectional).path());
    let ids = (0..streams).map(|nth| 2 * nth + 1);
    client.send(ids.map(|id| Frame::headers(id, request.clone(), false))).await?;
    settle().await;

    let from_server = |kind| frames(&client.tap, Side::Server, kind).into_iter();
    let refusal = Ok(Content::RstStream(Reason::REFUSED_STREAM));
    Ok(Seen {
        taken: from_server(Kind::HEADERS).count(),
        refused: from_server(Kind::RST_STREAM).filter(|it| it.content() == refusal).count(),
        goaway: from_server(Kind::GOAWAY).find_map(|it| match it.content() {
            Ok(Content::Goaway { debug, .. }) => Some(String::from_utf8_lossy(&debug).into_owned()),
            _ => None,
        }),
    })
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.goaway {
            Some(why) => write!(f, "{} refused, then GOAWAY {why}", self.refused),
            None => write!(f, "{} taken, {} refused", self.taken, self.refused),
        }
    }
}

/// A listener to whom one caller comes.
struct One(Option<DuplexStream>);

impl Listener for One {
    type Io = DuplexStream;

    fn poll_accept(&mut self, _: &mut Context<'_>) -> Poll<io::Result<(DuplexStream, Peer)>> {
        self.0.take().map_or(Poll::Pending, |io| Poll::Ready(Ok((io, Peer::unknown()))))
    }
}
