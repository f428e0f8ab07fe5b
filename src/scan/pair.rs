//! Pairs: a secret that works only together with an id, or with a second secret, is one finding with both.
//!
//! The secret's rule says what stands beside it (`[[rule]] pair`). Which id is whose follows from the order in which a text has them (`rule::counterpart`), then
//! from what is nearest; each has one partner. What has none is found as if there were no pairs.

use std::collections::BTreeMap;

use super::Locator;
use crate::finding::{Candidate, Layer, Partner};
use crate::rule::Pair;
use crate::rule::counterpart::Group;
use crate::secret::Secret;
use crate::span::Span;

/// A candidate, and its partner if it has one.
pub(super) type Paired = (Candidate, Option<Partner>);

/// Joins the candidates of a window, which are in order, with their partners.
pub(super) fn join(text: &[u8], locator: &mut Locator<'_>, candidates: Vec<Candidate>) -> Vec<Paired> {
    if candidates.iter().all(|candidate| candidate.rule.pair.is_none()) {
        return candidates.into_iter().map(|candidate| (candidate, None)).collect();
    }
    let mut couples = couples(text, &candidates);
    couples.sort_unstable();
    let mut partner_of: Vec<Option<usize>> = vec![None; candidates.len()];
    let mut is_taken = vec![false; candidates.len()];
    for (_, _, secret, partner) in couples {
        if partner_of[secret].is_none() && !is_taken[partner] && !is_taken[secret] && partner_of[partner].is_none() {
            (partner_of[secret], is_taken[partner]) = (Some(partner), true);
        }
    }
    let partners: Vec<Option<Partner>> = (0..candidates.len())
        .map(|at| {
            let (candidate, pair) = (&candidates[at], candidates[at].rule.pair.as_ref()?);
            match partner_of[at].map(|other| &candidates[other]) {
                Some(other) => Some(partner(locator, pair, other.rule.name, other.rule.shape.n_public(other.span.of(text)), text, other.span)),
                None => {
                    by_shape(text, candidate.span, pair, &spans_of(&candidates, candidate.rule.id)).map(|span| partner(locator, pair, pair.name, 0, text, span))
                }
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

/// Where the candidates of a rule stand.
fn spans_of(candidates: &[Candidate], rule: &str) -> Vec<Span> {
    candidates.iter().filter(|candidate| candidate.rule.id == rule && candidate.layer == Layer::Raw).map(|candidate| candidate.span).collect()
}

/// Those of `spans`, which are in order, that are near by.
fn near(spans: &[Span], place: Span) -> &[Span] {
    let start = spans.partition_point(|span| span.end + Pair::REACH < place.start);
    let end = spans.partition_point(|span| span.start <= place.end + Pair::REACH);
    &spans[start..end.max(start)]
}

/// The candidates that may belong together: whether their order speaks against it, how far they are from each other, the secret and its partner.
fn couples(text: &[u8], candidates: &[Candidate]) -> Vec<(bool, usize, usize, usize)> {
    let mut couples = Vec::new();
    let mut of_rules: BTreeMap<&str, (Vec<Span>, Vec<Span>)> = BTreeMap::new();
    for (at, secret) in candidates.iter().enumerate() {
        let Some(pair) = secret.rule.pair.as_ref().filter(|pair| !pair.with.is_empty() && secret.layer == Layer::Raw) else { continue };
        let (ids, secrets) = of_rules.entry(secret.rule.id).or_insert_with(|| (spans_of(candidates, pair.with), spans_of(candidates, secret.rule.id)));
        let group = Group { ids: near(ids, secret.span), secrets: near(secrets, secret.span), is_cut: is_cut(secret.span, ids, secrets) };
        let own = group.counterpart(secret.span, false);
        let mut add = |other: usize| {
            let gap = gap(secret.span, candidates[other].span);
            let is_partner = candidates[other].rule.id == pair.with && candidates[other].layer == Layer::Raw;
            if is_partner && !secret.span.overlaps(candidates[other].span) && n_lines(text, gap) <= pair.within {
                couples.push((own != Some(candidates[other].span), gap.len(), at, other));
            }
            gap.len() <= Pair::REACH
        };
        (at + 1..candidates.len()).find(|&other| !add(other));
        (0..at).rev().find(|&other| !add(other));
    }
    couples
}

/// Whether there are more of these than those near by, before them.
fn is_cut(place: Span, ids: &[Span], secrets: &[Span]) -> bool {
    let reach = place.start.saturating_sub(Pair::REACH);
    [ids, secrets].iter().any(|spans| spans.first().is_some_and(|first| first.end < reach))
}

/// What stands between two places.
fn gap(a: Span, b: Span) -> Span {
    let start = a.end.min(b.end);
    Span::new(start, a.start.max(b.start).max(start))
}

fn n_lines(text: &[u8], gap: Span) -> usize {
    if gap.len() > Pair::REACH { usize::MAX } else { memchr::memchr_iter(b'\n', gap.of(text)).count() }
}

/// The partner that only its shape tells, of one of these secrets.
fn by_shape(text: &[u8], secret: Span, pair: &Pair, secrets: &[Span]) -> Option<Span> {
    let regex = pair.regex()?;
    let around = Span::new(secret.start.saturating_sub(Pair::REACH), text.len().min(secret.end + Pair::REACH));
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let found = regex.find_iter(around.of(text)).map(|found| Span::new(around.start + found.start(), around.start + found.end()));
    let whole = found.filter(|span| !is_part(span.start.checked_sub(1).and_then(|at| text.get(at))) && !is_part(text.get(span.end)));
    let ids: Vec<Span> = whole.filter(|span| !secrets.iter().any(|secret| span.overlaps(*secret))).collect();
    let group = Group { ids: &ids, secrets: near(secrets, secret), is_cut: is_cut(secret, &[], secrets) };
    group.counterpart(secret, false).filter(|span| n_lines(text, gap(*span, secret)) <= pair.within)
}

fn partner(locator: &mut Locator<'_>, pair: &Pair, name: &'static str, n_public: usize, text: &[u8], span: Span) -> Partner {
    let value = if pair.is_public { String::from_utf8_lossy(span.of(text)).into_owned() } else { Secret::new(span.of(text)).mask(n_public) };
    Partner { name, value, secret: Secret::new(span.of(text)), region: locator.region(span) }
}
