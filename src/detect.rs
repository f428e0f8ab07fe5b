//! Detection: from a text to matches, by tokens first.
//!
//! Each token is met once. Its first bytes are looked up in a table of all literal prefixes, its length and alphabet in a table of the shapes
//! that have none; only then a rule's shape is read, at this one place. What looks random and has no known shape is
//! handed on as such, for the rule that reads secret-like names. Nothing here looks at the text around a token, except for what ends in its first
//! characters (`start`), and nothing can fail.
//!
//! [`pattern`] looks for expressions that are no shapes of keys, and only where a run has some.
//!
//! A second pass (`second_pass`) looks for what is met in no token.

mod lengths;
pub mod pattern;
mod prefixes;
mod second_pass;
mod start;
pub mod tokens;

use crate::look::Look;
use crate::rule::shape::{TOKEN_MIN, class_of};
use crate::rule::{ContextNeed, Rule, RuleSet, announce_structure};
use crate::span::Span;
use lengths::Lengths;
use prefixes::{Prefix, Prefixes};
use second_pass::SecondPass;

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
        announce_structure(self.rules)
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
    /// What is looked for elsewhere than at the beginnings of tokens.
    second_pass: SecondPass,
}

/// The least prefix, in bytes, by which a key is believed behind a word that it is glued to.
const INNER_PREFIX_MIN: usize = 5;

impl Detector {
    /// The tables for `rules`.
    pub fn new(rules: &RuleSet) -> Self {
        let second_pass = SecondPass::new(rules);
        let tokens = rules.rules.iter().copied().filter(|rule| rule.is_sought_by_shape() && rule.shape.is_token);
        let prefixes: Vec<Prefix> = tokens.clone().flat_map(|rule| rule.shape.prefixes.iter().map(move |&prefix| (prefix, rule))).collect();
        let starts: Vec<_> = second_pass.starts().map(|start| [start[0], start[1], start[2]]).collect();
        Self { prefixes: Prefixes::new(&prefixes, &starts), by_length: Lengths::new(tokens.filter(|rule| !rule.shape.has_prefix())), second_pass }
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
        self.second_pass.scan(text, zone, is_binary, each);
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
            if let Some(span) = self.by_prefix(text, Span::new(start, token.end), is_binary.then_some(3), rules) {
                return each(Match { span, rules });
            }
        }
        if is_binary {
            return;
        }
        for start in starts.into_iter().flatten().filter(|start| self.prefixes.may_begin_text(&text[*start..])) {
            if let Some((span, rules)) = self.second_pass.announced_at(text, start) {
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

    /// The longest key that a prefix announces which `token` begins with, with all rules that agree on it. With `least`, only keys that identify themselves by a
    /// prefix of so many bytes.
    fn by_prefix(&self, text: &[u8], token: Span, least: Option<usize>, rules: &mut Vec<&'static Rule>) -> Option<Span> {
        rules.clear();
        let start = token.start;
        let mut best: Option<Span> = None;
        for (prefix, rule) in self.prefixes.of(&text[start..], token.len()) {
            let is_believed = least.is_none_or(|least| rule.context == ContextNeed::Helpful && prefix.len() >= least);
            if !is_believed || start < rule.shape.n_lead || rules.iter().any(|r| std::ptr::eq(*r, rule)) {
                continue;
            }
            // Most are words: the expression is not even compiled for them.
            let run = Span::new(start, start + rule.shape.anchor_len.0);
            if run.is_empty() || run.of(text).iter().any(|&byte| class_of(byte) & rule.shape.alphabet == 0) {
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
                && let Some(span) = self.by_prefix(text, Span::new(at + 1, token.end), Some(INNER_PREFIX_MIN), rules)
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
