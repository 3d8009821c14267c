//! Integers, §5.1: as much as fits into what is left of a byte, then seven bits a byte.

use super::DecodeError;

/// Writes a number into the low `bits` of a byte that begins with `first`, and as many more as it needs.
pub(super) fn encode(value: usize, bits: u32, first: u8, out: &mut Vec<u8>) {
    let most = (1 << bits) - 1;
    if value < most {
        out.push(first | value as u8);
        return;
    }
    out.push(first | most as u8);
    let mut rest = value - most;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Reads a number from the low `bits` of the first byte and as many more as it has, and goes behind it.
///
/// Four bytes after the first are 2^28 and more than anything here is long; further ones, which could be zeros
/// without end, are refused.
pub(super) fn decode(block: &mut &[u8], bits: u32) -> Result<usize, DecodeError> {
    let (first, mut rest) = block.split_first().ok_or(DecodeError::Truncated)?;
    let most = (1 << bits) - 1;
    let mut value = usize::from(*first) & most;
    if value == most {
        let mut shift = 0;
        loop {
            let (byte, behind) = rest.split_first().ok_or(DecodeError::Truncated)?;
            rest = behind;
            value += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
            if shift > 21 {
                return Err(DecodeError::IntegerOverflow);
            }
        }
    }
    *block = rest;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: usize, bits: u32) -> Vec<u8> {
        let mut out = Vec::new();
        encode(value, bits, 0, &mut out);
        out
    }

    /// Appendix C.1.
    #[test]
    fn the_examples_of_the_rfc() {
        assert_eq!(encoded(10, 5), [0b01010]);
        assert_eq!(encoded(1337, 5), [0b11111, 0b1001_1010, 0b0000_1010]);
        assert_eq!(encoded(42, 8), [0b0010_1010]);
    }

    #[test]
    fn what_is_written_is_read() {
        for bits in 4..=8 {
            for value in (0..1_000).chain([16_383, 16_384, 1 << 20, (1 << 28) - 1]) {
                let bytes = encoded(value, bits);
                let mut block = &bytes[..];
                assert_eq!(decode(&mut block, bits), Ok(value));
                assert!(block.is_empty());
                for length in 0..bytes.len() {
                    assert_eq!(decode(&mut &bytes[..length], bits), Err(DecodeError::Truncated));
                }
            }
        }
    }

    #[test]
    fn a_number_without_end_is_refused() {
        let zeros = [&[0xff][..], &[0x80; 100]].concat();
        assert_eq!(decode(&mut &zeros[..], 7), Err(DecodeError::IntegerOverflow));
    }
}
