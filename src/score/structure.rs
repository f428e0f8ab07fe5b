//! Structured secrets: from the place that announces one (`rule::structure`) to the secret, or to the reason why there is none.
//!
//! No provider's name is looked for here: what the secret is a part of, or what its own name is, says what it is. How sure that is depends on whether the content fits, and on what speaks of
//! made-up values: placeholders, hosts of documentation, and the folders of tests, whose keys and passwords open nothing.

mod assigned;
mod connection;
mod password;
mod private_key;
mod url;

use super::{Judgement, Page, Subject, generic, model};
use crate::finding::{Candidate, Confidence, Evidence};
use crate::rule::structure::Structure;
use crate::rule::{GENERIC_PASSWORD, GENERIC_SECRET, Rule, RuleSet};
use crate::secret::Secret;
use crate::span::Span;

/// A structured secret that was read.
struct Read {
    /// The secret, as it stands in the text.
    span: Span,
    structure: Structure,
    confidence: Confidence,
    /// What it is, and what makes it more or less sure.
    because: Vec<Evidence>,
}

/// Judges a place that announces a structured secret.
pub(super) fn judge(page: &Page<'_>, subject: &Subject<'_>) -> Judgement {
    let of_kind = |structure: Structure| subject.rules.iter().copied().find(|rule| rule.structure == Some(structure));
    let (text, place) = (page.text, subject.token);
    let read = match subject.rules.first().and_then(|rule| rule.structure) {
        Some(Structure::PrivateKey | Structure::EncryptedPrivateKey) => private_key::read(text, place),
        Some(Structure::UrlPassword) => url::read(text, place),
        Some(Structure::ConnectionPassword) => connection::read(text, place),
        Some(Structure::AssignedPassword | Structure::AssignedSecret) => assigned::read(page, place),
        None => Err("it is no structured secret"),
    };
    let read = match read {
        Ok(read) => read,
        Err(why) => return Judgement::quiet(why),
    };
    match of_kind(read.structure) {
        Some(rule) => found(page, subject, rule, read),
        None => Judgement::quiet("the rule for what it is is switched off"),
    }
}

/// The candidate that `token` is, or is a part of, if its name and value make it one of `rules`, whatever its shape; else why it is none.
pub(super) fn judge_token(page: &Page<'_>, subject: &Subject<'_>, rules: &RuleSet) -> Judgement {
    let place = assigned::place_of(page.text, subject.token).ok_or("no secret-like name assigns it");
    match place.and_then(|place| assigned::read(page, place)) {
        Ok(read) => {
            let is_password = read.structure == Structure::AssignedPassword;
            match rules.get(if is_password { GENERIC_PASSWORD } else { GENERIC_SECRET }) {
                Some(rule) => found(page, subject, rule, read),
                None => Judgement::quiet("the rule for what it is is switched off"),
            }
        }
        Err(why) => Judgement::quiet(why),
    }
}

/// Whether a token leaves a doubt that [`judge_token`] settles.
pub(super) fn is_token_in_doubt(text: &[u8], token: Span) -> bool {
    assigned::place_of(text, token).is_some_and(|place| assigned::is_in_doubt(text, place))
}

/// Whether a place leaves a doubt that only more of the text settles. It is decided by what stands there, so that it can be handed on with it.
pub(super) fn is_in_doubt(page: &Page<'_>, subject: &Subject<'_>) -> bool {
    match subject.rules.first().and_then(|rule| rule.structure) {
        Some(Structure::UrlPassword) => url::is_in_doubt(page.text, subject.token),
        Some(Structure::ConnectionPassword) => connection::is_in_doubt(page.text, subject.token),
        Some(Structure::AssignedPassword | Structure::AssignedSecret) => assigned::is_in_doubt(page.text, subject.token),
        structure => structure.is_some(),
    }
}

fn found(page: &Page<'_>, subject: &Subject<'_>, rule: &'static Rule, read: Read) -> Judgement {
    let Read { span, mut confidence, because: mut evidence, .. } = read;
    if generic::is_made_up_place(page.path) {
        evidence.insert(0, against("made-up-place", "its path is that of tests or examples"));
        confidence = Confidence::Low;
    }
    let secret = Secret::new(span.of(page.text));
    let candidate = Candidate { rule, providers: Vec::new(), span, layer: subject.layer, secret, confidence, evidence };
    Judgement { candidate: Some(candidate), quiet: None, considered: Vec::new(), credential: None, shape_points: model::HIGH }
}

/// Evidence for a structured secret.
fn speaks_for(text: String) -> Evidence {
    Evidence { kind: "structure", weight: model::HIGH, text }
}

/// Evidence against one; it makes the confidence low.
fn against(kind: &'static str, text: &str) -> Evidence {
    Evidence { kind, weight: -model::HIGH, text: text.to_owned() }
}
