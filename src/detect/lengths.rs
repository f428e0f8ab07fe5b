//! Shapes that have no prefix, by the length of their anchor run. Nearly every token that may be random asks for those of its length, so that what most
//! shapes fail by lies together here, and not in the rules, which lie wide apart.

use std::cell::LazyCell;

use super::leave_to_helpful;
use crate::look::Look;
use crate::rule::shape::{class, class_of};
use crate::rule::{Rule, Shape};
use crate::span::Span;

/// Longer tokens have no shape that is looked for by length.
const LENGTH_MAX: usize = 512;

/// The rules by length, together where they ask the same.
#[derive(Debug)]
pub(super) struct Lengths(Vec<Vec<Alike>>);

/// Rules of one expression that ask the same of a token of one length.
#[derive(Clone, Debug)]
struct Alike {
    shape: &'static Shape,
    alphabet: u8,
    /// Whether it has letters of both cases, so that a token must change between them as random ones do.
    needs_mixed: bool,
    rules: Vec<&'static Rule>,
}

impl Alike {
    /// Puts rules that have the same length together.
    fn sorted(mut rules: Vec<&'static Rule>) -> Vec<Self> {
        rules.sort_by_key(|rule| (rule.shape.pattern, rule.id));
        let mut sorted: Vec<Self> = Vec::new();
        for rule in rules {
            let shape = &rule.shape;
            // What a literal tells may lack a case.
            let has_both = rule.require & class::UPPER != 0 && rule.require & class::LOWER != 0 && shape.alphabet & class::UPPER != 0;
            let needs_mixed = has_both && shape.public.is_empty();
            match sorted.last_mut() {
                Some(last) if last.needs_mixed == needs_mixed && last.asks_as(shape) => last.rules.push(rule),
                _ => sorted.push(Self { shape, alphabet: shape.alphabet, needs_mixed, rules: vec![rule] }),
            }
        }
        sorted
    }

    /// Whether a shape asks of a token what the shape of these rules does.
    fn asks_as(&self, other: &Shape) -> bool {
        let of = |shape: &Shape| (shape.pattern, shape.alphabet, shape.n_lead, shape.is_plain);
        of(self.shape) == of(other) && self.shape.public == other.public
    }
}

impl Lengths {
    /// The table for `rules`, all of them without a prefix.
    pub(super) fn new(rules: impl Iterator<Item = &'static Rule>) -> Self {
        let mut by_length: Vec<Vec<&'static Rule>> = vec![Vec::new(); LENGTH_MAX + 1];
        for rule in rules {
            let (min, max) = rule.shape.anchor_len;
            by_length.iter_mut().take(max + 1).skip(min).for_each(|rules| rules.push(rule));
        }
        Self(by_length.into_iter().map(Alike::sorted).collect())
    }

    /// The key whose anchor run is exactly `token`, with all rules that agree on it.
    pub(super) fn find(&self, text: &[u8], token: Span, rules: &mut Vec<&'static Rule>) -> Option<Span> {
        rules.clear();
        let all = self.0.get(token.len())?;
        if all.is_empty() {
            return None;
        }
        let alphabet = token.of(text).iter().fold(0, |all, &byte| all | class_of(byte));
        let is_mixed = LazyCell::new(|| Look::at(text, token.start, token.end).changes_like_mixed_case());
        let mut best: Option<Span> = None;
        let mut last: Option<(&str, Option<usize>)> = None;
        for Alike { shape, rules: alike, .. } in all.iter().filter(|one| alphabet & !one.alphabet == 0 && (!one.needs_mixed || *is_mixed)) {
            let Some(from) = token.start.checked_sub(shape.n_lead) else { continue };
            if !shape.public.is_empty() && !shape.public.iter().any(|literal| text[from..].starts_with(literal)) {
                continue;
            }
            // Rules of one pattern stand together: the expression runs once for all of them.
            let length = match last {
                _ if shape.is_plain => Some(token.len()),
                Some((pattern, length)) if pattern == shape.pattern => length,
                _ => shape.match_at(text, from),
            };
            last = Some((shape.pattern, length));
            let Some(length) = length else { continue };
            let span = Span::new(from, from + length);
            if best.is_none_or(|seen| span.len() > seen.len()) {
                rules.clear();
                best = Some(span);
            }
            if best == Some(span) {
                rules.extend_from_slice(alike);
            }
        }
        leave_to_helpful(rules);
        best
    }
}
