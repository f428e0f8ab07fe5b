//! The base64 layer: text that is wrapped in base64, as in a Kubernetes secret; and what `hex` reads, which is looked for at the same places.
//!
//! Only what decodes to printable ASCII is a layer; random strings practically never do (one in 400 passes the first six bytes), so the test
//! costs next to nothing. Padding may be missing, both alphabets are read. One level; a run is taken 64 KiB at a time.
//!
//! Tools break base64 into lines of 76 or 64 characters, so that a key stands in two of them. A run that ends with its line is joined with the lines before
//! and after it, if these are runs of the same length, a multiple of four, or a shorter last one, and each of them decodes to text.

use super::hex;
use crate::base64::{self, unpadded};
use crate::finding::Layer;
use crate::rule::shape::TOKEN_MIN;
use crate::span::Span;

/// The longest base64 text that is taken at once, a multiple of four.
const LONGEST: usize = 64 * 1024;
/// The shortest decoded text that can hold a key.
const SHORTEST: usize = 20;

/// Bytes before a text that was looked at already which are looked at again, so that a key at its end is seen whole.
const SEAM: usize = 1024;

/// What a token is that may stand in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What it looks like: it wraps nothing.
    Itself,
    /// One value in base64, as in a Kubernetes secret: all of what it wraps is visible.
    Value,
    /// A part of any other text.
    Text,
}

/// A base64 text and what it wraps.
#[derive(Debug)]
pub struct Wrapped {
    /// Where it stands, from its first line to its last one.
    pub span: Span,
    /// What it decodes to, if that is text.
    pub decoded: Option<Vec<u8>>,
    /// How it is written.
    pub layer: Layer,
    /// Its lines, and where in the decoded text each begins, if there are several.
    lines: Vec<(usize, Span)>,
}

impl Wrapped {
    /// Nothing, at the beginning of a text.
    pub const NONE: Self = Self { span: Span::new(0, 0), decoded: None, layer: Layer::Base64, lines: Vec::new() };

    /// The base64 text around `token`. What lies before `floor` was looked at already.
    pub fn around(text: &[u8], token: Span, floor: usize) -> Self {
        if let Some((span, decoded)) = hex::around(text, token, floor, SHORTEST) {
            return Self { span, decoded: Some(decoded), layer: Layer::Hex, lines: Vec::new() };
        }
        let run = run_around(text, token, floor);
        let Some(decoded) = decode(run.of(text)) else { return Self { span: run, ..Self::NONE } };
        let is_long = decoded.len() >= SHORTEST;
        let lines = lines_around(text, run, floor.saturating_sub(SEAM));
        let (Some(first), Some(last)) = (lines.first(), lines.last().filter(|_| lines.len() > 1)) else {
            return Self { span: run, decoded: is_long.then_some(decoded), ..Self::NONE };
        };
        let (span, mut decoded, mut placed) = (Span::new(first.start, last.end), Vec::with_capacity(decoded.len() * lines.len()), Vec::new());
        for line in lines {
            placed.push((decoded.len(), line));
            decoded.extend(decodes_to_ascii(unpadded(line.of(text))).unwrap_or_default());
        }
        Self { span, decoded: Some(decoded), lines: placed, ..Self::NONE }
    }

    /// Where in the text a part of the decoded text stands: the lines that hold it, or all if it is one run.
    pub fn place_of(&self, part: Span) -> Span {
        let first = self.lines.partition_point(|(at, _)| *at <= part.start).saturating_sub(1);
        let last = self.lines.partition_point(|(at, _)| *at < part.end).saturating_sub(1);
        match (self.lines.get(first), self.lines.get(last)) {
            (Some((_, first)), Some((_, last))) => Span::new(first.start, last.end),
            _ => self.span,
        }
    }

    /// What `token` is, as far as this wraps a text.
    pub fn role_of(&self, token: Span) -> Role {
        match &self.decoded {
            Some(decoded) if self.span.contains(token) => {
                let is_value = self.layer == Layer::Base64 && !self.is_broken() && decoded.iter().all(u8::is_ascii_graphic);
                if is_value { Role::Value } else { Role::Text }
            }
            _ => Role::Itself,
        }
    }

    /// Whether it has several lines.
    pub fn is_broken(&self) -> bool {
        !self.lines.is_empty()
    }
}

/// The lines of the base64 text that `run` is a line of, in order; each decodes to text.
fn lines_around(text: &[u8], run: Span, floor: usize) -> Vec<Span> {
    let mut lines = vec![run];
    let decodes = |line: Span| base64::decodes(unpadded(line.of(text)), is_printable);
    let is_full = |line: Span| line.len().is_multiple_of(4) && text[line.end - 1] != b'=';
    // The first line may stand behind a name, and then be shorter than the others.
    let mut width = starts_line(text, run).then_some(run.len());
    while let Some(line) = line_before(text, lines[lines.len() - 1], floor) {
        let is_one = is_full(line) && if lines.len() == 1 { line.len() >= run.len() } else { Some(line.len()) == width };
        if !is_one || width.is_none() || run.end - line.start > LONGEST || !decodes(line) {
            break;
        }
        width = Some(line.len());
        lines.push(line);
    }
    lines.reverse();
    let is_last = !is_full(run) || lines.len() > 1 && width != Some(run.len());
    let mut last = run;
    while !is_last
        && is_full(last)
        && let Some(line) = line_after(text, last)
    {
        let n_most = width.unwrap_or(line.len());
        if line.len() > n_most || line.end - lines[0].start > LONGEST || !decodes(line) {
            break;
        }
        lines.push(line);
        if line.len() < n_most {
            break;
        }
        (width, last) = (Some(n_most), line);
    }
    lines
}

/// Whether nothing but blanks stands before `run` in its line.
fn starts_line(text: &[u8], run: Span) -> bool {
    let before = text[..run.start].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
    before.is_none_or(|&byte| byte == b'\n')
}

/// The line before that of `run`, if it is a base64 text, from `floor` on.
fn line_before(text: &[u8], run: Span, floor: usize) -> Option<Span> {
    let line = text_before(text, run.start)?;
    let n = line[floor.min(line.len())..].iter().rev().take_while(|&&byte| base64::is_member(byte)).take(LONGEST).count();
    let found = Span::new(line.len() - n, line.len());
    (n > 0 && starts_line(text, found)).then_some(found)
}

/// The text up to the end of the line before, if nothing but blanks stands before `start` in its own line.
pub fn text_before(text: &[u8], start: usize) -> Option<&[u8]> {
    let blanks = text[..start].iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let text = text[..start - blanks].strip_suffix(b"\n")?;
    Some(text.strip_suffix(b"\r").unwrap_or(text))
}

/// The line after that of `run`, if it is a base64 text.
fn line_after(text: &[u8], run: Span) -> Option<Span> {
    let rest = &text[run.end..];
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?;
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let start = text.len() - rest.len() + blanks;
    let rest = &rest[blanks..];
    let n = rest.iter().take_while(|&&byte| base64::is_member(byte)).take(LONGEST).count();
    let n_padded = n + rest[n..].iter().take(2).take_while(|&&byte| byte == b'=').count();
    let is_end = matches!(rest[n_padded..], [] | [b'\n' | b'\r', ..]);
    (n > 0 && is_end).then_some(Span::new(start, start + n_padded))
}

/// How far the lines before and after a place are looked at because they may be part of a base64 text of several lines: as far as a key can reach.
pub fn lines_near(text: &[u8], span: Span) -> Span {
    let (mut near, mut line) = (span, span);
    while let Some(before) = line_before(text, line, span.start.saturating_sub(SEAM)) {
        (near.start, line) = (before.start, before);
    }
    if let Some(first) = first_behind_name(text, near.start) {
        near.start = first;
    }
    line = span;
    while let Some(after) = line_after(text, line).filter(|after| after.end - span.end <= SEAM) {
        (near.end, line) = (after.end, after);
    }
    near
}

/// Where the base64 text begins whose second line begins at `start`, if the first one stands behind a name.
fn first_behind_name(text: &[u8], start: usize) -> Option<usize> {
    let line = text_before(text, start)?;
    line_after(text, Span::new(line.len(), line.len()))?;
    let n = line.iter().rev().take(LONGEST).take_while(|&&byte| base64::is_member(byte)).count();
    (n >= TOKEN_MIN).then_some(line.len() - n)
}

/// The run of base64 characters around `token`, padding included; it begins at `floor` or later.
fn run_around(text: &[u8], token: Span, floor: usize) -> Span {
    // A token may be the rest of a longer base64 text that `+` or `/` cut.
    let floor = floor.max(token.start.saturating_sub(LONGEST)).min(token.start);
    let start = token.start - text[floor..token.start].iter().rev().take_while(|&&byte| base64::is_member(byte)).count();
    let ceiling = text.len().min(start + LONGEST);
    let end = start + text[start..ceiling].iter().take_while(|&&byte| base64::is_member(byte)).count();
    Span::new(start, end + text[end..ceiling.min(end + 2)].iter().take_while(|&&byte| byte == b'=').count())
}

/// What a run of base64 characters decodes to, if that is printable ASCII.
fn decode(run: &[u8]) -> Option<Vec<u8>> {
    let run = unpadded(run);
    if !base64::decodes(&run[..run.len().min(8)], is_printable) {
        return None;
    }
    decodes_to_ascii(run)
}

fn decodes_to_ascii(text: &[u8]) -> Option<Vec<u8>> {
    base64::decode(text, is_printable)
}

const fn is_printable(byte: u8) -> bool {
    byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_text_is_read_with_and_without_padding() {
        for text in ["key: aGVsbG8gd29ybGQsIGhlbGxvIHdvcmxkIQ==", "key: aGVsbG8gd29ybGQsIGhlbGxvIHdvcmxkIQ\n"] {
            let run = run_around(text.as_bytes(), Span::new(5, 39), 0);
            assert_eq!(run.start, 5);
            assert_eq!(decode(run.of(text.as_bytes())).as_deref(), Some(b"hello world, hello world!".as_slice()));
        }
    }

    #[test]
    fn what_does_not_decode_to_text_is_no_layer() {
        assert!(decode(b"MistralForSequenceClassification").is_none());
        assert!(Wrapped::around(b"aGVsbG8gd29ybGQ", Span::new(0, 15), 0).decoded.is_none(), "too short to hold a key");
    }

    #[test]
    fn a_run_is_found_from_a_token_inside_of_it() {
        let text = b"x = ab+cdefghijklmnopqrst/uvw=;";
        assert_eq!(run_around(text, Span::new(7, 25), 0), Span::new(4, 30));
        assert_eq!(run_around(text, Span::new(7, 25), 6), Span::new(6, 30));
    }

    /// The base64 text of some words, in lines of this width with this end and this start.
    fn lines(width: usize, start: &str, end: &str) -> (String, String) {
        let plain: String = (0..40).map(|i| format!("word {i} of a text, ")).collect();
        let encoded = base64::encode(plain.as_bytes());
        let lines = encoded.as_bytes().chunks(width).map(|line| format!("{start}{}{end}", String::from_utf8_lossy(line)));
        (lines.collect(), plain)
    }

    #[test]
    fn lines_are_joined_from_any_of_them() {
        for (width, start, end) in [(76, "", "\n"), (64, "", "\n"), (64, "  ", "\r\n"), (20, "\t", "\n"), (2000, "", "\n")] {
            let (text, plain) = lines(width, start, end);
            let text = format!("-----BEGIN TEXT-----\n{text}-----END TEXT-----\n");
            for (at, _) in text.match_indices('\n').filter(|(at, _)| !text[at + 1..].starts_with('-') && at + 1 < text.len()) {
                let token = Span::new(at + 1 + start.len(), at + 3 + start.len());
                let wrapped = Wrapped::around(text.as_bytes(), token, 0);
                assert_eq!(wrapped.decoded.as_deref().map(String::from_utf8_lossy).as_deref(), Some(plain.as_str()), "{width} from {at}");
                assert_eq!(wrapped.is_broken(), width < 2000);
            }
        }
    }

    #[test]
    fn what_is_not_of_the_same_width_is_another_text() {
        let (text, _) = lines(64, "", "\n");
        let with = format!("key: {text}\n{}", lines(40, "", "\n").0);
        let wrapped = Wrapped::around(with.as_bytes(), Span::new(5, 30), 0);
        assert_eq!(wrapped.span, Span::new(5, 4 + text.len()));
        let first = wrapped.place_of(Span::new(0, 10));
        assert_eq!((first, wrapped.place_of(Span::new(0, 49)).end), (Span::new(5, 69), 134));
    }

    #[test]
    fn a_long_text_is_taken_in_parts_that_overlap() {
        let text = lines(64, "", "\n").0.lines().take(12).map(|line| format!("{line}\n")).collect::<String>().repeat(200);
        let first = Wrapped::around(text.as_bytes(), Span::new(0, 64), 0);
        assert!(first.span.end <= LONGEST && first.span.end > LONGEST - 100, "{:?}", first.span);
        let second = Wrapped::around(text.as_bytes(), Span::new(first.span.end + 1, first.span.end + 40), first.span.end);
        assert!(second.span.start < first.span.end - 900 && second.span.end > first.span.end + 60_000, "{:?}", second.span);
        assert!(lines_near(text.as_bytes(), Span::new(6500, 6564)).len() > 1000);
    }
}
