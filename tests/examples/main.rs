//! The examples: what they print, how they end, and what their services answer.

mod calls;
mod outputs;
mod peers;
mod program;
