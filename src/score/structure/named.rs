//! Secrets of which their own name says whose they are, and no shape: `KRAKEN_PRIVATE_KEY=…`. What has such a name is read as every assigned secret is
//! (`assigned`); here is only said whose it is. The secret of a pair may stand without its partner, and then its name tells it, too.

use super::assigned::{IS_DIGEST, IS_OTHER};
use super::{Read, paired};
use crate::finding::{Confidence, Evidence};
use crate::rule::Rule;
use crate::rule::assignment;
use crate::rule::structure::Structure;
use crate::score::sentence::quote;
use crate::score::words::Kind;
use crate::score::{Scorer, model, value};
use crate::span::Span;

/// The rule for the secret at `place`, of which the value was `read`, if its name names a provider whose secrets look so. The evidence of `read` then says it.
pub(super) fn rule(scorer: &Scorer, text: &[u8], place: Span, read: &mut Read) -> Option<&'static Rule> {
    let mut rules = scorer.rules.rules.iter().copied().filter(|rule| matches!(rule.structure, Some(Structure::Named | Structure::Paired))).peekable();
    // The table of words is built for somebody who needs it.
    rules.peek()?;
    let name = assignment::at(text, place.start)?.name;
    let (words, value) = (scorer.words(), read.span.of(text));
    let hits = words.find(text, name);
    let is_hit = |kind| matches!(kind, Kind::Name | Kind::CommonName);
    let is_its = |rule: &Rule| hits.iter().any(|hit| is_hit(hit.kind) && std::ptr::eq(words.providers[hit.provider], rule.provider));
    let rule = rules.find(|rule| is_its(rule) && fits(rule, value))?;
    read.structure = Structure::Named;
    let is_settled = |piece: &Evidence| [IS_DIGEST, IS_OTHER].contains(&piece.text.as_str());
    let is_odd = read.because.iter().any(is_settled);
    read.because.retain(|piece| !is_settled(piece));
    read.confidence = match () {
        () if read.because.iter().any(|piece| piece.weight < 0) => Confidence::Low,
        () if is_odd => Confidence::Medium,
        () => Confidence::High,
    };
    let at = read.because.iter().take_while(|piece| piece.weight < 0).count();
    read.because.insert(
        at,
        Evidence {
            kind: "assigned-name",
            weight: model::points(Kind::Name, crate::score::place::Zone::Name),
            text: format!("assigned to {}", quote(name.of(text))),
        },
    );
    Some(rule)
}

/// Whether a value looks like the secrets of a rule.
fn fits(rule: &Rule, value: &[u8]) -> bool {
    match rule.structure {
        Some(Structure::Paired) => paired::is_secret(value, rule),
        _ => value.len() <= rule.shape.max_len && value::entropy(value) >= rule.min_entropy && rule.shape.match_at(value, 0) == Some(value.len()),
    }
}
