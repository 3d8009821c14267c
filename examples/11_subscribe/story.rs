//! The story: two subscribers keep up, and two do not read while ten events are published.

use traitwire::{Channel, Code, Status, Streaming, prost::Message};
use workbook::Result;

use crate::{
    contract::{
        Events, EventsClient, Item, OnLag, Position, PublishRequest, Start, SubscribeRequest,
        SubscribeResponse,
    },
    hub::RESUME_FROM,
};

/// How much the server may send to a slow subscriber before that reads: less than one event. So the
/// connection has no room for more than the two events that are there at the start, and what is
/// missed does not depend on anybody's speed.
pub(crate) const WINDOW: u32 = 16 * 1024;
const EVENT: usize = 32 * 1024;

/// What a subscriber reads.
pub(crate) type Items = Streaming<SubscribeResponse>;

/// Tells the story.
pub(crate) async fn tell(server: String) -> Result {
    let events = EventsClient::connect(server.clone()).await?;
    let narrow = narrow(server).await?;

    let first = publish(&events).await?;
    publish(&events).await?;
    println!("client → 2 events");

    let skip = SubscribeRequest::new(Start::Position(first), OnLag::Skip);
    let end = SubscribeRequest { on_lag: OnLag::End.into(), ..skip.clone() };
    let mut ann = events.subscribe(skip.clone()).await?;
    let mut bob = events.subscribe(end.clone()).await?;
    let mut sid = narrow.subscribe(skip).await?;
    let mut eve = narrow.subscribe(end).await?;

    // Two read in step with the publisher; the others do not read at all, and nobody waits.
    let mut by_ann = vec![next(&mut ann).await?, next(&mut ann).await?];
    let mut by_bob = vec![next(&mut bob).await?, next(&mut bob).await?];
    for _ in 0..8 {
        publish(&events).await?;
        by_ann.push(next(&mut ann).await?);
        by_bob.push(next(&mut bob).await?);
    }
    println!("client → 8 events");
    println!("client ann ← {}", by_ann.join(" "));
    println!("client bob ← {}", by_bob.join(" "));

    let last = by_ann.last();
    println!("client sid ← {}", until(last, &mut sid).await?);

    // This one asked for its end.
    let status = loop {
        match next(&mut eve).await {
            Ok(event) => println!("client eve ← {event}"),
            Err(status) => break status,
        }
    };
    println!("client eve ← {:?}: {}", status.code(), status.message());
    let position = resume_from(&status)?;
    println!("client eve → from {} on", position.number);
    let rest = SubscribeRequest::new(Start::Position(position), OnLag::End);
    let mut eve = events.subscribe(rest).await?;
    println!("client eve ← {}", until(last, &mut eve).await?);
    Ok(())
}

/// Connects with the window of a slow subscriber.
pub(crate) async fn narrow(server: String) -> Result<EventsClient> {
    let channel = Channel::builder(server).initial_stream_window_size(WINDOW);
    Ok(EventsClient::new(channel.connect().await?))
}

/// Publishes an event that is larger than the window of a slow subscriber.
pub(crate) async fn publish(events: &EventsClient) -> Result<Position, Status> {
    let stored = events.publish(PublishRequest { payload: vec![0; EVENT] }).await?;
    stored.position.ok_or_else(|| Status::internal("an event without a position"))
}

/// The next item as a word.
pub(crate) async fn next(items: &mut Items) -> Result<String, Status> {
    let response = items.message().await?.ok_or_else(|| Status::internal("the events ended"))?;
    match response.item {
        Some(Item::Event(event)) => Ok(event.position.unwrap_or_default().number.to_string()),
        Some(Item::Missed(count)) => Ok(format!("(missed {count})")),
        None => Err(Status::internal("neither an event nor a gap")),
    }
}

/// The items until one that is known.
pub(crate) async fn until(last: Option<&String>, items: &mut Items) -> Result<String, Status> {
    let mut words = Vec::new();
    while words.last() != last {
        words.push(next(items).await?);
    }
    Ok(words.join(" "))
}

/// Where a subscription that lost events may go on.
pub(crate) fn resume_from(status: &Status) -> Result<Position, Status> {
    let value = status.metadata().get_bin(RESUME_FROM).filter(|_| status.code() == Code::DataLoss);
    let bytes = value.and_then(|it| it.to_bytes().ok()).ok_or_else(|| status.clone())?;
    Position::decode(bytes).map_err(|error| Status::internal(error.to_string()))
}
