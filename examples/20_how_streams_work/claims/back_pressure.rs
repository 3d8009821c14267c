//! Who does not read stops who produces, through every buffer between them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use tokio::{sync::mpsc, time::sleep};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, transport::Channel};
use traitwire::{Stream, stream_fn};
use wire::{
    Side,
    frame::{Content, Kind},
    tap::Tap,
};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, Lab, LabServer},
    rig::{MINUTE, Rig, data_sizes, frames},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "back-pressure",
    claim: "who does not read stops who produces, through every buffer between them",
    run: || alone(run()),
};

const LENGTH: usize = 1 << 10;

/// The stream's window of a stock client, in messages.
const WINDOW: usize = (2 << 20) / LENGTH;

/// The usual way: a task that sends, and a channel between it and the call.
const CHANNEL: usize = 4;

async fn run() -> Result {
    let counts = Counts::default();
    let (sent, taken) = (counts.sent.clone(), counts.taken.clone());
    let service = stock::server_streaming(move |_: Request<Chunk>| {
        let (sent, taken) = (sent.clone(), taken.clone());
        let (sender, answers) = mpsc::channel(CHANNEL);
        tokio::spawn(async move {
            while sender.send(Ok(Chunk::taking(LENGTH))).await.is_ok() {
                sent.fetch_add(1, Relaxed);
            }
        });
        let answers = ReceiverStream::new(answers).map(move |answer| {
            taken.fetch_add(1, Relaxed);
            answer
        });
        async { Ok(Response::new(answers)) }
    });
    let (channel, tap) = Rig::default().connect(service).await?;
    let with_channel = stages(channel, &tap, &counts).await?;

    // `stream_fn` has no channel: what is sent is taken.
    let counts = Counts::default();
    let sends = Sends { sent: counts.sent.clone() };
    let counts = Counts { taken: counts.sent.clone(), ..counts };
    let (channel, tap) = Rig::default().connect(LabServer::new(sends)).await?;
    let without = stages(channel, &tap, &counts).await?;

    let line = |what: &str, [window, connection, channel, credit, more]: [usize; 5]| {
        format!("{what:<14}{window:>13}{connection:>16}{channel:>11}{credit:>10} bytes{more:>13}")
    };
    Ok(Verdict {
        saw: vec![
            format!("messages of {LENGTH} bytes that were sent when the client reads none are in"),
            "                 its window  the connection  a channel    a frame read  sent for it"
                .to_owned(),
            line("tokio's mpsc", with_channel),
            line("stream_fn", without),
        ],
        holds: with_channel == [WINDOW, CHANNEL, CHANNEL, CHANNEL * LENGTH, CHANNEL]
            && without == [WINDOW, 16, 0, 16 * LENGTH, 16],
    })
}

#[derive(Default)]
struct Counts {
    /// The producer's sends that succeeded.
    sent: Arc<AtomicUsize>,
    /// What the connection took of them.
    taken: Arc<AtomicUsize>,
}

/// Where the messages are when nothing moves any more; then what one frame that is read gives back,
/// and how many more messages are sent for it.
async fn stages(channel: Channel, tap: &Tap, counts: &Counts) -> Result<[usize; 5]> {
    let mut answers = stock::Client::new(channel).pull(Chunk::default()).await?.into_inner();
    sleep(MINUTE).await;
    let (sent, taken) = (counts.sent.load(Relaxed), counts.taken.load(Relaxed));
    let window = data_sizes(tap, Side::Server).iter().sum::<usize>() / LENGTH;

    tap.forget();
    answers.message().await?;
    sleep(MINUTE).await;
    let more = counts.sent.load(Relaxed) - sent;
    let credit = frames(tap, Side::Client, Kind::WINDOW_UPDATE);
    let credit = credit.iter().map(|frame| match frame.content() {
        Ok(Content::WindowUpdate(increment)) => increment as usize,
        _ => 0,
    });
    Ok([window, taken.saturating_sub(window), sent - taken, credit.sum(), more])
}

/// Sends as long as somebody takes it.
struct Sends {
    sent: Arc<AtomicUsize>,
}

impl Lab for Sends {
    fn pull(&self, _: Chunk) -> impl Stream<Item = Result<Chunk, Status>> {
        stream_fn(async |mut out| {
            while out.send(Chunk::taking(LENGTH)).await.is_ok() {
                self.sent.fetch_add(1, Relaxed);
            }
            Ok(())
        })
    }
}
