//! Keys that no shape tells and their surroundings do: of providers whose keys have no form of their own (`structure::named` reads them where a name gets its
//! value), and of the form of a provider's keys but for the letters of one case, as those who write tests draw them.
//!
//! Random texts of any form stand everywhere. So the token must be a draw that can be nothing else, long, and at a place where keys stand; and as with what looks
//! like a digest, a provider must be named right by it, and something say that it is a credential.

use super::attribute::Case;
use super::decision::Common;
use super::place::Zone;
use super::unlikely::{is_look_alike, is_named_otherwise, unlikely_place, wraps_text};
use super::words::{Hit, Kind};
use super::{Judgement, LOCAL_BEFORE, Page, ProviderSet, Scorer, Subject, camel, chance, credential, makings, model, name, value};
use crate::finding::{Confidence, Evidence};
use crate::rule::shape::class_of;
use crate::rule::structure::Structure;
use crate::rule::{GENERIC, Rule};
use crate::span::Span;

/// Shorter draws turn up by chance, and longer ones are data.
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=400;
/// The shortest key without a form.
const SHORTEST_FORMLESS: usize = 20;
/// Parts of a key that are shorter may be anything.
const SHORTEST_PART: usize = 12;
/// So many bytes before a token hold the name that stands right before it.
const RIGHT_BEFORE: usize = 48;
/// So many bytes on each side are looked at for the name of a provider: its call, its block, its request.
const BESIDE: usize = 1000;

/// Whether a token may be such a key, by itself and the bytes right around it.
fn may_be_key(page: &Page<'_>, subject: &Subject<'_>) -> bool {
    let value = subject.value;
    LENGTHS.contains(&value.len())
        && !is_look_alike(value)
        && unlikely_place(page, subject).is_none()
        && !is_named_otherwise(page.text, subject)
        && !camel::is_identifier(value)
        && is_drawn(value)
        && !wraps_text(value)
        && value::placeholder(value).is_none()
}

/// Whether a value is a draw, or all of its parts are, between which dots or colons stand.
fn is_drawn(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| matches!(byte, b'.' | b':')).filter(|part| part.len() >= SHORTEST_PART).peekable();
    parts.peek().is_some() && parts.all(|part| chance::is_drawn(part) && !chance::may_be_words(part))
}

/// A rule that a token may be a key of, and what it lacks of one.
type Suspected = (&'static Rule, Option<Evidence>);

impl Scorer {
    /// The judgement of a token that is no provider's key by its shape or its name: `judged`, or the one of the provider whose key its surroundings make it.
    pub(super) fn or_formless(&self, page: &Page<'_>, subject: &Subject<'_>, judged: Judgement) -> Judgement {
        // A password is nobody's key.
        let is_open = judged
            .candidate
            .as_ref()
            .is_none_or(|known| known.rule.provider.id == GENERIC && known.span == subject.token && known.rule.structure != Some(Structure::AssignedPassword));
        if !is_open || !self.may_be_formless(page, subject) {
            return judged;
        }
        let known = judged.candidate.as_ref().map(|candidate| candidate.confidence);
        self.formless(page, subject, known).unwrap_or(judged)
    }

    /// The judgement by the surroundings alone, if they make the token a key. Where something else has `known` it to be a secret, it is as sure at least.
    fn formless(&self, page: &Page<'_>, subject: &Subject<'_>, known: Option<Confidence>) -> Option<Judgement> {
        let suspected = self.suspected(subject);
        let rules: Vec<&'static Rule> = suspected.iter().map(|(rule, _)| *rule).collect();
        let providers = self.providers_of(&rules);
        if !self.is_any_named_beside(page, subject.token, &providers) {
            return None;
        }
        let (.., least_credential) = model::LOOK_ALIKE;
        let surroundings = self.surroundings_of_credential(page, subject.token, &providers, least_credential)?;
        let considered = self.considered(&rules, &surroundings);
        let common = Common::new(subject.value, false, &surroundings);
        let mut in_race = considered.iter().filter(|one| common.reaches(model::LOOK_ALIKE, one.points));
        let winner = in_race.next()?;
        // Without a path there are more rivals than with any.
        if !page.is_anywhere() && in_race.any(|other| other.rank + model::MARGIN > winner.rank) {
            return None;
        }
        let is_its = |(rule, lacks): &Suspected| std::ptr::eq(rule.provider, winner.provider) && (lacks.is_some() || fits(rule, subject.value));
        let (rule, lacks) = suspected.into_iter().find(is_its)?;
        // Of containers and rows the provider is the subject, and much else in them looks random.
        let is_its_name = |(index, case): (&usize, &Case)| {
            std::ptr::eq(self.words().providers[*index], winner.provider) && case.best.is_some_and(|zone| zone <= Zone::Callee)
        };
        let is_named = surroundings.sense.is_credential && surroundings.cases.iter().any(is_its_name);
        let is_sure = is_named && lacks.is_none() && common.sum(winner.points) >= model::HIGH;
        let by_points = if is_sure { Confidence::Medium } else { Confidence::Low };
        let confidence = known.map_or(by_points, |known| known.min(Confidence::Medium).max(by_points));
        let mut evidence: Vec<Evidence> = lacks.into_iter().collect();
        evidence.extend(common.evidence(&winner.evidence));
        let candidate = super::decision::candidate(subject, rule, Vec::new(), confidence, evidence);
        let (credential, shape_points) = (common.credential.clone(), common.shape_points);
        Some(Judgement { candidate: Some(candidate), quiet: None, considered, credential, shape_points })
    }

    /// Whether a token may be such a key, by itself and what stands right before it: the name of a credential or of a provider. Most of what is drawn ends here,
    /// before the words of the page are looked for.
    pub(super) fn may_be_formless(&self, page: &Page<'_>, subject: &Subject<'_>) -> bool {
        let before = |n: usize| Span::new(subject.token.start.saturating_sub(n), subject.token.start);
        let is_named = |hit: &Hit| matches!(hit.kind, Kind::Name | Kind::CommonName | Kind::Host | Kind::Constructor);
        let is_introduced = || {
            name::speaks_of_credential(before(LOCAL_BEFORE).of(page.text))
                || credential::is_user(page.text, subject.token)
                || self.words().find(page.text, before(RIGHT_BEFORE)).iter().any(is_named)
        };
        may_be_key(page, subject) && is_introduced()
    }

    /// Whether one of these providers is named where it may decide: not far from the token.
    fn is_any_named_beside(&self, page: &Page<'_>, token: Span, wanted: &ProviderSet) -> bool {
        let near = Span::new(token.start.saturating_sub(BESIDE), token.end + BESIDE);
        let is_short = || page.names_any_shortly(self.words(), Span::new(token.start.saturating_sub(LOCAL_BEFORE), token.start), wanted);
        page.names_any(self.words(), near, wanted) || is_short()
    }

    /// The rules that a token may be a key of: those of its shape whose keys have letters of both cases, and those without a form.
    fn suspected(&self, subject: &Subject<'_>) -> Vec<Suspected> {
        // Of the shapes that nothing begins tokens are asked only for those whose kinds of characters they have.
        let others = self.rules.rules.iter().filter(|rule| has_plain_shape(rule, subject.value));
        let but_for_a_case = subject.rules.iter().chain(others).filter_map(|rule| Some((*rule, Some(makings::lacks_a_case(rule, subject.value)?))));
        let formless = self.rules.rules.iter().filter(|rule| rule.structure == Some(Structure::Named)).map(|rule| (*rule, None));
        but_for_a_case.chain(formless).collect()
    }
}

/// Whether a value has the shape of a rule that is so many characters of some kinds and nothing else.
fn has_plain_shape(rule: &Rule, value: &[u8]) -> bool {
    let (shortest, longest) = rule.shape.anchor_len;
    rule.is_sought_by_shape()
        && rule.shape.is_plain
        && rule.shape.public.is_empty()
        && (shortest..=longest).contains(&value.len())
        && value.iter().all(|&byte| class_of(byte) & rule.shape.alphabet != 0)
}

/// Whether a value may be a key of a rule without a form.
fn fits(rule: &Rule, value: &[u8]) -> bool {
    value.len() >= SHORTEST_FORMLESS && value::entropy(value) >= rule.min_entropy && rule.shape.match_at(value, 0) == Some(value.len())
}
