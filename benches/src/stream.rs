//! A server stream inside the service: time per message.

use tokio::runtime::Runtime;

use crate::{
    direct::{self, Grpc},
    ours::{self, Ours},
    rounds::{Contender, interleave, time},
    stock::{self, Number, Stock},
    table,
};

const ROUNDS: usize = 101;
const MESSAGES: u32 = 1_000;
const STREAMS: u32 = 20;

/// Prints a table for each flavor of the runtime.
pub(crate) fn run() {
    compare(
        "current-thread runtime",
        &tokio::runtime::Builder::new_current_thread().build().expect("a runtime"),
    );
    compare(
        "multi-thread runtime, 2 workers",
        &tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime"),
    );
}

fn compare(flavor: &str, runtime: &Runtime) {
    let ours = ours::BenchServer::new(Ours { step: 1 });
    let stock = |channel| stock::BenchServer::new(Stock { channel });
    let timed = interleave(
        ROUNDS,
        vec![
            contender("traitwire, impl Stream", runtime, "Count", ours.clone()),
            contender("traitwire, stream_fn", runtime, "CountBySends", ours),
            contender("stock, boxed iterator stream", runtime, "Count", stock(128)),
            contender("stock, spawn and mpsc(128)", runtime, "CountBySends", stock(128)),
            contender("stock, spawn and mpsc(4)", runtime, "CountBySends", stock(4)),
        ],
    );
    let rows = timed.iter().map(|it| {
        let [median, spread] = table::spread(it.spread(), 1);
        let [by_stream, by_sends] = [&timed[0], &timed[1]].map(|ours| table::ratio(it.ratio(ours)));
        [it.name.to_owned(), median, spread, by_stream, by_sends]
    });
    table::print(
        &format!(
            "A stream of {MESSAGES} messages inside the service: ns per message, {ROUNDS} rounds \
             of {STREAMS} streams, {flavor}"
        ),
        ["", "median", "p10–p90", "of our impl Stream", "of our stream_fn"],
        &rows.collect::<Vec<_>>(),
    );
}

/// The streams run in a task, as in a server: hyper has one for each call.
fn contender<'a>(
    name: &'static str,
    runtime: &'a Runtime,
    method: &'static str,
    service: impl Grpc + Sync,
) -> Contender<'a> {
    let run = move || {
        let mut service = service.clone();
        let streams = async move {
            for _ in 0..STREAMS {
                let below = Number { value: i64::from(MESSAGES) };
                let request = direct::request(&format!("bench.Bench/{method}"), &below);
                let bytes = direct::answer(&mut service, request).await;
                assert!(bytes >= 5 * MESSAGES as usize, "some messages are missing");
            }
        };
        time(|| runtime.block_on(runtime.spawn(streams)).expect("the streams end"))
    };
    Contender { name, units: STREAMS * MESSAGES, run: Box::new(run) }
}
