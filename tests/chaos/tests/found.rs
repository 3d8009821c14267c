//! What the long run has found, each thing alone.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chaos::contract::{Parcel, Parcels, ParcelsClient, ParcelsServer};
use tokio::{
    io::AsyncWriteExt,
    net::TcpListener,
    sync::{Notify, mpsc},
    time::timeout,
};
use traitwire::{Channel, Code, Request, Server, Status, Stream, Streaming, stream_fn};

/// How often a race is run.
const RACES: u64 = 1000;
/// What is longer does not end.
const LONG: Duration = Duration::from_secs(10);
/// What every server says first.
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];

fn client(addr: SocketAddr) -> ParcelsClient {
    let channel = Channel::builder(format!("http://{addr}")).connect_lazy();
    ParcelsClient::new(channel.expect("an address is a URI"))
}

/// Reads what is sent, and reports how that ended.
struct Reader {
    started: Arc<Notify>,
    endings: mpsc::UnboundedSender<Ending>,
}

/// What a handler saw last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Message,
    Error(Code),
    End,
}

/// Reports, also when the handler is dropped where it stands.
struct Report<'a> {
    endings: &'a mpsc::UnboundedSender<Ending>,
    last: Ending,
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        // The test may have failed already.
        let _ = self.endings.send(self.last);
    }
}

impl Reader {
    async fn read(&self, mut parcels: Streaming<Parcel>) -> Result<(), Status> {
        let mut report = Report { endings: &self.endings, last: Ending::Message };
        loop {
            match parcels.message().await {
                Ok(Some(_)) => self.started.notify_one(),
                Ok(None) => {
                    report.last = Ending::End;
                    return Ok(());
                }
                Err(status) => {
                    report.last = Ending::Error(status.code());
                    return Err(status);
                }
            }
        }
    }
}

impl Parcels for Reader {
    async fn put(&self, parcel: Request<Parcel>) -> Result<Parcel, Status> {
        Ok(parcel.into_inner())
    }

    fn fetch(&self, _: Request<Parcel>) -> impl Stream<Item = Result<Parcel, Status>> {
        stream_fn(async |_| Ok(()))
    }

    async fn store(&self, parcels: Request<Streaming<Parcel>>) -> Result<Parcel, Status> {
        self.read(parcels.into_inner()).await?;
        Ok(Parcel::new(0, 0, 0, 0))
    }

    async fn swap(
        &self,
        parcels: Request<Streaming<Parcel>>,
    ) -> Result<impl Stream<Item = Result<Parcel, Status>>, Status> {
        self.read(parcels.into_inner()).await?;
        Ok(stream_fn(async |_| Ok(())))
    }
}

/// The handler must not take half of a stream for the whole: it is dropped, or sees an error.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_drops_its_call_and_then_its_sender_has_not_ended_its_stream() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(listener.local_addr().unwrap());
    let started = Arc::new(Notify::new());
    let (endings, mut ended) = mpsc::unbounded_channel();
    let service = ParcelsServer::new(Reader { started: started.clone(), endings });
    tokio::spawn(Server::new().add(service).serve(listener, std::future::pending()));

    for race in 0..RACES {
        let (mut sender, parcels) = Streaming::channel(1);
        sender.send(Parcel::new(race, 0, 0, 10)).await.unwrap();
        let mut call = Box::pin(async {
            match race % 2 {
                0 => client.store(Request::new(parcels)).await.map(drop),
                _ => client.swap(Request::new(parcels)).await.map(drop),
            }
        });
        tokio::select! {
            ended = &mut call => panic!("nobody ended it: {ended:?}"),
            () = started.notified() => {}
        }
        drop(call);
        drop(sender);
        let last = timeout(LONG, ended.recv()).await.expect("a handler ends");
        assert_ne!(last, Some(Ending::End), "in race {race}");
    }
}

/// Calls that wait for their turn on a connection when it is lost: none waits for another call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_connection_is_lost_before_it_was_sent_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        // Gone as soon as it has been heard.
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(&SETTINGS).await;
        }
    });
    for race in 0..RACES {
        let client = client(addr);
        let put = |number| {
            let client = client.clone();
            let parcel = Parcel::new(race, number, 0, 10);
            tokio::spawn(async move { client.put(Request::new(parcel)).await })
        };
        for call in (0..4).map(put).collect::<Vec<_>>() {
            let ended = timeout(LONG, call).await.expect("a call ends");
            let status = ended.unwrap().expect_err("nobody answers");
            assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        }
    }
}
