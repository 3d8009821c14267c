//! The check of exercise 15.

exercises::exercise! {
    use exercises::{Checked, ensure, equal};
    use traitwire::{CallOptions, Code, InProcess, ServiceOptions, Status, intercept::from_fn};

    type Client = CounterClient<InProcess<CounterServer<Shelves>>>;

    fn counter() -> (Client, Log) {
        let log = Log::default();
        let writes = log.clone();
        let gate = from_fn(move |call, next| gate(writes.clone(), call, next));
        let server = CounterServer::new(Shelves).with(ServiceOptions::new().intercept(gate));
        (CounterClient::new(InProcess::new(server)), log)
    }

    fn code<T>(result: Result<T, Status>) -> Code {
        result.map_or_else(|status| status.code(), |_| Code::Ok)
    }

    pub(crate) async fn check() -> Checked {
        let (stranger, log) = counter();
        let reader = stranger.with(CallOptions::new().metadata("x-card", "7"));

        equal("a stranger who lends a book", code(stranger.lend("Emma").await), Code::Unauthenticated)?;
        equal("a reader who lends a book", code(reader.lend("Emma").await), Code::Ok)?;
        equal("a reader who burns a book", code(reader.burn("Emma").await), Code::PermissionDenied)?;
        let first = stranger.titles().message().await;
        ensure(
            first.as_ref().is_ok_and(|it| it.as_deref() == Some("Emma")),
            format!("a stranger does not see the titles: {first:?}."),
        )?;

        log.take();
        let _ = reader.lend("Emma").await;
        let _ = reader.lend("Dune").await;
        let lines = ["Lend Ok", "Lend NotFound"].map(str::to_owned);
        equal("the log of two loans", log.take(), lines.to_vec())?;

        let mut titles = stranger.titles();
        let _ = titles.message().await;
        drop(titles);
        ensure(
            !log.take().is_empty(),
            "the log says nothing of a reader who leaves: the gate was dropped at its `await`, and what stands \
             behind that is not reached.",
        )?;

        let mut titles = stranger.titles();
        while let Ok(Some(_)) = titles.message().await {}
        equal("the log of all titles", log.take(), vec!["Titles Ok".to_owned()])?;
        let mut titles = stranger.titles();
        let _ = titles.message().await;
        drop(titles);
        equal("the log of a reader who leaves", log.take(), vec!["Titles Cancelled".to_owned()])
    }
}
