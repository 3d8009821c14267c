//! Servers that say of themselves whether they serve.

use std::time::Duration;

use tokio::{net::TcpListener, sync::watch, time::sleep};
use traitwire::{Balance, Channel, Code, Server, Status, Stream, message, service, stream_fn};

use super::backends::{Backend, Numbers, NumbersClient, NumbersServer};
use crate::peer::settle;

#[message(package = "grpc.health.v1")]
struct HealthCheckRequest {
    #[tag(1)]
    service: String,
}

#[message(package = "grpc.health.v1")]
struct HealthCheckResponse {
    #[tag(1)]
    status: i32,
}

#[service(package = "grpc.health.v1")]
trait Health {
    fn watch(
        &self,
        request: HealthCheckRequest,
    ) -> impl Stream<Item = Result<HealthCheckResponse, Status>>;
}

struct Says(watch::Receiver<i32>);

impl Health for Says {
    fn watch(
        &self,
        request: HealthCheckRequest,
    ) -> impl Stream<Item = Result<HealthCheckResponse, Status>> {
        stream_fn(async move |mut out| {
            assert_eq!(request.service, "shop");
            let mut status = self.0.clone();
            loop {
                let now = *status.borrow_and_update();
                if now == BROKEN {
                    return Err(Status::internal("nobody knows"));
                }
                out.send(HealthCheckResponse { status: now }).await?;
                if status.changed().await.is_err() {
                    return Ok(());
                }
            }
        })
    }
}

struct Number(u32);

impl Numbers for Number {
    async fn mine(&self, _: traitwire::Request<()>) -> Result<u32, Status> {
        Ok(self.0)
    }

    async fn once(&self) -> Result<u32, Status> {
        Ok(self.0)
    }
}

const BROKEN: i32 = 0;
const SERVING: i32 = 1;
const NOT_SERVING: i32 = 2;

/// Where it is, and what it says of itself.
async fn server(number: u32, says: i32) -> (String, watch::Sender<i32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", listener.local_addr().unwrap());
    let (says, said) = watch::channel(says);
    let server = Server::new().add(HealthServer::new(Says(said)));
    let server = server.add(NumbersServer::new(Number(number)));
    tokio::spawn(async move { server.serve(listener, std::future::pending()).await });
    (uri, says)
}

/// Who answers, of ten.
async fn who(client: &NumbersClient) -> Vec<u32> {
    let mut all = Vec::new();
    for _ in 0..10 {
        all.push(client.once().await.unwrap());
    }
    all.sort_unstable();
    all.dedup();
    all
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_serve_gets_no_calls() {
    let (one, one_says) = server(1, NOT_SERVING).await;
    let (two, two_says) = server(2, SERVING).await;
    let old = Backend::new(3).await;
    let channel =
        Channel::list([one, two, old.uri()]).balance(Balance::round_robin()).health_check("shop");
    let client = NumbersClient::new(channel.connect().await.unwrap());
    settle().await;
    // The third has no health service, and is taken for healthy.
    assert_eq!(who(&client).await, [2, 3]);
    one_says.send(SERVING).unwrap();
    two_says.send(NOT_SERVING).unwrap();
    settle().await;
    assert_eq!(who(&client).await, [1, 3]);
    two_says.send(SERVING).unwrap();
    settle().await;
    assert_eq!(who(&client).await, [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn it_is_told_that_none_of_them_serves() {
    let (one, one_says) = server(1, NOT_SERVING).await;
    let (two, _two_says) = server(2, NOT_SERVING).await;
    let channel = Channel::list([one, two]).balance(Balance::round_robin()).health_check("shop");
    let client = NumbersClient::new(channel.connect_lazy().unwrap());
    let status = client.once().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.message().contains("says that it does not serve"), "{status:?}");
    one_says.send(SERVING).unwrap();
    settle().await;
    assert_eq!(who(&client).await, [1]);
    one_says.send(BROKEN).unwrap();
    settle().await;
    assert_eq!(client.once().await.unwrap_err().code(), Code::Unavailable);

    // Where there is no other server, it gets the calls.
    let (alone, _says) = server(4, NOT_SERVING).await;
    let channel = Channel::list([alone]).balance(Balance::round_robin()).health_check("shop");
    let client = NumbersClient::new(channel.connect().await.unwrap());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(who(&client).await, [4]);
}
