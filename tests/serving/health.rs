//! What a server says of its health, and when.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep},
};
use traitwire::{
    Code, Server, Status, Streaming,
    health::{
        HEALTH, Health, HealthCheckRequest, HealthCheckResponse, HealthClient, HealthListRequest,
        HealthReporter, ServingStatus,
    },
    prost::Message,
    schema::Schema,
};
use traitwire_tests::{
    frames::{Frame, Kind, POST, Wire, field, flags},
    peer,
};

use crate::contract::{Calls, CallsClient, Service};

/// A server whose health is known, and which can be told to stop.
struct Scene {
    addr: SocketAddr,
    health: HealthReporter,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Scene {
    async fn new(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let health = HealthReporter::new();
        let server = server.add(Service::new().0).health(&health);
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let served = tokio::spawn(async move { server.serve(listener, stopped).await.unwrap() });
        Self { addr, health, stop, served }
    }

    async fn client(&self) -> HealthClient {
        HealthClient::connect(format!("http://{}", self.addr)).await.unwrap()
    }
}

fn of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

async fn check(client: &impl Health, service: &str) -> Result<ServingStatus, Status> {
    Ok(client.check(of(service)).await?.status())
}

fn watch(client: &HealthClient, service: &str) -> Streaming<HealthCheckResponse> {
    client.watch(tonic::Request::new(of(service)))
}

/// What a watcher is told next.
async fn told(watch: &mut Streaming<HealthCheckResponse>) -> ServingStatus {
    watch.message().await.unwrap().expect("it goes on").status()
}

#[tokio::test]
async fn what_a_server_serves_is_serving() {
    let scene = Scene::new(Server::new()).await;
    let client = scene.client().await;
    for service in ["", "proof.v1.Calls", "grpc.health.v1.Health"] {
        assert_eq!(check(&client, service).await.unwrap(), ServingStatus::Serving, "{service:?}");
    }
    let list = client.list(HealthListRequest {}).await.unwrap().statuses;
    let list: Vec<_> = list.iter().map(|(name, it)| (name.as_str(), it.status())).collect();
    let serving = |name| (name, ServingStatus::Serving);
    assert_eq!(list, ["", "grpc.health.v1.Health", "proof.v1.Calls"].map(serving));
}

#[tokio::test]
async fn what_the_program_says_stands_and_is_told_to_those_who_watch() {
    let health = HealthReporter::new();
    // Before the server knows of it.
    health.set("proof.v1.Calls", ServingStatus::NotServing);
    let server = Server::new().add(Service::new().0).health(&health);
    let server = traitwire_tests::serve_all(server).await;
    let client = HealthClient::new(server.connect().await);
    let mut calls = watch(&client, "proof.v1.Calls");
    assert_eq!(told(&mut calls).await, ServingStatus::NotServing);
    assert_eq!(check(&client, "").await.unwrap(), ServingStatus::Serving);

    // What others are, and what it is already, is no news.
    health.set("", ServingStatus::NotServing);
    health.set("proof.v1.Calls", ServingStatus::NotServing);
    health.set("proof.v1.Calls", ServingStatus::Serving);
    assert_eq!(told(&mut calls).await, ServingStatus::Serving);
    assert_eq!(check(&client, "").await.unwrap(), ServingStatus::NotServing);
}

#[tokio::test]
async fn an_unknown_service_is_not_found_and_may_become_known() {
    let scene = Scene::new(Server::new()).await;
    let client = scene.client().await;
    let status = check(&client, "bank").await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::NotFound, "unknown service bank"));
    let mut bank = watch(&client, "bank");
    assert_eq!(told(&mut bank).await, ServingStatus::ServiceUnknown);
    scene.health.set("bank", ServingStatus::Serving);
    assert_eq!(told(&mut bank).await, ServingStatus::Serving);
}

/// The order of a shutdown, by the frames that a caller sees.
#[tokio::test(start_paused = true)]
async fn who_watches_hears_of_the_end_before_goaway_and_calls_go_on_between() {
    let delay = Duration::from_secs(7);
    let scene = Scene::new(Server::new().shutdown_delay(delay)).await;
    let mut wire = Wire::open(scene.addr).await;
    let path = field(4, "/grpc.health.v1.Health/Watch");
    let head = [&POST[..2], &path, &field(31, "application/grpc")].concat();
    wire.send([Frame::headers(1, head, false), Frame::data(1, vec![0; 5], true)]).await;
    let message = |frame: Frame| HealthCheckResponse::decode(&frame.payload[5..]).unwrap().status();
    assert_eq!(message(wire.expect(Kind::DATA).await), ServingStatus::Serving);

    let client = scene.client().await;
    let start = Instant::now();
    scene.stop.send(()).unwrap();
    assert_eq!(message(wire.expect(Kind::DATA).await), ServingStatus::NotServing);
    assert_eq!(start.elapsed(), Duration::ZERO);
    // Those who have not noticed yet are served, also by a connection of their own.
    let calls = CallsClient::connect(format!("http://{}", scene.addr)).await.unwrap();
    assert_eq!(calls.say("hello".to_owned()).await.unwrap(), "hello");
    assert_eq!(check(&client, "proof.v1.Calls").await.unwrap(), ServingStatus::NotServing);
    // What is said later changes nothing.
    scene.health.set("", ServingStatus::Serving);
    assert_eq!(check(&client, "").await.unwrap(), ServingStatus::NotServing);
    drop((calls, client));

    wire.expect(Kind::GOAWAY).await;
    assert_eq!(start.elapsed().as_secs(), 7);
    let status = wire.expect(Kind::HEADERS).await;
    assert!(status.flags & flags::END_STREAM != 0, "{status:?}");
    drop(wire);
    scene.served.await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 7, "a watcher does not keep the server");
}

#[tokio::test(start_paused = true)]
async fn without_a_delay_who_watches_hears_of_the_end_first_too() {
    let scene = Scene::new(Server::new()).await;
    let client = scene.client().await;
    let mut server = watch(&client, "");
    assert_eq!(told(&mut server).await, ServingStatus::Serving);
    let start = Instant::now();
    scene.stop.send(()).unwrap();
    assert_eq!(told(&mut server).await, ServingStatus::NotServing);
    let status = server.message().await.unwrap_err();
    let expected = (Code::Unavailable, "the server is shutting down");
    assert_eq!((status.code(), status.message()), expected);
    scene.served.await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_watches_has_no_deadline_by_the_server() {
    let scene = Scene::new(Server::new().default_timeout(Duration::from_secs(10))).await;
    let client = scene.client().await;
    let mut server = watch(&client, "");
    assert_eq!(told(&mut server).await, ServingStatus::Serving);
    sleep(Duration::from_secs(60)).await;
    scene.health.set("", ServingStatus::NotServing);
    assert_eq!(told(&mut server).await, ServingStatus::NotServing);
}

/// Handlers hear of the shutdown by the same token, when callers are told to go.
#[tokio::test(start_paused = true)]
async fn a_task_hears_of_the_shutdown_when_callers_are_told_to_go() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::new().shutdown_delay(Duration::from_secs(7)).add(Service::new().0);
    let token = server.shutdown_token();
    let start = Instant::now();
    let task = tokio::spawn({
        let token = token.clone();
        async move {
            token.begun().await;
            start.elapsed()
        }
    });
    assert!(!token.has_begun());
    server.serve(listener, async {}).await.unwrap();
    assert!(token.has_begun());
    assert_eq!(task.await.unwrap().as_secs(), 7);
}

/// Where the library's server is not: the service alone, and a reporter that the program shuts down.
#[tokio::test]
async fn under_another_server_the_program_says_all_of_it() {
    let health = HealthReporter::new();
    health.set("shop", ServingStatus::Serving);
    let client = HealthClient::in_process(health.clone());
    let mut shop = client.watch(tonic::Request::new(of("shop")));
    assert_eq!(told(&mut shop).await, ServingStatus::Serving);
    health.shut_down();
    assert_eq!(told(&mut shop).await, ServingStatus::NotServing);
    assert_eq!(check(&client, "").await.unwrap(), ServingStatus::NotServing);
}

/// The file that all languages have.
#[test]
fn the_contract_is_that_of_grpc() {
    assert_eq!(Schema::of(&[&HEALTH]).unwrap().to_string(), include_str!("health.proto"));
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_health_probe_hears_what_the_program_says() {
    let Some(probe) = peer("grpc-health-probe", "go/bin/grpc-health-probe") else { return };
    let scene = Scene::new(Server::new()).await;
    scene.health.set("bank", ServingStatus::NotServing);
    let mut said = Vec::new();
    for service in ["", "proof.v1.Calls", "bank", "nobody"] {
        let mut command = tokio::process::Command::new(&probe);
        command.args(["-addr", &scene.addr.to_string(), "-service", service]);
        let output = command.output().await.expect("the program starts");
        let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        said.push((output.status.code(), text));
    }
    let serving = (Some(0), "status: SERVING".to_owned());
    assert_eq!(said[..2], [serving.clone(), serving]);
    let unhealthy = "service unhealthy (responded with \"NOT_SERVING\")";
    assert_eq!(said[2], (Some(4), unhealthy.to_owned()));
    assert!(said[3].0 == Some(3) && said[3].1.contains("code = NotFound"), "{said:?}");
}
