//! Traitwire measured against stock tonic. See the README beside this package's manifest.

use std::process::ExitCode;

mod direct;
mod ours;
mod rounds;
mod stock;
mod stream;
mod table;
mod unary;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["unary"] => return unary::run(),
        ["stream"] => stream::run(),
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}
