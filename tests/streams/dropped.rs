//! A handler is dropped at its await point when its caller goes away.

use std::{future::pending, pin::pin};

use tokio::{runtime::Runtime, sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;
use traitwire::{
    CallOptions, Code, Sender, Status, Stream, StreamExt, Streaming, Transport, stream_fn,
};

use crate::service::{
    BOUND, End, Four, FourClient, FourServer, Guard, Probe, Seen, both_ways, probe,
};

/// Handlers that never end. Streams send one message first.
struct Stuck {
    probe: Probe,
}

fn stuck() -> (Stuck, Seen) {
    let (probe, seen) = probe();
    (Stuck { probe }, seen)
}

async fn stand_still(guard: Guard) -> Status {
    pending::<()>().await;
    guard.finish();
    Status::aborted("it should have stood still")
}

/// Where a streaming handler waits.
const IN_ITS_STREAM: u32 = 0;
const BEFORE_ITS_STREAM: u32 = 1;
const IN_A_SEND: u32 = 2;

impl Four for Stuck {
    async fn one(&self, _: u32) -> Result<u32, Status> {
        Err(stand_still(self.probe.enter()).await)
    }

    fn down(&self, place: u32) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            let guard = self.probe.enter();
            while out.send(1).await.is_ok() && place == IN_A_SEND {}
            Err(stand_still(guard).await)
        })
    }

    async fn open(&self, place: u32) -> Result<impl Stream<Item = Result<u32, Status>>, Status> {
        if place == BEFORE_ITS_STREAM {
            return Err(stand_still(self.probe.enter()).await);
        }
        let guard = self.probe.enter();
        // A stream that is not a `stream_fn`: its items are ready, but it owns the guard.
        Ok(tokio_stream::iter(0..).map(move |number| {
            let _held = &guard;
            Ok(number)
        }))
    }

    async fn up(&self, mut numbers: Streaming<u32>) -> Result<u32, Status> {
        let guard = self.probe.enter();
        numbers.message().await?;
        Err(stand_still(guard).await)
    }

    fn both(&self, mut numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            let guard = self.probe.enter();
            while let Some(number) = numbers.message().await? {
                out.send(number).await?;
            }
            Err(stand_still(guard).await)
        })
    }
}

/// Drops the call when the handler has begun.
async fn leave(call: impl Future, seen: &mut Seen) {
    tokio::select! {
        _ = call => panic!("the handler does not answer"),
        () = seen.begun() => {}
    }
}

/// Reads one message and drops the stream.
async fn read_and_leave(numbers: impl Stream<Item = Result<u32, Status>>, seen: &mut Seen) {
    let mut numbers = Box::pin(numbers);
    numbers.next().await.unwrap().unwrap();
    seen.begun().await;
}

async fn a_unary_handler_is_dropped_with_its_call(client: impl Four, mut seen: Seen) {
    leave(client.one(0), &mut seen).await;
    assert_eq!(seen.ended().await, End::Dropped);
}

async fn a_handler_that_streams_is_dropped_with_its_stream(client: impl Four, mut seen: Seen) {
    read_and_leave(client.down(IN_ITS_STREAM), &mut seen).await;
    assert_eq!(seen.ended().await, End::Dropped);
}

async fn a_handler_that_waits_to_send_is_dropped_with_its_stream(
    client: impl Four,
    mut seen: Seen,
) {
    read_and_leave(client.down(IN_A_SEND), &mut seen).await;
    assert_eq!(seen.ended().await, End::Dropped);
}

async fn a_handler_is_dropped_before_it_has_its_stream(client: impl Four, mut seen: Seen) {
    leave(client.open(BEFORE_ITS_STREAM), &mut seen).await;
    assert_eq!(seen.ended().await, End::Dropped);
}

async fn a_stream_that_a_handler_returned_is_dropped(client: impl Four, mut seen: Seen) {
    read_and_leave(client.open(IN_ITS_STREAM).await.unwrap(), &mut seen).await;
    assert_eq!(seen.ended().await, End::Dropped);
}

async fn a_handler_that_waits_for_messages_is_dropped_with_its_call(
    client: impl Four,
    mut seen: Seen,
) {
    let (sender, numbers) = Streaming::channel(1);
    leave(client.up(numbers), &mut seen).await;
    // Not `Finished`, whichever it meets first: being dropped, or an error from `message`.
    assert_eq!(seen.ended().await, End::Dropped);
    drop(sender);
}

async fn a_handler_that_has_read_is_dropped_with_its_call(client: impl Four, mut seen: Seen) {
    let numbers = (0..1).collect();
    leave(client.up(numbers), &mut seen).await;
    assert_eq!(seen.ended().await, End::Dropped);
}

async fn a_handler_of_two_streams_is_dropped_with_its_call(client: impl Four, mut seen: Seen) {
    let (mut sender, numbers) = Streaming::channel(1);
    sender.send(1).await.unwrap();
    read_and_leave(client.both(numbers), &mut seen).await;
    assert_eq!(seen.ended().await, End::Dropped);
    until_nobody_reads(sender).await;
}

async fn a_caller_that_leaves_is_told_so_by_its_own_sender(client: impl Four, mut seen: Seen) {
    let (sender, numbers) = Streaming::channel(1);
    leave(client.up(numbers), &mut seen).await;
    until_nobody_reads(sender).await;
}

/// Waits until the stream of `sender` is dropped.
async fn until_nobody_reads(mut sender: Sender<u32>) {
    let told = async { while sender.send(1).await.is_ok() {} };
    timeout(BOUND, told).await.expect("the stream of the caller is dropped");
}

/// Makes a call, and cancels it when the handler has begun.
async fn cancel<T: Transport>(
    client: &FourClient<T>,
    seen: &mut Seen,
    call: impl AsyncFnOnce(FourClient<T>) -> Result<(), Status>,
) {
    let token = CancellationToken::new();
    let client = client.with(CallOptions::new().cancellation(token.clone()));
    let cancelled = async {
        seen.begun().await;
        token.cancel();
    };
    let both = async { tokio::join!(call(client), cancelled) };
    let (result, ()) = timeout(BOUND, both).await.expect("the call ends");
    assert_eq!(result.unwrap_err().code(), Code::Cancelled);
    assert_eq!(seen.ended().await, End::Dropped);
}

async fn read(numbers: impl Stream<Item = Result<u32, Status>>) -> Result<(), Status> {
    let mut numbers = pin!(numbers);
    while let Some(number) = numbers.next().await {
        number?;
    }
    Ok(())
}

async fn a_handler_is_dropped_when_its_caller_cancels<T: Transport>(
    client: FourClient<T>,
    mut seen: Seen,
) {
    let (client, seen) = (&client, &mut seen);
    cancel(client, seen, async |it| it.one(0).await.map(drop)).await;
    cancel(client, seen, async |it| read(it.down(IN_ITS_STREAM)).await).await;
    cancel(client, seen, async |it| it.open(BEFORE_ITS_STREAM).await.map(drop)).await;
    let (_sender, numbers) = Streaming::channel(1);
    cancel(client, seen, async |it| it.up(numbers).await.map(drop)).await;
    let (_sender, numbers) = Streaming::channel(1);
    cancel(client, seen, async |it| read(it.both(numbers)).await).await;
}

both_ways!(FourServer, FourClient, stuck =>
    a_unary_handler_is_dropped_with_its_call,
    a_handler_that_streams_is_dropped_with_its_stream,
    a_handler_that_waits_to_send_is_dropped_with_its_stream,
    a_handler_is_dropped_before_it_has_its_stream,
    a_stream_that_a_handler_returned_is_dropped,
    a_handler_that_waits_for_messages_is_dropped_with_its_call,
    a_handler_that_has_read_is_dropped_with_its_call,
    a_handler_of_two_streams_is_dropped_with_its_call,
    a_caller_that_leaves_is_told_so_by_its_own_sender,
    a_handler_is_dropped_when_its_caller_cancels,
);

/// What a handler saw of a request stream that broke off.
#[derive(Debug, PartialEq)]
enum Last {
    End,
    Error(Code),
}

/// A handler that leaves its request stream to a task of its own, which outlives the handler.
struct Spawning {
    last: mpsc::UnboundedSender<Last>,
}

impl Four for Spawning {
    async fn up(&self, mut numbers: Streaming<u32>) -> Result<u32, Status> {
        let last = self.last.clone();
        tokio::spawn(async move {
            let ended = loop {
                match numbers.message().await {
                    Ok(Some(_)) => {}
                    Ok(None) => break Last::End,
                    Err(status) => break Last::Error(status.code()),
                }
            };
            last.send(ended).expect("the test waits for it");
        });
        pending().await
    }
}

#[tokio::test]
async fn a_request_stream_that_breaks_off_ends_with_cancelled_and_not_in_peace() {
    let (last, mut seen) = mpsc::unbounded_channel();
    let server = traitwire_tests::serve(FourServer::new(Spawning { last })).await;
    let client = FourClient::new(server.connect().await);
    let (mut sender, numbers) = Streaming::channel(1);
    tokio::select! {
        _ = client.up(numbers) => panic!("the handler does not answer"),
        // The second place is free when the first message is on its way.
        () = async { for number in 0..3 { sender.send(number).await.unwrap(); } } => {}
    }
    let last = timeout(BOUND, seen.recv()).await.unwrap();
    assert_eq!(last, Some(Last::Error(Code::Cancelled)));
}

#[test]
fn all_handlers_are_dropped_when_the_process_of_the_caller_ends() {
    let server_side = Runtime::new().unwrap();
    let client_side = Runtime::new().unwrap();
    let (service, mut seen) = stuck();
    let server = server_side.block_on(traitwire_tests::serve(FourServer::new(service)));

    let uri = server.uri();
    client_side.spawn(async move {
        let client = FourClient::connect(uri).await.unwrap();
        let (sender, numbers) = Streaming::channel(1);
        let (both_sender, both_numbers) = Streaming::channel(1);
        let (mut down, mut both) = (client.down(IN_ITS_STREAM), client.both(both_numbers));
        let mut unread = client.down(IN_A_SEND);
        unread.message().await.unwrap();
        let _ = tokio::join!(
            client.one(0),
            client.up(numbers),
            async { while down.next().await.is_some() {} },
            async { while both.next().await.is_some() {} },
        );
        drop((sender, both_sender, unread));
    });
    server_side.block_on(async {
        for _ in 0..5 {
            seen.begun().await;
        }
    });
    // Its tasks end, and its socket is closed.
    client_side.shutdown_background();
    server_side.block_on(async {
        for _ in 0..5 {
            assert_eq!(seen.ended().await, End::Dropped);
        }
    });
}
