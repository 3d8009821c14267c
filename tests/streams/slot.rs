//! `stream_fn`, `Sender` and `Streaming::channel`: every message arrives once and in order,
//! wherever the sender is polled, and both sides are woken when it is their turn.

use std::{
    cell::Cell,
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{sync::oneshot, task::yield_now, time::timeout};
use traitwire::{Code, SendError, Sender, Status, Stream, StreamExt, Streaming, stream_fn};

use crate::executor::{Wakes, after, poll, poll_now};

const MANY: u32 = 20_000;

/// Enough for anything here; what waits longer waits for ever.
const BOUND: Duration = Duration::from_secs(20);

/// Reads to the end: 0, 1, 2 … and nothing else.
async fn assert_counts_to(end: u32, numbers: impl Stream<Item = Result<u32, Status>>) {
    let mut numbers = pin!(numbers);
    let mut expected = 0;
    let count = async {
        while let Some(number) = numbers.next().await {
            assert_eq!(number.expect("no error was sent"), expected);
            expected += 1;
        }
    };
    if timeout(BOUND, count).await.is_err() {
        panic!("the stream stands still after {expected} messages");
    }
    assert_eq!(expected, end);
}

async fn count_to(end: u32, mut out: Sender<u32>) {
    for number in 0..end {
        out.send(number).await.expect("somebody reads");
    }
}

// Where the sender may be.

#[tokio::test]
async fn a_writer_that_only_sends_loses_nothing() {
    assert_counts_to(
        MANY,
        stream_fn(async |out| {
            count_to(MANY, out).await;
            Ok(())
        }),
    )
    .await;
}

#[tokio::test]
async fn a_send_that_loses_a_select_is_not_delivered_and_one_that_wins_is() {
    assert_counts_to(
        MANY,
        stream_fn(async |mut out| {
            let mut given_up = 0;
            let mut number = 0;
            while number < MANY {
                // The other branch is ready at once, a poll later, or too late.
                tokio::select! {
                    biased;
                    () = after(given_up % 3), if given_up % 2 == 0 => given_up += 1,
                    sent = out.send(number) => {
                        sent.expect("somebody reads");
                        number += 1;
                        given_up += usize::from(number % 2 == 0);
                    }
                    () = after(given_up % 3) => given_up += 1,
                }
            }
            Ok(())
        }),
    )
    .await;
}

#[tokio::test]
async fn a_send_beside_a_branch_that_is_always_ready_loses_nothing() {
    assert_counts_to(
        MANY,
        stream_fn(async |mut out| {
            let mut number = 0;
            while number < MANY {
                tokio::select! {
                    sent = out.send(number) => {
                        sent.expect("somebody reads");
                        number += 1;
                    }
                    () = std::future::ready(()) => {}
                }
                // A writer that never waits would not let the reader read.
                yield_now().await;
            }
            Ok(())
        }),
    )
    .await;
}

/// `join_all` polls more than 30 futures through wakers of its own, and only those that were woken.
const CROWD: usize = 40;

#[tokio::test]
async fn a_send_among_the_futures_of_join_all_loses_nothing() {
    assert_counts_to(
        MANY,
        stream_fn(async |out| {
            let out = Cell::new(Some(out));
            join_all((0..CROWD).map(async |at| match at {
                7 => count_to(MANY, out.take().expect("one of them sends")).await,
                _ => after(at * 100).await,
            }))
            .await;
            Ok(())
        }),
    )
    .await;
}

#[tokio::test]
async fn sender_and_reader_among_the_futures_of_join_all_wake_each_other() {
    let (sender, numbers) = Streaming::channel(1);
    let (sender, numbers) = (Cell::new(Some(sender)), Cell::new(Some(numbers)));
    join_all((0..CROWD).map(async |at| match at {
        7 => count_to(MANY, sender.take().expect("one of them sends")).await,
        33 => assert_counts_to(MANY, numbers.take().expect("one of them reads")).await,
        _ => {}
    }))
    .await;
}

#[tokio::test]
async fn sender_and_reader_in_one_task_wake_each_other() {
    for places in [1, 2, 7] {
        let (sender, numbers) = Streaming::channel(places);
        tokio::join!(count_to(MANY, sender), assert_counts_to(MANY, numbers));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sender_and_reader_on_two_threads_wake_each_other() {
    for places in [1, 2, 7] {
        let (sender, numbers) = Streaming::channel(places);
        let sent = tokio::spawn(count_to(MANY, sender));
        assert_counts_to(MANY, numbers).await;
        sent.await.unwrap();
    }
}

/// The future waits for a task that the sender was moved into.
fn sent_by_an_awaited_task() -> impl Stream<Item = Result<u32, Status>> + Send {
    stream_fn(async |out| {
        tokio::spawn(count_to(MANY, out)).await.map_err(|error| Status::internal(error.to_string()))
    })
}

/// The future has ended before the task sends.
fn sent_by_a_task_that_is_left() -> impl Stream<Item = Result<u32, Status>> + Send {
    stream_fn(async |out| {
        tokio::spawn(count_to(MANY, out));
        Ok(())
    })
}

#[tokio::test]
async fn a_task_that_the_future_waits_for_may_send() {
    assert_counts_to(MANY, sent_by_an_awaited_task()).await;
}

#[tokio::test]
async fn a_task_may_go_on_sending_after_the_future_has_ended() {
    assert_counts_to(MANY, sent_by_a_task_that_is_left()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_on_another_thread_may_send() {
    // Polled in a task of its own, so that both workers have one.
    tokio::spawn(assert_counts_to(MANY, sent_by_an_awaited_task())).await.unwrap();
    tokio::spawn(assert_counts_to(MANY, sent_by_a_task_that_is_left())).await.unwrap();
}

#[tokio::test]
async fn the_stream_lasts_as_long_as_the_future_when_the_sender_is_dropped_first() {
    let (finish, finished) = oneshot::channel::<()>();
    let mut numbers = pin!(stream_fn(async move |mut out| {
        out.send(0).await?;
        drop(out);
        finished.await.map_err(|_| Status::aborted("not finished"))
    }));
    assert_eq!(numbers.next().await.unwrap().unwrap(), 0);
    assert!(poll_now(numbers.next()).is_pending());
    finish.send(()).unwrap();
    assert!(timeout(BOUND, numbers.next()).await.unwrap().is_none());
}

#[tokio::test]
async fn the_stream_lasts_as_long_as_the_sender_when_the_future_has_ended_first() {
    let (keep, kept) = oneshot::channel();
    let mut numbers = pin!(stream_fn(async move |mut out| {
        out.send(0).await?;
        keep.send(out).map_err(|_| Status::aborted("nobody keeps the sender"))
    }));
    assert_eq!(numbers.next().await.unwrap().unwrap(), 0);
    let wakes = Wakes::new();
    let mut next = pin!(numbers.next());
    assert!(poll(next.as_mut(), &wakes).is_pending());
    let sender: Sender<u32> = kept.await.unwrap();
    drop(sender);
    assert_eq!(wakes.count(), 1, "the reader is told that the sender is gone");
    assert!(matches!(poll(next, &wakes), Poll::Ready(None)));
}

// One send, poll by poll.

#[test]
fn a_send_waits_until_a_place_is_free_before_it_puts_its_message_there() {
    let (mut sender, mut numbers) = Streaming::<_>::channel(1);
    assert_eq!(poll_now(sender.send(1)), Poll::Ready(Ok(())));

    let wakes = Wakes::new();
    let mut send = pin!(sender.send(2));
    assert!(poll(send.as_mut(), &wakes).is_pending());
    assert_eq!(wakes.count(), 0);
    assert!(matches!(poll_now(numbers.message()), Poll::Ready(Ok(Some(1)))));
    assert_eq!(wakes.count(), 1, "the sender is told that the place is free");

    assert!(poll_now(numbers.message()).is_pending(), "the sender has not put 2 there yet");
    assert_eq!(poll(send, &wakes), Poll::Ready(Ok(())));
    assert!(matches!(poll_now(numbers.message()), Poll::Ready(Ok(Some(2)))));
}

#[test]
fn a_reader_that_waits_is_woken_by_a_message_and_by_the_end() {
    let (mut sender, mut numbers) = Streaming::<_>::channel(1);
    let wakes = Wakes::new();
    let mut read = || poll(pin!(numbers.message()), &wakes).map(Result::unwrap);
    assert_eq!(read(), Poll::Pending);
    assert_eq!(poll_now(sender.send(1)), Poll::Ready(Ok(())));
    assert_eq!(wakes.count(), 1);
    assert_eq!(read(), Poll::Ready(Some(1)));

    assert_eq!(read(), Poll::Pending);
    drop(sender);
    assert_eq!(wakes.count(), 2);
    assert_eq!(read(), Poll::Ready(None));
}

#[test]
fn the_waker_of_the_last_poll_is_the_one_that_is_woken() {
    let (mut sender, mut numbers) = Streaming::<_>::channel(1);
    let (old, new) = (Wakes::new(), Wakes::new());

    let mut message = pin!(numbers.message());
    assert!(poll(message.as_mut(), &old).is_pending());
    assert!(poll(message.as_mut(), &new).is_pending());
    assert_eq!(poll_now(sender.send(1)), Poll::Ready(Ok(())));
    assert_eq!(new.count(), 1);

    let mut send = pin!(sender.send(2));
    assert!(poll(send.as_mut(), &old).is_pending());
    assert!(poll(send.as_mut(), &new).is_pending());
    assert!(matches!(poll(message, &old), Poll::Ready(Ok(Some(1)))));
    assert_eq!(new.count(), 2);
}

#[test]
fn a_send_that_is_dropped_while_it_waits_keeps_nothing() {
    let (first, second) = (Arc::new(1), Arc::new(2));
    let (mut sender, mut numbers) = Streaming::<_>::channel(1);
    assert_eq!(poll_now(sender.send(first)), Poll::Ready(Ok(())));
    // `poll_now` drops the future, which still waits.
    assert!(poll_now(sender.send(second.clone())).is_pending());
    assert_eq!(Arc::strong_count(&second), 1, "its message is dropped with it");

    assert!(matches!(poll_now(numbers.message()), Poll::Ready(Ok(Some(first))) if *first == 1));
    assert!(poll_now(numbers.message()).is_pending(), "the place it waited for is free");
    assert_eq!(poll_now(sender.send(Arc::new(3))), Poll::Ready(Ok(())));
    assert!(matches!(poll_now(numbers.message()), Poll::Ready(Ok(Some(third))) if *third == 3));
}

#[test]
fn a_send_that_is_never_polled_sends_nothing() {
    let (mut sender, mut numbers) = Streaming::<_>::channel(1);
    drop(sender.send(1));
    assert!(poll_now(numbers.message()).is_pending());
}

#[test]
fn a_message_that_was_sent_arrives_although_the_sender_is_gone() {
    let (mut sender, mut numbers) = Streaming::<_>::channel(1);
    assert_eq!(poll_now(sender.send(1)), Poll::Ready(Ok(())));
    drop(sender);
    assert!(matches!(poll_now(numbers.message()), Poll::Ready(Ok(Some(1)))));
    assert!(matches!(poll_now(numbers.message()), Poll::Ready(Ok(None))));
    assert!(matches!(poll_now(numbers.message()), Poll::Ready(Ok(None))), "and it stays there");
}

#[test]
fn a_channel_has_as_many_places_as_were_asked_for_and_one_at_least() {
    for (asked, places) in [(0, 1), (1, 1), (2, 2), (5, 5)] {
        let (mut sender, mut numbers) = Streaming::<_>::channel(asked);
        for number in 0..places {
            assert_eq!(poll_now(sender.send(number)), Poll::Ready(Ok(())));
        }
        assert!(poll_now(sender.send(places)).is_pending(), "channel({asked})");
        assert!(matches!(poll_now(numbers.message()), Poll::Ready(Ok(Some(0)))));
        assert_eq!(poll_now(sender.send(places)), Poll::Ready(Ok(())));
        assert!(poll_now(sender.send(places + 1)).is_pending(), "channel({asked})");
    }
}

// When the reader is gone.

#[test]
fn a_send_after_the_reader_is_gone_gives_the_message_back() {
    let (mut sender, numbers) = Streaming::<_>::channel(1);
    drop(numbers);
    assert_eq!(poll_now(sender.send(1)), Poll::Ready(Err(SendError(1))));
    assert_eq!(poll_now(sender.send(2)), Poll::Ready(Err(SendError(2))));
}

#[tokio::test]
async fn a_message_that_is_given_back_ends_a_handler_with_cancelled() {
    let (mut sender, numbers) = Streaming::<_>::channel(1);
    drop(numbers);
    let mut handler = async || -> Result<(), Status> { Ok(sender.send(1).await?) };
    assert_eq!(handler().await.unwrap_err().code(), Code::Cancelled);
}

#[test]
fn a_send_that_waits_when_the_reader_goes_is_woken_and_gives_its_message_back() {
    let (mut sender, numbers) = Streaming::<_>::channel(1);
    assert_eq!(poll_now(sender.send(1)), Poll::Ready(Ok(())));
    let wakes = Wakes::new();
    let mut send = pin!(sender.send(2));
    assert!(poll(send.as_mut(), &wakes).is_pending());
    drop(numbers);
    assert_eq!(wakes.count(), 1);
    assert_eq!(poll(send, &wakes), Poll::Ready(Err(SendError(2))));
}

#[test]
fn a_stream_that_is_dropped_drops_what_nobody_read() {
    let message = Arc::new(1);
    let (mut sender, numbers) = Streaming::<_>::channel(2);
    assert_eq!(poll_now(sender.send(message.clone())), Poll::Ready(Ok(())));
    drop(numbers);
    assert_eq!(Arc::strong_count(&message), 1, "although the sender lives on");
    drop(sender);
}

#[test]
fn a_stream_that_is_dropped_drops_its_writer_where_it_stands() {
    let guard = Arc::new(());
    let held = guard.clone();
    let mut numbers = Box::pin(stream_fn(async move |mut out| {
        let _held = held;
        out.send(1).await?;
        std::future::pending::<Result<(), Status>>().await
    }));
    assert!(matches!(poll_now(numbers.next()), Poll::Ready(Some(Ok(1)))));
    assert!(poll_now(numbers.next()).is_pending());
    drop(numbers);
    assert_eq!(Arc::strong_count(&guard), 1);
}

#[tokio::test]
async fn a_task_that_sends_is_told_when_the_stream_of_stream_fn_is_dropped() {
    let (told, is_told) = oneshot::channel();
    let mut numbers = Box::pin(stream_fn(async |mut out| {
        tokio::spawn(async move {
            let mut sent = 0;
            while out.send(sent).await.is_ok() {
                sent += 1;
            }
            told.send(sent).expect("the test waits for it");
        });
        Ok::<_, Status>(())
    }));
    assert_eq!(numbers.next().await.unwrap().unwrap(), 0);
    drop(numbers);
    let sent = timeout(BOUND, is_told).await.unwrap().unwrap();
    assert!(sent <= 2, "{sent} were taken; one was read and one place was free");
}

// Errors.

#[tokio::test]
async fn an_error_comes_after_the_messages_that_were_sent_before_it_and_ends_the_stream() {
    let mut numbers = pin!(stream_fn(async |mut out| {
        out.send(1).await?;
        out.send(2).await?;
        Err(Status::data_loss("no more"))
    }));
    assert_eq!(numbers.next().await.unwrap().unwrap(), 1);
    assert_eq!(numbers.next().await.unwrap().unwrap(), 2);
    assert_eq!(numbers.next().await.unwrap().unwrap_err().message(), "no more");
    assert!(numbers.next().await.is_none());
    assert!(numbers.next().await.is_none());
}

/// A stream that has failed while its sender lives on in other hands.
async fn failed_with_a_sender_at_large()
-> (Sender<u32>, impl Stream<Item = Result<u32, Status>> + Unpin) {
    let (keep, kept) = oneshot::channel();
    let mut numbers = Box::pin(stream_fn(async move |mut out| {
        out.send(0).await?;
        keep.send(out).map_err(|_| Status::aborted("nobody keeps the sender"))?;
        Err(Status::data_loss("no more"))
    }));
    assert_eq!(numbers.next().await.unwrap().unwrap(), 0);
    let error = timeout(BOUND, numbers.next()).await.expect("the error does not wait").unwrap();
    assert_eq!(error.unwrap_err().message(), "no more");
    (kept.await.unwrap(), numbers)
}

#[tokio::test]
async fn an_error_ends_the_stream_at_once_although_the_sender_lives_on() {
    let (_sender, mut numbers) = failed_with_a_sender_at_large().await;
    assert!(matches!(poll_now(numbers.next()), Poll::Ready(None)), "whatever the sender may do");
}

#[tokio::test]
async fn nothing_follows_an_error() {
    let (mut sender, mut numbers) = failed_with_a_sender_at_large().await;
    assert_eq!(poll_now(sender.send(1)), Poll::Ready(Err(SendError(1))), "the stream has ended");
    drop(sender);
    assert!(timeout(BOUND, numbers.next()).await.unwrap().is_none());
}

#[tokio::test]
async fn an_error_is_not_held_up_by_a_task_that_goes_on_sending() {
    let mut numbers = pin!(stream_fn(async |mut out| {
        out.send(0).await?;
        tokio::spawn(async move { while out.send(1).await.is_ok() {} });
        Err(Status::data_loss("no more"))
    }));
    for _ in 0..100 {
        match numbers.next().await.expect("an error was returned") {
            // The task gets its turn, and fills the place again.
            Ok(_) => yield_now().await,
            Err(error) => {
                assert_eq!(error.message(), "no more");
                return;
            }
        }
    }
    panic!("messages that were sent after the error go before it");
}

// No running ahead.

#[test]
fn a_writer_is_not_polled_before_its_stream_is_read() {
    let polled = Arc::new(AtomicUsize::new(0));
    let counter = polled.clone();
    let mut numbers = pin!(stream_fn(async move |mut out| {
        counter.fetch_add(1, SeqCst);
        out.send(1).await?;
        Ok::<_, Status>(())
    }));
    assert_eq!(polled.load(SeqCst), 0);
    assert!(matches!(poll_now(numbers.next()), Poll::Ready(Some(Ok(1)))));
    assert_eq!(polled.load(SeqCst), 1);
}

#[test]
fn a_writer_is_one_message_ahead_of_its_reader_and_no_more() {
    let (begun, placed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counters = (begun.clone(), placed.clone());
    let mut numbers = pin!(stream_fn(async move |mut out| {
        for number in 0.. {
            counters.0.fetch_add(1, SeqCst);
            out.send(number).await?;
            counters.1.fetch_add(1, SeqCst);
        }
        Ok::<_, Status>(())
    }));
    for read in 1..=1_000 {
        assert!(matches!(poll_now(numbers.next()), Poll::Ready(Some(Ok(_)))));
        assert!(begun.load(SeqCst) <= read + 1, "{read} read, {begun:?} begun");
        assert!(placed.load(SeqCst) <= read + 1, "{read} read, {placed:?} placed");
    }
}

#[tokio::test]
async fn a_task_is_one_message_ahead_of_the_reader_and_no_more() {
    let placed = Arc::new(AtomicUsize::new(0));
    let counter = placed.clone();
    let mut numbers = pin!(stream_fn(async move |mut out| {
        tokio::spawn(async move {
            while out.send(0).await.is_ok() {
                counter.fetch_add(1, SeqCst);
            }
        });
        Ok::<_, Status>(())
    }));
    for read in 1..=1_000 {
        numbers.next().await.unwrap().unwrap();
        // Room enough for a task that would run ahead.
        for _ in 0..5 {
            yield_now().await;
        }
        assert!(placed.load(SeqCst) <= read + 1, "{read} read, {placed:?} placed");
    }
}

// Types.

#[test]
fn senders_and_streams_may_go_to_other_threads() {
    fn may_go<T: Send>(_: &T) {}
    let (mut sender, numbers) = Streaming::<u32>::channel(1);
    may_go(&sender);
    may_go(&numbers);
    may_go(&sender.send(1));
    fn future_may_go<F: Future + Send>(_: F) {}
    let mut numbers = numbers;
    future_may_go(numbers.message());
}
