//! The interceptors of a call, in their order.

use std::{
    fmt, mem,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tonic::Status;

use super::{
    Call, End, Ended, Function, Intercept,
    call::{Info, OnEnd},
};
use crate::{clock::Instant, deadline};

/// Interceptors, the outermost first; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Chain(Option<Arc<[Arc<dyn Intercept>]>>);

impl Chain {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn all(&self) -> &[Arc<dyn Intercept>] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Adds one inside of those that are there.
    pub(crate) fn push(&mut self, interceptor: impl Intercept) {
        let interceptor: Arc<dyn Intercept> = Arc::new(interceptor);
        self.0 = Some(self.all().iter().cloned().chain([interceptor]).collect());
    }

    /// These, and `inner` inside of them.
    pub(crate) fn around(&self, inner: &Self) -> Self {
        match (self.is_empty(), inner.is_empty()) {
            (_, true) => self.clone(),
            (true, _) => inner.clone(),
            _ => Self(Some(self.all().iter().chain(inner.all()).cloned().collect())),
        }
    }

    /// The function at a place where [`Level::begin`] has found one.
    pub(crate) fn function(&self, at: usize) -> &dyn Function {
        self.all()[at].function().expect("it is a function")
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} interceptors", self.all().len())
    }
}

/// The types between two functions of a chain that a call has gone through: they are told of its end, also when it
/// is dropped.
pub(crate) struct Level {
    chain: Chain,
    /// Those that have begun. Small, like all here, because each call on the server has a place for it.
    begun: Range<u16>,
    is_over: bool,
    info: Info,
    hooks: Box<[OnEnd]>,
}

impl Level {
    /// The level from `at` on.
    pub(crate) fn new(chain: &Chain, at: usize, call: &Call) -> Self {
        let (chain, info) = (chain.clone(), call.info.clone());
        let at = u16::try_from(at).expect("a chain has no so many interceptors");
        Self { chain, begun: at..at, is_over: false, info, hooks: Box::default() }
    }

    /// Shows the call to the interceptors up to a function, whose place it gives.
    pub(crate) fn begin(&mut self, call: &mut Call) -> Result<Option<usize>, Status> {
        let function = loop {
            let at = usize::from(self.begun.end);
            match self.chain.all().get(at) {
                None => break Ok(None),
                Some(it) if it.function().is_some() => break Ok(Some(at)),
                Some(it) => {
                    if let Err(status) = it.begin(call) {
                        break Err(status);
                    }
                }
            }
            self.begun.end += 1;
        };
        self.hooks = call.take_on_end().into();
        function
    }

    pub(crate) fn flow(&self) -> Option<&super::Flow> {
        self.info.flow.as_deref()
    }

    /// Tells those that have begun how the call ended, the innermost first.
    pub(crate) fn end(&mut self, result: Result<&End, &Status>) {
        self.is_over = true;
        let ended = Ended { info: &self.info, result };
        let begun = usize::from(self.begun.start)..usize::from(self.begun.end);
        for interceptor in self.chain.all()[begun].iter().rev() {
            interceptor.end(&ended);
        }
        for hook in mem::take(&mut self.hooks).into_iter().rev() {
            hook(&ended);
        }
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let status = match self.info.until {
            Some(until) if until <= Instant::now() => deadline::exceeded(),
            _ => Status::cancelled("the call was dropped before its end"),
        };
        // What a panic says is said already, and another one may be on its way.
        let _ = catch_unwind(AssertUnwindSafe(|| self.end(Err(&status))));
    }
}
