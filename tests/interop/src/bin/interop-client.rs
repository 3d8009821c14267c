//! The client of the official interop cases.
//!
//! ```sh
//! cargo run -p interop --bin interop-client -- --server_port=10000 --test_case=large_unary
//! ```
//!
//! Exit code 1 and one line: the case failed. 2: the command line is wrong. `--test_case=all` runs
//! all of them and says how each went; `--stock=true` runs the client of stock tonic.

use std::{process::ExitCode, time::Duration};

use interop::{
    cases::{self, CASES, Ours, Outcome, Soak, Stock},
    flags::Flags,
};

const KNOWN: &[&str] = &[
    "server_host",
    "server_port",
    "test_case",
    "use_tls",
    "stock",
    "soak_iterations",
    "soak_max_failures",
    "soak_per_iteration_max_acceptable_latency_ms",
    "soak_overall_timeout_seconds",
    "soak_min_time_ms_between_rpcs",
    "soak_request_size",
    "soak_response_size",
];

#[tokio::main]
async fn main() -> ExitCode {
    let Line { case, server, soak, stock } = match read() {
        Ok(line) => line,
        Err(reason) => {
            eprintln!("{reason}");
            return ExitCode::from(2);
        }
    };
    let run = async |case: &str| match stock {
        true => cases::run::<Stock>(case, &server, &soak).await,
        false => cases::run::<Ours>(case, &server, &soak).await,
    };
    let mut passed = true;
    if case == "all" {
        for case in CASES {
            let outcome = run(case).await;
            passed &= outcome.is_ok();
            println!("{case}: {}", said(outcome));
        }
    } else if let outcome @ Err(_) = run(&case).await {
        passed = false;
        eprintln!("{case}: {}", said(outcome));
    }
    ExitCode::from(u8::from(!passed))
}

fn said(outcome: Outcome) -> String {
    outcome.err().unwrap_or_else(|| "passed".to_owned())
}

struct Line {
    case: String,
    server: String,
    soak: Soak,
    stock: bool,
}

fn read() -> Result<Line, String> {
    let flags = Flags::read(std::env::args().skip(1), KNOWN)?;
    let host = flags.get("server_host")?.unwrap_or_else(|| "127.0.0.1".to_owned());
    let port: u16 = flags.get("server_port")?.unwrap_or(10000);
    let server = format!("http://{host}:{port}");
    let case: String = flags.get("test_case")?.unwrap_or_else(|| "large_unary".to_owned());
    if case != "all" && !CASES.contains(&case.as_str()) {
        return Err(format!("--test_case cannot be {case:?}; it can be all, {}", CASES.join(", ")));
    }

    let default = Soak::default();
    let number = |name: &str, default: u32| Ok::<_, String>(flags.get(name)?.unwrap_or(default));
    let size = |name: &str, default: i32| Ok::<_, String>(flags.get(name)?.unwrap_or(default));
    let milliseconds = |name: &str, default: Duration| {
        Ok::<_, String>(flags.get(name)?.map_or(default, Duration::from_millis))
    };
    let soak = Soak {
        iterations: number("soak_iterations", default.iterations)?,
        max_failures: number("soak_max_failures", default.max_failures)?,
        max_latency: milliseconds(
            "soak_per_iteration_max_acceptable_latency_ms",
            default.max_latency,
        )?,
        overall_timeout: flags
            .get("soak_overall_timeout_seconds")?
            .map_or(default.overall_timeout, Duration::from_secs),
        min_time_between: milliseconds("soak_min_time_ms_between_rpcs", default.min_time_between)?,
        request_size: size("soak_request_size", default.request_size)?,
        response_size: size("soak_response_size", default.response_size)?,
    };
    Ok(Line { case, server, soak, stock: flags.get("stock")?.unwrap_or(false) })
}
