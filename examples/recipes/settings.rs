//! Settings and secrets from the environment, judged before the server begins.
//!
//! echo s3cret > token.txt
//! GREETER_TOKEN_FILE=token.txt cargo run

use std::{env, error::Error, fmt, fs, net::SocketAddr, process::ExitCode};

struct Settings {
    address: SocketAddr,
    token: Secret,
}

/// Text that no log shows, because its `Debug` does not.
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Settings {
    fn from_env() -> Result<Self, Box<dyn Error>> {
        let address = env::var("GREETER_ADDRESS").unwrap_or_else(|_| "127.0.0.1:50051".to_owned());
        let address =
            address.parse().map_err(|_| format!("GREETER_ADDRESS: {address}: write IP:PORT"))?;
        // In a file, because the environment of a process is passed on to its children.
        let path = env::var("GREETER_TOKEN_FILE")
            .map_err(|_| "GREETER_TOKEN_FILE: set it to the file that holds the token")?;
        let token = fs::read_to_string(&path)
            .map_err(|why| format!("GREETER_TOKEN_FILE: {path}: {why}"))?;
        match token.trim() {
            "" => Err(format!("GREETER_TOKEN_FILE: {path} is empty").into()),
            token => Ok(Self { address, token: Secret(token.to_owned()) }),
        }
    }
}

fn main() -> ExitCode {
    match Settings::from_env() {
        Ok(Settings { address, token }) => {
            // Here the server begins, and compares what callers send with `token.0`.
            println!("{address}, token {token:?} of {} bytes", token.0.len());
            ExitCode::SUCCESS
        }
        Err(why) => {
            println!("{why}");
            ExitCode::from(2)
        }
    }
}
