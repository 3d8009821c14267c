//! Traitwire measured against stock tonic, in one program. The README of this package says how,
//! and how to read it.

use std::process::ExitCode;

mod direct;
mod idle;
mod ours;
mod rounds;
mod serve;
mod server;
mod socket;
mod stock;
mod stream;
mod table;
mod unary;
mod wide;

const HELP: &str = "\
usage: cargo run --release -p traitwire-benches -- [unary|stream|idle|socket|server|load|wide|calls SIDE N]

unary   allocations and time of a unary call inside the service
stream  time per message of a server stream inside the service
idle    memory of a server per idle bidirectional stream (Linux; takes long)
socket  calls and messages per second over a loopback socket (takes long)
server  instructions of a unary call in a server, beside bare h2 (valgrind; a minute)
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
        ["server"] => return server::run(),
        ["load"] => return server::load(),
        ["wide"] => return wide::run(),
        ["calls", side, calls] => return unary::repeat(side, calls),
        [idle::SERVER, name] => idle::server(name),
        [server::SERVER, name, threads] => server::server(name, threads),
        [server::CALLER, addr, calls] => server::caller(addr, calls),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
