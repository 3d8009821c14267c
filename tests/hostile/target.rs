//! Where an attack takes place: a server in a process of its own, whose memory and files are
//! counted, and beside the attacker a healthy caller who is never late.

use std::{
    cell::Cell,
    fs,
    future::Future,
    net::SocketAddr,
    process::{ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::oneshot,
    time::{interval, timeout},
};
use traitwire::{Channel, Status};

use crate::service::{Attacked, AttackedClient, Census};

/// What a healthy caller waits for an answer at most, while the server is under attack.
const LATE: Duration = Duration::from_secs(2);

/// What may pass between two calls of a healthy caller.
const PACE: Duration = Duration::from_millis(2);

/// When a test that waits gives up. Nothing is measured by it.
const GIVES_UP: Duration = Duration::from_secs(30);

/// By how many mebibytes the server may grow under an attack, unless a test says otherwise.
const CEILING: u64 = 8;

/// How many files a process may open, unless a test says otherwise.
const FILES: usize = 4096;

/// Waits, but not for ever.
#[track_caller]
pub(crate) fn bounded<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let waiting = timeout(GIVES_UP, future);
    async { waiting.await.expect("it takes no longer than that") }
}

/// `attacked` with its arguments. It is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub(crate) fn start(files: usize, arguments: &[&str]) -> Self {
        // The shell sets the limit, and is replaced by the program.
        let mut child = Command::new("sh")
            .args(["-c", r#"ulimit -n "$0" && exec "$@""#, &files.to_string()])
            .arg(env!("CARGO_BIN_EXE_attacked"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a shell");
        let input = child.stdin.take();
        let output = child.stdout.take().expect("a pipe");
        Self { child, input, lines: BufReader::new(output).lines() }
    }

    /// Many who connect and say nothing. They are there when this returns.
    pub(crate) async fn crowd(addr: SocketAddr, count: usize) -> Self {
        let mut crowd = Self::start(FILES, &["crowd", &addr.to_string(), &count.to_string()]);
        crowd.line().await;
        crowd
    }

    /// The next line that it prints.
    pub(crate) async fn line(&mut self) -> String {
        bounded(self.lines.next_line()).await.expect("text").expect("the process goes on")
    }

    /// Tells it to end.
    pub(crate) fn end(&mut self) {
        self.input = None;
    }

    /// Ends it as the kernel does.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("a process of our own");
    }

    /// Waits for its end.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        bounded(self.child.wait()).await.expect("a process of our own")
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id().expect("it runs"))
    }

    /// The most memory that it ever had, in mebibytes, rounded up.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(self.proc("status")).expect("it runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        let kib = peak.trim().strip_suffix(" kB").and_then(|kib| kib.parse::<u64>().ok());
        kib.expect("a number of KiB").div_ceil(1024)
    }

    /// How many files it has open.
    pub(crate) fn files(&self) -> usize {
        fs::read_dir(self.proc("fd")).expect("it runs").count()
    }

    /// How long it has computed, in hundredths of a second.
    pub(crate) fn cpu(&self) -> u64 {
        let stat = fs::read_to_string(self.proc("stat")).expect("it runs");
        // The second field is a name in brackets; the times are the 14th and the 15th.
        let (_, rest) = stat.rsplit_once(") ").expect("a name in brackets");
        let times = rest.split(' ').skip(11).take(2);
        times.map(|time| time.parse::<u64>().expect("a number")).sum()
    }
}

/// Whether the tests of this thread attack the library's own server.
pub(crate) fn is_ours() -> bool {
    SERVER.get() == "serve"
}

thread_local! {
    /// Which server the tests of this thread attack.
    static SERVER: Cell<&'static str> = const { Cell::new("serve") };
}

/// Runs a test against the server of example 19.
pub(crate) fn against_dispatch(test: fn()) {
    // A test has a thread of its own, with a runtime of its own on it.
    SERVER.set("dispatch");
    test();
}

/// A server under attack, and what it held before.
pub(crate) struct Target {
    pub(crate) server: Process,
    pub(crate) addr: SocketAddr,
    /// A connection from before the attack.
    pub(crate) client: AttackedClient,
    probe: Probe,
    files: usize,
    memory: u64,
}

impl Target {
    /// A server with the limits that the library sets.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// One with other settings.
    pub(crate) async fn with(settings: &[&str]) -> Self {
        Self::with_files(FILES, settings).await
    }

    /// One that may open so many files.
    pub(crate) async fn with_files(files: usize, settings: &[&str]) -> Self {
        let mut server = Process::start(files, &[&[SERVER.get()], settings].concat());
        let addr = server.line().await.parse().expect("an address");
        let probe = Probe::start(addr).await;
        let client = connect(addr).await.expect("the server listens");
        client.census().await.expect("an answer");
        let (files, memory) = (server.files(), server.peak_memory());
        Self { server, addr, client, probe, files, memory }
    }

    /// How many files the attack has made it open.
    pub(crate) fn files(&self) -> usize {
        // Fewer than before, when a healthy caller has given up.
        self.server.files().saturating_sub(self.files)
    }

    /// Waits until this is so. Each look is a call.
    pub(crate) async fn until(&self, so: impl Fn(&Self, Census) -> bool) {
        bounded(async { while !so(self, self.client.census().await.expect("an answer")) {} }).await;
    }

    /// The attack is over: the healthy caller was never late, the server never grew beyond its
    /// ceiling, and nothing is left of the attack.
    pub(crate) async fn stands(self) {
        self.stands_within(CEILING).await;
    }

    /// The same with another ceiling, in mebibytes.
    pub(crate) async fn stands_within(self, ceiling: u64) {
        self.until(|target, census| target.files() == 0 && census.running == 0).await;
        let grown = self.server.peak_memory() - self.memory;
        assert!(grown <= ceiling, "the server grew by {grown} MiB");
        if let Err(why) = self.probe.finish() {
            panic!("the healthy caller: {why}");
        }
    }
}

/// A healthy caller on a connection of his own.
pub(crate) async fn connect(addr: SocketAddr) -> Result<AttackedClient, Status> {
    let connected = bounded(AttackedClient::connect(format!("http://{addr}"))).await;
    connected.map_err(|error| Status::unavailable(error.to_string()))
}

/// The same, which connects when it calls.
pub(crate) fn connect_lazy(addr: SocketAddr) -> AttackedClient {
    AttackedClient::new(Channel::builder(format!("http://{addr}")).connect_lazy().unwrap())
}

/// A healthy caller in a thread of his own, so that an attacker keeps no other than the server
/// busy.
struct Probe {
    finish: Arc<AtomicBool>,
    thread: thread::JoinHandle<Result<(), String>>,
}

impl Probe {
    /// Its first call is answered when this returns.
    async fn start(addr: SocketAddr) -> Self {
        let finish = Arc::new(AtomicBool::new(false));
        let (began, begins) = oneshot::channel();
        let finished = finish.clone();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(probe(addr, began, &finished))
        });
        bounded(begins).await.expect("a first answer");
        Self { finish, thread }
    }

    /// One call more, and then what came of them all.
    fn finish(self) -> Result<(), String> {
        self.finish.store(true, Relaxed);
        self.thread.join().expect("no panic")
    }
}

async fn probe(
    addr: SocketAddr,
    began: oneshot::Sender<()>,
    finish: &AtomicBool,
) -> Result<(), String> {
    let client = connect(addr).await.map_err(|status| status.to_string())?;
    let mut pace = interval(PACE);
    let mut began = Some(began);
    loop {
        let last = finish.load(Relaxed);
        let answer = timeout(LATE, client.echo("alive".to_owned())).await;
        answer.map_err(|_| "late")?.map_err(|status| status.to_string())?;
        if let Some(began) = began.take() {
            // Whoever waited may have given up.
            let _ = began.send(());
        }
        if last {
            return Ok(());
        }
        pace.tick().await;
    }
}
