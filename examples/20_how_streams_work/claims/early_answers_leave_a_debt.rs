//! After an early answer, h2 drops what the caller still sends. But it counts frames below 256 bytes
//! as if they lay unread, and nobody will read them. So their cost stays with the connection when the
//! call is over, until longer frames make up for it.

use tonic::{Request, Response, transport::Server};
use traitwire::MethodKind;
use wire::{
    Side,
    frame::{Frame, MAX_FRAME_SIZE},
};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, path},
    raw::{self, Raw},
    rig::{calmed, passed, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "early-answers-leave-a-debt",
    claim: "small frames that come after an early answer are a debt, and their connection's",
    run: || alone(run()),
};

/// Half of the connection's window, and what a frame of 15 bytes takes from it.
const BUDGET: usize = (1 << 20) / 2;
const COST: usize = 256 - 15;

/// The first frame that is too much for a new connection, and for one that has borne a thousand.
const FIRST: usize = BUDGET / COST + 1;
const NEXT: usize = (BUDGET - 1_000 * COST) / COST + 1;

async fn run() -> Result {
    let runs: [(&[_], _); 4] = [
        (&[(FIRST, 15)], true),
        (&[(5_000, 256)], false),
        (&[(1_000, 15), (NEXT, 15)], true),
        // A frame gives back what it has above 256 bytes: these give back all that is owed.
        (&[(1_000, 15), (15, MAX_FRAME_SIZE), (FIRST, 15)], true),
    ];
    let mut saw = vec!["frames that come after the answer, call by call".to_owned()];
    let mut holds = true;
    for (calls, expected) in runs {
        let ended = push(calls).await?;
        let told = |(frames, length): &_| format!("{frames} of {length} bytes");
        let told = calls.iter().map(told).collect::<Vec<_>>().join(", ");
        saw.push(format!("    {told}: {}", if ended { "GOAWAY at the last" } else { "no GOAWAY" }));
        holds &= ended == expected;
    }
    Ok(Verdict { saw, holds })
}

/// Makes these calls on one connection, one after the other. Each is answered at its first message,
/// and sends so many frames of this length after the answer. Does the very last end the connection?
async fn push(calls: &[(usize, usize)]) -> Result<bool> {
    let early = async |requests: Request<tonic::Streaming<Chunk>>| {
        requests.into_inner().message().await?;
        Ok(Response::new(Chunk::default()))
    };
    let server = serve(Server::builder(), stock::client_streaming(early));
    let mut client = Raw::client(server).await?;
    let headers = raw::request(path(MethodKind::ClientStreaming).path());
    let message = Frame::data(0, vec![0; 5], false);

    for (id, (frames, length)) in (1..).step_by(2).zip(calls) {
        let headers = Frame::headers(id, headers.clone(), false);
        client.send([headers, Frame { stream: id, ..message.clone() }]).await?;
        settle().await;
        let answer = passed(&client.tap).pop().unwrap_or_default();
        if !answer.ends_with("HEADERS END_STREAM, RST_STREAM NO_ERROR") {
            return Err(format!("that is no early answer: {answer}").into());
        }

        let frame = Frame::data(id, vec![0; *length], false);
        client.send(vec![frame.clone(); frames - 1]).await?;
        settle().await;
        if calmed(&client.tap, Side::Server) {
            return Err("the connection ended too early".into());
        }
        client.send([frame]).await?;
        settle().await;
    }
    Ok(calmed(&client.tap, Side::Server))
}
