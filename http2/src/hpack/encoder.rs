//! From fields to blocks, §6.

use super::{DEFAULT_TABLE_SIZE, FieldBlock, huffman, integer, table::Table};
use crate::fields::{Field, Fields, Known};

/// Encodes the blocks of one direction of a connection.
#[derive(Debug)]
pub struct Encoder {
    table: Table,
    /// The smallest size of the table that was set since the last block, where one was.
    smallest: Option<usize>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { table: Table::new(DEFAULT_TABLE_SIZE), smallest: None }
    }
}

impl Encoder {
    /// Uses a table of this size, as the decoder on the other side allows (RFC 9113 §6.5.2).
    ///
    /// No more than 4 KiB are used of it, because the memory is ours and the size is the peer's to say.
    pub fn set_table_size(&mut self, size: usize) {
        let size = size.min(DEFAULT_TABLE_SIZE);
        if size != self.table.max_size() || self.smallest.is_some() {
            self.smallest = Some(self.smallest.map_or(size, |smallest| smallest.min(size)));
            self.table.set_max_size(size);
        }
    }

    /// Encodes fields behind what is there.
    pub fn encode(&mut self, fields: &Fields, out: &mut Vec<u8>) {
        self.size_updates(out);
        for field in fields.iter() {
            self.field(field, out);
        }
    }

    /// The same for a block that was encoded before.
    pub fn put(&mut self, block: &FieldBlock, out: &mut Vec<u8>) {
        self.size_updates(out);
        out.extend(block.as_bytes());
    }

    /// §4.2: the smallest size and the last one, so that the decoder forgets what this side forgot.
    fn size_updates(&mut self, out: &mut Vec<u8>) {
        if let Some(smallest) = self.smallest.take() {
            integer::encode(smallest, 5, 0x20, out);
            if smallest != self.table.max_size() {
                integer::encode(self.table.max_size(), 5, 0x20, out);
            }
        }
    }

    fn field(&mut self, field: Field<'_>, out: &mut Vec<u8>) {
        let name = match self.table.find(field.name, field.value) {
            Some((index, true)) if !field.is_sensitive => {
                return integer::encode(index, 7, 0x80, out);
            }
            Some((index, _)) => Some(index),
            None => None,
        };
        if is_remembered(field) {
            literal(name, field, 6, 0x40, out);
            self.table.insert(field.name, field.value, field.known, true);
        } else {
            literal(name, field, 4, if field.is_sensitive { 0x10 } else { 0 }, out);
        }
    }
}

/// Whether a field is worth a place in the table. What differs from call to call would only push others out.
fn is_remembered(field: Field<'_>) -> bool {
    let differs =
        matches!(field.known, Known::ContentLength | Known::GrpcTimeout | Known::GrpcMessage);
    let is_large = field.name.len() + field.value.len() > DEFAULT_TABLE_SIZE / 4;
    !differs && !field.is_sensitive && !is_large && !field.name.ends_with(b"-bin")
}

/// A field of which at most the name is in a table, §6.2.
pub(super) fn literal(
    name: Option<usize>,
    field: Field<'_>,
    bits: u32,
    first: u8,
    out: &mut Vec<u8>,
) {
    integer::encode(name.unwrap_or(0), bits, first, out);
    if name.is_none() {
        string(field.name, out);
    }
    string(field.value, out);
}

/// §5.2: the shorter of the two ways.
fn string(text: &[u8], out: &mut Vec<u8>) {
    let length = huffman::encoded_length(text);
    if length < text.len() {
        integer::encode(length, 7, 0x80, out);
        huffman::encode(text, out);
    } else {
        integer::encode(text.len(), 7, 0, out);
        out.extend(text);
    }
}
