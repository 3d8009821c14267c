//! Traitwire measured against stock tonic, in one program. The README of this package says how,
//! and how to read it.

use std::process::ExitCode;

mod borrowed;
mod client;
mod direct;
mod idle;
mod intercept;
mod ours;
mod rounds;
mod serve;
mod server;
mod socket;
mod stock;
mod stream;
mod table;
#[cfg(feature = "tls")]
mod tls;
mod unary;
mod wide;

const HELP: &str = "\
usage: cargo run --release -p traitwire-benches -- [unary|stream|idle|socket|tls|server|client|intercept|load|wide|calls SIDE N]

unary   allocations and time of a unary call inside the service
stream  time per message of a server stream inside the service
idle    memory of a server, and of a client, per idle bidirectional stream (Linux; takes long)
socket  calls and messages per second over a loopback socket (takes long)
tls     connections and calls over TLS, and without (takes long; `--features tls`)
server  instructions of a unary call in a server, beside bare h2 (valgrind; a minute)
client  instructions of a unary call in a client, beside bare h2 (valgrind; some minutes)
intercept  what interceptors add to such calls (valgrind; some minutes)
load    calls a second and processor time of these servers under h2load (some minutes)
wide    lines and seconds to compile a service of 100 methods (cargo-llvm-lines; takes long)

calls   so many unary calls of `traitwire` or `stock`, for a profiler

Without a word: unary and stream.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => {
            stream::run();
            return unary::run();
        }
        ["unary"] => return unary::run(),
        ["stream"] => stream::run(),
        ["idle"] => return idle::run(),
        ["socket"] => socket::run(),
        #[cfg(feature = "tls")]
        ["tls"] => tls::run(),
        ["server"] => return server::run(),
        ["client"] => return client::run(),
        ["intercept"] => return intercept::run(),
        ["load"] => return server::load(),
        ["wide"] => return wide::run(),
        ["calls", side, calls] => return unary::repeat(side, calls),
        [idle::SERVER, name] => idle::server(name),
        [idle::CLIENT, name, addr] => idle::client(name, addr),
        [server::SERVER, name, threads] => server::server(name, threads),
        [server::CALLER, addr, calls] => server::caller(addr, calls),
        [client::CLIENT, name, addr, calls, at_once] => client::client(name, addr, calls, at_once),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
