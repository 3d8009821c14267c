//! Runtimes that end while calls wait, or before they are made.

use std::{sync::mpsc, thread, time::Duration};

use tokio::runtime::{Builder, Runtime};
use traitwire::Code;

use crate::{
    contract::{Echo, note},
    peer::{Site, at_most, say},
};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Does it in a thread of its own, since what goes wrong here is a thread that stands still.
fn within_a_minute(work: impl FnOnce() + Send + 'static) {
    let (done, ends) = mpsc::channel();
    let thread = thread::spawn(move || {
        work();
        done.send(()).unwrap();
    });
    if ends.recv_timeout(Duration::from_secs(60)) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("it stands still");
    }
    thread.join().unwrap();
}

#[test]
fn a_runtime_ends_while_calls_wait_for_a_place() {
    within_a_minute(|| {
        let servers = runtime();
        let site = servers.block_on(Site::new());
        let callers = runtime();
        let client = callers.block_on(async { site.client_of_one() });
        let calls: Vec<_> =
            callers.block_on(async { (0..20).map(|_| say(&client, "hello")).collect() });
        servers.block_on(async {
            let mut peer = site.open(&at_most(1)).await;
            peer.call().await;
        });
        drop(calls);
        drop(callers);
    });
}

#[test]
fn a_runtime_ends_at_any_moment_while_a_channel_connects() {
    within_a_minute(|| {
        let servers = runtime();
        let site = servers.block_on(Site::new());
        for micros in 0..100 {
            let callers = runtime();
            let client = callers.block_on(async { site.client() });
            callers.block_on(async {
                for _ in 0..3 {
                    drop(say(&client, "hello"));
                }
            });
            thread::sleep(Duration::from_micros(10 * micros));
            drop(callers);
        }
    });
}

#[test]
fn a_call_over_a_channel_whose_runtime_has_ended_is_unavailable() {
    within_a_minute(|| {
        let callers = runtime();
        let site = callers.block_on(Site::new());
        let made = runtime();
        let client = made.block_on(async { site.client() });
        drop(made);
        for _ in 0..2 {
            let status = callers.block_on(client.say(note("hello"))).unwrap_err();
            assert_eq!(status.code(), Code::Unavailable);
            assert!(status.message().ends_with("the runtime has ended"), "{status:?}");
        }
    });
}
