//! The check of exercise 13.

exercises::exercise! {
    use std::time::Duration;

    use exercises::{Checked, ensure};
    use traitwire::{Code, Status};

    fn find(book: &str) -> Result<u32, LendError> {
        match book {
            "Emma" => Err(LendError::Lent { book: book.to_owned(), days: 3 }),
            "Faust" => Err(LendError::TooMany { limit: 5, after: Duration::from_secs(60) }),
            "Ulysses" => Err(LendError::Shelf("12 in the cellar".to_owned())),
            _ => Ok(14),
        }
    }

    /// What a caller gets, and the status that it was.
    async fn refusal(book: &str) -> Checked<(LendError, Status)> {
        let client = LibraryClient::in_process(Shelves { find });
        let Err(error) = client.lend(book.to_owned()).await else {
            return Err(format!("{book:?} is lent, and should be refused."));
        };
        let sent = find(book).expect_err("it is refused");
        Ok((error, sent.into()))
    }

    fn names(status: &Status, what: &str) -> bool {
        String::from_utf8_lossy(status.details()).contains(what)
    }

    pub(crate) async fn check() -> Checked {
        let (error, status) = refusal("Emma").await?;
        ensure(
            matches!(&error, LendError::Lent { book, days: 3 } if book == "Emma"),
            "a caller of a book that is lent does not get `Lent` with both of its fields.",
        )?;
        ensure(
            status.code() == Code::FailedPrecondition,
            format!("a book that is lent is {:?}, and FAILED_PRECONDITION is meant.", status.code()),
        )?;
        ensure(names(&status, "BOOK_LENT"), "the reason of a book that is lent is not `BOOK_LENT`.")?;

        let (error, status) = refusal("Faust").await?;
        let a_minute = Duration::from_secs(60);
        ensure(
            matches!(error, LendError::TooMany { limit: 5, after } if after == a_minute),
            "a caller with too many books does not get `TooMany` with both of its fields.",
        )?;
        ensure(
            status.code() == Code::ResourceExhausted && names(&status, "RetryInfo"),
            "a caller with too many books does not hear by `RetryInfo` when to try again.",
        )?;

        let (error, status) = refusal("Ulysses").await?;
        ensure(
            status.code() == Code::Internal,
            format!("a shelf that is not in order is {:?}, and INTERNAL is meant.", status.code()),
        )?;
        ensure(
            !format!("{error} {}", status.message()).contains("cellar"),
            "a caller hears where the shelf is: that is for those who keep it.",
        )
    }
}
