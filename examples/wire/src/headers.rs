//! Header blocks: HPACK, RFC 7541, over HEADERS and CONTINUATION.

use std::fmt;

use bytes::{Bytes, BytesMut};
use loona_hpack::Decoder;

/// How long a block may be, compressed, over all of its frames.
const BLOCK: usize = 64 * 1024;
/// How long the fields of a block may be together; what is more is only counted.
const LIST: usize = 16 * 1024;
/// How large the table is that both sides keep, unless its reader asks for more.
const TABLE: usize = 4096;
/// And what we keep at most.
const LARGEST_TABLE: usize = 64 * 1024;

/// The fields of a block, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Names and values.
    pub list: Vec<(Bytes, Bytes)>,
    /// How many more there were.
    pub more: usize,
}

impl Fields {
    /// The first value of this name.
    pub fn get(&self, name: &str) -> Option<&Bytes> {
        let found = self.list.iter().find(|(it, _)| it == name.as_bytes());
        found.map(|(_, value)| value)
    }
}

/// A block that cannot be read. Nor can any block behind it: the tables of the two sides differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What there is to read in a block.
pub type Read = Result<Fields, Unreadable>;

/// The blocks of one direction.
pub struct Headers {
    decoder: Decoder<'static>,
    /// The stream of a block that goes on in another frame, and what there is of the block.
    open: Option<u32>,
    block: BytesMut,
    error: Option<Unreadable>,
}

impl Default for Headers {
    fn default() -> Self {
        let mut decoder = Decoder::new();
        // Without this it takes a table of any size that the sender asks for.
        decoder.set_max_allowed_table_size(TABLE);
        Self { decoder, open: None, block: BytesMut::new(), error: None }
    }
}

impl Headers {
    /// Takes the block of HEADERS or its beginning, and returns the fields when it is whole.
    pub fn begin(&mut self, stream: u32, block: &[u8], end: bool) -> Option<Read> {
        if self.open.is_some() {
            self.give_up("a header block in another");
        }
        self.push(stream, block, end)
    }

    /// The same for CONTINUATION.
    pub fn go_on(&mut self, stream: u32, block: &[u8], end: bool) -> Option<Read> {
        if self.open != Some(stream) {
            self.give_up("no header block to go on with");
        }
        self.push(stream, block, end)
    }

    /// Blocks can no longer be read.
    pub fn give_up(&mut self, why: &str) {
        self.block = BytesMut::new();
        self.error.get_or_insert_with(|| Unreadable(why.to_owned()));
    }

    fn push(&mut self, stream: u32, block: &[u8], end: bool) -> Option<Read> {
        self.open = (!end).then_some(stream);
        if self.block.len() + block.len() > BLOCK {
            self.give_up(&format!("a header block of more than {BLOCK} bytes"));
        }
        if self.error.is_none() {
            self.block.extend_from_slice(block);
        }
        if !end {
            return None;
        }
        let fields = match &self.error {
            Some(error) => Err(error.clone()),
            None => self.decode(),
        };
        self.block.clear();
        if let Err(error) = &fields {
            self.give_up(&error.0);
        }
        Some(fields)
    }

    /// The reader of these blocks allows a table of this size.
    pub fn allow(&mut self, size: usize) {
        self.decoder.set_max_allowed_table_size(size.clamp(TABLE, LARGEST_TABLE));
    }

    fn decode(&mut self) -> Read {
        let (mut fields, mut length) = (Fields::default(), 0);
        let decoded = self.decoder.decode_with_cb(&self.block, |name, value| {
            // As HPACK counts them: 32 bytes for what belongs to a field besides its bytes.
            length += name.len() + value.len() + 32;
            if length > LIST {
                fields.more += 1;
            } else {
                fields.list.push((Bytes::copy_from_slice(&name), Bytes::copy_from_slice(&value)));
            }
        });
        decoded.map_err(|error| Unreadable(error.to_string()))?;
        Ok(fields)
    }
}
