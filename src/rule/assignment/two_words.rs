//! Names that people write as two words: `API key: value`, `Client secret: value`.

use super::is_name;
use crate::span::Span;

/// First words of such names.
const FIRSTS: [&[u8]; 24] = [
    b"api",
    b"access",
    b"secret",
    b"auth",
    b"client",
    b"consumer",
    b"app",
    b"private",
    b"encryption",
    b"encrypt",
    b"signing",
    b"sign",
    b"master",
    b"account",
    b"shared",
    b"service",
    b"session",
    b"hmac",
    b"cipher",
    b"aes",
    b"crypto",
    b"jwt",
    b"decryption",
    b"des",
];
/// The longest of them.
const LONGEST_FIRST: usize = 12;
/// What they are called secrets by.
const SECONDS: [&[u8]; 3] = [b"key", b"token", b"secret"];

/// The name at `name` with the other word of its two, if it is one of them: the first or the second, with one space between them.
pub(super) fn both(text: &[u8], name: Span) -> Span {
    // What a second word begins with is asked first: hardly any word begins so.
    if let [b' ', b'k' | b'K' | b't' | b'T' | b's' | b'S', ..] = text[name.end..]
        && is_among(name.of(text), &FIRSTS)
    {
        let behind = &text[name.end + 1..];
        let n = behind.iter().take(LONGEST_FIRST).take_while(|byte| is_name(**byte)).count();
        if is_among(&behind[..n], &SECONDS) {
            return Span::new(name.start, name.end + 1 + n);
        }
    }
    if text[..name.start].ends_with(b" ") && is_among(name.of(text), &SECONDS) {
        let before = &text[name.start.saturating_sub(LONGEST_FIRST + 2)..name.start - 1];
        let n = before.iter().rev().take_while(|byte| is_name(**byte)).count();
        if is_among(&before[before.len() - n..], &FIRSTS) {
            return Span::new(name.start - 1 - n, name.end);
        }
    }
    name
}

/// Whether the name is of two words.
pub(super) fn are_in(name: &[u8]) -> bool {
    memchr::memchr(b' ', name).is_some()
}

fn is_among(word: &[u8], words: &[&[u8]]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::super::{name_around, name_at};

    #[test]
    fn both_words_are_the_name_from_either() {
        for (text, expected) in [
            ("API key: v", Some("API key")),
            ("my Client Secret = v", Some("Client Secret")),
            ("an API  key: v", None),
            ("API key_id: v", None),
            ("the key: v", None),
            ("x-API key: v", None),
            ("secret key token", Some("secret key")),
        ] {
            let found: Vec<_> = (0..text.len()).filter_map(|at| name_around(text.as_bytes(), at)).map(|name| &text[name.start..name.end]).collect();
            assert_eq!(found.iter().find(|name| name.contains(' ')).copied(), expected, "{text}");
        }
        assert!(name_at(b"API key: v", 4).is_none());
    }
}
