//! UTF-16 and UTF-32 to UTF-8, unit by unit.
//!
//! However the input is cut, the output is the same. A surrogate without its partner, and what is no scalar value, becomes U+FFFD.

/// Bytes of UTF-8 that one code unit can give: U+FFFD for a surrogate that waited in vain, and the unit itself.
pub(super) const LONGEST_STEP: usize = 7;

const HIGH: std::ops::RangeInclusive<u32> = 0xD800..=0xDBFF;
const LOW: std::ops::RangeInclusive<u32> = 0xDC00..=0xDFFF;

/// How a code unit lies in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// Two or four bytes.
    pub(super) width: usize,
    pub(super) is_big_endian: bool,
}

impl Unit {
    /// The unit at the beginning of `raw`, which is long enough.
    pub(super) fn value(self, raw: &[u8]) -> u32 {
        let join = |value: u32, &byte: &u8| value << 8 | u32::from(byte);
        let raw = &raw[..self.width];
        if self.is_big_endian { raw.iter().fold(0, join) } else { raw.iter().rev().fold(0, join) }
    }
}

/// Turns units into UTF-8.
#[derive(Default)]
pub(super) struct Transcoder {
    /// A high surrogate whose partner is not here yet.
    high: Option<u32>,
}

impl Transcoder {
    /// Takes a unit; returns how many bytes it gave, [`LONGEST_STEP`] at most.
    pub(super) fn give(&mut self, unit: u32, text: &mut [u8]) -> usize {
        let mut n = 0;
        if let Some(high) = self.high.take() {
            if LOW.contains(&unit) {
                return put(0x1_0000 + ((high - HIGH.start()) << 10) + unit - LOW.start(), text);
            }
            n = put(u32::from(char::REPLACEMENT_CHARACTER), text);
        }
        if HIGH.contains(&unit) {
            self.high = Some(unit);
            return n;
        }
        n + put(unit, &mut text[n..])
    }

    /// Ends the text; returns how many bytes it gave. Once ended it gives nothing more.
    pub(super) fn finish(&mut self, text: &mut [u8]) -> usize {
        self.high.take().map_or(0, |_| put(u32::from(char::REPLACEMENT_CHARACTER), text))
    }
}

fn put(scalar: u32, text: &mut [u8]) -> usize {
    char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(text).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcoded(units: &[u16]) -> String {
        let (mut transcoder, mut out, mut text) = (Transcoder::default(), Vec::new(), [0; LONGEST_STEP]);
        for unit in units {
            let n_given = transcoder.give(Unit { width: 2, is_big_endian: true }.value(&unit.to_be_bytes()), &mut text);
            out.extend_from_slice(&text[..n_given]);
        }
        let n_given = transcoder.finish(&mut text);
        out.extend_from_slice(&text[..n_given]);
        String::from_utf8(out).expect("a transcoder gives UTF-8")
    }

    #[test]
    fn any_units_decode_as_std_decodes_them() {
        let cases: [&[u16]; 7] =
            [&[], &[0x41, 0x20AC], &[0xD83D, 0xDD11, 0x42], &[0xD83D], &[0xDD11, 0x41], &[0xD83D, 0xD83D, 0xDD11], &[0xD83D, 0x41, 0xDD11, 0xD83D]];
        for units in cases {
            assert_eq!(transcoded(units), String::from_utf16_lossy(units), "{units:04X?}");
        }
    }

    #[test]
    fn units_of_four_bytes_are_scalar_values() {
        let (le, be) = (Unit { width: 4, is_big_endian: false }, Unit { width: 4, is_big_endian: true });
        assert_eq!((le.value(&[0x11, 0xF5, 1, 0]), be.value(&[0, 1, 0xF5, 0x11])), (0x1F511, 0x1F511));
        let mut text = [0; LONGEST_STEP];
        assert_eq!((Transcoder::default().give(0x1F511, &mut text), Transcoder::default().give(0x11_0000, &mut text)), (4, 3));
    }
}
