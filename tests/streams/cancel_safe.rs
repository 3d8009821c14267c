//! What loses nothing when its future is dropped before it is done, and what does.

use std::{pin::pin, task::Poll};

use tokio::{task::yield_now, time::timeout};
use traitwire::{Status, Stream, StreamExt, Streaming, stream_fn};

use crate::{
    executor::poll_now,
    service::{BOUND, End, Four, FourClient, FourServer, Probe, Seen, both_ways, probe},
};

const MANY: u32 = 100;

/// Handlers that answer, but rest before each answer.
struct Resting {
    probe: Probe,
}

fn resting() -> (Resting, Seen) {
    let (probe, seen) = probe();
    (Resting { probe }, seen)
}

async fn rest() {
    for _ in 0..3 {
        yield_now().await;
    }
}

fn count_up(end: u32) -> impl Stream<Item = Result<u32, Status>> {
    stream_fn(async move |mut out| {
        for number in 0..end {
            rest().await;
            out.send(number).await?;
        }
        Ok(())
    })
}

impl Four for Resting {
    async fn one(&self, number: u32) -> Result<u32, Status> {
        let guard = self.probe.enter();
        rest().await;
        guard.finish();
        Ok(number)
    }

    fn down(&self, end: u32) -> impl Stream<Item = Result<u32, Status>> {
        count_up(end)
    }

    async fn open(&self, end: u32) -> Result<impl Stream<Item = Result<u32, Status>>, Status> {
        let guard = self.probe.enter();
        rest().await;
        guard.finish();
        Ok(count_up(end))
    }

    /// Adds up, and fails at a number that is not the next one.
    async fn up(&self, mut numbers: Streaming<u32>) -> Result<u32, Status> {
        let guard = self.probe.enter();
        let mut count = 0;
        while let Some(number) = numbers.message().await? {
            if number != count {
                return Err(Status::data_loss(format!("{number} in place of {count}")));
            }
            count += 1;
            rest().await;
        }
        guard.finish();
        Ok(count)
    }

    fn both(&self, numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>> {
        numbers
    }
}

/// Polls one future after the other, dropping each, until one is ready. How many were dropped in vain.
async fn dropped_until_ready<T>(mut poll: impl FnMut() -> Poll<T>) -> (T, usize) {
    let mut dropped = 0;
    let ready = async {
        loop {
            if let Poll::Ready(it) = poll() {
                return it;
            }
            dropped += 1;
            yield_now().await;
        }
    };
    let ready = timeout(BOUND, ready).await.expect("one is ready in the end");
    (ready, dropped)
}

async fn a_message_that_is_given_up_comes_the_next_time(client: impl Four, _: Seen) {
    let mut numbers = Box::pin(client.down(MANY));
    let mut all_dropped = 0;
    for expected in (0..MANY).map(Some).chain([None]) {
        let (next, dropped) = dropped_until_ready(|| poll_now(numbers.next())).await;
        assert_eq!(next.transpose().unwrap(), expected);
        all_dropped += dropped;
    }
    assert!(all_dropped > 0, "nothing was given up");
}

async fn a_send_that_is_given_up_sends_nothing(client: impl Four, _: Seen) {
    let (mut sender, numbers) = Streaming::channel(1);
    let send = async move {
        let mut all_dropped = 0;
        for number in 0..MANY {
            let (sent, dropped) = dropped_until_ready(|| poll_now(sender.send(number))).await;
            sent.expect("somebody reads");
            all_dropped += dropped;
        }
        all_dropped
    };
    let (sum, dropped) = tokio::join!(client.up(numbers), send);
    assert_eq!(sum.unwrap(), MANY);
    assert!(dropped > 0, "nothing was given up");
}

async fn a_call_that_is_given_up_is_over_and_made_again_it_begins_anew(
    client: impl Four,
    mut seen: Seen,
) {
    for _ in 0..3 {
        tokio::select! {
            _ = client.one(7) => panic!("it was left"),
            () = seen.begun() => {}
        }
        assert_eq!(seen.ended().await, End::Dropped);
    }
    for _ in 0..3 {
        tokio::select! {
            _ = client.open(7) => panic!("it was left"),
            () = seen.begun() => {}
        }
        assert_eq!(seen.ended().await, End::Dropped);
    }
}

async fn a_call_that_is_kept_beside_the_loop_goes_on(client: impl Four, mut seen: Seen) {
    let mut call = pin!(client.one(7));
    let (answer, dropped) = dropped_until_ready(|| poll_now(call.as_mut())).await;
    assert_eq!(answer.unwrap(), 7);
    assert!(dropped > 0, "nothing was given up");
    seen.begun().await;
    assert_eq!(seen.ended().await, End::Finished, "there was one call");
}

async fn a_call_that_is_given_up_takes_its_request_stream_along(client: impl Four, mut seen: Seen) {
    let (mut sender, numbers) = Streaming::channel(1);
    tokio::select! {
        _ = client.up(numbers) => panic!("it was left"),
        () = seen.begun() => {}
    }
    let gives_it_back = async { while sender.send(0).await.is_ok() {} };
    timeout(BOUND, gives_it_back).await.expect("nobody reads any more");
    assert_eq!(seen.ended().await, End::Dropped);
}

both_ways!(FourServer, FourClient, resting =>
    a_message_that_is_given_up_comes_the_next_time,
    a_send_that_is_given_up_sends_nothing,
    a_call_that_is_given_up_is_over_and_made_again_it_begins_anew,
    a_call_that_is_kept_beside_the_loop_goes_on,
    a_call_that_is_given_up_takes_its_request_stream_along,
);
