//! What a request and a response must look like, §8. One that does not is malformed, which is an error of its
//! stream (§8.1.1).

use crate::fields::{Fields, Known};

/// A message that is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// What of a head the stream has to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) content_length: Option<u64>,
    /// Of a response.
    pub(crate) status: u16,
    /// Of a request: HEAD, whose response has a length and no content (RFC 9110 §9.3.2).
    pub(crate) is_head: bool,
}

/// The characters of a name, besides the colon of pseudo-header fields: those of a token (RFC 9110 §5.6.2)
/// without upper case (§8.2.1).
pub(crate) fn is_field_name(name: &[u8]) -> bool {
    const ALLOWED: [bool; 256] = {
        let mut allowed = [false; 256];
        let others = b"!#$%&'*+-.^_`|~";
        let mut byte = 0;
        while byte < 256 {
            allowed[byte] = (byte as u8).is_ascii_lowercase() || (byte as u8).is_ascii_digit();
            byte += 1;
        }
        let mut position = 0;
        while position < others.len() {
            allowed[others[position] as usize] = true;
            position += 1;
        }
        allowed
    };
    let name = name.strip_prefix(b":").unwrap_or(name);
    !name.is_empty() && name.iter().all(|byte| ALLOWED[usize::from(*byte)])
}

/// The characters of a value. Besides those that §8.2.1 forbids, no other control characters, so that whatever
/// passes is also a value of the crate `http`. Spaces at the ends are let through, against §8.2.1: gRPC sends
/// them in `grpc-message`, and a call is not worth less for it.
pub(crate) fn is_field_value(value: &[u8]) -> bool {
    value.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}

/// §8.3.1.
pub(crate) fn request(fields: &Fields) -> Result<Summary, Malformed> {
    let mut summary = Summary::default();
    let [mut method, mut scheme, mut authority, mut path] = [None; 4];
    common(fields, |known, value| {
        let pseudo = match known {
            Known::Method => &mut method,
            Known::Scheme => &mut scheme,
            Known::Authority => &mut authority,
            Known::Path => &mut path,
            Known::ContentLength => return content_length(&mut summary, value),
            Known::Status | Known::OtherPseudo => return Err(Malformed),
            _ => return Ok(()),
        };
        once(pseudo, value)
    })?;
    summary.is_head = method == Some(b"HEAD");
    match (method, scheme, path) {
        // A tunnel has an authority and nothing else (§8.5).
        (Some(b"CONNECT"), None, None) if authority.is_some() => Ok(summary),
        (Some(b"CONNECT"), ..) => Err(Malformed),
        (Some(b"OPTIONS"), Some(_), Some(b"*")) => Ok(summary),
        (Some(method), Some(_), Some([b'/', ..])) if !method.is_empty() => Ok(summary),
        _ => Err(Malformed),
    }
}

/// §8.3.2.
pub(crate) fn response(fields: &Fields) -> Result<Summary, Malformed> {
    let mut summary = Summary::default();
    let mut status = None;
    common(fields, |known, value| match known {
        Known::Status => once(&mut status, value),
        Known::ContentLength => content_length(&mut summary, value),
        it if it.is_pseudo() => Err(Malformed),
        _ => Ok(()),
    })?;
    let Some(&[b'1'..=b'9', b'0'..=b'9', b'0'..=b'9']) = status else { return Err(Malformed) };
    summary.status = fields.status().ok_or(Malformed)?;
    // Nothing is switched within HTTP/2 (§8.6).
    if summary.status == 101 { Err(Malformed) } else { Ok(summary) }
}

/// §8.1: no pseudo-header fields.
pub(crate) fn trailers(fields: &Fields) -> Result<(), Malformed> {
    common(fields, |known, _| if known.is_pseudo() { Err(Malformed) } else { Ok(()) })
}

/// What holds for every section, and `each` for every field of it.
fn common<'a>(
    fields: &'a Fields,
    mut each: impl FnMut(Known, &'a [u8]) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    if !fields.is_valid() {
        return Err(Malformed);
    }
    let mut pseudo_may_follow = true;
    for field in fields.iter() {
        match field.known {
            // They come before all others (§8.3).
            known if known.is_pseudo() && !pseudo_may_follow => return Err(Malformed),
            known if known.is_pseudo() => {}
            Known::ConnectionSpecific => return Err(Malformed),
            // §8.2.2.
            Known::Te if !field.value.eq_ignore_ascii_case(b"trailers") => return Err(Malformed),
            _ => pseudo_may_follow = false,
        }
        each(field.known, field.value)?;
    }
    Ok(())
}

/// A pseudo-header field that is there twice is malformed (§8.3).
fn once<'a>(slot: &mut Option<&'a [u8]>, value: &'a [u8]) -> Result<(), Malformed> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Malformed),
    }
}

/// Digits, and where it is there twice, the same ones (RFC 9110 §8.6).
fn content_length(summary: &mut Summary, value: &[u8]) -> Result<(), Malformed> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let length = str::from_utf8(value).ok().filter(|_| is_number).and_then(|it| it.parse().ok());
    let length = length.ok_or(Malformed)?;
    match summary.content_length.replace(length) {
        Some(other) if other != length => Err(Malformed),
        _ => Ok(()),
    }
}
