//! The check of exercise 05.

exercises::exercise! {
    use std::io;

    use exercises::{Checked, ensure, equal};
    use traitwire::{Code, Status};

    /// Three pencils, and a store that fails in two ways.
    fn take(article: &str, quantity: u32) -> Result<u32, Error> {
        let article = article.to_owned();
        match article.as_str() {
            "pencil" => 3_u32.checked_sub(quantity).ok_or(Error::TooFew { article, left: 3 }),
            "ink" => Err(Error::Store(io::Error::other("/var/lib/stock.db is locked"))),
            "paper" => Err(Error::Store(io::Error::other("10.0.0.7 refuses the password"))),
            _ => Err(Error::Unknown(article)),
        }
    }

    async fn reserve(article: &str, quantity: u32) -> Result<u32, Status> {
        let client = StockServiceClient::in_process(Stock { take });
        let request = ReserveRequest { article: article.to_owned(), quantity };
        client.reserve(request).await.map(|response| response.left)
    }

    /// Reserves in vain. The message must name what a caller can do something about.
    async fn refusal(
        (article, quantity): (&str, u32),
        expected: Code,
        why: &str,
        names: &[&str],
    ) -> Checked<String> {
        let what = format!("{quantity} of {article:?}");
        let Err(status) = reserve(article, quantity).await else {
            return Err(format!("{what} are reserved, and should be refused."));
        };
        let (code, message) = (status.code(), status.message().to_owned());
        ensure(
            code == expected,
            format!("{what} answers {code:?} ({message:?}), and {expected:?} is meant: {why}."),
        )?;
        let is_debug = ["Unknown", "TooFew", "NoQuantity", "Store("];
        ensure(
            !is_debug.iter().any(|it| message.contains(it)),
            format!("{what} answers {message:?}, which shows the enum: write it for the caller."),
        )?;
        for name in names {
            ensure(
                message.contains(name),
                format!("{what} answers {message:?}, which does not name {name:?}."),
            )?;
        }
        Ok(message)
    }

    pub(crate) async fn check() -> Checked {
        let left = reserve("pencil", 2).await.map_err(|status| status.code());
        equal("2 of 3 pencils are reserved", left, Ok(1))?;

        let why = "the server is well, and has no such article";
        refusal(("eraser", 1), Code::NotFound, why, &["eraser"]).await?;
        let why = "the same request is right when there are more of them";
        refusal(("pencil", 5), Code::FailedPrecondition, why, &["pencil", "3"]).await?;
        let why = "the request is wrong, whatever is in stock";
        refusal(("pencil", 0), Code::InvalidArgument, why, &["quantity"]).await?;

        let why = "the caller can do nothing about it";
        let ink = refusal(("ink", 1), Code::Internal, why, &[]).await?;
        let paper = refusal(("paper", 1), Code::Internal, why, &[]).await?;
        ensure(
            ink == paper,
            format!("a caller hears {ink:?} and {paper:?}: what the store said is for its owner."),
        )?;
        ensure(!ink.is_empty(), "a caller hears nothing of a failed store but a code.")
    }
}
