//! The check of exercise 04.

exercises::exercise! {
    use exercises::{Checked, broken_off, ensure, equal, soon};
    use traitwire::{Code, StreamExt, Streaming};

    pub(crate) async fn check() -> Checked {
        let client = TotalServiceClient::in_process(Totals);
        let (mut numbers, requests) = Streaming::channel(1);
        let mut totals = client.add(requests);
        for (number, expected) in [(2.0, 2.0), (3.0, 5.0), (-10.0, -5.0)] {
            // If nobody reads it, no total comes back, and that is found.
            let _ = numbers.send(AddRequest { number }).await;
            let total = soon(totals.message()).await.ok_or_else(|| format!(
                "{number} was sent, and no total comes back: answer each number before you ask for \
                 the next, for the caller waits too."
            ))?;
            let total = total.map_err(|status| status.code());
            ensure(
                total == Ok(Some(AddResponse { total: expected })),
                format!("{number} is answered with {total:?}, and the total so far is {expected}."),
            )?;
        }
        drop(numbers);
        let end = soon(totals.message())
            .await
            .ok_or("the numbers have ended, and the totals have not.")?;
        let end = end.map_err(|status| status.code());
        equal("after the last number", end, Ok(None))?;

        let totals = Totals.add(broken_off(vec![AddRequest { number: 2.0 }]));
        let totals: Vec<_> = totals.map(|it| it.map_err(|status| status.code())).collect().await;
        ensure(
            totals.last() == Some(&Err(Code::Cancelled)),
            "the caller broke off, and the totals ended as if all was well: let the error out.",
        )
    }
}
