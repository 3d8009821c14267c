//! However much comes, little is held. A process of its own, for its memory is measured.

use wire::{
    Side::Client,
    frame::{Frame, Kind},
    trace::Style,
};

#[allow(dead_code)]
#[path = "../wire/call.rs"]
mod call;

use std::io::Write;

use call::{CALL, Talk, message};
use flate2::{Compression, write::GzEncoder};

/// How much memory the process may take for all of the floods, which are 64 MiB or more.
const MEMORY: usize = 24 << 20;

/// Makes the frames of a flood, one after the other.
type Next = Box<dyn FnMut(&mut Talk, u32) -> Frame>;

/// A message that gzip made very short.
fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    for _ in 0..100 {
        encoder.write_all(&[0; 1 << 20]).unwrap();
    }
    message(1, &encoder.finish().unwrap())
}

/// The most memory that this process ever had.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "Linux says how much memory a process had")]
fn floods_take_no_memory() {
    let before = memory();
    let check = || {
        let took = memory().saturating_sub(before);
        assert!(took < MEMORY, "{took} bytes");
    };
    let flood = |frames, mut next: Next| {
        let mut talk = Talk::new(Style::Full);
        talk.headers(Client, false, CALL);
        for number in 0..frames {
            let frame = next(&mut talk, number);
            talk.frame(Client, frame);
        }
        check();
    };
    let payload = bytes::Bytes::from(vec![0xff; 16_384]);

    // A message of 4 GiB.
    let data = payload.clone();
    flood(4096, Box::new(move |_, _| Frame::data(1, data.clone(), false)));
    // A header block without an end.
    let block = payload.clone();
    flood(
        4096,
        Box::new(move |_, number| {
            let kind = if number == 0 { Kind::HEADERS } else { Kind::CONTINUATION };
            Frame::new(kind, 0, 3, block.clone())
        }),
    );
    // Streams that nobody ends, each with the beginning of a message.
    let data = bytes::Bytes::from([&[0, 0, 2, 0, 0][..], &[7; 1000]].concat());
    flood(
        130_000,
        Box::new(move |talk, number| {
            let stream = number / 2 * 2 + 3;
            if number % 2 == 0 {
                Frame::headers(stream, talk.block(Client, CALL), false)
            } else {
                Frame::data(stream, data.clone(), false)
            }
        }),
    );
    // A field of 4 KiB, and then blocks that name it 16,000 times.
    flood(
        200,
        Box::new(|talk, number| {
            if number == 0 {
                let value = "v".repeat(4000);
                let block = talk.block(Client, &[("x", value.as_str())]);
                return Frame::headers(3, block, false);
            }
            Frame::headers(2 * number + 3, vec![0xbe; 16_000], true)
        }),
    );
    // A message of 102 KB that would be one of 100 MiB.
    let mut talk = Talk::new(Style::Full);
    talk.headers(Client, false, CALL);
    bomb().chunks(16_384).for_each(|piece| drop(talk.data(Client, piece)));
    check();
}
