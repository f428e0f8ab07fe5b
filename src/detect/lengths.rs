//! Shapes that have no prefix, by the length of their anchor run. Nearly every token that may be random asks for those of its length, so that what most
//! shapes fail by lies together here, and not in the rules, which lie wide apart.

use std::cell::LazyCell;

use super::leave_to_helpful;
use crate::look::Look;
use crate::rule::Rule;
use crate::rule::shape::{class, class_of};
use crate::span::Span;

/// Longer tokens have no shape that is looked for by length.
const LENGTH_MAX: usize = 512;

/// The rules by length.
#[derive(Debug)]
pub(super) struct Lengths(Vec<Vec<Entry>>);

/// A rule, with what is asked of it first.
#[derive(Clone, Copy, Debug)]
struct Entry {
    alphabet: u8,
    /// Whether it has letters of both cases, so that a token must change between them as random ones do.
    needs_mixed: bool,
    rule: &'static Rule,
}

impl Lengths {
    /// The table for `rules`, all of them without a prefix.
    pub(super) fn new(rules: impl Iterator<Item = &'static Rule>) -> Self {
        let mut by_length: Vec<Vec<Entry>> = vec![Vec::new(); LENGTH_MAX + 1];
        for rule in rules {
            // What a literal tells may lack a case.
            let has_both = rule.require & class::UPPER != 0 && rule.require & class::LOWER != 0 && rule.shape.alphabet & class::UPPER != 0;
            let needs_mixed = has_both && rule.shape.public.is_empty();
            let (min, max) = rule.shape.anchor_len;
            let entry = Entry { alphabet: rule.shape.alphabet, needs_mixed, rule };
            by_length.iter_mut().take(max + 1).skip(min).for_each(|entries| entries.push(entry));
        }
        by_length.iter_mut().for_each(|entries| entries.sort_by_key(|entry| (entry.rule.shape.pattern, entry.rule.id)));
        Self(by_length)
    }

    /// The key whose anchor run is exactly `token`, with all rules that agree on it.
    pub(super) fn find(&self, text: &[u8], token: Span, rules: &mut Vec<&'static Rule>) -> Option<Span> {
        rules.clear();
        let entries = self.0.get(token.len())?;
        if entries.is_empty() {
            return None;
        }
        let alphabet = token.of(text).iter().fold(0, |all, &byte| all | class_of(byte));
        let is_mixed = LazyCell::new(|| Look::at(text, token.start, token.end).changes_like_mixed_case());
        let mut best: Option<Span> = None;
        let mut last: Option<(&str, Option<usize>)> = None;
        for &Entry { rule, .. } in entries.iter().filter(|entry| alphabet & !entry.alphabet == 0 && (!entry.needs_mixed || *is_mixed)) {
            let Some(from) = token.start.checked_sub(rule.shape.n_lead) else { continue };
            if !rule.shape.public.is_empty() && !rule.shape.public.iter().any(|literal| text[from..].starts_with(literal)) {
                continue;
            }
            // Rules of one pattern stand together: the expression runs once for all of them.
            let length = match last {
                _ if rule.shape.is_plain => Some(token.len()),
                Some((pattern, length)) if pattern == rule.shape.pattern => length,
                _ => rule.shape.match_at(text, from),
            };
            last = Some((rule.shape.pattern, length));
            let Some(length) = length else { continue };
            let span = Span::new(from, from + length);
            if best.is_none_or(|seen| span.len() > seen.len()) {
                rules.clear();
                best = Some(span);
            }
            if best == Some(span) {
                rules.push(rule);
            }
        }
        leave_to_helpful(rules);
        best
    }
}
