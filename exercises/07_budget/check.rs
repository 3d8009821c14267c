//! The check of exercise 07.

exercises::exercise! {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    };

    use exercises::{Checked, broken_off, ensure, equal, soon};
    use traitwire::{Code, Streaming};

    /// Where a sender gives up that nobody stops.
    const MANY: u32 = 10_000;

    fn expense(item: &str, cents: u32) -> ReportRequest {
        ReportRequest { item: item.to_owned(), cents }
    }

    pub(crate) async fn check() -> Checked {
        let trips = Arc::new(Trips { limit: 1000, booked: AtomicU64::new(0) });
        let client = TravelServiceClient::new(TravelServiceServer::from_arc(trips.clone()));

        let whole = [expense("train", 700), expense("hotel", 300)].into_iter().collect();
        let answer = client.report(whole).await.map_err(|status| status.code());
        equal(
            "expenses of exactly the limit, which are within it",
            answer,
            Ok(ReportResponse { cents: 1000 }),
        )?;
        equal("what is booked then", trips.booked.load(Relaxed), 1000)?;

        // One is too much, and the sender neither sends more nor ends.
        let (mut sender, expenses) = Streaming::channel(3);
        for it in [expense("train", 700), expense("hotel", 200), expense("opera", 101)] {
            sender.send(it).await.unwrap();
        }
        let answer = soon(client.report(expenses)).await.ok_or(
            "the expenses are over the limit, and the server waits for more of them: it knows all \
             that decides the call.",
        )?;
        drop(sender);
        let Err(status) = answer else {
            return Err("expenses over the limit are accepted.".to_owned());
        };
        equal("expenses over the limit", status.code(), Code::ResourceExhausted)?;
        ensure(
            status.message().contains("opera"),
            format!("{:?} does not name the item that was too much, the opera.", status.message()),
        )?;

        // Many are too much: the sender goes on until nobody reads.
        let (mut sender, expenses) = Streaming::channel(1);
        let send = async move {
            let mut sent = 0;
            while sent < MANY && sender.send(expense("taxi", 600)).await.is_ok() {
                sent += 1;
            }
            sent
        };
        let (answer, sent) = tokio::join!(client.report(expenses), send);
        let answer = answer.map_err(|status| status.code());
        equal("taxis over the limit", answer, Err(Code::ResourceExhausted))?;
        ensure(
            sent < 100,
            format!("the second taxi was over the limit, and {sent} were read: stop at once."),
        )?;

        let answer = trips.report(broken_off(vec![expense("train", 700)])).await;
        let answer = answer.map_err(|status| status.code());
        equal("a report that breaks off", answer, Err(Code::Cancelled))?;
        ensure(
            trips.booked.load(Relaxed) == 1000,
            "something is booked of a report that was refused, or broke off: all of it, or none.",
        )
    }
}
