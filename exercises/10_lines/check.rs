//! The check of exercise 10.

exercises::exercise! {
    use exercises::{Checked, broken_off, ensure, equal, soon};
    use traitwire::{Code, StreamExt, Streaming};

    /// More lines than any text has here.
    const MANY: usize = 10_000;

    /// What comes of some chunks: the lines, and how the stream ends.
    async fn split(chunks: Streaming<SplitRequest>) -> Checked<(Vec<String>, Result<(), Code>)> {
        let mut lines = Vec::new();
        let mut answers = std::pin::pin!(Splitter.split(chunks));
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(SplitResponse { line }) => lines.push(line),
                Err(status) => return Ok((lines, Err(status.code()))),
            }
            ensure(
                lines.len() < MANY,
                "there is no end of lines: is a line out of the way when it is sent?",
            )?;
        }
        Ok((lines, Ok(())))
    }

    fn chunk(data: impl Into<Vec<u8>>) -> SplitRequest {
        SplitRequest { data: data.into() }
    }

    /// The lines of a text, however it is cut.
    async fn lines(text: &str, expected: &[&str]) -> Checked {
        for size in [4, 1, 2, 3, 5, 7, 100] {
            let chunks = text.as_bytes().chunks(size).map(chunk).collect();
            let (found, end) = split(chunks).await?;
            let what = format!("{text:?}, in chunks of {size} bytes");
            ensure(
                end.is_ok() && !found.iter().any(|it| it.contains(char::REPLACEMENT_CHARACTER)),
                format!(
                    "{what}, gives {found:?}, and ends with {end:?}: a chunk may end within a \
                     character, so decode a line when it is whole."
                ),
            )?;
            ensure(
                found == expected,
                format!(
                    "{what}, gives {found:?} and not {expected:?}: a line ends at its newline, the \
                     last at the end of the text too, and none at the end of a chunk."
                ),
            )?;
        }
        Ok(())
    }

    pub(crate) async fn check() -> Checked {
        lines("", &[]).await?;
        lines("to be\nor not\n", &["to be", "or not"]).await?;
        lines("to be\nor not", &["to be", "or not"]).await?;
        lines("to be\n\nor not\n\n", &["to be", "", "or not", ""]).await?;
        lines("tö bé\n或否 🦀\n", &["tö bé", "或否 🦀"]).await?;

        // In step: the first line comes before the chunks have ended.
        let client = TextServiceClient::in_process(Splitter);
        let (mut chunks, requests) = Streaming::channel(2);
        chunks.send(chunk("to ")).await.unwrap();
        chunks.send(chunk("be\nor")).await.unwrap();
        let mut answers = client.split(requests);
        let first = soon(answers.message()).await.ok_or(
            "a newline has come, and its line does not: send a line as soon as it is whole.",
        )?;
        let first = first.map_err(|status| status.code());
        equal("the first line", first, Ok(Some(SplitResponse { line: "to be".to_owned() })))?;
        ensure(
            soon(answers.message()).await.is_none(),
            "a piece of a line was sent before its newline, or the end, had come.",
        )?;

        let wrong = [chunk("fine\n"), chunk(b"caf\xe9\n"), chunk("fine\n")];
        let found = split(wrong.into_iter().collect()).await?;
        let expected = (vec!["fine".to_owned()], Err(Code::InvalidArgument));
        equal("a second line that is not UTF-8", found, expected)?;
        let found = split([chunk(b"caf\xe9")].into_iter().collect()).await?;
        equal("a last line that is not UTF-8", found, (vec![], Err(Code::InvalidArgument)))?;

        let longest = "x".repeat(LONGEST);
        let short = format!("{}\n", "x".repeat(63));
        let too_long = Err(Code::ResourceExhausted);
        for (what, chunks, expected) in [
            ("a line of LONGEST bytes", vec![&*longest, "\n"], (1, Ok(()))),
            ("a last line of LONGEST bytes", vec![&longest], (1, Ok(()))),
            ("a line of LONGEST + 1 bytes", vec![&longest, "x\n"], (0, too_long)),
            ("a last line of LONGEST + 1 bytes", vec![&longest, "x"], (0, too_long)),
            ("a chunk of 2048 short lines", vec![&short.repeat(2048)], (2048, Ok(()))),
        ] {
            let (lines, end) = split(chunks.into_iter().map(chunk).collect()).await?;
            equal(
                &format!("{what}: how many lines came, and the end"),
                (lines.len(), end),
                expected,
            )?;
        }

        // Its sender does not end.
        let (mut chunks, requests) = Streaming::channel(2);
        chunks.send(chunk(&*longest)).await.unwrap();
        chunks.send(chunk("x")).await.unwrap();
        let (_, end) = soon(split(requests)).await.ok_or(
            "a line is longer than LONGEST and still grows, and it is kept: refuse it at once.",
        )??;
        equal("a line that still grows", end, too_long)?;

        let found = split(broken_off(vec![chunk("to be\nor")])).await?;
        let expected = (vec!["to be".to_owned()], Err(Code::Cancelled));
        equal("a caller that breaks off within the second line", found, expected)
    }
}
