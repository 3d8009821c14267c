//! 6. Who runs the handler of a stream: a worker, or a task of its own.
//!
//! All workers wait at one channel. So it is in grpc-go since 1.55; before that each worker had a
//! channel of its own, and the connections dealt streams out in turn, also to workers that were
//! busy while others were not.
//!
//! In Go a pool saves the growth of a stack for each stream. A task has no stack that grows, so what
//! a pool is good for here is to see how it works.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex as StdMutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use tokio::{
    sync::{Mutex, Semaphore, mpsc},
    task::JoinSet,
};

use crate::panics::caught;

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A pool of workers.
pub(crate) struct Workers {
    count: usize,
    /// A permit for each worker that waits. Jobs are sent with one, so the channel is never a queue.
    idle: Arc<Semaphore>,
    jobs: mpsc::UnboundedSender<Job>,
    channel: Arc<Mutex<mpsc::UnboundedReceiver<Job>>>,
    /// None when the server has stopped.
    tasks: StdMutex<Option<JoinSet<()>>>,
    by_worker: AtomicU64,
    by_task: AtomicU64,
}

/// Who has taken the streams of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispatched {
    /// Streams that a worker has taken.
    pub by_worker: u64,
    /// Streams that have got a task of their own.
    pub by_task: u64,
}

impl Workers {
    pub(crate) fn new(count: usize) -> Self {
        let (jobs, channel) = mpsc::unbounded_channel();
        Self {
            count,
            idle: Arc::new(Semaphore::new(count)),
            jobs,
            channel: Arc::new(Mutex::new(channel)),
            tasks: StdMutex::new(Some(JoinSet::new())),
            by_worker: AtomicU64::new(0),
            by_task: AtomicU64::new(0),
        }
    }

    /// Starts the workers, once.
    pub(crate) fn init_server_workers(&self) {
        let mut tasks = self.tasks();
        let Some(tasks) = &mut *tasks else { return };
        while tasks.len() < self.count {
            tasks.spawn(server_worker(self.channel.clone()));
        }
    }

    // 6. Gives a job to a worker, or when all are busy to a task of its own.
    pub(crate) fn dispatch(&self, job: impl Future<Output = ()> + Send + 'static) {
        match self.idle.clone().try_acquire_owned() {
            Ok(permit) => {
                wire::step!(6, "dispatch: to a worker");
                self.by_worker.fetch_add(1, Relaxed);
                let job = async move {
                    // Given back when the job is over, however that comes.
                    let _permit = permit;
                    job.await;
                };
                // It cannot fail: the other end is here too.
                let _ = self.jobs.send(Box::pin(job));
            }
            Err(_) => {
                wire::step!(6, "dispatch: to a task of its own");
                self.by_task.fetch_add(1, Relaxed);
                tokio::spawn(job);
            }
        }
    }

    /// Ends the workers, which have nothing to do any more.
    pub(crate) async fn stop(&self) {
        let tasks = self.tasks().take();
        if let Some(mut tasks) = tasks {
            tasks.shutdown().await;
        }
    }

    pub(crate) fn dispatched(&self) -> Dispatched {
        let Self { by_worker, by_task, .. } = self;
        Dispatched { by_worker: by_worker.load(Relaxed), by_task: by_task.load(Relaxed) }
    }

    /// Waits until all workers wait.
    pub(crate) async fn are_idle(&self) {
        let all = u32::try_from(self.count).unwrap_or(u32::MAX);
        // It cannot fail: the semaphore is not closed.
        let _ = self.idle.acquire_many(all).await;
    }

    fn tasks(&self) -> MutexGuard<'_, Option<JoinSet<()>>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes one job after the other. A job that panics costs itself.
async fn server_worker(channel: Arc<Mutex<mpsc::UnboundedReceiver<Job>>>) {
    loop {
        // The lock is the place in the line: one worker waits at the channel, the others for it.
        let job = channel.lock().await.recv().await;
        let Some(job) = job else { return };
        caught(job).await;
    }
}
