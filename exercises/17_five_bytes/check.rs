//! The check of exercise 17.

exercises::exercise! {
    use std::panic;

    use exercises::{Checked, ensure, equal};
    use traitwire::{Code, Status};

    /// How long a message may be.
    const LIMIT: usize = 300;

    /// The frames of a stream, and then its end.
    fn split(frames: &[&[u8]]) -> Result<Vec<Message>, Code> {
        let split = || {
            let (mut splitter, mut messages) = (Splitter::new(LIMIT), Vec::new());
            for frame in frames {
                messages.extend(splitter.push(frame)?);
            }
            splitter.end().map(|()| messages)
        };
        quietly(split)
    }

    /// A panic is an answer that nobody expects.
    fn quietly<T>(split: impl FnOnce() -> Result<T, Status>) -> Result<T, Code> {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let split = panic::catch_unwind(panic::AssertUnwindSafe(split));
        panic::set_hook(hook);
        split.unwrap_or_else(|_| Err(Status::unknown("a panic"))).map_err(|status| status.code())
    }

    fn message(compressed: bool, bytes: &[u8]) -> (Message, Vec<u8>) {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
        let wire = [&[u8::from(compressed)], &length[..], bytes].concat();
        (Message { compressed, bytes: bytes.to_vec() }, wire)
    }

    pub(crate) async fn check() -> Checked {
        let (hello, hello_wire) = message(false, b"hello");
        equal("a message in a frame", split(&[&hello_wire]), Ok(vec![hello]))?;

        let parts = [message(false, b"one"), message(true, b""), message(false, &[7; LIMIT])];
        let (messages, wire): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let wire = wire.concat();
        ensure(
            split(&[&wire]) == Ok(messages.clone()),
            "three messages in one frame: they do not come out one by one.",
        )?;
        for at in 0..wire.len() {
            let (one, two) = wire.split_at(at);
            let whole = split(&[one, &[], two]) == Ok(messages.clone());
            ensure(whole, format!("a frame ends after {at} bytes, and something is lost there."))?;
        }
        let bytes: Vec<&[u8]> = wire.chunks(1).collect();
        let whole = split(&bytes) == Ok(messages);
        ensure(whole, "frames of one byte each: the messages do not come out.")?;

        let mut splitter = Splitter::new(LIMIT);
        let early = quietly(|| Ok((splitter.push(&hello_wire[..9])?, splitter.push(&hello_wire[9..])?)));
        let counts = early.map(|(before, with)| (before.len(), with.len()));
        equal("messages before the last byte, and with it", counts, Ok((0, 1)))?;

        for (what, prefix, code) in [
            ("301 bytes are announced", [0, 0, 0, 1, 45], Code::ResourceExhausted),
            ("4 GiB are announced", [0, 255, 255, 255, 255], Code::ResourceExhausted),
            ("the flag is 2", [2, 0, 0, 0, 0], Code::Internal),
        ] {
            let answer = quietly(|| Splitter::new(LIMIT).push(&prefix));
            equal(&format!("{what}, and nothing else has come"), answer, Err(code))?;
        }
        for length in 1..hello_wire.len() {
            let what = format!("the stream ends after {length} of 10 bytes");
            equal(&what, split(&[&hello_wire[..length]]), Err(Code::Internal))?;
        }
        Ok(())
    }
}
