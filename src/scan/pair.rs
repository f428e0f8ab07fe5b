//! Pairs: a secret that works only together with an id, or with a second secret, is one finding with both.
//!
//! The secret's rule says what stands beside it (`[[rule]] pair`), and `score::partners` which id is whose. What has no partner is found as if there were no
//! pairs.

use std::collections::BTreeMap;

use regex::bytes::Regex;

use super::Locator;
use crate::finding::{Candidate, Layer, Partner};
use crate::rule::{Pair, Rule};
use crate::score::partners::pairs;
use crate::secret::Secret;
use crate::span::{Span, merged};

/// A candidate, and its partner if it has one.
pub(super) type Paired = (Candidate, Option<Partner>);

/// Joins the candidates of a window, which are in order, with their partners.
pub(super) fn join(text: &[u8], locator: &mut Locator<'_>, candidates: Vec<Candidate>) -> Vec<Paired> {
    if candidates.iter().all(|candidate| candidate.rule.pair.is_none()) {
        return candidates.into_iter().map(|candidate| (candidate, None)).collect();
    }
    let (mut partner_of, mut is_taken) = (vec![None; candidates.len()], vec![false; candidates.len()]);
    for (secret, partner) in couples(text, &candidates) {
        if partner_of[secret].is_none() && !is_taken[secret] && partner_of[partner].is_none() {
            (partner_of[secret], is_taken[partner]) = (Some(partner), true);
        }
    }
    let by_shape = by_shape(text, &candidates);
    let partners: Vec<Option<Partner>> = (0..candidates.len())
        .map(|at| {
            let (candidate, pair) = (&candidates[at], candidates[at].rule.pair.as_ref()?);
            match partner_of[at].map(|other: usize| &candidates[other]) {
                Some(other) => Some(partner(locator, pair, other.rule.name, other.rule.shape.n_public(other.span.of(text)), text, other.span)),
                None => by_shape.get(&candidate.span).map(|span| partner(locator, pair, pair.name, 0, text, *span)),
            }
        })
        .collect();
    let evidence: Vec<_> = partner_of.iter().map(|other| other.map(|other| candidates[other].evidence.clone()).unwrap_or_default()).collect();
    let whole = candidates.into_iter().zip(partners).zip(evidence).zip(is_taken);
    let kept = whole.filter(|(_, is_taken)| !is_taken).map(|(((mut candidate, partner), evidence), _)| {
        // What an id says of itself holds for the pair: its account, or that it is a trap.
        candidate.evidence.extend(evidence.into_iter().filter(|piece| !candidate_says(piece.kind)));
        candidate.evidence.sort_by_key(|piece| piece.weight >= 0);
        if candidate.evidence.iter().any(|piece| crate::finding::is_against_key(piece.kind)) {
            candidate.confidence = crate::finding::Confidence::Low;
        }
        (candidate, partner)
    });
    kept.collect()
}

/// Whether evidence of this kind is about the place of a key, and not said by the key itself.
fn candidate_says(kind: &str) -> bool {
    !matches!(kind, "account") && !crate::finding::is_against_key(kind)
}

/// The rules with a pair that these candidates have.
fn rules_with_pair(candidates: &[Candidate]) -> impl Iterator<Item = (&'static Rule, &'static Pair)> {
    let rules: BTreeMap<&str, &'static Rule> = candidates.iter().map(|candidate| (candidate.rule.id, candidate.rule)).collect();
    rules.into_values().filter_map(|rule| Some((rule, rule.pair.as_ref()?)))
}

/// Where the candidates of a rule stand.
fn spans_of(candidates: &[Candidate], rule: &str) -> Vec<Span> {
    let own = candidates.iter().filter(|candidate| candidate.rule.id == rule && candidate.layer == Layer::Raw);
    let mut spans: Vec<Span> = own.map(|candidate| candidate.span).collect();
    spans.sort_unstable();
    spans
}

/// The candidates that belong together: the secret and its partner.
fn couples(text: &[u8], candidates: &[Candidate]) -> Vec<(usize, usize)> {
    let raw = candidates.iter().enumerate().filter(|(_, candidate)| candidate.layer == Layer::Raw);
    let index: BTreeMap<(&str, Span), usize> = raw.map(|(at, candidate)| ((candidate.rule.id, candidate.span), at)).collect();
    let mut couples = Vec::new();
    for (rule, pair) in rules_with_pair(candidates).filter(|(_, pair)| !pair.with.is_empty()) {
        let pairs = pairs(text, &spans_of(candidates, pair.with), &spans_of(candidates, rule.id), pair.within);
        couples.extend(pairs.into_iter().filter_map(|(id, secret)| Some((*index.get(&(rule.id, secret))?, *index.get(&(pair.with, id))?))));
    }
    couples
}

/// For secrets the partners that only their shape tells.
fn by_shape(text: &[u8], candidates: &[Candidate]) -> BTreeMap<Span, Span> {
    let mut partners = BTreeMap::new();
    for (rule, pair) in rules_with_pair(candidates) {
        let Some(regex) = pair.regex() else { continue };
        let secrets = spans_of(candidates, rule.id);
        let is_own = |id: &Span| {
            let next = secrets.partition_point(|secret| secret.end <= id.start);
            secrets.get(next).is_some_and(|secret| secret.overlaps(*id))
        };
        let around = secrets.iter().map(|secret| Span::new(secret.start.saturating_sub(Pair::REACH), text.len().min(secret.end + Pair::REACH)));
        let ids: Vec<Span> = merged(around.collect()).into_iter().flat_map(|around| like(text, around, regex)).filter(|id| !is_own(id)).collect();
        partners.extend(pairs(text, &ids, &secrets, pair.within).into_iter().map(|(id, secret)| (secret, id)));
    }
    partners
}

/// What is a whole match of the expression, in a part of the text.
fn like(text: &[u8], around: Span, regex: &Regex) -> Vec<Span> {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let found = regex.find_iter(around.of(text)).map(|found| Span::new(around.start + found.start(), around.start + found.end()));
    found.filter(|span| !is_part(span.start.checked_sub(1).and_then(|at| text.get(at))) && !is_part(text.get(span.end))).collect()
}

fn partner(locator: &mut Locator<'_>, pair: &Pair, name: &'static str, n_public: usize, text: &[u8], span: Span) -> Partner {
    let value = if pair.is_public { String::from_utf8_lossy(span.of(text)).into_owned() } else { Secret::new(span.of(text)).mask(n_public) };
    Partner { name, value, secret: Secret::new(span.of(text)), region: locator.region(span) }
}
