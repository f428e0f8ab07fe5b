//! Where texts repeat a key: whole or in pieces, forwards or backwards, in hexadecimal, base32 or base64, as numbers, in whatever case and width, and whatever
//! stands between that is no letter or digit. Short pieces with other letters between count once they make up a third of the key. A server may send back
//! what it was sent; who shows what it says asks here first.
//!
//! Whoever has the key can write it in ways that are not looked for (every second character, a cipher): what is masked is what comes back by mistake or is
//! readable at a glance.

use std::collections::HashSet;

use crate::number;
use crate::secret::Secret;

/// What is shown may share fewer characters in a row than this with the key.
const N_SHARED: usize = 8;

/// Pieces of this length tell nothing alone, but many of them do.
const N_SHORT: usize = 4;
/// So many different short pieces at least are a part of the key.
const N_SHORT_PIECES: usize = 5;

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// All pieces of a key that are not to be shown, in all forms that are looked for.
pub struct Echo {
    pieces: HashSet<[u8; N_SHARED]>,
    /// The short pieces of the key as it is.
    short: HashSet<[u8; N_SHORT]>,
}

impl Echo {
    /// The pieces of `secret`.
    #[expect(clippy::disallowed_methods, reason = "what a provider says is shown only if it is no part of the key")]
    pub fn of(secret: &Secret) -> Self {
        let forwards = secret.expose();
        let backwards: Vec<u8> = forwards.iter().rev().copied().collect();
        let mut pieces = HashSet::new();
        for key in [forwards, &backwards] {
            // What stands before the key in the encoded text shifts it by up to two bytes.
            let in_64 = (0..3).map(|n_before| based(BASE64, n_before, key));
            let in_32 = (0..5).map(|n_before| based(BASE32, n_before, key));
            for form in in_64.chain(in_32).chain([key.to_vec(), hex(key), decimal(key)]) {
                pieces.extend(pieces_of(&plain(&form)));
            }
        }
        Self { pieces, short: pieces_of(&plain(forwards)).collect() }
    }

    /// Whether `text` has a piece of the key.
    pub fn is_in(&self, text: &str) -> bool {
        self.places(&[text])[0].contains(&true)
    }

    /// For each of `texts` whether it takes part in a piece of the key when they are read one after the other.
    pub fn across(&self, texts: &[&str]) -> Vec<bool> {
        self.places(texts).iter().map(|is_key| is_key.contains(&true)).collect()
    }

    /// For each byte of each of `texts` whether it is of a piece of the key when they are read one after the other: pieces may stand one in each.
    pub fn places(&self, texts: &[&str]) -> Vec<Vec<bool>> {
        let mut is_key: Vec<Vec<bool>> = texts.iter().map(|text| vec![false; text.len()]).collect();
        [false, true].into_iter().for_each(|has_marks| self.find(texts, has_marks, &mut is_key));
        is_key
    }

    /// Notes in `is_key` where `texts` have pieces of the key; `has_marks` is whether they are read as numbers that have a mark each.
    fn find(&self, texts: &[&str], has_marks: bool, is_key: &mut [Vec<bool>]) {
        let mut places: Vec<(usize, usize)> = Vec::new();
        let mut joined = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            for (place, letter) in letters(text, has_marks) {
                places.push((at, place));
                joined.push(letter);
            }
        }
        let mut mark = |start: usize, n: usize| places[start..start + n].iter().for_each(|&(at, place)| is_key[at][place] = true);
        let long = pieces_of(&joined).enumerate().filter(|(_, piece)| self.pieces.contains(piece));
        long.for_each(|(start, _)| mark(start, N_SHARED));
        let short: Vec<(usize, [u8; N_SHORT])> = pieces_of(&joined).enumerate().filter(|(_, piece)| self.short.contains(piece)).collect();
        let n_different = short.iter().map(|(_, piece)| piece).collect::<HashSet<_>>().len();
        if n_different >= N_SHORT_PIECES.max(self.short.len() / 3) {
            short.iter().for_each(|(start, _)| mark(*start, N_SHORT));
        }
    }
}

fn pieces_of<const N: usize>(text: &[u8]) -> impl Iterator<Item = [u8; N]> {
    text.windows(N).filter_map(|piece| piece.try_into().ok())
}

/// Letters and digits alone, the letters small.
fn plain(form: &[u8]) -> Vec<u8> {
    form.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

/// The letters and digits of `text`, the letters small, each with its place. Those of full width count as others do. With
/// `has_marks` the marks of hexadecimal numbers (`0x6b`, `\x6b`, `&#x6b;`) are left out.
fn letters(text: &str, has_marks: bool) -> Vec<(usize, u8)> {
    let mut letters: Vec<(usize, u8)> = Vec::new();
    let mut before = ' ';
    for (place, c) in text.char_indices() {
        let c = match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        };
        let is_mark = has_marks && matches!(c, 'x' | 'X') && matches!(before, '0' | '\\' | '#');
        if is_mark && before == '0' {
            letters.pop();
        } else if c.is_ascii_alphanumeric() && !is_mark {
            letters.push((place, c.to_ascii_lowercase() as u8));
        }
        before = c;
    }
    letters
}

/// Each byte as a decimal number.
fn decimal(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| byte.to_string().into_bytes()).collect()
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    number::hex(bytes).into_bytes()
}

/// The digits that `key` alone decides if it is written in the base of `digits` (32 or 64) and `n_before` bytes stand before it.
fn based(digits: &[u8], n_before: usize, key: &[u8]) -> Vec<u8> {
    let bytes = [&vec![0; n_before], key].concat();
    let n_bits = digits.len().ilog2() as usize;
    let bit = |at: usize| bytes[at / 8] >> (7 - at % 8) & 1;
    let whole = (n_before * 8).div_ceil(n_bits)..bytes.len() * 8 / n_bits;
    whole.map(|at| digits[(0..n_bits).fold(0, |value, i| value << 1 | usize::from(bit(at * n_bits + i)))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In two pieces, so that it looks like no key that leaked.
    const KEY: &[u8] = b"tok-3fA9kQ7z\
        Lm2XwP5c8RdY";

    #[test]
    fn base64_and_base32_are_as_everybody_writes_them() {
        assert_eq!(based(BASE64, 0, b"Many hands"), b"TWFueSBoYW5kc");
        assert_eq!(based(BASE64, 1, b"any hands"), b"FueSBoYW5kc");
        assert_eq!(based(BASE64, 2, b"ny hands"), b"ueSBoYW5kc");
        assert_eq!(based(BASE64, 1, b""), b"");
        assert_eq!(based(BASE32, 0, b"foobar"), b"mzxw6ytbo", "RFC 4648, without the last digit, which the end decides too");
    }

    #[test]
    fn pieces_are_found_in_every_form() {
        let echo = Echo::of(&Secret::new(KEY));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let backwards: Vec<u8> = KEY.iter().rev().copied().collect();
        for key in [KEY, &backwards] {
            for padding in ["", "a", "ab"] {
                let encoded = text(&based(BASE64, 0, &[padding.as_bytes(), key].concat()));
                let safe = encoded.replace('+', "-").replace('/', "_");
                for shown in [encoded.as_str(), &safe, &encoded.to_uppercase(), &encoded[6..16]] {
                    assert!(echo.is_in(shown), "{shown}");
                }
            }
            let spaced: Vec<String> = key.iter().map(|byte| format!("{byte:02X}")).collect();
            for shown in [text(key), text(key).to_lowercase(), text(&hex(key)), spaced.join(":"), format!("x {} y", text(&key[6..14]))] {
                assert!(echo.is_in(&shown), "{shown}");
            }
        }
        for other in ["", "ci", "3fA9...LdY", "a1b2c3d4e5f6a7b8", "organization-of-somebody"] {
            assert!(!echo.is_in(other), "{other}");
        }
    }

    #[test]
    fn other_ways_to_write_it_are_found() {
        let echo = Echo::of(&Secret::new(KEY));
        let wide: String = KEY.iter().filter_map(|byte| char::from_u32(u32::from(*byte) + 0xfee0)).collect();
        let each = |write: fn(&u8) -> String| KEY.iter().map(write).collect::<Vec<_>>().join(",");
        let in_32 = String::from_utf8(based(BASE32, 0, &[b"a", KEY].concat())).expect("ASCII");
        for shown in [
            wide,
            each(|byte| format!("0x{byte:02x}")),
            each(|byte| format!("\\x{byte:02X}")),
            each(|byte| format!("&#x{byte:x};")),
            each(|byte| format!("&#{byte};")),
            each(u8::to_string),
            in_32.to_uppercase(),
            in_32,
        ] {
            assert!(echo.is_in(&shown), "{shown}");
        }
    }

    #[test]
    fn short_pieces_with_other_letters_between_are_found_once_they_are_many() {
        let echo = Echo::of(&Secret::new(KEY));
        let key = std::str::from_utf8(KEY).expect("ASCII");
        let pieces: Vec<String> = (0..KEY.len()).step_by(7).map(|at| format!("{}-xx", &key[at..(at + 7).min(key.len())])).collect();
        let texts: Vec<&str> = pieces.iter().map(String::as_str).collect();
        assert_eq!(echo.across(&texts)[..3], [true; 3], "{pieces:?}");
        assert_eq!(echo.across(&[texts[0], "xx", "of another kind"]), [false; 3]);
    }

    #[test]
    fn bytes_of_pieces_are_told_from_others() {
        let echo = Echo::of(&Secret::new(KEY));
        let is_key = echo.places(&["é 3fA9-kQ", "", "7z x"]);
        let marks = |is_key: &[bool]| is_key.iter().map(|is_key| if *is_key { 'k' } else { '.' }).collect::<String>();
        assert_eq!(is_key.iter().map(|text| marks(text)).collect::<Vec<_>>(), ["...kkkk.kk", "", "kk.."]);
    }

    #[test]
    fn pieces_are_found_across_texts() {
        let echo = Echo::of(&Secret::new(KEY));
        assert_eq!(echo.across(&["before", "3fA9kQ7", "zLm2XwP", "after"]), [false, true, true, false]);
        assert_eq!(echo.across(&["3fA9kQ7", "other", "zLm2XwP"]), [true, false, true]);
        assert_eq!(echo.across(&["3fA9kQ7", "other", "Lm2X"]), [false; 3], "not much of it");
        assert_eq!(echo.across(&[]), [] as [bool; 0]);
        assert!(Echo::of(&Secret::new(b"short")).across(&["short", "short"]).iter().all(|is_part| !is_part));
    }
}
