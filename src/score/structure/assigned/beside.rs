//! Secrets that only another one beside them tells: what is long enough announces itself, and of short values only the names of passwords are looked for. Where one
//! secret is kept others are, too, under the names of tokens and keys.

use std::collections::BTreeSet;

use super::named::{self, Kind};
use super::strength::Strength;
use super::{Found, Read, against, strength_of, told};
use crate::finding::Confidence;
use crate::rule::assignment::{self, Assignment, Operator};
use crate::score::{Page, generic, stand_in};
use crate::span::{Span, line_around};

/// How many lines, and how many bytes, a secret may stand before or behind another.
const LINES: usize = 8;
const REACH: usize = 600;

/// Reads the secrets beside `others`, which are sorted, and which are all that announce themselves in the `owned` part of the page: what has its name elsewhere may
/// be found there by itself.
pub(in crate::score::structure) fn read(page: &Page<'_>, owned: Span, others: &[Span]) -> Vec<Read> {
    let (mut names, mut found) = (BTreeSet::new(), Vec::new());
    for other in others {
        let around = around(page.text, *other);
        for at in generic::marks_in(around.of(page.text)) {
            let name = assignment::name_around(page.text, around.start + at).filter(|name| owned.contains(*name) && names.insert(name.start));
            found.extend(name.and_then(|name| of_name(page, name, others)));
        }
    }
    found
}

/// The secret that is given to `name`.
fn of_name(page: &Page<'_>, name: Span, others: &[Span]) -> Option<Read> {
    let assignment = assignment::read(page.text, name).filter(is_said_plainly)?;
    let value = assignment.value;
    // What is one of the others has been read.
    if others[others.partition_point(|other| other.end <= value.start)..].first().is_some_and(|other| other.overlaps(value)) {
        return None;
    }
    let kind = match named::kind(page.text, assignment.name, assignment.operator).ok()? {
        Kind::Key => Kind::Secret,
        Kind::Maybe => return None,
        kind => kind,
    };
    let is_said = stand_in::says_little_more(value.of(page.text));
    let strength = strength_of(assignment.name.of(page.text), value.of(page.text), kind).ok().filter(|strength| *strength != Strength::Word && !is_said)?;
    let mut read = told(page, Span::new(name.start, value.end), Found { assignment, kind, strength }).ok()?;
    read.because.insert(0, against("beside", "only a secret beside it tells it"));
    read.confidence = Confidence::Low;
    Some(read)
}

/// Whether the value can be no part of a text or of a command.
fn is_said_plainly(found: &Assignment) -> bool {
    matches!(found.operator, Operator::Assigned | Operator::Enclosed) && (found.is_quoted || found.is_whole)
}

/// The lines around a secret, as far as they are near.
fn around(text: &[u8], secret: Span) -> Span {
    let (mut start, mut end) = (secret.start, secret.end);
    for _ in 0..=LINES {
        start = line_around(text, start.saturating_sub(1)).start;
        end = line_around(text, text.len().min(end + 1)).end;
    }
    Span::new(start.max(secret.start.saturating_sub(REACH)), end.min(secret.end + REACH).max(secret.end))
}
