//! Who does not read is not written to: a stream is polled until its window is full, and no
//! further. What is on its way is bounded by the window, however long the stream.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use tokio::{net::TcpListener, sync::Notify, task::yield_now, time::timeout};
use tonic::transport::server::TcpIncoming;
use traitwire::{Channel, Sender, Status, Stream, StreamExt, Streaming, message, stream_fn};

use crate::service::BOUND;

/// The window of a stream, not the one that anybody takes unless told.
const WINDOW: usize = 96 * 1024;

/// As much as all streams of a test take, and pings besides.
const CONNECTION_WINDOW: u32 = 8 * 1024 * 1024;

/// How many bytes are encoded before they are handed to the connection, which keeps two of these.
const BATCH: usize = 16 * 1024;

/// What HTTP/2 puts into one frame unless told, and so into one piece that a reader takes.
const FRAME: usize = 16 * 1024;

/// Sizes of a message: many to a batch, many to a window, more than a batch, more than a window.
const SIZES: [usize; 4] = [100, 1024, 40 * 1024, 300 * 1024];

#[traitwire::service(package = "streams")]
trait Flow {
    /// `count` messages of `size` bytes, from an iterator.
    async fn flood(&self, it: Flood)
    -> Result<impl Stream<Item = Result<Vec<u8>, Status>>, Status>;
    /// The same, sent one by one.
    async fn pour(&self, it: Flood) -> Result<impl Stream<Item = Result<Vec<u8>, Status>>, Status>;
    /// Reads nothing until it may, and then everything; says how much there was.
    async fn drain(&self, messages: Streaming<Vec<u8>>) -> Result<u64, Status>;
    /// A round trip.
    async fn ping(&self) -> Result<(), Status>;
}

#[message(package = "streams")]
#[derive(Copy)]
struct Flood {
    #[tag(1)]
    count: u64,
    #[tag(2)]
    size: u64,
}

#[derive(Default)]
struct Meter {
    produced: Arc<AtomicUsize>,
    may_drain: Notify,
}

fn message(size: usize) -> Vec<u8> {
    vec![7; size]
}

/// What a message takes on the wire: the five bytes of gRPC, a tag and a length.
fn on_the_wire(size: usize) -> usize {
    let length = prost::length_delimiter_len(size);
    5 + 1 + length + size
}

/// Yields the messages and counts them.
fn counted(
    it: Flood,
    produced: Arc<AtomicUsize>,
) -> impl Stream<Item = Result<Vec<u8>, Status>> + Send {
    tokio_stream::iter(0..it.count).map(move |_| {
        produced.fetch_add(1, SeqCst);
        Ok(message(it.size as usize))
    })
}

/// Sends the messages and counts those that were taken.
async fn send_counted(it: Flood, mut out: Sender<Vec<u8>>, produced: Arc<AtomicUsize>) {
    for _ in 0..it.count {
        out.send(message(it.size as usize)).await.expect("somebody reads");
        produced.fetch_add(1, SeqCst);
    }
}

impl Flow for Arc<Meter> {
    async fn flood(
        &self,
        it: Flood,
    ) -> Result<impl Stream<Item = Result<Vec<u8>, Status>>, Status> {
        Ok(counted(it, self.produced.clone()))
    }

    async fn pour(&self, it: Flood) -> Result<impl Stream<Item = Result<Vec<u8>, Status>>, Status> {
        Ok(stream_fn(async move |out| {
            send_counted(it, out, self.produced.clone()).await;
            Ok(())
        }))
    }

    async fn drain(&self, mut messages: Streaming<Vec<u8>>) -> Result<u64, Status> {
        self.may_drain.notified().await;
        let mut count = 0;
        while messages.message().await?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    async fn ping(&self) -> Result<(), Status> {
        Ok(())
    }
}

/// A server and a client that give a stream the window that is tested.
async fn over_a_socket(meter: &Arc<Meter>) -> FlowClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", listener.local_addr().unwrap());
    let server = tonic::transport::Server::builder()
        .initial_stream_window_size(WINDOW as u32)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .serve_with_incoming(
            FlowServer::new(meter.clone()),
            TcpIncoming::from(listener).with_nodelay(Some(true)),
        );
    tokio::spawn(server);
    let channel = Channel::builder(uri)
        .initial_stream_window_size(WINDOW as u32)
        .initial_connection_window_size(CONNECTION_WINDOW);
    FlowClient::new(channel.connect().await.unwrap())
}

/// Waits until the window is full and checks that this is where it ends. `elsewhere` messages may
/// wait outside of the connection.
///
/// Pings show that it is: they go the same way, on the same connection, and each of them is a turn
/// for everything between the two ends.
async fn assert_stops_at_the_window(
    meter: &Meter,
    size: usize,
    elsewhere: usize,
    client: &impl Flow,
) {
    let produced = || meter.produced.load(SeqCst);
    let fills = async {
        while produced() * on_the_wire(size) < WINDOW {
            client.ping().await.unwrap();
        }
    };
    timeout(BOUND, fills).await.expect("the window is there to be filled");

    // A batch is sent while any of the window is left, and the one after it is made and waits.
    // Each may end with a message that is longer than what was left of it.
    let most = (WINDOW + 2 * BATCH) / size + 2 + elsewhere;
    let mut stopped_at = produced();
    let mut quiet = 0;
    while quiet < 50 {
        client.ping().await.unwrap();
        quiet = if produced() == stopped_at { quiet + 1 } else { 0 };
        stopped_at = produced();
        assert!(
            stopped_at <= most,
            "{stopped_at} messages of {size} bytes were made and none was read; {most} may be"
        );
    }
}

/// Enough messages of this size to fill the window several times.
fn flood_of(size: usize) -> Flood {
    Flood { count: (20 * WINDOW / size + 3) as u64, size: size as u64 }
}

async fn read_all(messages: &mut (impl Stream<Item = Result<Vec<u8>, Status>> + Unpin)) -> u64 {
    let mut count = 0;
    while let Some(message) = messages.next().await {
        message.unwrap();
        count += 1;
    }
    count
}

#[tokio::test]
async fn a_stream_that_nobody_reads_stops_at_the_window() {
    for size in SIZES {
        let meter = Arc::new(Meter::default());
        let client = over_a_socket(&meter).await;
        let it = flood_of(size);
        let mut messages = client.flood(it).await.unwrap();
        assert_stops_at_the_window(&meter, size, 0, &client).await;
        assert_eq!(read_all(&mut messages).await, it.count, "it goes on when it is read");
    }
}

#[tokio::test]
async fn a_handler_whose_sends_nobody_reads_stops_at_the_window() {
    for size in SIZES {
        let meter = Arc::new(Meter::default());
        let client = over_a_socket(&meter).await;
        let it = flood_of(size);
        let mut messages = client.pour(it).await.unwrap();
        assert_stops_at_the_window(&meter, size, 0, &client).await;
        assert_eq!(read_all(&mut messages).await, it.count, "it goes on when it is read");
    }
}

/// Calls `drain` with `messages`, and lets it read when they have stopped.
async fn assert_drained(
    meter: &Meter,
    client: &FlowClient,
    it: Flood,
    messages: Streaming<Vec<u8>>,
    elsewhere: usize,
) {
    let drained = tokio::spawn({
        let client = client.clone();
        async move { client.drain(messages).await }
    });
    assert_stops_at_the_window(meter, it.size as usize, elsewhere, client).await;
    meter.may_drain.notify_one();
    assert_eq!(drained.await.unwrap().unwrap(), it.count, "it goes on when it is read");
}

#[tokio::test]
async fn a_request_stream_that_no_handler_reads_stops_at_the_window() {
    for size in SIZES {
        let meter = Arc::new(Meter::default());
        let client = over_a_socket(&meter).await;
        let it = flood_of(size);
        let messages = Streaming::new(counted(it, meter.produced.clone()));
        assert_drained(&meter, &client, it, messages, 0).await;
    }
}

#[tokio::test]
async fn a_sender_whose_messages_no_handler_reads_stops_at_the_window() {
    for size in SIZES {
        let meter = Arc::new(Meter::default());
        let client = over_a_socket(&meter).await;
        let it = flood_of(size);
        let (sender, messages) = Streaming::channel(1);
        tokio::spawn(send_counted(it, sender, meter.produced.clone()));
        // One is in the place of the channel.
        assert_drained(&meter, &client, it, messages, 1).await;
    }
}

/// Reads a long stream in bursts, with pauses in which the handler could run ahead. Returns by how
/// many messages it was ahead at most.
async fn read_in_bursts(
    produced: &AtomicUsize,
    messages: &mut (impl Stream<Item = Result<Vec<u8>, Status>> + Unpin),
    mut pause: impl AsyncFnMut(),
) -> usize {
    const BURST: usize = MANY / 20;
    let (mut read, mut ahead) = (0, 0);
    while let Some(message) = messages.next().await {
        message.unwrap();
        read += 1;
        if read % BURST == 0 {
            pause().await;
        }
        ahead = ahead.max(produced.load(SeqCst) - read);
    }
    assert_eq!(read, produced.load(SeqCst));
    assert_eq!(read, MANY);
    ahead
}

/// Some times what a window holds.
const MANY: usize = 200_000;
const LONG: Flood = Flood { count: MANY as u64, size: 20 };

#[tokio::test]
async fn of_a_long_stream_no_more_than_a_window_is_under_way() {
    let meter = Arc::new(Meter::default());
    let client = over_a_socket(&meter).await;
    let mut messages = client.flood(LONG).await.unwrap();
    let ahead = read_in_bursts(&meter.produced, &mut messages, async || {
        for _ in 0..20 {
            client.ping().await.unwrap();
        }
    })
    .await;
    // In the window, in the two batches after it, and in the frame that the reader has in its
    // hands, for which the window is open again.
    let most = (WINDOW + 2 * BATCH + FRAME) / on_the_wire(20) + 3;
    assert!(ahead <= most, "{ahead} messages were ahead of the reader, {most} fit");
    assert!(ahead >= WINDOW / on_the_wire(20), "the pauses were long enough to see it");
}

#[tokio::test]
async fn of_a_long_stream_in_process_no_more_than_a_batch_is_under_way() {
    let meter = Arc::new(Meter::default());
    let client = FlowClient::in_process(meter.clone());
    let mut messages = client.pour(LONG).await.unwrap();
    let ahead = read_in_bursts(&meter.produced, &mut messages, async || yield_now().await).await;
    let most = BATCH / on_the_wire(20) + 3;
    assert!(ahead <= most, "{ahead} messages were ahead of the reader, {most} fit");
}

#[tokio::test]
async fn in_process_a_request_stream_is_not_polled_before_its_handler_reads() {
    let meter = Arc::new(Meter::default());
    let client = FlowClient::in_process(meter.clone());
    let it = flood_of(100);
    let messages = Streaming::new(counted(it, meter.produced.clone()));
    let mut drained = Box::pin(client.drain(messages));
    for _ in 0..50 {
        assert!(crate::executor::poll_now(drained.as_mut()).is_pending());
        assert_eq!(meter.produced.load(SeqCst), 0);
    }
    meter.may_drain.notify_one();
    assert_eq!(drained.await.unwrap(), it.count);
}

#[tokio::test]
async fn an_error_of_the_caller_does_not_wait_for_a_handler_that_does_not_read() {
    let client = over_a_socket(&Arc::new(Meter::default())).await;
    // The first message fills the window, so that the second waits. It is too short for a batch of
    // its own: the error is found at once.
    let messages = Streaming::new(tokio_stream::iter([
        Ok(message(WINDOW)),
        Ok(message(1)),
        Err(Status::data_loss("the disk is gone")),
    ]));
    let error = timeout(BOUND, client.drain(messages)).await.expect("the call fails").unwrap_err();
    assert_eq!(error.message(), "the disk is gone");
}
