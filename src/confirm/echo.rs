//! Whether a text repeats a key: whole or in pieces, forwards or backwards, in hexadecimal or base64, in whatever case and whatever stands between.

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
            // The first bytes of what was encoded decide how the others fall: three ways.
            let encoded = (0..3).map(|start| base64(key.get(start..).unwrap_or_default()));
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
        let mut joined = Vec::new();
        let mut owners = Vec::new();
        for (owner, text) in texts.iter().enumerate() {
            joined.extend(letters(text.as_bytes()));
            owners.resize(joined.len(), owner);
        }
        let mut takes_part = vec![false; texts.len()];
        for (at, piece) in pieces_of(&joined).enumerate() {
            if self.0.contains(&piece) {
                owners[at..at + N_SHARED].iter().for_each(|&owner| takes_part[owner] = true);
            }
        }
        takes_part
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

/// Groups of three bytes that are whole: the others depend on what follows.
fn base64(bytes: &[u8]) -> Vec<u8> {
    let group = |three: &[u8]| {
        let bits = three.iter().fold(0, |bits: usize, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| BASE64[bits >> shift & 63])
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"tok-3fA9kQ7zLm2XwP5c8RdY";

    #[test]
    fn pieces_are_found_in_every_form() {
        let echo = Echo::of(&Secret::new(KEY));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let backwards: Vec<u8> = KEY.iter().rev().copied().collect();
        assert_eq!(text(&base64(b"Man is")), "TWFuIGlz");
        for key in [KEY, &backwards] {
            for padding in ["", "a", "ab"] {
                let encoded = text(&base64(&[padding.as_bytes(), key].concat()));
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
    fn pieces_are_found_across_texts() {
        let echo = Echo::of(&Secret::new(KEY));
        assert_eq!(echo.across(&["before", "3fA9kQ7", "zLm2XwP", "after"]), [false, true, true, false]);
        assert_eq!(echo.across(&["3fA9kQ7", "other", "zLm2XwP"]), [false; 3]);
        assert_eq!(echo.across(&[]), [] as [bool; 0]);
        assert!(Echo::of(&Secret::new(b"short")).across(&["short", "short"]).iter().all(|is_part| !is_part));
    }
}
