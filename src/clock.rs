//! The clock that deadlines are counted by: tokio's, or that of JavaScript, where there is no other.

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) use tokio::time::{Instant, Sleep, sleep_until};

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(crate) use self::javascript::{Instant, Sleep, sleep_until};

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod javascript {
    use std::{
        future::Future,
        pin::Pin,
        task::{Context, Poll},
    };

    use futures_timer::Delay;
    pub(crate) use web_time::Instant;

    /// A timer of JavaScript.
    pub(crate) struct Sleep {
        delay: Delay,
        deadline: Instant,
    }

    pub(crate) fn sleep_until(deadline: Instant) -> Sleep {
        let delay = Delay::new(deadline.saturating_duration_since(Instant::now()));
        Sleep { delay, deadline }
    }

    impl Sleep {
        pub(crate) fn deadline(&self) -> Instant {
            self.deadline
        }
    }

    impl Future for Sleep {
        type Output = ();

        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
            Pin::new(&mut self.delay).poll(cx)
        }
    }
}
