//! A source line that is safe to show, and what is left of it where there is little room.

use std::ops::Range;

/// What stands for the part of a line that is not shown. ASCII, because Windows consoles may show nothing else.
pub const CUT: &str = "...";

/// A source line made safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line: one row of printable characters.
    pub text: String,
    /// Where the finding's own secret, or its mask, stands in it, in characters.
    pub columns: Range<usize>,
}

impl Line {
    /// The line cut around its secret to `n_columns`; only a secret that is itself longer makes it longer.
    pub fn cut_to(&self, n_columns: usize) -> Line {
        let chars: Vec<char> = self.text.chars().collect();
        if chars.len() <= n_columns {
            return self.clone();
        }
        let (n_before, n_after) = (self.columns.start, chars.len() - self.columns.end);
        let room = n_columns.saturating_sub(self.columns.len() + 2 * CUT.len());
        // What stands before a secret says more about it than what follows.
        let n_left = n_before.min((room / 4 * 3).max(room.saturating_sub(n_after)));
        let n_right = n_after.min(room - n_left);
        self.piece(&chars, n_left, n_right)
    }

    /// The line with at most `n_beside` characters to each side of its secret.
    pub fn around(self, n_beside: usize) -> Line {
        let chars: Vec<char> = self.text.chars().collect();
        let (n_before, n_after) = (self.columns.start, chars.len() - self.columns.end);
        // A mark of a cut that is there already is no reason to cut again.
        let (n_left, n_right) = (n_before.min(n_beside + CUT.len()), n_after.min(n_beside + CUT.len()));
        if n_left == n_before && n_right == n_after {
            return self;
        }
        let of = |n: usize, n_all: usize| if n == n_all { n } else { n_beside };
        self.piece(&chars, of(n_left, n_before), of(n_right, n_after))
    }

    /// The secret with so many of the line's `chars` before and after it.
    fn piece(&self, chars: &[char], n_left: usize, n_right: usize) -> Line {
        let (from, to) = (self.columns.start - n_left, self.columns.end + n_right);
        let mut text = String::from(if from > 0 { CUT } else { "" });
        let start = text.len() + n_left;
        text.extend(&chars[from..to]);
        if to < chars.len() {
            text.push_str(CUT);
        }
        Line { text, columns: start..start + self.columns.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_its_secret() {
        let line = Line { text: format!("{}SECRET{}", "l".repeat(50), "r".repeat(50)), columns: 50..56 };
        let cut = line.cut_to(40);
        assert_eq!(cut.text, format!("...{}SECRET{}...", "l".repeat(21), "r".repeat(7)));
        assert_eq!(&cut.text[cut.columns.clone()], "SECRET");
        assert_eq!(line.cut_to(2).text, "...SECRET...");
        assert_eq!(line.cut_to(106), line);
        let at_end = Line { text: format!("{}SECRET", "l".repeat(50)), columns: 50..56 };
        assert_eq!(at_end.cut_to(20).text, format!("...{}SECRET", "l".repeat(8)));
    }
}
