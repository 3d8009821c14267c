//! The client process: callers that make calls of every kind, and write down what they were told.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use traitwire::{CallOptions, Channel, Code, Request, Sender, Status, Streaming};

use crate::{
    contract::{Ending, Order, Parcel, Parcels, ParcelsClient},
    figures::Figures,
    ledger::{Ledger, Side},
    process::{Result, attend},
    random::Random,
};

/// Connections of a client at a time.
const CONNECTIONS: u64 = 4;
/// Callers that share a connection.
const CALLERS: u64 = 5;
/// Calls of a caller over one connection; then there is a new one.
const CALLS: u32 = 40;

/// Prints its figures, and calls the server until it is told to stop. Its calls are numbered from
/// `first`.
///
/// # Errors
///
/// When `server` is no address.
pub async fn run(ledger: Arc<Ledger>, server: &str, first: u64, seed: u64) -> Result {
    let server = format!("http://{server}");
    Channel::builder(&server).connect_lazy()?;
    println!("{}", Figures::read(&ledger)?);
    let client = Arc::new(Client { ledger, server, next: AtomicU64::new(first) });
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    for number in 0..CONNECTIONS {
        let random = Random::new(seed).branch(number);
        tasks.spawn(client.clone().connect_and_call(random, stopped.clone()));
    }
    attend(&client.ledger, async {
        stop.send_replace(true);
        tasks.join_all().await;
    })
    .await
}

struct Client {
    ledger: Arc<Ledger>,
    server: String,
    /// The number of the next call.
    next: AtomicU64,
}

impl Client {
    /// One connection after the other, each for some callers.
    async fn connect_and_call(self: Arc<Self>, mut random: Random, stopped: watch::Receiver<bool>) {
        while !*stopped.borrow() {
            let channel = Channel::builder(&self.server).connect_lazy();
            let parcels = ParcelsClient::new(channel.expect("it could be made before"));
            let mut callers = JoinSet::new();
            for _ in 0..CALLERS {
                let random = Random::new(random.number());
                callers.spawn(self.clone().call(parcels.clone(), random, stopped.clone()));
            }
            callers.join_all().await;
        }
    }

    /// One call after the other.
    async fn call(
        self: Arc<Self>,
        parcels: ParcelsClient,
        mut random: Random,
        stopped: watch::Receiver<bool>,
    ) {
        for _ in 0..CALLS {
            if *stopped.borrow() {
                return;
            }
            let errand = Errand::draw(self.next.fetch_add(1, Relaxed), &mut random);
            errand.run(&self.ledger, parcels.clone()).await;
            sleep(random.millis(0, 10)).await;
        }
    }
}

/// One call, before it is made.
struct Errand {
    shape: Shape,
    order: Order,
    /// How many messages the caller sends, where it sends a stream.
    sends: u32,
    deadline: Option<Duration>,
    /// When the caller drops the call.
    leaves: Option<Duration>,
    random: Random,
}

#[derive(Clone, Copy)]
enum Shape {
    Put,
    Fetch,
    Store,
    Swap,
}

impl Errand {
    fn draw(call: u64, random: &mut Random) -> Self {
        let shapes = [Shape::Put, Shape::Fetch, Shape::Store, Shape::Swap];
        let shape = shapes[random.below(4) as usize];
        let sends = if random.one_in(10) { 50 + random.below(100) } else { random.below(20) };
        let messages = match shape {
            Shape::Put | Shape::Fetch => sends,
            Shape::Store | Shape::Swap if random.one_in(5) => random.below(sends + 1),
            Shape::Store | Shape::Swap => u32::MAX,
        };
        let ending = match random.below(8) {
            0 => Ending::Fail,
            1 => Ending::Wait,
            _ => Ending::Return,
        };
        let deadline = match random.below(3) {
            0 => Some(random.millis(1, 250)),
            1 => Some(random.millis(1000, 2000)),
            _ => None,
        };
        let is_endless = ending == Ending::Wait && deadline.is_none();
        let leaves = (is_endless || random.one_in(6)).then(|| random.millis(0, 150));
        let random = Random::new(random.number());
        Self { shape, order: Order { call, messages, ending }, sends, deadline, leaves, random }
    }

    /// Makes the call.
    async fn run(self, ledger: &Arc<Ledger>, parcels: ParcelsClient) {
        let side = Side::begin(ledger, self.order.call, self.deadline);
        let mut options = CallOptions::new().metadata(Order::KEY, &self.order.to_string());
        if let Some(deadline) = self.deadline {
            options = options.timeout(deadline);
        }
        let parcels = parcels.with(options);
        let longest = self.leaves.unwrap_or(Duration::MAX);
        match timeout(longest, self.make(&side, &parcels)).await {
            Ok(Ok(())) => side.end("Ok"),
            Ok(Err(status)) => {
                // The handler's own error comes after all of its messages.
                if status.code() == Code::FailedPrecondition {
                    side.closed();
                }
                side.end(&format!("{:?} {}", status.code(), status.message()));
            }
            Err(_) => side.end("left"),
        }
    }

    async fn make(self, side: &Side, parcels: &ParcelsClient) -> Result<(), Status> {
        let mut random = self.random;
        match self.shape {
            Shape::Put => {
                let answer = parcels.put(the_only(side, &mut random)).await?;
                took_one(side, &answer);
                Ok(())
            }
            Shape::Fetch => {
                let mut answers = parcels.fetch(the_only(side, &mut random));
                read(side, &mut answers, random).await
            }
            Shape::Store => {
                let (sender, messages) = Streaming::channel(2);
                let send = send(side, sender, self.sends, random);
                // A caller that leaves drops the first one first: its call, and not the sender, whose
                // end would be the end of the stream.
                let (answer, ()) = tokio::join!(parcels.store(Request::new(messages)), send);
                took_one(side, &answer?);
                Ok(())
            }
            Shape::Swap => {
                let (sender, messages) = Streaming::channel(2);
                let send = send(side, sender, self.sends, random.branch(0));
                let read = async {
                    let mut answers = parcels.swap(Request::new(messages)).await?;
                    read(side, &mut answers, random).await
                };
                tokio::join!(read, send).0
            }
        }
    }
}

/// The request of a call that takes one message.
fn the_only(side: &Side, random: &mut Random) -> Request<Parcel> {
    let parcel = side.give(size(random));
    side.closing();
    Request::new(parcel)
}

/// The answer of a call that returns one message.
fn took_one(side: &Side, answer: &Parcel) {
    side.got(answer);
    side.closed();
}

/// Sends so many messages, and ends the stream; or stops where nobody takes them any more.
async fn send(side: &Side, mut sender: Sender<Parcel>, messages: u32, mut random: Random) {
    for _ in 0..messages {
        pause(&mut random).await;
        if sender.send(side.give(size(&mut random))).await.is_err() {
            return;
        }
    }
    side.closing();
}

/// Reads to the end.
async fn read(
    side: &Side,
    answers: &mut Streaming<Parcel>,
    mut random: Random,
) -> Result<(), Status> {
    while let Some(parcel) = answers.message().await? {
        side.got(&parcel);
        pause(&mut random).await;
    }
    side.closed();
    Ok(())
}

/// Most messages are small; some are larger than a window.
fn size(random: &mut Random) -> u32 {
    match random.below(200) {
        0 => 200_000,
        1..10 => random.below(64_000),
        _ => random.below(300),
    }
}

/// Waits now and then.
async fn pause(random: &mut Random) {
    if random.one_in(3) {
        sleep(random.millis(0, 4)).await;
    }
}
