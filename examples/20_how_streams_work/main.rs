//! How streams work: sentences about them, and the runs that show whether they are true.
//!
//! Each claim is a file of `claims/`. A run connects a client and a server in memory, with a tap
//! between them, does what the sentence speaks of, and prints what passed and whether the claim
//! holds. Where nothing else is said, the side that a claim speaks of is stock tonic's.
//! What a claim says of grpc-go, the client of chapter 18 shows, which works in its manner.
//!
//! ```sh
//! cargo run --example 20_how_streams_work                      # the claims of this chapter
//! cargo run --example 20_how_streams_work -- claims            # all claims, with their names
//! cargo run --example 20_how_streams_work -- claim NAME        # one of them
//! cargo run --release --example 20_how_streams_work -- figures # what depends on the machine
//! ```

mod claim;
mod claims;
mod contract;
mod go;
mod raw;
mod rig;
mod stock;
mod witness;

use std::process::ExitCode;

use traitwire::schema::Schema;

use self::{
    claim::{Claim, Result, show},
    claims::{CLAIMS, FIGURES},
    contract::LAB,
};

/// The chapter that this is the example of.
const CHAPTER: u8 = 20;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        [] => show(CLAIMS.iter().filter(|it| it.chapter == CHAPTER)),
        ["claims"] => list(),
        ["claim", name] => match CLAIMS.iter().find(|it| it.name == name) {
            Some(claim) => show([claim]),
            None => return usage(&format!("there is no claim `{name}`")),
        },
        ["figures"] => figures(),
        ["proto"] => proto(),
        _ => return usage(&format!("cannot read `{}`", words.join(" "))),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list() -> Result<bool> {
    let width = CLAIMS.iter().map(|it| it.name.len()).max().unwrap_or_default();
    for Claim { chapter, name, claim, .. } in CLAIMS {
        println!("{chapter}  {name:<width$}  {claim}");
    }
    Ok(true)
}

fn figures() -> Result<bool> {
    for figure in FIGURES {
        println!("{}  {}", figure.chapter, figure.name);
        for line in (figure.run)()? {
            println!("    {line}");
        }
    }
    Ok(true)
}

/// The contract, as every example prints it.
fn proto() -> Result<bool> {
    print!("{}", Schema::of(&[&LAB])?);
    Ok(true)
}

fn usage(why: &str) -> ExitCode {
    eprintln!("error: {why}; expected nothing, `claims`, `claim NAME`, `figures` or `proto`");
    ExitCode::from(2)
}
