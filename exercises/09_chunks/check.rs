//! The check of exercise 09.

exercises::exercise! {
    use std::sync::Arc;

    use exercises::{Checked, broken_off, ensure, equal, soon};
    use traitwire::{Code, Streaming};

    const NAME: &str = "song.txt";

    /// What is stored at first.
    const OLD: &[u8] = b"la la la";

    /// What the uploads after it announce.
    const NEW: &[u8] = b"do re mi";

    fn header(size: u64, bytes: &[u8]) -> UploadRequest {
        let header = Header { name: NAME.to_owned(), size, checksum: checksum(bytes) };
        UploadRequest { content: Some(Content::Header(header)) }
    }

    fn chunk(offset: u64, data: &[u8]) -> UploadRequest {
        UploadRequest { content: Some(Content::Chunk(Chunk { offset, data: data.to_vec() })) }
    }

    pub(crate) async fn check() -> Checked {
        let files = Arc::new(Files::default());
        let client = FileServiceClient::new(FileServiceServer::from_arc(files.clone()));

        for bytes in [NEW, b"", OLD] {
            let (one, two) = bytes.split_at(bytes.len() / 2);
            let requests =
                [header(bytes.len() as u64, bytes), chunk(0, one), chunk(one.len() as u64, two)];
            let answer = client.upload(requests.into_iter().collect()).await;
            let answer = answer.map_err(|status| status.code());
            equal("a file that comes as announced", answer, Ok(UploadResponse {}))?;
            equal("its bytes", files.read(NAME).as_deref(), Some(bytes))?;
        }

        let all = NEW.len() as u64;
        let wrong = [
            (
                "a gap between two chunks",
                all,
                vec![chunk(0, b"do "), chunk(4, b"e mi")],
                Code::OutOfRange,
            ),
            (
                "a chunk that comes twice",
                all,
                vec![chunk(0, b"do "), chunk(0, b"do ")],
                Code::OutOfRange,
            ),
            ("a first chunk that is not at 0", all, vec![chunk(u64::MAX, NEW)], Code::OutOfRange),
            (
                "more bytes than announced",
                all,
                vec![chunk(0, NEW), chunk(all, b" fa")],
                Code::InvalidArgument,
            ),
            ("fewer bytes than announced", all, vec![chunk(0, b"do re ")], Code::DataLoss),
            (
                "2^64 - 1 bytes announced, and 8 that come",
                u64::MAX,
                vec![chunk(0, NEW)],
                Code::DataLoss,
            ),
            (
                "as many bytes as announced, and others",
                all,
                vec![chunk(0, b"do re mo")],
                Code::DataLoss,
            ),
        ];
        for (what, size, chunks, code) in wrong {
            let (mut sender, requests) = Streaming::channel(3);
            sender.send(header(size, NEW)).await.unwrap();
            for chunk in chunks {
                sender.send(chunk).await.unwrap();
            }
            // Only what the end shows may wait for it.
            let open = (code != Code::DataLoss).then_some(sender);
            let answer = soon(client.upload(requests)).await.ok_or_else(|| {
                format!("{what}: the server waits for more, and should answer {code:?} at once.")
            })?;
            drop(open);
            let answer = answer.map_err(|status| status.code());
            ensure(
                size != u64::MAX || answer != Err(Code::Internal),
                format!("{what}: the server panics; make room for what comes."),
            )?;
            equal(what, answer, Err(code))?;
            unharmed(&files, what)?;
        }

        let upload = broken_off(vec![header(all, NEW), chunk(0, NEW)]);
        let answer = files.upload(upload).await.map_err(|status| status.code());
        equal("a caller that breaks off after its last chunk", answer, Err(Code::Cancelled))?;
        unharmed(&files, "a caller that breaks off")
    }

    fn unharmed(files: &Files, what: &str) -> Checked {
        ensure(
            files.read(NAME).as_deref() == Some(OLD),
            format!("{what}: the file of that name that was there has changed, or is gone."),
        )
    }
}
