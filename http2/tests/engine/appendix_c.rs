//! RFC 7541, Appendix C, whole: every block of it, decoded and encoded.

use traitwire_http2::{
    Fields,
    hpack::{DecodeError, Decoder, Encoder},
};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|it| it.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

/// The three requests of C.3 and C.4.
fn requests() -> [Fields; 3] {
    let begin = [(":method", "GET"), (":scheme", "http"), (":path", "/")];
    let mut third = Fields::from_iter([(":method", "GET"), (":scheme", "https")]);
    third.push(":path", "/index.html");
    third.push(":authority", "www.example.com");
    third.push("custom-key", "custom-value");
    let common = [(":authority", "www.example.com")];
    [
        begin.into_iter().chain(common).collect(),
        begin.into_iter().chain(common).chain([("cache-control", "no-cache")]).collect(),
        third,
    ]
}

/// The three responses of C.5 and C.6.
fn responses() -> [Fields; 3] {
    let (date, later) = ("Mon, 21 Oct 2013 20:13:21 GMT", "Mon, 21 Oct 2013 20:13:22 GMT");
    let location = ("location", "https://www.example.com");
    let cookie = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
    let head = |status, date| {
        [(":status", status), ("cache-control", "private"), ("date", date), location]
    };
    let third = head("200", later).into_iter();
    [
        Fields::from_iter(head("302", date)),
        Fields::from_iter(head("307", date)),
        third.chain([("content-encoding", "gzip"), ("set-cookie", cookie)]).collect(),
    ]
}

#[test]
fn c_2_single_fields() {
    for (block, name, value, is_sensitive) in [
        (
            "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
            "custom-key",
            "custom-header",
            false,
        ),
        ("040c 2f73 616d 706c 652f 7061 7468", ":path", "/sample/path", false),
        ("1008 7061 7373 776f 7264 0673 6563 7265 74", "password", "secret", true),
        ("82", ":method", "GET", false),
    ] {
        let fields = Decoder::default().decode(&bytes(block)).unwrap();
        let mut expected = Fields::new();
        match is_sensitive {
            true => expected.push_sensitive(name, value),
            false => expected.push(name, value),
        }
        assert_eq!(fields, expected);
    }
}

fn decodes(table: &str, blocks: [&str; 3], expected: [Fields; 3]) {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.decode(&bytes(table)).unwrap(), Fields::new());
    for (block, expected) in blocks.iter().zip(expected) {
        assert_eq!(decoder.decode(&bytes(block)).unwrap(), expected);
    }
}

#[test]
fn c_3_requests_without_huffman_coding() {
    let blocks = [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    decodes("", blocks, requests());
}

const C_4: [&str; 3] = [
    "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
    "8286 84be 5886 a8eb 1064 9cbf",
    "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
];

#[test]
fn c_4_requests_with_huffman_coding() {
    decodes("", C_4, requests());
}

/// A table of 256 bytes, set by a size update in front.
const TABLE_OF_256: &str = "3fe1 01";

#[test]
fn c_5_responses_without_huffman_coding() {
    let blocks = [
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 \
         2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 \
         6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d \
         54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 \
         5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e \
         3d31",
    ];
    decodes(TABLE_OF_256, blocks, responses());
}

const C_6: [&str; 3] = [
    "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b \
     ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
    "4883 640e ffc1 c0bf",
    "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad \
     94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 \
     65c0 03ed 4ee5 b106 3d50 07",
];

#[test]
fn c_6_responses_with_huffman_coding() {
    decodes(TABLE_OF_256, C_6, responses());
}

/// The encoder makes the choices of C.4 and C.6, so it comes to the same bytes. Only "307" is as long either way,
/// and ours takes the one that is quicker to read, which is that of C.5.
#[test]
fn c_4_and_c_6_encoded() {
    let mut encoder = Encoder::default();
    for (fields, block) in requests().iter().zip(C_4) {
        let mut out = Vec::new();
        encoder.encode(fields, &mut out);
        assert_eq!(out, bytes(block));
    }
    let mut encoder = Encoder::default();
    encoder.set_table_size(256);
    for (fields, block) in responses().iter().zip([C_6[0], "4803 3330 37c1 c0bf", C_6[2]]) {
        let mut out = Vec::new();
        encoder.encode(fields, &mut out);
        let out = out.strip_prefix(&bytes(TABLE_OF_256)[..]).unwrap_or(&out);
        assert_eq!(out, bytes(block));
    }
}

#[test]
fn a_table_that_shrinks_and_grows_between_two_blocks_is_told_so() {
    let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
    let fields = Fields::from_iter([("a", "b")]);
    let mut round = |encoder: &mut Encoder| {
        let mut block = Vec::new();
        encoder.encode(&fields, &mut block);
        assert_eq!(decoder.decode(&block).unwrap(), fields);
        block
    };
    round(&mut encoder);
    assert_eq!(round(&mut encoder), [0x80 | 62]);
    encoder.set_table_size(0);
    encoder.set_table_size(100);
    // Both sizes, and then the field anew: it was forgotten.
    assert_eq!(round(&mut encoder)[..3], [0x20, 0x3f, 100 - 31]);
    // What the peer allows beyond 4 KiB is not used.
    encoder.set_table_size(1 << 30);
    assert_eq!(round(&mut encoder)[..3], bytes("3fe1 1f"));
}

#[test]
fn blocks_that_are_none() {
    use DecodeError::{Huffman, Index, IntegerOverflow, SizeUpdate, Truncated};
    for (block, error) in [
        ("80", Index),
        ("be", Index),
        ("7e00", Index),
        ("ffff ffff ffff", IntegerOverflow),
        ("40", Truncated),
        ("400a 61", Truncated),
        ("4001 61", Truncated),
        ("4081 ff01 61", Huffman),
        ("4084 ffff ffff 0161", Huffman),
        ("8220", SizeUpdate),
        ("3fe2 1f", SizeUpdate),
    ] {
        assert_eq!(Decoder::default().decode(&bytes(block)), Err(error), "{block}");
    }
    let mut decoder = Decoder::default();
    decoder.set_limit(100);
    assert_eq!(decoder.decode(&bytes("82")), Err(SizeUpdate), "a smaller table was not told");
}

/// What a block means depends on the table, also where the block was seen before.
#[test]
fn the_same_block_means_something_else_when_the_table_has_changed() {
    let mut decoder = Decoder::default();
    let insert = |value: u8| [0x40, 1, b'k', 1, value];
    for value in *b"abc" {
        decoder.decode(&insert(value)).unwrap();
        for _ in 0..3 {
            let fields = decoder.decode(&[0x80 | 62]).unwrap();
            assert_eq!(fields, Fields::from_iter([("k", [value])]));
        }
    }
}
