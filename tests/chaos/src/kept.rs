//! The run of `soak`: calls and faults for a long time, and what the processes hold meanwhile.

use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use tokio::time::{Instant, sleep, sleep_until};

use crate::{
    command::Options,
    figures::{Course, Figures, HELD},
    plan::{Fault, plan},
    process::{Process, Result, Role},
    proxy::Proxy,
    random::Random,
};

/// How long a process may take to give everything back when its calls have ended.
const GIVEN_BACK: Duration = Duration::from_secs(10);
/// A run that is shorter has not warmed up, and what it holds in between says nothing.
const WARM: Duration = Duration::from_secs(60);

/// Makes the run, and prints what the processes held.
///
/// # Errors
///
/// What grew, or what went wrong with the run itself.
#[tokio::main]
pub async fn run(options: Options) -> Result {
    let random = Random::new(options.seed);
    let (mut server, addr) = Process::start(&Role::Server, None).await?;
    let proxy = Proxy::start(addr.parse()?, random.branch(0)).await?;
    let before = server.figures().await?;
    let mut server = Watched { name: "server", process: server, before, samples: Vec::new() };
    let role =
        Role::Client { server: proxy.addr.to_string(), first: 0, seed: random.branch(1).number() };
    let (process, before) = Process::start(&role, None).await?;
    let before = before.parse()?;
    let mut client = Watched { name: "client", process, before, samples: Vec::new() };

    let start = Instant::now();
    let mut faults = plan(options.seed, options.length, false).into_iter().peekable();
    for second in 1..=options.length.as_secs() {
        let end = start + Duration::from_secs(second);
        while let Some(timed) = faults.next_if(|it| start + it.at < end) {
            sleep_until(start + timed.at).await;
            match timed.fault {
                Fault::Cut { pick, cut } => proxy.cut(pick, cut),
                Fault::Stall { pick, time } => proxy.stall(pick, time),
                Fault::KillServer | Fault::KillClient { .. } => {}
            }
        }
        sleep_until(end).await;
        server.sample().await?;
        client.sample().await?;
    }
    // The client first: the server waits until no call is left.
    let called = client.give_back().await?;
    let served = server.give_back().await?;

    let counts = proxy.counts();
    println!(
        "connections  {}, {} cuts, {} stalls",
        counts.connections.load(Relaxed),
        counts.cut.load(Relaxed),
        counts.stalled.load(Relaxed)
    );
    println!("calls        {} made, {} handled", called.calls, served.calls);
    println!("messages     {} delivered", called.messages + served.messages);
    let outcome = server.judge(options.length, &served);
    outcome.and(client.judge(options.length, &called))
}

/// A process, and what it held.
struct Watched {
    name: &'static str,
    process: Process,
    before: Figures,
    samples: Vec<Figures>,
}

impl Watched {
    async fn sample(&mut self) -> Result {
        self.samples.push(self.process.figures().await?);
        Ok(())
    }

    /// Lets all calls come to an end, and then everything that was taken for them.
    async fn give_back(&mut self) -> Result<Figures> {
        self.process.stop().await?;
        let patience = Instant::now() + GIVEN_BACK;
        loop {
            let after = self.process.figures().await?;
            if !self.keeps(&after) || Instant::now() > patience {
                return Ok(after);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether there are tasks or descriptors that were not there before the first call.
    fn keeps(&self, after: &Figures) -> bool {
        after.tasks > self.before.tasks || after.descriptors > self.before.descriptors
    }

    /// Prints how each figure went.
    ///
    /// # Errors
    ///
    /// The first one that grew, or did not come back to what it was.
    fn judge(&self, length: Duration, after: &Figures) -> Result {
        let name = self.name;
        let warm = format!("at {} s", length.as_secs() / 10);
        println!();
        println!("{name:<13}   before {warm:>8}   at end    limit    after");
        let mut outcome = Ok(());
        let held = self.before.held().into_iter().zip(after.held()).zip(HELD);
        for (place, ((before, after), (what, percent, besides))) in held.enumerate() {
            let samples: Vec<u64> = self.samples.iter().map(|it| it.held()[place]).collect();
            let course = Course::of(&samples, percent, besides);
            let Course { level, end, limit } = course;
            println!("{what:<13}{before:>9}{level:>9}{end:>9}{limit:>9}{after:>9}");
            if outcome.is_ok() && length >= WARM && course.grew() {
                outcome = Err(format!("the {name}'s {what} grew from {level} to {end}").into());
            }
        }
        if outcome.is_ok() && self.keeps(after) {
            let [_, tasks, descriptors] = after.held();
            let kept = format!("the {name} keeps {tasks} tasks and {descriptors} descriptors");
            outcome = Err(format!("{kept} when all calls have ended").into());
        }
        outcome
    }
}
