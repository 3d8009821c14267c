//! The check of exercise 11.

exercises::exercise! {
    use std::{ops::Range, sync::Arc};

    use exercises::{Checked, ensure, equal, soon};
    use traitwire::Streaming;

    /// How many events the hub keeps.
    const KEPT: usize = 4;

    fn publish(hub: &Hub, numbers: Range<u32>) {
        for number in numbers {
            hub.publish(number.to_string());
        }
    }

    /// What a subscriber is sent until nothing comes any more: it must not miss anything unsaid.
    async fn hears(
        events: &mut Streaming<SubscribeResponse>,
        missed: Option<u64>,
        numbers: Range<u32>,
    ) -> Checked {
        let all = numbers.map(|number| Item::Event(number.to_string()));
        let expected: Vec<_> = missed.map(Item::Missed).into_iter().chain(all).collect();
        let mut items = Vec::new();
        let end = loop {
            match soon(events.message()).await {
                Some(Ok(Some(SubscribeResponse { item }))) => items.extend(item),
                Some(Ok(None)) => break "an error of `recv` is not always the end",
                Some(Err(_)) => break "it should be told, and not be sent away",
                None => break "",
            }
        };
        ensure(
            end.is_empty(),
            format!(
                "a subscriber should hear {expected:?}, and its stream ends after {items:?}: {end}."
            ),
        )?;
        let is_told = items.iter().any(|item| matches!(item, Item::Missed(_)));
        if let Some(missed) = missed.filter(|_| !is_told) {
            return Err(format!("a subscriber hears {items:?}, and not that it missed {missed}."));
        }
        equal("what a subscriber hears", items, expected)
    }

    pub(crate) async fn check() -> Checked {
        let hub = Arc::new(Hub::new(KEPT));
        let client = EventServiceClient::new(EventServiceServer::from_arc(hub.clone()));
        let subscribe = async || {
            let events = client.subscribe(SubscribeRequest {}).await;
            events.map_err(|status| format!("a subscription ends with {:?}.", status.code()))
        };
        let (mut quick, mut slow) = (subscribe().await?, subscribe().await?);

        publish(&hub, 1..5);
        hears(&mut quick, None, 1..5).await?;
        hears(&mut slow, None, 1..5).await?;

        // The quick one reads in between.
        publish(&hub, 5..9);
        hears(&mut quick, None, 5..9).await?;
        publish(&hub, 9..12);
        hears(&mut quick, None, 9..12).await?;
        hears(&mut slow, Some(3), 8..12).await?;

        // It is told every time, and of this time only.
        publish(&hub, 12..13);
        hears(&mut slow, None, 12..13).await?;
        publish(&hub, 13..19);
        hears(&mut slow, Some(2), 15..19).await?;
        hears(&mut quick, Some(3), 15..19).await
    }
}
