//! Calls over a loopback socket, both ends of one kind: what is left of a difference when HTTP/2
//! and the kernel have had their share.

use std::future::Future;

use tokio::{runtime::Runtime, task::JoinSet};
use tonic::{Status, transport::Channel};

use crate::{
    ours::{self, Bench},
    rounds::{Contender, interleave, time},
    serve,
    stock::{self, Number, Stock},
    table,
};

const ROUNDS: usize = 31;
const MESSAGES: u32 = 1_000;
const STREAMS: u32 = 20;
/// How many streams a connection may have; the default of hyper.
const CONCURRENT: u32 = 200;
/// A multiple of the number of tasks.
const CALLS: u32 = 64 * 32;

/// Prints the table.
pub(crate) fn run() {
    let runtime = Runtime::new().expect("a runtime");
    let (ours, stock) = runtime.block_on(async {
        let addr = serve::ours(CONCURRENT).await;
        let ours = ours::BenchClient::connect(format!("http://{addr}")).await;
        let addr = serve::stock(stock::BenchServer::new(Stock { channel: 128 }), CONCURRENT).await;
        let stock = stock::BenchClient::connect(format!("http://{addr}")).await;
        (ours.expect("the server listens"), stock.expect("the server listens"))
    });

    let works = [
        ("unary, one after the other", CALLS, Work::Calls { tasks: 1 }),
        ("unary, 64 at once", CALLS, Work::Calls { tasks: 64 }),
        ("server stream, from an iterator", STREAMS * MESSAGES, Work::Streams(Shape::Count)),
        ("server stream, sent", STREAMS * MESSAGES, Work::Streams(Shape::CountBySends)),
        ("client stream", STREAMS * MESSAGES, Work::Streams(Shape::Sum)),
        ("bidirectional stream", STREAMS * MESSAGES, Work::Streams(Shape::Double)),
    ];
    let rows = works.map(|(name, units, work)| {
        let timed = interleave(
            ROUNDS,
            vec![
                contender("traitwire", units, work, &runtime, &ours),
                contender("stock tonic", units, work, &runtime, &stock),
            ],
        );
        let [own, theirs] = [&timed[0], &timed[1]];
        let [median, _] = table::spread(own.rate(), 0);
        let [stock_median, _] = table::spread(theirs.rate(), 0);
        // Of times, so that more than 1 says that ours is the faster one.
        [name.to_owned(), median, stock_median, table::ratio(theirs.ratio(own))]
    });
    table::print(
        &format!("Over a loopback socket: calls, or messages, per second, {ROUNDS} rounds"),
        ["", "traitwire", "stock tonic", "traitwire / stock (p10–p90)"],
        &rows,
    );
}

/// What is timed: calls, evenly from so many tasks, or streams, one after the other.
#[derive(Clone, Copy)]
enum Work {
    Calls { tasks: u32 },
    Streams(Shape),
}

#[derive(Clone, Copy)]
enum Shape {
    Count,
    CountBySends,
    Sum,
    Double,
}

fn contender<'a>(
    name: &'static str,
    units: u32,
    work: Work,
    runtime: &'a Runtime,
    client: &'a impl Client,
) -> Contender<'a> {
    let run = move || {
        // In a task, so that both ends run on workers.
        let work = perform(work, client.clone());
        time(|| {
            let done = runtime.block_on(runtime.spawn(work)).expect("the calls end");
            done.expect("the calls succeed");
        })
    };
    Contender { name, units, run: Box::new(run) }
}

async fn perform(work: Work, client: impl Client) -> Result<(), Status> {
    match work {
        Work::Calls { tasks } => {
            let mut running = JoinSet::new();
            for _ in 0..tasks {
                let client = client.clone();
                running.spawn(async move {
                    for value in 0..i64::from(CALLS / tasks) {
                        assert_eq!(client.unary(value).await?, value);
                    }
                    Ok(())
                });
            }
            running.join_all().await.into_iter().collect()
        }
        Work::Streams(shape) => {
            for _ in 0..STREAMS {
                assert_eq!(client.stream(shape).await?, BELOW.value);
            }
            Ok(())
        }
    }
}

/// How many numbers a server is to send.
const BELOW: Number = Number { value: MESSAGES as i64 };

/// The numbers that a client sends.
fn ones() -> impl Iterator<Item = Number> + Send + 'static {
    (0..MESSAGES).map(|_| Number { value: 1 })
}

/// The calls, as users of either client write them.
trait Client: Clone + Send + Sync + 'static {
    /// A call that brings the number back.
    fn unary(&self, value: i64) -> impl Future<Output = Result<i64, Status>> + Send;

    /// A stream; how many messages it had.
    fn stream(&self, shape: Shape) -> impl Future<Output = Result<i64, Status>> + Send;
}

impl Client for ours::BenchClient {
    async fn unary(&self, value: i64) -> Result<i64, Status> {
        Ok(self.echo(Number { value }).await?.value)
    }

    async fn stream(&self, shape: Shape) -> Result<i64, Status> {
        let mut messages = match shape {
            Shape::Count => self.count(BELOW),
            Shape::CountBySends => self.count_by_sends(BELOW),
            Shape::Sum => return Ok(self.sum(ones().collect()).await?.value),
            Shape::Double => self.double(ones().collect()),
        };
        let mut count = 0;
        while messages.message().await?.is_some() {
            count += 1;
        }
        Ok(count)
    }
}

impl Client for stock::BenchClient<Channel> {
    async fn unary(&self, value: i64) -> Result<i64, Status> {
        Ok(self.clone().echo(Number { value }).await?.into_inner().value)
    }

    async fn stream(&self, shape: Shape) -> Result<i64, Status> {
        let mut client = self.clone();
        let ones = tokio_stream::iter(ones());
        let messages = match shape {
            Shape::Count => client.count(BELOW).await?,
            Shape::CountBySends => client.count_by_sends(BELOW).await?,
            Shape::Sum => return Ok(client.sum(ones).await?.into_inner().value),
            Shape::Double => client.double(ones).await?,
        };
        let mut messages = messages.into_inner();
        let mut count = 0;
        while messages.message().await?.is_some() {
            count += 1;
        }
        Ok(count)
    }
}
