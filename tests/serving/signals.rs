//! The end of a process that serves.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::Command,
};
use traitwire::{Server, shutdown_signal};

use crate::contract::{Calls, CallsClient, Service};

const CHILD: &str = "TRAITWIRE_TEST_SIGNALS";

/// The server of the next test, in a process of its own.
#[tokio::test]
async fn a_server_that_waits_for_a_signal() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listens: {}", listener.local_addr().unwrap());
    let (service, test) = Service::new();
    // A call that waits is served to its end.
    test.permits.add_permits(1);
    Server::new().add(service).serve(listener, shutdown_signal()).await.unwrap();
    println!("ended in peace");
}

#[tokio::test]
async fn a_server_ends_in_peace_at_ctrl_c_and_at_sigterm() {
    for signal in ["-INT", "-TERM"] {
        let mut server = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "signals::a_server_that_waits_for_a_signal", "--nocapture"])
            .env(CHILD, "1")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let addr = loop {
            let line = lines.next_line().await.unwrap().expect("the server listens");
            if let Some((_, addr)) = line.split_once("listens: ") {
                break addr.to_owned();
            }
        };
        let client = CallsClient::connect(format!("http://{addr}")).await.unwrap();
        let mut call = client.wait();
        assert_eq!(call.message().await.unwrap(), Some(0));

        let id = server.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().await.unwrap().success());
        assert_eq!(call.message().await.unwrap(), Some(1), "{signal}");
        assert_eq!(call.message().await.unwrap(), None, "{signal}");
        drop((call, client));
        let mut said = String::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            said += &line;
        }
        assert!(said.contains("ended in peace"), "{signal}: {said}");
        assert!(server.wait().await.unwrap().success(), "{signal}");
    }
}
