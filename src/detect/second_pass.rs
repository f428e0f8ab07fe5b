//! The second pass: the literal beginnings of the few shapes that are not sure to hold a token, and what announces structured secrets (`rule::structure`) and
//! begins no token, with one vectorized search for all.

use std::sync::OnceLock;

use super::{Match, start};
use crate::literals::Literals;
use crate::rule::shape::{LITERAL_MIN, class_of};
use crate::rule::structure::Anchor;
use crate::rule::{ContextNeed, Rule, RuleSet};
use crate::span::Span;

/// What is looked for.
#[derive(Debug)]
pub(super) struct SecondPass {
    /// None is the beginning of another.
    literals: Vec<Literal>,
    /// What announces structured secrets, each with its rules.
    anchors: Vec<(Anchor, Vec<&'static Rule>)>,
    /// What tokens begin with that the first pass meets, each with the number of what it announces.
    starts: Vec<(&'static [u8], usize)>,
    /// Built when a text is first scanned.
    search: OnceLock<Literals>,
}

/// The least usual bytes of some rules' literals.
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

impl SecondPass {
    /// What `rules` have looked for.
    pub(super) fn new(rules: &RuleSet) -> Self {
        let mut pass = Self { literals: Vec::new(), anchors: Vec::new(), starts: Vec::new(), search: OnceLock::new() };
        rules.rules.iter().for_each(|rule| pass.add_anchors(rule));
        for &rule in rules.rules.iter().filter(|rule| rule.is_sought_by_shape() && !rule.shape.is_token) {
            rule.shape.prefixes.iter().for_each(|literal| pass.add_literal(literal, rule));
        }
        pass
    }

    /// What tokens begin with that announce a structured secret.
    pub(super) fn starts(&self) -> impl Iterator<Item = &'static [u8]> {
        self.starts.iter().map(|(token, _)| *token)
    }

    /// The place that a token at `start` announces, with its rules, if it begins so.
    pub(super) fn announced_at(&self, text: &[u8], start: usize) -> Option<(Span, &[&'static Rule])> {
        let rest = text.get(start..)?;
        // The first byte is asked for itself, for most of what comes here begins with the one of a prefix.
        let (_, number) = self.starts.iter().find(|(token, _)| token.first() == rest.first() && rest.starts_with(token))?;
        let (anchor, rules) = &self.anchors[*number];
        Some((anchor.place(text, start)?, rules))
    }

    /// Has what announces the secrets of `rule` looked for, if they are structured.
    fn add_anchors(&mut self, rule: &'static Rule) {
        for &anchor in rule.structure.map_or(&[][..], |structure| structure.anchors()) {
            if let Some((_, rules)) = self.anchors.iter_mut().find(|(known, _)| *known == anchor) {
                rules.push(rule);
                continue;
            }
            let number = self.anchors.len();
            self.starts.extend(anchor.token().map(|token| (token, number)));
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

    /// Calls `each` with the matches of a zone of `text`.
    pub(super) fn scan(&self, text: &[u8], zone: Span, is_binary: bool, mut each: impl FnMut(Match<'_>)) {
        let part = zone.of(text);
        let search = self.search.get_or_init(|| Literals::new(self.literals.iter().map(|literal| literal.bytes).collect()));
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
        let pass = SecondPass::new(&RuleSet::built_in());
        // The packed search takes twice as long for more.
        assert!(pass.literals.len() <= 32, "{} literals", pass.literals.len());
        pass.scan(b"text", Span::new(0, 4), false, |_| ());
        assert!(pass.search.get().is_some_and(Literals::is_packed), "the search is made literal by literal");
    }
}
