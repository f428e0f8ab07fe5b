//! The rule without a provider: a random value assigned to a secret-like name.
//!
//! It is meant to stay switched on, so it asks for everything at once: a name that names a credential, an operator, a value that is the whole
//! of its string, entropy that random strings have, and no sign of a digest, words or a test.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::attribute::Surroundings;
use super::{Page, Subject};
use super::{name, value};
use crate::finding::Layer;
use crate::rule::shape::class;
use crate::span::{Span, line_around};

/// Longest value that is taken for a secret; longer ones are data.
const LONGEST: usize = 128;
/// Shortest value, and shortest hexadecimal one.
const SHORTEST: usize = 20;
const SHORTEST_HEX: usize = 32;

/// A cheap test on the text before the token: whether a secret-like name can be there at all.
pub fn may_be_secret(text: &[u8], subject: &Subject<'_>) -> bool {
    if subject.layer != Layer::Raw || subject.value.len() < SHORTEST || subject.value.len() > LONGEST {
        return false;
    }
    let left = &text[subject.token.start.saturating_sub(80)..subject.token.start];
    // In quotes, or behind an operator: an identifier in code stands behind neither.
    let before = left.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
    if !before.is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'=' | b':' | b'>')) {
        return false;
    }
    static MARKED: OnceLock<AhoCorasick> = OnceLock::new();
    MARKED.get_or_init(|| value::any_case(&name::CREDENTIAL_MARKS)).is_match(left)
}

/// Whether an unquoted token is the value of a line in a settings file: nothing but a name and one operator before it, nothing but a comment
/// behind. Elsewhere unquoted tokens are identifiers.
fn is_whole_line(text: &[u8], token: Span) -> bool {
    let line = line_around(text, token.start);
    let after = text[token.end..line.end.max(token.end)].trim_ascii();
    let before = text[line.start..token.start].trim_ascii_end();
    let Some((operator, name)) = before.split_last() else { return matches!(after.first(), Some(b'<')) };
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' ' | b':' | b'$' | b'@' | b'\t' | b'"' | b'\'');
    (after.is_empty() || after.starts_with(b"#")) && matches!(operator, b'=' | b':') && name.iter().all(is_name) || *operator == b'>' && after.starts_with(b"<")
}

/// Folders whose values are made up.
const MADE_UP: [&str; 14] =
    ["test", "tests", "testing", "__tests__", "spec", "specs", "fixture", "fixtures", "mock", "mocks", "example", "examples", "testdata", "cassettes"];

/// Whether the path is that of tests or examples.
pub fn is_made_up_place(path: &str) -> bool {
    let is_marked = |part: &str| part.starts_with("test_") || part.contains("_test.") || part.contains(".test.") || part.contains(".spec.");
    path.to_ascii_lowercase().split('/').any(|part| MADE_UP.contains(&part) || is_marked(part))
}

/// Whether the value is a secret of unknown provider.
pub fn is_secret(page: &Page<'_>, subject: &Subject<'_>, surroundings: &Surroundings) -> bool {
    let (text, token, value) = (page.text, subject.token, subject.value);
    let sense = surroundings.sense;
    if subject.layer != Layer::Raw || !sense.is_credential || sense.is_other || !surroundings.place.is_assigned {
        return false;
    }
    if is_made_up_place(page.path) {
        return false;
    }
    let left = token.start.checked_sub(1).map_or(b'\n', |at| text[at]);
    let right = text.get(token.end).copied().unwrap_or(b'\n');
    let is_whole = if matches!(left, b'"' | b'\'' | b'`') { right == left || right == b'\\' } else { is_whole_line(text, token) };
    if matches!(left, b'"' | b'\'') && text.get(token.end + 1..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b":")) {
        // It is a key of an object, not a value.
        return false;
    }
    let line = line_around(text, token.start);
    let said_before = &text[line.start.max(token.start.saturating_sub(120))..token.start];
    if memchr::memmem::find(&said_before.to_ascii_lowercase(), b"example").is_some() {
        return false;
    }
    if !is_whole || value.len() < SHORTEST || value.len() > LONGEST || value.iter().filter(|&&byte| matches!(byte, b'-' | b'_')).count() > value.len() / 12 {
        return false;
    }
    let classes = value::classes(value);
    let n_symbols = match classes & !(class::DASH | class::UNDERSCORE) {
        _ if value::is_hex(value) => 16,
        both if both & class::UPPER != 0 && both & class::LOWER != 0 => 62,
        _ => 36,
    };
    if n_symbols == 16 && value.len() < SHORTEST_HEX || classes & class::DIGIT == 0 {
        return false;
    }
    value::entropy(value) >= value::random_floor(value.len(), n_symbols)
}
