//! The processes of a run: this program again, with a word of its own.

use std::{
    env, error::Error, future::Future, path::PathBuf, process::Stdio, sync::Arc, time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::{client, figures::Figures, ledger::Ledger, server};

/// What may fail for reasons of the machine.
pub type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// How long a process may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a process does.
#[derive(Clone, Debug)]
pub enum Role {
    /// Serves.
    Server,
    /// Calls.
    Client {
        /// The address to call.
        server: String,
        /// The number of its first call.
        first: u64,
        /// Decides its calls.
        seed: u64,
    },
}

/// A process, from the outside. It ends when this is dropped, and when the program around it ends.
pub struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts this program again, and returns the first line that it prints. Its ledger goes to the
    /// file `ledger`, where there is one.
    ///
    /// # Errors
    ///
    /// When it does not come up.
    pub async fn start(role: &Role, ledger: Option<&PathBuf>) -> Result<(Self, String)> {
        let mut command = Command::new(env::current_exe()?);
        command.arg(CHILD).arg(ledger.map_or("".as_ref(), |it| it.as_os_str()));
        if let Role::Client { server, first, seed } = role {
            command.args([server, &first.to_string(), &seed.to_string()]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let input = child.stdin.take().expect("it is piped");
        let output = child.stdout.take().expect("it is piped");
        let mut process = Self { child, input, output: BufReader::new(output).lines() };
        let line = process.line().await?;
        Ok((process, line))
    }

    /// What it holds.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub async fn figures(&mut self) -> Result<Figures> {
        self.input.write_all(b"figures\n").await?;
        Ok(self.line().await?.parse()?)
    }

    /// Tells it to come to an end, and waits until it has.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub async fn stop(&mut self) -> Result {
        self.input.write_all(b"stop\n").await?;
        self.line().await.map(drop)
    }

    /// Waits until the process, which has stopped, is gone.
    ///
    /// # Errors
    ///
    /// When it fails.
    pub async fn end(self) -> Result {
        let Self { mut child, input, .. } = self;
        drop(input);
        let status = timeout(PATIENCE, child.wait()).await??;
        if status.success() { Ok(()) } else { Err(format!("a process ended with {status}").into()) }
    }

    /// Kills it with SIGKILL.
    ///
    /// # Errors
    ///
    /// When it had ended before.
    pub async fn kill(&mut self) -> Result {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("a process ended before its time with {status}").into());
        }
        Ok(self.child.kill().await?)
    }

    async fn line(&mut self) -> Result<String> {
        let line =
            timeout(PATIENCE, self.output.next_line()).await.map_err(|_| "a process hangs")?;
        Ok(line?.ok_or("a process ended before its time")?)
    }
}

/// The word that makes the program a process of a run.
const CHILD: &str = "child";

/// Does what [`Process::start`] started this process for; `None` when it is not one of these.
pub fn child(words: &[String]) -> Option<Result> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [CHILD, ledger] => Some(run(ledger, async |ledger| server::run(ledger).await)),
        [CHILD, ledger, server, first, seed] => Some(run(ledger, async |ledger| {
            client::run(ledger, server, first.parse()?, seed.parse()?).await
        })),
        _ => None,
    }
}

#[tokio::main(worker_threads = 2)]
async fn run(ledger: &str, role: impl AsyncFnOnce(Arc<Ledger>) -> Result) -> Result {
    let path = Some(ledger).filter(|it| !it.is_empty()).map(PathBuf::from);
    role(Ledger::new(path.as_deref())?).await
}

/// Answers to what [`Process`] asks, until the input ends.
pub(crate) async fn attend(ledger: &Ledger, stop: impl Future<Output = ()>) -> Result {
    let mut stop = Some(stop);
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        if line == "stop"
            && let Some(stop) = stop.take()
        {
            stop.await;
            println!("stopped");
        } else {
            println!("{}", Figures::read(ledger)?);
        }
    }
    Ok(())
}
