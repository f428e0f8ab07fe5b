//! UTF-16 to UTF-8, piece by piece.
//!
//! However the input is cut, the output is the same. A surrogate without its partner becomes U+FFFD; an odd last byte is left out.

/// Bytes of UTF-8 that one code unit can give: U+FFFD for a surrogate that waited in vain, and the unit itself.
pub(super) const LONGEST_STEP: usize = 6;

const HIGH: std::ops::RangeInclusive<u16> = 0xD800..=0xDBFF;
const LOW: std::ops::RangeInclusive<u16> = 0xDC00..=0xDFFF;

pub(super) struct Transcoder {
    is_big_endian: bool,
    /// The first byte of a unit whose second is not here yet.
    half: Option<u8>,
    /// A high surrogate whose partner is not here yet.
    high: Option<u16>,
}

impl Transcoder {
    pub(super) fn new(is_big_endian: bool) -> Self {
        Self { is_big_endian, half: None, high: None }
    }

    /// Takes from `raw` while there is room for a step in `text`; returns how many bytes it took and how many it gave.
    pub(super) fn transcode(&mut self, raw: &[u8], text: &mut [u8]) -> (usize, usize) {
        let (mut n_taken, mut n_given) = (0, 0);
        while n_taken < raw.len() && text.len() - n_given >= LONGEST_STEP {
            let byte = raw[n_taken];
            n_taken += 1;
            match self.half.take() {
                None => self.half = Some(byte),
                Some(first) => {
                    let unit = if self.is_big_endian { u16::from_be_bytes([first, byte]) } else { u16::from_le_bytes([first, byte]) };
                    n_given += self.give(unit, &mut text[n_given..]);
                }
            }
        }
        (n_taken, n_given)
    }

    /// Ends the text; returns how many bytes it gave. Once ended it gives nothing more.
    pub(super) fn finish(&mut self, text: &mut [u8]) -> usize {
        self.half = None;
        self.high.take().map_or(0, |_| put(char::REPLACEMENT_CHARACTER, text))
    }

    fn give(&mut self, unit: u16, text: &mut [u8]) -> usize {
        let mut n = 0;
        if let Some(high) = self.high.take() {
            if LOW.contains(&unit) {
                let scalar = 0x1_0000 + (u32::from(high - HIGH.start()) << 10) + u32::from(unit - LOW.start());
                return put(char::from_u32(scalar).expect("two surrogates make a scalar value"), text);
            }
            n = put(char::REPLACEMENT_CHARACTER, text);
        }
        if HIGH.contains(&unit) {
            self.high = Some(unit);
            return n;
        }
        n + put(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER), &mut text[n..])
    }
}

fn put(char: char, text: &mut [u8]) -> usize {
    char.encode_utf8(text).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcoded(units: &[u16], n_room: usize) -> String {
        let raw: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).chain([b'x']).collect();
        let (mut transcoder, mut out) = (Transcoder::new(true), Vec::new());
        let (mut text, mut n_done) = (vec![0; n_room], 0);
        while n_done < raw.len() {
            let (n_taken, n_given) = transcoder.transcode(&raw[n_done..(n_done + 3).min(raw.len())], &mut text);
            n_done += n_taken;
            out.extend_from_slice(&text[..n_given]);
        }
        let n_given = transcoder.finish(&mut text);
        out.extend_from_slice(&text[..n_given]);
        String::from_utf8(out).expect("a transcoder gives UTF-8")
    }

    #[test]
    fn any_units_decode_as_std_decodes_them_however_they_are_cut() {
        let cases: [&[u16]; 7] =
            [&[], &[0x41, 0x20AC], &[0xD83D, 0xDD11, 0x42], &[0xD83D], &[0xDD11, 0x41], &[0xD83D, 0xD83D, 0xDD11], &[0xD83D, 0x41, 0xDD11, 0xD83D]];
        for units in cases {
            for n_room in [LONGEST_STEP, LONGEST_STEP + 1, 64] {
                assert_eq!(transcoded(units, n_room), String::from_utf16_lossy(units), "{units:04X?} in {n_room} bytes");
            }
        }
    }
}
