//! The comparison of the ledgers. The rules are those in the [crate's documentation](crate).

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    io::{self, BufRead},
};

use crate::ledger::{Event, Record};

/// Within how many milliseconds a side must end when there is nothing left to wait for. A stall of
/// the proxy takes half a second at most; the rest is for a machine with much to do.
pub const BOUND: u64 = 3000;

/// How much earlier than its own deadline a call may end with it: clocks are read in milliseconds,
/// and a server is one ahead of its caller.
const EARLY: u64 = 2;

/// Whose ledger it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A client's.
    Caller,
    /// A server's.
    Handler,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller => "caller",
            Self::Handler => "handler",
        })
    }
}

/// What a rule was broken by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// When it was written down.
    pub at: u64,
    /// Which call.
    pub call: u64,
    /// What happened.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {}: {}", self.call, self.what)
    }
}

/// All ledgers of a run.
#[derive(Default)]
pub struct Books {
    calls: HashMap<u64, [Half; 2]>,
    violations: Vec<Violation>,
}

/// One side of a call, added up.
#[derive(Default)]
struct Half {
    begin: Option<u64>,
    /// When its time is over, where it has a deadline.
    due: Option<u64>,
    given: u32,
    got: u32,
    told: u32,
    closing: Option<u32>,
    closed: Option<u32>,
    end: Option<(u64, String)>,
    killed: Option<u64>,
}

impl Half {
    /// When it was over, in whichever way.
    fn over(&self) -> Option<u64> {
        self.end.as_ref().map(|it| it.0).or(self.killed)
    }
}

/// What happened in a run in which nothing was lost.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How the calls ended for their callers, and how many.
    pub ends: BTreeMap<String, u64>,
    /// Handlers that started.
    pub handlers: u64,
    /// Handlers that were killed with their server.
    pub killed_handlers: u64,
    /// Messages that the API returned to handlers and callers.
    pub messages: u64,
    /// Messages that were handed to the API.
    pub given: u64,
    /// The longest time in milliseconds from the end of a call for its caller, or its deadline, to
    /// the end of its handler.
    pub slowest: u64,
}

impl Books {
    /// Reads the ledger of a process; `killed` is when the process was killed, if it was.
    ///
    /// # Errors
    ///
    /// When it is no ledger.
    pub fn read(
        &mut self,
        who: Who,
        mut lines: impl BufRead,
        killed: Option<u64>,
    ) -> io::Result<()> {
        let mut began = Vec::new();
        let mut line = String::new();
        while lines.read_line(&mut line)? > 0 {
            let Some(record) = line.strip_suffix('\n') else {
                // The process was killed while it wrote this, and did not get any further.
                break;
            };
            let record: Record = record.parse().map_err(io::Error::other)?;
            if matches!(record.event, Event::Begin(_)) {
                began.push(record.call);
            }
            if let Err(what) = self.enter(who, &record) {
                let Record { at, call, .. } = record;
                self.violations.push(Violation { at, call, what: format!("its {who} {what}") });
            }
            line.clear();
        }
        for call in began {
            self.half(call, who).killed = killed;
        }
        Ok(())
    }

    fn half(&mut self, call: u64, who: Who) -> &mut Half {
        &mut self.calls.entry(call).or_default()[who as usize]
    }

    /// Rules 1 and 6: what one ledger shows alone.
    fn enter(&mut self, who: Who, record: &Record) -> Result<(), String> {
        let half = self.half(record.call, who);
        let at = record.at;
        match record.event {
            Event::Begin(_) if half.begin.is_some() => return Err("started twice".to_owned()),
            Event::Begin(left) => {
                half.begin = Some(at);
                half.due = left.map(|it| at + it);
            }
            Event::Give(n) => half.given = n + 1,
            Event::Got(n) => {
                let expected = std::mem::replace(&mut half.got, n + 1);
                if n != expected {
                    return Err(format!("got message {n} where message {expected} was next"));
                }
            }
            Event::Wrong(n) => return Err(format!("got a message {n} that nobody sent")),
            Event::Told(n) => half.told = n,
            Event::Closing(n) => half.closing = Some(n),
            Event::Closed(n) => half.closed = Some(n),
            Event::End(ref how) => half.end = Some((at, how.clone())),
        }
        Ok(())
    }

    /// What happened.
    ///
    /// # Errors
    ///
    /// All violations, the first one first.
    pub fn close(mut self) -> Result<Tally, Vec<Violation>> {
        let mut tally = Tally::default();
        for (&call, [caller, handler]) in &self.calls {
            if let Err((at, what)) = compare(caller, handler) {
                self.violations.push(Violation { at, call, what });
            }
            tally.add(caller, handler);
        }
        self.violations.sort();
        if self.violations.is_empty() { Ok(tally) } else { Err(self.violations) }
    }
}

impl Tally {
    fn add(&mut self, caller: &Half, handler: &Half) {
        let end = match &caller.end {
            Some((_, how)) => how.split(' ').next().unwrap_or_default(),
            None => "killed",
        };
        *self.ends.entry(end.to_owned()).or_default() += 1;
        self.messages += u64::from(caller.got + handler.got);
        self.given += u64::from(caller.given + handler.given);
        if handler.begin.is_some() {
            self.handlers += 1;
            self.killed_handlers += u64::from(handler.end.is_none());
        }
        if let (Some(free), Some((at, _))) = (free(caller, handler), &handler.end) {
            self.slowest = self.slowest.max(at.saturating_sub(free));
        }
    }
}

/// From when on a handler has nothing left to wait for.
fn free(caller: &Half, handler: &Half) -> Option<u64> {
    let free = caller.over().into_iter().chain(handler.due).min()?;
    Some(free.max(handler.begin?))
}

/// Rules 2 to 5, 7 and 8: what the ledgers of both sides show together.
fn compare(caller: &Half, handler: &Half) -> Result<(), (u64, String)> {
    let Some(begin) = caller.begin else {
        return Err((handler.begin.unwrap_or(0), "nobody made it".to_owned()));
    };
    let sides = [(Who::Caller, caller, handler), (Who::Handler, handler, caller)];
    let at = caller.over().unwrap_or(begin);
    for (who, this, other) in sides {
        if this.got > other.given {
            let (got, given) = (this.got, other.given);
            return Err((at, format!("its {who} got {got} messages of {given}")));
        }
        if this.told > other.got {
            let (told, got) = (this.told, other.got);
            return Err((at, format!("its {who} was told that {told} were read, and {got} were")));
        }
        if let Some(closed) = this.closed.filter(|_| this.closed != other.closing) {
            let end = match other.closing {
                None => "and there was none".to_owned(),
                Some(closing) => format!("and it came after {closing}"),
            };
            return Err((at, format!("its {who} saw an end after {closed} messages, {end}")));
        }
    }
    ended_as_it_may(caller, begin)?;
    if let Some(free) = free(caller, handler) {
        match handler.over() {
            None => return Err((free, "its handler never ended".to_owned())),
            Some(at) if at > free + BOUND => {
                return Err((at, format!("its handler ended {} ms late", at - free)));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Rules 5 and 7.
fn ended_as_it_may(caller: &Half, begin: u64) -> Result<(), (u64, String)> {
    let Some(at) = caller.over() else {
        return Err((begin, "its caller never heard the end".to_owned()));
    };
    let wrong = |what: String| Err((at, what));
    if let Some(due) = caller.due.filter(|due| at > due + BOUND) {
        return wrong(format!("its caller waited for {} ms after the deadline", at - due));
    }
    let Some((_, how)) = &caller.end else { return Ok(()) };
    match how.split(' ').next().unwrap_or_default() {
        "Ok" | "FailedPrecondition" if caller.closed.is_some() => Ok(()),
        "DeadlineExceeded" if caller.due.is_some_and(|due| at + EARLY >= due) => Ok(()),
        "Unavailable" | "left" => Ok(()),
        _ => wrong(format!("it ended for no reason with {how:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: &str = "\
10 7 begin -
10 7 give 0
10 7 give 1
11 7 closing 2
20 7 got 0
20 7 told 2
21 7 closed 1
21 7 end Ok
";
    const HANDLER: &str = "\
12 7 begin 2000
12 7 got 0
12 7 told 0
13 7 got 1
13 7 told 0
13 7 closed 2
14 7 give 0
14 7 closing 1
15 7 end dropped
";

    /// What is found in two ledgers; the processes were killed at these times, if they were.
    fn verdict(caller: (&str, Option<u64>), handler: (&str, Option<u64>)) -> Result<Tally, String> {
        let mut books = Books::default();
        books.read(Who::Caller, caller.0.as_bytes(), caller.1).unwrap();
        books.read(Who::Handler, handler.0.as_bytes(), handler.1).unwrap();
        books.close().map_err(|violations| violations[0].what.clone())
    }

    fn handler_with(from: &str, to: &str) -> Result<Tally, String> {
        assert!(HANDLER.contains(from));
        verdict((CALLER, None), (&HANDLER.replace(from, to), None))
    }

    fn caller_with(from: &str, to: &str) -> Result<Tally, String> {
        assert!(CALLER.contains(from));
        verdict((&CALLER.replace(from, to), None), (HANDLER, None))
    }

    #[test]
    fn a_call_in_which_nothing_was_lost_is_added_up() {
        let tally = verdict((CALLER, None), (HANDLER, None));
        let expected = Tally {
            ends: BTreeMap::from([("Ok".to_owned(), 1)]),
            handlers: 1,
            killed_handlers: 0,
            messages: 3,
            given: 3,
            slowest: 0,
        };
        assert_eq!(tally, Ok(expected));
    }

    #[test]
    fn every_broken_rule_is_found() {
        for (verdict, what) in [
            (
                handler_with("got 0\n12 7 told 0\n13 7 got 1", "got 1\n13 7 got 0"),
                "its handler got message 1 where message 0 was next",
            ),
            (
                handler_with("13 7 got 1", "13 7 got 0"),
                "its handler got message 0 where message 1 was next",
            ),
            (
                handler_with("12 7 got 0", "12 7 wrong 9\n12 7 got 0"),
                "its handler got a message 9 that nobody sent",
            ),
            (handler_with("15 7", "15 7 begin -\n15 7"), "its handler started twice"),
            (caller_with("10 7 give 1\n11 7 closing 2\n", ""), "its handler got 2 messages of 1"),
            (
                caller_with("11 7 closing 2\n", ""),
                "its handler saw an end after 2 messages, and there was none",
            ),
            (
                handler_with("14 7 closing 1\n", ""),
                "its caller saw an end after 1 messages, and there was none",
            ),
            (
                caller_with("closing 2", "closing 3"),
                "its handler saw an end after 2 messages, and it came after 3",
            ),
            (caller_with("told 2", "told 3"), "its caller was told that 3 were read, and 2 were"),
            (caller_with("21 7 closed 1\n", ""), "it ended for no reason with \"Ok\""),
            (
                caller_with("end Ok", "end Internal oh"),
                "it ended for no reason with \"Internal oh\"",
            ),
            (
                caller_with("end Ok", "end DeadlineExceeded"),
                "it ended for no reason with \"DeadlineExceeded\"",
            ),
            (caller_with("21 7 end Ok\n", ""), "its caller never heard the end"),
            (handler_with("15 7 end dropped\n", ""), "its handler never ended"),
            (handler_with("15 7 end", "6000 7 end"), "its handler ended 5979 ms late"),
        ] {
            assert_eq!(verdict, Err(what.to_owned()));
        }
    }

    #[test]
    fn a_caller_that_waits_past_its_deadline_is_found() {
        let late = CALLER.replace("begin -", "begin 5").replace("21 7 end", "6000 7 end");
        let late = verdict((&late, None), (HANDLER, None));
        let expected = "its caller waited for 5985 ms after the deadline";
        assert_eq!(late, Err(expected.to_owned()));
    }

    #[test]
    fn a_killed_process_owes_nothing_and_claims_nothing() {
        let handler = HANDLER.replace("15 7 end dropped\n", "15 7 en");
        let tally = verdict((CALLER, None), (&handler, Some(15))).unwrap();
        assert_eq!(tally.killed_handlers, 1);

        let caller = CALLER.replace("21 7 end Ok\n", "");
        let tally = verdict((&caller, Some(30)), (HANDLER, None)).unwrap();
        assert_eq!(tally.ends, BTreeMap::from([("killed".to_owned(), 1)]));
    }

    #[test]
    fn a_handler_ends_soon_after_its_caller_was_killed() {
        let caller = CALLER.replace("21 7 end Ok\n", "");
        let handler = HANDLER.replace("15 7 end", "6000 7 end").replace("begin 2000", "begin -");
        let late = verdict((&caller, Some(30)), (&handler, None));
        assert_eq!(late, Err("its handler ended 5970 ms late".to_owned()));
    }

    #[test]
    fn a_handler_that_should_have_ended_long_before_it_was_killed_is_found() {
        let handler = HANDLER.replace("15 7 end dropped\n", "");
        let late = verdict((CALLER, None), (&handler, Some(6000)));
        assert_eq!(late, Err("its handler ended 5979 ms late".to_owned()));
    }

    #[test]
    fn a_handler_of_no_call_is_found() {
        let found = verdict(("", None), (HANDLER, None));
        assert_eq!(found, Err("nobody made it".to_owned()));
    }
}
