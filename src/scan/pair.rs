//! Pairs: a secret that works only together with an id, or with a second secret, is one finding with both.
//!
//! The secret's rule says what stands beside it (`[[rule]] pair`), and `score::partners` which id is whose. What has no partner is found as if there were no
//! pairs.

use std::collections::{BTreeMap, BTreeSet};

use regex::bytes::Regex;

use super::choice::is_generic;
use super::locator::Locator;
use crate::finding::{Candidate, Confidence, Evidence, Layer, N_OTHER_PARTNERS, OtherPartner, Partner, is_against_key};
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
    let mut partner_of: Vec<Option<usize>> = vec![None; candidates.len()];
    let mut is_taken = vec![false; candidates.len()];
    for (secret, partner) in couples(text, &candidates) {
        if partner_of[secret].is_none() && !is_taken[secret] && partner_of[partner].is_none() {
            (partner_of[secret], is_taken[partner]) = (Some(partner), true);
        }
    }
    let mut by_shape = by_shape(text, &candidates);
    // Partners that only their shapes tell: whatever else they were taken for.
    let mut told: BTreeSet<Span> = BTreeSet::new();
    let partners: Vec<Option<Partner>> = (0..candidates.len())
        .map(|at| {
            let (candidate, pair) = (&candidates[at], candidates[at].rule.pair.as_ref()?);
            if let Some(own) = partner_of[at] {
                let found = |other: usize| Found { name: candidates[other].rule.name, secret: candidates[other].secret.clone(), span: candidates[other].span };
                return Some(partner(locator, pair, found(own), others_of(text, &candidates, at, pair, own).into_iter().map(found)));
            }
            let found = |span: Span| Found { name: pair.name, secret: Secret::new(span.of(text)), span };
            let (own, others) = by_shape.remove(&candidate.span).filter(|_| candidate.layer == Layer::Raw)?;
            told.insert(own);
            Some(partner(locator, pair, found(own), others.into_iter().map(found)))
        })
        .collect();
    let evidence: Vec<_> = partner_of.iter().map(|other| other.map(|other| candidates[other].evidence.clone()).unwrap_or_default()).collect();
    let whole = candidates.into_iter().zip(partners).zip(evidence).zip(is_taken);
    let is_told = |candidate: &Candidate| is_generic(candidate) && told.contains(&candidate.span);
    let kept = whole.filter(|(((candidate, ..), _), is_taken)| !is_taken && !is_told(candidate));
    kept.map(|(((candidate, partner), evidence), _)| (with_evidence(candidate, evidence), partner)).collect()
}

/// The candidate with what its partner says of itself, which holds for the pair: its account, or that it is a trap.
fn with_evidence(mut candidate: Candidate, of_partner: Vec<Evidence>) -> Candidate {
    candidate.evidence.extend(of_partner.into_iter().filter(|piece| piece.kind == "account" || is_against_key(piece.kind)));
    candidate.evidence.sort_by_key(|piece| piece.weight >= 0);
    if candidate.evidence.iter().any(|piece| is_against_key(piece.kind)) {
        candidate.confidence = Confidence::Low;
    }
    candidate
}

/// The rules with a pair that these candidates have.
fn rules_with_pair(candidates: &[Candidate]) -> impl Iterator<Item = (&'static Rule, &'static Pair)> {
    let rules: BTreeMap<&str, &'static Rule> = candidates.iter().map(|candidate| (candidate.rule.id, candidate.rule)).collect();
    rules.into_values().filter_map(|rule| Some((rule, rule.pair.as_ref()?)))
}

/// Where the candidates of these rules stand.
fn spans_of(candidates: &[Candidate], rules: &[&str]) -> Vec<Span> {
    let own = candidates.iter().filter(|candidate| rules.contains(&candidate.rule.id) && candidate.layer == Layer::Raw);
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
        let pairs = pairs(text, &spans_of(candidates, pair.with), &spans_of(candidates, &[rule.id]), pair.within);
        let partner_at = |id: Span| pair.with.iter().find_map(|with| index.get(&(with, id)).copied());
        couples.extend(pairs.into_iter().filter_map(|(id, secret)| Some((*index.get(&(rule.id, secret))?, partner_at(id)?))));
        let wrapped = candidates.iter().enumerate().filter(|(_, candidate)| candidate.rule.id == rule.id && candidate.layer != Layer::Raw);
        couples.extend(wrapped.filter_map(|(at, _)| Some((at, only_wrapped(candidates, at, pair)?))));
    }
    couples
}

/// The partner of a wrapped secret, if the text that wraps it has one of each: outside all have one place, so that no order tells them.
fn only_wrapped(candidates: &[Candidate], at: usize, pair: &Pair) -> Option<usize> {
    let secret = &candidates[at];
    let mut alike = neighbors(candidates, at).filter(|&other| candidates[other].layer == secret.layer);
    let mut partner = None;
    let is_only = alike.all(|other| {
        let is_partner = pair.with.contains(&candidates[other].rule.id);
        let is_second = candidates[other].rule.id == secret.rule.id || is_partner && partner.is_some();
        partner = partner.or(is_partner.then_some(other));
        !is_second
    });
    partner.filter(|_| is_only)
}

/// The candidates besides its `own` one that could be the partner of the secret at `at`, nearest first.
fn others_of(text: &[u8], candidates: &[Candidate], at: usize, pair: &Pair, own: usize) -> Vec<usize> {
    let (secret, partner) = (&candidates[at], &candidates[own]);
    let is_alike = |other: &Candidate| other.rule.id == partner.rule.id && other.layer == secret.layer && other.secret != partner.secret;
    let alike = neighbors(candidates, at).filter(|&other| is_alike(&candidates[other]));
    in_reach(text, secret.span, pair, alike, |&other| candidates[other].span)
}

/// The other candidates that are near by: those before, nearest first, then those behind.
fn neighbors(candidates: &[Candidate], at: usize) -> impl Iterator<Item = usize> {
    let is_near = move |other: &usize| gap(candidates[at].span, candidates[*other].span).len() <= Pair::REACH;
    (0..at).rev().take_while(is_near).chain((at + 1..candidates.len()).take_while(is_near))
}

/// Those of what stands at `span` that a pair may join with the secret, nearest first.
fn in_reach<T>(text: &[u8], secret: Span, pair: &Pair, others: impl Iterator<Item = T>, span: impl Fn(&T) -> Span) -> Vec<T> {
    let mut others: Vec<T> = others.filter(|other| n_lines(text, gap(secret, span(other))) <= pair.within).collect();
    others.sort_by_key(|other| gap(secret, span(other)).len());
    others
}

/// What stands between two places.
fn gap(a: Span, b: Span) -> Span {
    let start = a.end.min(b.end);
    Span::new(start, a.start.max(b.start).max(start))
}

fn n_lines(text: &[u8], gap: Span) -> usize {
    if gap.len() > Pair::REACH { usize::MAX } else { memchr::memchr_iter(b'\n', gap.of(text)).count() }
}

/// For secrets the partners that only their shape tells, and what else could be it, nearest first.
fn by_shape(text: &[u8], candidates: &[Candidate]) -> BTreeMap<Span, (Span, Vec<Span>)> {
    let mut partners = BTreeMap::new();
    for (rule, pair) in rules_with_pair(candidates) {
        let Some(regex) = pair.regex() else { continue };
        let secrets = spans_of(candidates, &[rule.id]);
        let is_own = |id: &Span| {
            let next = secrets.partition_point(|secret| secret.end <= id.start);
            secrets.get(next).is_some_and(|secret| secret.overlaps(*id))
        };
        let around = secrets.iter().map(|secret| Span::new(secret.start.saturating_sub(Pair::REACH), text.len().min(secret.end + Pair::REACH)));
        let ids: Vec<Span> = merged(around.collect()).into_iter().flat_map(|around| like(text, around, regex)).filter(|id| !is_own(id)).collect();
        for (own, secret) in pairs(text, &ids, &secrets, pair.within) {
            let different = near(&ids, secret).iter().copied().filter(|id| id.of(text) != own.of(text));
            let mut others = in_reach(text, secret, pair, different, |id| *id);
            others.truncate(2 * N_OTHER_PARTNERS);
            partners.insert(secret, (own, others));
        }
    }
    partners
}

/// What is a whole match of the expression, in a part of the text.
fn like(text: &[u8], around: Span, regex: &Regex) -> Vec<Span> {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let found = regex.find_iter(around.of(text)).map(|found| Span::new(around.start + found.start(), around.start + found.end()));
    found.filter(|span| !is_part(span.start.checked_sub(1).and_then(|at| text.get(at))) && !is_part(text.get(span.end))).collect()
}

/// Those of `spans`, which are in order, that are near by.
fn near(spans: &[Span], place: Span) -> &[Span] {
    let start = spans.partition_point(|span| span.end + Pair::REACH < place.start);
    let end = spans.partition_point(|span| span.start <= place.end + Pair::REACH);
    &spans[start..end.max(start)]
}

/// What stands beside a secret.
struct Found {
    name: &'static str,
    secret: Secret,
    span: Span,
}

/// The partner that was `found`, with others that could be it; of those of one value one is enough.
fn partner(locator: &mut Locator<'_>, pair: &Pair, found: Found, others: impl Iterator<Item = Found>) -> Partner {
    let mut kept: Vec<OtherPartner> = Vec::new();
    for other in others {
        if kept.len() < N_OTHER_PARTNERS && kept.iter().all(|known| known.secret != other.secret) {
            kept.push(OtherPartner { value: shown(pair, &other), secret: other.secret });
        }
    }
    Partner { name: found.name, value: shown(pair, &found), region: locator.region(found.span), secret: found.secret, others: kept }
}

/// The value as it may be shown.
fn shown(pair: &Pair, found: &Found) -> String {
    if !pair.is_public {
        return found.secret.mask(0);
    }
    #[expect(clippy::disallowed_methods, reason = "its rule says that it is no secret")]
    let value = found.secret.expose();
    String::from_utf8_lossy(value).into_owned()
}
