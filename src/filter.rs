//! Which findings are suppressed: by a comment beside the secret, by an entry of the user's allow list, or by the baseline.
//!
//! A suppression is a value with a reason; nothing is deleted here. When in doubt this stage does not suppress: a comment whose options
//! cannot be read, a date that has passed or that is none, and an entry without a condition leave the finding as it is. It reads no file
//! and no clock; the configuration is loaded elsewhere and the day is a parameter.

mod allow;
mod baseline;
mod inline;
mod options;

use jiff::civil::Date;

pub use allow::{AllowCase, AllowEntry, AllowList, PathPattern, PathRegex, SecretDigest, SecretPattern, Target};
pub use baseline::{Baseline, Entry, Format, Mark, Salt, State};
pub use inline::{NEAR, inline, unheard};

use crate::text::is_hostile;

/// Longest reason shown, in characters.
pub const LONGEST_REASON: usize = 200;

/// The day written `YYYY-MM-DD`; no other notation counts, so that nobody reads a date in two ways.
pub fn parse_date(text: &str) -> Option<Date> {
    let fits = |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
    let is_date = text.len() == 10 && text.bytes().enumerate().all(fits);
    is_date.then(|| text.parse().ok()).flatten()
}

/// `text` made safe to show on one line: control characters, and those that reorder or hide text, become spaces.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_hostile(c) { ' ' } else { c }).collect()
}

/// A user's reason made safe to show: on one line, trimmed and cut to [`LONGEST_REASON`]. An empty one is none.
pub fn readable_reason(text: &str) -> Option<String> {
    let line = one_line(text);
    let line = line.trim();
    let mut reason: String = line.chars().take(LONGEST_REASON).collect();
    // Half a secret could not be recognized as one when the report masks its secrets: the cut leaves no half of a token.
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if line[reason.len()..].starts_with(is_of_token) {
        let n_whole = reason.trim_end_matches(is_of_token).trim_end().len();
        // A reason that is one long token stays.
        reason.truncate(if n_whole > 0 { n_whole } else { reason.len() });
    }
    (!reason.is_empty()).then_some(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_one_notation() {
        assert_eq!(parse_date("2026-12-31"), Some(jiff::civil::date(2026, 12, 31)));
        for text in ["2026-02-30", "20261231", "2026-1-1", "2026/12/31", "2026-12-31T00:00", "soon", "", "+2026-1-01", "２026-1-1"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_reason_cannot_write_to_the_terminal() {
        assert_eq!(readable_reason("a\x1b[2Jb\u{9b}c\td\u{202e}e\n").as_deref(), Some("a [2Jb c d e"));
        assert_eq!(readable_reason(&"é".repeat(300)), Some("é".repeat(200)));
        assert_eq!(readable_reason(" \t"), None);
        assert_eq!(readable_reason(&format!("old: {}", "ab12-_".repeat(50))).as_deref(), Some("old:"), "no half of a token");
    }
}
