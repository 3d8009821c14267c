//! Header fields: which ones a call sends, and HPACK, with one table for each direction.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use loona_hpack::{Decoder, Encoder};
use wire::frame::{Malformed, Reason};

use crate::{CallOptions, message::Encoding};

/// How large the table is that both sides keep.
const TABLE: usize = 4096;

/// How long the header list of an answer may be, by the count of RFC 9113 §6.5.2. We say so in
/// SETTINGS.
pub(crate) const MAX_HEADER_LIST: usize = 16 * 1024;

/// How long it may be in its compressed form. A longer one ends the connection: even to skip it, we
/// would have to read it.
pub(crate) const MAX_HEADER_BLOCK: usize = 4 * MAX_HEADER_LIST;

/// A header field, as it is sent.
pub(crate) type Field = (Bytes, Bytes);

/// The fields that begin a call, in grpc-go's order.
pub(crate) fn create_header_fields(
    path: &'static str,
    authority: &str,
    timeout: Option<Duration>,
    options: &CallOptions,
) -> Vec<Field> {
    let field = |name: &'static str, value: &'static str| (name.into(), value.into());
    let mut fields: Vec<Field> = vec![
        field(":method", "POST"),
        field(":scheme", "http"),
        field(":path", path),
        (":authority".into(), Bytes::copy_from_slice(authority.as_bytes())),
        field("content-type", "application/grpc"),
        field("user-agent", concat!("traitwire-write-path/", env!("CARGO_PKG_VERSION"))),
        field("te", "trailers"),
    ];
    if options.compress {
        fields.push(field("grpc-encoding", Encoding::Gzip.name()));
    }
    fields.push(field("grpc-accept-encoding", Encoding::Gzip.name()));
    if let Some(timeout) = timeout {
        fields.push(("grpc-timeout".into(), encode_timeout(timeout).into()));
    }
    let metadata = options.metadata.clone().into_headers();
    for (name, value) in metadata.iter().filter(|(name, _)| !is_reserved(name.as_str())) {
        let name = Bytes::copy_from_slice(name.as_str().as_bytes());
        fields.push((name, Bytes::copy_from_slice(value.as_bytes())));
    }
    fields
}

/// Fields that belong to the protocol, and not to the caller.
fn is_reserved(name: &str) -> bool {
    matches!(
        name,
        "te" | "content-type"
            | "user-agent"
            | "grpc-encoding"
            | "grpc-accept-encoding"
            | "grpc-timeout"
            | "grpc-message-type"
            | "grpc-status"
            | "grpc-message"
            | "connection"
            | "host"
            | "transfer-encoding"
    )
}

/// A number of at most 8 digits, in the smallest unit that allows it, rounded up: a server must not
/// give up before the client does.
pub(crate) fn encode_timeout(timeout: Duration) -> String {
    const UNITS: [(u128, char); 6] = [
        (1, 'n'),
        (1_000, 'u'),
        (1_000_000, 'm'),
        (1_000_000_000, 'S'),
        (60_000_000_000, 'M'),
        (3_600_000_000_000, 'H'),
    ];
    let of = |unit: u128| timeout.as_nanos().div_ceil(unit);
    let (unit, name) =
        UNITS.into_iter().find(|(unit, _)| of(*unit) < 100_000_000).unwrap_or(UNITS[5]);
    format!("{}{name}", of(unit).min(99_999_999))
}

/// Compresses the fields that we send.
pub(crate) struct HeaderEncoder {
    hpack: Encoder<'static>,
    table: usize,
    /// The peer wants a smaller table; it is to be told when it gets one.
    resized: bool,
}

impl HeaderEncoder {
    pub(crate) fn new() -> Self {
        Self { hpack: Encoder::new(), table: TABLE, resized: false }
    }

    /// SETTINGS_HEADER_TABLE_SIZE. The table gets smaller and not larger again.
    pub(crate) fn limit_table(&mut self, size: u32) {
        if (size as usize) < self.table {
            self.table = size as usize;
            self.hpack.set_max_table_size(self.table);
            self.resized = true;
        }
    }

    pub(crate) fn encode(&mut self, fields: &[Field]) -> Bytes {
        let mut block = Vec::new();
        if std::mem::take(&mut self.resized) {
            table_size_update(self.table, &mut block);
        }
        block.extend(self.hpack.encode(fields.iter().map(|(name, value)| (&name[..], &value[..]))));
        block.into()
    }
}

/// A dynamic table size update, RFC 7541 §6.3: an integer behind three bits.
fn table_size_update(size: usize, block: &mut Vec<u8>) {
    if size < 31 {
        return block.put_u8(0x20 | size as u8);
    }
    block.put_u8(0x20 | 31);
    let mut rest = size - 31;
    while rest >= 128 {
        block.put_u8(0x80 | (rest % 128) as u8);
        rest /= 128;
    }
    block.put_u8(rest as u8);
}

/// The header fields of a frame that the peer sent.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// `:status`, where there is one: trailers have none.
    pub(crate) status: Option<u16>,
    pub(crate) fields: HeaderMap,
    /// Why this header list cannot be used. The connection can: its table is in order.
    pub(crate) wrong: Option<&'static str>,
}

/// Decompresses header blocks.
pub(crate) struct HeaderDecoder {
    hpack: Decoder<'static>,
    block: BytesMut,
    continuations: usize,
}

impl HeaderDecoder {
    pub(crate) fn new() -> Self {
        let mut hpack = Decoder::new();
        hpack.set_max_allowed_table_size(TABLE);
        Self { hpack, block: BytesMut::new(), continuations: 0 }
    }

    /// Takes a piece of a header block.
    pub(crate) fn push(&mut self, block: &[u8]) -> Result<(), Malformed> {
        self.continuations += 1;
        // So many frames would do for the longest block, and for as many empty ones.
        let frames = 2 * MAX_HEADER_BLOCK / wire::frame::MAX_FRAME_SIZE;
        if self.block.len() + block.len() > MAX_HEADER_BLOCK || self.continuations > frames {
            let what = "a header block that is too long";
            return Err(Malformed { reason: Reason::ENHANCE_YOUR_CALM, stream: 0, what });
        }
        self.block.extend_from_slice(block);
        Ok(())
    }

    /// The fields of the block, which is whole.
    pub(crate) fn decode(&mut self) -> Result<Header, Malformed> {
        let block = std::mem::take(&mut self.block);
        self.continuations = 0;
        let mut header = Header::default();
        let mut size = 0;
        let decoded = self.hpack.decode_with_cb(&block, |name, value| {
            size += name.len() + value.len() + 32;
            if size > MAX_HEADER_LIST {
                header.wrong = Some("the header list is too long");
            } else {
                header.add(&name, &value);
            }
        });
        decoded.map_err(|_| {
            let what = "a header block that HPACK cannot read";
            Malformed { reason: Reason::COMPRESSION_ERROR, stream: 0, what }
        })?;
        Ok(header)
    }
}

impl Header {
    fn add(&mut self, name: &[u8], value: &[u8]) {
        if name == b":status" {
            let status = std::str::from_utf8(value).ok().and_then(|status| status.parse().ok());
            let is_first = self.status.is_none() && self.fields.is_empty();
            if status.is_none() || !is_first {
                self.wrong = Some("a wrong :status");
            }
            self.status = status;
            return;
        }
        // Names are in lower case here; the http crate takes both.
        let is_lower = !name.iter().any(u8::is_ascii_uppercase);
        match (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            (Ok(name), Ok(value)) if is_lower => {
                self.fields.append(name, value);
            }
            _ => self.wrong = Some("a header field that may not be"),
        }
    }
}
