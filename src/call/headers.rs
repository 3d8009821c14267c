//! Metadata and status as header fields, and back.

use std::{borrow::Cow, sync::LazyLock};

use base64::{Engine, alphabet, engine};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode, utf8_percent_encode};
use tonic::{Code, Status, metadata::MetadataMap};

use super::{End, Field, Head, ResponseHead, Trailers};

pub(crate) const STATUS: HeaderName = HeaderName::from_static("grpc-status");
pub(crate) const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
pub(crate) const DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");
pub(crate) const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
pub(crate) const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
pub(crate) const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
pub(crate) const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");

/// What the library itself writes; metadata of these names is not sent.
const RESERVED: [HeaderName; 8] = [
    STATUS,
    MESSAGE,
    DETAILS,
    ENCODING,
    TIMEOUT,
    http::header::TE,
    http::header::CONTENT_TYPE,
    HeaderName::from_static("grpc-message-type"),
];

/// Whether metadata of this name is not sent.
#[cfg(feature = "client")]
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.iter().chain(&OF_A_CONNECTION).any(|it| it.as_str().eq_ignore_ascii_case(name))
}

/// What belongs to a connection of HTTP/1, and makes an answer in HTTP/2 malformed (RFC 9113 section
/// 8.2.2).
const OF_A_CONNECTION: [HeaderName; 5] = [
    http::header::CONNECTION,
    http::header::TRANSFER_ENCODING,
    http::header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Drops what HTTP/2 does not allow.
pub(crate) fn strip_connection(headers: &mut HeaderMap) {
    for name in OF_A_CONNECTION {
        headers.remove(name);
    }
}

/// How long a block of header fields may be for a peer that does not say what it takes: as long as
/// gRPC's own C core takes it (RFC 9113 section 6.5.2 has how it is counted). A longer one can cost
/// the peer the whole connection.
pub(crate) const LONGEST_BLOCK: usize = 8 * 1024;

/// What a status needs to say anything. A peer that takes less gets as much all the same.
const SHORTEST_BLOCK: usize = 512;

/// What is replaced by `%` and two digits in a message: all but printable ASCII, and `%` itself
/// (PROTOCOL-HTTP2.md, "Percent-Encoded").
const NOT_IN_A_MESSAGE: &AsciiSet = &CONTROLS.add(b'%');

/// Base64 is written without padding and read with or without (PROTOCOL-HTTP2.md, "Binary-Value").
const BASE64: engine::GeneralPurpose = engine::GeneralPurpose::new(
    &alphabet::STANDARD,
    engine::GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(engine::DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What is asked of the header fields of a request, found in one pass: to look each of them up costs
/// more than to pass over the few that there are.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a> {
    pub(crate) content_type: Option<&'a HeaderValue>,
    timeout: Option<&'a HeaderValue>,
    encoding: Option<&'a HeaderValue>,
    accept_encoding: Option<&'a HeaderValue>,
    /// How many bytes all of them count for.
    pub(crate) length: usize,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        let mut fields = Self::default();
        for (name, value) in headers {
            fields.length += cost(name, value.len());
            let field = match name.as_str() {
                "content-type" => &mut fields.content_type,
                "grpc-timeout" => &mut fields.timeout,
                "grpc-encoding" => &mut fields.encoding,
                "grpc-accept-encoding" => &mut fields.accept_encoding,
                _ => continue,
            };
            field.get_or_insert(value);
        }
        fields
    }
}

impl Head for Fields<'_> {
    fn get(&self, field: Field) -> Option<Cow<'_, [u8]>> {
        let value = match field {
            Field::Timeout => self.timeout,
            Field::Encoding => self.encoding,
            Field::AcceptEncoding => self.accept_encoding,
        };
        value.map(|value| Cow::Borrowed(value.as_bytes()))
    }
}

/// How many bytes a field counts for in a block.
fn cost(name: &HeaderName, length: usize) -> usize {
    name.as_str().len() + length + 32
}

/// How many bytes the fields count for.
pub(crate) fn block_length(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| cost(name, value.len())).sum()
}

/// Whether a request with these fields is one that its server takes.
///
/// # Errors
///
/// RESOURCE_EXHAUSTED, when it is longer than `longest`.
#[cfg(feature = "client")]
pub(crate) fn fits(uri: &http::Uri, headers: &HeaderMap, longest: usize) -> Result<(), Status> {
    let authority = uri.authority().map_or(0, |it| it.as_str().len());
    let length = block_length(headers) + PSEUDO + uri.path().len() + authority;
    if length <= longest {
        return Ok(());
    }
    Err(Status::resource_exhausted(format!(
        "the request has {length} bytes of metadata, and its server takes {longest}"
    )))
}

/// What the fields of a request that begin with a colon count for, besides its path and authority.
#[cfg(feature = "client")]
const PSEUDO: usize = ":method:scheme:path:authorityPOSThttps".len() + 4 * 32;

/// Metadata as it is sent: without the names that the library itself writes.
pub(crate) fn sent(metadata: MetadataMap) -> HeaderMap {
    let mut headers = metadata.into_headers();
    if !headers.is_empty() {
        for name in RESERVED {
            headers.remove(name);
        }
        strip_connection(&mut headers);
    }
    headers
}

/// Metadata as it is received: one value for each that a peer has joined by commas under the name of
/// a binary one (PROTOCOL-HTTP2.md, "Custom-Metadata").
pub(crate) fn received(mut headers: HeaderMap) -> MetadataMap {
    let is_joined = |name: &HeaderName, value: &HeaderValue| {
        name.as_str().ends_with("-bin") && value.as_bytes().contains(&b',')
    };
    let joined: Vec<_> = headers
        .iter()
        .filter(|(name, value)| is_joined(name, value))
        .map(|it| it.0.clone())
        .collect();
    for name in joined {
        let http::header::Entry::Occupied(entry) = headers.entry(&name) else { continue };
        let (name, values) = entry.remove_entry_mult();
        let values: Vec<_> = values.collect();
        for value in values {
            for value in value.as_bytes().split(|byte| *byte == b',') {
                // A part of what is valid is valid.
                if let Ok(value) = HeaderValue::from_bytes(value.trim_ascii()) {
                    headers.append(name.clone(), value);
                }
            }
        }
    }
    MetadataMap::from_headers(headers)
}

/// Header fields that are there already: a clone of them is cheaper than to insert each.
static OK: LazyLock<HeaderMap> = LazyLock::new(|| one(STATUS, HeaderValue::from_static("0")));
static BEGUN: LazyLock<HeaderMap> = LazyLock::new(|| one(http::header::CONTENT_TYPE, GRPC));

fn one(name: HeaderName, value: HeaderValue) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(1);
    headers.insert(name, value);
    headers
}

/// What an answer begins with.
pub(crate) fn begun() -> HeaderMap {
    BEGUN.clone()
}

/// The head of an answer to a peer that takes blocks of `longest` bytes.
///
/// # Errors
///
/// RESOURCE_EXHAUSTED, when its metadata is longer.
pub(crate) fn head(head: ResponseHead, longest: usize) -> Result<HeaderMap, Status> {
    let mut fields = begun();
    if !head.metadata.is_empty() {
        fields.extend(sent(head.metadata));
        let length = block_length(&fields);
        if fields.len() > 1 && length > longest {
            return Err(Status::resource_exhausted(format!(
                "the metadata of the answer has {length} bytes, and the limit is {longest}"
            )));
        }
    }
    if let Some(encoding) = head.encoding {
        fields.insert(ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(fields)
}

/// The end of a call as trailers, for such a peer.
pub(crate) fn trailers(end: End, longest: usize) -> HeaderMap {
    if end.status.is_ok() && end.trailers.is_none() {
        return OK.clone();
    }
    let mut headers = HeaderMap::new();
    add_end(&mut headers, end, longest);
    headers
}

/// Adds the end of a call, no longer than such a peer takes.
///
/// What is too long goes in this order: metadata, details, the end of the message. The code stays, and
/// the message says what was left out.
pub(crate) fn add_end(headers: &mut HeaderMap, end: End, longest: usize) {
    match end.status {
        Ok(()) => {
            let metadata = end.trailers.map(|it| sent(it.take())).unwrap_or_default();
            let length = block_length(&metadata) + cost(&STATUS, 2);
            if length > longest {
                let why = format!("the trailers have {length} bytes, and the limit is {longest}");
                return add_error(headers, &Status::resource_exhausted(why), longest);
            }
            headers.insert(STATUS, HeaderValue::from_static("0"));
            headers.extend(metadata);
        }
        Err(status) => add_error(headers, &status, longest),
    }
}

fn add_error(headers: &mut HeaderMap, status: &Status, longest: usize) {
    let longest = longest.max(SHORTEST_BLOCK);
    let mut room = longest - cost(&STATUS, 2) - cost(&http::header::CONTENT_TYPE, GRPC.len());
    let message = encode_message(status.message());
    let cost_of_message = if message.is_empty() { 0 } else { cost(&MESSAGE, message.len()) };
    // For the message, or for a note of what was left out.
    let kept = cost_of_message.clamp(longest / 32, longest / 4);
    let mut left_out = Vec::new();
    let mut fits = |length: usize, what: String| match room.checked_sub(length + kept) {
        Some(rest) => {
            room = rest + kept;
            true
        }
        None => {
            left_out.push(what);
            false
        }
    };

    let details = Some(status.details()).filter(|it| !it.is_empty()).and_then(|details| {
        let encoded = HeaderValue::try_from(BASE64.encode(details)).ok()?;
        let what = format!("{} bytes of details", details.len());
        fits(cost(&DETAILS, encoded.len()), what).then_some(encoded)
    });
    let metadata = sent(status.metadata().clone());
    let length = block_length(&metadata);
    let metadata = fits(length, format!("{length} bytes of metadata")).then_some(metadata);

    headers.insert(STATUS, HeaderValue::from(status.code() as i32));
    let message = match left_out.as_slice() {
        [] if cost_of_message <= room => message,
        left_out => shortened(status.message(), left_out, room - cost(&MESSAGE, 0)).into(),
    };
    if !message.is_empty()
        && let Ok(message) = HeaderValue::try_from(message.as_ref())
    {
        headers.insert(MESSAGE, message);
    }
    if let Some(details) = details {
        headers.insert(DETAILS, details);
    }
    headers.extend(metadata.unwrap_or_default());
}

/// As much of `message` as fits into `room` encoded bytes, and what was left out.
fn shortened(message: &str, left_out: &[String], room: usize) -> String {
    let note = |whole: bool| {
        let mut left_out = left_out.to_vec();
        if !whole {
            left_out.insert(0, format!("the rest of {} bytes", message.len()));
        }
        format!(" (left out: {})", left_out.join(", "))
    };
    if !left_out.is_empty() {
        let all = format!("{message}{}", note(true));
        let encoded = encode_message(&all);
        if encoded.len() <= room {
            return encoded.into_owned();
        }
    }
    let note = note(false);
    // Alone it begins with a space, which takes three bytes.
    let mut room = room.saturating_sub(note.len() + 2);
    let end = message.char_indices().find_map(|(start, it)| {
        let mut utf8 = [0; 4];
        let length =
            encode_message(it.encode_utf8(&mut utf8)).len().max(if it == ' ' { 3 } else { 1 });
        match room.checked_sub(length) {
            Some(rest) => {
                room = rest;
                None
            }
            None => Some(start),
        }
    });
    encode_message(&format!("{}{note}", &message[..end.unwrap_or(message.len())])).into_owned()
}

/// A field may not begin or end with a space (RFC 9113 section 8.2.1), so these are encoded too.
fn encode_message(message: &str) -> Cow<'_, str> {
    let encoded: Cow<'_, str> = utf8_percent_encode(message, NOT_IN_A_MESSAGE).into();
    if !encoded.starts_with(' ') && !encoded.ends_with(' ') {
        return encoded;
    }
    let inner = encoded.trim_matches(' ');
    let before = encoded.len() - encoded.trim_start_matches(' ').len();
    let after = encoded.len() - before - inner.len();
    Cow::Owned(["%20".repeat(before), inner.to_owned(), "%20".repeat(after)].concat())
}

/// Reads the status and the trailers of an answer; `None` where there is no status.
pub(crate) fn end_of(mut headers: HeaderMap) -> Option<End> {
    // Most ends are good, and say nothing else.
    if headers.len() == 1 && headers.get(&STATUS).is_some_and(|it| it == "0") {
        return Some(End::ok(None));
    }
    let code = code(headers.remove(&STATUS)?.as_bytes());
    let message = headers.remove(&MESSAGE);
    let details = headers.remove(&DETAILS);
    headers.remove(http::header::CONTENT_TYPE);
    let metadata = received(headers);
    if code == Code::Ok {
        return Some(End::ok(Trailers::of(metadata)));
    }
    let message = message.map(|it| percent_decode(it.as_bytes()).decode_utf8_lossy().into_owned());
    // Details that are broken do not hide the error.
    let details = details.and_then(|it| BASE64.decode(it.as_bytes()).ok()).unwrap_or_default();
    Some(End::error(Status::with_details_and_metadata(
        code,
        message.unwrap_or_default(),
        details.into(),
        metadata,
    )))
}

/// Reads the number of a code: in decimal digits, zeros in front or not.
fn code(digits: &[u8]) -> Code {
    let number = str::from_utf8(digits).ok().and_then(|it| it.parse::<i32>().ok());
    number.map_or(Code::Unknown, Code::from_i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(status: Status) -> (Status, usize) {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, GRPC);
        add_end(&mut headers, End::error(status), LONGEST_BLOCK);
        let length = block_length(&headers);
        let end = end_of(headers).unwrap();
        (end.status.unwrap_err(), length)
    }

    #[test]
    fn a_message_survives_whatever_is_in_it() {
        for message in ["", "no order 7", " 100 % ", "größer", "a\nb", "  ", "%20"] {
            let (status, _) = round_trip(Status::not_found(message));
            assert_eq!(status.message(), message);
            assert_eq!(status.code(), Code::NotFound);
        }
    }

    #[test]
    fn nothing_is_longer_than_a_peer_takes() {
        for character in ["x", " ", "ö", "%", "€"] {
            for repeat in [0, 1, 100, 2_000, 2_700, 8_000, 8_100, 8_191, 8_192, 70_000] {
                for details in [0, 10, 6_000, 10_000] {
                    for metadata in [0, 3_000, 9_000] {
                        let message = character.repeat(repeat);
                        let mut map = MetadataMap::new();
                        if metadata > 0 {
                            map.insert("x-long", "m".repeat(metadata).parse().unwrap());
                        }
                        let details = vec![7; details];
                        let status = Status::with_details_and_metadata(
                            Code::Aborted,
                            &message,
                            details.clone().into(),
                            map,
                        );
                        let (read, length) = round_trip(status);
                        assert!(length <= LONGEST_BLOCK, "{length}");
                        assert_eq!(read.code(), Code::Aborted);
                        let whole = read.message() == message
                            && read.details() == details
                            && read.metadata().is_empty() == (metadata == 0);
                        assert!(whole || read.message().contains("left out"), "{}", read.message());
                    }
                }
            }
        }
    }

    #[test]
    fn joined_binary_values_are_split() {
        let mut headers = HeaderMap::new();
        headers.append("x-bin", HeaderValue::from_static("AQI,Aw"));
        headers.append("x-bin", HeaderValue::from_static("AAE=, AAI="));
        headers.append("x-text", HeaderValue::from_static("a,b"));
        let metadata = received(headers);
        let values: Vec<_> =
            metadata.get_all_bin("x-bin").iter().map(|it| it.to_bytes().unwrap()).collect();
        assert_eq!(values, [&[1, 2][..], &[3], &[0, 1], &[0, 2]]);
        assert_eq!(metadata.get("x-text").unwrap(), "a,b");
    }

    #[test]
    fn a_code_is_a_number() {
        for (digits, expected) in [
            ("0", Code::Ok),
            ("00", Code::Ok),
            ("5", Code::NotFound),
            ("016", Code::Unauthenticated),
            ("17", Code::Unknown),
            ("-1", Code::Unknown),
            ("five", Code::Unknown),
            ("", Code::Unknown),
        ] {
            assert_eq!(code(digits.as_bytes()), expected, "{digits}");
        }
    }
}
