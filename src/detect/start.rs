//! Where a key begins inside of a token: behind what only looks like a part of it, as the end of an escape sequence does.
//!
//! A token is what has the characters of keys, and so have the `n` of `\n`, the `3D` of an encoded `=`, the `31m` that colors a log, and the dash of
//! `${NAME:-KEY}`. One such place is told for each token, by the bytes right before it and its own first ones.

use crate::rule::shape::{TOKEN_MIN, class_of};
use crate::span::Span;

/// The longest of what may stand in a token before its key.
const LONGEST: usize = 6;

/// The token without what is surely none of its key: the dash by which a shell gives a default (`${NAME:-KEY}`), the end of a sequence that colors a terminal,
/// the digits of an encoded mark (`%3D`).
pub(super) fn trimmed(text: &[u8], token: Span) -> Span {
    let n = match (before(text, token.start), token.of(text)) {
        (Some(b':'), [b'-', ..]) => 1,
        (Some(b'%'), [high, low, ..]) if is_mark(*high, *low) => 2,
        (Some(b'[' | b';'), [b'0'..=b'9' | b'm', ..]) => color(text, token).unwrap_or(0),
        _ => 0,
    };
    Span::new(token.start + if n + 3 < token.len() { n } else { 0 }, token.end)
}

/// Where a token may really begin, if that is not where its first character stands.
pub(super) fn behind_mark(text: &[u8], token: Span) -> Option<usize> {
    let inside = token.of(text);
    let is_hex = |n: std::ops::Range<usize>| inside.get(n).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    let n_skipped = match (before(text, token.start), inside[0]) {
        (Some(b'%'), _) if is_hex(0..2) => 2,
        (Some(b'='), b'3') if inside[1] == b'D' => 2,
        (Some(b'\\'), b'u') if is_hex(1..5) => 5,
        (Some(b'\\'), b'x') if is_hex(1..3) => 3,
        (Some(b'\\'), b'n' | b't' | b'r' | b'b' | b'f' | b'v' | b'0') => 1,
        (_, b'-') => 1,
        _ => return None,
    };
    (token.len() > n_skipped + 3).then_some(token.start + n_skipped)
}

/// Whether a key may begin at `at`: no character of keys stands before it, or only what is none of the key's.
pub(super) fn may_begin(text: &[u8], at: usize) -> bool {
    let n = text[at.saturating_sub(LONGEST)..at].iter().rev().take_while(|byte| class_of(**byte) != 0).count();
    let rest = text[at..].iter().take(TOKEN_MIN).take_while(|byte| class_of(**byte) != 0).count();
    let token = Span::new(at - n, at + rest.max(LONGEST).min(text.len() - at));
    n == 0 || n < LONGEST && (trimmed(text, token).start == at || behind_mark(text, token) == Some(at))
}

/// How many characters at the beginning of a token end a sequence that colors a terminal: the `31m` of `ESC[31m` or of `ESC[1;31m`, also where the escape
/// character is written out.
fn color(text: &[u8], token: Span) -> Option<usize> {
    let n_digits = token.of(text).iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let is_color = token.of(text)[n_digits] == b'm';
    let left = &text[token.start.saturating_sub(24)..token.start];
    let n_list = left.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    let left = left[..left.len() - n_list].strip_suffix(b"[")?;
    let is_escape = [b"\x1b".as_slice(), b"\\e", b"\\033", b"\\x1b", b"\\x1B", b"\\u001b", b"\\u001B", b"^["].iter().any(|escape| left.ends_with(escape));
    (is_color && is_escape).then_some(n_digits + 1)
}

/// Whether two hexadecimal digits are the code of a mark or a line end.
fn is_mark(high: u8, low: u8) -> bool {
    matches!((high, low.to_ascii_uppercase()), (b'2', b'0' | b'2' | b'6' | b'7' | b'C') | (b'3', b'A' | b'B' | b'D') | (b'0', b'9' | b'A' | b'D'))
}

fn before(text: &[u8], at: usize) -> Option<u8> {
    at.checked_sub(1).map(|at| text[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What of a text before a key is no part of the key's token.
    fn mark(before: &str) -> Option<String> {
        let text = format!("{before}{}", "Kq7".repeat(8));
        let start = before.len() - before.bytes().rev().take_while(|byte| class_of(*byte) != 0).count();
        let token = Span::new(start, text.len());
        let trimmed = Some(trimmed(text.as_bytes(), token).start).filter(|at| *at > start);
        trimmed.or_else(|| behind_mark(text.as_bytes(), token)).map(|at| text[start..at].to_owned())
    }

    #[test]
    fn what_stands_before_a_key_is_no_part_of_it() {
        for (before, expected) in [
            ("a\\n", "n"),
            ("%3D", "3D"),
            ("=3D", "3D"),
            ("\\u003d", "u003d"),
            ("\\x3d", "x3d"),
            ("\x1b[31m", "31m"),
            ("\x1b[1;31m", "31m"),
            ("\x1b[38;5;123m", "123m"),
            ("\x1b[m", "m"),
            ("\\e[0m", "0m"),
            ("\\033[32m", "32m"),
            ("\\u001b[32m", "32m"),
            ("- -", "-"),
            ("-", "-"),
        ] {
            assert_eq!(mark(before).as_deref(), Some(expected), "{before}");
            let text = format!("{before}{}", "Kq7".repeat(8));
            assert!(may_begin(text.as_bytes(), before.len()), "{before}");
        }
        for before in ["", "=", "[31m", "x[31m", ";31m", "\x1b[31n", "=3E", "n"] {
            assert_eq!(mark(before), None, "{before}");
        }
        assert!(!may_begin(b"xKq7Kq7Kq7", 1) && !may_begin(b"a-Kq7Kq7Kq7", 2) && may_begin(b"K", 0) && may_begin(b"=Kq7", 1));
    }

    #[test]
    fn a_default_of_a_shell_begins_behind_its_dash() {
        let text = format!("${{NAME:-{}}}", "Kq7".repeat(8));
        let token = Span::new(7, text.len() - 1);
        assert_eq!(trimmed(text.as_bytes(), token), Span::new(8, text.len() - 1));
        let text = format!("--{}", "Kq7".repeat(8));
        assert_eq!(trimmed(text.as_bytes(), Span::new(0, text.len())), Span::new(0, text.len()));
    }
}
