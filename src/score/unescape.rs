//! A reading of text that stands one level of escapes deep: escapes undone, notebook lines joined, colors left out.
//!
//! So stand code in a notebook cell, a shell line in a JSON field, the body of a form or of a mail, and the lines of a log for a terminal. The reading gives
//! plain text for the look at a token's surroundings, and a map back to where each byte came from. It is no parser: it takes any text
//! and changes only what looks like an escape.

use crate::number::byte_of_hex;
use crate::span::Span;

/// How text is written in which some characters stand for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// As in JSON strings: `\"`, `\n`.
    Json,
    /// With `%3D` for `=`.
    Percent,
    /// With `=3D` for `=`, as in mails.
    Quoted,
    /// As it is, with the sequences that color a terminal.
    Colored,
}

/// How the text around `token` is written, if not as it is meant.
pub fn writing(text: &[u8], token: Span) -> Option<Writing> {
    behind_mark(text, token).or_else(|| is_inside_json_string(text, token).then_some(Writing::Json))
}

/// The same by what stands right before the token alone.
pub fn behind_mark(text: &[u8], token: Span) -> Option<Writing> {
    let before = &text[token.start.saturating_sub(LONGEST_COLOR)..token.start];
    match before {
        [.., b'%', b'3', b'D' | b'd'] => Some(Writing::Percent),
        [.., b'=', b'3', b'D'] => Some(Writing::Quoted),
        [.., b'm'] if (0..before.len()).any(|at| color(&before[at..]) == Some(before.len() - at)) => Some(Writing::Colored),
        _ => None,
    }
}

/// The longest sequence of a terminal, in bytes.
const LONGEST_COLOR: usize = 24;

/// The length of the sequence that colors a terminal at the start of `source`, if there is one.
fn color(source: &[u8]) -> Option<usize> {
    let escapes = [b"\x1b[".as_slice(), b"\\e[", b"\\033[", b"\\x1b[", b"\\x1B[", b"\\u001b[", b"\\u001B[", b"^[["];
    let n = escapes.iter().find(|escape| source.starts_with(escape))?.len();
    let n_list = source[n..].iter().take(LONGEST_COLOR).take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    (source.get(n + n_list) == Some(&b'm')).then_some(n + n_list + 1)
}

/// Escapes undone over a piece of text.
#[derive(Debug)]
pub struct Unescaped {
    /// The plain text.
    pub text: Vec<u8>,
    /// For each byte of `text`, where it came from.
    from: Vec<u32>,
}

impl Unescaped {
    /// Undoes the escapes of `source`, which is written so.
    pub fn new(source: &[u8], writing: Writing) -> Self {
        let mut plain = Self { text: Vec::with_capacity(source.len()), from: Vec::with_capacity(source.len()) };
        let mut at = 0;
        while let Some(n_plain) = mark(&source[at..], writing) {
            plain.push(source, Span::new(at, at + n_plain));
            at += n_plain;
            let (byte, n) = undone(&source[at..], writing);
            if let Some(byte) = byte {
                plain.text.push(byte);
                plain.from.push(place(at));
            }
            at += n;
            if n > 1 && byte == Some(b'\n') {
                at += list_break(&source[at..]);
            }
        }
        plain.push(source, Span::new(at, source.len()));
        plain
    }

    /// Adds a piece of `source` as it is.
    fn push(&mut self, source: &[u8], piece: Span) {
        self.text.extend_from_slice(piece.of(source));
        self.from.extend((piece.start..piece.end).map(place));
    }

    /// Where `span` of the source stands in the plain text.
    pub fn locate(&self, span: Span) -> Span {
        let at = |offset: usize| self.from.partition_point(|&from| (from as usize) < offset);
        Span::new(at(span.start), at(span.end))
    }
}

/// A place of the source.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Where the first byte stands that may begin an escape.
fn mark(source: &[u8], writing: Writing) -> Option<usize> {
    match writing {
        Writing::Json => memchr::memchr(b'\\', source),
        Writing::Percent => memchr::memchr(b'%', source),
        Writing::Quoted => memchr::memchr(b'=', source),
        Writing::Colored => memchr::memchr3(b'\x1b', b'\\', b'^', source),
    }
}

/// The byte that an escape at the start of `source` stands for, and the escape's length.
fn undone(source: &[u8], writing: Writing) -> (Option<u8>, usize) {
    match writing {
        Writing::Json => escape(source),
        Writing::Percent | Writing::Quoted => coded(source),
        Writing::Colored => color(source).map_or((Some(source[0]), 1), |n| (None, n)),
    }
}

/// The byte that an escape of JSON stands for, and the escape's length.
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

/// The character that `%3D` or `=3D` stands for, and the length of that; a line end of a mail behind `=` is none.
fn coded(source: &[u8]) -> (Option<u8>, usize) {
    let code = source.get(1..).and_then(byte_of_hex);
    match code.filter(|code| (b' '..=b'~').contains(code)) {
        Some(code) => (Some(code), 3),
        None if source.starts_with(b"=\n") => (None, 2),
        None => (Some(source[0]), 1),
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
        let plain = Unescaped::new(source, Writing::Json);
        assert_eq!(String::from_utf8_lossy(&plain.text), "[\"import os\nos.environ[\"A\"] = \"b\"\n\"]");
    }

    #[test]
    fn spans_are_found_again() {
        let source = br#"x\\\"key\u0041\n"#;
        let plain = Unescaped::new(source, Writing::Json);
        let at = memchr::memmem::find(source, b"key").expect("it is there");
        assert_eq!(plain.locate(Span::new(at, at + 3)).of(&plain.text), b"key");
    }

    #[test]
    fn other_backslashes_stay() {
        assert_eq!(Unescaped::new(br"C:\Users\u12", Writing::Json).text, br"C:\Users\u12");
        assert_eq!(Unescaped::new(b"\\", Writing::Json).text, b"\\");
    }

    #[test]
    fn what_stands_right_before_a_token_tells_how_its_text_is_written() {
        for (source, expected, plain) in [
            ("a%3Dx%26NAME%3D", Some(Writing::Percent), "a=x&NAME="),
            ("Name: 5%=20\na=\nb NAME=3D", Some(Writing::Quoted), "Name: 5% \nab NAME="),
            ("\x1b[1mx\x1b[0m NAME=\x1b[1;31m", Some(Writing::Colored), "x NAME="),
            ("NAME=\\033[31m", Some(Writing::Colored), "NAME="),
            ("NAME=\\\"", Some(Writing::Json), "NAME=\""),
            ("NAME=31m", None, ""),
        ] {
            let text = format!("{source}KEY");
            let found = writing(text.as_bytes(), Span::new(source.len(), text.len()));
            assert_eq!(found, expected, "{source}");
            if let Some(writing) = found {
                assert_eq!(String::from_utf8_lossy(&Unescaped::new(source.as_bytes(), writing).text), plain, "{source}");
            }
        }
    }
}
