//! A server is terminated under load, again and again, and no call is lost.
//!
//! It is process 1 of a namespace of its own, as in a container, where a signal that nobody has asked for does
//! nothing at all. The servers take turns at one listener, which the test holds: a new one is there before the old
//! one is told to end, as in a rolling update.

use std::{
    fs,
    os::fd::{AsFd, OwnedFd},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command},
    task::JoinSet,
    time::{sleep, timeout},
};
use traitwire::{Server, Status, health::HealthReporter, service, shutdown_signal};
use traitwire_tests::skipped;

const CHILD: &str = "TRAITWIRE_TEST_TERMINATED";

/// How many callers there are, each with a call at any time.
const CALLERS: u32 = 100;

/// How long a server may take to end: the delay, the longest call, and a machine that is busy.
const BOUND: Duration = Duration::from_secs(5);

#[service(package = "proof.v1")]
trait Work {
    /// Takes that long, and gives it back.
    async fn work(&self, millis: u32) -> Result<u32, Status>;
}

struct Worker;

impl Work for Worker {
    async fn work(&self, millis: u32) -> Result<u32, Status> {
        sleep(Duration::from_millis(millis.into())).await;
        Ok(millis)
    }
}

/// The server of the next test, in a process of its own. Its standard input is the listener.
#[tokio::test]
async fn a_server_that_waits_for_its_end() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let listener: OwnedFd = std::io::stdin().as_fd().try_clone_to_owned().unwrap();
    let listener = TcpListener::from_std(listener.into()).unwrap();
    println!("serves as process {}", std::process::id());
    let server = Server::new().add(WorkServer::new(Worker)).health(&HealthReporter::new());
    let server = server.shutdown_delay(Duration::from_millis(50));
    server.serve(listener, shutdown_signal()).await.unwrap();
    println!("ended in peace");
}

/// A server, in a namespace of its own.
struct Process {
    /// The program that has made the namespace, and ends as the server does.
    unshare: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    async fn start(unshare: &[&str], listener: &std::net::TcpListener) -> Self {
        let mut unshare = Command::new("unshare")
            .args(unshare)
            // Where the test fails, nothing is left.
            .arg("--kill-child")
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "terminated::a_server_that_waits_for_its_end", "--nocapture"])
            .env(CHILD, "1")
            .stdin(Stdio::from(listener.as_fd().try_clone_to_owned().unwrap()))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(unshare.stdout.take().unwrap()).lines();
        loop {
            let line = lines.next_line().await.unwrap().expect("the server serves");
            if line.ends_with("serves as process 1") {
                return Self { unshare, lines };
            }
        }
    }

    /// Terminates the server, as `docker stop` does, and waits for its end.
    async fn terminate(mut self) -> Duration {
        let unshare = self.unshare.id().unwrap();
        let children = format!("/proc/{unshare}/task/{unshare}/children");
        let server = fs::read_to_string(children).unwrap();
        let start = Instant::now();
        let kill = Command::new("kill").args(["-TERM", server.trim()]).status().await;
        assert!(kill.unwrap().success());
        let status = timeout(BOUND, self.unshare.wait()).await.expect("it ends within its time");
        assert!(status.unwrap().success());
        let took = start.elapsed();
        let mut said = String::new();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            said += &line;
        }
        assert!(said.contains("ended in peace"), "{said}");
        took
    }
}

/// The arguments that give a process a namespace, if this machine allows it.
async fn unshare() -> Option<&'static [&'static str]> {
    const WAYS: [&[&str]; 2] =
        [&["--pid", "--fork"], &["--user", "--map-root-user", "--pid", "--fork"]];
    for way in WAYS {
        let mut command = Command::new("unshare");
        let status = command.args(way).arg("true").stderr(Stdio::null()).status().await;
        if status.is_ok_and(|it| it.success()) {
            return Some(way);
        }
    }
    skipped("this machine gives no namespace of processes (`unshare --pid --fork`)");
    None
}

/// More of them: `CASES=100 cargo test --release -p traitwire-tests --test serving terminated`.
#[tokio::test]
async fn no_call_is_lost_when_a_server_under_load_is_terminated() {
    let Some(unshare) = unshare().await else { return };
    let rounds = std::env::var("CASES").map_or(20, |it| it.parse().expect("a number"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let mut server = Process::start(unshare, &listener).await;

    let client = WorkClient::connect(format!("http://{}", listener.local_addr().unwrap()));
    let client = client.await.unwrap();
    let answered = Arc::new(AtomicU32::new(0));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (client, answered) = (client.clone(), answered.clone());
        callers.spawn(async move {
            // Some are quick and some take their time, so that they never end together.
            for turn in 0.. {
                let millis = (caller * 7 + turn * 13) % 100;
                match client.work(millis).await {
                    Ok(_) => answered.fetch_add(1, Relaxed),
                    Err(status) => return status,
                };
            }
            unreachable!("it goes on")
        });
    }
    let mut longest = Duration::ZERO;
    for round in 0..rounds {
        let next = Process::start(unshare, &listener).await;
        let old = std::mem::replace(&mut server, next);
        longest = longest.max(old.terminate().await);
        if let Some(lost) = callers.try_join_next() {
            panic!("a call is lost in round {round}: {lost:?}");
        }
    }
    callers.shutdown().await;
    drop(client);
    server.terminate().await;
    let answered = answered.load(Relaxed);
    assert!(answered > rounds * CALLERS / 4, "there was no load: {answered} calls");
    println!("{rounds} servers terminated: {answered} calls, 0 lost, {longest:?} to end at most");
}
