//! A handler that panics: what it sent before arrives, then INTERNAL, and the server lives on.

use traitwire::{Code, Status, Stream, StreamExt, Streaming, stream_fn};

use crate::service::{Four, FourClient, FourServer, both_ways};

/// Handlers that panic when they come to zero.
struct CountDown;

fn count_down() -> (CountDown, ()) {
    (CountDown, ())
}

fn not_zero(number: u32) -> u32 {
    assert_ne!(number, 0, "the handler panics, as the test wants it to");
    number
}

impl Four for CountDown {
    async fn one(&self, number: u32) -> Result<u32, Status> {
        Ok(not_zero(number))
    }

    fn down(&self, number: u32) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            for number in (0..=number).rev() {
                out.send(not_zero(number)).await?;
            }
            Ok(())
        })
    }

    async fn open(&self, number: u32) -> Result<impl Stream<Item = Result<u32, Status>>, Status> {
        not_zero(number);
        Ok(tokio_stream::iter((0..=number).rev()).map(|number| Ok(not_zero(number))))
    }

    async fn up(&self, mut numbers: Streaming<u32>) -> Result<u32, Status> {
        let mut last = 0;
        while let Some(number) = numbers.message().await? {
            last = not_zero(number);
        }
        Ok(last)
    }

    fn both(&self, numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>> {
        numbers.map(|number| number.map(not_zero))
    }
}

/// The messages, and then INTERNAL as the last.
async fn assert_breaks_off_after(
    expected: impl IntoIterator<Item = u32>,
    numbers: impl Stream<Item = Result<u32, Status>>,
) {
    let mut numbers: Vec<_> = numbers.collect().await;
    let error = numbers.pop().expect("the stream has an end").unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert!(!error.message().contains("as the test wants"), "what it said stays in the server");
    let numbers: Vec<_> = numbers.into_iter().map(Result::unwrap).collect();
    assert_eq!(numbers, Vec::from_iter(expected));
}

async fn what_was_sent_before_a_panic_arrives(client: impl Four, (): ()) {
    for sent in [1, 2, 3, 1_000] {
        assert_breaks_off_after((1..=sent).rev(), client.down(sent)).await;
        assert_breaks_off_after((1..=sent).rev(), client.open(sent).await.unwrap()).await;
    }
    assert_breaks_off_after([2, 1], client.both([2, 1, 0, 1].into_iter().collect())).await;
}

async fn a_panic_before_any_message_is_the_answer(client: impl Four, (): ()) {
    assert_eq!(client.one(0).await.unwrap_err().code(), Code::Internal);
    assert_eq!(client.open(0).await.err().map(|status| status.code()), Some(Code::Internal));
    assert_eq!(client.up((0..1).collect()).await.unwrap_err().code(), Code::Internal);
    assert_breaks_off_after([], client.down(0)).await;
    assert_breaks_off_after([], client.both((0..1).collect())).await;
}

async fn the_server_lives_on_and_so_do_the_other_calls(client: impl Four, (): ()) {
    let (mut sender, numbers) = Streaming::channel(1);
    let mut others = Box::pin(client.both(numbers));
    for number in 1..10 {
        let (sent, other) = tokio::join!(sender.send(number), others.next());
        sent.unwrap();
        assert_eq!(other.unwrap().unwrap(), number);
        assert_breaks_off_after([1], client.down(1)).await;
        assert_eq!(client.one(number).await.unwrap(), number);
    }
}

both_ways!(FourServer, FourClient, count_down =>
    what_was_sent_before_a_panic_arrives,
    a_panic_before_any_message_is_the_answer,
    the_server_lives_on_and_so_do_the_other_calls,
);
