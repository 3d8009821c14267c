//! A text where it lies.

use prost::{
    Message,
    encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field},
};
use tonic::Status;

use crate::stream::not_a_message;

/// The text of a `google.protobuf.StringValue`, as prost decodes it into a `String`.
///
/// # Errors
///
/// INTERNAL, when the bytes are no such message.
pub fn text(message: &[u8]) -> Result<&str, Status> {
    // Only prost can make its errors.
    view(message).ok_or_else(|| {
        not_a_message(String::decode(message).expect_err("prost refuses what has no view"))
    })
}

/// The last value of the field, of which every one must be a text; other fields are skipped.
fn view(mut message: &[u8]) -> Option<&str> {
    let mut text = "";
    while !message.is_empty() {
        match decode_key(&mut message).ok()? {
            (1, WireType::LengthDelimited) => {
                let length = usize::try_from(decode_varint(&mut message).ok()?).ok()?;
                let (value, rest) = message.split_at_checked(length)?;
                (text, message) = (str::from_utf8(value).ok()?, rest);
            }
            (1, _) => return None,
            (tag, wire_type) => {
                skip_field(wire_type, tag, &mut message, DecodeContext::default()).ok()?;
            }
        }
    }
    Some(text)
}
