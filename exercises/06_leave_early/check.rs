//! The check of exercise 06.

exercises::exercise! {
    use exercises::{Checked, ensure, equal, soon};
    use traitwire::{Code, InProcess, Streaming};

    /// More than a server sends ahead of its reader.
    const BOOKS: usize = 10_000;

    type Client = LibraryServiceClient<InProcess<LibraryServiceServer<ReadingRoom>>>;

    /// A search as far as its first book, or `None` when there is no seat for it.
    async fn begin(client: &Client) -> Checked<Option<Streaming<SearchResponse>>> {
        let mut search = client.search(SearchRequest { word: "Rust".to_owned() });
        match soon(search.message())
            .await
            .ok_or("a search waits, and should begin or be refused.")?
        {
            Ok(Some(_)) => Ok(Some(search)),
            Ok(None) => Err("a search found nothing.".to_owned()),
            Err(status) if status.code() == Code::ResourceExhausted => Ok(None),
            Err(status) => Err(format!("a search ends with {:?}.", status.code())),
        }
    }

    /// A search that sits on the only seat, while others try to sit there too.
    async fn alone(
        client: &Client,
        no_seat: &str,
        second: &str,
    ) -> Checked<Streaming<SearchResponse>> {
        let search = begin(client).await?.ok_or(no_seat)?;
        ensure(begin(client).await?.is_none(), second)?;
        ensure(begin(client).await?.is_none(), "a search that was refused has freed a seat.")?;
        Ok(search)
    }

    pub(crate) async fn check() -> Checked {
        let titles = (0..BOOKS).map(|number| format!("Rust, volume {number}")).collect();
        let client = LibraryServiceClient::in_process(ReadingRoom::new(1, titles));

        let mut search = alone(
            &client,
            "the first search is refused, and the seat was free.",
            "two searches sit on one seat: is the seat held until the end of the search? \
             `let _ =` holds nothing.",
        )
        .await?;
        let mut found = 1;
        while let Some(SearchResponse { .. }) =
            search.message().await.map_err(|status| format!("a search breaks off: {status}."))?
        {
            found += 1;
        }
        equal("books found", found, BOOKS)?;

        let search = alone(
            &client,
            "a search came to its end, and its seat is still taken.",
            "a search came to its end, and after it two sit on one seat: it was freed twice.",
        )
        .await?;
        drop(search);
        alone(
            &client,
            "a caller left, and its seat is still taken: the handler was dropped inside the loop, \
             so what stands behind the loop never ran.",
            "a caller left, and after it two sit on one seat: it was freed twice.",
        )
        .await
        .map(drop)
    }
}
