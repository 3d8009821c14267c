//! From blocks to fields, §3 and §6.

use std::{error::Error, fmt};

use super::{DEFAULT_TABLE_SIZE, FIELD_OVERHEAD, huffman, integer, table::Table};
use crate::{
    fields::{Fields, Known},
    message::{is_field_name, is_field_value},
};

/// Why a block cannot be decoded. All blocks after it are lost too, so it ends the connection (RFC 9113 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// It ends in the middle of something.
    Truncated,
    /// A number is larger than anything can be (§5.1).
    IntegerOverflow,
    /// No string is encoded so (§5.2).
    Huffman,
    /// Nothing has this index (§2.3.3).
    Index,
    /// A change of the table's size that is not in front, is larger than was allowed, or is missing (§4.2).
    SizeUpdate,
    /// It has more than four times as many bytes as fields may have.
    TooLarge,
}

impl DecodeError {
    pub(crate) fn detail(self) -> &'static str {
        match self {
            Self::Truncated => "the block ends in the middle of a field",
            Self::IntegerOverflow => "a number of the block is too large",
            Self::Huffman => "a string of the block is no Huffman code",
            Self::Index => "no field has this index",
            Self::SizeUpdate => "a size of the table that was not agreed on",
            Self::TooLarge => "too_many_header_bytes",
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())
    }
}

impl Error for DecodeError {}

/// Decodes the blocks of one direction of a connection.
#[derive(Debug)]
pub struct Decoder {
    table: Table,
    /// What the other side may set the size of the table to.
    limit: usize,
    cache: [Option<Box<Cached>>; CACHED],
}

/// How many blocks are remembered with what they mean, and how long one may be.
const CACHED: usize = 8;
const LONGEST_CACHED: usize = 256;

/// And how large its fields, since few bytes can name much.
const LARGEST_CACHED: usize = 4_096;

/// A block that changes nothing means the same as long as the table is the same. The calls of a connection are
/// much alike, so that most of them begin with such a block.
#[derive(Debug, Default)]
struct Cached {
    block: Vec<u8>,
    changes: u64,
    fields: Fields,
}

/// Where a block is remembered, if it may be.
fn slot(block: &[u8]) -> Option<usize> {
    let hash = |hash: usize, byte: &u8| hash.wrapping_mul(31).wrapping_add(usize::from(*byte));
    (block.len() <= LONGEST_CACHED).then(|| block.iter().fold(0, hash) % CACHED)
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            table: Table::new(DEFAULT_TABLE_SIZE),
            limit: DEFAULT_TABLE_SIZE,
            cache: [const { None }; CACHED],
        }
    }
}

impl Decoder {
    /// Decodes a block.
    ///
    /// # Errors
    ///
    /// When it is none. The decoder is of no use after that.
    pub fn decode(&mut self, block: &[u8]) -> Result<Fields, DecodeError> {
        let mut fields = Fields::new();
        self.decode_into(block, &mut fields, usize::MAX).map(|_| fields)
    }

    /// Allows the other side another size of the table, once it has acknowledged that (RFC 9113 §6.5.2).
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Decodes a block into `fields`, which are dropped when they are more than `max`; whether they all are
    /// there.
    pub(crate) fn decode_into(
        &mut self,
        block: &[u8],
        fields: &mut Fields,
        max: usize,
    ) -> Result<bool, DecodeError> {
        let changes = self.table.changes();
        let Some(slot) = slot(block) else { return self.decode_fields(block, fields, max) };
        if let Some(cached) = &self.cache[slot]
            && cached.changes == changes
            && cached.block == block
        {
            fields.copy_from(&cached.fields);
            return Ok(true);
        }
        let is_whole = self.decode_fields(block, fields, max)?;
        let is_small = fields.list_size() <= LARGEST_CACHED;
        if is_whole && is_small && changes == self.table.changes() {
            let cached = self.cache[slot].get_or_insert_default();
            cached.changes = changes;
            cached.block.clear();
            cached.block.extend(block);
            cached.fields.copy_from(fields);
        }
        Ok(is_whole)
    }

    fn decode_fields(
        &mut self,
        mut block: &[u8],
        fields: &mut Fields,
        max: usize,
    ) -> Result<bool, DecodeError> {
        fields.clear();
        self.size_updates(&mut block)?;
        let mut size = 0;
        while !block.is_empty() {
            let start = fields.bytes().len();
            self.field(&mut block, fields)?;
            size += fields.bytes().len() - start + FIELD_OVERHEAD;
            if size > max.saturating_mul(4) {
                return Err(DecodeError::TooLarge);
            }
            if size > max {
                // The table has to follow, though nobody wants the fields.
                fields.clear();
            }
        }
        Ok(size <= max)
    }

    /// §6.3, which may be only in front of the first field.
    fn size_updates(&mut self, block: &mut &[u8]) -> Result<(), DecodeError> {
        while let [0x20..=0x3f, ..] = block {
            let size = integer::decode(block, 5)?;
            if size > self.limit {
                return Err(DecodeError::SizeUpdate);
            }
            self.table.set_max_size(size);
        }
        // One that was asked for must be the first that comes (§4.2).
        if self.table.max_size() > self.limit { Err(DecodeError::SizeUpdate) } else { Ok(()) }
    }

    fn field(&mut self, block: &mut &[u8], fields: &mut Fields) -> Result<(), DecodeError> {
        let first = *block.first().ok_or(DecodeError::Truncated)?;
        match first {
            // §6.1: a field of a table.
            0x80.. => {
                let it = self.table.get(integer::decode(block, 7)?).ok_or(DecodeError::Index)?;
                let start = fields.bytes().len();
                fields.bytes().extend(it.name);
                fields.bytes().extend(it.value);
                fields.close(start, it.name.len(), it.known, false, it.is_valid);
                Ok(())
            }
            // §6.2.1: one to remember.
            0x40..=0x7f => self.literal(block, fields, 6, true, false),
            0x20..=0x3f => Err(DecodeError::SizeUpdate),
            // §6.2.2 and §6.2.3: one that is not, and one that never is.
            _ => self.literal(block, fields, 4, false, first & 0x10 != 0),
        }
    }

    fn literal(
        &mut self,
        block: &mut &[u8],
        fields: &mut Fields,
        bits: u32,
        remember: bool,
        is_sensitive: bool,
    ) -> Result<(), DecodeError> {
        let start = fields.bytes().len();
        let (known, is_name) = match integer::decode(block, bits)? {
            0 => {
                string(block, fields.bytes())?;
                let name = &fields.bytes()[start..];
                (Known::of(name), is_field_name(name))
            }
            index => {
                let it = self.table.get(index).ok_or(DecodeError::Index)?;
                fields.bytes().extend(it.name);
                (it.known, it.is_valid || is_field_name(it.name))
            }
        };
        let name = fields.bytes().len() - start;
        string(block, fields.bytes())?;
        let (name_bytes, value) = fields.bytes()[start..].split_at(name);
        let is_valid = is_name && is_field_value(value);
        if remember {
            self.table.insert(name_bytes, value, known, is_valid);
        }
        fields.close(start, name, known, is_sensitive, is_valid);
        Ok(())
    }
}

/// §5.2.
fn string(block: &mut &[u8], out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let is_huffman = block.first().is_some_and(|it| it & 0x80 != 0);
    let length = integer::decode(block, 7)?;
    let (text, rest) = block.split_at_checked(length).ok_or(DecodeError::Truncated)?;
    *block = rest;
    if is_huffman {
        return huffman::decode(text, out);
    }
    out.extend(text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_bytes_that_name_much_are_not_kept_with_all_that() {
        let mut decoder = Decoder::default();
        let value = [b'y'; 100];
        decoder.decode(&[&[0x40, 1, b'x', 100][..], &value].concat()).expect("a block");
        for times in 1..=LONGEST_CACHED {
            decoder.decode(&vec![0x80 | 62; times]).expect("a block");
        }
        let sizes: Vec<_> =
            decoder.cache.iter().flatten().map(|it| it.fields.list_size()).collect();
        assert!(!sizes.is_empty() && sizes.iter().all(|size| *size <= LARGEST_CACHED), "{sizes:?}");
    }
}
