//! The run of `chaos`: processes are killed, connections break, and then the ledgers are compared.

use std::{
    env,
    fs::{self, File},
    io::BufReader,
    path::PathBuf,
    sync::atomic::Ordering::Relaxed,
};

use tokio::time::{Instant, sleep_until};

use crate::{
    check::{Books, Tally, Who},
    command::Options,
    ledger::Clock,
    plan::{Fault, plan},
    process::{Process, Result, Role},
    proxy::Proxy,
    random::Random,
};

/// Client processes at a time.
const CLIENTS: usize = 2;

/// Makes the run, and prints what happened.
///
/// # Errors
///
/// The first violation, or what went wrong with the run itself.
#[tokio::main]
pub async fn run(options: Options) -> Result {
    let folder = format!("traitwire-chaos-{}-{}", options.seed, std::process::id());
    let folder = env::temp_dir().join(folder);
    fs::create_dir(&folder)?;
    let run = async {
        let mut run = Run::start(options.seed, folder.clone()).await?;
        run.break_things(options).await?;
        run.end().await
    };
    match run.await {
        Ok(()) => Ok(fs::remove_dir_all(folder)?),
        Err(error) => {
            let folder = folder.display();
            Err(format!("{error} (seed {}, ledgers in {folder})", options.seed).into())
        }
    }
}

/// A process, and its ledger.
struct Party {
    process: Process,
    ledger: PathBuf,
    who: Who,
}

/// A ledger, and when its process was killed, if it was.
struct Closed {
    ledger: PathBuf,
    who: Who,
    killed: Option<u64>,
}

struct Run {
    folder: PathBuf,
    random: Random,
    clock: Clock,
    proxy: Proxy,
    server: Party,
    clients: Vec<Party>,
    closed: Vec<Closed>,
}

impl Run {
    async fn start(seed: u64, folder: PathBuf) -> Result<Self> {
        let random = Random::new(seed);
        let ledger = folder.join("server-0");
        let (process, addr) = Process::start(&Role::Server, Some(&ledger)).await?;
        let server = Party { process, ledger, who: Who::Handler };
        let proxy = Proxy::start(addr.parse()?, random.branch(0)).await?;
        let (clock, clients, closed) = (Clock::new()?, Vec::new(), Vec::new());
        let mut run = Self { folder, random, clock, proxy, server, clients, closed };
        for _ in 0..CLIENTS {
            let client = run.start_client().await?;
            run.clients.push(client);
        }
        Ok(run)
    }

    /// How many processes there were of a kind.
    fn count(&self, who: Who) -> usize {
        let living = if who == Who::Caller { self.clients.len() } else { 1 };
        living + self.killed(who)
    }

    fn killed(&self, who: Who) -> usize {
        self.closed.iter().filter(|it| it.who == who && it.killed.is_some()).count()
    }

    async fn start_client(&self) -> Result<Party> {
        let number = self.count(Who::Caller) as u64 + 1;
        let role = Role::Client {
            server: self.proxy.addr.to_string(),
            first: number << 32,
            seed: self.random.branch(number).number(),
        };
        let ledger = self.folder.join(format!("client-{number}"));
        let (process, _) = Process::start(&role, Some(&ledger)).await?;
        Ok(Party { process, ledger, who: Who::Caller })
    }

    /// Follows the plan to its end.
    async fn break_things(&mut self, options: Options) -> Result {
        let start = Instant::now();
        for timed in plan(options.seed, options.length, true) {
            sleep_until(start + timed.at).await;
            match timed.fault {
                Fault::Cut { pick, cut } => self.proxy.cut(pick, cut),
                Fault::Stall { pick, time } => self.proxy.stall(pick, time),
                Fault::KillServer => self.kill_server().await?,
                Fault::KillClient { pick } => self.kill_client(pick).await?,
            }
        }
        sleep_until(start + options.length).await;
        Ok(())
    }

    async fn kill_server(&mut self) -> Result {
        let number = self.count(Who::Handler);
        self.server.process.kill().await?;
        let killed = self.clock.now();
        let ledger = self.folder.join(format!("server-{number}"));
        let (process, addr) = Process::start(&Role::Server, Some(&ledger)).await?;
        self.proxy.redirect(addr.parse()?);
        let server = Party { process, ledger, who: Who::Handler };
        let Party { ledger, who, .. } = std::mem::replace(&mut self.server, server);
        self.closed.push(Closed { ledger, who, killed: Some(killed) });
        Ok(())
    }

    async fn kill_client(&mut self, pick: u64) -> Result {
        let nth = usize::try_from(pick % CLIENTS as u64)?;
        self.clients[nth].process.kill().await?;
        let killed = self.clock.now();
        let client = self.start_client().await?;
        let Party { ledger, who, .. } = std::mem::replace(&mut self.clients[nth], client);
        self.closed.push(Closed { ledger, who, killed: Some(killed) });
        Ok(())
    }

    /// Lets all calls come to an end, and compares the ledgers.
    async fn end(mut self) -> Result {
        let (servers, clients) = (self.killed(Who::Handler), self.killed(Who::Caller));
        // The server last: it waits for its handlers.
        let living = std::mem::take(&mut self.clients).into_iter().chain([self.server]);
        let mut hangs = None;
        for Party { mut process, ledger, who } in living {
            match process.stop().await {
                Ok(()) => process.end().await?,
                // The ledgers say which call it was that did not end.
                Err(error) => hangs = Some(error),
            }
            self.closed.push(Closed { ledger, who, killed: None });
        }
        let mut books = Books::default();
        for Closed { ledger, who, killed } in self.closed {
            books.read(who, BufReader::new(File::open(ledger)?), killed)?;
        }
        let tally = books.close().map_err(|violations| {
            let more = match violations.len() - 1 {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            format!("{}{more}", violations[0])
        })?;
        if let Some(error) = hangs {
            return Err(error);
        }
        if !tally.ends.contains_key("Ok") {
            return Err("no call went well, so this shows nothing".into());
        }
        let counts = self.proxy.counts();
        println!("kills        {servers} of a server, {clients} of a client");
        println!(
            "connections  {}, of which {} overtook another; {} cuts, {} stalls",
            counts.connections.load(Relaxed),
            counts.reordered.load(Relaxed),
            counts.cut.load(Relaxed),
            counts.stalled.load(Relaxed),
        );
        print(&tally);
        Ok(())
    }
}

fn print(tally: &Tally) {
    let Tally { ends, handlers, killed_handlers, messages, given, slowest } = tally;
    println!("calls        {}", ends.values().sum::<u64>());
    for (how, calls) in ends {
        println!("  {how:<19}{calls:>9}");
    }
    println!("handlers     {handlers}, of which {killed_handlers} were killed");
    println!("             and the others ended within {slowest} ms");
    println!("messages     {messages} delivered, of {given} given");
    println!("lost, doubled, out of order: 0");
}
