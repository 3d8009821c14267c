//! The examples: what they print, how they end, and what their services answer.

mod by_hand;
mod calls;
mod claims;
mod outputs;
mod peers;
mod program;
mod traces;
