//! Paths, headers, prefixes and compression: what is read, what is refused, and that nothing
//! panics or grows, whatever comes.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, request::Parts};
use traitwire::Code;
use wire::dice::{Dice, cases};
use wire::gzip::compress;

use super::{
    Bench, LAB, LabServer,
    caller::{flagged, framed},
};
use crate::{
    headers::{decode_timeout, operate_headers},
    message::{Encoding, Pack, Unpack},
    registry::Services,
};

fn services() -> Services {
    let mut services = Services::default();
    services.register(&LAB, LabServer::new(Bench::default()));
    services
}

#[test]
fn a_path_leads_to_a_method_or_says_where_it_ends() {
    let services = services();
    for path in ["/test.v1.Lab/Echo", "/test.v1.Lab/Repeat"] {
        assert!(services.look_up(path).is_ok(), "{path}");
    }
    for (path, text) in [
        ("/test.v1.Lab/Sing", "unknown method Sing for service test.v1.Lab"),
        ("/test.v1.Lab/", "unknown method  for service test.v1.Lab"),
        ("/test.v1.Lab/Echo?x", "unknown method Echo?x for service test.v1.Lab"),
        ("/test.v1.lab/Echo", "unknown service test.v1.lab"),
        ("/Lab/Echo", "unknown service Lab"),
        ("/a/b/Echo", "unknown service a/b"),
        ("//Echo", "unknown service "),
        ("/Echo", "malformed method name: \"/Echo\""),
        ("test.v1.Lab/Echo", "malformed method name: \"test.v1.Lab/Echo\""),
        ("/", "malformed method name: \"/\""),
        ("", "malformed method name: \"\""),
    ] {
        let status = services.look_up(path).err().unwrap();
        assert_eq!((status.code(), status.message()), (Code::Unimplemented, text), "{path:?}");
    }
}

#[test]
#[should_panic(expected = "test.v1.Lab is registered twice")]
fn a_name_is_for_one_service() {
    services().register(&LAB, LabServer::new(Bench::default()));
}

#[test]
fn a_timeout_is_up_to_eight_digits_and_a_unit() {
    let read = |value: &str| decode_timeout(value.as_bytes());
    assert_eq!(read("2H"), Some(Duration::from_secs(7200)));
    assert_eq!(read("3M"), Some(Duration::from_secs(180)));
    assert_eq!(read("4S"), Some(Duration::from_secs(4)));
    assert_eq!(read("0005m"), Some(Duration::from_millis(5)));
    assert_eq!(read("6u"), Some(Duration::from_micros(6)));
    assert_eq!(read("99999999n"), Some(Duration::from_nanos(99_999_999)));
    for value in ["", "n", "1", "1x", "-1S", "+1S", "1.5S", "123456789n", " 1S", "1S "] {
        assert_eq!(read(value), None, "{value:?}");
    }
}

fn head(fields: &[(&str, &str)]) -> Parts {
    let mut request = Request::post("/test.v1.Lab/Echo").header("content-type", "application/grpc");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

#[test]
fn headers_are_refused_in_the_order_of_grpc_go() {
    let refused = |head: &Parts| {
        let abort = operate_headers(head).err().unwrap();
        (abort.http.as_u16(), abort.status.code())
    };
    let mut all_wrong =
        head(&[("host", "a"), ("host", "b"), ("grpc-timeout", "soon"), ("x-bin", "?")]);
    all_wrong.method = Method::GET;
    all_wrong.headers.insert("content-type", HeaderValue::from_static("text/html"));
    assert_eq!(refused(&all_wrong), (400, Code::Internal));
    all_wrong.headers.remove("host");
    assert_eq!(refused(&all_wrong), (415, Code::InvalidArgument));
    all_wrong.headers.insert("content-type", HeaderValue::from_static("application/grpc+proto"));
    assert_eq!(refused(&all_wrong), (400, Code::Internal));
    all_wrong.headers.remove("grpc-timeout");
    assert_eq!(refused(&all_wrong), (400, Code::Internal));
    all_wrong.headers.remove("x-bin");
    assert_eq!(refused(&all_wrong), (405, Code::Internal));
    all_wrong.method = Method::POST;
    assert!(operate_headers(&all_wrong).is_ok());
}

#[test]
fn binary_metadata_is_base64_with_padding_or_without_once_or_more() {
    for value in ["", "AAE=", "AAE", "AAE=,AAE, AA"] {
        assert!(operate_headers(&head(&[("x-bin", value)])).is_ok(), "{value:?}");
    }
    for value in ["?", "AAE=,?", "A"] {
        let abort = operate_headers(&head(&[("x-bin", value)])).err().unwrap();
        assert_eq!(abort.status.message(), "malformed binary metadata in header \"x-bin\"");
    }
}

#[test]
fn mutated_headers_are_read_or_refused() {
    let mut dice = Dice(19);
    let known = [
        ("grpc-timeout", "100m"),
        ("content-type", "application/grpc+proto; x=y"),
        ("grpc-encoding", "gzip"),
        ("grpc-accept-encoding", "identity,gzip"),
        ("x-bin", "AAECAwQ="),
        ("host", "lab"),
    ];
    let mut refused = 0;
    for _ in 0..cases(20_000) {
        let mut head = head(&[]);
        for (name, value) in known {
            let mut value = value.as_bytes().to_vec();
            dice.mutate(&mut value);
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                head.headers.append(HeaderName::from_static(name), value);
            }
        }
        match operate_headers(&head) {
            Ok(_) => drop(Encoding::of_request(&head.headers).map(|it| it.mirrored(&head.headers))),
            Err(abort) => {
                assert!([400, 405, 415].contains(&abort.http.as_u16()));
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
}

/// What comes out when this goes in, in pieces of `size`; and how it ends.
fn unpack(mut unpack: Unpack, data: &[u8], size: usize) -> (Vec<u8>, Code) {
    let mut out = Vec::new();
    for piece in data.chunks(size) {
        unpack.push(piece);
        loop {
            match unpack.next() {
                Ok(Some(message)) => out.extend(&message),
                Ok(None) => break,
                Err(status) => return (out, status.code()),
            }
        }
    }
    (out, unpack.finish().err().map_or(Code::Ok, |status| status.code()))
}

const LIMIT: usize = 1000;

#[test]
fn messages_come_out_plain_wherever_their_data_is_cut() {
    let message = [7; 500];
    let data = [
        flagged(1, &compress(&message)),
        framed(b""),
        framed(&message),
        flagged(1, &compress(b"")),
        flagged(0, b"plain"),
    ]
    .concat();
    let plain = [framed(&message), framed(b""), framed(&message), framed(b""), framed(b"plain")];
    for size in 1..=data.len() {
        let out = unpack(Unpack::new(Encoding::Gzip, LIMIT), &data, size);
        assert_eq!(out, (plain.concat(), Code::Ok), "in pieces of {size}");
    }
}

#[test]
fn five_bytes_are_enough_to_refuse_a_message() {
    for encoding in [Encoding::Identity, Encoding::Gzip] {
        let first = |data: &[u8]| unpack(Unpack::new(encoding, LIMIT), data, 1).1;
        assert_eq!(first(&framed(&[0; LIMIT])), Code::Ok);
        assert_eq!(first(&[0, 0, 0, 3, 0xe9]), Code::ResourceExhausted);
        assert_eq!(first(&[0, 0xff, 0xff, 0xff, 0xff]), Code::ResourceExhausted);
        assert_eq!(first(&[2, 0, 0, 0, 0]), Code::Internal);
        // Not in four.
        assert_eq!(first(&[0, 0xff, 0xff, 0xff]), Code::Internal);
    }
    let flagged = [1, 0, 0, 0, 0];
    let status = unpack(Unpack::new(Encoding::Identity, LIMIT), &flagged, 5).1;
    assert_eq!(status, Code::Internal);
}

#[test]
fn what_is_decompressed_is_not_larger_than_allowed() {
    let unpack = |zeros: usize| {
        let data = flagged(1, &compress(&vec![0; zeros]));
        assert!(data.len() < LIMIT, "it is small as it comes");
        unpack(Unpack::new(Encoding::Gzip, LIMIT), &data, data.len())
    };
    assert_eq!(unpack(LIMIT), (framed(&[0; LIMIT]), Code::Ok));
    assert_eq!(unpack(LIMIT + 1), (Vec::new(), Code::ResourceExhausted));
    assert_eq!(unpack(100_000).1, Code::ResourceExhausted);
}

#[test]
fn what_is_no_gzip_is_an_internal_error() {
    let mut cut_off = compress(&[7; 500]);
    cut_off.pop();
    for message in [&b""[..], b"text", &cut_off] {
        let data = flagged(1, message);
        let ended = unpack(Unpack::new(Encoding::Gzip, LIMIT), &data, data.len());
        assert_eq!(ended, (Vec::new(), Code::Internal), "{message:?}");
    }
}

#[test]
fn a_request_does_not_end_within_a_message() {
    let data = [framed(b"whole"), framed(b"half")].concat();
    for end in 0..=data.len() {
        let ended = unpack(Unpack::new(Encoding::Identity, LIMIT), &data[..end], 3).1;
        let expected = if [0, 10, 19].contains(&end) { Code::Ok } else { Code::Internal };
        assert_eq!(ended, expected, "at {end}");
    }
}

#[test]
fn mutated_messages_end_the_same_way_wherever_they_are_cut() {
    let mut dice = Dice(8);
    let plain = [7; 300];
    let whole =
        [framed(b"one"), flagged(1, &compress(&plain)), framed(b""), framed(&plain)].concat();
    let mut wrong = 0;
    for _ in 0..cases(5_000) {
        let mut data = whole.clone();
        dice.mutate(&mut data);
        for encoding in [Encoding::Identity, Encoding::Gzip] {
            let at_once = unpack(Unpack::new(encoding, LIMIT), &data, data.len().max(1));
            let size = 1 + dice.roll(40);
            let in_pieces = unpack(Unpack::new(encoding, LIMIT), &data, size);
            assert_eq!(at_once, in_pieces, "{data:?} in pieces of {size}");
            wrong += usize::from(at_once.1 != Code::Ok);
        }
    }
    assert!(wrong > 0);
}

#[test]
fn what_is_packed_is_unpacked() {
    let messages = [framed(&[7; 500]), framed(b""), framed(b"short")].concat();
    for size in 1..=messages.len() {
        let mut pack = Pack::new(Encoding::Gzip);
        let packed: Vec<u8> = messages
            .chunks(size)
            .flat_map(|piece| pack.pack(Bytes::copy_from_slice(piece)).unwrap())
            .collect();
        assert_ne!(packed, messages);
        let out = unpack(Unpack::new(Encoding::Gzip, LIMIT), &packed, packed.len());
        assert_eq!(out, (messages.clone(), Code::Ok), "in pieces of {size}");
    }
    // An empty message cannot be made smaller.
    let empty = Pack::new(Encoding::Gzip).pack(Bytes::from(framed(b""))).unwrap();
    assert_eq!(empty, framed(b""));
}
