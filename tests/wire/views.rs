//! A view of the bytes that came is what prost decodes of them, whatever they are.

use bytes::Bytes;
use traitwire::{Code, RawClient, RawMessage, Request, Transport};

use crate::borrowed::{BorrowedServer, Kept, OwnedServer};

const CASES: usize = 5_000;

/// Fields of wrapper messages as they should be and as they should not, and other fields of every kind.
const FIELDS: &[&[u8]] = &[
    b"\x0a\x00",
    b"\x0a\x03106",
    b"\x0a\x07\xe6\xbc\xa2\xf0\x9f\xa6\x9c",
    b"\x0a\x02\xe6\xbc", // half a character
    b"\x0a\x01\xff",
    b"\x0a\x05ab",                                   // too short
    b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", // longer than a `usize`
    b"\x8a\x80\x00\x01c",                            // a key in three bytes
    b"\x08\x07",                                     // the field with another type
    b"\x0b\x0c",
    b"\x12\x02ab",
    b"\x10\x96\x01",
    b"\x11\x01\x02\x03\x04\x05\x06\x07\x08",
    b"\x15\x01\x02\x03\x04",
    b"\x13\x0a\x01a\x14", // a group, with the field inside
    b"\x13\x1c",          // a group that another ends
    b"\x0c",
    b"\x02",
    b"\x07",
];

/// A small generator of numbers (xorshift64*): the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end
    }

    /// Some of the fields, one time in two with one byte changed, left out or put in.
    fn message(&mut self) -> Vec<u8> {
        let mut message = Vec::new();
        for _ in 0..self.below(4) {
            message.extend(FIELDS[self.below(FIELDS.len())]);
        }
        let (place, byte) = (self.below(message.len() + 1), self.below(256) as u8);
        match self.below(6) {
            0 => message.insert(place, byte),
            1 if place < message.len() => message[place] = byte,
            2 => message.truncate(place),
            _ => {}
        }
        message
    }
}

/// What a server answers to these bytes: its message, or its code and what it says.
async fn answer(
    server: impl Transport,
    path: &str,
    bytes: &Bytes,
) -> Result<Bytes, (Code, String)> {
    let request = Request::new([RawMessage(bytes.clone())].into_iter().collect());
    let answer = async {
        let mut answers = RawClient::new(server).call(path, request).await?.into_inner();
        answers.message().await
    };
    match answer.await {
        Ok(message) => Ok(message.expect("a call that went well has an answer").0),
        Err(status) => Err((status.code(), status.message().to_owned())),
    }
}

#[tokio::test]
async fn a_view_is_what_prost_decodes_or_its_error() {
    let (own, lent) = (OwnedServer::new(Kept), BorrowedServer::new(Kept));
    let mut random = Random(2026);
    for path in ["/borrowed.v1.Kept/Text", "/borrowed.v1.Kept/Bytes"] {
        let mut errors = 0;
        for _ in 0..CASES {
            let bytes = Bytes::from(random.message());
            let expected = answer(own.clone(), path, &bytes).await;
            assert_eq!(answer(lent.clone(), path, &bytes).await, expected, "{path} {bytes:?}");
            errors += usize::from(expected.is_err());
        }
        assert!((CASES / 4..CASES * 3 / 4).contains(&errors), "{errors} of {CASES}");
    }
}
