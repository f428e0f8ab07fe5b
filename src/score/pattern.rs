//! What a pattern matched: a candidate, unless its secret has too little entropy. Nothing else is asked, for whoever wrote the rule said what it means.

use super::{Judgement, model, value};
use crate::finding::{Candidate, Confidence, Evidence, Layer};
use crate::rule::{GENERIC, Rule};
use crate::secret::Secret;
use crate::span::Span;

/// The file itself, whose path `rule` describes: a candidate without a secret, at the file's beginning.
pub fn of_path(rule: &'static Rule) -> Judgement {
    matched(rule, Span::new(0, 0), Layer::Raw, Secret::new(b""), None, "its path is what the rule describes")
}

/// Judges the secret at `span` of `text`, which `rule` found in `whole`.
pub fn judge(rule: &'static Rule, text: &[u8], span: Span, whole: Span, layer: Layer) -> Judgement {
    let secret = span.of(text);
    let entropy = rule.pattern.and_then(|pattern| pattern.entropy);
    if entropy.is_some_and(|least| f64::from(value::entropy(secret)) <= least) {
        return Judgement::quiet("it has no more entropy than its rule asks for");
    }
    let more = (whole != span).then(|| Secret::new(whole.of(text)));
    matched(rule, span, layer, Secret::new(secret), more, "the pattern of the rule matches")
}

/// The judgement of what a rule describes by a pattern; `more` is what was matched where that is more than the secret.
fn matched(rule: &'static Rule, span: Span, layer: Layer, secret: Secret, more: Option<Secret>, why: &str) -> Judgement {
    let confidence = if rule.provider.id == GENERIC { Confidence::Medium } else { Confidence::High };
    let evidence = vec![Evidence { kind: "pattern", weight: model::HIGH, text: why.to_owned() }];
    Judgement::of(Candidate { rule, providers: Vec::new(), span, layer, secret, matched: more, confidence, evidence })
}
