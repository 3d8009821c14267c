//! Header fields: which ones a call sends, and HPACK, with one table for each direction.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use loona_hpack::Encoder;
use wire::headers::Fields;

use crate::CallOptions;

/// How large the table is that both sides keep.
const TABLE: u32 = 4096;

/// A header field, as it is sent.
pub(crate) type Field = (Bytes, Bytes);

/// How long a header list is, by the count of RFC 9113 §6.5.2.
pub(crate) fn list_size(fields: &[Field]) -> usize {
    fields.iter().map(|(name, value)| name.len() + value.len() + 32).sum()
}

/// The fields that begin a call, in grpc-go's order.
pub(crate) fn create_header_fields(
    path: &'static str,
    authority: &str,
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
        fields.push(field("grpc-encoding", "gzip"));
    }
    fields.push(field("grpc-accept-encoding", "gzip"));
    if let Some(timeout) = options.timeout {
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
    let of_http = ["te", "content-type", "user-agent", "connection", "host", "transfer-encoding"];
    name.starts_with("grpc-") || of_http.contains(&name)
}

/// A number of at most 8 digits, in the smallest unit that allows it, rounded up: a server must not
/// give up before the client does. Three years are as good as for ever.
fn encode_timeout(timeout: Duration) -> String {
    let units = [(1, 'n'), (1_000, 'u'), (1_000_000, 'm'), (1_000_000_000, 'S')];
    let of = |unit: u128| timeout.as_nanos().div_ceil(unit);
    let (unit, name) =
        units.into_iter().find(|(unit, _)| of(*unit) < 100_000_000).unwrap_or(units[3]);
    format!("{}{name}", of(unit).min(99_999_999))
}

/// Compresses the fields that we send.
pub(crate) struct HeaderEncoder {
    hpack: Encoder<'static>,
    /// The peer wants a smaller table. It gets none, and is to be told so.
    resized: bool,
}

impl HeaderEncoder {
    pub(crate) fn new() -> Self {
        Self { hpack: Encoder::new(), resized: false }
    }

    /// SETTINGS_HEADER_TABLE_SIZE.
    pub(crate) fn limit_table(&mut self, size: u32) {
        if size < TABLE {
            self.hpack.set_max_table_size(0);
            self.resized = true;
        }
    }

    pub(crate) fn encode(&mut self, fields: &[Field]) -> Bytes {
        // A dynamic table size update to nothing, RFC 7541 §6.3.
        let mut block = if std::mem::take(&mut self.resized) { vec![0x20] } else { Vec::new() };
        block.extend(self.hpack.encode(fields.iter().map(|(name, value)| (&name[..], &value[..]))));
        block.into()
    }
}

/// The header fields of a frame that the peer sent: `:status`, which trailers do not have, and the
/// others. Or why they cannot be used. The connection can: its table is in order.
pub(crate) fn read_fields(fields: Fields) -> Result<(Option<u16>, HeaderMap), &'static str> {
    if fields.more > 0 {
        return Err("the header list is too long");
    }
    let (mut status, mut headers) = (None, HeaderMap::new());
    for (at, (name, value)) in fields.list.iter().enumerate() {
        if at == 0 && name == ":status" {
            let text = std::str::from_utf8(value).ok();
            status = Some(text.and_then(|text| text.parse().ok()).ok_or("a wrong :status")?);
            continue;
        }
        // Names are in lower case here; the http crate takes both.
        let is_lower = !name.iter().any(u8::is_ascii_uppercase);
        match (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            (Ok(name), Ok(value)) if is_lower => headers.append(name, value),
            _ => return Err("a header field that may not be"),
        };
    }
    Ok((status, headers))
}
