//! The macros, from the user's side: what they make compiles and can be called, whatever stands
//! around it.

mod error_index;
mod expansion;
mod hygiene;
mod pasted;
mod ui;
