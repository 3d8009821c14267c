//! The slot against a model, and under a scheduler that takes its tasks in random order. Each case
//! has a seed, which a failure names.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::Future,
    ops::Range,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use futures_util::{future::join_all, stream::FuturesUnordered};
use tokio::sync::{mpsc, oneshot};
use traitwire::{SendError, Sender, Status, Stream, StreamExt, Streaming, stream_fn};

use crate::executor::{Random, Task, Wakes, after, poll, run};

/// What the model tells the sending side to do when it is polled.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    /// Poll the send.
    Send,
    /// Drop the send, and begin the next one.
    GiveUp,
    /// Drop the sender.
    End,
}

/// What became of a send.
#[derive(Debug, PartialEq)]
enum Outcome {
    Waits,
    Placed,
    NobodyReads,
    GivenUp,
}

/// Sends 0, 1, 2 … as it is told. A number that was given up is not sent again.
async fn obey(mut sender: Sender<u32>, order: Rc<Cell<Order>>, outcome: Rc<RefCell<Outcome>>) {
    for number in 0.. {
        let mut send = pin!(sender.send(number));
        let result = std::future::poll_fn(|cx| match order.get() {
            Order::Send => {
                let sent = send.as_mut().poll(cx);
                if sent.is_pending() {
                    *outcome.borrow_mut() = Outcome::Waits;
                }
                sent.map(Some)
            }
            Order::GiveUp | Order::End => Poll::Ready(None),
        })
        .await;
        *outcome.borrow_mut() = match result {
            Some(Ok(())) => Outcome::Placed,
            Some(Err(SendError(it))) => {
                assert_eq!(it, number, "the message comes back");
                Outcome::NobodyReads
            }
            None => Outcome::GivenUp,
        };
        if order.get() == Order::End {
            return;
        }
        // The next number belongs to the next poll.
        after_this_poll().await;
    }
}

async fn after_this_poll() {
    let mut first = true;
    std::future::poll_fn(|_| match std::mem::replace(&mut first, false) {
        true => Poll::Pending,
        false => Poll::Ready(()),
    })
    .await;
}

/// A side of the channel that waits, the waker of its last poll, and what that had counted.
struct Waiting(Arc<Wakes>, usize);

impl Waiting {
    fn new(wakes: &Arc<Wakes>) -> Self {
        Self(wakes.clone(), wakes.count())
    }

    fn was_woken(&self) -> bool {
        self.0.count() > self.1
    }
}

#[test]
fn a_channel_does_what_its_model_does() {
    for seed in 0..3_000 {
        follow_the_model(seed);
    }
}

fn follow_the_model(seed: u64) {
    let mut random = Random::new(seed);
    let asked = random.below(4);
    let places = asked.max(1);
    let (sender, numbers) = Streaming::<u32>::channel(asked);

    let order = Rc::new(Cell::new(Order::Send));
    let outcome = Rc::new(RefCell::new(Outcome::Waits));
    let mut sender = Some(Box::pin(obey(sender, order.clone(), outcome.clone())));
    let mut numbers = Some(numbers);

    let mut queue = VecDeque::new();
    let mut number = 0;
    let mut sender_waits: Option<Waiting> = None;
    let mut reader_waits: Option<Waiting> = None;
    let wakers = [Wakes::new(), Wakes::new(), Wakes::new(), Wakes::new()];

    for step in 0..200 {
        let wakes = &wakers[random.below(wakers.len())];
        let context = format!("seed {seed}, step {step}");
        match random.below(40) {
            0 => {
                if let Some(mut obeying) = sender.take() {
                    order.set(Order::End);
                    // A sender that has just sent first goes on to its next number.
                    while poll(obeying.as_mut(), wakes).is_pending() {}
                    sender_waits = None;
                    if let Some(reader) = &reader_waits {
                        assert!(reader.was_woken(), "{context}: the reader waits for the end");
                    }
                }
            }
            1 => {
                numbers = None;
                queue.clear();
                reader_waits = None;
                if let Some(sender) = &sender_waits {
                    assert!(sender.was_woken(), "{context}: the sender waits for a reader");
                }
            }
            2..=5 => {
                let Some(obeying) = &mut sender else { continue };
                order.set(Order::GiveUp);
                assert!(poll(obeying.as_mut(), wakes).is_pending());
                assert_eq!(*outcome.borrow(), Outcome::GivenUp, "{context}");
                number += 1;
                sender_waits = None;
            }
            6..=22 => {
                let Some(obeying) = &mut sender else { continue };
                order.set(Order::Send);
                assert!(poll(obeying.as_mut(), wakes).is_pending());
                let expected = match (&numbers, queue.len() == places) {
                    (None, _) => Outcome::NobodyReads,
                    (Some(_), true) => Outcome::Waits,
                    (Some(_), false) => Outcome::Placed,
                };
                assert_eq!(*outcome.borrow(), expected, "{context}");
                sender_waits = (expected == Outcome::Waits).then(|| Waiting::new(wakes));
                if expected == Outcome::Placed {
                    queue.push_back(number);
                    if let Some(reader) = &reader_waits {
                        assert!(reader.was_woken(), "{context}: the reader waits for {number}");
                    }
                }
                number += u32::from(expected != Outcome::Waits);
            }
            _ => {
                let Some(reading) = &mut numbers else { continue };
                let read = poll(pin!(reading.message()), wakes).map(Result::unwrap);
                reader_waits = None;
                match (queue.pop_front(), &sender) {
                    (Some(first), _) => {
                        assert_eq!(read, Poll::Ready(Some(first)), "{context}");
                        if let Some(sender) = &sender_waits {
                            assert!(sender.was_woken(), "{context}: the sender waits for a place");
                        }
                    }
                    (None, Some(_)) => {
                        assert_eq!(read, Poll::Pending, "{context}");
                        reader_waits = Some(Waiting::new(wakes));
                    }
                    (None, None) => assert_eq!(read, Poll::Ready(None), "{context}"),
                }
            }
        }
    }
}

const NUMBERS: u32 = 60;

/// What comes of a send.
type Sent = Result<(), SendError<u32>>;

/// Sends the numbers, each in a way of its own.
async fn send_somehow(out: &mut Sender<u32>, random: &mut Random, numbers: Range<u32>) {
    for number in numbers {
        loop {
            let sent = match random.below(6) {
                0 => Some(out.send(number).await),
                1 => give_up_after(random.below(3), out.send(number)).await,
                2 => among_others(random.below(40), out.send(number)).await,
                3 => {
                    after(random.below(3)).await;
                    Some(out.send(number).await)
                }
                4 => moved_while_it_waits(out.send(number)).await,
                _ => {
                    let (sent, ()) = tokio::join!(out.send(number), after(random.below(4)));
                    Some(sent)
                }
            };
            match sent {
                Some(sent) => {
                    sent.expect("the reader is there until the end");
                    break;
                }
                None => continue,
            }
        }
    }
}

/// Polls a few times and then drops it.
async fn give_up_after(polls: usize, send: impl Future<Output = Sent>) -> Option<Sent> {
    tokio::select! {
        biased;
        sent = send => Some(sent),
        () = after(polls) => None,
    }
}

/// Polls it through the wakers of `join_all`.
async fn among_others(others: usize, send: impl Future<Output = Sent>) -> Option<Sent> {
    type Any<'a> = Pin<Box<dyn Future<Output = Option<Sent>> + 'a>>;
    let mut crowd: Vec<Any<'_>> = vec![Box::pin(async { Some(send.await) })];
    for polls in 0..others {
        crowd.push(Box::pin(async move {
            after(polls % 3).await;
            None
        }));
    }
    join_all(crowd).await.into_iter().flatten().next()
}

/// Polls it first with the waker of the task and then with that of a set of futures.
async fn moved_while_it_waits(send: impl Future<Output = Sent>) -> Option<Sent> {
    let mut send = Box::pin(send);
    let first = std::future::poll_fn(|cx| Poll::Ready(send.as_mut().poll(cx))).await;
    if let Poll::Ready(sent) = first {
        return Some(sent);
    }
    let mut set: FuturesUnordered<_> = [send].into_iter().collect();
    set.next().await
}

/// Reads to the end in its own way; the numbers must be all there.
fn reader(mut random: Random, numbers: impl Stream<Item = Result<u32, Status>> + 'static) -> Task {
    Box::pin(async move {
        let mut numbers = Box::pin(numbers);
        let mut expected = 0;
        loop {
            if random.one_in(3) {
                after(random.below(3)).await;
            }
            // A read that is given up loses nothing either.
            let next = tokio::select! {
                biased;
                next = numbers.next() => next,
                () = after(1), if random.one_in(4) => continue,
            };
            let Some(number) = next else { break };
            assert_eq!(number.unwrap(), expected);
            expected += 1;
        }
        assert_eq!(expected, NUMBERS);
    })
}

/// As many as give each way of sending its turn against each way of reading.
const SEEDS: u64 = 800;

#[test]
fn a_writer_in_its_stream_loses_nothing_in_any_order() {
    for seed in 0..SEEDS {
        let numbers = stream_fn(async move |mut out| {
            send_somehow(&mut out, &mut Random::new(seed), 0..NUMBERS).await;
            Ok(())
        });
        run(seed, vec![reader(Random::new(SEEDS + seed), numbers)]);
    }
}

#[test]
fn a_sender_in_another_task_loses_nothing_in_any_order() {
    for seed in 0..SEEDS {
        let (mut sender, numbers) = Streaming::channel(seed as usize % 4);
        let sending: Task = Box::pin(async move {
            send_somehow(&mut sender, &mut Random::new(seed), 0..NUMBERS).await;
        });
        run(seed, vec![sending, reader(Random::new(SEEDS + seed), numbers)]);
    }
}

#[test]
fn a_sender_that_leaves_its_writer_loses_nothing_in_any_order() {
    for seed in 0..SEEDS {
        let (hand_over, handed) = oneshot::channel();
        let (done, is_done) = oneshot::channel();
        let other_task: Task = Box::pin(async move {
            let mut out = handed.await.unwrap();
            send_somehow(&mut out, &mut Random::new(seed), 0..NUMBERS).await;
            drop(out);
            // Nobody hears this where the writer has ended already.
            let _ = done.send(());
        });
        let numbers = stream_fn(async move |out| {
            hand_over.send(out).map_err(|_| Status::aborted("the other task is gone"))?;
            match seed % 3 {
                0 => Ok(()),
                1 => {
                    after(seed as usize % 100).await;
                    Ok(())
                }
                _ => is_done.await.map_err(|_| Status::aborted("the other task is gone")),
            }
        });
        run(seed, vec![other_task, reader(Random::new(SEEDS + seed), numbers)]);
    }
}

#[test]
fn a_sender_that_comes_and_goes_loses_nothing_in_any_order() {
    for seed in 0..SEEDS {
        let (give, mut given) = mpsc::unbounded_channel();
        let (give_back, mut given_back) = mpsc::unbounded_channel();
        let other_task: Task = Box::pin(async move {
            let mut random = Random::new(seed);
            while let Some((mut out, numbers)) = given.recv().await {
                send_somehow(&mut out, &mut random, numbers).await;
                give_back.send(out).expect("the writer waits for it");
            }
        });
        let numbers = stream_fn(async move |mut out| {
            let mut random = Random::new(2 * SEEDS + seed);
            let mut next = 0;
            while next < NUMBERS {
                let end = NUMBERS.min(next + random.below(8) as u32);
                if random.one_in(2) {
                    send_somehow(&mut out, &mut random, next..end).await;
                } else {
                    give.send((out, next..end)).expect("the other task waits for it");
                    out = given_back.recv().await.expect("the other task gives it back");
                }
                next = end;
            }
            Ok(())
        });
        run(seed, vec![other_task, reader(Random::new(SEEDS + seed), numbers)]);
    }
}

#[test]
fn a_stream_in_the_writer_of_a_stream_loses_nothing_in_any_order() {
    for seed in 0..SEEDS {
        let numbers = stream_fn(async move |mut out| {
            let mut inner = pin!(stream_fn(async move |mut inner_out| {
                send_somehow(&mut inner_out, &mut Random::new(seed), 0..NUMBERS).await;
                Ok::<_, Status>(())
            }));
            let mut random = Random::new(2 * SEEDS + seed);
            while let Some(number) = inner.next().await {
                let number = number?;
                send_somehow(&mut out, &mut random, number..number + 1).await;
            }
            Ok(())
        });
        run(seed, vec![reader(Random::new(SEEDS + seed), numbers)]);
    }
}

#[test]
fn a_sender_in_the_writer_of_another_stream_loses_nothing_in_any_order() {
    for seed in 0..SEEDS {
        let numbers = stream_fn(async move |mut out| {
            let mut random = Random::new(seed);
            send_somehow(&mut out, &mut random, 0..NUMBERS / 2).await;
            // Polls its writer, which sends to the outer stream, and a little to its own.
            let mut inner = pin!(stream_fn(async move |mut inner_out: Sender<u32>| {
                for number in NUMBERS / 2..NUMBERS {
                    send_somehow(&mut out, &mut random, number..number + 1).await;
                    inner_out.send(number).await?;
                }
                Ok::<_, Status>(())
            }));
            let mut expected = NUMBERS / 2;
            while let Some(number) = inner.next().await {
                assert_eq!(number?, expected);
                expected += 1;
            }
            Ok(())
        });
        run(seed, vec![reader(Random::new(SEEDS + seed), numbers)]);
    }
}
