//! Pairs: a secret that works only together with an id, or with a second secret, is one finding with both.
//!
//! The secret's rule says what stands beside it (`[[rule]] pair`). Which id is whose follows from the order in which a text has them (`rule::counterpart`), then
//! from what is nearest; each has one partner. What has none is found as if there were no pairs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Locator, is_named_only};
use crate::finding::{Candidate, Layer, N_OTHER_PARTNERS, OtherPartner, Partner};
use crate::rule::counterpart::Group;
use crate::rule::{GENERIC, Pair};
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
    // Partners that only their shapes tell: whatever else they were taken for.
    let mut told: BTreeSet<Span> = BTreeSet::new();
    let partners: Vec<Option<Partner>> = (0..candidates.len())
        .map(|at| {
            let (candidate, pair) = (&candidates[at], candidates[at].rule.pair.as_ref()?);
            if let Some(own) = partner_of[at] {
                let found = |other: usize| Found { name: candidates[other].rule.name, secret: candidates[other].secret.clone(), span: candidates[other].span };
                return Some(partner(locator, pair, found(own), others_of(text, &candidates, at, own).map(found)));
            }
            let found = |span: Span| Found { name: pair.name, secret: Secret::new(span.of(text)), span };
            let (own, others) = by_shape(text, candidate.span, pair, &spans_of(&candidates, candidate.rule.id))?;
            told.insert(own);
            Some(partner(locator, pair, found(own), others.into_iter().map(found)))
        })
        .collect();
    let evidence: Vec<_> = partner_of.iter().map(|other| other.map(|other| candidates[other].evidence.clone()).unwrap_or_default()).collect();
    let whole = candidates.into_iter().zip(partners).zip(evidence).zip(is_taken);
    let is_told = |candidate: &Candidate| is_named_only(candidate) && candidate.rule.provider.id == GENERIC && told.contains(&candidate.span);
    let kept = whole.filter(|(((candidate, ..), _), is_taken)| !is_taken && !is_told(candidate)).map(|(((mut candidate, partner), evidence), _)| {
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
        let Some(pair) = secret.rule.pair.as_ref().filter(|pair| !pair.with.is_empty()) else { continue };
        if secret.layer != Layer::Raw {
            couples.extend(only_wrapped(candidates, at, pair).map(|other| (false, 0, at, other)));
            continue;
        }
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

/// The partner of a wrapped secret, if the text that wraps it has one of each: outside all have one place, so that no order tells them.
fn only_wrapped(candidates: &[Candidate], at: usize, pair: &Pair) -> Option<usize> {
    let secret = &candidates[at];
    let is_near = |other: &usize| gap(secret.span, candidates[*other].span).len() <= Pair::REACH;
    let near = (0..at).rev().take_while(is_near).chain((at + 1..candidates.len()).take_while(is_near));
    let mut alike = near.filter(|&other| candidates[other].layer == secret.layer);
    let mut partner = None;
    let is_only = alike.all(|other| {
        let is_partner = candidates[other].rule.id == pair.with;
        let is_second = candidates[other].rule.id == secret.rule.id || is_partner && partner.is_some();
        partner = partner.or(is_partner.then_some(other));
        !is_second
    });
    partner.filter(|_| is_only)
}

/// The candidates besides its `own` one that could be the partner of the secret at `at`, nearest first.
fn others_of<'c>(text: &'c [u8], candidates: &'c [Candidate], at: usize, own: usize) -> impl Iterator<Item = usize> + 'c {
    let (secret, partner) = (&candidates[at], &candidates[own]);
    let within = secret.rule.pair.as_ref().map_or(0, |pair| pair.within);
    let distance = move |other: &usize| gap(secret.span, candidates[*other].span).len();
    let is_near = move |other: &usize| distance(other) <= Pair::REACH;
    let near = (0..at).rev().take_while(is_near).chain((at + 1..candidates.len()).take_while(is_near));
    let is_one = move |other: &usize| {
        let other = &candidates[*other];
        other.rule.id == partner.rule.id
            && other.layer == secret.layer
            && other.secret != partner.secret
            && n_lines(text, gap(secret.span, other.span)) <= within
    };
    let mut others: Vec<usize> = near.filter(is_one).collect();
    others.sort_by_key(distance);
    others.into_iter()
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

/// The partner that only its shape tells, of one of these secrets, and what else could be it, nearest first.
fn by_shape(text: &[u8], secret: Span, pair: &Pair, secrets: &[Span]) -> Option<(Span, Vec<Span>)> {
    let regex = pair.regex()?;
    let around = Span::new(secret.start.saturating_sub(Pair::REACH), text.len().min(secret.end + Pair::REACH));
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let found = regex.find_iter(around.of(text)).map(|found| Span::new(around.start + found.start(), around.start + found.end()));
    let whole = found.filter(|span| !is_part(span.start.checked_sub(1).and_then(|at| text.get(at))) && !is_part(text.get(span.end)));
    let ids: Vec<Span> = whole.filter(|span| !secrets.iter().any(|secret| span.overlaps(*secret))).collect();
    let group = Group { ids: &ids, secrets: near(secrets, secret), is_cut: is_cut(secret, &[], secrets) };
    let is_in_reach = |span: &Span| n_lines(text, gap(*span, secret)) <= pair.within;
    let own = group.counterpart(secret, false).filter(is_in_reach)?;
    let mut others: Vec<Span> = ids.iter().copied().filter(|span| span.of(text) != own.of(text) && is_in_reach(span)).collect();
    others.sort_by_key(|span| gap(*span, secret).len());
    Some((own, others))
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
