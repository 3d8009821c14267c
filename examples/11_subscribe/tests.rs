//! Each subscriber sees every event from its position on, once and in order, or hears what it
//! missed; and none of them holds up another, the publishers, or the end of the server.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::{sync::oneshot, task::JoinSet, time::timeout};
use traitwire::{Code, InProcess, Status};
use workbook::both;

use crate::{
    contract::{
        Events, EventsClient, EventsServer, Item, OnLag, Position, PublishRequest, Start,
        SubscribeRequest,
    },
    hub::{Hub, LARGEST_EVENT},
    load::Load,
    serve,
    story::{Items, narrow, next, publish, resume_from, until},
};

/// How long a test waits for what must come.
const BOUND: Duration = Duration::from_secs(20);

type Local = EventsClient<InProcess<EventsServer<Hub>>>;

fn hub(capacity: usize) -> Local {
    EventsClient::in_process(Hub::new(capacity))
}

/// Publishes a small event.
async fn put(hub: &Local) -> Position {
    let stored = hub.publish(PublishRequest { payload: b"event".to_vec() }).await.unwrap();
    stored.position.unwrap()
}

async fn put_all(hub: &Local, count: usize) -> Vec<Position> {
    let mut positions = Vec::new();
    for _ in 0..count {
        positions.push(put(hub).await);
    }
    positions
}

async fn from(hub: &Local, start: Start, on_lag: OnLag) -> Items {
    hub.subscribe(SubscribeRequest::new(start, on_lag)).await.unwrap()
}

async fn words(count: usize, items: &mut Items) -> String {
    let mut words = Vec::new();
    for _ in 0..count {
        words.push(timeout(BOUND, next(items)).await.unwrap().unwrap());
    }
    words.join(" ")
}

async fn end(items: &mut Items) -> Status {
    timeout(BOUND, next(items)).await.unwrap().unwrap_err()
}

#[tokio::test]
async fn a_subscriber_starts_now_or_with_the_oldest_event_or_at_a_position() {
    let hub = hub(4);
    let positions = put_all(&hub, 6).await;
    let mut oldest = from(&hub, Start::Oldest(()), OnLag::End).await;
    let mut third = from(&hub, Start::Position(positions[3].clone()), OnLag::End).await;
    let mut now = from(&hub, Start::Now(()), OnLag::End).await;
    put(&hub).await;

    assert_eq!(words(5, &mut oldest).await, "2 3 4 5 6");
    assert_eq!(words(4, &mut third).await, "3 4 5 6");
    assert_eq!(words(1, &mut now).await, "6");
}

#[tokio::test]
async fn a_subscriber_that_skips_hears_how_many_it_missed() {
    let hub = hub(4);
    let mut late = from(&hub, Start::Now(()), OnLag::Skip).await;
    put_all(&hub, 10).await;
    assert_eq!(words(5, &mut late).await, "(missed 6) 6 7 8 9");
    put(&hub).await;
    assert_eq!(words(1, &mut late).await, "10");
}

#[tokio::test]
async fn a_subscriber_that_ends_hears_where_it_may_go_on() {
    let hub = hub(4);
    let mut late = from(&hub, Start::Now(()), OnLag::End).await;
    put_all(&hub, 10).await;

    let status = end(&mut late).await;
    assert_eq!(status.code(), Code::DataLoss);
    assert_eq!(status.message(), "missed 6 events; the oldest is 6");
    let position = resume_from(&status).unwrap();
    let mut again = from(&hub, Start::Position(position), OnLag::End).await;
    assert_eq!(words(4, &mut again).await, "6 7 8 9");
}

#[tokio::test]
async fn a_position_whose_event_is_gone_is_a_gap_as_any_other() {
    let hub = hub(4);
    let positions = put_all(&hub, 10).await;
    let start = || Start::Position(positions[2].clone());
    assert_eq!(words(2, &mut from(&hub, start(), OnLag::Skip).await).await, "(missed 4) 6");

    let status = end(&mut from(&hub, start(), OnLag::End).await).await;
    assert_eq!(status.code(), Code::DataLoss);
    assert_eq!(resume_from(&status).unwrap(), positions[6]);
}

#[tokio::test]
async fn the_next_position_waits_and_a_later_one_is_out_of_range() {
    let hub = hub(4);
    let last = put(&hub).await;
    let after = |count| Start::Position(Position { number: last.number + count, ..last.clone() });
    let mut next = from(&hub, after(1), OnLag::End).await;
    put(&hub).await;
    assert_eq!(words(1, &mut next).await, "1");

    let request = SubscribeRequest::new(after(3), OnLag::End);
    let status = hub.subscribe(request).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::OutOfRange, "the next event is 2, not 3"));
}

#[tokio::test]
async fn a_position_of_another_life_of_the_hub_is_refused() {
    let former = put(&hub(4)).await;
    let hub = hub(4);
    put(&hub).await;
    let request = SubscribeRequest::new(Start::Position(former), OnLag::Skip);
    assert_eq!(hub.subscribe(request).await.unwrap_err().code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn a_request_without_a_choice_is_refused() {
    let hub = hub(4);
    let chosen = SubscribeRequest::new(Start::Now(()), OnLag::End);
    for request in [
        SubscribeRequest { start: None, ..chosen.clone() },
        SubscribeRequest { on_lag: 0, ..chosen.clone() },
        SubscribeRequest { on_lag: 99, ..chosen },
    ] {
        assert_eq!(hub.subscribe(request).await.unwrap_err().code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn an_event_that_is_too_large_is_refused_and_takes_no_position() {
    let hub = hub(4);
    let of = |size| hub.publish(PublishRequest { payload: vec![0; size] });
    assert_eq!(of(LARGEST_EVENT + 1).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(of(LARGEST_EVENT).await.unwrap().position.unwrap().number, 0);
}

#[tokio::test]
async fn an_event_is_in_memory_once() {
    let hub = Arc::new(Hub::new(4));
    let client = EventsClient::new(InProcess::new(EventsServer::from_arc(hub.clone())));
    put(&client).await;

    let mut payloads = Vec::new();
    for _ in 0..2 {
        // Called as a trait, without a wire, so that the payload is the hub's own.
        let request = SubscribeRequest::new(Start::Oldest(()), OnLag::End);
        let mut items = Box::pin(hub.subscribe(request).await.unwrap());
        let response = traitwire::StreamExt::next(&mut items).await.unwrap().unwrap();
        let Some(Item::Event(event)) = response.item else { panic!("an event was published") };
        payloads.push(event.payload);
    }
    assert_eq!(payloads[0].as_ptr(), payloads[1].as_ptr());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_subscriber_sees_each_event_once_and_in_order_whoever_publishes() {
    const EACH: usize = 500;
    let hub = hub(4 * EACH);
    let mut readers = JoinSet::new();
    for _ in 0..4 {
        let mut items = from(&hub, Start::Now(()), OnLag::End).await;
        readers.spawn(async move { words(4 * EACH, &mut items).await });
    }
    let mut publishers = JoinSet::new();
    for _ in 0..4 {
        let hub = hub.clone();
        publishers.spawn(async move { put_all(&hub, EACH).await });
    }
    let positions: BTreeSet<u64> =
        publishers.join_all().await.into_iter().flatten().map(|it| it.number).collect();
    assert_eq!(positions.len(), 4 * EACH, "two events got one position");

    let all: Vec<String> = (0..4 * EACH).map(|number| number.to_string()).collect();
    for seen in readers.join_all().await {
        assert_eq!(seen, all.join(" "));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscriber_that_waits_is_woken_by_every_event() {
    let hub = hub(4);
    let mut one = from(&hub, Start::Now(()), OnLag::End).await;
    let mut other = from(&hub, Start::Now(()), OnLag::End).await;
    // Each of the two publishes when it has seen the event of the other: one wake-up that is lost
    // stops both.
    let answers = {
        let hub = hub.clone();
        tokio::spawn(async move {
            for number in (0..2000).step_by(2) {
                assert_eq!(words(1, &mut other).await, format!("{number}"));
                put(&hub).await;
                assert_eq!(words(1, &mut other).await, format!("{}", number + 1));
            }
        })
    };
    for number in (0..2000).step_by(2) {
        put(&hub).await;
        assert_eq!(words(2, &mut one).await, format!("{number} {}", number + 1));
    }
    answers.await.unwrap();
}

#[tokio::test]
async fn a_hub_that_closes_ends_its_subscriptions_after_the_events_that_are_there() {
    let hub = Arc::new(Hub::new(4));
    let client = EventsClient::new(InProcess::new(EventsServer::from_arc(hub.clone())));
    let mut items = from(&client, Start::Now(()), OnLag::End).await;
    put(&client).await;
    hub.close();
    assert_eq!(words(1, &mut items).await, "0");
    assert_eq!(end(&mut items).await.code(), Code::Unavailable);

    let mut late = from(&client, Start::Now(()), OnLag::End).await;
    assert_eq!(end(&mut late).await.code(), Code::Unavailable);
}

#[tokio::test]
async fn a_subscriber_that_does_not_read_holds_up_nobody() {
    let hub = Arc::new(Hub::new(4));
    let serve = async |socket| serve(socket, hub.clone()).await;
    let call = async |server: String| {
        let events = EventsClient::connect(server.clone()).await?;
        let narrow = narrow(server).await?;
        let request = SubscribeRequest::new(Start::Now(()), OnLag::Skip);
        let mut stalled = narrow.subscribe(request.clone()).await?;
        let mut quick = events.subscribe(request).await?;
        for number in 0..500 {
            publish(&events).await?;
            assert_eq!(words(1, &mut quick).await, number.to_string());
        }

        // It reads on as if nothing had been, and finds the four that are kept.
        let seen = until(Some(&"499".to_owned()), &mut stalled).await?;
        assert!(seen.starts_with("0 ") && seen.ends_with(") 496 497 498 499"), "{seen}");
        Ok(())
    };
    timeout(BOUND, both(serve, call)).await.unwrap().unwrap();
}

/// Three windows of 2 MiB do not fit into the 5 MiB of a connection.
#[tokio::test]
async fn subscribers_that_do_not_read_hold_up_a_neighbour_on_their_connection() {
    let hub = Arc::new(Hub::new(4));
    let serve = async |socket| serve(socket, hub.clone()).await;
    let call = async |server: String| {
        let publisher = EventsClient::connect(server.clone()).await?;
        let shared = EventsClient::connect(server).await?;
        let request = SubscribeRequest::new(Start::Now(()), OnLag::Skip);
        let mut stalled = Vec::new();
        for _ in 0..3 {
            stalled.push(shared.subscribe(request.clone()).await?);
        }
        let mut quick = shared.subscribe(request).await?;
        let mut read = 0;
        loop {
            publish(&publisher).await?;
            // Without an answer in this time there will be none: the connection is full.
            match timeout(Duration::from_millis(500), next(&mut quick)).await {
                Ok(event) => assert_eq!(event?, read.to_string()),
                Err(_) => break,
            }
            read += 1;
            assert!(read < 500, "nothing held it up");
        }
        drop(stalled);
        assert_eq!(words(1, &mut quick).await, read.to_string());
        Ok(())
    };
    timeout(BOUND, both(serve, call)).await.unwrap().unwrap();
}

#[tokio::test]
async fn nothing_is_left_of_a_subscriber_that_went_away() {
    let hub = Arc::new(Hub::new(4));
    let serve = async |socket| serve(socket, hub.clone()).await;
    let call = async |server: String| {
        let events = EventsClient::connect(server).await?;
        let request = SubscribeRequest::new(Start::Now(()), OnLag::Skip);
        let items = events.subscribe(request).await?;
        assert_eq!(hub.subscribers(), 1);
        drop(items);
        timeout(BOUND, hub.deserted()).await?;
        Ok(())
    };
    both(serve, call).await.unwrap();
}

#[tokio::test]
async fn the_server_stops_although_subscribers_are_there() {
    let hub = Arc::new(Hub::new(4));
    let (keep, kept) = oneshot::channel();
    let serve = async |socket| serve(socket, hub.clone()).await;
    let call = async |server: String| {
        let request = SubscribeRequest::new(Start::Now(()), OnLag::Skip);
        let events = EventsClient::connect(server.clone()).await?;
        let reading = events.subscribe(request.clone()).await?;
        let narrow = narrow(server).await?;
        let stalled = narrow.subscribe(request).await?;
        publish(&events).await?;
        publish(&events).await?;
        keep.send((reading, stalled)).unwrap();
        Ok(())
    };
    timeout(BOUND, both(serve, call)).await.unwrap().unwrap();

    let (mut reading, _stalled) = kept.await.unwrap();
    assert_eq!(words(2, &mut reading).await, "0 1");
    assert_eq!(end(&mut reading).await.code(), Code::Unavailable);
}

#[tokio::test]
async fn what_is_measured_reads_every_event_or_counts_it_as_missed() {
    let load = Load { subscribers: 20, stalled: 2, events: 500 };
    let serve = async |socket| serve(socket, Arc::new(Hub::new(64))).await;
    both(serve, async |server| load.run(server).await).await.unwrap();
}
