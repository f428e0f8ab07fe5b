//! Where texts repeat a key: whole or in pieces, forwards or backwards, in hexadecimal or base64, in whatever case and whatever stands between. A server may
//! send back what it was sent; who shows what it says asks here first.

use std::collections::HashSet;

use crate::secret::Secret;

/// What is shown may share fewer characters in a row than this with the key.
const N_SHARED: usize = 8;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// All pieces of a key that are not to be shown, in all forms that are looked for.
pub struct Echo(HashSet<[u8; N_SHARED]>);

impl Echo {
    /// The pieces of `secret`.
    #[expect(clippy::disallowed_methods, reason = "what a provider says is shown only if it is no part of the key")]
    pub fn of(secret: &Secret) -> Self {
        let forwards = secret.expose();
        let backwards: Vec<u8> = forwards.iter().rev().copied().collect();
        let mut pieces = HashSet::new();
        for key in [forwards, &backwards] {
            // What stands before the key in the encoded text shifts it by up to two bytes.
            let encoded = (0..3).map(|n_before| base64(n_before, key));
            for form in encoded.chain([key.to_vec(), hex(key)]) {
                pieces.extend(pieces_of(&letters(&form)));
            }
        }
        Self(pieces)
    }

    /// Whether `text` has a piece of the key.
    pub fn is_in(&self, text: &str) -> bool {
        pieces_of(&letters(text.as_bytes())).any(|piece| self.0.contains(&piece))
    }

    /// For each of `texts` whether it takes part in a piece of the key when they are read one after the other.
    pub fn across(&self, texts: &[&str]) -> Vec<bool> {
        self.places(texts).iter().map(|is_key| is_key.contains(&true)).collect()
    }

    /// For each byte of each of `texts` whether it is of a piece of the key when they are read one after the other: pieces may stand one in each.
    pub fn places(&self, texts: &[&str]) -> Vec<Vec<bool>> {
        let mut places: Vec<(usize, usize)> = Vec::new();
        let mut joined = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            places.extend(text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric()).map(|(place, _)| (at, place)));
            joined.extend(letters(text.as_bytes()));
        }
        let mut is_key: Vec<Vec<bool>> = texts.iter().map(|text| vec![false; text.len()]).collect();
        for (start, _) in pieces_of(&joined).enumerate().filter(|(_, piece)| self.0.contains(piece)) {
            places[start..start + N_SHARED].iter().for_each(|&(at, place)| is_key[at][place] = true);
        }
        is_key
    }
}

fn pieces_of(text: &[u8]) -> impl Iterator<Item = [u8; N_SHARED]> {
    text.windows(N_SHARED).filter_map(|piece| piece.try_into().ok())
}

/// Letters and digits alone, the letters small.
fn letters(text: &[u8]) -> Vec<u8> {
    text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| b"0123456789abcdef"[usize::from(digit)]).collect()
}

/// The characters of base64 that `key` alone decides if `n_before` bytes stand before it.
fn base64(n_before: usize, key: &[u8]) -> Vec<u8> {
    let bytes = [&vec![0; n_before], key].concat();
    let bit = |at: usize| bytes[at / 8] >> (7 - at % 8) & 1;
    let sextets = (n_before * 8).div_ceil(6)..bytes.len() * 8 / 6;
    sextets.map(|at| BASE64[(0..6).fold(0, |value, i| value << 1 | usize::from(bit(at * 6 + i)))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"tok-3fA9kQ7zLm2XwP5c8RdY";

    #[test]
    fn base64_is_as_everybody_writes_it() {
        assert_eq!(base64(0, b"Many hands"), b"TWFueSBoYW5kc");
        assert_eq!(base64(1, b"any hands"), b"FueSBoYW5kc");
        assert_eq!(base64(2, b"ny hands"), b"ueSBoYW5kc");
        assert_eq!(base64(1, b""), b"");
    }

    #[test]
    fn pieces_are_found_in_every_form() {
        let echo = Echo::of(&Secret::new(KEY));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let backwards: Vec<u8> = KEY.iter().rev().copied().collect();
        for key in [KEY, &backwards] {
            for padding in ["", "a", "ab"] {
                let encoded = text(&base64(0, &[padding.as_bytes(), key].concat()));
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
        assert_eq!(echo.across(&["3fA9kQ7", "other", "zLm2XwP"]), [false; 3]);
        assert_eq!(echo.across(&[]), [] as [bool; 0]);
        assert!(Echo::of(&Secret::new(b"short")).across(&["short", "short"]).iter().all(|is_part| !is_part));
    }
}
