//! Unary calls inside the service: allocations, bytes and time.

use std::process::ExitCode;

use allocation_counter::AllocationInfo;

use crate::{
    borrowed,
    direct::{self, Grpc},
    ours::{self, Bench, Ours},
    rounds::{Contender, interleave, time},
    stock::{self, Number, Stock},
    table,
};

/// What a unary call of ours may allocate: so many times, and so many bytes.
const MOST_ALLOCATIONS: u64 = 7;
const MOST_BYTES: u64 = 1_700;

/// What a call in this process may, client and server together: the two messages, encoded, the
/// handler, and the answer. One header field would be two more.
const MOST_IN_PROCESS: u64 = 4;

const ECHO: &str = "bench.Bench/Echo";

const ROUNDS: usize = 101;
const CALLS: u32 = 1_000;

/// Prints the tables. Fails where ours allocates more than it may; time is never judged.
pub(crate) fn run() -> ExitCode {
    let mut ours = ours::BenchServer::new(Ours { step: 1 });
    let mut stock = stock::BenchServer::new(Stock { channel: 128 });

    let (own, theirs) = (allocated(&mut ours), allocated(&mut stock));
    let of_stock = own.bytes_total as f64 / theirs.bytes_total as f64;
    let local = in_process();
    let row = |name: &str, it: AllocationInfo| {
        [name.to_owned(), it.count_total.to_string(), table::grouped(it.bytes_total as f64, 0)]
    };
    table::print(
        "A unary call inside the service: allocations",
        ["", "allocations", "bytes"],
        &[
            row("traitwire", own),
            row("stock tonic", theirs),
            [
                "traitwire / stock".to_owned(),
                format!("{:.2}", own.count_total as f64 / theirs.count_total as f64),
                format!("{of_stock:.2}"),
            ],
            [
                "the most that is allowed".to_owned(),
                MOST_ALLOCATIONS.to_string(),
                table::grouped(MOST_BYTES as f64, 0),
            ],
            row("traitwire, a client in the same process", local),
            ["the most that is allowed".to_owned(), MOST_IN_PROCESS.to_string(), String::new()],
        ],
    );
    let ([owned, lent], [owned_here, lent_here]) =
        (borrowed::in_the_server(), borrowed::in_process());
    table::print(
        "A unary call whose argument is a text: allocations",
        ["", "allocations", "bytes"],
        &[
            row("`String`, inside the service", owned),
            row("`&str`, inside the service", lent),
            row("`String`, a client in the same process", owned_here),
            row("`&str`, a client in the same process", lent_here),
        ],
    );

    let timed = interleave(
        ROUNDS,
        vec![contender("traitwire", &mut ours), contender("stock tonic", &mut stock)],
    );
    let rows = timed.iter().map(|it| {
        let [median, spread] = table::spread(it.spread(), 0);
        [it.name.to_owned(), median, spread, table::ratio(it.ratio(&timed[0]))]
    });
    table::print(
        &format!("A unary call inside the service: ns per call, {ROUNDS} rounds of {CALLS} calls"),
        ["", "median", "p10–p90", "of traitwire's time"],
        &rows.collect::<Vec<_>>(),
    );

    if !holds(own, local) {
        eprintln!("\ntraitwire allocates more in a unary call than it may");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Makes so many calls, and nothing else, so that a profiler can count what each costs.
pub(crate) fn repeat(side: &str, calls: &str) -> ExitCode {
    let Ok(calls) = calls.parse() else {
        eprintln!("{calls} is no number of calls");
        return ExitCode::from(2);
    };
    match side {
        "traitwire" => call_often(&mut ours::BenchServer::new(Ours { step: 1 }), calls),
        "stock" => call_often(&mut stock::BenchServer::new(Stock { channel: 128 }), calls),
        _ => {
            eprintln!("{side} is neither traitwire nor stock");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn call_often(service: &mut impl Grpc, calls: i64) {
    for value in 0..calls {
        direct::at_once(direct::answer(service, direct::request(ECHO, &Number { value })));
    }
}

fn holds(own: AllocationInfo, local: AllocationInfo) -> bool {
    own.count_total <= MOST_ALLOCATIONS
        && own.bytes_total <= MOST_BYTES
        && local.count_total <= MOST_IN_PROCESS
}

/// A call of a client in the same process.
fn in_process() -> AllocationInfo {
    let client = ours::BenchClient::in_process(Ours { step: 1 });
    let call = || {
        allocation_counter::measure(|| {
            let answer = direct::at_once(client.echo(Number { value: 7 }));
            assert_eq!(answer.expect("it answers").value, 7);
        })
    };
    call();
    call()
}

fn allocated(service: &mut impl Grpc) -> AllocationInfo {
    let mut call = || {
        let request = direct::request(ECHO, &Number { value: 7 });
        allocation_counter::measure(|| {
            direct::at_once(direct::answer(service, request));
        })
    };
    call(); // What is made once, at the first call, is not the call's.
    call()
}

fn contender<'a>(name: &'static str, service: &'a mut impl Grpc) -> Contender<'a> {
    let run = move || {
        let numbers = 0..i64::from(CALLS);
        let requests: Vec<_> =
            numbers.map(|value| direct::request(ECHO, &Number { value })).collect();
        time(|| {
            for request in requests {
                direct::at_once(direct::answer(service, request));
            }
        })
    };
    Contender { name, units: CALLS, run: Box::new(run) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is judged depends neither on the machine nor on the optimizer, so any test run can.
    #[test]
    fn a_unary_call_allocates_no_more_than_it_may() {
        let own = allocated(&mut ours::BenchServer::new(Ours { step: 1 }));
        let local = in_process();
        assert!(own.count_total > 0 && local.count_total > 0, "nothing is counted");
        assert!(holds(own, local), "over HTTP {own:?}, in process {local:?}");
    }
}
