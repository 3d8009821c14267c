//! What breaks the rules breaks nothing else: floods, bombs, half a connection and no connection,
//! against a server in a process of its own and against a client. The attacker is told what is
//! wrong or is cut off, memory stays under a ceiling, nothing is kept, and a healthy caller is
//! answered in time all the while.

// Memory and files are read from /proc.
#![cfg(target_os = "linux")]

mod bytes;
mod callers;
mod crowds;
mod dispatch;
mod floods;
mod frames;
mod refused;
mod service;
mod slow;
mod target;
