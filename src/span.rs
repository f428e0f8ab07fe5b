//! Places in a text: byte spans and human positions.
//!
//! A [`Span`] counts bytes from the start of the text it belongs to (a window, a layer, a line; the holder says which). A [`Position`]
//! is what a person or a report reads. Nothing here knows what the text is.

use serde::Serialize;

/// A half-open range of bytes: `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range `start..end`; an end before the start gives an empty span at `start`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end: if end < start { start } else { end } }
    }

    /// Number of bytes.
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies wholly inside.
    pub const fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share a byte.
    pub const fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The bytes of the span in `text`; what lies outside of it is cut off.
    pub fn of(self, text: &[u8]) -> &[u8] {
        let end = self.end.min(text.len());
        &text[self.start.min(end)..end]
    }

    /// The span moved by `by` bytes to the right.
    pub const fn shifted(self, by: usize) -> Self {
        Self { start: self.start + by, end: self.end + by }
    }

    /// The span moved by `by` bytes to the left; it begins there or later.
    pub const fn back(self, by: usize) -> Self {
        Self { start: self.start - by, end: self.end - by }
    }
}

/// A place as people and reports count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// Line, from 1. Lines end with `\n`; a `\r` before it belongs to the line.
    pub line: u64,
    /// Column in Unicode scalar values, from 1; a byte that is no UTF-8 counts as one.
    pub column: u64,
}

/// A finding's place in its blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Region {
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
    /// First byte, counted in the blob as decoded to UTF-8.
    pub offset: u64,
    /// The columns of start and end again, counted as UTF-16 does.
    pub utf16: (u64, u64),
}

/// How far a line is followed on each side, in bytes. Minified files have lines of megabytes; nothing that reads lines needs more.
pub const LINE_REACH: usize = 4096;

/// The bounds of the line that holds byte `at`, without its line feed, cut to [`LINE_REACH`] bytes on each side of `at`.
pub fn line_around(text: &[u8], at: usize) -> Span {
    Span::new(line_start(text, at), line_end(text, at))
}

/// Where the line that holds byte `at` begins, as [`line_around`] tells it.
pub fn line_start(text: &[u8], at: usize) -> usize {
    let at = at.min(text.len());
    let floor = at.saturating_sub(LINE_REACH);
    memchr::memrchr(b'\n', &text[floor..at]).map_or(floor, |i| floor + i + 1)
}

/// Where the line that holds byte `at` ends, as [`line_around`] tells it.
pub fn line_end(text: &[u8], at: usize) -> usize {
    let at = at.min(text.len());
    let ceiling = text.len().min(at + LINE_REACH);
    memchr::memchr(b'\n', &text[at..ceiling]).map_or(ceiling, |i| at + i)
}

/// The line above the one that begins at `start`, as [`line_around`] tells it.
pub fn line_above(text: &[u8], start: usize) -> Option<Span> {
    let end = start.checked_sub(1)?;
    // Mostly it ends there, but what is longer than a line is followed was cut.
    Some(Span::new(line_start(text, end), if text.get(end) == Some(&b'\n') { end } else { line_end(text, end) }))
}

/// The spans in order, those that touch as one.
pub fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// Characters in `bytes`: Unicode scalar values, and one for each byte that is no part of valid UTF-8.
pub fn n_chars(bytes: &[u8]) -> u64 {
    sum_of_parts(bytes, |valid, n_invalid| valid.chars().count() + n_invalid)
}

/// Code units that `bytes` have in UTF-16, where whatever is no valid UTF-8 has become one replacement character for each maximal invalid part: the
/// columns of programs that count as JavaScript does.
pub fn n_utf16(bytes: &[u8]) -> u64 {
    // Of what UTF-8 writes in four bytes UTF-16 makes two units.
    // So many are counted in one byte, which a processor does for many bytes at once.
    const N_COUNTED: usize = 255;
    let n_of_four =
        |valid: &str| valid.as_bytes().chunks(N_COUNTED).map(|part| usize::from(part.iter().map(|&byte| u8::from(byte >= 0xF0)).sum::<u8>())).sum::<usize>();
    let n_of_valid = |valid: &str| valid.chars().count() + n_of_four(valid);
    sum_of_parts(bytes, |valid, n_invalid| n_of_valid(valid) + usize::from(n_invalid > 0))
}

/// The sum of what `each` gives for the valid parts of `bytes`, each with the number of the bytes behind it that belong to one invalid part. (`utf8_chunks` goes
/// byte by byte, which shows in minified files.)
fn sum_of_parts(mut bytes: &[u8], each: impl Fn(&str, usize) -> usize) -> u64 {
    let mut sum = 0;
    loop {
        let error = match str::from_utf8(bytes) {
            Ok(valid) => return sum + each(valid, 0) as u64,
            Err(error) => error,
        };
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        let n_invalid = error.error_len().unwrap_or(rest.len());
        sum += each(str::from_utf8(valid).unwrap_or_default(), n_invalid) as u64;
        bytes = &rest[n_invalid..];
    }
}

/// A set of lines of one text, each from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// First and last line of each run, in order, without overlaps.
    runs: Vec<(u64, u64)>,
}

impl Lines {
    /// Adds the lines from `first` to `last`, both included; lines are added in order.
    pub fn push(&mut self, first: u64, last: u64) {
        match self.runs.last_mut() {
            Some((_, end)) if first <= *end + 1 => *end = last.max(*end),
            _ if first <= last => self.runs.push((first, last)),
            _ => {}
        }
    }

    /// Whether one of the lines from `first` to `last`, both included, is in the set.
    pub fn touches(&self, first: u64, last: u64) -> bool {
        let next = self.runs.partition_point(|&(_, end)| end < first);
        self.runs.get(next).is_some_and(|&(start, _)| start <= last)
    }

    /// The lines that are in both sets.
    pub fn and(&self, other: &Self) -> Self {
        let mut both = Self::default();
        let (mut a, mut b) = (self.runs.iter().copied().peekable(), other.runs.iter().copied().peekable());
        while let (Some(&(a_start, a_end)), Some(&(b_start, b_end))) = (a.peek(), b.peek()) {
            both.push(a_start.max(b_start), a_end.min(b_end));
            if a_end <= b_end {
                a.next()
            } else {
                b.next()
            };
        }
        both
    }

    /// First and last line of each run, in order.
    pub fn runs(&self) -> &[(u64, u64)] {
        &self.runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_from_any_byte_of_it() {
        let text = b"ab\ncd\n\nef";
        assert_eq!(line_around(text, 0), Span::new(0, 2));
        assert_eq!(line_around(text, 2), Span::new(0, 2));
        assert_eq!(line_around(text, 3), Span::new(3, 5));
        assert_eq!(line_around(text, 6), Span::new(6, 6));
        assert_eq!(line_around(text, 99), Span::new(7, 9));
    }

    #[test]
    fn a_line_of_megabytes_is_cut() {
        let text = vec![b'x'; 3 * LINE_REACH];
        assert_eq!(line_around(&text, LINE_REACH + 10), Span::new(10, 2 * LINE_REACH + 10));
    }

    #[test]
    fn the_line_above_is_the_one_that_ends_right_before() {
        let text = b"ab\n\ncd";
        assert_eq!([0, 3, 4].map(|start| line_above(text, start)), [None, Some(Span::new(0, 2)), Some(Span::new(3, 3))]);
        // Of a line that was cut, what was cut off.
        let long = vec![b'x'; 4 * LINE_REACH];
        let line = line_around(&long, 2 * LINE_REACH);
        assert_eq!(line_above(&long, line.start), Some(line_around(&long, line.start - 1)));
    }

    fn lines(runs: &[(u64, u64)]) -> Lines {
        let mut lines = Lines::default();
        runs.iter().for_each(|&(first, last)| lines.push(first, last));
        lines
    }

    #[test]
    fn line_sets_join_meet_and_answer() {
        let set = lines(&[(2, 3), (4, 6), (9, 9), (8, 7)]);
        assert_eq!(set.runs(), [(2, 6), (9, 9)]);
        assert_eq!([(1, 1), (1, 2), (6, 8), (7, 8), (9, 20), (10, 20)].map(|(first, last)| set.touches(first, last)), [false, true, true, false, true, false]);
        assert_eq!(set.and(&lines(&[(1, 2), (5, 5), (6, 9)])).runs(), [(2, 2), (5, 6), (9, 9)]);
        assert_eq!(set.and(&Lines::default()), Lines::default());
    }

    #[test]
    fn columns_count_characters_and_stray_bytes() {
        assert_eq!(n_chars("aé漢".as_bytes()), 3);
        assert_eq!(n_chars(b"a\xff\xfeb"), 4);
    }

    #[test]
    fn utf16_counts_pairs_of_surrogates_twice_and_broken_characters_once() {
        assert_eq!(n_utf16("aé漢😀".as_bytes()), 5);
        assert_eq!(n_utf16(b"a\xff\xfeb"), 4);
        assert_eq!(n_utf16(b"a\xf0\x9f\x98b"), 3);
    }

    proptest::proptest! {
        #[test]
        fn characters_are_those_of_std(bytes in proptest::collection::vec(proptest::sample::select(vec![b'a', b'\n', 0xC3, 0xA9, 0xF0, 0x9F, 0x98, 0x80, 0xE2, 0xFF]), 0..40)) {
            let parts = || bytes.utf8_chunks();
            let chars: usize = parts().map(|part| part.valid().chars().count() + part.invalid().len()).sum();
            let units: usize = parts().map(|part| part.valid().encode_utf16().count() + usize::from(!part.invalid().is_empty())).sum();
            proptest::prop_assert_eq!((n_chars(&bytes), n_utf16(&bytes)), (chars as u64, units as u64));
        }
    }
}
