//! What a thousand subscribers cost.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use traitwire::{Channel, Status, Streaming};
use workbook::Result;

use crate::{
    contract::{
        Events, EventsClient, Item, OnLag, PublishRequest, Start, SubscribeRequest,
        SubscribeResponse,
    },
    story::WINDOW,
};

/// So many subscribers share a connection.
const PER_CONNECTION: usize = 100;

/// How many events are on their way at most, so that the publisher's speed is the hub's.
const IN_FLIGHT: usize = 64;

/// A number of subscribers, and the events that each of them is sent.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// These read.
    pub(crate) subscribers: usize,
    /// These do not.
    pub(crate) stalled: usize,
    /// Events of 100 bytes.
    pub(crate) events: u64,
}

impl Load {
    /// Subscribes, publishes, and prints how long it took.
    pub(crate) async fn run(self, server: String) -> Result {
        let mut readers = JoinSet::new();
        for items in subscribe(&server, self.subscribers, None).await? {
            readers.spawn(read(items, self.events));
        }
        // With a small window, as they have to stall early. What is not read fills the window of
        // its connection too, which all calls on it share, so these have their own connections.
        let stalled = subscribe(&server, self.stalled, Some(WINDOW)).await?;
        println!("client: {} subscribers read, {} do not", self.subscribers, self.stalled);

        let begin = Instant::now();
        let published = self.publish(EventsClient::connect(server).await?).await?;
        let mut missed = 0;
        while let Some(reader) = readers.join_next().await {
            missed += reader??;
        }
        let all = begin.elapsed();

        let sent = self.events * self.subscribers as u64;
        println!("client: {} events published in {published:.2?}, read in {all:.2?}", self.events);
        println!("client: {:.0} events read a second", (sent - missed) as f64 / all.as_secs_f64());
        println!("client: {missed} of {sent} missed");

        // Now they read what is left for them.
        let (sent, mut missed) = (self.events * stalled.len() as u64, 0);
        for items in stalled {
            missed += read(items, self.events).await?;
        }
        println!("client: {missed} of {sent} missed by those that did not read");
        Ok(())
    }

    async fn publish(self, hub: EventsClient) -> Result<Duration> {
        let begin = Instant::now();
        let mut calls = JoinSet::new();
        for _ in 0..self.events {
            if calls.len() == IN_FLIGHT
                && let Some(stored) = calls.join_next().await
            {
                stored??;
            }
            let hub = hub.clone();
            calls.spawn(async move { hub.publish(PublishRequest { payload: vec![7; 100] }).await });
        }
        while let Some(stored) = calls.join_next().await {
            stored??;
        }
        Ok(begin.elapsed())
    }
}

/// Subscribes from now on, so many times.
async fn subscribe(
    server: &str,
    count: usize,
    window: Option<u32>,
) -> Result<Vec<Streaming<SubscribeResponse>>> {
    let mut subscribed = Vec::with_capacity(count);
    while subscribed.len() < count {
        let connection = match window {
            Some(window) => Channel::builder(server).initial_stream_window_size(window),
            None => Channel::builder(server),
        };
        let connection = EventsClient::new(connection.connect().await?);
        for _ in 0..PER_CONNECTION.min(count - subscribed.len()) {
            let request = SubscribeRequest::new(Start::Now(()), OnLag::Skip);
            subscribed.push(connection.subscribe(request).await?);
        }
    }
    Ok(subscribed)
}

/// Reads until `events` have been sent, and says how many of them were missed.
async fn read(mut items: Streaming<SubscribeResponse>, events: u64) -> Result<u64, Status> {
    let (mut read, mut missed) = (0, 0);
    while read + missed < events {
        match items.message().await?.and_then(|response| response.item) {
            Some(Item::Event(_)) => read += 1,
            Some(Item::Missed(count)) => missed += count,
            None => return Err(Status::internal("the events ended")),
        }
    }
    Ok(missed)
}
