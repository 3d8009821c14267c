//! Where the two differ, and why.

use traitwire_http2::Reason;

use super::{Outcome, Stream};

pub(super) struct Difference {
    pub(super) why: &'static str,
    /// Whether it is what these two differ in.
    pub(super) holds: fn(ours: &Outcome, theirs: &Outcome) -> bool,
}

/// Both end the connection, by different codes.
fn codes(ours: &Outcome, theirs: &Outcome, code: Reason, other: Reason) -> bool {
    (ours.error, theirs.error) == (Some(code), Some(other))
}

pub(super) const DIFFERENCES: &[Difference] = &[
    Difference {
        why: "A block that cannot be decoded is COMPRESSION_ERROR (§4.3). h2 says PROTOCOL_ERROR.",
        holds: |ours, theirs| {
            codes(ours, theirs, Reason::COMPRESSION_ERROR, Reason::PROTOCOL_ERROR)
        },
    },
    Difference {
        why: "A frame of a wrong length is FRAME_SIZE_ERROR (§4.2). h2 says PROTOCOL_ERROR of those that it \
              does not find too long.",
        holds: |ours, theirs| codes(ours, theirs, Reason::FRAME_SIZE_ERROR, Reason::PROTOCOL_ERROR),
    },
    Difference {
        why: "HEADERS of a stream that is closed are STREAM_CLOSED (§5.1). h2 says PROTOCOL_ERROR; or resets the \
              stream, where the fields are malformed.",
        holds: |ours, _| ours.detail == "HEADERS of a stream that is closed",
    },
    Difference {
        why: "DATA of a stream whose end has come, or that was passed over, costs that stream (§5.1). h2 ends \
              the connection.",
        holds: |ours, theirs| {
            let is_closed = |it: &Stream| it.reset == Some(Reason::STREAM_CLOSED);
            ours.streams.values().any(is_closed) && theirs.error == Some(Reason::PROTOCOL_ERROR)
        },
    },
    Difference {
        why: "What was on its way for a stream whose head was malformed is passed over. h2 does not remember \
              such a stream, and ends the connection.",
        holds: |ours, theirs| {
            let is_malformed =
                |it: &Stream| it.reset == Some(Reason::PROTOCOL_ERROR) && it.head.is_none();
            ours.streams.values().any(is_malformed) && theirs.error == Some(Reason::PROTOCOL_ERROR)
        },
    },
    Difference {
        why: "A stream that depends on itself ends the connection, as §5.4.2 allows. h2 resets the stream, which \
              may be one that nobody has begun.",
        holds: |ours, _| ours.detail == "a stream that depends on itself",
    },
    Difference {
        why: "A frame that is too long is found when its head has come and the frames before it are done with. h2 \
              looks at three bytes, and ahead.",
        holds: |_, theirs| theirs.error == Some(Reason::FRAME_SIZE_ERROR),
    },
    Difference {
        why: "PUSH_PROMISE (§8.4), and HEADERS that nobody may send (§5.1.1), end the connection when they come. h2 \
              waits for the end of their fields.",
        holds: |ours, theirs| {
            let is_early = ours.detail.starts_with("PUSH_PROMISE")
                || ours.detail == "HEADERS of a stream that is idle";
            is_early && theirs.error.is_none()
        },
    },
    Difference {
        why: "A window that is too large costs its stream (§6.9.1), also where this side has ended. h2 does not \
              look at it then.",
        holds: |ours, theirs| {
            let mut all = ours.streams.iter();
            all.any(|(id, it)| {
                let is_ours = it.reset == Some(Reason::FLOW_CONTROL_ERROR) && it.has_sent_end;
                is_ours && theirs.streams.get(id).is_some_and(|other| other.reset != it.reset)
            })
        },
    },
    Difference {
        why: "A request without a path is malformed (§8.3.1). h2 takes it, unless it has an authority.",
        holds: |ours, theirs| {
            let mut all = ours.streams.iter();
            all.any(|(id, it)| {
                let head = theirs.streams.get(id).and_then(|it| it.head.as_ref());
                let has_none = head.is_some_and(|it| it.iter().any(|line| line == ":path: "));
                has_none && it.reset == Some(Reason::PROTOCOL_ERROR) && it.head.is_none()
            })
        },
    },
    Difference {
        why: "Trailers with pseudo-header fields are malformed (§8.1). h2 drops the fields, and takes the rest; \
              DATA after that ends the connection.",
        holds: |ours, theirs| {
            let mut all =
                ours.streams.iter().filter(|(_, it)| it.reset == Some(Reason::PROTOCOL_ERROR));
            all.any(|(id, it)| {
                let other = theirs.streams.get(id).is_some_and(|it| it.trailers.is_some());
                it.head.is_some() && (other || theirs.error == Some(Reason::PROTOCOL_ERROR))
            })
        },
    },
    Difference {
        why: "HEADERS of a stream whose end has come are STREAM_CLOSED (§5.1). h2 says PROTOCOL_ERROR where they \
              do not end it again.",
        holds: |ours, theirs| {
            let mut all = ours.streams.iter();
            all.any(|(id, it)| {
                let other = theirs.streams.get(id).and_then(|it| it.reset);
                (it.reset, other) == (Some(Reason::STREAM_CLOSED), Some(Reason::PROTOCOL_ERROR))
            })
        },
    },
    Difference {
        why: "An INITIAL_WINDOW_SIZE that is too large is FLOW_CONTROL_ERROR (§6.5.2). h2 says PROTOCOL_ERROR.",
        holds: |ours, theirs| {
            ours.detail == "INITIAL_WINDOW_SIZE is too large"
                && theirs.error == Some(Reason::PROTOCOL_ERROR)
        },
    },
    Difference {
        why: "What came before a stream was reset is told, and a reset that was decided on is sent. h2 drops what \
              its user has not taken yet, and a reset that the peer's own overtakes.",
        holds: |ours, theirs| {
            let nothing = Stream::default();
            let tells_less = |(id, it): (&u32, &Stream)| {
                let other = theirs.streams.get(id).unwrap_or(&nothing);
                other.received <= it.received
                    && (other.head.is_none() || other.head == it.head)
                    && (other.trailers.is_none() || other.trailers == it.trailers)
                    && (other.reset.is_none() || other.reset == it.reset)
                    && (other.is_whole, other.has_sent_end) <= (it.is_whole, it.has_sent_end)
            };
            ours.error == theirs.error && ours.streams.iter().all(tells_less)
        },
    },
];
