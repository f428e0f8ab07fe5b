//! Lists of passwords: which are of what people keep, and which of words that are tried or refused, as in tests of logins and in rules for new passwords.

use super::named::{self, Kind};
use super::strength::Strength;
use super::{Found, Read, strength_of, told};
use crate::rule::assignment::{self, Assignment};
use crate::score::{Page, generic};
use crate::span::Span;

/// How far before a password its own name is looked for.
const NEAR: usize = 80;
/// So many lists and columns before a password are read, to see whether it stands in one.
const MOST_LISTS: usize = 4;

/// Whether most of a list, or of a column, is words: messages, rules for passwords, what is tried or refused. Where people keep passwords, most have several
/// kinds of characters.
pub(super) fn is_of_words(text: &[u8], listed: &[Assignment], kind: Kind) -> bool {
    let is_strong = |found: &&Assignment| strength_of(found.name.of(text), found.value.of(text), kind).is_ok_and(|strength| strength >= Strength::Strong);
    !listed.is_empty() && listed.iter().filter(is_strong).count() * 2 < listed.len()
}

/// Reads the passwords behind `first`, the one that announces itself, in its list or its column.
pub(in crate::score::structure) fn behind(page: &Page<'_>, first: Span) -> Vec<Read> {
    let text = page.text;
    let names_from = |floor: usize| {
        let marks: Vec<usize> = generic::marks_in(&text[floor..first.start]).map(|at| floor + at).collect();
        marks.into_iter().rev().filter_map(|at| assignment::name_around(text, at))
    };
    // Most have a name of their own right before them, which is that of nothing else.
    let is_its_own = |name: Span| !assignment::may_list(text, name) && assignment::of_name(text, name).is_some_and(|found| found.value == first);
    if names_from(first.start.saturating_sub(NEAR)).any(is_its_own) {
        return Vec::new();
    }
    // The nearest lists are the ones that may hold it.
    let names = names_from(first.start.saturating_sub(assignment::LIST)).filter(|name| assignment::may_list(text, *name));
    let listed = names.take(MOST_LISTS).map(|name| assignment::listed(text, name)).find(|values| values.iter().any(|found| found.value == first));
    let others = listed.into_iter().flatten().filter(|found| found.value.start > first.start);
    let read = |assignment: Assignment| {
        let kind = named::kind(text, assignment.name, assignment.operator).ok()?;
        let strength = strength_of(assignment.name.of(text), assignment.value.of(text), kind).ok()?;
        told(page, assignment.value, Found { assignment, kind, strength }).ok()
    };
    others.filter_map(read).collect()
}
