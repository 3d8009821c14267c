//! The dynamic table, §2.3.2 and §4.

use std::collections::VecDeque;

use super::{FIELD_OVERHEAD, static_table};
use crate::fields::Known;

/// What an index stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Indexed<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) known: Known,
    /// Whether the characters of both are those of a field, so that it is judged once and not at each use.
    pub(super) is_valid: bool,
}

/// The fields that both sides remember, the newest first.
///
/// The bytes of all entries lie one behind the other in one buffer, so that an entry is no allocation. What was
/// evicted is cut off when it is as much as may be in use, which makes the cost of it constant for each byte.
#[derive(Debug)]
pub(super) struct Table {
    entries: VecDeque<Entry>,
    bytes: Vec<u8>,
    /// How many bytes were cut off the front of `bytes` so far.
    cut: u64,
    /// As §4.1 counts.
    size: usize,
    max_size: usize,
    changes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Counted from the very first byte.
    start: u64,
    name: u32,
    value: u32,
    known: Known,
    is_valid: bool,
}

impl Entry {
    fn size(self) -> usize {
        (self.name + self.value) as usize + FIELD_OVERHEAD
    }
}

impl Table {
    pub(super) fn new(max_size: usize) -> Self {
        let (entries, bytes) = Default::default();
        Self { entries, bytes, cut: 0, size: 0, max_size, changes: 0 }
    }

    pub(super) fn max_size(&self) -> usize {
        self.max_size
    }

    /// How often it has changed: while this is the same, so is what each index stands for.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// What an index stands for, in both tables (§2.3.3).
    pub(super) fn get(&self, index: usize) -> Option<Indexed<'_>> {
        let position = index.checked_sub(1)?;
        if let Some((name, value)) = static_table::TABLE.get(position) {
            let (name, value) = (name.as_bytes(), value.as_bytes());
            let known = static_table::KNOWN[position];
            return Some(Indexed { name, value, known, is_valid: true });
        }
        let entry = self.entries.get(position - static_table::TABLE.len())?;
        let (name, value) = self.text(entry);
        Some(Indexed { name, value, known: entry.known, is_valid: entry.is_valid })
    }

    fn text(&self, entry: &Entry) -> (&[u8], &[u8]) {
        let bytes = &self.bytes[(entry.start - self.cut) as usize..];
        let (name, rest) = bytes.split_at(entry.name as usize);
        (name, &rest[..entry.value as usize])
    }

    /// The index of a field, or of its name alone: the index, and whether the value is the same.
    pub(super) fn find(&self, name: &[u8], value: &[u8]) -> Option<(usize, bool)> {
        let mut found = static_table::find(name, value);
        if matches!(found, Some((_, true))) {
            return found;
        }
        for (position, entry) in self.entries.iter().enumerate() {
            // Lengths tell most of them apart.
            if entry.name as usize == name.len() {
                let is_longest = entry.value as usize == value.len();
                if found.is_some() && !is_longest {
                    continue;
                }
                let (its_name, its_value) = self.text(entry);
                if its_name == name {
                    let index = position + 1 + static_table::TABLE.len();
                    if its_value == value {
                        return Some((index, true));
                    }
                    found = found.or(Some((index, false)));
                }
            }
        }
        found
    }

    /// Remembers a field, and forgets as many old ones as it takes (§4.4). One that is larger than the table
    /// empties it, which is no fault.
    pub(super) fn insert(&mut self, name: &[u8], value: &[u8], known: Known, is_valid: bool) {
        self.changes += 1;
        let size = name.len() + value.len() + FIELD_OVERHEAD;
        self.evict_until(self.max_size.saturating_sub(size));
        if size > self.max_size {
            return;
        }
        self.cut_off();
        let start = self.cut + self.bytes.len() as u64;
        self.bytes.extend(name);
        self.bytes.extend(value);
        let (name, value) = (name.len() as u32, value.len() as u32);
        self.entries.push_front(Entry { start, name, value, known, is_valid });
        self.size += size;
    }

    /// §4.3.
    pub(super) fn set_max_size(&mut self, max_size: usize) {
        self.changes += 1;
        self.max_size = max_size;
        self.evict_until(max_size);
    }

    fn evict_until(&mut self, size: usize) {
        while self.size > size {
            let entry = self.entries.pop_back().expect("a size is that of entries");
            self.size -= entry.size();
        }
    }

    fn cut_off(&mut self) {
        let end = self.cut + self.bytes.len() as u64;
        let unused = (self.entries.back().map_or(end, |it| it.start) - self.cut) as usize;
        if unused >= self.max_size {
            self.bytes.drain(..unused);
            self.cut += unused as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(table: &mut Table, name: &str, value: &str) {
        table.insert(name.as_bytes(), value.as_bytes(), Known::Other, true);
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let mut table = Table::new(2 * (FIELD_OVERHEAD + 2));
        for (name, value) in [("a", "1"), ("b", "2"), ("c", "3")] {
            insert(&mut table, name, value);
        }
        let name = |index| table.get(index).map(|it| it.name.to_owned());
        assert_eq!([62, 63, 64].map(name), [Some(b"c".to_vec()), Some(b"b".to_vec()), None]);
        assert_eq!(table.find(b"b", b"2"), Some((63, true)));
        assert_eq!(table.find(b"b", b"3"), Some((63, false)));
        assert_eq!(table.find(b"a", b"1"), None);
    }

    #[test]
    fn one_that_is_too_large_empties_it() {
        let mut table = Table::new(100);
        insert(&mut table, "a", "1");
        insert(&mut table, "b", &"2".repeat(100));
        assert_eq!((table.size, table.get(62)), (0, None));
    }

    #[test]
    fn its_buffer_stays_small_for_ever() {
        let mut table = Table::new(4_096);
        for count in 0..100_000 {
            insert(&mut table, "name", &count.to_string());
            assert!(table.size <= 4_096);
            assert_eq!(table.get(62).expect("the newest").value, count.to_string().as_bytes());
        }
        assert!(table.bytes.capacity() <= 4 * 4_096);
    }
}
