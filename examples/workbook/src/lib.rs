//! The harness of the examples: which end to run, and where.
//!
//! Every example has two ends. Without a word both run in one process and talk over a socket on a
//! free port; `serve` and `call` run one of them, and `proto` prints what they agreed on.

use std::{error::Error, fmt, future::Future, pin::Pin, process::ExitCode, str::FromStr};

use tokio::{net::TcpListener, sync::oneshot};
use traitwire::{ConnectError, ServiceDescriptor, Status, schema::Schema, shutdown_signal};

/// What an end returns: nothing, or the error that ends the program.
pub type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

/// Where a server listens, and until when.
pub struct Socket {
    /// Where callers connect.
    pub listener: TcpListener,
    /// Done when the server is to stop: on Ctrl-C or SIGTERM, or when the other end has finished.
    pub shutdown: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Runs the end that the command line asks for, or both. `service` is their contract, and `address`
/// is where a server listens when the command line does not say.
///
/// An error is one line and exit code 1, a command line that cannot be read exit code 2.
pub async fn run(
    service: &'static ServiceDescriptor,
    address: &str,
    serve: impl AsyncFnOnce(Socket) -> Result,
    call: impl AsyncFnOnce(String) -> Result,
) -> ExitCode {
    Command::read().run(service, address, serve, call).await
}

/// The command line, for an example with options of its own.
pub struct Command {
    words: Vec<String>,
    options: String,
    error: Option<Usage>,
}

impl Command {
    /// Reads the command line of the process.
    pub fn read() -> Self {
        Self { words: std::env::args().skip(1).collect(), options: String::new(), error: None }
    }

    /// Takes `name VALUE` out of the command line.
    pub fn option<T: FromStr + fmt::Display>(&mut self, name: &str, default: T) -> T {
        self.options += &format!(", and `{name} VALUE` (default {default})");
        self.take(name).unwrap_or(default)
    }

    /// The same for an option that has no default.
    pub fn optional<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.options += &format!(", and `{name} VALUE`");
        self.take(name)
    }

    fn take<T: FromStr>(&mut self, name: &str) -> Option<T> {
        let place = self.words.iter().position(|word| word == name)?;
        let end = self.words.len().min(place + 2);
        let taken: Vec<String> = self.words.drain(place..end).collect();
        let value = taken.get(1).and_then(|value| value.parse().ok());
        if value.is_none() {
            self.error = Some(Usage(format!("cannot read `{}`", taken.join(" "))));
        }
        value
    }

    /// Runs the end that the command line asks for, or both, as [`run`] does.
    pub async fn run(
        self,
        service: &'static ServiceDescriptor,
        address: &str,
        serve: impl AsyncFnOnce(Socket) -> Result,
        call: impl AsyncFnOnce(String) -> Result,
    ) -> ExitCode {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let outcome = match (self.error, &words[..]) {
            (Some(error), _) => Err(error.into()),
            (None, []) => both(serve, call).await,
            (None, ["serve"]) => only_serve(address, serve).await,
            (None, ["serve", address]) => only_serve(address, serve).await,
            (None, ["call"]) => only_call(address, call).await,
            (None, ["call", address]) => only_call(address, call).await,
            (None, ["proto"]) => proto(service),
            _ => Err(Usage(format!("cannot read `{}`", words.join(" "))).into()),
        };
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.is::<Usage>() => {
                let options = self.options;
                eprintln!(
                    "error: {error}; expected nothing, `serve [HOST:PORT]`, `call [HOST:PORT]` or \
                     `proto`{options}"
                );
                ExitCode::from(2)
            }
            Err(error) => {
                // What the other end says does not command this terminal.
                eprintln!("error: {}", chain(&*error).replace(char::is_control, "\u{fffd}"));
                ExitCode::FAILURE
            }
        }
    }
}

/// The server on a free port, and the client that calls it there; the server stops after it.
///
/// Tests of an example call this too: their `call` is the test.
pub async fn both(
    serve: impl AsyncFnOnce(Socket) -> Result,
    call: impl AsyncFnOnce(String) -> Result,
) -> Result {
    let listener = listen("127.0.0.1:0").await?;
    let server = format!("http://{}", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let socket = Socket { listener, shutdown: Box::pin(async { drop(stopped.await) }) };
    let call = async {
        let outcome = call(server).await;
        drop(stop);
        outcome
    };
    let (served, called) = tokio::join!(serve(socket), call);
    served.and(called)
}

async fn only_serve(address: &str, serve: impl AsyncFnOnce(Socket) -> Result) -> Result {
    let listener = listen(checked(address)?).await?;
    let address = listener.local_addr()?;
    let serving = serve(Socket { listener, shutdown: Box::pin(shutdown_signal()) });
    // Callers are told when it has begun, so that what it prepares for them is there.
    let told = async { println!("server: listening on {address}, Ctrl-C to stop") };
    tokio::join!(biased; serving, told).0
}

async fn only_call(address: &str, call: impl AsyncFnOnce(String) -> Result) -> Result {
    let server = format!("http://{}", checked(address)?);
    call(server.clone()).await.map_err(|error| format!("{server}: {}", chain(&*error)).into())
}

/// The contract, for callers in other languages.
fn proto(service: &'static ServiceDescriptor) -> Result {
    print!("{}", Schema::of(&[service])?);
    Ok(())
}

async fn listen(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}").into())
}

fn checked(address: &str) -> Result<&str> {
    let is_address = address
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if is_address {
        Ok(address)
    } else {
        Err(Usage(format!("`{address}` is not an address")).into())
    }
}

/// An error and what caused it, in one line. A status and a transport say all of it themselves.
fn chain(error: &(dyn Error + 'static)) -> String {
    if let Some(status) = error.downcast_ref::<Status>() {
        return format!("{:?}: {}", status.code(), status.message());
    }
    let mut line = error.to_string();
    let mut cause = error.source().filter(|_| !error.is::<ConnectError>());
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.ends_with(&text) {
            line = format!("{line}: {text}");
        }
        cause = error.source();
    }
    line
}

/// A command line that cannot be read.
#[derive(Debug)]
struct Usage(String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Usage {}
