//! Shapes that have no prefix, by the length of their anchor run. Nearly every token that may be random asks for those of its length, so that what most
//! shapes fail by lies together here, and not in the rules, which lie wide apart.

use super::leave_to_helpful;
use crate::rule::shape::{class, class_of};
use crate::rule::{ContextNeed, Rule};
use crate::span::Span;

/// Longer tokens have no shape that is looked for by length.
const LENGTH_MAX: usize = 512;

/// The shapes, and which of them there are of each length.
#[derive(Debug)]
pub(super) struct Lengths {
    shapes: Vec<Entry>,
    /// For each length the shapes by number, each with the classes that it does not have, which most tokens fail by.
    by_length: Vec<Vec<(u8, usize)>>,
}

/// A shape, with what is asked of a token first. Many rules have the same one, and all that is asked is asked once for all of them.
#[derive(Debug)]
struct Entry {
    n_lead: usize,
    /// Whether every token of these characters has it.
    is_plain: bool,
    /// One bit for each byte that it can begin with, by its lower seven bits.
    heads: u128,
    /// Whether one of them identifies itself.
    is_helpful: bool,
    /// The rules that have it, in order; never empty.
    rules: Vec<&'static Rule>,
    /// Those of them whose keys need not have letters of both cases, and so need not change between them as random ones do.
    of_one_case: Vec<&'static Rule>,
}

impl Lengths {
    /// The table for `rules`, all of them without a prefix.
    pub(super) fn new(rules: impl Iterator<Item = &'static Rule>) -> Self {
        let mut rules: Vec<&'static Rule> = rules.collect();
        rules.sort_by_key(|rule| (rule.shape.pattern, rule.id));
        let of_one_shape = rules.chunk_by(|a, b| a.shape.pattern == b.shape.pattern);
        let shapes: Vec<Entry> = of_one_shape.map(Entry::new).collect();
        let mut by_length: Vec<Vec<(u8, usize)>> = vec![Vec::new(); LENGTH_MAX + 1];
        for (at, entry) in shapes.iter().enumerate() {
            let shape = &entry.rules[0].shape;
            let (min, max) = shape.anchor_len;
            by_length.iter_mut().take(max + 1).skip(min).for_each(|entries| entries.push((!shape.alphabet, at)));
        }
        Self { shapes, by_length }
    }

    /// The key whose anchor run is exactly `token`, with all rules that agree on it. `is_mixed` tells whether the token changes like letters of both cases.
    pub(super) fn find(&self, text: &[u8], token: Span, is_mixed: impl FnOnce() -> bool, rules: &mut Vec<&'static Rule>) -> Option<Span> {
        rules.clear();
        let entries = self.by_length.get(token.len())?;
        if entries.is_empty() {
            return None;
        }
        let alphabet = token.of(text).iter().fold(0, |all, &byte| all | class_of(byte));
        let is_mixed = is_mixed();
        let mut best: Option<Span> = None;
        let mut is_helpful = false;
        for entry in entries.iter().filter(|(others, _)| alphabet & others == 0).map(|&(_, at)| &self.shapes[at]) {
            let fitting = if is_mixed || entry.of_one_case.len() == entry.rules.len() { &entry.rules } else { &entry.of_one_case };
            if fitting.is_empty() {
                continue;
            }
            let Some(from) = token.start.checked_sub(entry.n_lead).filter(|&from| entry.heads >> (text[from] & 127) & 1 == 1) else { continue };
            let Some(length) = (if entry.is_plain { Some(token.len()) } else { entry.length_at(text, from) }) else { continue };
            let span = Span::new(from, from + length);
            if best.is_none_or(|seen| span.len() > seen.len()) {
                rules.clear();
                best = Some(span);
            }
            if best == Some(span) {
                rules.extend(fitting);
                is_helpful |= entry.is_helpful;
            }
        }
        if is_helpful {
            leave_to_helpful(rules);
        }
        best
    }
}

impl Entry {
    /// The entry for all rules of one shape.
    fn new(rules: &[&'static Rule]) -> Self {
        let shape = &rules[0].shape;
        let is_plain = shape.is_plain && shape.public.is_empty();
        let has_both = |rule: &Rule| rule.require & class::UPPER != 0 && rule.require & class::LOWER != 0 && rule.shape.alphabet & class::UPPER != 0;
        // What a literal tells may lack a case.
        let may_have_one = |rule: &&'static Rule| !(has_both(rule) && rule.shape.public.is_empty());
        let of_one_case = rules.iter().copied().filter(may_have_one).collect();
        let is_helpful = rules.iter().any(|rule| rule.context == ContextNeed::Helpful);
        Self { n_lead: shape.n_lead, is_plain, heads: heads(rules[0]), is_helpful, rules: rules.to_vec(), of_one_case }
    }

    /// How long the key is that begins here, if one does.
    fn length_at(&self, text: &[u8], from: usize) -> Option<usize> {
        let shape = &self.rules[0].shape;
        let may_begin = shape.public.is_empty() || shape.public.iter().any(|literal| text[from..].starts_with(literal));
        if may_begin { shape.match_at(text, from) } else { None }
    }
}

/// What the keys of a rule can begin with: one bit for each byte.
fn heads(rule: &Rule) -> u128 {
    let of = |literal: &&[u8]| literal.first().map_or(u128::MAX, |first| 1 << (first & 127));
    if rule.shape.public.is_empty() { u128::MAX } else { rule.shape.public.iter().map(of).fold(0, |all, head| all | head) }
}
