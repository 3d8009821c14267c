//! What a trace says of calls, in all the ways in which their bytes may come.

use wire::{
    Side::{Client, Server},
    frame::{Frame, Kind, Reason, Setting, flags},
    gzip::compress,
    schema::Schema,
    trace::Style::{Compact, Full},
};

use crate::call::{ANSWER, CALL, Talk, message, split};

/// What is below the line of the frame.
fn below(lines: &[String]) -> Vec<&str> {
    lines.iter().skip(1).map(|line| line.trim()).collect()
}

/// A talk in which both sides have sent their headers.
fn called(style: wire::trace::Style) -> Talk {
    let mut talk = Talk::new(style);
    talk.headers(Client, false, CALL);
    talk.headers(Server, false, ANSWER);
    talk
}

#[test]
fn fields_have_their_names_and_types() {
    let order = b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x12\x03tea\x1a\x02\x01\x02\
        \x22\x02\x08\x05\x2a\x02\x00\xff\x30\x01\x39\x00\x00\x00\x00\x00\x00\xf8\x3f\x30\x09";
    let lines = called(Full).data(Server, message(0, order));
    assert_eq!(
        below(&lines)[2..],
        [
            "id: -1",
            "items: \"tea\"",
            "sizes: [-1, 1]",
            "price",
            "cents: -3",
            "picture: 00 ff",
            "state: STATE_SENT",
            "weight: 1.5",
            "state: 9",
        ]
    );
    let lines = called(Compact).data(Server, message(0, &order[..16]));
    assert_eq!(lines, ["client ← DATA         stream 1              id: -1, items: \"tea\""]);
}

#[test]
fn without_a_contract_fields_have_their_numbers() {
    let mut talk = Talk::with(Schema::default(), Full);
    talk.headers(Client, false, CALL);
    let fields = b"\x08\x07\x12\x03tea\x1a\x02\x08\x01\x25\x01\x00\x00\x00\x31\x01\x00\x00\x00\x00\x00\x00\x00";
    let lines = talk.data(Client, message(0, fields));
    let expected = ["1: 7", "2: \"tea\"", "3: 08 01", "4: 0x00000001", "6: 0x0000000000000001"];
    assert_eq!(below(&lines)[2..], expected);
}

#[test]
fn a_message_is_found_however_it_is_cut() {
    let bytes = [message(0, b"\x0a\x01a"), message(0, b""), message(0, b"\x0a\x02bc")].concat();
    for at in 0..=bytes.len() {
        let mut talk = called(Full);
        let mut lines = talk.data(Client, &bytes[..at]);
        lines.extend(talk.data(Client, &bytes[at..]));
        let found = |text: &str| lines.iter().filter(|line| line.trim() == text).count();
        assert_eq!((found("word: \"a\""), found("word: \"bc\"")), (1, 1), "{at}: {lines:#?}");
        assert_eq!(found("prefix  00 00 00 00 00   0 bytes, not compressed"), 1, "{at}");
    }
    let mut talk = called(Full);
    assert_eq!(below(&talk.data(Client, &bytes[..3])), ["part of a prefix: 3 bytes"]);
    let part = "part of a message: 7 of 8 bytes with its prefix";
    assert_eq!(below(&talk.data(Client, &bytes[3..7])), [part]);
}

#[test]
fn a_message_that_never_ends_is_said_to_be_cut_off() {
    let mut talk = called(Full);
    talk.data(Client, [0, 0, 0, 0, 9, 1, 2]);
    let lines = talk.frame(Client, Frame::data(1, Vec::new(), true));
    assert_eq!(lines.last().unwrap().trim(), "cut off: 7 bytes of a message that does not end");
}

#[test]
fn gzip_is_undone_up_to_a_limit() {
    let lines = called(Full).data(Client, message(1, &compress(b"\x0a\x03tea")));
    let start = "message 1f 8b 08 00 00 00 00 00 00 ff e3 62 2e 49 4d 04 …";
    assert_eq!(
        below(&lines),
        ["prefix  01 00 00 00 19   25 bytes, gzip", start, "inflated to 5 bytes", "word: \"tea\""]
    );

    let bomb = compress(&vec![0; 100 << 20]);
    assert!(bomb.len() < 256 * 1024, "it is short");
    let mut talk = called(Full);
    let bytes = message(1, &bomb);
    let lines: Vec<String> = bytes.chunks(16_384).flat_map(|it| talk.data(Client, it)).collect();
    assert!(lines.last().unwrap().ends_with("inflated to more than 262144 bytes"), "{lines:?}");

    let lines = called(Full).data(Client, message(1, b"no gzip"));
    assert_eq!(lines.last().unwrap().trim(), "not gzip");
}

#[test]
fn what_cannot_be_read_is_said_where_it_is() {
    let lines = called(Full).data(Client, message(0, b"\x0a\x01a\x0a\x7f"));
    assert_eq!(below(&lines)[2..], ["word: \"a\"", "…: not protobuf: 0a 7f"]);
    let lines = called(Full).data(Client, message(7, b"what"));
    assert_eq!(below(&lines)[0], "prefix  07 00 00 00 04   4 bytes, a flag that is not of gRPC");

    let long = [0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3];
    let part = "part of a message: 8 of 2147483652 bytes with its prefix";
    assert_eq!(below(&called(Full).data(Client, long)), [part]);

    let many = called(Compact).data(Client, message(0, b"").repeat(100));
    assert!(many[0].contains("(empty message) | (empty"), "{many:?}");
    let many = called(Full).data(Client, message(0, b"").repeat(100));
    assert_eq!(many.last().unwrap().trim(), "… and 36 messages more");
}

#[test]
fn headers_go_on_in_continuation_and_share_a_table() {
    let mut talk = Talk::new(Full);
    let block = talk.block(Client, CALL);
    let [begin, end] = split(1, &block, 10);
    assert_eq!(talk.frame(Client, begin).len(), 1, "no field before the end of the block");
    let lines = talk.frame(Client, end);
    assert_eq!(below(&lines)[1], ":path         /shop.Shop/Find");
    // The second block has its last field by the number that the first gave to it.
    let block = talk.block(Client, CALL);
    assert_eq!(block.last(), Some(&0xbe), "{block:?}");
    let again = talk.frame(Client, Frame::headers(3, block, false));
    assert_eq!(below(&again), below(&lines));
}

#[test]
fn a_block_that_breaks_the_table_is_the_last_that_is_read() {
    let breaks: [&[Frame]; 4] = [
        &[Frame::headers(1, &b"\xff\xff\xff\xff\xff\xff"[..], false)],
        &[Frame::new(Kind::CONTINUATION, flags::END_HEADERS, 1, &b"\x82"[..])],
        &[Frame::new(Kind::HEADERS, 0, 1, &b"\x82"[..]), Frame::headers(3, &b"\x82"[..], false)],
        // A table of 8,192 bytes, which nobody allowed.
        &[Frame::headers(1, &b"\x3f\xe1\x3f\x82"[..], false)],
    ];
    for frames in breaks {
        let mut talk = Talk::new(Full);
        let lines: Vec<String> =
            frames.iter().flat_map(|it| talk.frame(Client, it.clone())).collect();
        assert!(lines.last().unwrap().contains("not readable: "), "{lines:?}");
        let block = talk.block(Client, CALL);
        let lines = talk.frame(Client, Frame::headers(5, block, false));
        assert!(lines[1].contains("not readable: "), "{lines:?}");
        // The other direction has a table of its own.
        assert_eq!(below(&talk.headers(Server, false, ANSWER))[0], ":status       200");
    }
}

#[test]
fn a_reader_may_allow_a_larger_table() {
    let mut talk = Talk::new(Full);
    talk.frame(Server, Frame::settings(&[(Setting::HEADER_TABLE_SIZE, 8192)]));
    let lines = talk.frame(Client, Frame::headers(1, &b"\x3f\xe1\x3f\x82"[..], false));
    assert_eq!(below(&lines), [":method GET"]);
}

#[test]
fn nothing_that_a_peer_sends_reaches_the_terminal_as_it_is() {
    let mut talk = called(Full);
    let mut lines = talk.headers(Server, false, &[("x-evil", "\x1b[2J\u{202e}"), ("x\nnew", "v")]);
    lines.extend(talk.data(Client, message(0, "\x0a\x09\x1b]0;x\x07\u{202e}".as_bytes())));
    lines.extend(talk.frame(Server, Frame::goaway(1, Reason(77), b"\x1b[31m\n")));
    talk.headers(Client, false, &[]);
    let mut other = Talk::new(Full);
    other.headers(Client, false, &[(":method", "GET")]);
    lines.extend(other.data(Client, &b"\x1b[0m"[..]));
    lines.extend(Talk::new(Full).bytes(Client, &[0xff; 9]));
    let text = lines.concat();
    assert!(!text.contains(|it: char| it.is_control() || it == '\u{202e}'), "{text:?}");
    assert!(
        text.contains(r"\x1b[2J\xe2\x80\xae") && text.contains(r#""\u{1b}]0;x\u{7}"#),
        "{text}"
    );
}

#[test]
fn lines_are_cut_and_say_how_long_they_were() {
    let mut talk = called(Full);
    let value = "v".repeat(5000);
    let lines = talk.headers(Server, false, &[("x-long", &value)]);
    assert!(lines[1].ends_with("v… 5000 bytes"), "{lines:?}");
    let word = [b"\x0a\x88\x27".to_vec(), vec![b'w'; 5000]].concat();
    let lines = called(Full).data(Client, message(0, &word));
    assert!(lines[3].ends_with("\" … 5000 bytes"), "{lines:?}");
    let compact =
        called(Compact).data(Server, message(0, b"\x12\x14aaaaaaaaaaaaaaaaaaaa").repeat(9));
    assert_eq!(compact[0].chars().count(), 100);
    assert!(compact[0].ends_with('…'));
}

#[test]
fn a_malformed_frame_is_shown_with_its_rule_and_the_next_one_is_read() {
    let mut talk = Talk::new(Full);
    let lines = talk.frame(Client, Frame::new(Kind::PING, 0, 0, &b"short"[..]));
    let rule = "FRAME_SIZE_ERROR: a frame that is longer or shorter than its kind";
    assert_eq!(below(&lines), [rule, "73 68 6f 72 74"]);
    assert_eq!(below(&talk.headers(Client, false, CALL))[0], ":method       POST");
    let compact = Talk::new(Compact).frame(Client, Frame::window_update(0, 0));
    assert!(compact[0].ends_with("PROTOCOL_ERROR: WINDOW_UPDATE of nothing"), "{compact:?}");
}

#[test]
fn a_compact_trace_is_a_line_for_each_frame_of_a_stream() {
    let mut talk = Talk::new(Compact);
    assert_eq!(talk.frame(Client, Frame::ping(*b"12345678", false)), [""; 0]);
    assert_eq!(talk.frame(Server, Frame::window_update(0, 1)), [""; 0]);
    let mut lines = talk.headers(Client, false, CALL);
    lines.extend(talk.data(Client, message(0, b"\x0a\x03tea")));
    lines.extend(talk.frame(Client, Frame::data(1, Vec::new(), true)));
    lines.extend(talk.headers(Server, false, ANSWER));
    lines.extend(talk.headers(Server, true, &[("grpc-status", "5"), ("grpc-message", "none")]));
    lines.extend(talk.frame(Client, Frame::rst_stream(3, Reason::CANCEL)));
    assert_eq!(
        lines,
        [
            "client → HEADERS      stream 1              /shop.Shop/Find, grpc-encoding gzip",
            "client → DATA         stream 1              word: \"tea\"",
            "client → DATA         stream 1   END_STREAM",
            "client ← HEADERS      stream 1              :status 200, grpc-encoding gzip",
            "client ← HEADERS      stream 1   END_STREAM grpc-status 5, grpc-message none",
            "client → RST_STREAM   stream 3              CANCEL",
        ]
    );
    talk.bytes(Client, &[0xff; 20]);
    assert_eq!(talk.end(Client), "client → end, after 20 bytes unread\n");
    assert_eq!(talk.end(Server), "");
}

#[test]
fn a_contract_that_cannot_be_read_is_one_line_with_its_place() {
    let error = Schema::parse([("a.proto", "syntax = \"proto3\";\nmessage {}\n")]).unwrap_err();
    assert!(error.to_string().starts_with("a.proto:2:9: "), "{error}");
    assert_eq!(error.to_string().lines().count(), 1);
    let error =
        Schema::parse([("b.proto", "syntax = \"proto3\";\nimport \"c.proto\";")]).unwrap_err();
    assert!(error.to_string().contains("c.proto"), "{error}");
}

#[test]
fn a_text_may_hold_several_files() {
    let text = "// a.proto\nsyntax = \"proto3\";\nimport \"b/c.proto\";\n\
        service S { rpc M(b.C) returns (b.C); }\n\
        // b/c.proto\nsyntax = \"proto3\";\npackage b;\nmessage C {}\n";
    let schema = Schema::parse([("printed.proto", text)]).unwrap();
    assert_eq!(schema.message("/S/M", Client).unwrap().full_name(), "b.C");
    assert!(schema.message("/S/N", Client).is_none() && schema.message("S", Client).is_none());
}

#[test]
fn a_stream_that_is_over_gives_back_what_it_held() {
    let mut talk = Talk::new(Full);
    // Each holds the beginning of a message of 256 KiB: 16 of them fill the room.
    for stream in (1..2001).step_by(2) {
        let block = talk.block(Client, CALL);
        talk.frame(Client, Frame::headers(stream, block, false));
        talk.frame(Client, Frame::data(stream, &[0, 0, 4, 0, 0, 1][..], false));
        match stream % 3 {
            0 => drop(talk.frame(Client, Frame::rst_stream(stream, Reason::CANCEL))),
            1 => drop(talk.frame(Client, Frame::data(stream, &b""[..], true))),
            _ => {
                for _ in 0..15 {
                    talk.frame(Client, Frame::data(stream, vec![1; 16_384], false));
                }
                let rest = vec![1; 16_384 - 1];
                let lines = talk.frame(Client, Frame::data(stream, rest, true));
                assert!(!lines[2].contains("too long"), "{stream}: {lines:?}");
            }
        }
        let block = talk.block(Server, ANSWER);
        talk.frame(Server, Frame::headers(stream, block, true));
    }
}

#[test]
fn a_stream_that_is_over_makes_room_for_another() {
    let mut talk = Talk::new(Full);
    for stream in (1..20_010).step_by(2) {
        let block = talk.block(Client, CALL);
        talk.frame(Client, Frame::headers(stream, block, false));
        let lines = talk.frame(Client, Frame::data(stream, message(0, b"\x0a\x03tea"), true));
        assert_eq!(lines.last().unwrap().trim(), "word: \"tea\"", "{stream}");
        let block = talk.block(Server, &[("grpc-status", "0")]);
        talk.frame(Server, Frame::headers(stream, block, true));
    }
}
