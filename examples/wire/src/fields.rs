//! The fields of a message, as they are on the wire: in its order, and with those that say nothing
//! new. Their names and types are from the schema; without one they have their numbers.

use bytes::{Buf, Bytes};
use prost::encoding::{WireType, decode_key, decode_varint};
use prost_reflect::{Kind, MessageDescriptor};

/// How many fields of a message are read; the rest is told in bytes.
const FIELDS: usize = 64;
/// How deep messages are read that are in messages.
const DEPTH: usize = 16;
/// How many characters of a value are shown.
const LENGTH: usize = 60;
/// How many bytes of it, in hexadecimal.
const HEX: usize = 16;

/// A field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, or its number.
    pub name: String,
    /// What it says.
    pub value: Value,
}

/// What a field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A value as text, fit for a terminal.
    Text(String),
    /// The fields of a message.
    Message(Vec<Field>),
}

/// Reads a message. What cannot be read is said in the place of a field.
pub fn read(bytes: &Bytes, kind: Option<&MessageDescriptor>) -> Vec<Field> {
    let mut left = FIELDS;
    message(bytes.clone(), kind, &mut left, DEPTH)
}

fn message(
    mut bytes: Bytes,
    kind: Option<&MessageDescriptor>,
    left: &mut usize,
    depth: usize,
) -> Vec<Field> {
    let mut fields = Vec::new();
    while bytes.has_remaining() {
        if *left == 0 {
            fields.push(note(format!("and {} more", count(bytes.len()))));
            break;
        }
        *left -= 1;
        let rest = bytes.clone();
        match field(&mut bytes, kind, left, depth) {
            Some(field) => fields.push(field),
            None => {
                fields.push(note(format!("not protobuf: {}", hex(&rest))));
                break;
            }
        }
    }
    fields
}

fn field(
    bytes: &mut Bytes,
    message_kind: Option<&MessageDescriptor>,
    left: &mut usize,
    depth: usize,
) -> Option<Field> {
    let (number, wire) = decode_key(bytes).ok()?;
    let field = message_kind.and_then(|it| it.get_field(number));
    let kind = field.as_ref().map(|it| it.kind());
    let name = field.as_ref().map_or_else(|| number.to_string(), |it| it.name().to_owned());
    let text = match wire {
        WireType::Varint => varint(decode_varint(bytes).ok()?, kind.as_ref()),
        WireType::ThirtyTwoBit => fixed32(bytes.try_get_u32_le().ok()?, kind.as_ref()),
        WireType::SixtyFourBit => fixed64(bytes.try_get_u64_le().ok()?, kind.as_ref()),
        WireType::LengthDelimited => {
            let length = decode_varint(bytes).ok()?;
            if length > bytes.len() as u64 {
                return None;
            }
            let value = bytes.split_to(length as usize);
            match kind {
                Some(Kind::Message(kind)) if depth > 0 => {
                    let fields = message(value, Some(&kind), left, depth - 1);
                    return Some(Field { name, value: Value::Message(fields) });
                }
                Some(Kind::String) => string(&value).unwrap_or_else(|| hex(&value)),
                Some(Kind::Bytes | Kind::Message(_)) => hex(&value),
                // Numbers of a repeated field, one after the other.
                Some(kind) => packed(value, &kind)?,
                // It may be text, and may be a message: text has no control characters.
                None if value.iter().any(u8::is_ascii_control) => hex(&value),
                None => string(&value).unwrap_or_else(|| hex(&value)),
            }
        }
        WireType::StartGroup | WireType::EndGroup => return None,
    };
    Some(Field { name, value: Value::Text(text) })
}

fn packed(mut bytes: Bytes, kind: &Kind) -> Option<String> {
    let mut values = String::new();
    while bytes.has_remaining() {
        if values.len() > LENGTH {
            values += &format!(", and {} more", count(bytes.len()));
            break;
        }
        if !values.is_empty() {
            values += ", ";
        }
        values += &match kind.wire_type() {
            WireType::ThirtyTwoBit => fixed32(bytes.try_get_u32_le().ok()?, Some(kind)),
            WireType::SixtyFourBit => fixed64(bytes.try_get_u64_le().ok()?, Some(kind)),
            _ => varint(decode_varint(&mut bytes).ok()?, Some(kind)),
        };
    }
    Some(format!("[{values}]"))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
fn varint(value: u64, kind: Option<&Kind>) -> String {
    let zigzag = (value >> 1) as i64 ^ -((value & 1) as i64);
    match kind {
        Some(Kind::Bool) => (value != 0).to_string(),
        Some(Kind::Int32) => (value as i32).to_string(),
        Some(Kind::Int64) => (value as i64).to_string(),
        Some(Kind::Sint32) => (zigzag as i32).to_string(),
        Some(Kind::Sint64) => zigzag.to_string(),
        Some(Kind::Uint32) => (value as u32).to_string(),
        Some(Kind::Enum(kind)) => {
            let known = kind.get_value(value as i32);
            known.map_or_else(|| (value as i32).to_string(), |it| it.name().to_owned())
        }
        _ => value.to_string(),
    }
}

fn fixed32(value: u32, kind: Option<&Kind>) -> String {
    match kind {
        Some(Kind::Float) => f32::from_bits(value).to_string(),
        Some(Kind::Sfixed32) => value.cast_signed().to_string(),
        Some(Kind::Fixed32) => value.to_string(),
        _ => format!("0x{value:08x}"),
    }
}

fn fixed64(value: u64, kind: Option<&Kind>) -> String {
    match kind {
        Some(Kind::Double) => f64::from_bits(value).to_string(),
        Some(Kind::Sfixed64) => value.cast_signed().to_string(),
        Some(Kind::Fixed64) => value.to_string(),
        _ => format!("0x{value:016x}"),
    }
}

/// Text in quotes, with nothing in it that a terminal would obey.
fn string(bytes: &[u8]) -> Option<String> {
    let text = str::from_utf8(bytes).ok()?;
    let start: String = text.chars().take(LENGTH).collect();
    let cut = if start.len() < text.len() {
        format!(" … {}", count(bytes.len()))
    } else {
        String::new()
    };
    Some(format!("{start:?}{cut}"))
}

/// Bytes in hexadecimal: the first 16, and how many there are when these are not all.
pub fn hex(bytes: &[u8]) -> String {
    let start = hex_start(bytes);
    if bytes.len() > HEX { format!("{start} {}", count(bytes.len())) } else { start }
}

/// The first 16 bytes in hexadecimal.
pub fn hex_start(bytes: &[u8]) -> String {
    let mut text: Vec<String> = bytes.iter().take(HEX).map(|it| format!("{it:02x}")).collect();
    if bytes.len() > HEX {
        text.push("…".to_owned());
    }
    text.join(" ")
}

/// `1 byte`, `2 bytes`.
pub fn count(bytes: usize) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}

fn note(text: String) -> Field {
    Field { name: "…".to_owned(), value: Value::Text(text) }
}
