//! A reading of text inside JSON strings: escapes undone, notebook lines joined.
//!
//! Code in a notebook cell, a shell line in a JSON field or a request body in a recording stands one level of escapes deep. The reading gives
//! plain text for the look at a token's surroundings, and a map back to where each byte came from. It is no JSON parser: it takes any text
//! and changes only what looks like an escape.

use crate::span::Span;

/// Escapes undone over a piece of text.
#[derive(Debug)]
pub struct Unescaped {
    /// The plain text.
    pub text: Vec<u8>,
    /// For each byte of `text`, where it came from.
    from: Vec<u32>,
}

impl Unescaped {
    /// Undoes the escapes of `source`.
    pub fn new(source: &[u8]) -> Self {
        let mut plain = Self { text: Vec::with_capacity(source.len()), from: Vec::with_capacity(source.len()) };
        let mut at = 0;
        while at < source.len() {
            let (byte, n) = if source[at] == b'\\' { escape(&source[at..]) } else { (Some(source[at]), 1) };
            if let Some(byte) = byte {
                plain.text.push(byte);
                plain.from.push(u32::try_from(at).unwrap_or(u32::MAX));
            }
            at += n;
            if n > 1 && byte == Some(b'\n') {
                at += list_break(&source[at..]);
            }
        }
        plain
    }

    /// Where `span` of the source stands in the plain text.
    pub fn locate(&self, span: Span) -> Span {
        let at = |offset: usize| self.from.partition_point(|&from| (from as usize) < offset);
        Span::new(at(span.start), at(span.end))
    }
}

/// The byte that an escape stands for, and the escape's length.
fn escape(source: &[u8]) -> (Option<u8>, usize) {
    match source.get(1) {
        Some(b'n') => (Some(b'\n'), 2),
        Some(b't') => (Some(b'\t'), 2),
        Some(b'r') => (None, 2),
        Some(&byte @ (b'"' | b'\'' | b'\\' | b'/' | b'`' | b'$')) => (Some(byte), 2),
        Some(b'u') => match source.get(2..6).and_then(|digits| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()) {
            Some(code) => (Some(u8::try_from(code).ok().filter(u8::is_ascii).unwrap_or(b'?')), 6),
            None => (Some(b'\\'), 1),
        },
        _ => (Some(b'\\'), 1),
    }
}

/// The length of `", "` between two strings of a list, at the start of `source`: a notebook keeps each line of a cell as a string of its own.
fn list_break(source: &[u8]) -> usize {
    let skip_space = |from: usize| from + source[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    if source.first() != Some(&b'"') {
        return 0;
    }
    let comma = skip_space(1);
    if source.get(comma) != Some(&b',') {
        return 0;
    }
    let quote = skip_space(comma + 1);
    if source.get(quote) == Some(&b'"') { quote + 1 } else { 0 }
}

/// Whether the text around `span` looks like the inside of a JSON string.
pub fn is_inside_json_string(text: &[u8], span: Span) -> bool {
    let left = &text[span.start.saturating_sub(300)..span.start];
    let right = &text[span.end..text.len().min(span.end + 300)];
    let line_left = memchr::memrchr(b'\n', left).map_or(left, |i| &left[i + 1..]);
    let line_right = memchr::memchr(b'\n', right).map_or(right, |i| &right[..i]);
    let has_escape = |line: &[u8]| line.windows(2).any(|pair| matches!(pair, b"\\\"" | b"\\n"));
    has_escape(line_left) || has_escape(line_right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notebook_lines_become_plain_code() {
        let source = br#"["import os\n",
    "os.environ[\"A\"] = \"b\"\n"]"#;
        let plain = Unescaped::new(source);
        assert_eq!(String::from_utf8_lossy(&plain.text), "[\"import os\nos.environ[\"A\"] = \"b\"\n\"]");
    }

    #[test]
    fn spans_are_found_again() {
        let source = br#"x\\\"key\u0041\n"#;
        let plain = Unescaped::new(source);
        let at = memchr::memmem::find(source, b"key").expect("it is there");
        assert_eq!(plain.locate(Span::new(at, at + 3)).of(&plain.text), b"key");
    }

    #[test]
    fn other_backslashes_stay() {
        assert_eq!(Unescaped::new(br"C:\Users\u12").text, br"C:\Users\u12");
        assert_eq!(Unescaped::new(b"\\").text, b"\\");
    }
}
