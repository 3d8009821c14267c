//! Deadlines: every call is bounded on both sides, from its beginning to the end of its streams; a
//! handler knows how long it has, and may pass that on; and nothing is left running.

use std::{future::pending, time::Duration};

use tokio::{
    runtime::Handle,
    sync::mpsc,
    task::yield_now,
    time::{Instant, sleep, timeout},
};
use tonic::service::interceptor::InterceptedService;
use traitwire::{
    CallOptions, Code, InProcess, Request, Status, Stream, StreamExt, Streaming, Transport,
    deadline, stream_fn,
};

use crate::{
    executor::poll_now,
    service::{
        BOUND, End, Four, FourClient, FourServer, Guard, Probe, Seen, both_ways, probe, watched,
    },
};

/// Long enough for a call to begin, and short enough to wait for.
const SHORT: Duration = Duration::from_millis(300);

/// Never over within a test.
const LONG: Duration = Duration::from_secs(3600);

// Calls that take too long.

/// Handlers that do not end by themselves. Streams send one message first.
struct Endless {
    probe: Probe,
}

fn endless() -> (Endless, Seen) {
    let (probe, seen) = probe();
    (Endless { probe }, seen)
}

async fn go_on(guard: Guard) -> Status {
    pending::<()>().await;
    guard.finish();
    Status::aborted("it should have gone on")
}

/// How an endless stream is endless.
const WAITS: u32 = 0;
const NEVER_WAITS: u32 = 1;

/// For a unary call that is not endless.
const ANSWERS: u32 = 1;

impl Four for Endless {
    async fn one(&self, how: u32) -> Result<u32, Status> {
        if how == ANSWERS {
            return Ok(0);
        }
        Err(go_on(self.probe.enter()).await)
    }

    fn down(&self, how: u32) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            let guard = self.probe.enter();
            while out.send(1).await.is_ok() && how == NEVER_WAITS {}
            Err(go_on(guard).await)
        })
    }

    async fn open(&self, how: u32) -> Result<impl Stream<Item = Result<u32, Status>>, Status> {
        let guard = self.probe.enter();
        if how == WAITS {
            return Err(go_on(guard).await);
        }
        Ok(tokio_stream::iter(0..).map(move |number| {
            let _held = &guard;
            Ok(number)
        }))
    }

    async fn up(&self, mut numbers: Streaming<u32>) -> Result<u32, Status> {
        let guard = self.probe.enter();
        while numbers.message().await?.is_some() {}
        Err(go_on(guard).await)
    }

    fn both(&self, mut numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            let guard = self.probe.enter();
            while let Some(number) = numbers.message().await? {
                out.send(number).await?;
            }
            Err(go_on(guard).await)
        })
    }
}

/// Makes a call that runs out of time, and waits for its handler.
async fn assert_out_of_time<T>(call: impl Future<Output = Result<T, Status>>, seen: &mut Seen) {
    let begun = Instant::now();
    let answer = timeout(BOUND, call).await.expect("the call ends");
    let status = answer.err().expect("the handler does not answer");
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
    // A server answers a little before its caller gives up.
    let early = Duration::from_millis(2);
    assert!(begun.elapsed() + early >= SHORT, "after {:?}", begun.elapsed());
    assert_eq!(seen.ended().await, End::Dropped);
}

/// Reads until the stream fails.
async fn read(numbers: impl Stream<Item = Result<u32, Status>>) -> Result<(), Status> {
    // Not of the runtime: where nothing ever waits, that does not get to see to its timers.
    let begun = std::time::Instant::now();
    let mut numbers = Box::pin(numbers);
    numbers.next().await.expect("the stream begins")?;
    loop {
        if let Err(status) = numbers.next().await.expect("it does not end well") {
            assert!(numbers.next().await.is_none(), "an error is the last of a stream");
            return Err(status);
        }
        assert!(begun.elapsed() < BOUND, "the stream goes on for ever");
    }
}

/// A stream of a caller: one message, and no end.
fn one_and_more(probe: &Probe) -> Streaming<u32> {
    watched(
        probe.enter(),
        stream_fn(async |mut out| {
            out.send(1).await?;
            pending().await
        }),
    )
}

/// Each shape against a handler that waits.
async fn assert_all_out_of_time(client: impl Four, mut seen: Seen) {
    assert_out_of_time(async { client.one(0).await }, &mut seen).await;
    assert_out_of_time(async { client.open(WAITS).await }, &mut seen).await;
    assert_out_of_time(async { read(client.down(WAITS)).await }, &mut seen).await;

    let (at_stream, mut stream) = probe();
    assert_out_of_time(async { client.up(one_and_more(&at_stream)).await }, &mut seen).await;
    assert_eq!(stream.ended().await, End::Dropped, "and the stream of the caller");
    assert_out_of_time(async { read(client.both(one_and_more(&at_stream))).await }, &mut seen)
        .await;
    assert_eq!(stream.ended().await, End::Dropped, "and the stream of the caller");
}

async fn every_shape_is_bounded<T: Transport>(client: FourClient<T>, seen: Seen) {
    assert_all_out_of_time(client.with(CallOptions::new().timeout(SHORT)), seen).await;
}

both_ways!(FourServer, FourClient, endless => every_shape_is_bounded);

/// Takes the timeout out of a request, so that the server does not know of it.
fn in_secret(mut request: Request<()>) -> Result<Request<()>, Status> {
    let timeout = request.metadata_mut().remove("grpc-timeout");
    assert!(timeout.is_some(), "the client sends its timeout");
    Ok(request)
}

/// Puts a timeout into a request, of which the client does not know.
fn for_the_server(mut request: Request<()>) -> Result<Request<()>, Status> {
    request.set_timeout(SHORT);
    Ok(request)
}

#[tokio::test(start_paused = true)]
async fn the_client_keeps_to_its_deadline_when_a_server_in_process_does_not() {
    let (service, seen) = endless();
    let client = FourClient::new(InterceptedService::new(FourServer::new(service), in_secret));
    assert_all_out_of_time(client.with(CallOptions::new().timeout(SHORT)), seen).await;
}

#[tokio::test]
async fn the_client_keeps_to_its_deadline_when_the_server_does_not() {
    let (service, seen) = endless();
    let server = traitwire_tests::serve(FourServer::new(service)).await;
    let client =
        FourClient::new(InterceptedService::new(server.connect().await.into_tower(), in_secret));
    assert_all_out_of_time(client.with(CallOptions::new().timeout(SHORT)), seen).await;
}

#[tokio::test(start_paused = true)]
async fn the_server_keeps_to_the_deadline_when_a_client_in_process_does_not() {
    let (service, seen) = endless();
    let client = FourClient::new(InterceptedService::new(FourServer::new(service), for_the_server));
    assert_all_out_of_time(client, seen).await;
}

#[tokio::test]
async fn the_server_keeps_to_the_deadline_of_a_stream_when_the_client_does_not() {
    let (service, mut seen) = endless();
    let server = traitwire_tests::serve(FourServer::new(service)).await;
    // Streams only: before the head of an answer, tonic's channel would keep to it.
    let client = FourClient::new(InterceptedService::new(
        server.connect().await.into_tower(),
        for_the_server,
    ));
    let (at_stream, _stream) = probe();
    assert_out_of_time(async { read(client.down(WAITS)).await }, &mut seen).await;
    assert_out_of_time(async { read(client.both(one_and_more(&at_stream))).await }, &mut seen)
        .await;
}

async fn assert_busy_streams_out_of_time(client: impl Four, mut seen: Seen) {
    assert_out_of_time(async { read(client.down(NEVER_WAITS)).await }, &mut seen).await;
    assert_out_of_time(async { read(client.open(NEVER_WAITS).await?).await }, &mut seen).await;
}

#[tokio::test]
async fn a_stream_whose_messages_are_always_ready_is_bounded() {
    let (service, seen) = endless();
    let server = traitwire_tests::serve(FourServer::new(service)).await;
    let client = FourClient::new(server.connect().await);
    assert_busy_streams_out_of_time(client.with(CallOptions::new().timeout(SHORT)), seen).await;
}

#[tokio::test]
async fn a_stream_whose_messages_are_always_ready_is_bounded_in_process() {
    let (service, seen) = endless();
    let client = FourClient::in_process(service);
    assert_busy_streams_out_of_time(client.with(CallOptions::new().timeout(SHORT)), seen).await;
}

#[tokio::test]
async fn calls_that_are_over_leave_no_task_behind() {
    let (service, mut seen) = endless();
    let server = traitwire_tests::serve(FourServer::new(service)).await;
    let client = FourClient::new(server.connect().await);
    let alive = || Handle::current().metrics().num_alive_tasks();
    let (at_stream, _stream) = probe();
    client.one(ANSWERS).await.unwrap();
    for _ in 0..100 {
        yield_now().await;
    }
    let base = alive();

    let short = client.with(CallOptions::new().timeout(SHORT));
    let expired = (0..10).map(async |_| {
        let (up, both) = (one_and_more(&at_stream), one_and_more(&at_stream));
        let calls = tokio::join!(
            short.one(0),
            short.open(WAITS),
            short.up(up),
            read(short.down(WAITS)),
            read(short.both(both)),
        );
        assert!(calls.0.is_err() && calls.1.is_err() && calls.2.is_err());
        assert!(calls.3.is_err() && calls.4.is_err());
    });
    futures_util::future::join_all(expired).await;
    for _ in 0..50 {
        seen.begun().await;
        assert_eq!(seen.ended().await, End::Dropped);
    }

    for _ in 0..10 {
        let mut down = client.down(WAITS);
        down.message().await.unwrap();
        tokio::select! {
            _ = client.one(0) => panic!("the handler does not answer"),
            _ = client.up(one_and_more(&at_stream)) => panic!("the handler does not answer"),
            // One began with the stream above.
            () = async { for _ in 0..3 { seen.begun().await; } } => {}
        }
    }
    for _ in 0..30 {
        assert_eq!(seen.ended().await, End::Dropped);
    }

    let settles = async {
        while alive() > base {
            yield_now().await;
        }
    };
    if timeout(BOUND, settles).await.is_err() {
        panic!("{} tasks are left over", alive() - base);
    }
}

#[tokio::test(start_paused = true)]
async fn in_process_nothing_is_spawned() {
    let (service, mut seen) = endless();
    let client = FourClient::in_process(service).with(CallOptions::new().timeout(SHORT));
    let alive = || Handle::current().metrics().num_alive_tasks();
    let mut numbers = client.down(WAITS);
    numbers.message().await.unwrap();
    assert_eq!(alive(), 0);
    assert!(poll_now(numbers.message()).is_pending());
    assert_eq!(alive(), 0);
    assert_out_of_time(async { client.one(0).await }, &mut seen).await;
    assert_eq!(alive(), 0);
}

// What a handler knows of its deadline.

/// Says how many milliseconds are left, or that there is no deadline.
struct Clock;

const NO_DEADLINE: u32 = u32::MAX;

/// Asks in a task instead of in the handler.
const IN_A_TASK: u32 = 1;

fn clock() -> (Clock, ()) {
    (Clock, ())
}

fn left() -> u32 {
    deadline::remaining().map_or(NO_DEADLINE, |left| left.as_millis() as u32)
}

const TICK: Duration = Duration::from_millis(100);

impl Four for Clock {
    async fn one(&self, place: u32) -> Result<u32, Status> {
        match place {
            IN_A_TASK => Ok(tokio::spawn(async { left() }).await.expect("it does not panic")),
            _ => Ok(left()),
        }
    }

    fn down(&self, _: u32) -> impl Stream<Item = Result<u32, Status>> {
        let at_the_call = left();
        stream_fn(async move |mut out| {
            out.send(at_the_call).await?;
            loop {
                out.send(left()).await?;
                sleep(TICK).await;
            }
        })
    }

    async fn open(&self, _: u32) -> Result<impl Stream<Item = Result<u32, Status>>, Status> {
        let at_the_head = left();
        let later = tokio_stream::iter(0..2).map(|_| Ok(left()));
        Ok(tokio_stream::once(Ok(at_the_head)).chain(later))
    }

    async fn up(&self, mut numbers: Streaming<u32>) -> Result<u32, Status> {
        while numbers.message().await?.is_some() {}
        Ok(left())
    }

    fn both(&self, numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>> {
        numbers.map(|number| number.map(|_| left()))
    }
}

/// What a [`Clock`] says in each shape, before its stream and in it.
async fn readings(client: &impl Four) -> Vec<u32> {
    let two = || [0, 0].into_iter().collect();
    let mut readings = vec![client.one(0).await.unwrap(), client.up(two()).await.unwrap()];
    let streams = Box::pin(client.down(0).take(3))
        .chain(Box::pin(client.open(0).await.unwrap()))
        .chain(Box::pin(client.both(two())));
    let streams: Result<Vec<_>, _> = streams.collect().await;
    readings.extend(streams.unwrap());
    assert_eq!(readings.len(), 10);
    readings
}

fn assert_about(readings: &[u32], left: Duration) {
    let most = left.as_millis() as u32;
    let least = (left.saturating_sub(BOUND)).as_millis() as u32;
    assert!(readings.iter().all(|it| (least..=most).contains(it)), "{readings:?} of {most}");
}

async fn a_handler_knows_how_long_it_has<T: Transport>(client: FourClient<T>, (): ()) {
    assert_about(&readings(&client.with(CallOptions::new().timeout(LONG))).await, LONG);
}

async fn without_a_deadline_there_is_nothing_to_know(client: impl Four, (): ()) {
    assert!(readings(&client).await.iter().all(|it| *it == NO_DEADLINE));
}

async fn a_task_of_a_handler_is_not_the_handler<T: Transport>(client: FourClient<T>, (): ()) {
    assert_eq!(
        client.with(CallOptions::new().timeout(LONG)).one(IN_A_TASK).await.unwrap(),
        NO_DEADLINE
    );
}

mod remaining {
    use super::{
        FourClient, FourServer, a_handler_knows_how_long_it_has,
        a_task_of_a_handler_is_not_the_handler, both_ways, clock,
        without_a_deadline_there_is_nothing_to_know,
    };

    both_ways!(FourServer, FourClient, clock =>
        a_handler_knows_how_long_it_has,
        without_a_deadline_there_is_nothing_to_know,
        a_task_of_a_handler_is_not_the_handler,
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_left_runs_down_to_the_end_of_the_stream() {
    let client = FourClient::in_process(Clock).with(CallOptions::new().timeout(TICK * 3));
    let mut numbers = client.down(0);
    for expected in [300, 300, 200, 100] {
        assert_eq!(numbers.message().await.unwrap(), Some(expected));
    }
    let status = numbers.message().await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(numbers.message().await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_counts_from_the_call_and_not_from_the_first_poll() {
    let client = FourClient::in_process(Clock).with(CallOptions::new().timeout(TICK * 3));
    let mut numbers = client.down(0);
    sleep(TICK).await;
    assert_eq!(numbers.message().await.unwrap(), Some(200));

    let mut numbers = client.down(0);
    sleep(TICK * 4).await;
    let status = poll_now(numbers.next());
    let std::task::Poll::Ready(Some(Err(status))) = status else {
        panic!("the time was over before the first poll: {status:?}");
    };
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

// Deadlines that are passed on.

/// Calls `back` from each of its handlers.
struct Front<T> {
    back: FourClient<T>,
}

impl<T: Transport> Four for Front<T> {
    async fn one(&self, number: u32) -> Result<u32, Status> {
        self.back.with(CallOptions::new().inherit_deadline()).one(number).await
    }

    fn down(&self, number: u32) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            let back = self.back.with(CallOptions::new().inherit_deadline());
            let mut numbers = Box::pin(back.down(number));
            while let Some(number) = numbers.next().await {
                out.send(number?).await?;
            }
            Ok(())
        })
    }

    async fn open(&self, number: u32) -> Result<impl Stream<Item = Result<u32, Status>>, Status> {
        let back = self.back.with(CallOptions::new().inherit_deadline());
        let numbers: Vec<_> = Box::pin(back.open(number).await?).collect().await;
        Ok(tokio_stream::iter(numbers))
    }

    async fn up(&self, numbers: Streaming<u32>) -> Result<u32, Status> {
        self.back.with(CallOptions::new().inherit_deadline()).up(numbers).await
    }

    fn both(&self, numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            let back = self.back.with(CallOptions::new().inherit_deadline());
            let mut numbers = Box::pin(back.both(numbers));
            while let Some(number) = numbers.next().await {
                out.send(number?).await?;
            }
            Ok(())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_passed_on_in_process() {
    let client = FourClient::in_process(Front { back: FourClient::in_process(Clock) });
    assert_about(&readings(&client.with(CallOptions::new().timeout(LONG))).await, LONG);
    assert!(readings(&client).await.iter().all(|it| *it == NO_DEADLINE), "there is none");
}

#[tokio::test]
async fn a_deadline_is_passed_on_over_two_sockets() {
    let back = traitwire_tests::serve(FourServer::new(Clock)).await;
    let front = Front { back: FourClient::new(back.connect().await) };
    let front = traitwire_tests::serve(FourServer::new(front)).await;
    let client = FourClient::new(front.connect().await);
    assert_about(&readings(&client.with(CallOptions::new().timeout(LONG))).await, LONG);
    assert!(readings(&client).await.iter().all(|it| *it == NO_DEADLINE), "there is none");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_not_passed_on_unless_asked() {
    // A client is a service like any other.
    let client = FourClient::in_process(FourClient::in_process(Clock))
        .with(CallOptions::new().timeout(LONG));
    assert!(readings(&client).await.iter().all(|it| *it == NO_DEADLINE));
}

#[tokio::test(start_paused = true)]
async fn of_two_deadlines_the_earlier_one_holds() {
    let soon = Duration::from_secs(60);
    let back = FourClient::in_process(Clock);

    let front = Front { back: back.with(CallOptions::new().timeout(soon)) };
    let client = FourClient::in_process(front).with(CallOptions::new().timeout(LONG));
    assert_about(&readings(&client).await, soon);

    let front = Front { back: back.with(CallOptions::new().timeout(LONG)) };
    let client = FourClient::in_process(front).with(CallOptions::new().timeout(soon));
    assert_about(&readings(&client).await, soon);
}

#[tokio::test(start_paused = true)]
async fn what_is_passed_on_is_what_is_left() {
    /// Takes a while before it calls.
    struct Slow(FourClient<InProcess<FourServer<Clock>>>);

    impl Four for Slow {
        async fn one(&self, number: u32) -> Result<u32, Status> {
            sleep(TICK).await;
            self.0.with(CallOptions::new().inherit_deadline()).one(number).await
        }
    }

    let client = FourClient::in_process(Slow(FourClient::in_process(Clock)));
    assert_eq!(client.with(CallOptions::new().timeout(TICK * 3)).one(0).await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn when_time_is_over_it_is_over_for_the_service_behind_too() {
    let (service, mut seen) = endless();
    let client = FourClient::in_process(Front { back: FourClient::in_process(service) });
    let client = client.with(CallOptions::new().timeout(SHORT));
    let begun = Instant::now();
    let status = client.one(0).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    let late = begun.elapsed().checked_sub(SHORT).expect("not before its time");
    assert!(late <= Duration::from_millis(1), "{late:?} late");
    assert_eq!(seen.ended().await, End::Dropped);
}

#[tokio::test(start_paused = true)]
async fn a_stream_inherits_at_the_call_wherever_it_is_polled() {
    /// Hands its stream out.
    struct Open {
        back: FourClient<InProcess<FourServer<Clock>>>,
        streams: mpsc::UnboundedSender<Streaming<u32>>,
    }

    impl Four for Open {
        async fn one(&self, number: u32) -> Result<u32, Status> {
            let stream = self.back.with(CallOptions::new().inherit_deadline()).down(number);
            self.streams.send(stream).expect("the test waits for it");
            Ok(0)
        }
    }

    let (streams, mut handed_out) = mpsc::unbounded_channel();
    let back = FourClient::in_process(Clock);
    let client =
        FourClient::in_process(Open { back, streams }).with(CallOptions::new().timeout(TICK * 3));
    client.one(0).await.unwrap();
    let mut numbers = handed_out.recv().await.unwrap();
    sleep(TICK).await;
    assert_eq!(deadline::remaining(), None, "no handler runs here");
    assert_eq!(numbers.message().await.unwrap(), Some(200));
}

// A deadline in the request.

/// Calls with an envelope, which may carry a deadline of its own.
#[traitwire::service(package = "streams")]
trait Enveloped {
    async fn ask(&self, request: Request<u32>) -> Result<u32, Status>;
    fn follow(&self, request: Request<u32>) -> impl Stream<Item = Result<u32, Status>>;
}

impl<S: Four> Enveloped for S {
    async fn ask(&self, request: Request<u32>) -> Result<u32, Status> {
        Four::one(self, request.into_inner()).await
    }

    fn follow(&self, request: Request<u32>) -> impl Stream<Item = Result<u32, Status>> {
        Four::down(self, request.into_inner())
    }
}

fn within(timeout: Duration) -> Request<u32> {
    let mut request = Request::new(0);
    request.set_timeout(timeout);
    request
}

async fn a_timeout_in_the_request_holds<T: Transport>(client: EnvelopedClient<T>, (): ()) {
    let soon = Duration::from_secs(60);
    assert_about(&[client.ask(within(LONG)).await.unwrap()], LONG);
    assert_about(
        &[client.with(CallOptions::new().timeout(LONG)).ask(within(soon)).await.unwrap()],
        soon,
    );
    assert_about(
        &[client.with(CallOptions::new().timeout(soon)).ask(within(LONG)).await.unwrap()],
        soon,
    );
    let numbers: Vec<_> = client.follow(within(LONG)).take(2).collect().await;
    let numbers: Result<Vec<_>, _> = numbers.into_iter().collect();
    assert_about(&numbers.unwrap(), LONG);
}

async fn a_timeout_in_the_request_ends_it(client: impl Enveloped, mut seen: Seen) {
    assert_out_of_time(async { client.ask(within(SHORT)).await }, &mut seen).await;
    assert_out_of_time(async { read(client.follow(within(SHORT))).await }, &mut seen).await;
}

mod request_known {
    use super::{
        EnvelopedClient, EnvelopedServer, a_timeout_in_the_request_holds, both_ways, clock,
    };

    both_ways!(EnvelopedServer, EnvelopedClient, clock => a_timeout_in_the_request_holds);
}

mod request_ends {
    use super::{
        EnvelopedClient, EnvelopedServer, a_timeout_in_the_request_ends_it, both_ways, endless,
    };

    both_ways!(EnvelopedServer, EnvelopedClient, endless => a_timeout_in_the_request_ends_it);
}
