//! Secrets of which their own name says whose they are, and no shape: `KRAKEN_PRIVATE_KEY=…`. What has such a name is read as every assigned secret is
//! (`assigned`); here is only said whose it is.

use super::Read;
use crate::finding::{Confidence, Evidence};
use crate::rule::Rule;
use crate::rule::assignment;
use crate::rule::structure::Structure;
use crate::score::sentence::quote;
use crate::score::words::Kind;
use crate::score::{Scorer, model, value};
use crate::span::Span;

/// Evidence that its name says away: what looks like a digest in the name of a provider's secret is one of its secrets.
const ABOUT_VALUE: &str = "value";

/// The rule for the secret at `place`, of which the value was `read`, if its name names a provider whose secrets look so. The evidence of `read` then says it.
pub(super) fn rule(scorer: &Scorer, text: &[u8], place: Span, read: &mut Read) -> Option<&'static Rule> {
    let is_named = |rule: &&&'static Rule| matches!(rule.structure, Some(Structure::Named | Structure::Paired)) && fits(rule, read.span.of(text));
    let mut rules = scorer.rules.rules.iter().filter(is_named).peekable();
    // The table of words is built for somebody who needs it.
    rules.peek()?;
    let name = assignment::at(text, place.start)?.name;
    let words = scorer.words();
    let hits = words.find(text, name);
    let is_its = |rule: &&&'static Rule| {
        let is_hit = |kind, provider: usize| matches!(kind, Kind::Name | Kind::CommonName) && std::ptr::eq(words.providers[provider], rule.provider);
        hits.iter().any(|hit| is_hit(hit.kind, hit.provider))
    };
    let rule = rules.find(is_its).copied()?;
    read.structure = Structure::Named;
    let is_doubtful = read.because.iter().any(|piece| piece.weight < 0 && piece.kind != ABOUT_VALUE);
    let is_odd = read.because.iter().any(|piece| piece.weight < 0);
    read.confidence = match () {
        () if is_doubtful => Confidence::Low,
        () if is_odd => Confidence::Medium,
        () => Confidence::High,
    };
    read.because.retain(|piece| piece.kind != ABOUT_VALUE);
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
    value.len() <= rule.shape.max_len && value::entropy(value) >= rule.min_entropy && rule.shape.match_at(value, 0) == Some(value.len())
}
