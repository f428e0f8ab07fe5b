//! Detection: from a text to matches, by tokens first.
//!
//! Each token is met once. Its first bytes are looked up in a table of all literal prefixes, its length and alphabet in a table of the shapes
//! that have none; only then a rule's shape is read, at this one place. What looks random and has no known shape is
//! handed on as such, for the rule that reads secret-like names. Nothing here looks at the text around a token, except for what ends in its first
//! characters (`start`), and nothing can fail.
//!
//! [`pattern`] looks for expressions that are no shapes of keys, and only where a run has some.
//!
//! A second pass looks for the literal beginnings of the few shapes that are not sure to hold a token, and for what announces structured secrets
//! (`rule::structure`) and begins no token, with one vectorized search for all.

mod lengths;
pub mod pattern;
mod prefixes;
mod start;
pub mod tokens;

use std::sync::OnceLock;

use crate::literals::Literals;
use crate::look::Look;
use crate::rule::shape::{LITERAL_MIN, TOKEN_MIN, class_of};
use crate::rule::structure::Anchor;
use crate::rule::{ContextNeed, Rule, RuleSet};
use crate::span::Span;
use lengths::Lengths;
use prefixes::{Prefix, Prefixes};

/// A place where one or more rules' shapes match, a random-looking token that has no known shape, or a place that announces a structured secret.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    /// The key; for a token without a known shape, the token; for a structured secret what announces it, and it may go on behind.
    pub span: Span,
    /// The rules whose shape it has, or whose structure it may begin; all have this same span. Empty for a token without a known shape. Of rules that are found
    /// by shape all have prefixes or none has, and all identify themselves or none does ([`ContextNeed`]), so that the first tells what all are.
    pub rules: &'a [&'static Rule],
}

impl Match<'_> {
    /// Whether it announces a structured secret.
    pub fn is_structured(&self) -> bool {
        self.rules.first().is_some_and(|rule| rule.structure.is_some())
    }

    /// Whether it is a key that identifies itself.
    pub fn identifies_itself(&self) -> bool {
        let is_helpful = |rule: &&'static Rule| rule.context == ContextNeed::Helpful;
        if self.is_structured() { self.rules.iter().any(is_helpful) } else { self.rules.first().is_some_and(is_helpful) }
    }
}

/// The tables by which tokens are looked up.
#[derive(Debug)]
pub struct Detector {
    /// Rules by their prefixes.
    prefixes: Prefixes,
    /// Rules without prefixes by the length of their anchor run.
    by_length: Lengths,
    /// Literals of the second pass, none the beginning of another. The search is built when a text is first scanned.
    literals: Vec<Literal>,
    /// What announces structured secrets, each with its rules.
    anchors: Vec<(Anchor, Vec<&'static Rule>)>,
    /// Those that tokens begin with, by number.
    token_anchors: Vec<usize>,
    second_pass: OnceLock<Literals>,
}

/// What the second pass looks for: the least usual bytes of some rules' literals.
#[derive(Debug)]
struct Literal {
    bytes: &'static [u8],
    /// The rules, each with how far behind its literal's beginning these bytes stand.
    rules: Vec<(usize, &'static Rule)>,
    /// What it announces, by number.
    anchors: Vec<usize>,
}

/// Bytes that literals of several rules share, and by which these are looked for: each saves the search a literal.
const SHARED: [&[u8]; 2] = [b"+AS", b"ooks"];
/// The least prefix, in bytes, by which a key is believed behind a word that it is glued to.
const INNER_PREFIX_MIN: usize = 5;

impl Detector {
    /// The tables for `rules`.
    pub fn new(rules: &RuleSet) -> Self {
        let mut detector = Self {
            prefixes: Prefixes::new(&[], &[]),
            by_length: Lengths::new(rules.rules.iter().copied().filter(|rule| rule.is_sought_by_shape() && rule.shape.is_token && !rule.shape.has_prefix())),
            literals: Vec::new(),
            anchors: Vec::new(),
            token_anchors: Vec::new(),
            second_pass: OnceLock::new(),
        };
        rules.rules.iter().for_each(|rule| detector.add_anchors(rule));
        let mut prefixes: Vec<Prefix> = Vec::new();
        for &rule in rules.rules.iter().filter(|rule| rule.is_sought_by_shape()) {
            if !rule.shape.is_token {
                rule.shape.prefixes.iter().for_each(|literal| detector.add_literal(literal, rule));
                continue;
            }
            prefixes.extend(rule.shape.prefixes.iter().map(|&prefix| (prefix, rule)));
        }
        let starts = detector.anchors.iter().filter_map(|(anchor, _)| anchor.token());
        detector.prefixes = Prefixes::new(&prefixes, &starts.map(|start| [start[0], start[1], start[2]]).collect::<Vec<_>>());
        detector
    }

    /// Calls `each` with the matches of `text`, in the order of their tokens. In content that is no text (`is_binary`) only keys that
    /// identify themselves by a long prefix are matched.
    pub fn scan(&self, text: &[u8], is_binary: bool, each: impl FnMut(Match<'_>)) {
        self.scan_zone(text, Span::new(0, text.len()), is_binary, each);
    }

    /// The same for one zone of `text`. Tokens and shapes end where the zone ends; what announces a structured secret is only found there.
    pub fn scan_zone(&self, text: &[u8], zone: Span, is_binary: bool, mut each: impl FnMut(Match<'_>)) {
        let mut rules: Vec<&'static Rule> = Vec::new();
        let part = zone.of(text);
        let mut shifted = |matched: Match<'_>| each(Match { span: matched.span.shifted(zone.start), ..matched });
        let wants = |start: usize| {
            // Without branches, for each would be hard to foresee.
            self.prefixes.may_begin(part, start)
                | (start > 0 && matches!(part[start - 1], b'\\' | b'%'))
                | (part[start] == b'-' && self.prefixes.may_begin(part, start + 1))
        };
        tokens::for_each_candidate(part, wants, |start, end, look| self.token(part, Span::new(start, end), look, is_binary, &mut rules, &mut shifted));
        self.scan_literals(text, zone, is_binary, each);
    }

    /// Has what announces the secrets of `rule` looked for, if they are structured.
    fn add_anchors(&mut self, rule: &'static Rule) {
        for &anchor in rule.structure.map_or(&[][..], |structure| structure.anchors()) {
            if let Some((_, rules)) = self.anchors.iter_mut().find(|(known, _)| *known == anchor) {
                rules.push(rule);
                continue;
            }
            let number = self.anchors.len();
            if anchor.token().is_some() {
                self.token_anchors.push(number);
            }
            for &bytes in anchor.literals() {
                match self.literals.iter_mut().find(|literal| literal.bytes == bytes) {
                    Some(literal) => literal.anchors.push(number),
                    None => self.literals.push(Literal { bytes, rules: Vec::new(), anchors: vec![number] }),
                }
            }
            self.anchors.push((anchor, vec![rule]));
        }
    }

    /// Adds a literal of the second pass. Of two that are looked for by bytes that begin alike only the shorter is, for the rules of both.
    fn add_literal(&mut self, literal: &'static [u8], rule: &'static Rule) {
        let (offset, bytes) = least_usual(literal);
        let is_alike = |other: &&mut Literal| other.anchors.is_empty() && (other.bytes.starts_with(bytes) || bytes.starts_with(other.bytes));
        match self.literals.iter_mut().find(is_alike) {
            Some(other) => {
                other.bytes = if bytes.len() < other.bytes.len() { bytes } else { other.bytes };
                if !other.rules.iter().any(|&(at, known)| at == offset && std::ptr::eq(known, rule)) {
                    other.rules.push((offset, rule));
                }
            }
            None => self.literals.push(Literal { bytes, rules: vec![(offset, rule)], anchors: Vec::new() }),
        }
    }

    /// The second pass.
    fn scan_literals(&self, text: &[u8], zone: Span, is_binary: bool, mut each: impl FnMut(Match<'_>)) {
        let part = zone.of(text);
        let search = self.second_pass.get_or_init(|| Literals::new(self.literals.iter().map(|literal| literal.bytes).collect()));
        search.for_each(part, |at, literal| {
            let literal = &self.literals[literal];
            let is_believed = |rule: &Rule| !is_binary || rule.context == ContextNeed::Helpful;
            let believed = literal.rules.iter().filter(|(_, rule)| is_believed(rule));
            let keys = believed.filter_map(|&(offset, rule)| Some((literal_key(part, at.checked_sub(offset)?, rule)?, rule)));
            let longest = keys.max_by_key(|(span, _)| span.len());
            if let Some((span, rule)) = longest {
                each(Match { span: span.shifted(zone.start), rules: &[rule] });
            }
            for (anchor, rules) in literal.anchors.iter().map(|number| &self.anchors[*number]).filter(|_| !is_binary) {
                if let Some(span) = anchor.place(text, zone.start + at) {
                    each(Match { span, rules });
                }
            }
        });
    }

    /// Everything about one token that passed the first filters; `seen` is what they saw of it.
    #[inline(never)]
    fn token(&self, text: &[u8], met: Span, seen: Look, is_binary: bool, rules: &mut Vec<&'static Rule>, each: &mut impl FnMut(Match<'_>)) {
        let token = start::trimmed(text, met);
        let mut starts = [Some(token.start), start::behind_mark(text, token)];
        if is_binary {
            starts[1] = None;
        }
        for start in starts.into_iter().flatten() {
            if let Some(span) = self.by_prefix(text, start, is_binary.then_some(3), rules) {
                return each(Match { span, rules });
            }
        }
        if is_binary {
            return;
        }
        for (anchor, rules) in self.token_anchors.iter().map(|number| &self.anchors[*number]) {
            let announced = starts.into_iter().flatten().find(|start| anchor.token().is_some_and(|token| text[*start..].starts_with(token)));
            if let Some(span) = announced.and_then(|start| anchor.place(text, start)) {
                return each(Match { span, rules });
            }
        }
        // Most that begin like a key are words, and nothing but that let them through.
        if token == met && starts[1].is_none() && self.prefixes.may_begin(text, token.start) && !tokens::is_candidate(text, met.start, met.end, seen) {
            return;
        }
        let look = |start: usize| if Span::new(start, token.end) == met { seen } else { Look::at(text, start, token.end) };
        for start in starts.into_iter().flatten() {
            if let Some(span) = self.by_length.find(text, Span::new(start, token.end), || look(start).changes_like_mixed_case(), rules) {
                return each(Match { span, rules });
            }
        }
        if let Some(span) = self.by_inner_prefix(text, token, rules) {
            return each(Match { span, rules });
        }
        // A token that is no key of a known shape may well begin with a dash.
        let start = starts[1].filter(|&start| text[start - 1] != b'-').unwrap_or(token.start);
        let look = look(start);
        if token.end - start >= TOKEN_MIN && (look.may_be_random() || look.is_long_and_small()) {
            each(Match { span: Span::new(start, token.end), rules: &[] });
        }
    }

    /// The longest key at `start` that a prefix announces, with all rules that agree on it. With `least`, only keys that identify themselves by a
    /// prefix of so many bytes.
    fn by_prefix(&self, text: &[u8], start: usize, least: Option<usize>, rules: &mut Vec<&'static Rule>) -> Option<Span> {
        rules.clear();
        let rest = &text[start..];
        let mut best: Option<Span> = None;
        for &(prefix, rule) in self.prefixes.of(rest) {
            let is_believed = least.is_none_or(|least| rule.context == ContextNeed::Helpful && prefix.len() >= least);
            if !rest.starts_with(prefix) || !is_believed || start < rule.shape.n_lead || rules.iter().any(|r| std::ptr::eq(*r, rule)) {
                continue;
            }
            // Most are words that are too short: the expression is not even compiled for them.
            let run = rest.get(..rule.shape.anchor_len.0).unwrap_or_default();
            if run.is_empty() || run.iter().any(|&byte| class_of(byte) & rule.shape.alphabet == 0) {
                continue;
            }
            let from = start - rule.shape.n_lead;
            let Some(length) = rule.shape.match_at(text, from) else { continue };
            let span = Span::new(from, from + length);
            match best {
                Some(seen) if seen.len() > length => {}
                Some(seen) if seen.len() == length => rules.push(rule),
                _ => {
                    rules.clear();
                    rules.push(rule);
                    best = Some(span);
                }
            }
        }
        leave_to_helpful(rules);
        best
    }

    /// A key that identifies itself and is glued to a word before it: `backup-gsk_…`, `key_hf_…`.
    fn by_inner_prefix(&self, text: &[u8], token: Span, rules: &mut Vec<&'static Rule>) -> Option<Span> {
        let last = token.end.checked_sub(TOKEN_MIN)?;
        for at in token.start..last.min(token.start + 64) {
            if matches!(text[at], b'-' | b'_')
                && self.prefixes.may_begin(text, at + 1)
                && let Some(span) = self.by_prefix(text, at + 1, Some(INNER_PREFIX_MIN), rules)
            {
                return Some(span);
            }
        }
        rules.clear();
        None
    }
}

/// A key that identifies itself leaves nothing to shapes that need context.
fn leave_to_helpful(rules: &mut Vec<&'static Rule>) {
    if rules.iter().any(|rule| rule.context == ContextNeed::Helpful) {
        rules.retain(|rule| rule.context == ContextNeed::Helpful);
    }
}

/// The bytes of `literal` by which it is looked for, and where they stand in it: those that other text has least. A search for `access` would stop at half
/// the lines of a kernel; one for `ken$` hardly ever does.
fn least_usual(literal: &'static [u8]) -> (usize, &'static [u8]) {
    if let Some(shared) = SHARED.iter().find_map(|shared| Some((memchr::memmem::find(literal, shared)?, *shared))) {
        return shared;
    }
    let rarity = |bytes: &[u8]| -> usize {
        let of = |byte: &u8| match byte {
            b'A'..=b'Z' | b'0'..=b'9' => 2,
            b'j' | b'k' | b'q' | b'v' | b'w' | b'x' | b'z' => 1,
            _ => 0,
        };
        let has_mark = bytes.iter().any(|byte| class_of(*byte) == 0);
        bytes.iter().map(of).sum::<usize>() + if has_mark { 4 } else { 0 }
    };
    // The first of the rarest: `max_by_key` alone takes the last.
    literal.windows(LITERAL_MIN).enumerate().rev().max_by_key(|(_, bytes)| rarity(bytes)).unwrap_or((0, literal))
}

/// The key of `rule` one of whose literals stands at `at`, if it is one and no part of a longer text.
fn literal_key(text: &[u8], at: usize, rule: &Rule) -> Option<Span> {
    let start = at.checked_sub(rule.shape.n_lead)?;
    let before = start.checked_sub(1).map_or(b' ', |at| text[at]);
    // What begins with any character of base64 may be the middle of some.
    let is_another = !rule.shape.prefixes.iter().any(|literal| text[at..].starts_with(literal));
    let is_inside = is_another || !start::may_begin(text, start) || rule.shape.n_lead > 0 && matches!(before, b'+' | b'/');
    let length = if is_inside { None } else { rule.shape.match_at(text, start) }?;
    Some(Span::new(start, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_pass_is_one_vectorized_search_on_every_processor() {
        let detector = Detector::new(&RuleSet::built_in());
        // The packed search takes twice as long for more.
        assert!(detector.literals.len() <= 32, "{} literals", detector.literals.len());
        detector.scan(b"text", false, |_| ());
        assert!(detector.second_pass.get().is_some_and(Literals::is_packed), "the search is made literal by literal");
    }
}
