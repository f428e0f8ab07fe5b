//! Structured secrets: from the place that announces one (`rule::structure`) to the secret, or to the reason why there is none.
//!
//! A file of credentials that is known by its name is read as a whole (`file`); all others are announced by what stands in them.
//!
//! No provider's name is looked for here: what the secret is a part of, or what its own name is, says what it is. How sure that is depends on whether the content fits, and on what speaks of
//! made-up values: placeholders, hosts of documentation, and the folders of tests, whose keys and passwords open nothing.

mod assigned;
mod connection;
mod file;
mod header;
mod paired;
mod password;
mod private_key;
mod url;

use super::{Judgement, Page, Scorer, Subject, generic, model};
use crate::finding::{Candidate, Confidence, Evidence, Layer, is_against_key};
use crate::rule::file::FileKind;
use crate::rule::structure::{Structure, header_of};
use crate::rule::{Rule, RuleSet};
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
        Some(Structure::PrivateKey | Structure::EncryptedPrivateKey | Structure::ServiceAccountKey) => private_key::read(text, place),
        Some(Structure::UrlPassword) => url::read(text, place),
        Some(Structure::ConnectionPassword) => connection::read(text, place),
        Some(Structure::CredentialFile) => header::docker(text, place),
        Some(Structure::BasicAuth) => header::basic(text, place),
        Some(Structure::BearerToken) => header::bearer(text, place),
        Some(Structure::SessionCookie) => header::cookie(text, place),
        Some(Structure::AssignedPassword | Structure::AssignedSecret) => assigned::read(page, place),
        Some(Structure::PasswordHash | Structure::Paired) | None => Err("it is no structured secret"),
    };
    let read = match read {
        Ok(read) => read,
        Err(why) => return Judgement::quiet(why),
    };
    match of_kind(read.structure) {
        Some(rule) => found(page, subject.layer, rule, read),
        None => Judgement::quiet("the rule for what it is is switched off"),
    }
}

/// The candidate that a token is, or is a part of, whatever its shape: if a header holds it, or if its name and value make it one. Else `why` it is none.
pub(super) fn judge_token(page: &Page<'_>, subject: &Subject<'_>, rules: &RuleSet, why: &'static str) -> Judgement {
    let (text, token) = (page.text, subject.token);
    let read = match header_of(text, token).filter(|_| subject.layer == Layer::Raw) {
        Some((Structure::BearerToken, place)) => header::bearer(text, place),
        Some((Structure::SessionCookie, place)) => header::cookie(text, place),
        Some((_, place)) => header::basic(text, place),
        None if !generic::may_be_secret(text, subject) => Err(why),
        None => assigned::place_of(text, token).ok_or("no secret-like name assigns it").and_then(|place| assigned::read(page, place)),
    };
    let read = match read {
        Ok(read) => read,
        Err(why) => return Judgement::quiet(why),
    };
    match rules.rules.iter().copied().find(|rule| rule.structure == Some(read.structure)) {
        Some(rule) => found(page, subject.layer, rule, read),
        None => Judgement::quiet("the rule for what it is is switched off"),
    }
}

/// Whether a token may be a secret without a provider, by what stands before it: the cheap test before [`judge_token`].
pub(super) fn may_be_named(text: &[u8], subject: &Subject<'_>) -> bool {
    subject.layer == Layer::Raw && (header_of(text, subject.token).is_some() || generic::may_be_secret(text, subject))
}

/// Whether a token leaves a doubt that [`judge_token`] settles.
pub(super) fn is_token_in_doubt(text: &[u8], subject: &Subject<'_>) -> bool {
    let token = subject.token;
    match header_of(text, token) {
        Some((Structure::BearerToken, place)) => header::bearer(text, place).is_ok(),
        Some((Structure::SessionCookie, place)) => header::session(text, place).is_some(),
        Some((_, place)) => header::is_basic_in_doubt(text, place),
        None => generic::may_be_secret(text, subject) && assigned::place_of(text, token).is_some_and(|place| assigned::is_in_doubt(text, place)),
    }
}

/// Whether a place leaves a doubt that only more of the text settles. It is decided by what stands there, so that it can be handed on with it.
pub(super) fn is_in_doubt(page: &Page<'_>, subject: &Subject<'_>) -> bool {
    match subject.rules.first().and_then(|rule| rule.structure) {
        Some(Structure::UrlPassword) => url::is_in_doubt(page.text, subject.token),
        Some(Structure::ConnectionPassword) => connection::is_in_doubt(page.text, subject.token),
        Some(Structure::BasicAuth | Structure::CredentialFile) => header::is_basic_in_doubt(page.text, subject.token),
        Some(Structure::AssignedPassword | Structure::AssignedSecret) => assigned::is_in_doubt(page.text, subject.token),
        structure => structure.is_some(),
    }
}

impl Scorer {
    /// Judges the secrets of a page whose path tells that it is a file of credentials; in other pages there are none.
    pub fn judge_file(&self, page: &Page<'_>) -> Vec<Judgement> {
        let Some(kind) = FileKind::of_path(page.path) else { return Vec::new() };
        let rule_of = |read: &Read| self.rules.rules.iter().copied().find(|rule| rule.structure == Some(read.structure));
        let judged = file::read(kind, page.text).into_iter().filter_map(|read| Some(found(page, Layer::Raw, rule_of(&read)?, read)));
        judged.collect()
    }

    /// The secret beside a candidate that nothing else tells, if there is a rule for one.
    pub fn beside(&self, page: &Page<'_>, candidate: &Candidate) -> Option<Candidate> {
        let is_its = |rule: &&'static Rule| rule.structure == Some(Structure::Paired) && rule.pair.as_ref().is_some_and(|pair| pair.with == candidate.rule.id);
        if candidate.layer != Layer::Raw || candidate.confidence == Confidence::Low && !candidate.evidence.iter().any(|piece| is_against_key(piece.kind)) {
            return None;
        }
        let rule = self.rules.rules.iter().copied().find(is_its)?;
        found(page, Layer::Raw, rule, paired::read(page.text, candidate.span, rule)?).candidate
    }

    /// Whether a file has secrets in one of the formats that its path would tell.
    pub fn holds_credentials(&self, text: &[u8]) -> bool {
        FileKind::ALL.iter().any(|kind| !file::read(*kind, text).is_empty())
    }
}

fn found(page: &Page<'_>, layer: Layer, rule: &'static Rule, read: Read) -> Judgement {
    let Read { span, mut confidence, because: mut evidence, .. } = read;
    if generic::is_made_up_place(page.path) {
        evidence.insert(0, against("made-up-place", "its path is that of tests or examples"));
        confidence = Confidence::Low;
    }
    let secret = Secret::new(span.of(page.text));
    let candidate = Candidate { rule, providers: Vec::new(), span, layer, secret, matched: None, confidence, evidence };
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
