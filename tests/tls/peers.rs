//! Peers in other languages over mutual TLS, where `tests/peers/install.sh` has installed them.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::timeout,
};
use traitwire::{
    Channel, Status,
    schema::Schema,
    service,
    tls::{ClientTls, ServerTls},
};

use crate::{
    certs::{Authority, Issued},
    service::{Served, WHO, WhoClient, refusal, say, serve},
};

/// A program of a peer; where it is missing, the running test says that it is skipped.
fn peer(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers").join(file);
    if path.exists() {
        return Some(path);
    }
    let test = std::thread::current();
    let test = test.name().unwrap_or("a test");
    let line = format!("skipped: {test}: no {file}; run tests/peers/install.sh\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    None
}

/// What both sides have, in files.
struct Files {
    folder: tempfile::TempDir,
    authority: Authority,
}

impl Files {
    fn new() -> Self {
        let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("authority"));
        let files = Self { folder, authority };
        files.write("ca.pem", &files.authority.pem());
        files.issue("server", &files.authority.server());
        files.issue("client", &files.authority.issue(&["alice.example"]));
        files.issue("stranger", &Authority::new("stranger").issue(&["mallory.example"]));
        files
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn issue(&self, name: &str, issued: &Issued) {
        self.write(&format!("{name}.pem"), &issued.chain());
        self.write(&format!("{name}.key"), &issued.key);
    }

    async fn serve(&self) -> Served {
        let tls = ServerTls::builder(self.authority.server().identity());
        serve(&tls.client_authorities(self.authority.trusted()).build().unwrap()).await
    }

    fn client(&self) -> ClientTls {
        let tls = ClientTls::builder(self.authority.trusted());
        tls.identity(self.authority.issue(&["alice.example"]).identity()).build().unwrap()
    }

    /// Runs a program to its end, in the folder.
    async fn run(&self, program: &Path, words: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(words).current_dir(self.folder.path()).kill_on_drop(true);
        timeout(Duration::from_secs(60), command.output()).await.expect("it ends").unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peer.py");

#[tokio::test]
async fn grpcio_calls() {
    let Some(python) = peer("python/bin/python") else { return };
    let files = Files::new();
    let server = files.serve().await;
    let addr = server.addr.to_string();
    let output = files.run(&python, &[SCRIPT, "call", &addr, "client"]).await;
    let said = (text(&output.stdout), text(&output.stderr));
    assert_eq!(said.0, "hello by [alice.example]\n", "{}", said.1);
    for name in ["stranger", "nobody"] {
        let output = files.run(&python, &[SCRIPT, "call", &addr, name]).await;
        assert_eq!(text(&output.stdout), "UNAVAILABLE\n", "{name}");
    }
}

#[tokio::test]
async fn grpcio_is_called() {
    let Some(python) = peer("python/bin/python") else { return };
    let files = Files::new();
    let mut command = Command::new(python);
    command.args([SCRIPT, "serve"]).current_dir(files.folder.path()).kill_on_drop(true);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let addr = timeout(Duration::from_secs(60), lines.next_line()).await.unwrap().unwrap().unwrap();
    let client = |tls: ClientTls| {
        let channel = Channel::builder(format!("https://{addr}")).tls(tls);
        WhoClient::new(channel.connect_lazy().unwrap())
    };
    let said = say(&client(files.client()), "hello").await.unwrap();
    assert_eq!(said, "hello by alice.example");
    // BoringSSL resets after its alert, so what is heard of it depends on which comes first.
    refusal(&client(files.authority.client())).await;
}

/// grpc-go, by grpcurl.
#[tokio::test]
async fn grpc_go_calls() {
    let Some(grpcurl) = peer("go/bin/grpcurl") else { return };
    let files = Files::new();
    files.write("who.proto", &Schema::of(&[&WHO]).unwrap().to_string());
    let server = files.serve().await;
    let addr = server.addr.to_string();
    let call = async |name: &str| {
        let (cert, key) = (format!("{name}.pem"), format!("{name}.key"));
        let words = ["-cacert", "ca.pem", "-cert", &cert, "-key", &key, "-proto", "who.proto"];
        let rest = ["-max-time", "20", "-d", "\"hello\"", &addr, "tls.test.Who/Say"];
        files.run(&grpcurl, &[&words[..], &rest].concat()).await
    };
    let output = call("client").await;
    assert_eq!(text(&output.stdout), "\"hello by [alice.example]\"\n", "{}", text(&output.stderr));
    let output = call("stranger").await;
    assert!(!output.status.success(), "{}", text(&output.stdout));
    let said = text(&output.stderr);
    // Go shows only what the server has said that it trusts.
    assert!(said.contains("tls: certificate required"), "{said}");
}

/// What grpc-go's server of interoperability cases has.
#[service(package = "grpc.testing", name = "TestService")]
trait Interop {
    async fn empty_call(&self) -> Result<(), Status>;
}

#[tokio::test]
async fn grpc_go_is_called() {
    let Some(program) = peer("go/bin/server") else { return };
    let files = Files::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new(program);
    command.args(["--use_tls", "--tls_cert_file", "server.pem", "--tls_key_file", "server.key"]);
    command.args(["--port", &port.to_string()]).current_dir(files.folder.path());
    let _child = command.kill_on_drop(true).stderr(Stdio::null()).spawn().unwrap();
    let channel = Channel::builder(format!("https://localhost:{port}")).tls(files.client());
    let client = InteropClient::new(channel.connect_lazy().unwrap());
    // It says nowhere that it listens.
    let client = client.with(traitwire::CallOptions::new().wait_for_ready());
    timeout(Duration::from_secs(60), client.empty_call()).await.unwrap().unwrap();
}
