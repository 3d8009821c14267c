//! Who serves and calls: ours, stock tonic, and the peers in other languages that
//! `tests/peers/install.sh` has installed.

use std::{
    any::Any,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use interop::{
    cases::{Ours, Outcome, Stock},
    service, stock,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::Command,
    time::{sleep, timeout},
};
use tonic::transport::{self, server::TcpIncoming};
use traitwire_tests::{Server, peer, peers, serve_by, serve_http};

use crate::outcome_at;

/// Where nothing answers for so long, nothing will.
const PATIENCE: Duration = Duration::from_secs(60);

/// An implementation of gRPC, with a server and a client of the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Peer {
    Ours,
    Stock,
    Go,
    Python,
    Node,
    Java,
}

/// A server that runs, and ends when this is dropped.
pub(crate) struct Running {
    pub(crate) port: u16,
    _server: Box<dyn Any + Send>,
}

impl Running {
    fn new(port: u16, server: impl Any + Send) -> Self {
        Self { port, _server: Box::new(server) }
    }
}

impl Peer {
    pub(crate) const ALL: [Self; 6] =
        [Self::Ours, Self::Stock, Self::Go, Self::Python, Self::Node, Self::Java];

    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Stock => "stock tonic",
            Self::Go => "grpc-go",
            Self::Python => "grpcio",
            Self::Node => "grpc-js",
            Self::Java => "grpc-java",
        }
    }

    /// Whether it is there. If not, the running test says what is skipped.
    pub(crate) fn installed(self) -> bool {
        let (install, file) = match self {
            Self::Ours | Self::Stock => return true,
            Self::Go => ("grpc-go", "go/bin/client"),
            Self::Python => ("python", "python/bin/python"),
            Self::Node => ("node", "node/node_modules/@grpc/grpc-js/package.json"),
            Self::Java => ("java", "java/classes/Interop.class"),
        };
        peer(install, file).is_some()
    }

    /// One of its programs in another language.
    fn command(self, role: &str) -> Command {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../peers");
        let descriptors = concat!("--descriptor_set=", env!("OUT_DIR"), "/testing.bin");
        let mut command;
        match self {
            Self::Ours | Self::Stock => unreachable!("they are in this process"),
            Self::Go => command = Command::new(peers().join("go/bin").join(role)),
            Self::Python => {
                command = Command::new(peers().join("python/bin/python"));
                command.arg(source.join("python/interop.py")).args([role, descriptors]);
            }
            Self::Node => {
                command = Command::new("node");
                command.env("NODE_PATH", peers().join("node/node_modules"));
                command.arg(source.join("node/interop.js")).arg(role);
            }
            Self::Java => {
                let classes = [peers().join("java/classes"), peers().join("java/lib/*")];
                command = Command::new("java");
                // It does not live long enough for more.
                command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"]);
                command.arg(classes.map(into_string).join(":"));
                command.args(["Interop", role, descriptors]);
            }
        }
        command.kill_on_drop(true);
        command
    }

    /// Starts its server.
    pub(crate) async fn serve(self) -> Running {
        let started = async {
            match self {
                Self::Ours | Self::Stock => {
                    let server = match self {
                        Self::Ours => serve_http(service::server()).await,
                        _ => serve_stock().await,
                    };
                    Running::new(server.addr.port(), server)
                }
                Self::Go => self.serve_on_a_port_given().await,
                _ => self.serve_and_say_where().await,
            }
        };
        timeout(PATIENCE, started).await.expect("the server listens")
    }

    /// grpc-go's server does not say which port it took, nor when it listens.
    async fn serve_on_a_port_given(self) -> Running {
        loop {
            // Free a moment ago; if it is taken meanwhile, the server ends.
            let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = self.command("server");
            let mut server = command.arg(format!("--port={free}")).spawn().expect("it starts");
            while server.try_wait().unwrap().is_none() {
                if TcpStream::connect(("127.0.0.1", free)).await.is_ok() {
                    return Running::new(free, server);
                }
                sleep(Duration::from_millis(5)).await;
            }
        }
    }

    async fn serve_and_say_where(self) -> Running {
        let mut command = self.command("server");
        // It ends when its input ends, also if this process is killed.
        let command = command.arg("--port=0").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().expect("it starts");
        let mut lines = BufReader::new(server.stdout.take().expect("it is piped")).lines();
        let line = lines.next_line().await.unwrap().expect("it says where it listens");
        let port = line.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        Running::new(port.expect("an address"), server)
    }

    /// Runs cases with its client, and says how each ended.
    pub(crate) async fn call(self, port: u16, cases: &[&str]) -> Vec<Outcome> {
        let uri = format!("http://127.0.0.1:{port}");
        let mut outcomes = Vec::new();
        match self {
            Self::Ours => {
                for case in cases {
                    outcomes.push(outcome_at::<Ours>(&uri, case).await);
                }
            }
            Self::Stock => {
                for case in cases {
                    outcomes.push(outcome_at::<Stock>(&uri, case).await);
                }
            }
            Self::Go => {
                for case in cases {
                    outcomes.push(self.call_one(port, case).await);
                }
            }
            _ => return self.call_all(port, cases).await,
        }
        outcomes
    }

    /// grpc-go's client knows one case at a time, and says with its exit code how that ended.
    async fn call_one(self, port: u16, case: &str) -> Outcome {
        let mut client = self.command("client");
        client.arg("--server_host=127.0.0.1").arg(format!("--server_port={port}"));
        // Whether a machine is busy is not what is tested.
        client.arg("--soak_per_iteration_max_acceptable_latency_ms=20000");
        client.arg("--soak_overall_timeout_seconds=60").arg(format!("--test_case={case}"));
        let output = timeout(PATIENCE, client.output()).await;
        let output = output.map_err(|_| "the client does not end".to_owned())?.unwrap();
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        // It prints whole messages.
        Err(said.lines().last().unwrap_or("the client says nothing").chars().take(200).collect())
    }

    /// The other clients say in a line how each case ended.
    async fn call_all(self, port: u16, cases: &[&str]) -> Vec<Outcome> {
        let mut client = self.command("client");
        client.arg(format!("--server_port={port}"));
        client.arg(format!("--test_case={}", cases.join(",")));
        client.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut client = client.spawn().expect("it starts");
        let mut lines = BufReader::new(client.stdout.take().expect("it is piped")).lines();
        let mut outcomes = Vec::new();
        for case in cases {
            let line = timeout(PATIENCE, lines.next_line()).await;
            let line = line.map_or(None, |line| line.expect("its output is text"));
            let said = line.as_deref().and_then(|line| line.strip_prefix(case)?.strip_prefix(": "));
            outcomes.push(match said {
                Some("passed") => Ok(()),
                Some(reason) => Err(reason.to_owned()),
                None => Err("the client did not say how it ended".to_owned()),
            });
        }
        outcomes
    }
}

/// Stock tonic's service on stock tonic's server.
async fn serve_stock() -> Server {
    serve_by(|listener, gone| async {
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let server = transport::Server::builder();
        let served = server.serve_with_incoming_shutdown(stock::server(), incoming, gone);
        served.await.expect("the server ends in peace");
    })
    .await
}

fn into_string(path: PathBuf) -> String {
    path.into_os_string().into_string().expect("the path of this checkout is text")
}
