//! The macros, from the user's side: what they make compiles and can be called.

mod expansion;
