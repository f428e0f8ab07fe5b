//! Entries of logs: what an entry says of a request is said of the key that the next one shows.

use super::name;
use crate::span::{Span, line_around};

/// Words for how grave an entry is.
const LEVELS: [&[u8]; 10] = [b"TRACE", b"DEBUG", b"INFO", b"NOTICE", b"WARN", b"WARNING", b"ERROR", b"FATAL", b"CRITICAL", b"VERBOSE"];
/// The level stands behind the time, and so near the beginning of an entry.
const REACH: usize = 48;
/// Longer lines are no entries that people read.
const LONGEST: usize = 300;

/// The entry above the one that shows `token`: `[INFO] Sending request to …`, `[DEBUG] Using key=…`. What an
/// entry calls a digest or an identifier belongs to nobody.
pub(super) fn entry_above(text: &[u8], token: Span) -> Option<Span> {
    let own = line_around(text, token.start);
    let above = line_around(text, own.start.checked_sub(1)?);
    let message = &text[own.start..token.start];
    (above.len() < LONGEST && own.len() < LONGEST && is_entry(above.of(text)) && is_entry(message) && !name::is_other(message)).then_some(above)
}

/// Whether a line is an entry of a log: a level stands near its beginning, in capitals or in brackets.
fn is_entry(line: &[u8]) -> bool {
    let head = &line[..line.len().min(REACH)];
    let mut words = head.split(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'[' | b']'));
    words.any(|word| {
        let in_brackets = word.strip_prefix(b"[").and_then(|word| word.strip_suffix(b"]"));
        LEVELS.iter().any(|level| word == *level || in_brackets.is_some_and(|word| word.eq_ignore_ascii_case(level)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_a_level() {
        for line in ["[INFO] Sending", "2024-05-01 12:00:01 DEBUG x", "[debug] x", "12:01 [WARN] [main] x", "2024-05-01T10:00:00.000Z\tINFO\tx"] {
            assert!(is_entry(line.as_bytes()), "{line}");
        }
        for line in ["info: x", "for your information", "the DEBUGGER", "", "<error> x", "// Request to the API", "error = 1"] {
            assert!(!is_entry(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn the_entry_above_speaks_of_a_key() {
        let above = |text: &str| {
            let at = text.find("KEY").expect("it is there");
            entry_above(text.as_bytes(), Span::new(at, at + 3)).map(|span| text[span.start..span.end].to_owned())
        };
        assert_eq!(above("[INFO] to X\n[DEBUG] Using key=KEY\n").as_deref(), Some("[INFO] to X"));
        for text in
            ["[INFO] to X\n[DEBUG] Cache key=KEY\n", "[INFO] to X\n[DEBUG] ETag=KEY\n", "to X\n[DEBUG] key=KEY\n", "[INFO] to X\nkey=KEY\n", "[INFO] key=KEY"]
        {
            assert_eq!(above(text), None, "{text}");
        }
    }
}
