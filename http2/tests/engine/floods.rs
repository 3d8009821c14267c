//! Floods. Each is cut off at its limit, by the name of the limit; goes through when the limit is taken away, so
//! that no other one hides that it does nothing; and at a calm pace goes on for ever.

use std::time::Duration;

use traitwire_http2::{
    Config, Rate, Reason,
    frame::{Frame, Kind, StreamId},
};

use crate::{
    guards::{Step, drain, stream},
    peer::{Peer, data, initial_window, request, response, rst, window},
};

struct Flood {
    name: &'static str,
    detail: &'static str,
    limit: fn(&mut Config) -> &mut Rate,
    /// What comes before it.
    first: fn(&mut Peer),
    step: Step,
}

const FLOODS: &[Flood] = &[
    Flood {
        name: "Rapid Reset, CVE-2023-44487",
        detail: "too_many_resets",
        limit: |config| &mut config.resets,
        first: |_| {},
        step: |peer, number| {
            peer.begin(stream(number), false);
            peer.send([rst(stream(number))]);
        },
    },
    Flood {
        name: "MadeYouReset, CVE-2025-8671, by a window",
        detail: "too_many_internal_resets",
        limit: |config| &mut config.local_resets,
        first: |_| {},
        step: |peer, number| {
            peer.begin(stream(number), false);
            peer.send([window(stream(number), (1 << 31) - 1)]);
        },
    },
    Flood {
        name: "the same by malformed requests",
        detail: "too_many_internal_resets",
        limit: |config| &mut config.local_resets,
        first: |_| {},
        step: |peer, number| peer.send_headers(stream(number), &response(), false),
    },
    Flood {
        name: "the same by a length that is not kept",
        detail: "too_many_internal_resets",
        limit: |config| &mut config.local_resets,
        first: |_| {},
        step: |peer, number| {
            let mut fields = request();
            fields.push("content-length", "1");
            peer.send_headers(stream(number), &fields, false);
            peer.send([data(stream(number), &[0; 5], true)]);
        },
    },
    Flood {
        name: "more streams than are allowed",
        detail: "too_many_internal_resets",
        limit: |config| &mut config.local_resets,
        first: |peer| (0..200).for_each(|number| peer.begin(stream(number), false)),
        step: |peer, number| peer.begin(stream(number) + 400, false),
    },
    Flood {
        name: "requests with large fields",
        detail: "too_many_internal_resets",
        limit: |config| &mut config.local_resets,
        first: |_| {},
        step: |peer, number| {
            let mut fields = request();
            fields.push("x", vec![b'~'; 20_000]);
            let mut block = Vec::new();
            peer.encoder.encode(&fields, &mut block);
            let (first, rest) = block.split_at(16_384);
            peer.send_raw(Kind::HEADERS, 1, stream(number), first);
            peer.send_raw(Kind::CONTINUATION, 4, stream(number), rest);
        },
    },
    Flood {
        name: "PING, CVE-2019-9512",
        detail: "too_many_control_frames",
        limit: |config| &mut config.control_frames,
        first: |_| {},
        step: |peer, _| peer.send([Frame::Ping { ack: false, payload: [0; 8] }]),
    },
    Flood {
        name: "PING that answers nothing",
        detail: "too_many_control_frames",
        limit: |config| &mut config.control_frames,
        first: |_| {},
        step: |peer, _| peer.send([Frame::Ping { ack: true, payload: [0; 8] }]),
    },
    Flood {
        name: "SETTINGS, CVE-2019-9515",
        detail: "too_many_control_frames",
        limit: |config| &mut config.control_frames,
        first: |_| {},
        step: |peer, number| peer.send([initial_window(number)]),
    },
    Flood {
        name: "SETTINGS that acknowledge nothing",
        detail: "too_many_control_frames",
        limit: |config| &mut config.control_frames,
        first: |_| {},
        step: |peer, _| peer.send([Frame::SettingsAck]),
    },
    Flood {
        name: "PRIORITY, CVE-2019-9513",
        detail: "too_many_control_frames",
        limit: |config| &mut config.control_frames,
        first: |_| {},
        step: |peer, _| peer.send_raw(Kind::PRIORITY, 0, 1, &[0; 5]),
    },
    Flood {
        name: "WINDOW_UPDATE",
        detail: "too_many_control_frames",
        limit: |config| &mut config.control_frames,
        first: |_| {},
        step: |peer, _| peer.send([window(0, 1)]),
    },
    Flood {
        name: "RST_STREAM of what is closed",
        detail: "too_many_control_frames",
        limit: |config| &mut config.control_frames,
        first: |peer| {
            peer.begin(1, false);
            peer.send([rst(1)]);
        },
        step: |peer, _| peer.send([rst(1)]),
    },
    Flood {
        name: "GOAWAY",
        detail: "too_many_control_frames",
        limit: |config| &mut config.control_frames,
        first: |_| {},
        step: |peer, _| {
            let (last_stream, reason) = (StreamId(0), Reason::NO_ERROR);
            peer.send([Frame::GoAway { last_stream, reason, debug: b"" }]);
        },
    },
    Flood {
        name: "frames of no kind",
        detail: "too_many_control_frames",
        limit: |config| &mut config.control_frames,
        first: |_| {},
        step: |peer, _| peer.send_raw(Kind(0xfe), 0, 0, &[]),
    },
    Flood {
        name: "DATA for what is closed",
        detail: "too_many_control_frames",
        limit: |config| &mut config.control_frames,
        first: |peer| {
            peer.begin(1, true);
            peer.events();
            peer.engine.send_headers(StreamId(1), &response(), true).unwrap();
        },
        // The first is answered, and the others are passed over for a while.
        step: |peer, _| peer.send([data(1, &[0], false)]),
    },
    Flood {
        name: "DATA for what was reset here",
        detail: "too_many_control_frames",
        limit: |config| &mut config.control_frames,
        first: |peer| {
            peer.begin(1, false);
            peer.events();
            peer.engine.reset(StreamId(1), Reason::CANCEL);
        },
        step: |peer, _| peer.send([data(1, &[], false)]),
    },
    Flood {
        name: "empty DATA, CVE-2019-9518",
        detail: "too_many_empty_data_frames",
        limit: |config| &mut config.empty_data,
        first: |peer| peer.begin(1, false),
        step: |peer, _| peer.send([data(1, &[], false)]),
    },
    Flood {
        name: "DATA of padding",
        detail: "too_many_empty_data_frames",
        limit: |config| &mut config.empty_data,
        first: |peer| peer.begin(1, false),
        step: |peer, _| peer.send_raw(Kind::DATA, 8, 1, &[3, 0, 0, 0]),
    },
];

/// How many steps go through, up to `most`, and what ended them.
fn run(flood: &Flood, rate: Rate, pause: Duration, most: u32) -> (u32, Option<&'static str>) {
    let mut config = Config::default();
    for limit in [&mut config.resets, &mut config.local_resets] {
        limit.burst = u32::MAX;
    }
    config.empty_data.burst = u32::MAX;
    config.control_frames.burst = u32::MAX;
    *(flood.limit)(&mut config) = rate;
    // Long enough for each flood that needs it, also at a calm pace.
    config.reset_memory = Duration::MAX;
    let mut peer = Peer::of_server(config);
    (flood.first)(&mut peer);
    peer.events();
    drain(&mut peer);
    for number in 0..most {
        (flood.step)(&mut peer, number);
        match peer.try_events() {
            Ok(_) => drain(&mut peer),
            Err(error) => {
                assert_eq!(error.reason, Reason::ENHANCE_YOUR_CALM, "{}", flood.name);
                return (number, Some(error.detail));
            }
        }
        peer.wait(pause);
    }
    (most, None)
}

#[test]
fn floods_are_cut_off() {
    for flood in FLOODS {
        let (steps, detail) = run(flood, Rate::new(50, 0), Duration::ZERO, 300);
        assert_eq!(detail, Some(flood.detail), "{}", flood.name);
        // What comes first may have counted, and a frame of a message gives two back.
        assert!((48..=150).contains(&steps), "{} after {steps}", flood.name);
        let endless = run(flood, Rate::new(u32::MAX, 0), Duration::ZERO, 300);
        assert_eq!(endless, (300, None), "{}", flood.name);
        let calm = run(flood, Rate::new(50, 10), Duration::from_millis(101), 300);
        assert_eq!(calm, (300, None), "{} at a calm pace", flood.name);
    }
}
