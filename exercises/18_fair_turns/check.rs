//! The check of exercise 18.

exercises::exercise! {
    use exercises::{Checked, ensure, equal};

    fn data(stream: u32, length: usize, end_stream: bool) -> Data {
        Data { stream, length, end_stream }
    }

    /// All that can be written now; not more than can be without an end.
    fn written(writer: &mut Writer) -> Vec<Data> {
        (0..100).map_while(|_| writer.next_frame()).collect()
    }

    pub(crate) async fn check() -> Checked {
        let mut writer = Writer::new();
        equal("of nothing", written(&mut writer), Vec::new())?;

        writer.put(1, 150);
        let expected = vec![data(1, 100, false), data(1, 50, true)];
        equal("of one message of 150 bytes", written(&mut writer), expected)?;

        let mut writer = Writer::new();
        writer.put(3, 150);
        writer.put(1, 250);
        writer.put(5, 10);
        let first = writer.next_frame();
        ensure(first == Some(data(3, 100, false)), "the stream that came first is not the first.")?;
        // It comes after those that were there before.
        writer.put(7, 20);
        let expected = vec![
            data(1, 100, false),
            data(5, 10, true),
            data(3, 50, true),
            data(7, 20, true),
            data(1, 100, false),
            data(1, 50, true),
        ];
        equal("after the first frame of four streams", written(&mut writer), expected)?;

        let mut writer = Writer::new();
        writer.put(1, 300);
        writer.put(3, 120);
        let expected = vec![
            data(1, 100, false),
            data(3, 100, false),
            data(1, 100, false),
            data(3, 20, true),
            data(1, 50, false),
        ];
        equal("of 300 bytes in a window of 250", written(&mut writer), expected)?;
        writer.window_update(1, 20);
        writer.window_update(1, 20);
        // One that has ended gets window too: it was on its way.
        writer.window_update(3, 20);
        let found = written(&mut writer);
        equal("when the window opens by 20, twice", found, vec![data(1, 40, false)])?;
        writer.window_update(1, 1_000);
        equal("when the window is large", written(&mut writer), vec![data(1, 10, true)])?;

        let mut writer = Writer::new();
        for stream in [1, 3, 5, 7, 9] {
            writer.put(stream, 240);
        }
        let found = written(&mut writer);
        let sum: usize = found.iter().map(|data| data.length).sum();
        equal("the bytes in the connection's window", sum, CONNECTION)?;
        ensure(found.iter().all(|data| !data.end_stream), "five messages of 240 are more than it.")?;
        let waits = "while the connection's window is used up";
        writer.window_update(5, 1_000);
        equal(waits, written(&mut writer), Vec::new())?;
        writer.window_update(0, 30);
        equal("of 30 more bytes on the connection", written(&mut writer), vec![data(1, 30, false)])?;
        writer.window_update(0, 1_000);
        let expected = vec![
            data(3, 40, true),
            data(5, 40, true),
            data(7, 40, true),
            data(9, 40, true),
            data(1, 10, true),
        ];
        equal("of the rest, in turn", written(&mut writer), expected)
    }
}
