//! Shapes that have no prefix, by the length of their anchor run. Nearly every token that may be random asks for those of its length, so that what most
//! shapes fail by lies together here, and not in the rules, which lie wide apart.

use std::cell::LazyCell;

use super::leave_to_helpful;
use crate::rule::Rule;
use crate::rule::shape::{class, class_of};
use crate::span::Span;

/// Longer tokens have no shape that is looked for by length.
const LENGTH_MAX: usize = 512;

/// The shapes, and which of them there are of each length.
#[derive(Debug)]
pub(super) struct Lengths {
    shapes: Vec<Entry>,
    by_length: Vec<Vec<usize>>,
}

/// A shape, with what is asked of a token first. Many rules have the same one, and all that is asked is asked once for all of them.
#[derive(Debug)]
struct Entry {
    alphabet: u8,
    n_lead: usize,
    /// Whether every token of these characters has it.
    is_plain: bool,
    /// Whether it has letters of both cases, so that a token must change between them as random ones do.
    needs_mixed: bool,
    /// One bit for each byte that it can begin with, by its lower seven bits.
    heads: u128,
    /// The rules that have it; never empty.
    rules: Vec<&'static Rule>,
}

impl Lengths {
    /// The table for `rules`, all of them without a prefix.
    pub(super) fn new(rules: impl Iterator<Item = &'static Rule>) -> Self {
        let mut rules: Vec<&'static Rule> = rules.collect();
        rules.sort_by_key(order);
        let mut shapes: Vec<Entry> = Vec::new();
        for rule in rules {
            // What a literal tells may lack a case.
            let has_both = rule.require & class::UPPER != 0 && rule.require & class::LOWER != 0 && rule.shape.alphabet & class::UPPER != 0;
            let needs_mixed = has_both && rule.shape.public.is_empty();
            match shapes.iter_mut().find(|entry| entry.needs_mixed == needs_mixed && entry.rules[0].shape.pattern == rule.shape.pattern) {
                Some(entry) => entry.rules.push(rule),
                None => shapes.push(Entry::new(rule, needs_mixed)),
            }
        }
        let mut by_length: Vec<Vec<usize>> = vec![Vec::new(); LENGTH_MAX + 1];
        for (at, entry) in shapes.iter().enumerate() {
            let (min, max) = entry.rules[0].shape.anchor_len;
            by_length.iter_mut().take(max + 1).skip(min).for_each(|entries| entries.push(at));
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
        let is_mixed = LazyCell::new(is_mixed);
        let (mut best, mut n_found): (Option<Span>, usize) = (None, 0);
        for entry in entries.iter().map(|&at| &self.shapes[at]).filter(|entry| alphabet & !entry.alphabet == 0 && (!entry.needs_mixed || *is_mixed)) {
            let Some(from) = token.start.checked_sub(entry.n_lead).filter(|&from| entry.heads >> (text[from] & 127) & 1 == 1) else { continue };
            let Some(length) = (if entry.is_plain { Some(token.len()) } else { entry.length_at(text, from) }) else { continue };
            let span = Span::new(from, from + length);
            if best.is_none_or(|seen| span.len() > seen.len()) {
                rules.clear();
                (best, n_found) = (Some(span), 0);
            }
            if best == Some(span) {
                rules.extend(&entry.rules);
                n_found += 1;
            }
        }
        if n_found > 1 {
            rules.sort_by_key(order);
        }
        leave_to_helpful(rules);
        best
    }
}

impl Entry {
    fn new(rule: &'static Rule, needs_mixed: bool) -> Self {
        let shape = &rule.shape;
        let is_plain = shape.is_plain && shape.public.is_empty();
        Self { alphabet: shape.alphabet, n_lead: shape.n_lead, is_plain, needs_mixed, heads: heads(rule), rules: vec![rule] }
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

/// Rules of one pattern stand together.
fn order(rule: &&'static Rule) -> (&'static str, &'static str) {
    (rule.shape.pattern, rule.id)
}
