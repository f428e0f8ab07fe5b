//! Text that nothing acts on: neither a terminal, nor a CI system that reads a log.

use std::fmt::Write as _;

use crate::text::is_hostile;

/// The text without anything that a terminal interprets or hides: tabs become spaces, control, bidirectional and zero-width characters
/// become escapes such as `\x1b` and `\u{202e}`.
pub fn printable(text: &str) -> String {
    printable_bytes(text.as_bytes())
}

/// [`printable`] for bytes; those that are no UTF-8 become `\xNN`.
pub(super) fn printable_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let is_plain = |byte: &&u8| matches!(**byte, b' '..=b'~');
    let (plain, rest) = bytes.split_at(bytes.iter().take_while(is_plain).count());
    out.push_str(std::str::from_utf8(plain).expect("it is ASCII"));
    for chunk in rest.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\t' => out.push(' '),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                c if is_hostile(c) => put_escape(&mut out, u32::from(c)),
                c => out.push(c),
            }
        }
        for &byte in chunk.invalid() {
            put_escape(&mut out, u32::from(byte));
        }
    }
    out
}

fn put_escape(out: &mut String, code: u32) {
    let written = if code < 0x100 { write!(out, "\\x{code:02x}") } else { write!(out, "\\u{{{code:x}}}") };
    written.expect("writing to a String cannot fail");
}

/// JSON text with every hostile character as `\uXXXX`: the same document, safe to show. Line feeds, which lay it out, stay. `##[` and `##vso[`, which CI
/// systems take for a command wherever they stand in a log, are escaped, too.
pub fn escape_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        let is_to_escape = is_hostile(c) || c == '[' && opens_command(&out);
        if c == '\n' || !is_to_escape {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}").expect("writing to a String cannot fail");
        }
    }
    out
}

/// Whether `[` behind `text` makes a command of a CI system of it.
fn opens_command(text: &str) -> bool {
    let end = &text.as_bytes()[text.len().saturating_sub(5)..];
    end.ends_with(b"##") || end.eq_ignore_ascii_case(b"##vso")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_acts_on_is_printable() {
        let cases = [
            ("a\tb", "a b"),
            ("\x1b]0;x\x07", "\\x1b]0;x\\x07"),
            ("a\r\nb", "a\\r\\nb"),
            ("\u{9b}31m\u{7f}", "\\x9b31m\\x7f"),
            ("user\u{202e}txt.exe\u{2066}", "user\\u{202e}txt.exe\\u{2066}"),
            ("a\u{200b}\u{feff}b\u{2028}", "a\\u{200b}\\u{feff}b\\u{2028}"),
            ("a\u{fffe}\u{1ffff}\u{fdd0}b", "a\\u{fffe}\\u{1ffff}\\u{fdd0}b"),
            ("漢字 é", "漢字 é"),
        ];
        for (hostile, safe) in cases {
            assert_eq!(printable(hostile), safe);
            assert_eq!(printable(safe), safe);
        }
        assert_eq!(printable_bytes(b"a\xff\xfe"), "a\\xff\\xfe");
    }

    #[test]
    fn escaped_json_says_the_same() {
        let text = "a\u{9b}\u{202e}\u{e0041}\u{7f}\x1b##[error]##VSO[x]# [";
        let json = escape_json(&serde_json::to_string(text).expect("a string has a JSON form"));
        assert!(json.is_ascii() && !json.contains("##[") && !json.contains("##VSO["));
        assert_eq!(serde_json::from_str::<String>(&json).expect("it is still JSON"), text);
    }
}
