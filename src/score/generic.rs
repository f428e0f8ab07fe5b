//! The rule without a provider: a random value assigned to a secret-like name.
//!
//! It is meant to stay switched on, so it asks for everything at once: a name that names a credential, an operator, a value that is the whole
//! of its string, entropy that random strings have, and no sign of a digest, words or a test.

use super::attribute::Surroundings;
use super::value;
use super::{Page, Subject};
use crate::finding::Layer;
use crate::rule::shape::class;
use crate::span::line_around;

/// Longest value that is taken for a secret; longer ones are data.
const LONGEST: usize = 128;
/// Shortest value, and shortest hexadecimal one.
const SHORTEST: usize = 20;
const SHORTEST_HEX: usize = 32;

/// Parts of words that stand in every secret-like name.
const MARKS: [&[u8]; 8] = [b"key", b"token", b"secret", b"passw", b"pwd", b"auth", b"cred", b"bearer"];

/// A cheap test on the text before the token: whether a secret-like name can be there at all.
pub fn may_be_secret(text: &[u8], subject: &Subject<'_>) -> bool {
    if subject.layer != Layer::Raw || subject.value.len() < SHORTEST || subject.value.len() > LONGEST {
        return false;
    }
    let start = line_around(text, subject.token.start).start.max(subject.token.start.saturating_sub(80));
    let left = &text[start..subject.token.start];
    if !left.last().is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'=' | b':' | b' ' | b'\t' | b'>')) {
        return false;
    }
    let left = left.to_ascii_lowercase();
    MARKS.iter().any(|mark| memchr::memmem::find(&left, mark).is_some())
}

/// Folders whose values are made up.
const MADE_UP: [&str; 14] =
    ["test", "tests", "testing", "__tests__", "spec", "specs", "fixture", "fixtures", "mock", "mocks", "example", "examples", "testdata", "cassettes"];

/// Whether the value is a secret of unknown provider.
pub fn is_secret(page: &Page<'_>, subject: &Subject<'_>, surroundings: &Surroundings) -> bool {
    let (text, token, value) = (page.text, subject.token, subject.value);
    let sense = surroundings.sense;
    if subject.layer != Layer::Raw || !sense.is_credential || sense.is_other || !surroundings.place.is_assigned {
        return false;
    }
    if page.path.to_ascii_lowercase().split('/').any(|part| MADE_UP.contains(&part) || part.starts_with("test_") || part.contains("_test.") || part.contains(".test.") || part.contains(".spec.")) {
        return false;
    }
    let left = token.start.checked_sub(1).map_or(b'\n', |at| text[at]);
    let right = text.get(token.end).copied().unwrap_or(b'\n');
    let is_whole = if matches!(left, b'"' | b'\'' | b'`') { right == left || right == b'\\' } else { matches!(left, b'=' | b' ' | b':' | b'>') && matches!(right, b'\n' | b'\r' | b' ' | b'<' | b'#') };
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
