//! The Huffman code of strings, §5.2 and Appendix B.
//!
//! The code is canonical: codes of one length are consecutive numbers in the order of their symbols, and a
//! longer code continues where the shorter ones ended. So the lengths are all that has to be written down, and
//! the compiler makes the tables of them.

use super::DecodeError;

/// How many bits the code of each byte has, and of the symbol for the end, which is never sent.
#[rustfmt::skip]
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];

const END: u16 = 256;
const LONGEST: usize = 30;

/// The lengths that most text needs are found in one look.
const SHORT: u32 = 8;

struct Tables {
    /// The code of each symbol, in the low bits.
    codes: [u32; 257],
    /// The symbols by length, then value.
    symbols: [u16; 257],
    /// Of each length, where in `symbols` it begins, and its first code.
    first: [(u16, u32); LONGEST + 2],
    /// For each eight bits, the symbol that they begin with and its length; length 0 where it is longer.
    short: [(u8, u8); 1 << SHORT],
}

const TABLES: Tables = tables();

const fn tables() -> Tables {
    let mut it = Tables {
        codes: [0; 257],
        symbols: [0; 257],
        first: [(0, 0); LONGEST + 2],
        short: [(0, 0); 1 << SHORT],
    };
    let (mut code, mut position, mut length) = (0_u32, 0, 1);
    while length <= LONGEST {
        code <<= 1;
        it.first[length] = (position as u16, code);
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as usize == length {
                it.codes[symbol] = code;
                it.symbols[position] = symbol as u16;
                if length <= SHORT as usize {
                    let free = SHORT - length as u32;
                    let mut entry = code << free;
                    while entry < (code + 1) << free {
                        it.short[entry as usize] = (symbol as u8, length as u8);
                        entry += 1;
                    }
                }
                position += 1;
                code += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    it.first[LONGEST + 1] = (position as u16, u32::MAX);
    it
}

/// How many bytes a string is when it is encoded.
pub(super) fn encoded_length(text: &[u8]) -> usize {
    let bits: usize = text.iter().map(|byte| usize::from(LENGTHS[usize::from(*byte)])).sum();
    bits.div_ceil(8)
}

pub(super) fn encode(text: &[u8], out: &mut Vec<u8>) {
    // Less than eight bits stay from one symbol to the next, and no code is longer than 30.
    let (mut bits, mut count) = (0_u64, 0);
    for &byte in text {
        let length = u32::from(LENGTHS[usize::from(byte)]);
        bits = bits << length | u64::from(TABLES.codes[usize::from(byte)]);
        count += length;
        while count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    if count > 0 {
        // The rest is the beginning of the symbol for the end, which is all ones.
        out.push((bits << (8 - count)) as u8 | 0xff >> count);
    }
}

pub(super) fn decode(text: &[u8], out: &mut Vec<u8>) -> Result<(), DecodeError> {
    // The bits that are not decoded yet, from the highest one down.
    let (mut bits, mut count) = (0_u64, 0_u32);
    let mut text = text.iter();
    loop {
        while count <= 56
            && let Some(&byte) = text.next()
        {
            bits |= u64::from(byte) << (56 - count);
            count += 8;
        }
        let (symbol, length) = match TABLES.short[(bits >> (64 - SHORT)) as usize] {
            (_, 0) => long(bits).ok_or(DecodeError::Huffman)?,
            (symbol, length) => (symbol, length.into()),
        };
        if length > count {
            // What is left must be padding: less than a byte, and all ones (§5.2).
            let is_ones = bits.leading_ones() >= count;
            return if count < 8 && is_ones { Ok(()) } else { Err(DecodeError::Huffman) };
        }
        out.push(symbol);
        bits <<= length;
        count -= length;
    }
}

/// A symbol whose code is longer than eight bits; `None` for the end, which must not be sent (§5.2).
fn long(bits: u64) -> Option<(u8, u32)> {
    for length in SHORT as usize + 1..=LONGEST {
        let code = (bits >> (64 - length)) as u32;
        let (position, first) = TABLES.first[length];
        let behind = TABLES.first[length + 1].0;
        if code < first + u32::from(behind - position) {
            let symbol = TABLES.symbols[usize::from(position) + (code - first) as usize];
            return (symbol != END).then_some((symbol as u8, length as u32));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &[u8]) {
        let (mut encoded, mut decoded) = (Vec::new(), Vec::new());
        encode(text, &mut encoded);
        assert_eq!(encoded.len(), encoded_length(text));
        decode(&encoded, &mut decoded).expect("what was encoded");
        assert_eq!(decoded, text);
    }

    #[test]
    fn every_byte_beside_every_other() {
        for first in 0..=255 {
            round(&[first]);
            (0..=255).for_each(|second| round(&[first, second, b'a']));
        }
    }

    #[test]
    fn codes_as_the_appendix_has_them() {
        let code = |symbol: usize| (TABLES.codes[symbol], LENGTHS[symbol]);
        assert_eq!(code(0), (0x1ff8, 13));
        assert_eq!(code(usize::from(b'0')), (0x0, 5));
        assert_eq!(code(usize::from(b'X')), (0xfc, 8));
        assert_eq!(code(usize::from(b'~')), (0x1ffd, 13));
        assert_eq!(code(249), (0x0fff_fffe, 28));
        assert_eq!(code(256), (0x3fff_ffff, 30));
    }

    #[test]
    fn padding_is_less_than_a_byte_of_ones() {
        let decoded = |bytes: &[u8]| decode(bytes, &mut Vec::new());
        // "a" is 00011.
        assert_eq!(decoded(&[0b0001_1111]), Ok(()));
        assert_eq!(decoded(&[0b0001_1110]), Err(DecodeError::Huffman));
        assert_eq!(decoded(&[0b0001_1111, 0xff]), Err(DecodeError::Huffman));
        assert_eq!(decoded(&[0xff; 4]), Err(DecodeError::Huffman), "the end, sent");
        assert_eq!(decoded(&[]), Ok(()));
    }
}
