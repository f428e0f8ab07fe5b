//! Raw bytes to text where the two differ: content in wide units, and content of which parts are.
//!
//! A blob need not be in one encoding. `>>` of Windows PowerShell appends UTF-16 to whatever a file holds, other tools append ASCII to UTF-16, and a
//! byte order mark may lie. So a blob is read as a sequence of *stretches*:
//!
//! - A wide stretch (UTF-16, UTF-32) begins where the blob does, if [`super::sniff`] says so, and is decoded unit by unit. It ends for good where plain
//!   ASCII begins: [`N_ASCII`] bytes that no text in wide units has.
//! - Everywhere else bytes are text as they are, but for *padded* ASCII: where at least [`N_PADDED`] units in a row are an ASCII character and zeros,
//!   the zeros are left out until a unit is something else. So are the strings of Windows programs read.
//!
//! Decisions look at most [`LOOK_AHEAD`] bytes ahead, so that however the input is cut, the output is the same.

use super::wide::{LONGEST_STEP, Transcoder, Unit};

/// How many bytes of ASCII, at least, are plain text in the midst of wide units.
const N_ASCII: usize = 32;
/// At the blob's end so many do.
const N_ASCII_AT_END: usize = 16;
/// How many units of padded ASCII in a row are no chance.
const N_PADDED: usize = 4;
/// How many bytes must be known from a place on to decide what begins there; fewer are left only at the blob's end.
pub(super) const LOOK_AHEAD: usize = N_ASCII + 3;

/// Whether `byte` is a character of plain text.
#[inline(always)]
pub(super) const fn is_ascii_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
}

enum State {
    /// Bytes are text.
    Bytes,
    /// Units of so many bytes with the character at an index, the others zero.
    Padded { width: usize, index: usize },
    /// Wide units.
    Wide(Unit),
}

/// Reads stretches.
pub(super) struct Decoder {
    state: State,
    transcoder: Transcoder,
}

impl Decoder {
    /// A decoder for a blob that begins with units of this kind, or with bytes.
    pub(super) fn new(unit: Option<Unit>) -> Self {
        Self { state: unit.map_or(State::Bytes, State::Wide), transcoder: Transcoder::default() }
    }

    /// Takes from `raw`, which ends the blob if `is_end`, while there is room for a step in `text`; returns how many bytes it took and gave. It takes
    /// something unless `raw` is shorter than [`LOOK_AHEAD`], and all there is at the blob's end, if there is room.
    pub(super) fn decode(&mut self, raw: &[u8], is_end: bool, text: &mut [u8]) -> (usize, usize) {
        let (mut at, mut n) = (0, 0);
        while at < raw.len() && (is_end || raw.len() - at >= LOOK_AHEAD) && text.len() - n >= LONGEST_STEP {
            let (n_taken, n_given) = match self.state {
                State::Bytes => self.bytes(&raw[at..], is_end, &mut text[n..]),
                State::Padded { width, index } => self.padded(&raw[at..], width, index, &mut text[n..]),
                State::Wide(unit) => self.wide(&raw[at..], is_end, unit, &mut text[n..]),
            };
            at += n_taken;
            n += n_given;
        }
        (at, n)
    }

    /// Ends the text; returns how many bytes it gave.
    pub(super) fn finish(&mut self, text: &mut [u8]) -> usize {
        self.transcoder.finish(text)
    }

    /// Copies up to where a padded stretch begins.
    fn bytes(&mut self, raw: &[u8], is_end: bool, text: &mut [u8]) -> (usize, usize) {
        let n_decidable = if is_end { raw.len() } else { raw.len() + 1 - LOOK_AHEAD };
        let n_most = n_decidable.min(text.len());
        let n = match padded_before(raw, n_most) {
            Some((at, width, index)) => {
                self.state = State::Padded { width, index };
                at
            }
            None => n_most,
        };
        text[..n].copy_from_slice(&raw[..n]);
        (n, n)
    }

    fn padded(&mut self, raw: &[u8], width: usize, index: usize, text: &mut [u8]) -> (usize, usize) {
        if !is_padded(raw, width, index) {
            self.state = State::Bytes;
            return (0, 0);
        }
        text[0] = raw[index];
        (width, 1)
    }

    fn wide(&mut self, raw: &[u8], is_end: bool, unit: Unit, text: &mut [u8]) -> (usize, usize) {
        // Text that was appended to an odd number of bytes begins inside of a unit.
        let n_before = raw.iter().take(unit.width - 1).take_while(|&&byte| !is_ascii_text(byte)).count();
        if is_plain(&raw[n_before..], is_end) {
            let n_given = self.transcoder.finish(text);
            text[n_given..n_given + n_before].copy_from_slice(&raw[..n_before]);
            self.state = State::Bytes;
            return (n_before, n_given + n_before);
        }
        if raw.len() < unit.width {
            // The rest of a unit at the blob's end.
            return (raw.len(), 0);
        }
        (unit.width, self.transcoder.give(unit.value(raw), text))
    }
}

/// Whether plain ASCII begins here. Hiragana, rows of `═` and the like are pairs of ASCII bytes too, but every other of them is the same.
pub(super) fn is_plain(raw: &[u8], is_end: bool) -> bool {
    let head = &raw[..raw.len().min(N_ASCII)];
    let is_long_enough = head.len() == N_ASCII || is_end && head.len() >= N_ASCII_AT_END;
    let n_distinct = |first: usize| {
        let seen = head.iter().skip(first).step_by(2).fold(0u128, |seen, &byte| seen | 1 << (byte & 127));
        seen.count_ones()
    };
    is_long_enough && head.iter().all(|&byte| is_ascii_text(byte)) && n_distinct(0) >= 5 && n_distinct(1) >= 5
}

fn is_padded(raw: &[u8], width: usize, index: usize) -> bool {
    raw.get(..width).is_some_and(|unit| unit.iter().enumerate().all(|(i, &byte)| if i == index { is_ascii_text(byte) } else { byte == 0 }))
}

/// The first padded stretch that begins before `end`, with the width of its units and the index of the character in them.
fn padded_before(raw: &[u8], end: usize) -> Option<(usize, usize, usize)> {
    let first_zero = memchr::memchr(0, &raw[..raw.len().min(end + 1)])?;
    // A stretch begins with a character before its first zero, or with zeros.
    for block in (first_zero.saturating_sub(1)..end).step_by(N_BLOCK) {
        let mut starts = may_be_padded(&raw[block..]);
        while starts != 0 {
            let at = block + starts.trailing_zeros() as usize;
            if at >= end {
                break;
            }
            if let Some((width, index)) = padded_at(&raw[at..]) {
                return Some((at, width, index));
            }
            starts &= starts - 1;
        }
    }
    None
}

/// How many places are looked at together, and how many bytes are seen for that: the last place may begin four units of four bytes.
const N_BLOCK: usize = 64;
const N_SEEN: usize = N_BLOCK + 16;

/// At which of the first [`N_BLOCK`] places of `raw`, as bits, four padded units may begin. Programs are half zeros, so that all is done for eight bytes at
/// a time; it may say yes where a control byte stands for a character.
fn may_be_padded(raw: &[u8]) -> u64 {
    let mut rest = [0xFF; N_SEEN];
    let seen = match raw.first_chunk() {
        Some(seen) => seen,
        None => {
            rest[..raw.len()].copy_from_slice(raw);
            &rest
        }
    };
    let (eights, _) = seen.as_chunks::<8>();
    // Of four padded units half of such an eight is part, of longer ones a whole one, and has a character between two zeros. Four of five blocks of a program have none.
    let between = |(zeros, characters): (u64, u64)| zeros & zeros >> 16 & characters >> 8;
    if eights.iter().fold(0, |any, eight| any | between(marks(u64::from_le_bytes(*eight)))) == 0 {
        return 0;
    }
    let (mut zeros, mut characters) = (0u128, 0u128);
    for (i, eight) in eights.iter().enumerate() {
        let (is_zero, is_character) = kinds(u64::from_le_bytes(*eight));
        zeros |= u128::from(is_zero) << (8 * i);
        characters |= u128::from(is_character) << (8 * i);
    }
    let of_two = [characters & zeros >> 1, zeros & characters >> 1];
    if of_two == [0, 0] {
        return 0;
    }
    let of_four = [of_two[0] & zeros >> 2 & zeros >> 3, zeros & zeros >> 1 & of_two[1] >> 2];
    let in_row = |units: u128, width: u32| units & units >> width & units >> (2 * width) & units >> (3 * width);
    let starts = of_two.map(|units| in_row(units, 2)).into_iter().chain(of_four.map(|units| in_row(units, 4)));
    starts.fold(0, |all, starts| all | starts as u64)
}

/// Of eight bytes, the first the lowest, which are zeros, and which may be characters: ASCII from the tabulator on. One bit for each.
#[inline(always)]
const fn kinds(eight: u64) -> (u8, u8) {
    let (zeros, characters) = marks(eight);
    (high_bits(zeros), high_bits(characters))
}

/// The same as the highest bit of each byte; the other bits are zero.
#[inline(always)]
const fn marks(eight: u64) -> (u64, u64) {
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    const LOWS: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    const BELOW_TAB: u64 = 0x7777_7777_7777_7777;
    // The highest bit of each byte of a sum tells whether its other bits are at least what was taken from 128; no sum reaches the next byte.
    let is_nonzero = ((eight & LOWS) + LOWS) | eight;
    let is_character = ((eight & LOWS) + BELOW_TAB) & !eight;
    (!is_nonzero & HIGHS, is_character & HIGHS)
}

/// The highest bits of eight bytes, as the bits of one; the other bits are zero.
#[inline(always)]
const fn high_bits(eight: u64) -> u8 {
    // Each bit is moved to a place of its own in the highest byte.
    ((eight >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

/// The kind of the padded stretch that begins here: the width of its units and the index of the character in them.
fn padded_at(raw: &[u8]) -> Option<(usize, usize)> {
    // A test of four bytes, for there are programs that are half zeros.
    let &[a, b, c, d] = raw.first_chunk()?;
    let is_zero_or_text = |byte| byte == 0 || is_ascii_text(byte);
    let may_begin = if a == 0 { c == 0 && is_ascii_text(d) && is_zero_or_text(b) } else { is_ascii_text(a) && b == 0 && d == 0 && is_zero_or_text(c) };
    if !may_begin {
        return None;
    }
    let kinds: &[(usize, usize)] = if a == 0 { &[(2, 1), (4, 3)] } else { &[(2, 0), (4, 0)] };
    kinds.iter().copied().find(|&(width, index)| (0..N_PADDED).all(|i| raw.get(i * width..).is_some_and(|unit| is_padded(unit, width, index))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LE: Unit = Unit { width: 2, is_big_endian: false };

    /// The text of `raw`, and the check that it is the same however `raw` is cut.
    fn decoded(unit: Option<Unit>, raw: &[u8]) -> Vec<u8> {
        let mut texts = Vec::new();
        for (n_shown, n_room) in [(raw.len(), raw.len() * 3 + 64), (LOOK_AHEAD, LONGEST_STEP), (LOOK_AHEAD + 3, 19)] {
            let (mut decoder, mut out, mut text, mut at) = (Decoder::new(unit), Vec::new(), vec![0; n_room], 0);
            while at < raw.len() {
                let end = raw.len().min(at + n_shown);
                let (n_taken, n_given) = decoder.decode(&raw[at..end], end == raw.len(), &mut text);
                at += n_taken;
                out.extend_from_slice(&text[..n_given]);
            }
            let n_given = decoder.finish(&mut text);
            out.extend_from_slice(&text[..n_given]);
            texts.push(out);
        }
        assert!(texts.windows(2).all(|pair| pair[0] == pair[1]));
        texts.swap_remove(0)
    }

    fn le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn be(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn ascii_in_wide_units_is_read_wherever_it_stands_among_bytes() {
        let line = "KEY_OF_MINE=value\r\n";
        let utf32 = |to_bytes: fn(u32) -> [u8; 4]| line.chars().flat_map(|c| to_bytes(u32::from(c))).collect::<Vec<u8>>();
        for wide in [le(line), be(line), utf32(u32::to_le_bytes), utf32(u32::to_be_bytes)] {
            for before in ["", "a", "ab\n", "é"] {
                let text = decoded(None, &[before.as_bytes(), &wide, "après\n".as_bytes()].concat());
                assert_eq!(String::from_utf8_lossy(&text).replace('\0', ""), format!("{before}{line}après\n"));
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn the_first_padded_stretch_is_found(raw in proptest::collection::vec(proptest::sample::select(vec![0, 0, 0, b'a', b'a', b'\t', 1, 200]), 0..300), end in 0..300usize) {
            let end = end.min(raw.len());
            let expected = (0..end).find_map(|at| padded_at(&raw[at..]).map(|(width, index)| (at, width, index)));
            proptest::prop_assert_eq!(padded_before(&raw, end), expected);
        }
    }

    #[test]
    fn lone_zeros_and_tables_of_numbers_stay_as_they_are() {
        for raw in [b"a\0b".as_slice(), b"\0\0\0\0", b"\x7FELF\x02\x01\x01\0\0\0\0\0", b"k\0e\0y\0", &[1, 0, 2, 0, 3, 0, 4, 0, 5, 0]] {
            assert_eq!(decoded(None, raw), raw);
        }
    }

    #[test]
    fn ascii_that_was_appended_to_utf16_is_read_at_any_parity() {
        let line = "# added later\nKEY_OF_MINE=0123456789\n";
        for odd in [b"".as_slice(), b"\xE9"] {
            let raw = [&le("größe = 漢字\r\n"), odd, line.as_bytes()].concat();
            assert_eq!(decoded(Some(LE), &raw), ["größe = 漢字\r\n".as_bytes(), odd, line.as_bytes()].concat());
        }
    }

    #[test]
    fn utf16_whose_bytes_are_ascii_stays_utf16() {
        for text in ["═".repeat(100), "あかさたなあかさたな".repeat(10), "中".repeat(50), "漢字の".repeat(40)] {
            assert_eq!(String::from_utf8_lossy(&decoded(Some(LE), &le(&text))), text);
        }
    }
}
