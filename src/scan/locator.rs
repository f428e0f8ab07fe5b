//! Regions of spans: bytes of a window as lines and columns of its blob.

use crate::blob::Window;
use crate::span::{Position, Region, Span, n_chars, n_utf16};

/// Finds the regions of spans in a window. Spans asked for in order are found in one pass over the window.
pub(super) struct Locator<'a> {
    window: &'a Window<'a>,
    known: Known,
}

/// A place already found: its byte, the line, and the characters before it on its line, also as UTF-16 code units.
#[derive(Clone, Copy, Debug)]
struct Known {
    at: usize,
    line: u64,
    n_chars: u64,
    n_utf16: u64,
}

impl Known {
    fn start_of(window: &Window<'_>) -> Self {
        Self { at: 0, line: window.first_line, n_chars: window.n_chars_before, n_utf16: window.n_utf16_before }
    }
}

impl<'a> Locator<'a> {
    pub(super) fn new(window: &'a Window<'a>) -> Self {
        Self { window, known: Known::start_of(window) }
    }

    /// The region of `span`.
    pub(super) fn region(&mut self, span: Span) -> Region {
        let (start, start_utf16) = self.position(span.start);
        let (end, end_utf16) = self.position(span.end);
        Region { start, end, offset: self.window.at + span.start as u64, utf16: (start_utf16, end_utf16) }
    }

    /// The position of a byte, and its column as UTF-16 counts.
    fn position(&mut self, at: usize) -> (Position, u64) {
        if at < self.known.at {
            self.known = Known::start_of(self.window);
        }
        let known = self.known;
        let passed = &self.window.bytes[known.at..at];
        self.known = match memchr::memrchr(b'\n', passed) {
            Some(last) => {
                let rest = &passed[last + 1..];
                Known { at, line: known.line + memchr::memchr_iter(b'\n', passed).count() as u64, n_chars: n_chars(rest), n_utf16: n_utf16(rest) }
            }
            None => {
                // A byte order mark is no character of the line.
                let is_start = self.window.at == 0 && known.at == 0;
                let passed = if is_start { passed.strip_prefix("\u{feff}".as_bytes()).unwrap_or(passed) } else { passed };
                Known { at, n_chars: known.n_chars + n_chars(passed), n_utf16: known.n_utf16 + n_utf16(passed), ..known }
            }
        };
        (Position { line: self.known.line, column: self.known.n_chars + 1 }, self.known.n_utf16 + 1)
    }
}
