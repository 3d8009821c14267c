//! The numbered steps of a program, as they happen.
//!
//! A program says where it is with [`step!`](crate::step). Nothing comes of it, at the cost of one
//! look at a flag, until somebody listens with [`Steps`].
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! let seen = Arc::new(Mutex::new(Vec::new()));
//! let log = seen.clone();
//! let steps = wire::steps::Steps::new(move |n, text| log.lock().unwrap().push(format!("[{n}] {text}")));
//! wire::steps::tracing::subscriber::with_default(steps, || {
//!     let left = 7;
//!     wire::step!(5, "write quota: {left} left");
//! });
//! assert_eq!(*seen.lock().unwrap(), ["[5] write quota: 7 left"]);
//! ```

use std::fmt;

pub use tracing;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::Interest,
};

/// The target of the events that are steps.
pub const TARGET: &str = "step";

/// Says that the program is at a step: `step!(5, "write quota: {left} left")`.
#[macro_export]
macro_rules! step {
    ($n:literal, $($text:tt)+) => {
        $crate::steps::tracing::trace!(target: $crate::steps::TARGET, n = $n, $($text)+)
    };
}

/// Hands the steps to a function, and nothing else that is traced.
///
/// Install it with `tracing::subscriber::set_default` for one thread, or `set_global_default` for
/// the process.
pub struct Steps<F>(F);

impl<F: Fn(u64, &str) + 'static> Steps<F> {
    /// `on_step` gets the number of each step and its text.
    pub fn new(on_step: F) -> Self {
        Self(on_step)
    }
}

impl<F: Fn(u64, &str) + 'static> Subscriber for Steps<F> {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET && metadata.is_event()
    }

    fn event(&self, event: &Event<'_>) {
        let mut step = Step::default();
        event.record(&mut step);
        (self.0)(step.n, &step.text);
    }

    // Spans are not enabled, so none of these is called with one.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The fields of an event.
#[derive(Default)]
struct Step {
    n: u64,
    text: String,
}

impl Visit for Step {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "n" {
            self.n = value;
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.record_u64(field, value.unsigned_abs());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.text = format!("{value:?}");
        }
    }
}
