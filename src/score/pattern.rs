//! What a pattern matched: a candidate, unless its secret has too little entropy. Nothing else is asked, for whoever wrote the rule said what it means.

use super::{Judgement, model, value};
use crate::finding::{Candidate, Confidence, Evidence, Layer};
use crate::rule::{GENERIC, Rule};
use crate::secret::Secret;
use crate::span::Span;

/// The file itself, whose path `rule` describes: a candidate without a secret, at the file's beginning.
pub fn of_path(rule: &'static Rule) -> Judgement {
    let evidence = vec![Evidence { kind: "pattern", weight: model::HIGH, text: "its path is what the rule describes".to_owned() }];
    let confidence = if rule.provider.id == GENERIC { Confidence::Medium } else { Confidence::High };
    let (span, secret) = (Span::new(0, 0), Secret::new(b""));
    let candidate = Candidate { rule, providers: Vec::new(), span, layer: Layer::Raw, secret, matched: None, confidence, evidence };
    Judgement { candidate: Some(candidate), quiet: None, considered: Vec::new(), credential: None, shape_points: model::HIGH }
}

/// Judges the secret at `span` of `text`, which `rule` found in `whole`.
pub fn judge(rule: &'static Rule, text: &[u8], span: Span, whole: Span, layer: Layer) -> Judgement {
    let secret = span.of(text);
    let entropy = rule.pattern.and_then(|pattern| pattern.entropy);
    if entropy.is_some_and(|least| f64::from(value::entropy(secret)) <= least) {
        return Judgement::quiet("it has no more entropy than its rule asks for");
    }
    let evidence = vec![Evidence { kind: "pattern", weight: model::HIGH, text: "the pattern of the rule matches".to_owned() }];
    let confidence = if rule.provider.id == GENERIC { Confidence::Medium } else { Confidence::High };
    let matched = (whole != span).then(|| Secret::new(whole.of(text)));
    let candidate = Candidate { rule, providers: Vec::new(), span, layer, secret: Secret::new(secret), matched, confidence, evidence };
    Judgement { candidate: Some(candidate), quiet: None, considered: Vec::new(), credential: None, shape_points: model::HIGH }
}
