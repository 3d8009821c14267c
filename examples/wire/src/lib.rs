//! HTTP/2 and gRPC as bytes.
//!
//! [`frame`] reads and writes the frames of HTTP/2, [`events`] finds them in the bytes of a
//! connection, and a [`tap`] records them where they pass. A [`trace`] says what they mean: with
//! the [`headers`], the [`message`]s (which [`gzip`] may have made shorter) and their [`fields`],
//! whose names are in a [`schema`]. [`steps`] prints the steps that a program takes, and [`dice`] breaks
//! bytes for tests.

mod call;
pub mod dice;
pub mod events;
pub mod fields;
pub mod frame;
pub mod gzip;
pub mod headers;
mod lines;
pub mod message;
pub mod schema;
pub mod steps;
pub mod tap;
pub mod trace;

pub use events::Side;
