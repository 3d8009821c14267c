//! Polls futures by hand, and tasks in an order that is random but the same for the same seed.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

/// A waker that counts how often it was called.
#[derive(Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wakes {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Polls once, with a waker that the caller can look at.
pub(crate) fn poll<F: Future>(future: Pin<&mut F>, wakes: &Arc<Wakes>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&Waker::from(wakes.clone())))
}

/// Polls once, with a waker that does nothing.
pub(crate) fn poll_now<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// A small generator of numbers (xorshift64*): the same for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds are spread out, and none of them is zero.
        Self((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end
    }

    /// Once in `n` times.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Ready at the poll after `polls` others; sees to it that these come.
pub(crate) async fn after(mut polls: usize) {
    std::future::poll_fn(|cx| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A task of [`run`].
pub(crate) type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Which tasks were woken.
#[derive(Default)]
struct Woken(Mutex<Vec<usize>>);

impl Woken {
    fn take_any(&self, random: &mut Random) -> Option<usize> {
        let mut woken = self.0.lock().unwrap();
        let count = woken.len();
        (count > 0).then(|| woken.swap_remove(random.below(count)))
    }
}

struct TaskWaker {
    task: usize,
    woken: Arc<Woken>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        let mut woken = self.woken.0.lock().unwrap();
        if !woken.contains(&self.task) {
            woken.push(self.task);
        }
    }
}

/// Runs `tasks` to their ends on this thread. A task is polled when it was woken, in random order,
/// and each poll has a waker of its own, so that a wake-up of an old one alone is not enough.
///
/// Panics when a task is left that nobody will wake: a wake-up was lost. And when there is no end to
/// it: a task wakes itself and gets nowhere.
pub(crate) fn run(seed: u64, tasks: Vec<Task>) {
    let mut random = Random::new(seed);
    let woken = Arc::new(Woken(Mutex::new((0..tasks.len()).collect())));
    let mut tasks: Vec<Option<Task>> = tasks.into_iter().map(Some).collect();
    let mut polls = 0;
    while tasks.iter().any(Option::is_some) {
        polls += 1;
        assert!(polls < 100_000, "seed {seed}: the tasks go round for ever");
        let next = woken.take_any(&mut random);
        let next = next.unwrap_or_else(|| {
            panic!("seed {seed}: a task waits and nobody will wake it");
        });
        let Some(task) = &mut tasks[next] else { continue };
        let waker = Waker::from(Arc::new(TaskWaker { task: next, woken: woken.clone() }));
        if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            tasks[next] = None;
        }
    }
}
