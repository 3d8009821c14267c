//! Frames are read as they were written, and each rule of a frame alone has its reason.

use bytes::{Bytes, BytesMut};
use wire::frame::{Content, Frame, Kind, MAX_FRAME_SIZE, Malformed, Reason, Setting, flags};

/// Kind, flags, stream and payload of a frame, the reason why it is refused, and the stream that ends.
type Case<'a> = (Kind, u8, u32, &'a [u8], Reason, u32);

fn content(kind: Kind, flags: u8, stream: u32, payload: &[u8]) -> Result<Content, Malformed> {
    Frame::new(kind, flags, stream, payload.to_vec()).content()
}

#[test]
fn a_frame_is_read_as_it_was_written() {
    let frames = [
        Frame::data(1, &b"data"[..], true),
        Frame::headers(3, &b"block"[..], false),
        Frame::rst_stream(5, Reason::CANCEL),
        Frame::settings(&[(Setting::MAX_FRAME_SIZE, 1 << 20), (Setting(99), 1)]),
        Frame::settings_ack(),
        Frame::ping(*b"pingpong", true),
        Frame::goaway(7, Reason::ENHANCE_YOUR_CALM, b"too_many_pings"),
        Frame::window_update(0, 65_535),
        Frame::new(Kind(77), 0xff, (1 << 31) - 1, Bytes::new()),
    ];
    let mut bytes = BytesMut::new();
    frames.iter().for_each(|frame| frame.write(&mut bytes));
    for frame in &frames {
        assert_eq!(Frame::read(&mut bytes, MAX_FRAME_SIZE).unwrap().as_ref(), Some(frame));
    }
    assert_eq!(Frame::read(&mut bytes, MAX_FRAME_SIZE), Ok(None));
}

#[test]
fn a_frame_is_not_read_before_its_last_byte() {
    let whole = Frame::data(1, &b"data"[..], false).to_bytes();
    for length in 0..whole.len() {
        let mut bytes = BytesMut::from(&whole[..length]);
        assert_eq!(Frame::read(&mut bytes, MAX_FRAME_SIZE), Ok(None));
        assert_eq!(bytes.len(), length, "nothing is taken");
    }
}

#[test]
fn what_was_written_has_its_content() {
    let settings = [(Setting::INITIAL_WINDOW_SIZE, 1), (Setting::ENABLE_PUSH, 0)];
    assert_eq!(Frame::settings(&settings).content(), Ok(Content::Settings(settings.to_vec())));
    assert_eq!(Frame::settings_ack().content(), Ok(Content::SettingsAck));
    assert_eq!(
        Frame::goaway(7, Reason::NO_ERROR, b"bye").content(),
        Ok(Content::Goaway {
            last_stream: 7,
            reason: Reason::NO_ERROR,
            debug: Bytes::from_static(b"bye")
        })
    );
    assert_eq!(Frame::window_update(0, 5).content(), Ok(Content::WindowUpdate(5)));
    assert_eq!(
        Frame::rst_stream(1, Reason::CANCEL).content(),
        Ok(Content::RstStream(Reason::CANCEL))
    );
}

#[test]
fn the_reserved_bit_says_nothing() {
    let mut bytes = BytesMut::from(&[0, 0, 0, 0, 0, 0x80, 0, 0, 1][..]);
    assert_eq!(Frame::read(&mut bytes, 0), Ok(Some(Frame::data(1, Bytes::new(), false))));
    assert_eq!(content(Kind::WINDOW_UPDATE, 0, 0, &[0x80, 0, 0, 1]), Ok(Content::WindowUpdate(1)));
}

#[test]
fn padding_and_priority_are_taken_off() {
    let padded = content(Kind::DATA, flags::PADDED, 1, &[2, 7, 8, 0, 0]);
    assert_eq!(padded, Ok(Content::Data { data: Bytes::from_static(&[7, 8]), end_stream: false }));
    let all = flags::PADDED | flags::PRIORITY | flags::END_HEADERS | flags::END_STREAM;
    let headers = content(Kind::HEADERS, all, 1, &[1, 0, 0, 0, 3, 16, 0x82, 0]);
    let block = Bytes::from_static(&[0x82]);
    assert_eq!(headers, Ok(Content::Headers { block, end_stream: true, end_headers: true }));
}

#[test]
fn a_frame_that_is_too_long_is_refused_by_its_head() {
    let mut bytes = BytesMut::from(&[0, 0x40, 1, 0, 0, 0, 0, 0, 1][..]);
    let malformed = Frame::read(&mut bytes, MAX_FRAME_SIZE).unwrap_err();
    assert_eq!((malformed.reason, malformed.stream), (Reason::FRAME_SIZE_ERROR, 0));
}

#[test]
fn each_rule_has_its_reason_and_its_scope() {
    use Reason as R;
    let setting = |setting: Setting, value| Frame::settings(&[(setting, value)]).payload;
    let cases: [Case<'_>; 26] = [
        (Kind::DATA, 0, 0, b"", R::PROTOCOL_ERROR, 0),
        (Kind::HEADERS, 0, 0, b"", R::PROTOCOL_ERROR, 0),
        (Kind::PRIORITY, 0, 0, b"12345", R::PROTOCOL_ERROR, 0),
        (Kind::RST_STREAM, 0, 0, b"1234", R::PROTOCOL_ERROR, 0),
        (Kind::PUSH_PROMISE, 0, 0, b"", R::PROTOCOL_ERROR, 0),
        (Kind::CONTINUATION, 0, 0, b"", R::PROTOCOL_ERROR, 0),
        (Kind::SETTINGS, 0, 1, b"", R::PROTOCOL_ERROR, 0),
        (Kind::PING, 0, 1, b"12345678", R::PROTOCOL_ERROR, 0),
        (Kind::GOAWAY, 0, 1, b"12345678", R::PROTOCOL_ERROR, 0),
        (Kind::DATA, flags::PADDED, 1, b"", R::FRAME_SIZE_ERROR, 0),
        (Kind::DATA, flags::PADDED, 1, &[3, 0, 0], R::PROTOCOL_ERROR, 0),
        (Kind::HEADERS, flags::PADDED, 1, &[1], R::PROTOCOL_ERROR, 0),
        (Kind::HEADERS, flags::PRIORITY, 1, b"1234", R::FRAME_SIZE_ERROR, 0),
        (Kind::PRIORITY, 0, 1, b"1234", R::FRAME_SIZE_ERROR, 1),
        (Kind::RST_STREAM, 0, 1, b"123", R::FRAME_SIZE_ERROR, 0),
        (Kind::RST_STREAM, 0, 1, b"12345", R::FRAME_SIZE_ERROR, 0),
        (Kind::SETTINGS, flags::ACK, 0, b"123456", R::FRAME_SIZE_ERROR, 0),
        (Kind::SETTINGS, 0, 0, b"12345", R::FRAME_SIZE_ERROR, 0),
        (Kind::SETTINGS, 0, 0, &setting(Setting::ENABLE_PUSH, 2), R::PROTOCOL_ERROR, 0),
        (Kind::SETTINGS, 0, 0, &setting(Setting::MAX_FRAME_SIZE, 16_383), R::PROTOCOL_ERROR, 0),
        (Kind::SETTINGS, 0, 0, &setting(Setting::MAX_FRAME_SIZE, 1 << 24), R::PROTOCOL_ERROR, 0),
        (
            Kind::SETTINGS,
            0,
            0,
            &setting(Setting::INITIAL_WINDOW_SIZE, 1 << 31),
            R::FLOW_CONTROL_ERROR,
            0,
        ),
        (Kind::PING, 0, 0, b"1234567", R::FRAME_SIZE_ERROR, 0),
        (Kind::GOAWAY, 0, 0, b"1234567", R::FRAME_SIZE_ERROR, 0),
        (Kind::WINDOW_UPDATE, 0, 3, &[0, 0, 0, 0], R::PROTOCOL_ERROR, 3),
        (Kind::WINDOW_UPDATE, 0, 3, b"12345", R::FRAME_SIZE_ERROR, 0),
    ];
    for (kind, flags, stream, payload, reason, scope) in cases {
        let malformed = content(kind, flags, stream, payload).unwrap_err();
        assert_eq!((malformed.reason, malformed.stream), (reason, scope), "{kind} {payload:?}");
    }
}

#[test]
fn what_nobody_knows_has_a_number_and_is_no_error() {
    assert_eq!(content(Kind(77), 0, 1, b"whatever"), Ok(Content::Unknown));
    let words = [Kind(77).to_string(), Setting(0x99).to_string(), Reason(0xff).to_string()];
    assert_eq!(words, ["0x4d", "0x99", "0xff"]);
    assert_eq!(format!("{:<6}|{:>5}", Kind::PING, Kind::DATA), "PING  | DATA");
}
