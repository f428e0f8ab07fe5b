//! What stands between two places of a text, and how much it parts them: the end of a block, a blank line, the next entry of a list.

use crate::score::lex::is_comment_line;
use crate::span::{LINE_REACH, Span, line_around};

/// How much one thing between two places parts them: a blank line, the title of a section, the end of a block, an entry of a list.
const PARTED: u32 = 100;
/// A line that is a comment: it may be the title of what follows.
const COMMENTED: u32 = 40;
/// Being on different lines, before the lines are counted.
const ANOTHER_LINE: u32 = 10;
/// More than this parts no more.
const MOST: u32 = 3 * PARTED;

/// What stands between two places. That of places further apart is put together of the parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Between {
    /// Ends of lines.
    n_lines: usize,
    n_blank: u32,
    n_titles: u32,
    n_comments: u32,
    n_items: u32,
    /// Brackets opened less brackets closed, and the least of that on the way.
    depth: (i32, i32),
    /// The least indentation of a whole line.
    indentation: usize,
}

impl Between {
    /// What stands at one place.
    pub(super) fn nothing() -> Self {
        Self { n_lines: 0, n_blank: 0, n_titles: 0, n_comments: 0, n_items: 0, depth: (0, 0), indentation: usize::MAX }
    }

    /// What stands in `gap`, up to a bound that is further than partners may be apart.
    pub(super) fn of(text: &[u8], gap: Span) -> Self {
        let mut between = Self::nothing();
        let bytes = &gap.of(text)[..gap.len().min(2 * LINE_REACH)];
        let n_pieces = memchr::memchr_iter(b'\n', bytes).count() + 1;
        between.n_lines = n_pieces - 1;
        let mut is_blank = false;
        for (i, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            between.add_brackets(line);
            let content = line.trim_ascii();
            if i > 0 && (content.starts_with(b"- ") || content == b"-") {
                between.n_items += 1;
            }
            if i == 0 || i + 1 == n_pieces {
                continue;
            }
            // Blank lines one after the other part like one.
            let was_blank = std::mem::replace(&mut is_blank, content.is_empty());
            between.n_blank += u32::from(is_blank && !was_blank);
            if is_blank {
                continue;
            }
            between.indentation = between.indentation.min(indentation(line));
            match () {
                () if content.starts_with(b"[") && content.ends_with(b"]") => between.n_titles += 1,
                () if is_comment_line(content) => between.n_comments += 1,
                () => {}
            }
        }
        between
    }

    fn add_brackets(&mut self, line: &[u8]) {
        for byte in line {
            match byte {
                b'(' | b'[' | b'{' => self.depth.0 += 1,
                b')' | b']' | b'}' => {
                    self.depth.0 -= 1;
                    self.depth.1 = self.depth.1.min(self.depth.0);
                }
                _ => {}
            }
        }
    }

    /// This and, behind an id or a secret on one line, `next`.
    pub(super) fn and(self, next: Self) -> Self {
        Self {
            n_lines: self.n_lines + next.n_lines,
            n_blank: self.n_blank + next.n_blank,
            n_titles: self.n_titles + next.n_titles,
            n_comments: self.n_comments + next.n_comments,
            n_items: self.n_items + next.n_items,
            depth: (self.depth.0 + next.depth.0, self.depth.1.min(self.depth.0 + next.depth.1)),
            indentation: self.indentation.min(next.indentation),
        }
    }

    /// How much it parts what stands at both of its ends, on lines like these.
    pub(super) fn parts(&self, a: Line, b: Line) -> u32 {
        let is_left = self.depth.1 < 0;
        let is_outdented = self.n_lines > 0 && self.indentation < a.indentation.min(b.indentation);
        let n = self.n_blank + self.n_titles + self.n_items + u32::from(is_left) + u32::from(is_outdented) + u32::from(a.is_comment != b.is_comment);
        let lines = if self.n_lines == 0 { 0 } else { ANOTHER_LINE + self.n_lines.min(usize::from(u8::MAX)) as u32 };
        (n.saturating_mul(PARTED).saturating_add(self.n_comments.saturating_mul(COMMENTED))).min(MOST) + lines
    }
}

/// What is to be known of the line of a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// How many lines are before it, from any line on that is the same for all places.
    pub(super) number: usize,
    indentation: usize,
    is_comment: bool,
}

impl Line {
    /// The line that holds byte `at`.
    pub(super) fn of(text: &[u8], at: usize, number: usize) -> Self {
        let line = Span::new(line_around(text, at).start, at).of(text);
        Self { number, indentation: indentation(line), is_comment: is_comment_line(line) }
    }
}

fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}
