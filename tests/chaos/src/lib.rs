//! Nothing is lost, and nothing is kept: what the API reports as delivered was delivered, also when
//! processes are killed and connections break in the middle of a message.
//!
//! `chaos` runs a server and some clients, each a process of its own, with a [`proxy`] between them.
//! The clients make calls of all four shapes, with and without deadlines, and leave some of them.
//! Servers and clients are killed with SIGKILL, connections are delayed, stalled, reordered and
//! cut, as a [`plan`] says. `soak` makes the same calls over the same proxy, kills nobody, and
//! watches what the processes hold ([`figures`]).
//!
//! # The ledger
//!
//! Both sides of a call write down what happens to it, each process in a file that outlives a kill
//! ([`ledger`]). A message is entered *before* it is handed to the API and *after* the API has
//! returned it; an end likewise. What the API reports as delivered is this:
//!
//! - a message that `message()` or an answer has returned to its reader;
//! - the end of a stream (`None`), which says that the messages before it were all;
//! - an `Ok`, or an error of the handler's own, which says that the handler came to that end;
//! - what an answer says about the request: each has the number of messages that its handler had
//!   read.
//!
//! `Ok` from `send` is none of it: it says that the message was taken over, and no more.
//!
//! # The rules
//!
//! Afterwards the ledgers are compared ([`check`]). For every call:
//!
//! 1. Each side gets the messages 0, 1, 2, … of this call, with their own content: none is missing
//!    before another one, none comes twice, none out of order.
//! 2. No side gets more than the other side gave.
//! 3. A side that sees the end of a stream has got all that the other side gave, and the other side
//!    did end it. What breaks off never looks like an end. (A [`Sender`](traitwire::Sender) ends its
//!    stream when it is dropped. So a caller that leaves drops its call first.)
//! 4. A message that an answer says was read, was read.
//! 5. A call that ends with `Ok`, or with the handler's own error, has ended in the sense of rule 3.
//! 6. A call has one handler at most, whatever was killed and connected anew.
//! 7. The caller hears the end of every call: `Ok`, the handler's own error, DEADLINE_EXCEEDED not
//!    before its deadline, or UNAVAILABLE; at the deadline, if it has one.
//! 8. Every handler ends, be it at an `await`, when its caller has heard the end, has left or was
//!    killed, or when its own deadline comes.
//!
//! Where a rule says when, it means within [`check::BOUND`]. A process that was killed owes no
//! further entries.
//!
//! # Seeds
//!
//! The seed decides the plan of faults, the calls of each client, and the pieces in which the proxy
//! passes bytes on. It does not decide how the machine schedules the processes: two runs with one
//! seed have the same faults at the same times, and other calls under way.

pub mod check;
pub mod client;
pub mod command;
pub mod contract;
pub mod figures;
pub mod kept;
pub mod ledger;
pub mod lost;
pub mod plan;
pub mod process;
pub mod proxy;
pub mod random;
pub mod server;
