//! The check of exercise 20.

exercises::exercise! {
    use std::collections::HashMap;

    use exercises::{Checked, ensure, equal};

    /// The other side: it knows what it was told.
    struct Peer {
        receiver: Receiver,
        connection: u32,
        streams: HashMap<u32, u32>,
        updates: usize,
    }

    impl Peer {
        fn new(streams: &[u32]) -> Self {
            let mut receiver = Receiver::new();
            streams.iter().for_each(|stream| receiver.open(*stream));
            let streams = streams.iter().map(|stream| (*stream, STREAM)).collect();
            Self { receiver, connection: CONNECTION, streams, updates: 0 }
        }

        /// Sends, as it may.
        fn send(&mut self, stream: u32, length: u32, when: &str) -> Checked {
            let stands = |whose| {
                format!("{when}, the peer may not send {length} bytes: {whose} has no credit.")
            };
            let window = self.streams.get_mut(&stream).ok_or("the check is wrong.")?;
            *window = window.checked_sub(length).ok_or_else(|| stands("the stream"))?;
            self.connection =
                self.connection.checked_sub(length).ok_or_else(|| stands("the connection"))?;
            let updates = self.receiver.data(stream, length);
            self.told(updates.map_err(|_| format!("{when}, what the peer may send is refused."))?)
        }

        fn read(&mut self, stream: u32, length: u32) -> Checked {
            let updates = self.receiver.read(stream, length);
            self.told(updates)
        }

        fn drop_stream(&mut self, stream: u32) -> Checked {
            let updates = self.receiver.drop_stream(stream);
            self.told(updates)
        }

        fn told(&mut self, updates: Vec<WindowUpdate>) -> Checked {
            for WindowUpdate { stream, increment } in updates {
                let sentence = "A WINDOW_UPDATE of 0 is sent, and the peer ends the connection.";
                ensure(increment > 0, sentence)?;
                self.updates += 1;
                let (window, size) = match stream {
                    0 => (&mut self.connection, CONNECTION),
                    _ => (self.streams.entry(stream).or_default(), STREAM),
                };
                *window = window.saturating_add(increment);
                let sentence = format!(
                    "The peer may send {window} bytes on stream {stream} now, and there is room \
                     for {size}."
                );
                ensure(*window <= size, sentence)?;
            }
            Ok(())
        }
    }

    pub(crate) async fn check() -> Checked {
        let mut peer = Peer::new(&[1]);
        for nth in 0..100 {
            peer.send(1, 100, &format!("When {} bytes were sent and read", nth * 100))?;
            peer.read(1, 100)?;
        }
        let most = 2 * 10_000 / STREAM as usize + 2 * 10_000 / CONNECTION as usize;
        let sentence = format!(
            "For 10,000 bytes that were read as they came there were {} WINDOW_UPDATEs; {most} are \
             enough.",
            peer.updates
        );
        ensure(peer.updates <= most, sentence)?;

        let mut peer = Peer::new(&[1]);
        peer.send(1, 0, "At first")?;
        peer.read(1, 0)?;
        peer.send(1, STREAM, "At first")?;
        peer.read(1, 0)?;
        peer.read(1, STREAM)?;
        peer.send(1, STREAM, "When the whole window was sent and read")?;

        let mut peer = Peer::new(&[1, 3, 5]);
        peer.send(1, STREAM, "At first")?;
        peer.send(3, 400, "At first")?;
        for nth in 0..10 {
            let when = format!(
                "While streams 1 and 3 are not read, and {nth} times 100 bytes of stream 5 were"
            );
            peer.send(5, 100, &when)?;
            peer.read(5, 100)?;
        }

        let mut peer = Peer::new(&[1, 3, 5, 7]);
        for stream in [1, 3, 5] {
            peer.send(stream, STREAM, "When a stream was dropped unread")?;
            peer.drop_stream(stream)?;
        }
        peer.send(7, STREAM, "When three streams were dropped unread")?;

        let mut peer = Peer::new(&[1, 3]);
        peer.drop_stream(1)?;
        peer.send(1, STREAM, "When the peer does not know yet that a stream was dropped")?;
        peer.send(3, STREAM, "When a stream was sent after it was dropped")?;

        let mut receiver = Receiver::new();
        receiver.open(1);
        let answer = receiver.data(1, STREAM + 1);
        equal("more than the window of a stream", answer, Err(Overflow))?;
        let mut receiver = Receiver::new();
        receiver.open(1);
        receiver.open(3);
        let answer = receiver.data(1, STREAM).and_then(|_| receiver.data(3, STREAM));
        equal("more than the window of the connection", answer, Err(Overflow))
    }
}
