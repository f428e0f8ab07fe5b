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
mod named;
mod paired;
mod password;
mod private_key;
mod seed_phrase;
mod url;
mod web_key;

use super::{Judgement, Page, Scorer, Subject, column, generic, model};
use crate::finding::{Candidate, Confidence, Evidence, Layer, is_against_key};
use crate::rule::Rule;
use crate::rule::file::FileKind;
use crate::rule::header::header_of;
use crate::rule::structure::Structure;
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
pub(super) fn judge(scorer: &Scorer, page: &Page<'_>, subject: &Subject<'_>) -> Judgement {
    let structure = subject.rules.first().and_then(|rule| rule.structure);
    let read = structure.ok_or("it is no structured secret").and_then(|structure| read(page, structure, subject.token));
    scorer.judged(page, subject.layer, subject.rules, subject.token, read)
}

/// The candidate that a token is, or is a part of, whatever its shape: if a header holds it, or if its name and value make it one. Else `why` it is none.
pub(super) fn judge_token(scorer: &Scorer, page: &Page<'_>, subject: &Subject<'_>, why: &'static str) -> Judgement {
    let column = || is_cell(page.text, subject).then(|| column::named(page.text, subject.token)).flatten();
    let (place, read) = match place_of_token(page.text, subject) {
        Ok((structure, place)) => (place, read(page, structure, place)),
        Err(may_be_secret) => match column() {
            Some(name) => (subject.token, assigned::read_in_column(page, subject.token, name)),
            None => (subject.token, Err(if may_be_secret { "no secret-like name assigns it" } else { why })),
        },
    };
    scorer.judged(page, subject.layer, &scorer.rules.rules, place, read)
}

/// Whether the name of what was judged says that it is something else than a secret.
pub(super) fn is_refused_by_name(judged: &Judgement) -> bool {
    judged.quiet == Some(assigned::NAMED_OTHERWISE)
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
        Structure::JsonWebKey => web_key::read(text, place),
        Structure::AssignedPassword | Structure::AssignedSecret | Structure::SeedPhrase => assigned::read(page, place),
        Structure::PasswordHash | Structure::Paired | Structure::Named => Err("it is no structured secret"),
    }
}

/// What a token is the secret of, or a part of it, and where that stands: a header, or else an assignment to a secret-like name. If there is none, whether one
/// could be there ([`generic::may_be_secret`]).
fn place_of_token(text: &[u8], subject: &Subject<'_>) -> Result<(Structure, Span), bool> {
    if subject.layer != Layer::Raw {
        return Err(false);
    }
    if let Some(header) = header_of(text, subject.token) {
        return Ok(header);
    }
    if !generic::may_be_secret(text, subject) {
        return Err(false);
    }
    Ok((Structure::AssignedSecret, assigned::place_of(text, subject.token).ok_or(true)?))
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
    place_of_token(text, subject).map_or_else(|_| is_cell(text, subject), |(structure, place)| leaves_doubt(text, structure, place))
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
        Structure::AssignedPassword | Structure::AssignedSecret | Structure::SeedPhrase => assigned::is_in_doubt(text, place),
        Structure::PrivateKey
        | Structure::EncryptedPrivateKey
        | Structure::ServiceAccountKey
        | Structure::JsonWebKey
        | Structure::PasswordHash
        | Structure::Paired
        | Structure::Named => true,
    }
}

impl Scorer {
    /// The judgement of what was read at `place`: by the rule of the provider that its name names, else by the one of `rules` for what it is.
    fn judged(&self, page: &Page<'_>, layer: Layer, rules: &[&'static Rule], place: Span, read: Result<Read, &'static str>) -> Judgement {
        let mut read = match read {
            Ok(read) => read,
            Err(why) => return Judgement::quiet(why),
        };
        let own = read.structure.is_assigned().then(|| named::rule(self, page.text, place, &mut read)).flatten();
        if own.is_none() && read.structure.is_assigned() && read.span.len() > assigned::LONGEST {
            return Judgement::quiet("it is too long for a secret that only its name tells");
        }
        match own.or_else(|| rules.iter().copied().find(|rule| rule.structure == Some(read.structure))) {
            Some(rule) => found(page, layer, rule, read),
            None => Judgement::quiet("the rule for what it is is switched off"),
        }
    }

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

    /// The secrets beside the candidates of a page, or of a text that is wrapped so, that nothing else tells and that there is a rule for: those of pairs, those
    /// for the other hosts of an address, those of the other rows of a statement, and short ones that are named like secrets. What is announced by itself is among
    /// the candidates in the `owned` part of the page alone, so that only there is looked for the last.
    pub fn beside<'c>(&self, page: &Page<'_>, owned: Span, layer: Layer, candidates: impl Iterator<Item = &'c Candidate> + Clone) -> Vec<Candidate> {
        let is_partner = |candidate: &&Candidate| {
            candidate.layer == layer && (candidate.confidence > Confidence::Low || candidate.evidence.iter().any(|piece| is_against_key(piece.kind)))
        };
        let mut beside = Vec::new();
        for of_address in candidates.clone().filter(|candidate| candidate.layer == layer && candidate.rule.structure == Some(Structure::UrlPassword)) {
            let read = url::others(page.text, of_address.span);
            beside.extend(read.into_iter().filter_map(|read| found(page, layer, of_address.rule, read).candidate));
        }
        let is_column = |structure| matches!(structure, Some(Structure::AssignedPassword | Structure::AssignedSecret));
        for of_row in candidates.clone().filter(|candidate| candidate.layer == layer && is_column(candidate.rule.structure)) {
            let read = assigned::in_next_rows(page, of_row.span).into_iter().chain(assigned::list::behind(page, of_row.span));
            beside.extend(read.filter_map(|read| found(page, layer, of_row.rule, read).candidate));
        }
        let assigned = candidates.clone().filter(|candidate| candidate.layer == layer && candidate.rule.structure.is_some_and(Structure::is_assigned));
        let mut assigned: Vec<Span> = assigned.map(|candidate| candidate.span).collect();
        assigned.sort_unstable();
        let rule_of = |read: &Read| self.rules.rules.iter().copied().find(|rule| rule.structure == Some(read.structure));
        beside.extend(assigned::beside::read(page, owned, &assigned).into_iter().filter_map(|read| found(page, layer, rule_of(&read)?, read).candidate));
        for rule in self.rules.rules.iter().copied().filter(|rule| rule.structure == Some(Structure::Paired)) {
            let with = rule.pair.as_ref().map_or(&[][..], |pair| pair.with);
            let ids = candidates.clone().filter(|candidate| with.contains(&candidate.rule.id)).filter(is_partner);
            let mut ids: Vec<Span> = ids.map(|candidate| candidate.span).collect();
            ids.sort_unstable();
            if !ids.is_empty() {
                let read = paired::read(self.words(), page, &ids, rule);
                beside.extend(read.into_iter().filter_map(|read| found(page, layer, rule, read).candidate));
            }
        }
        beside
    }

    /// Whether a file whose path tells this format has secrets.
    pub fn holds_credentials(&self, kind: FileKind, text: &[u8]) -> bool {
        !file::read(kind, text).is_empty()
    }
}

fn found(page: &Page<'_>, layer: Layer, rule: &'static Rule, read: Read) -> Judgement {
    let Read { span, mut confidence, because: mut evidence, .. } = read;
    if generic::is_made_up_place(page.path) {
        evidence.insert(0, against("made-up-place", "its path is that of tests or examples"));
        confidence = Confidence::Low;
    }
    let secret = Secret::new(span.of(page.text));
    Judgement::of(Candidate { rule, providers: Vec::new(), span, layer, secret, matched: None, confidence, evidence })
}

/// Evidence for a structured secret.
fn speaks_for(text: String) -> Evidence {
    Evidence { kind: "structure", weight: model::HIGH, text }
}

/// Evidence against one; it makes the confidence low.
fn against(kind: &'static str, text: &str) -> Evidence {
    Evidence { kind, weight: -model::HIGH, text: text.to_owned() }
}
