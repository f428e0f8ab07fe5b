//! Numbers and bytes in digits: how many of something there are, and bytes in hexadecimal.

use std::fmt::Write as _;

/// `n` things, with their word in the right number.
pub fn n_of(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Each byte as two hexadecimal digits, in small letters.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// The byte whose two hexadecimal digits `text` begins with, in either case.
pub fn byte_of_hex(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? << 4 | digit(1)?).ok()
}

/// The places of the bits that are set, lowest first.
#[inline(always)]
pub fn bits(mut set: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(lowest)
    })
}

/// The first eight bytes of a text as a number; zeros for those that it has not.
#[inline(always)]
pub fn next_eight(text: &[u8]) -> u64 {
    match text.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => text.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)),
    }
}

/// How many different bytes there are.
pub fn n_distinct(bytes: &[u8]) -> usize {
    let mut seen = [0u64; 4];
    bytes.iter().for_each(|byte| seen[usize::from(byte >> 6)] |= 1 << (byte & 63));
    seen.iter().map(|bits| bits.count_ones() as usize).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_of_bits_are_those_that_are_set() {
        assert_eq!(bits(0b1010_0001 | 1 << 63).collect::<Vec<_>>(), [0, 5, 7, 63]);
        assert_eq!(bits(0).count(), 0);
    }

    #[test]
    fn eight_bytes_are_a_number() {
        assert_eq!([next_eight(b""), next_eight(b"a"), next_eight(b"ab")], [0, 0x61, 0x6261]);
        assert_eq!(next_eight(b"abcdefghi"), 0x6867_6665_6463_6261);
    }

    #[test]
    fn numbers_and_digits_are_written_out() {
        assert_eq!([n_of(0, "key"), n_of(1, "key"), n_of(2, "key")], ["0 keys", "1 key", "2 keys"]);
        assert_eq!(hex(b"\x00\x0f\xff"), "000fff");
        assert_eq!([byte_of_hex(b"0fx"), byte_of_hex(b"Fa"), byte_of_hex(b"+f"), byte_of_hex(b"f")], [Some(0x0f), Some(0xfa), None, None]);
        assert_eq!((n_distinct(b""), n_distinct(b"\x00\x40\x80\xc0\x00")), (0, 4));
    }
}
