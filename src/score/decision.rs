//! The decision about a key: whether it is reported, as whose, and how sure that is.
//!
//! A key that identifies itself is its rule's, and what speaks against it makes it doubtful. Of any other one the points of each provider decide, with those that
//! count for all of them.

use super::attribute::{Case, Surroundings};
use super::{Considered, Judgement, Local, Page, Scorer, Subject, is_look_alike, model, reading, value};
use crate::finding::{Candidate, Confidence, Evidence, Layer};
use crate::rule::shape::class;
use crate::rule::{GENERIC_AMBIGUOUS, Provider, Rule};
use crate::secret::Secret;

impl Scorer {
    /// A key whose shape alone says whose it is.
    pub(super) fn identified(&self, page: &Page<'_>, subject: &Subject<'_>, local: &Local, surroundings: &Surroundings) -> Judgement {
        let considered = self.considered(&local.rules, surroundings);
        let Some(&rule) = local.rules.iter().max_by_key(|rule| precedence(rule, points_of(&considered, rule), subject.value)) else {
            return Judgement::quiet("no rule is left");
        };
        let n_public = rule.shape.n_public(subject.value);
        let public = String::from_utf8_lossy(&subject.value[..n_public]).into_owned();
        let shape = Evidence {
            kind: "shape",
            weight: model::HIGH,
            text: if public.is_empty() { "its shape is this provider's alone".to_owned() } else { format!("it begins with `{public}` and has the right form") },
        };
        // Three characters of prefix meet by chance more easily: without a word of the provider nearby that is not certain.
        let is_named = points_of(&considered, rule) > 0 || surroundings.credential.is_some();
        let is_certain = n_public >= 5 || is_named;
        let mut evidence = vec![shape];
        evidence.extend(considered.iter().find(|one| std::ptr::eq(one.provider, rule.provider)).into_iter().flat_map(|one| one.evidence.iter().cloned()));
        evidence.extend(surroundings.credential.clone());
        let before = if subject.layer == Layer::Raw { &page.text[..subject.token.start] } else { b"" };
        let said = reading::read(rule, subject.value, before, self.today);
        let is_doubtful = said.iter().any(|piece| piece.weight < 0);
        evidence.extend(said);
        evidence.extend(local.lacks.clone());
        // What speaks against a key comes first: the reader should know it before all that speaks for it.
        evidence.sort_by_key(|piece| piece.weight >= 0);
        let confidence = match () {
            () if is_doubtful || local.lacks.is_some() && !is_named => Confidence::Low,
            () if local.lacks.is_some() => Confidence::Medium,
            () if is_certain => Confidence::High,
            () => Confidence::Medium,
        };
        Judgement {
            candidate: Some(candidate(subject, rule, Vec::new(), confidence, evidence)),
            quiet: None,
            considered,
            credential: surroundings.credential.clone(),
            shape_points: model::HIGH,
        }
    }

    /// A key whose provider the evidence decides.
    pub(super) fn attributed(&self, page: &Page<'_>, subject: &Subject<'_>, rules: &[&'static Rule], surroundings: &Surroundings) -> Judgement {
        let considered = self.considered(rules, surroundings);
        let has_prefix = rules.iter().any(|rule| rule.shape.has_prefix());
        let common = Common::new(subject.value, has_prefix, surroundings);
        let mut judgement = Judgement { candidate: None, quiet: None, considered, credential: common.credential.clone(), shape_points: common.shape_points };
        if surroundings.sense.is_other && !has_prefix {
            judgement.quiet = Some("its name is that of a digest or an identifier");
            return judgement;
        }
        let least = least(subject.value, has_prefix);
        let in_race: Vec<&Considered> = judgement.considered.iter().filter(|one| common.reaches(least, one.points)).collect();
        judgement.candidate = match in_race[..] {
            [winner, ..] => {
                let rivals: Vec<&'static Provider> =
                    in_race.iter().filter(|other| other.rank + model::MARGIN > winner.rank).map(|other| other.provider).collect();
                match rivals.len() {
                    // In `mistral: { stripe_secret: … }` it is Stripe's, whatever Stripe's keys look like. What is nobody's so may be Mistral's all the same.
                    1 if self.is_anothers(surroundings, winner) => {
                        let named = self.named_or_formless(page, subject, "").candidate;
                        let as_its = || Candidate { confidence: Confidence::Low, ..won(subject, rules, surroundings, winner, &common) };
                        named.filter(|named| !std::ptr::eq(named.rule.provider, winner.provider)).or_else(|| Some(as_its()))
                    }
                    1 => Some(won(subject, rules, surroundings, winner, &common)),
                    _ => self.undecided(subject, rivals, winner, &common),
                }
            }
            [] if has_prefix && rules.len() > 1 && !value::is_made_of_words(subject.value) => {
                let providers = rules.iter().map(|rule| rule.provider).collect();
                self.ambiguous(subject, providers, Confidence::Low, common.evidence(&[]))
            }
            [] => self.named_or_formless(page, subject, "").candidate,
        };
        if judgement.candidate.is_none() {
            judgement.quiet = Some("too little evidence for any provider, and no secret-like name that assigns it");
        }
        judgement
    }

    /// Whether the token's own name names another provider than the `winner`.
    fn is_anothers(&self, surroundings: &Surroundings, winner: &Considered) -> bool {
        let is_its = |index: usize| std::ptr::eq(self.words().providers[index], winner.provider);
        surroundings.cases.iter().any(|(&index, case)| case.is_anothers && is_its(index))
    }

    /// The candidate of several providers, of which the `first` has the most points.
    fn undecided(&self, subject: &Subject<'_>, rivals: Vec<&'static Provider>, first: &Considered, common: &Common) -> Option<Candidate> {
        let confidence = if common.sum(first.points) >= model::HIGH { Confidence::Medium } else { Confidence::Low };
        self.ambiguous(subject, rivals, confidence, common.evidence(&first.evidence))
    }

    fn ambiguous(&self, subject: &Subject<'_>, providers: Vec<&'static Provider>, confidence: Confidence, evidence: Vec<Evidence>) -> Option<Candidate> {
        self.rules.get(GENERIC_AMBIGUOUS).map(|rule| candidate(subject, rule, providers, confidence, evidence))
    }

    /// The cases of the rules' providers, best first.
    pub(super) fn considered(&self, rules: &[&'static Rule], surroundings: &Surroundings) -> Vec<Considered> {
        let mut considered: Vec<Considered> = Vec::new();
        for (&index, Case { points, rank, evidence, .. }) in &surroundings.cases {
            let provider = self.words().providers[index];
            if !evidence.is_empty() && rules.iter().any(|rule| std::ptr::eq(rule.provider, provider)) {
                considered.push(Considered { provider, points: *points, rank: *rank, evidence: evidence.clone() });
            }
        }
        considered.sort_by(|a, b| b.rank.cmp(&a.rank).then_with(|| a.provider.id.cmp(b.provider.id)));
        considered
    }
}

/// The candidate of a provider that is clear of all others.
fn won(subject: &Subject<'_>, rules: &[&'static Rule], surroundings: &Surroundings, winner: &Considered, common: &Common) -> Candidate {
    let its_own = rules.iter().copied().filter(|rule| std::ptr::eq(rule.provider, winner.provider));
    let rule = its_own.max_by_key(|rule| rule.severity).expect("a considered provider has a rule");
    let sum = common.sum(winner.points);
    // A digest in a line of prose that speaks of keys is mostly a commit.
    let is_look_alike = is_look_alike(subject.value) && !rules.iter().any(|rule| rule.shape.has_prefix());
    let is_prose = is_look_alike && !surroundings.place.is_quoted && common.credential_points() <= model::CREDENTIAL_AROUND;
    let confidence = match sum {
        _ if is_prose => Confidence::Low,
        _ if sum >= model::HIGH => Confidence::High,
        _ if sum >= model::MEDIUM => Confidence::Medium,
        _ => Confidence::Low,
    };
    candidate(subject, rule, Vec::new(), confidence, common.evidence(&winner.evidence))
}

/// What counts for a key whichever provider's it is: that it is a credential at all, and that it looks random.
pub(super) struct Common {
    pub(super) credential: Option<Evidence>,
    pub(super) shape_points: i32,
}

impl Common {
    pub(super) fn new(value: &[u8], has_prefix: bool, surroundings: &Surroundings) -> Self {
        Self { credential: surroundings.credential.clone(), shape_points: shape_points(value, has_prefix) }
    }

    fn credential_points(&self) -> i32 {
        self.credential.as_ref().map_or(0, |evidence| evidence.weight)
    }

    /// The sum with a provider's points.
    pub(super) fn sum(&self, points: i32) -> i32 {
        points + self.credential_points() + self.shape_points
    }

    /// Whether a provider with these points passes: see [`least`].
    pub(super) fn reaches(&self, (least_sum, least_provider, least_credential): (i32, i32, i32), points: i32) -> bool {
        self.sum(points) >= least_sum && points >= least_provider && self.credential_points() >= least_credential
    }

    /// The evidence with what speaks for a provider, strongest first.
    pub(super) fn evidence(&self, of_provider: &[Evidence]) -> Vec<Evidence> {
        let mut evidence: Vec<Evidence> = of_provider.to_vec();
        evidence.extend(self.credential.clone());
        if self.shape_points > 0 {
            evidence.push(Evidence { kind: "shape", weight: self.shape_points, text: "it looks random".to_owned() });
        }
        evidence.sort_by_key(|piece| -piece.weight);
        evidence
    }
}

fn points_of(considered: &[Considered], rule: &Rule) -> i32 {
    considered.iter().find(|one| std::ptr::eq(one.provider, rule.provider)).map_or(0, |one| one.points)
}

/// Which of several rules takes a key that each of them identifies: the one whose provider is named near it, else the one that knows more of its beginning,
/// else the one with the wider shape (`sk_live_` is Stripe's before it is anybody else's).
fn precedence(rule: &Rule, points: i32, value: &[u8]) -> (i32, usize, usize, std::cmp::Reverse<&'static str>) {
    (points, rule.shape.n_public(value), rule.shape.max_len, std::cmp::Reverse(rule.id))
}

/// A candidate that is a token.
pub(super) fn candidate(
    subject: &Subject<'_>,
    rule: &'static Rule,
    providers: Vec<&'static Provider>,
    confidence: Confidence,
    evidence: Vec<Evidence>,
) -> Candidate {
    Candidate { rule, providers, span: subject.token, layer: subject.layer, secret: Secret::new(subject.value), matched: None, confidence, evidence }
}

/// Points for what the value's characters say.
fn shape_points(value: &[u8], has_prefix: bool) -> i32 {
    let classes = value::classes(value);
    if has_prefix {
        model::SHARED_PREFIX
    } else if classes & class::UPPER != 0 && classes & class::LOWER != 0 && value::entropy(value) > 4.0 {
        model::MIXED_CASE
    } else if classes & class::LOWER_REST != 0 {
        model::BEYOND_HEX
    } else {
        0
    }
}

/// What a key must reach that does not identify itself: the sum, the provider's points, and the points for being a credential.
pub fn least(value: &[u8], has_prefix: bool) -> (i32, i32, i32) {
    if is_look_alike(value) && !has_prefix { model::LOOK_ALIKE } else { (model::REPORT, model::PROVIDER_LEAST, 0) }
}
