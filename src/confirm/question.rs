//! Who is asked what: one question for each provider and secret, and for every other finding the reason why nobody is asked about it.

use std::collections::BTreeMap;

use super::Options;
use super::request::{self, Key, Request};
use crate::finding::{Finding, OtherPartner, Partner};
use crate::number::n_of;
use crate::rule::confirm::Confirm;
use crate::rule::{GENERIC, Rule};
use crate::secret::Secret;
use crate::verdict::Verdict;

/// Hosts of a key that are looked at: more than are asked.
const N_HOSTS: usize = 64;
/// With how many partners it is asked about a key: which of those near it is its own is not certain.
const N_PARTNERS: usize = 3;

/// What there is to ask about some findings.
#[derive(Debug, Default)]
pub struct Plan {
    /// What is asked, in the order of the findings.
    pub questions: Vec<Question>,
    /// What is not, in the order of the findings.
    pub unasked: Vec<Unasked>,
}

/// One key to ask about.
#[derive(Clone, Debug)]
pub struct Question {
    /// The rule that says how.
    pub rule: &'static Rule,
    /// How its provider is asked.
    pub confirm: Confirm,
    /// The key.
    pub secret: Secret,
    /// The key, safe to show.
    pub masked: String,
    /// Places in the list of findings: those that have the key.
    pub findings: Vec<usize>,
    /// The requests, in the order of asking; at least one.
    pub requests: Vec<Request>,
    /// What stands near the key and is not asked, or not asked about: then the key is never invalid.
    pub left_out: Option<LeftOut>,
}

/// What may say that a key works, and is left out because there is too much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// Hosts.
    Hosts,
    /// What the key may work together with.
    Partners,
}

impl LeftOut {
    /// What it is, in the plural.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Hosts => "hosts",
            Self::Partners => "ids",
        }
    }

    /// What becomes of it.
    pub const fn fate(self) -> &'static str {
        match self {
            Self::Hosts => "not asked",
            Self::Partners => "not asked about",
        }
    }
}

/// A finding that nobody is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unasked {
    /// Its place in the list of findings.
    pub finding: usize,
    /// What it gets: `unchecked`, or `unknown` for a service that is gone.
    pub verdict: Verdict,
    /// Why: a sentence fragment.
    pub reason: String,
    /// Whether only the greatest number of keys is the reason.
    pub is_beyond_max: bool,
}

/// What is there to know about a key before it is known whether it can be asked about.
struct Draft<'f> {
    rule: &'static Rule,
    confirm: Confirm,
    secret: &'f Secret,
    partner: Option<&'f Partner>,
    /// What else could be its partner.
    others: Vec<&'f OtherPartner>,
    masked: String,
    findings: Vec<usize>,
    hosts: Vec<String>,
}

/// What tells questions apart: the provider, the key, and what stands beside it.
fn identity(finding: &Finding) -> (&'static str, &Secret, Option<&Secret>) {
    (finding.rule.provider.id, &finding.secret, finding.partner.as_ref().map(|partner| &partner.secret))
}

/// Says who would be asked what about `findings`. Opens no connection.
pub fn plan(findings: &[Finding], options: &Options) -> Plan {
    let mut plan = Plan::default();
    let owners = owners(findings, options);
    for draft in drafts(findings, options, &mut plan) {
        if let Some(reason) = owners.get(draft.secret).and_then(several) {
            plan.refuse_all(&draft, &reason, false);
            continue;
        }
        let endpoint = options.endpoints.iter().find(|(id, _)| id == draft.rule.provider.id).map(|(_, url)| url.as_str());
        match draft.requests(endpoint) {
            Err(reason) => plan.refuse_all(&draft, &reason, false),
            Ok(_) if plan.questions.len() >= options.n_max => {
                let are = if options.n_max == 1 { "is" } else { "are" };
                plan.refuse_all(&draft, &format!("only {} {are} asked about (--confirm-max)", n_of(options.n_max as u64, "key")), true);
            }
            Ok((requests, left_out)) => plan.questions.push(draft.question(requests, left_out)),
        }
    }
    plan.unasked.sort_by_key(|unasked| unasked.finding);
    plan
}

/// What there is to ask about, as far as each finding tells by itself; what there is not goes to `plan`.
fn drafts<'f>(findings: &'f [Finding], options: &Options, plan: &mut Plan) -> Vec<Draft<'f>> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut places: BTreeMap<(&str, &Secret, Option<&Secret>), usize> = BTreeMap::new();
    let mut unsure = Vec::new();
    for (at, finding) in findings.iter().enumerate() {
        let key = identity(finding);
        match askable(finding, options) {
            Err(Refusal::Confidence) => unsure.push(at),
            Err(Refusal::Reason(verdict, reason)) => plan.refuse(at, verdict, reason, false),
            Ok(confirm) => match places.get(&key) {
                Some(&place) => drafts[place].add(at, finding),
                None => {
                    places.insert(key, drafts.len());
                    let mut draft = Draft::new(finding, confirm);
                    draft.add(at, finding);
                    drafts.push(draft);
                }
            },
        }
    }
    for at in unsure {
        // The key itself is asked about because of a better place: the answer holds for it wherever it stands.
        match places.get(&identity(&findings[at])) {
            Some(&place) => drafts[place].add(at, &findings[at]),
            None => plan.refuse(at, Verdict::Unchecked, format!("its confidence is below {}", options.min_confidence.text()), false),
        }
    }
    drafts
}

impl Plan {
    fn refuse(&mut self, finding: usize, verdict: Verdict, reason: String, is_beyond_max: bool) {
        self.unasked.push(Unasked { finding, verdict, reason, is_beyond_max });
    }

    fn refuse_all(&mut self, draft: &Draft<'_>, reason: &str, is_beyond_max: bool) {
        draft.findings.iter().for_each(|&at| self.refuse(at, Verdict::Unchecked, reason.to_owned(), is_beyond_max));
    }
}

/// The providers whose key each secret was found as, by findings that are sure enough: their ids and names.
fn owners<'f>(findings: &'f [Finding], options: &Options) -> BTreeMap<&'f Secret, BTreeMap<&'static str, &'static str>> {
    let mut owners: BTreeMap<&Secret, BTreeMap<_, _>> = BTreeMap::new();
    let is_sure = |finding: &&Finding| finding.providers.is_empty() && finding.rule.provider.id != GENERIC && finding.confidence >= options.min_confidence;
    for finding in findings.iter().filter(is_sure) {
        owners.entry(&finding.secret).or_default().insert(finding.rule.provider.id, finding.rule.provider.name);
    }
    owners
}

/// Why nobody is asked about a key that has several owners; none if it has one.
fn several(owners: &BTreeMap<&str, &str>) -> Option<String> {
    let names: Vec<&str> = owners.values().copied().collect();
    (names.len() > 1).then(|| format!("it is not clear whose key it is: it was found as one of {}", names.join(" and of ")))
}

/// Why a finding alone gives no question.
enum Refusal {
    /// It is not sure enough.
    Confidence,
    /// What it gets, and why.
    Reason(Verdict, String),
}

fn askable(finding: &Finding, options: &Options) -> Result<Confirm, Refusal> {
    let provider = finding.rule.provider.id;
    let refuse = |reason: &str| Err(Refusal::Reason(Verdict::Unchecked, reason.to_owned()));
    if finding.suppression.is_some() {
        return refuse("it is suppressed");
    }
    if !finding.providers.is_empty() {
        return refuse("it is not clear whose key it is");
    }
    if provider == GENERIC {
        return refuse("its provider is not known");
    }
    if !options.providers.is_empty() && options.providers.iter().all(|id| id != provider) {
        return refuse("its provider is not among those to ask");
    }
    if options.untrusted_providers.iter().any(|id| id == provider) {
        return refuse("its rule comes from a configuration that was found and not named; `--config FILE` names it");
    }
    if let Some(why) = finding.why_never_asked() {
        return refuse(why);
    }
    let Some(confirm) = finding.rule.confirm() else { return refuse("its rule does not say how to ask") };
    if let Some(why) = &confirm.because_not {
        let verdict = if confirm.closed { Verdict::Unknown } else { Verdict::Unchecked };
        return Err(Refusal::Reason(verdict, why.clone()));
    }
    if finding.confidence < options.min_confidence {
        return Err(Refusal::Confidence);
    }
    Ok(confirm)
}

impl<'f> Draft<'f> {
    /// A draft without findings, about the key of this one.
    fn new(finding: &'f Finding, confirm: Confirm) -> Self {
        #[expect(clippy::disallowed_methods, reason = "looks at the key's public prefix, shows nothing")]
        let confirm = confirm.of_key(finding.secret.expose());
        let (secret, partner, masked) = (&finding.secret, finding.partner.as_ref(), finding.masked());
        Self { rule: finding.rule, confirm, secret, partner, others: Vec::new(), masked, findings: Vec::new(), hosts: Vec::new() }
    }

    fn add(&mut self, at: usize, finding: &'f Finding) {
        self.findings.push(at);
        for other in finding.partner.iter().flat_map(|partner| &partner.others) {
            if self.others.len() < N_PARTNERS && self.others.iter().all(|known| known.secret != other.secret) {
                self.others.push(other);
            }
        }
        for host in &finding.hosts {
            if self.hosts.len() < N_HOSTS && !self.hosts.contains(host) {
                self.hosts.push(host.clone());
            }
        }
    }

    /// The requests, with each of its partners in turn, and what is left out.
    fn requests(&self, endpoint: Option<&str>) -> Result<(Vec<Request>, Option<LeftOut>), String> {
        let with = |partner| request::requests(&self.confirm, Key { secret: self.secret, partner }, &self.hosts, endpoint);
        let mut requests = with(self.partner.map(|partner| (&partner.secret, partner.value.as_str())))?;
        let mut left_out = request::has_more_hosts(&self.confirm, &self.hosts, endpoint).then_some(LeftOut::Hosts);
        for (n_asked, other) in (1..).zip(&self.others).filter(|_| self.confirm.needs_partner()) {
            match with(Some((&other.secret, &other.value))) {
                Ok(more) if n_asked < N_PARTNERS => requests.extend(more.into_iter().map(Request::with_other)),
                _ => left_out = left_out.or(Some(LeftOut::Partners)),
            }
        }
        Ok((requests, left_out))
    }

    fn question(mut self, requests: Vec<Request>, left_out: Option<LeftOut>) -> Question {
        self.findings.sort_unstable();
        Question { left_out, rule: self.rule, secret: self.secret.clone(), confirm: self.confirm, masked: self.masked, findings: self.findings, requests }
    }
}
