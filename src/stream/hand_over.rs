//! A place that is lent for the time of one poll.
//!
//! Where one end of a hand-over polls the other, both run on one thread, one inside the other, and
//! need no lock between them: the outer end lends its place to all that it polls, and has it back
//! when that returns.

use std::{any::Any, cell::Cell, mem::ManuallyDrop};

/// A place without its type. It is always taken back, so the thread need not drop it at its end;
/// a thread-local that needs no drop is the cheaper one to look at.
type Lent = ManuallyDrop<Box<dyn Any>>;

thread_local! {
    /// What the innermost lender has lent.
    static LENT: Cell<Option<Lent>> = const { Cell::new(None) };
}

/// Makes the call, with `place` lent to it. It is `None` afterwards if the call panicked.
#[inline]
pub(crate) fn lend<P: 'static, R>(place: &mut Option<Box<P>>, call: impl FnOnce() -> R) -> R {
    let lent = place.take().map(|place| ManuallyDrop::new(place as Box<dyn Any>));
    let _outer = Outer(LENT.with(|it| it.replace(lent)));
    let result = call();
    *place = LENT.with(Cell::take).and_then(|lent| ManuallyDrop::into_inner(lent).downcast().ok());
    result
}

/// What an outer lender has lent. It is put back in any case, also when the call panics.
struct Outer(Option<Lent>);

impl Drop for Outer {
    #[inline]
    fn drop(&mut self) {
        let left = LENT.with(|it| it.replace(self.0.take()));
        drop(left.map(ManuallyDrop::into_inner));
    }
}

/// Looks at what the innermost lender has lent; `None` when that is no `P`. No code of the user may
/// run in `look`.
#[inline]
pub(crate) fn lent<P: 'static, R>(look: impl FnOnce(&mut P) -> R) -> Option<R> {
    LENT.with(|it| {
        let mut lent = it.take()?;
        let result = lent.downcast_mut().map(look);
        it.set(Some(lent));
        result
    })
}
