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
    /// Those that look at paths alone.
    of_paths: Vec<(&'static Rule, &'static Pattern)>,
    /// Whether some rule asks what others found, or reports nothing itself.
    pub has_composite: bool,
    index: OnceLock<Index>,
}

/// The search for literals, made when a text is first scanned.
#[derive(Debug)]
struct Index {
    automaton: AhoCorasick,
    /// The rules that each literal is for, by its number.
    rules_of: Vec<Vec<usize>>,
    /// What each rule wants, by its number.
    wanted: Vec<Wanted>,
}

/// Literals of a rule, by their numbers.
#[derive(Debug, Default)]
struct Wanted {
    /// The rule is for texts that hold one of them.
    keywords: Vec<usize>,
    /// A match holds one of them.
    parts: Vec<usize>,
}

/// The literals that a text holds, each with its places.
struct Hits(Vec<(usize, Span)>);

/// A match of at most so many bytes is looked for right around its literal, and has its whole length in view.
const SHORT: usize = 1 << 10;
/// How far any other match is followed.
const REACH: usize = 64 << 10;
/// Bytes behind a region that a look at its end may need.
const ROOM: usize = 8;
/// After so many matches of one rule in one text they are followed for [`SHORT`] bytes only.
const N_FAR: usize = 1000;
/// The search is a table up to so many bytes of literals: fast, and large.
const LARGEST_TABLE: usize = 4 << 10;

impl Patterns {
    /// The patterns of `rules`, if there are any.
    pub fn of(rules: &RuleSet) -> Option<Self> {
        let rules: Vec<(&'static Rule, &'static Pattern)> = rules.rules.iter().filter_map(|&rule| Some((rule, rule.pattern?))).collect();
        let has_composite = rules.iter().any(|(_, pattern)| pattern.is_silent || !pattern.required.is_empty());
        let (of_paths, rules): (Vec<_>, Vec<_>) = rules.into_iter().partition(|(_, pattern)| pattern.is_of_path);
        (!rules.is_empty() || !of_paths.is_empty()).then(|| Self { rules, of_paths, has_composite, index: OnceLock::new() })
    }

    /// The rules that the file at `path` is for by its path alone; all of them if it is not known.
    pub fn of_path(&self, path: &str) -> impl Iterator<Item = &'static Rule> {
        self.of_paths.iter().filter(move |(_, pattern)| pattern.is_for(path)).map(|(rule, _)| *rule)
    }

    /// Calls `each` with the matches in `text`, rule by rule. `path` is that of the blob, or empty if it is not known.
    pub fn scan(&self, text: &[u8], path: &str, mut each: impl FnMut(PatternMatch)) {
        let index = self.index.get_or_init(|| Index::new(&self.rules));
        let hits = index.hits(text);
        for number in index.touched(&hits) {
            let ((rule, pattern), wanted) = (self.rules[number], &index.wanted[number]);
            let has_keyword = wanted.keywords.is_empty() || wanted.keywords.iter().any(|&literal| !hits.of(literal).is_empty());
            if !has_keyword || !pattern.is_for(path) {
                continue;
            }
            let parts = wanted.parts.iter().flat_map(|&literal| hits.of(literal)).map(|(_, span)| *span);
            for region in regions(pattern, parts, text.len()) {
                search(rule, pattern, text, region, &mut each);
            }
        }
    }
}

impl Hits {
    /// The places of a literal.
    fn of(&self, literal: usize) -> &[(usize, Span)] {
        let first = self.0.partition_point(|(number, _)| *number < literal);
        let n = self.0[first..].partition_point(|(number, _)| *number == literal);
        &self.0[first..first + n]
    }
}

impl Index {
    fn new(rules: &[(&'static Rule, &'static Pattern)]) -> Self {
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut literals: Vec<Vec<u8>> = Vec::new();
        let mut rules_of: Vec<Vec<usize>> = Vec::new();
        let mut number_of = |literal: &[u8], rule: usize| {
            let number = *numbers.entry(literal.to_vec()).or_insert_with(|| {
                literals.push(literal.to_vec());
                rules_of.push(Vec::new());
                literals.len() - 1
            });
            rules_of[number].push(rule);
            number
        };
        let mut wanted = Vec::new();
        for (rule, (_, pattern)) in rules.iter().enumerate() {
            let parts = pattern.search.literals.iter().map(|literal| number_of(literal, rule)).collect();
            let keywords = pattern.keywords.iter().map(|keyword| number_of(keyword.as_bytes(), rule)).collect();
            wanted.push(Wanted { keywords, parts });
        }
        let n_bytes: usize = literals.iter().map(Vec::len).sum();
        let kind = (n_bytes <= LARGEST_TABLE).then_some(AhoCorasickKind::DFA);
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(&literals);
        Self { automaton: automaton.expect("the texts of configurations are far smaller than its limits"), rules_of, wanted }
    }

    fn hits(&self, text: &[u8]) -> Hits {
        let mut found: Vec<(usize, Span)> = Vec::new();
        if !self.rules_of.is_empty() {
            found.extend(self.automaton.find_overlapping_iter(text).map(|hit| (hit.pattern().as_usize(), Span::new(hit.start(), hit.end()))));
        }
        found.sort_unstable();
        Hits(found)
    }

    /// The rules that something was found for, and those that nothing tells where to look for, in order.
    fn touched(&self, hits: &Hits) -> Vec<usize> {
        let is_everywhere = |wanted: &Wanted| wanted.keywords.is_empty() && wanted.parts.is_empty();
        let mut touched: Vec<usize> = self.wanted.iter().enumerate().filter(|(_, wanted)| is_everywhere(wanted)).map(|(rule, _)| rule).collect();
        touched.extend(hits.0.chunk_by(|a, b| a.0 == b.0).flat_map(|group| &self.rules_of[group[0].0]));
        touched.sort_unstable();
        touched.dedup();
        touched
    }
}

/// Where a match can be, if its literals stand at `parts`.
fn regions(pattern: &Pattern, parts: impl Iterator<Item = Span>, n: usize) -> Vec<Span> {
    let search = &pattern.search;
    let whole = || vec![Span::new(0, n)];
    if search.literals.is_empty() {
        return whole();
    }
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return Vec::new();
    }
    let Some(before) = search.before else { return whole() };
    let behind = search.max_len.unwrap_or(REACH).min(REACH);
    let mut near: Vec<Span> = parts.map(|hit| Span::new(hit.start.saturating_sub(before), n.min(hit.start.saturating_add(behind)))).collect();
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
        // What is cut off behind would look like the end of the text: there is always room for a whole match before it, and for a look behind it.
        let last = text.len().min(region.end.saturating_add(ROOM));
        let view = &text[..last.min(at.saturating_add(2 * reach))];
        let is_cut = view.len() < last;
        match regex.find_at(view, at) {
            None if is_cut => at += reach,
            None => return,
            // It has a literal in another region.
            Some(found) if found.start() >= region.end => return,
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
