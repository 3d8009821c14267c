//! What all calls of a server hold together.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use tonic::Status;

/// A bound on the bytes that are held for all calls.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: usize,
    held: AtomicUsize,
}

/// What is not worth counting: a call that holds no more is free, so that small ones share no counter.
const FREE: usize = 4 * 1024;

impl Budget {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, held: AtomicUsize::new(0) })
    }
}

/// What one call holds of a budget. It is given back when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Held {
    budget: Option<Arc<Budget>>,
    bytes: usize,
}

impl Held {
    pub(crate) fn of(budget: &Arc<Budget>) -> Self {
        Self { budget: Some(Arc::clone(budget)), bytes: 0 }
    }

    /// Holds so many bytes from now on.
    ///
    /// # Errors
    ///
    /// RESOURCE_EXHAUSTED, when they are too many together with those of all other calls.
    pub(crate) fn set(&mut self, bytes: usize) -> Result<(), Status> {
        let bytes = if bytes <= FREE { 0 } else { bytes };
        let Some(budget) = self.budget.as_ref().filter(|_| bytes != self.bytes) else {
            return Ok(());
        };
        let before = std::mem::replace(&mut self.bytes, bytes);
        if bytes < before {
            budget.held.fetch_sub(before - bytes, Relaxed);
            return Ok(());
        }
        let all = budget.held.fetch_add(bytes - before, Relaxed) + (bytes - before);
        if all <= budget.limit {
            return Ok(());
        }
        Err(Status::resource_exhausted(format!(
            "the server holds {all} bytes for its calls, and the limit is {}",
            budget.limit
        )))
    }
}

impl Held {
    /// Parts with so many of the bytes, as far as they are held.
    #[cfg(feature = "server")]
    pub(crate) fn split(&mut self, bytes: usize) -> Self {
        let bytes = self.bytes.min(bytes);
        self.bytes -= bytes;
        let budget = if bytes > 0 { self.budget.clone() } else { None };
        Self { budget, bytes }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.held.fetch_sub(self.bytes, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_given_back() {
        let budget = Budget::new(100_000);
        let (mut one, mut other) = (Held::of(&budget), Held::of(&budget));
        one.set(60_000).unwrap();
        assert!(other.set(60_000).is_err());
        other.set(FREE).unwrap();
        other.set(40_000).unwrap();
        one.set(30_000).unwrap();
        drop((one, other));
        assert_eq!(budget.held.load(Relaxed), 0);
    }

    #[test]
    fn what_is_parted_with_is_held_by_another() {
        let budget = Budget::new(100_000);
        let mut one = Held::of(&budget);
        assert_eq!(one.split(10).bytes, 0);
        one.set(60_000).unwrap();
        let other = one.split(50_000);
        assert_eq!((one.bytes, other.bytes), (10_000, 50_000));
        assert_eq!(one.split(20_000).bytes, 10_000);
        assert_eq!(budget.held.load(Relaxed), 50_000);
        drop(other);
        assert_eq!(budget.held.load(Relaxed), 0);
    }
}
