//! What depots do, without sockets.

use std::{pin::pin, task::Poll, time::Duration};

use tokio::{task::yield_now, time::Instant};
use traitwire::{CallOptions, Code, InProcess, Request, Response, Status, Stream, StreamExt};

use crate::{
    contract::{Depot, DepotClient, DepotServer},
    server::Warehouse,
};

const HALF: Duration = Duration::from_millis(500);

/// North, before south, which takes ten seconds to look for anything.
fn depots() -> DepotClient<InProcess<DepotServer<Warehouse>>> {
    let south = DepotClient::in_process(Warehouse::new("south", &["violin"], HALF * 20));
    DepotClient::in_process(Warehouse::new("north", &["boots"], HALF).before(south))
}

fn of(parcel: &str) -> Request<String> {
    Request::new(parcel.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_depot_asks_the_next_one_until_there_is_none() {
    let depots = depots();
    assert_eq!(depots.find(of("boots")).await.unwrap(), "north");
    assert_eq!(depots.find(of("violin")).await.unwrap(), "south");
    let status = depots.find(of("umbrella")).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(status.message(), "there is no depot behind south");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_customer_ends_the_search_in_the_last_depot() {
    let depots = depots();
    let patient = depots.with(CallOptions::new().timeout(HALF * 3));
    let start = Instant::now();
    let status = patient.find(of("umbrella")).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert!(start.elapsed() < HALF * 4, "it took {:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_customer_without_time_asks_nobody() {
    let late = depots().with(CallOptions::new().timeout(Duration::ZERO));
    let status = late.find(of("boots")).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(status.message(), "the deadline had passed before the call was made");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_none_is_told_and_the_parcel_stays_where_it_is() {
    let depots = depots();
    let wrong = depots.with(CallOptions::new().metadata("x customer", "Ada"));
    let status = wrong.forward("boots".to_owned()).await.map(drop).unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().starts_with(r#"metadata key "x customer" is not valid"#));
    assert_eq!(depots.find(of("boots")).await.unwrap(), "north");
}

/// A depot that has to make room before it takes a parcel, if it can.
struct Full {
    depot: Warehouse,
    has_room: bool,
}

impl Depot for Full {
    async fn find(&self, request: Request<String>) -> Result<String, Status> {
        self.depot.find(request).await
    }

    async fn forward(
        &self,
        parcel: String,
    ) -> Result<Response<impl Stream<Item = Result<String, Status>>>, Status> {
        self.depot.forward(parcel).await
    }

    async fn receive(&self, parcel: String) -> Result<Vec<u8>, Status> {
        for _ in 0..3 {
            yield_now().await;
        }
        if !self.has_room {
            return Err(Status::resource_exhausted("there is no room"));
        }
        self.depot.receive(parcel).await
    }
}

/// North, which has the boots, before such a depot.
fn before_full(has_room: bool) -> DepotClient<InProcess<DepotServer<Warehouse>>> {
    let full = Full { depot: Warehouse::new("south", &[], HALF), has_room };
    let north = Warehouse::new("north", &["boots"], HALF);
    DepotClient::in_process(north.before(DepotClient::in_process(full)))
}

/// The customer leaves at each point at which a call can be left, until it has come to its end.
#[tokio::test(start_paused = true)]
async fn a_parcel_is_in_one_depot_wherever_its_customer_leaves() {
    for polls in 0.. {
        let north = before_full(true);
        let forward = async {
            let mut steps = north.forward("boots".to_owned()).await.unwrap().into_inner();
            while steps.next().await.is_some() {}
        };
        let has_ended = polled(polls, forward).await;
        let place = north.find(of("boots")).await.unwrap();
        assert_eq!(place, if polls == 0 { "north" } else { "south" }, "after {polls} polls");
        if has_ended {
            assert!(polls > 3, "it was never left in the middle");
            return;
        }
    }
}

/// Polls so many times, and then drops the future. Whether it has ended.
async fn polled(times: usize, future: impl Future<Output = ()>) -> bool {
    let mut future = pin!(future);
    for _ in 0..times {
        if let Poll::Ready(()) =
            std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
        {
            return true;
        }
        yield_now().await;
    }
    false
}

#[tokio::test]
async fn a_parcel_that_the_next_depot_does_not_take_stays() {
    let north = before_full(false);
    let mut steps = north.forward("boots".to_owned()).await.unwrap().into_inner();
    assert_eq!(steps.message().await.unwrap().as_deref(), Some("loaded"));
    assert_eq!(steps.message().await.unwrap_err().message(), "there is no room");
    assert_eq!(north.find(of("boots")).await.unwrap(), "north");
}
