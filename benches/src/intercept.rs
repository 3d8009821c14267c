//! What interceptors add to a unary call: allocations, and instructions of a whole server and client.

use std::process::ExitCode;

use traitwire::{
    CallOptions, InProcess, Placement, ServiceOptions, Status,
    intercept::{Call, End, Ended, Intercept, Next, from_fn},
};

use crate::{
    client, direct,
    ours::{Bench, BenchClient, BenchServer, Ours},
    server,
    stock::Number,
    table,
};

/// How many there are of each kind.
const ROWS: [&str; 5] = ["none", "1 type", "3 types", "1 function", "3 functions"];

/// What they may allocate, on the server and on the client.
const MOST: [(u64, u64); 5] = [(0, 0), (0, 0), (0, 0), (1, 2), (3, 4)];

/// One that looks at both ends of a call.
struct Looks;

impl Intercept for Looks {
    fn begin(&self, call: &mut Call) -> Result<(), Status> {
        match call.method().deprecated {
            true => Err(Status::unimplemented("deprecated")),
            false => Ok(()),
        }
    }

    fn end(&self, ended: &Ended<'_>) {
        std::hint::black_box(ended.code());
    }
}

/// The same as a function.
async fn looks(call: Call, next: Next) -> Result<End, Status> {
    if call.method().deprecated {
        return Err(Status::unimplemented("deprecated"));
    }
    let result = next.run(call).await;
    std::hint::black_box(result.is_ok());
    result
}

/// A call within those of a row.
pub(crate) fn service(row: &str) -> ServiceOptions {
    let options = ServiceOptions::new().placement(Placement::Connection);
    let [types, functions] = numbers(row);
    let options = (0..types).fold(options, |options, _| options.intercept(Looks));
    (0..functions).fold(options, |options, _| options.intercept(from_fn(looks)))
}

/// The same on the client.
pub(crate) fn call(row: &str) -> CallOptions {
    let [types, functions] = numbers(row);
    let options = (0..types).fold(CallOptions::new(), |options, _| options.intercept(Looks));
    (0..functions).fold(options, |options, _| options.intercept(from_fn(looks)))
}

fn numbers(row: &str) -> [u32; 2] {
    match row {
        "none" => [0, 0],
        "1 type" => [1, 0],
        "3 types" => [3, 0],
        "1 function" => [0, 1],
        "3 functions" => [0, 3],
        other => panic!("no interceptors {other}"),
    }
}

/// Prints the table. Fails where they allocate more than they may.
pub(crate) fn run() -> ExitCode {
    let allocations = ROWS.map(allocated);
    let mut cells = Vec::new();
    for (row, (on_server, on_client)) in ROWS.into_iter().zip(allocations) {
        let name = format!("{}{row}", server::INTERCEPTED);
        let [Some(server), Some(client)] = [server::each(&name), client::each(&name, 100)] else {
            eprintln!("intercept takes valgrind: `apt-get install valgrind`");
            return ExitCode::FAILURE;
        };
        cells.push([
            row.to_owned(),
            on_server.to_string(),
            table::grouped(server, 0),
            on_client.to_string(),
            table::grouped(client, 0),
        ]);
    }
    table::print(
        "Interceptors around a unary call, 100 at once: allocations in process, and instructions",
        ["", "on the server", "instructions", "on the client", "instructions"],
        &cells,
    );
    if !holds(allocations) {
        eprintln!("\ninterceptors allocate more than they may");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What a call in this process allocates, with those of a row on the server, and on the client.
fn allocated(row: &str) -> (u64, u64) {
    let server = BenchServer::new(Ours { step: 1 }).with(service(row));
    let client = BenchClient::in_process(Ours { step: 1 }).with(call(row));
    (count(&BenchClient::new(InProcess::new(server))), count(&client))
}

fn count(client: &impl Bench) -> u64 {
    let call = || {
        allocation_counter::measure(|| {
            let answer = direct::at_once(client.echo(Number { value: 7 }));
            assert_eq!(answer.expect("it answers").value, 7);
        })
    };
    call(); // What is made once, at the first call, is not the call's.
    call().count_total
}

fn holds(allocations: [(u64, u64); 5]) -> bool {
    let none = allocations[0];
    allocations.into_iter().zip(MOST).all(|((server, client), (most_server, most_client))| {
        server <= none.0 + most_server && client <= none.1 + most_client
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_allocates_nothing_and_a_function_little() {
        let allocations = ROWS.map(allocated);
        assert!(allocations[0].0 > 0, "nothing is counted");
        assert!(allocations[4].0 > allocations[0].0, "the interceptors are not there");
        assert!(holds(allocations), "{allocations:?}");
    }
}
