//! Detection of patterns: expressions over any text, found by the literals that their matches hold.
//!
//! One automaton looks for the literals and keywords of all rules at once, whatever their case. Only the rules that something was found for go on: with a
//! bounded expression around their literals, with any other in the whole text. What is left is one linear search for each of these rules; how far a single
//! match is followed is bounded, so that no text makes a search of many matches take quadratic time. Without such rules there is none of this.

use std::collections::HashMap;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::Regex;

use crate::rule::pattern::Pattern;
use crate::rule::{Rule, RuleSet};
use crate::span::Span;

/// A place that a rule's pattern matches.
#[derive(Clone, Copy, Debug)]
pub struct PatternMatch {
    /// Whose pattern.
    pub rule: &'static Rule,
    /// The secret.
    pub span: Span,
    /// The whole match, without line feeds at its ends.
    pub whole: Span,
}

/// All patterns of a run.
#[derive(Debug)]
pub struct Patterns {
    rules: Vec<(&'static Rule, &'static Pattern)>,
    /// Whether some rule asks what others found, or reports nothing itself.
    pub has_composite: bool,
    index: OnceLock<Index>,
}

/// The search for literals, made when a text is first scanned.
#[derive(Debug)]
struct Index {
    automaton: AhoCorasick,
    /// What each literal means, by its number.
    uses: Vec<Vec<Use>>,
    /// Rules that nothing tells where to look for.
    everywhere: Vec<usize>,
}

/// What a literal means for a rule, by the rule's number.
#[derive(Clone, Copy, Debug)]
enum Use {
    /// The rule is for texts that hold it.
    Keyword(usize),
    /// A match holds it, or another of the rule's.
    Part(usize),
}

/// What was found for a rule.
#[derive(Debug, Default)]
struct Hits {
    has_keyword: bool,
    /// Where its literals stand.
    parts: Vec<Span>,
}

/// A match of at most so many bytes is looked for right around its literal, and has its whole length in view.
const SHORT: usize = 1 << 10;
/// How far any other match is followed.
const REACH: usize = 64 << 10;
/// After so many matches of one rule in one text they are followed for [`SHORT`] bytes only.
const N_FAR: usize = 1000;
/// The search is a table up to so many bytes of literals: fast, and large.
const LARGEST_TABLE: usize = 4 << 10;

impl Patterns {
    /// The patterns of `rules`, if there are any.
    pub fn of(rules: &RuleSet) -> Option<Self> {
        let rules: Vec<(&'static Rule, &'static Pattern)> = rules.rules.iter().filter_map(|&rule| Some((rule, rule.pattern?))).collect();
        let has_composite = rules.iter().any(|(_, pattern)| pattern.is_silent || !pattern.required.is_empty());
        (!rules.is_empty()).then(|| Self { rules, has_composite, index: OnceLock::new() })
    }

    /// Calls `each` with the matches in `text`, rule by rule. `path` is that of the blob, or empty if it is not known.
    pub fn scan(&self, text: &[u8], path: &str, mut each: impl FnMut(PatternMatch)) {
        let index = self.index.get_or_init(|| Index::new(&self.rules));
        for (number, hits) in index.hits(text) {
            let (rule, pattern) = self.rules[number];
            if !pattern.keywords.is_empty() && !hits.has_keyword || !pattern.is_for(path) {
                continue;
            }
            for region in regions(pattern, &hits, text.len()) {
                search(rule, pattern, text, region, &mut each);
            }
        }
    }
}

impl Index {
    fn new(rules: &[(&'static Rule, &'static Pattern)]) -> Self {
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut uses: Vec<Vec<Use>> = Vec::new();
        let mut literals: Vec<Vec<u8>> = Vec::new();
        let mut add = |literal: &[u8], means: Use| {
            let number = *numbers.entry(literal.to_vec()).or_insert_with(|| {
                literals.push(literal.to_vec());
                uses.push(Vec::new());
                literals.len() - 1
            });
            uses[number].push(means);
        };
        let mut everywhere = Vec::new();
        for (number, (_, pattern)) in rules.iter().enumerate() {
            pattern.search.literals.iter().for_each(|literal| add(literal, Use::Part(number)));
            pattern.keywords.iter().for_each(|keyword| add(keyword.as_bytes(), Use::Keyword(number)));
            if pattern.reads_everything() {
                everywhere.push(number);
            }
        }
        let n_bytes: usize = literals.iter().map(Vec::len).sum();
        let kind = (n_bytes <= LARGEST_TABLE).then_some(AhoCorasickKind::DFA);
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(&literals);
        Self { automaton: automaton.expect("the texts of configurations are far smaller than its limits"), uses, everywhere }
    }

    /// What was found of each rule, in the order of the rules.
    fn hits(&self, text: &[u8]) -> Vec<(usize, Hits)> {
        let mut found: Vec<(usize, Span)> = Vec::new();
        if !self.uses.is_empty() {
            found.extend(self.automaton.find_overlapping_iter(text).map(|hit| (hit.pattern().as_usize(), Span::new(hit.start(), hit.end()))));
        }
        found.sort_unstable();
        let mut hits: HashMap<usize, Hits> = self.everywhere.iter().map(|&number| (number, Hits::default())).collect();
        for group in found.chunk_by(|a, b| a.0 == b.0) {
            for means in &self.uses[group[0].0] {
                match *means {
                    Use::Keyword(number) => hits.entry(number).or_default().has_keyword = true,
                    Use::Part(number) => hits.entry(number).or_default().parts.extend(group.iter().map(|(_, span)| *span)),
                }
            }
        }
        let mut hits: Vec<(usize, Hits)> = hits.into_iter().collect();
        hits.sort_unstable_by_key(|(number, _)| *number);
        hits
    }
}

/// Where a match can be.
fn regions(pattern: &Pattern, hits: &Hits, n: usize) -> Vec<Span> {
    let search = &pattern.search;
    if search.literals.is_empty() {
        return vec![Span::new(0, n)];
    }
    if hits.parts.is_empty() {
        return Vec::new();
    }
    let Some(before) = search.before else { return vec![Span::new(0, n)] };
    let behind = search.max_len.unwrap_or(REACH).min(REACH);
    let mut near: Vec<Span> = hits.parts.iter().map(|hit| Span::new(hit.start.saturating_sub(before), n.min(hit.start.saturating_add(behind)))).collect();
    near.sort_unstable();
    near.dedup_by(|next, last| {
        let is_one = next.start <= last.end;
        if is_one {
            last.end = last.end.max(next.end);
        }
        is_one
    });
    near
}

/// Calls `each` with the matches that begin in a region.
fn search(rule: &'static Rule, pattern: &Pattern, text: &[u8], region: Span, each: &mut impl FnMut(PatternMatch)) {
    let Some(regex) = pattern.expression.regex() else { return };
    let mut n_found = 0;
    let mut at = region.start;
    while at < region.end {
        let reach = match pattern.search.max_len {
            Some(max_len) if max_len <= SHORT => SHORT,
            _ if n_found < N_FAR => REACH,
            _ => SHORT,
        };
        // What is cut off behind would look like the end of the text: there is always room for a whole match before it.
        let view = &text[..text.len().min(at.saturating_add(2 * reach))];
        let is_cut = view.len() < text.len();
        match regex.find_at(view, at) {
            None if is_cut => at += reach,
            None => return,
            Some(found) if is_cut && found.start() > at + reach => at = found.start(),
            Some(found) => {
                n_found += 1;
                at = found.end().max(found.start() + 1);
                let whole = trimmed(text, Span::new(found.start(), found.end()));
                if let Some(span) = secret(regex, pattern, view, whole, found.start()) {
                    each(PatternMatch { rule, span, whole });
                }
            }
        }
    }
}

/// Which part of a match is the secret; none if it is empty.
fn secret(regex: &Regex, pattern: &Pattern, view: &[u8], whole: Span, start: usize) -> Option<Span> {
    if !pattern.has_groups() {
        return Some(whole).filter(|span| !span.is_empty());
    }
    let groups = regex.captures_at(view, start)?;
    let span = |number: usize| groups.get(number).map(|group| Span::new(group.start(), group.end())).filter(|span| !span.is_empty());
    match pattern.secret_group {
        0 => (1..groups.len()).find_map(span).or(Some(whole)).filter(|span| !span.is_empty()),
        number => span(number),
    }
}

/// A span without the line ends at its ends.
fn trimmed(text: &[u8], span: Span) -> Span {
    let is_end = |byte: &&u8| matches!(**byte, b'\n' | b'\r');
    let n_after = span.of(text).iter().rev().take_while(is_end).count();
    let n_before = span.of(text).iter().take_while(is_end).count();
    Span::new(span.start + n_before, span.end - n_after)
}
