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

use super::{Judgement, Page, Scorer, Subject, column, generic, model};
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
    let structure = subject.rules.first().and_then(|rule| rule.structure);
    let read = structure.ok_or("it is no structured secret").and_then(|structure| read(page, structure, subject.token));
    judged(page, subject.layer, subject.rules, read)
}

/// The candidate that a token is, or is a part of, whatever its shape: if a header holds it, or if its name and value make it one. Else `why` it is none.
pub(super) fn judge_token(page: &Page<'_>, subject: &Subject<'_>, rules: &RuleSet, why: &'static str) -> Judgement {
    let read = match place_of_token(page.text, subject) {
        Some((structure, place)) => read(page, structure, place),
        None => match column::named(page.text, subject.token).filter(|_| is_cell(page.text, subject)) {
            Some(name) => assigned::read_in_column(page, subject.token, name),
            None if generic::may_be_secret(page.text, subject) => Err("no secret-like name assigns it"),
            None => Err(why),
        },
    };
    judged(page, subject.layer, &rules.rules, read)
}

/// Reads the secret of this structure at `place`, or says why there is none.
fn read(page: &Page<'_>, structure: Structure, place: Span) -> Result<Read, &'static str> {
    let text = page.text;
    match structure {
        Structure::PrivateKey | Structure::EncryptedPrivateKey | Structure::ServiceAccountKey => private_key::read(text, place),
        Structure::UrlPassword => url::read(text, place),
        Structure::ConnectionPassword => connection::read(text, place),
        Structure::CredentialFile => header::docker(text, place),
        Structure::BasicAuth => header::basic(text, place),
        Structure::BearerToken => header::bearer(text, place),
        Structure::SessionCookie => header::cookie(text, place),
        Structure::AssignedPassword | Structure::AssignedSecret => assigned::read(page, place),
        Structure::PasswordHash | Structure::Paired => Err("it is no structured secret"),
    }
}

/// The judgement of what was read, by the one of `rules` for what it is.
fn judged(page: &Page<'_>, layer: Layer, rules: &[&'static Rule], read: Result<Read, &'static str>) -> Judgement {
    let read = match read {
        Ok(read) => read,
        Err(why) => return Judgement::quiet(why),
    };
    match rules.iter().copied().find(|rule| rule.structure == Some(read.structure)) {
        Some(rule) => found(page, layer, rule, read),
        None => Judgement::quiet("the rule for what it is is switched off"),
    }
}

/// What a token is the secret of, or a part of it, and where that stands: a header, or else an assignment to a secret-like name.
fn place_of_token(text: &[u8], subject: &Subject<'_>) -> Option<(Structure, Span)> {
    if subject.layer != Layer::Raw {
        return None;
    }
    let assigned = || generic::may_be_secret(text, subject).then(|| assigned::place_of(text, subject.token)).flatten();
    header_of(text, subject.token).or_else(|| Some((Structure::AssignedSecret, assigned()?)))
}

/// Whether a token may be a secret without a provider, by what stands before it: the cheap test before [`judge_token`].
pub(super) fn may_be_named(text: &[u8], subject: &Subject<'_>) -> bool {
    subject.layer == Layer::Raw && (header_of(text, subject.token).is_some() || generic::may_be_secret(text, subject) || is_cell(text, subject))
}

/// Whether a token may be a cell of separated values, whose name heads its column.
fn is_cell(text: &[u8], subject: &Subject<'_>) -> bool {
    subject.layer == Layer::Raw && column::is_cell(text, subject.token)
}

/// Whether a token leaves a doubt that [`judge_token`] settles.
pub(super) fn is_token_in_doubt(text: &[u8], subject: &Subject<'_>) -> bool {
    // What heads a column may change wherever its cells are copied.
    place_of_token(text, subject).map_or_else(|| is_cell(text, subject), |(structure, place)| leaves_doubt(text, structure, place))
}

/// Whether a place leaves a doubt that only more of the text settles. It is decided by what stands there, so that it can be handed on with it.
pub(super) fn is_in_doubt(page: &Page<'_>, subject: &Subject<'_>) -> bool {
    let structure = subject.rules.first().and_then(|rule| rule.structure);
    structure.is_some_and(|structure| leaves_doubt(page.text, structure, subject.token))
}

fn leaves_doubt(text: &[u8], structure: Structure, place: Span) -> bool {
    match structure {
        Structure::UrlPassword => url::is_in_doubt(text, place),
        Structure::ConnectionPassword => connection::is_in_doubt(text, place),
        Structure::BasicAuth | Structure::CredentialFile => header::is_basic_in_doubt(text, place),
        Structure::BearerToken => header::bearer(text, place).is_ok(),
        Structure::SessionCookie => header::session(text, place).is_some(),
        Structure::AssignedPassword | Structure::AssignedSecret => assigned::is_in_doubt(text, place),
        Structure::PrivateKey | Structure::EncryptedPrivateKey | Structure::ServiceAccountKey | Structure::PasswordHash | Structure::Paired => true,
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

    /// The judgements of what is assigned to secret-like names on a line and is no secret, and where that stands: for explanations.
    pub fn refused_on(&self, page: &Page<'_>, line: Span) -> Vec<(Span, Judgement)> {
        assigned::refused(page, line).map(|(place, why)| (place, Judgement::quiet(why))).collect()
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
