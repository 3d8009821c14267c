//! What a claim is.

use std::{error::Error, fmt, future::Future};

/// What a run returns, or the error that kept it from seeing anything.
pub(crate) type Result<T = Verdict, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// A sentence, and the run that shows whether it is true.
pub(crate) struct Claim {
    /// The chapter that makes it.
    pub(crate) chapter: u8,
    /// What to call it: `messages-are-not-frames`.
    pub(crate) name: &'static str,
    /// The sentence.
    pub(crate) claim: &'static str,
    /// Shows it. The same lines at every run.
    pub(crate) run: fn() -> Result,
}

/// What a run saw, in this order, and whether the claim holds.
pub(crate) struct Verdict {
    pub(crate) saw: Vec<String>,
    pub(crate) holds: bool,
}

/// A measurement by the clock, or by a scheduler: other numbers at every run, so it claims nothing.
pub(crate) struct Figure {
    /// The chapter that shows it.
    pub(crate) chapter: u8,
    /// What is measured.
    pub(crate) name: &'static str,
    /// Measures it.
    pub(crate) run: fn() -> Result<Vec<String>>,
}

/// Runs to the end on one thread, where who goes first is always the same, and with time paused: it
/// jumps ahead when everybody waits, so that nothing takes longer than its work.
pub(crate) fn alone<T>(run: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(run)
}

/// Runs claims one after the other. `true` when all of them hold.
pub(crate) fn show<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> Result<bool> {
    let mut all_hold = true;
    for (nth, claim) in claims.into_iter().enumerate() {
        if nth > 0 {
            println!();
        }
        all_hold &= claim.show()?;
    }
    Ok(all_hold)
}

impl Claim {
    /// Runs it, and prints what was seen. `true` when the claim holds.
    pub(crate) fn show(&self) -> Result<bool> {
        let verdict = (self.run)().map_err(|error| format!("{}: {error}", self.name))?;
        println!("claim    {}", self.claim);
        print!("{verdict}");
        Ok(verdict.holds)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, line) in self.saw.iter().enumerate() {
            writeln!(f, "{}{line}", if nth == 0 { "run      " } else { "         " })?;
        }
        writeln!(f, "verdict  {}", if self.holds { "holds" } else { "does not hold" })
    }
}
