//! A stream that carries a call: what is known of its two halves.

use prost_reflect::MessageDescriptor;

use crate::{
    Side,
    fields::{self, Field, count, hex_start},
    headers::Fields,
    message::{KEPT, Message, Messages, inflate},
    schema::Schema,
};

#[derive(Default)]
pub(crate) struct Call {
    client: Half,
    server: Half,
    /// What the server will send, which the path of the request says.
    answers: Option<MessageDescriptor>,
}

/// What one side sends.
#[derive(Default)]
pub(crate) enum Half {
    /// Nothing was said yet, or it is no gRPC.
    #[default]
    Other,
    Grpc(Body),
    Over,
}

/// The messages of one side.
#[derive(Default)]
pub(crate) struct Body {
    pub(crate) messages: Messages,
    gzip: bool,
    kind: Option<MessageDescriptor>,
}

/// A message, ready to be shown.
pub(crate) struct Opened {
    /// The five bytes, and what they say.
    pub(crate) prefix: String,
    /// The beginning of the message, and what became of it.
    pub(crate) bytes: Vec<String>,
    /// Its fields, unless it is too long or cannot be decompressed.
    pub(crate) fields: Option<Vec<Field>>,
}

impl Call {
    pub(crate) fn half(&mut self, from: Side) -> &mut Half {
        match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Takes what the headers of a side say about its messages. Trailers say nothing.
    pub(crate) fn learn(&mut self, from: Side, fields: &Fields, schema: &Schema) {
        let is_grpc = |it: &bytes::Bytes| it.starts_with(b"application/grpc");
        if !matches!(self.half(from), Half::Other)
            || !fields.get("content-type").is_some_and(is_grpc)
        {
            return;
        }
        let kind = match from {
            Side::Client => {
                let path = fields.get(":path").and_then(|it| str::from_utf8(it).ok());
                let of = |from| schema.message(path?, from);
                self.answers = of(Side::Server);
                of(Side::Client)
            }
            Side::Server => self.answers.clone(),
        };
        let gzip = fields.get("grpc-encoding").is_some_and(|it| it == "gzip");
        *self.half(from) = Half::Grpc(Body { messages: Messages::default(), gzip, kind });
    }

    /// The side has ended its half; returns how much there was of a message that is not whole.
    pub(crate) fn end(&mut self, from: Side, room: &mut usize) -> Option<(usize, Option<usize>)> {
        let half = std::mem::replace(self.half(from), Half::Over);
        let Half::Grpc(body) = half else { return None };
        let part = body.messages.part();
        body.messages.end(room);
        part
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!((&self.client, &self.server), (Half::Over, Half::Over))
    }

    /// Gives back what it held.
    pub(crate) fn forget(mut self, room: &mut usize) {
        self.end(Side::Client, room);
        self.end(Side::Server, room);
    }
}

impl Body {
    pub(crate) fn open(&self, message: Message) -> Opened {
        let Message { flag, length, bytes } = message;
        let [a, b, c, d] = length.to_be_bytes();
        let how = match flag {
            0 => "not compressed",
            1 if self.gzip => "gzip",
            1 => "compressed",
            _ => "a flag that is not of gRPC",
        };
        let prefix = format!(
            "prefix  {flag:02x} {a:02x} {b:02x} {c:02x} {d:02x}   {}, {how}",
            count(length as usize)
        );
        let Some(bytes) = bytes else {
            let bytes = vec!["message too long to be shown".to_owned()];
            return Opened { prefix, bytes, fields: None };
        };
        let mut shown = vec![format!("message {}", hex_start(&bytes))];
        let content = match flag {
            0 => Some(bytes),
            1 if self.gzip => {
                let inflated = inflate(&bytes);
                shown.push(match &inflated {
                    Ok(Some(inflated)) => format!("inflated to {}", count(inflated.len())),
                    Ok(None) => format!("inflated to more than {KEPT} bytes"),
                    Err(_) => "not gzip".to_owned(),
                });
                inflated.ok().flatten()
            }
            _ => None,
        };
        let fields = content.map(|it| fields::read(&it, self.kind.as_ref()));
        Opened { prefix, bytes: shown, fields }
    }
}
