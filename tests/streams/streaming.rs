//! `Streaming`: where it comes from, how it is read, and how it ends, on both sides of a call.

use std::{pin::pin, sync::Arc, task::Poll};

use tokio::{sync::mpsc, time::timeout};
use traitwire::{Code, Sender, Status, Stream, StreamExt, Streaming, stream_fn};

use crate::{
    executor::poll_now,
    service::{BOUND, End, Four, FourClient, FourServer, Probe, Seen, both_ways, probe, watched},
};

// By itself.

#[tokio::test]
async fn what_is_collected_is_read_in_order() {
    let mut numbers: Streaming<u32> = [1, 2, 3].into_iter().collect();
    assert_eq!(numbers.message().await.unwrap(), Some(1));
    assert_eq!(numbers.next().await.unwrap().unwrap(), 2, "as a stream just as well");
    assert_eq!(numbers.message().await.unwrap(), Some(3));
    assert_eq!(numbers.message().await.unwrap(), None);
}

#[tokio::test]
async fn an_iterator_is_collected_at_once_and_may_borrow() {
    let words = vec!["one".to_owned(), "two".to_owned()];
    let numbers: Streaming<usize> = words.iter().map(String::len).collect();
    drop(words);
    let numbers: Result<Vec<_>, Status> = numbers.collect().await;
    assert_eq!(numbers.unwrap(), [3, 3]);
}

#[tokio::test]
async fn an_empty_stream_ends_at_once() {
    let mut numbers: Streaming<u32> = std::iter::empty().collect();
    assert_eq!(numbers.message().await.unwrap(), None);
    let mut numbers = Streaming::<u32>::new(tokio_stream::empty());
    assert_eq!(numbers.message().await.unwrap(), None);
    let (sender, mut numbers) = Streaming::<u32>::channel(1);
    drop(sender);
    assert_eq!(numbers.message().await.unwrap(), None);
}

#[test]
fn a_stream_is_not_polled_before_it_is_read() {
    let numbers = Streaming::<u32>::new(stream_fn(async |_| panic!("nobody reads")));
    drop(numbers);
}

#[tokio::test]
async fn after_the_end_the_source_is_dropped_and_the_end_stays() {
    let source = Arc::new(());
    let held = source.clone();
    let mut numbers = Streaming::<u32>::new(tokio_stream::iter([1]).map(move |number| {
        let _held = &held;
        Ok(number)
    }));
    assert_eq!(numbers.message().await.unwrap(), Some(1));
    assert_eq!(Arc::strong_count(&source), 2);
    assert_eq!(numbers.size_hint(), (0, None));
    for _ in 0..3 {
        assert_eq!(numbers.message().await.unwrap(), None);
        assert_eq!(Arc::strong_count(&source), 1);
        assert_eq!(numbers.size_hint(), (0, Some(0)));
    }
}

#[tokio::test]
async fn after_an_error_the_source_is_dropped_and_the_stream_has_ended() {
    let source = Arc::new(());
    let held = source.clone();
    // The source would go on.
    let results = [Ok(1), Err(Status::data_loss("two is lost")), Ok(3)];
    let mut numbers = Streaming::<u32>::new(tokio_stream::iter(results).map(move |result| {
        let _held = &held;
        result
    }));
    assert_eq!(numbers.message().await.unwrap(), Some(1));
    assert_eq!(numbers.message().await.unwrap_err().message(), "two is lost");
    assert_eq!(Arc::strong_count(&source), 1);
    for _ in 0..3 {
        assert_eq!(numbers.message().await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_message_that_is_waited_for_in_vain_is_not_lost() {
    let (mut sender, mut numbers) = Streaming::<u32>::channel(1);
    assert!(poll_now(numbers.message()).is_pending());
    sender.send(1).await.unwrap();
    // Dropped before it is polled.
    drop(numbers.message());
    assert!(matches!(poll_now(numbers.message()), Poll::Ready(Ok(Some(1)))));
}

// Through a call.

/// Handlers that do what their names in the tests say. They report what they see.
struct Service {
    probe: Probe,
    heard: mpsc::UnboundedSender<Heard>,
}

/// What a handler hears from its caller.
#[derive(Debug, PartialEq)]
enum Heard {
    Number(u32),
    End,
    Error(Code),
}

struct Sight {
    seen: Seen,
    heard: mpsc::UnboundedReceiver<Heard>,
}

impl Sight {
    async fn heard(&mut self) -> Option<Heard> {
        timeout(BOUND, self.heard.recv()).await.expect("the handler hears something")
    }

    /// Everything that is heard until the handler has ended.
    async fn heard_until_the_end(&mut self) -> Vec<Heard> {
        self.seen.begun().await;
        self.seen.ended().await;
        std::iter::from_fn(|| self.heard.try_recv().ok()).collect()
    }
}

fn service() -> (Service, Sight) {
    let (probe, seen) = probe();
    let (hear, heard) = mpsc::unbounded_channel();
    (Service { probe, heard: hear }, Sight { seen, heard })
}

impl Service {
    async fn hear(&self, numbers: &mut Streaming<u32>) -> Result<Option<u32>, Status> {
        let message = numbers.message().await;
        let heard = match &message {
            Ok(Some(number)) => Heard::Number(*number),
            Ok(None) => Heard::End,
            Err(status) => Heard::Error(status.code()),
        };
        self.heard.send(heard).expect("the test is there until the end");
        message
    }
}

/// The first message says how a handler behaves.
const ANSWER_AT_THREE: u32 = 1_000;
const ANSWER_AT_THE_END: u32 = 2_000;
const ECHO: u32 = 3_000;

impl Four for Service {
    fn down(&self, count: u32) -> impl Stream<Item = Result<u32, Status>> {
        // Ends well after an even number of messages, and with an error after an odd one.
        let end = (count % 2 == 1).then(|| Err(Status::data_loss("an odd end")));
        tokio_stream::iter((0..count).map(Ok).chain(end))
    }

    async fn open(&self, count: u32) -> Result<impl Stream<Item = Result<u32, Status>>, Status> {
        if count == 0 {
            return Err(Status::not_found("nothing to stream"));
        }
        Ok(self.down(count))
    }

    async fn up(&self, mut numbers: Streaming<u32>) -> Result<u32, Status> {
        let guard = self.probe.enter();
        let mut count = 0;
        let mut how = ECHO;
        while let Some(number) = self.hear(&mut numbers).await? {
            count += 1;
            if count == 1 {
                how = number;
            }
            if how == ANSWER_AT_THREE && count == 3 {
                break;
            }
        }
        guard.finish();
        Ok(count)
    }

    fn both(&self, mut numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            let guard = self.probe.enter();
            let mut count = 0;
            let mut how = ECHO;
            while let Some(number) = self.hear(&mut numbers).await? {
                count += 1;
                if count == 1 {
                    how = number;
                }
                match how {
                    ANSWER_AT_THREE if count == 3 => break,
                    ANSWER_AT_THE_END | ANSWER_AT_THREE => {}
                    _ => {
                        out.send(number).await?;
                    }
                }
            }
            for number in 0..count {
                out.send(number).await?;
            }
            guard.finish();
            Ok(())
        })
    }
}

/// All messages, and the error that ended the stream, if one did.
async fn read(numbers: impl Stream<Item = Result<u32, Status>>) -> (Vec<u32>, Option<Status>) {
    let mut numbers = pin!(numbers);
    let mut messages = Vec::new();
    let all = async {
        while let Some(number) = numbers.next().await {
            match number {
                Ok(number) => messages.push(number),
                Err(status) => {
                    assert!(numbers.next().await.is_none(), "an error is the last of a stream");
                    return Some(status);
                }
            }
        }
        assert!(numbers.next().await.is_none(), "the end stays");
        None
    };
    let error = timeout(BOUND, all).await.expect("the stream ends");
    (messages, error)
}

/// Waits for the answer to a call.
async fn answer<T>(call: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    timeout(BOUND, call).await.expect("the call ends")
}

async fn a_stream_arrives_whole_and_so_does_an_empty_one(client: impl Four, _: Sight) {
    for count in [0, 2, 1_000] {
        let (messages, error) = read(client.down(count)).await;
        assert!(error.is_none());
        assert_eq!(messages, Vec::from_iter(0..count));
    }
}

async fn an_error_arrives_after_the_messages_before_it(client: impl Four, _: Sight) {
    for count in [1, 3, 1_001] {
        let (messages, error) = read(client.down(count)).await;
        assert_eq!(messages, Vec::from_iter(0..count));
        let error = error.expect("the stream fails");
        assert_eq!((error.code(), error.message()), (Code::DataLoss, "an odd end"));
    }
}

async fn an_error_before_the_stream_is_the_answer_to_the_call(client: impl Four, _: Sight) {
    let error = answer(client.open(0)).await.err().expect("there is no stream");
    assert_eq!((error.code(), error.message()), (Code::NotFound, "nothing to stream"));
    let (messages, error) = read(client.open(2).await.unwrap()).await;
    assert_eq!(messages, [0, 1]);
    assert!(error.is_none());
}

async fn a_closed_half_is_the_end_for_the_handler(client: impl Four, mut sight: Sight) {
    let (mut sender, numbers) = Streaming::channel(1);
    let send_one = async move {
        sender.send(7).await.unwrap();
        assert_eq!(sight.heard().await, Some(Heard::Number(7)));
        assert!(sight.heard.try_recv().is_err(), "not before the sender is dropped");
        drop(sender);
        assert_eq!(sight.heard().await, Some(Heard::End));
    };
    let (count, ()) = tokio::join!(answer(client.up(numbers)), send_one);
    assert_eq!(count.unwrap(), 1);
}

async fn an_empty_request_stream_is_the_end_at_once(client: impl Four, mut sight: Sight) {
    assert_eq!(answer(client.up(std::iter::empty().collect())).await.unwrap(), 0);
    assert_eq!(sight.heard_until_the_end().await, [Heard::End]);

    let (messages, error) = read(client.both(std::iter::empty().collect())).await;
    assert!(messages.is_empty() && error.is_none());
    assert_eq!(sight.heard_until_the_end().await, [Heard::End]);
}

/// What a caller sends, and a sign when it is dropped.
fn without_end() -> (Streaming<u32>, Seen) {
    let (probe, seen) = probe();
    let numbers = tokio_stream::iter((ANSWER_AT_THREE..).map(Ok));
    (watched(probe.enter(), numbers), seen)
}

async fn an_early_answer_arrives_while_the_caller_still_sends(client: impl Four, _: Sight) {
    let (numbers, mut seen) = without_end();
    assert_eq!(answer(client.up(numbers)).await.unwrap(), 3);
    assert_eq!(seen.ended().await, End::Dropped, "the stream of the caller is dropped");
}

async fn an_early_answer_arrives_while_the_caller_waits(client: impl Four, _: Sight) {
    let (mut sender, numbers) = Streaming::channel(3);
    for number in 0..3 {
        sender.send(number + ANSWER_AT_THREE).await.unwrap();
    }
    assert_eq!(answer(client.up(numbers)).await.unwrap(), 3);
    until_nobody_reads(sender).await;
}

async fn until_nobody_reads(mut sender: Sender<u32>) {
    let told = async { while sender.send(1).await.is_ok() {} };
    timeout(BOUND, told).await.expect("the stream of the caller is dropped");
}

async fn the_server_may_end_first(client: impl Four, _: Sight) {
    let (numbers, mut seen) = without_end();
    let (messages, error) = read(client.both(numbers)).await;
    assert_eq!(messages, [0, 1, 2]);
    assert!(error.is_none());
    assert_eq!(seen.ended().await, End::Dropped, "the stream of the caller is dropped");
}

async fn the_server_may_end_first_while_the_caller_waits(client: impl Four, _: Sight) {
    let (mut sender, numbers) = Streaming::channel(3);
    for number in 0..3 {
        sender.send(number + ANSWER_AT_THREE).await.unwrap();
    }
    let (messages, error) = read(client.both(numbers)).await;
    assert_eq!(messages, [0, 1, 2]);
    assert!(error.is_none());
    until_nobody_reads(sender).await;
}

async fn the_caller_may_end_first(client: impl Four, mut sight: Sight) {
    let numbers = [ANSWER_AT_THE_END, 1, 2, 3].into_iter().collect();
    let (messages, error) = read(client.both(numbers)).await;
    assert_eq!(messages, [0, 1, 2, 3]);
    assert!(error.is_none());
    assert_eq!(sight.heard_until_the_end().await.last(), Some(&Heard::End));
}

async fn each_half_goes_at_its_own_pace(client: impl Four, _: Sight) {
    let (mut sender, numbers) = Streaming::channel(1);
    let mut answers = Box::pin(client.both(numbers));
    // One by one: a message is answered before the next is sent.
    for number in 0..100 {
        let (sent, answer) = tokio::join!(sender.send(number), answers.next());
        sent.unwrap();
        assert_eq!(answer.unwrap().unwrap(), number);
    }
    drop(sender);
    let (messages, error) = read(answers).await;
    assert_eq!(messages.len(), 100);
    assert!(error.is_none());
}

/// A stream of a caller that fails after some numbers.
fn failing(numbers: impl IntoIterator<Item = u32>) -> Streaming<u32> {
    let numbers: Vec<_> = numbers.into_iter().map(Ok).collect();
    Streaming::new(tokio_stream::iter(
        numbers.into_iter().chain([Err(Status::data_loss("the disk is gone"))]),
    ))
}

/// The error of [`failing`], and a handler that was not told that this was all.
async fn assert_failed(error: &Status, sight: &mut Sight) {
    assert_eq!((error.code(), error.message()), (Code::DataLoss, "the disk is gone"));
    for heard in sight.heard_until_the_end().await {
        assert!(
            matches!(heard, Heard::Number(_) | Heard::Error(Code::Cancelled)),
            "the handler heard {heard:?}"
        );
    }
}

async fn a_call_fails_with_the_error_of_its_own_stream(client: impl Four, mut sight: Sight) {
    let error = answer(client.up(failing([1, 2, 3]))).await.unwrap_err();
    assert_failed(&error, &mut sight).await;
}

async fn a_call_of_two_streams_fails_with_the_error_of_its_own(
    client: impl Four,
    mut sight: Sight,
) {
    let (messages, error) = read(client.both(failing([1, 2, 3]))).await;
    assert!([1, 2, 3].starts_with(&messages), "{messages:?}");
    assert_failed(&error.expect("the call fails"), &mut sight).await;
}

async fn an_error_of_the_caller_comes_after_the_answers_that_were_waited_for(
    client: impl Four,
    mut sight: Sight,
) {
    let (fail, failed) = tokio::sync::oneshot::channel();
    let mut answers = Box::pin(client.both(Streaming::new(stream_fn(async move |mut out| {
        out.send(1).await?;
        failed.await.map_err(|_| Status::aborted("the test has ended"))?;
        Err(Status::data_loss("the disk is gone"))
    }))));
    assert_eq!(timeout(BOUND, answers.next()).await.unwrap().unwrap().unwrap(), 1);
    fail.send(()).unwrap();
    let (messages, error) = read(answers).await;
    assert!(messages.is_empty());
    assert_failed(&error.expect("the call fails"), &mut sight).await;
}

async fn a_sender_that_fails_fails_its_call(client: impl Four, mut sight: Sight) {
    let (mut sender, numbers) = Streaming::channel(1);
    let fail = async {
        sender.send(7).await.unwrap();
        assert_eq!(sight.heard().await, Some(Heard::Number(7)));
        sender.fail(Status::data_loss("the disk is gone"));
    };
    let (result, ()) = tokio::join!(answer(client.up(numbers)), fail);
    assert_failed(&result.unwrap_err(), &mut sight).await;
}

async fn a_panic_of_the_one_who_sends_is_no_end_in_peace(client: impl Four, mut sight: Sight) {
    let (mut sender, numbers) = Streaming::channel(1);
    let task = tokio::spawn(async move {
        sender.send(7).await.unwrap();
        panic!("the task panics, as the test wants it to");
    });
    let error = answer(client.up(numbers)).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert!(!error.message().contains("as the test wants"), "what it said stays where it was");
    assert!(task.await.unwrap_err().is_panic());
    assert!(!sight.heard_until_the_end().await.contains(&Heard::End));
}

async fn a_stream_that_fails_at_once_fails_its_call(client: impl Four, _: Sight) {
    let error = answer(client.up(failing([]))).await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::DataLoss, "the disk is gone"));
    let (messages, error) = read(client.both(failing([]))).await;
    assert!(messages.is_empty());
    assert_eq!(error.unwrap().message(), "the disk is gone");
}

both_ways!(FourServer, FourClient, service =>
    a_stream_arrives_whole_and_so_does_an_empty_one,
    an_error_arrives_after_the_messages_before_it,
    an_error_before_the_stream_is_the_answer_to_the_call,
    a_closed_half_is_the_end_for_the_handler,
    an_empty_request_stream_is_the_end_at_once,
    an_early_answer_arrives_while_the_caller_still_sends,
    an_early_answer_arrives_while_the_caller_waits,
    the_server_may_end_first,
    the_server_may_end_first_while_the_caller_waits,
    the_caller_may_end_first,
    each_half_goes_at_its_own_pace,
    a_call_fails_with_the_error_of_its_own_stream,
    a_call_of_two_streams_fails_with_the_error_of_its_own,
    an_error_of_the_caller_comes_after_the_answers_that_were_waited_for,
    a_sender_that_fails_fails_its_call,
    a_panic_of_the_one_who_sends_is_no_end_in_peace,
    a_stream_that_fails_at_once_fails_its_call,
);
