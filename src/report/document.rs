//! The report as a document of its own: what `--format json` writes, and what every other format is made of.
//!
//! A document is made once of a [`Report`](crate::finding::Report) and what the user wants to see; nothing in it is secret any more, unless that was
//! demanded ([`Head::secrets_shown`]). Formats are functions of it, so that a JSON report can become each of them later. `docs/report.schema.json`
//! describes it. A change that a reader could trip over takes a new [`SCHEMA`]; what was added since has a default, so that older reports can be read.

mod make;
mod place;
mod reach;
mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::confirmation::phrase;
use super::joined_evidence;
use super::mask::printable;
use crate::blob::{SkipReason, short_id};
use crate::finding::{Confidence, Exit, Layer, is_against_key};
use crate::rule::{GENERIC, Severity};
use crate::verdict::{FailOn, Verdict};

pub use place::{Alert, Place};
pub use reach::{NamedPath, Reach, joined as joined_reach};
pub use read::{LARGEST, ReadError, read};

/// Name and version of the format.
pub const SCHEMA: &str = "keysift-report/1";

/// A report without secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Document {
    #[serde(flatten)]
    pub head: Head,
    pub findings: Vec<Found>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Vec<Found>>,
}

/// Everything but the findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Head {
    pub schema: String,
    pub tool: Tool,
    pub root: String,
    pub targets: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    pub exit: Ending,
    pub coverage: Covered,
    pub rules: Rules,
    pub config: Option<String>,
    pub baseline: Option<Accepted>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Answers>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secrets_shown: bool,
    pub n_findings: usize,
    pub n_suppressed: usize,
    pub skipped: Vec<Skipped>,
}

/// What made the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Tool {
    pub name: String,
    pub version: String,
}

/// How the run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Ending {
    pub code: u8,
    pub meaning: String,
}

/// What was scanned and what was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Covered {
    pub n_blobs: u64,
    pub n_bytes: u64,
    pub n_binary: u64,
    pub n_skipped: BTreeMap<SkipReason, u64>,
    pub n_ignored: u64,
    pub n_commits: u64,
    #[serde(default)]
    pub n_commits_left_out: u64,
    pub n_lfs: u64,
    pub n_submodules: u64,
    pub n_below_confidence: u64,
    pub min_confidence: Confidence,
    pub complete: bool,
    pub incomplete_because: Vec<String>,
}

/// What was looked for, and what is known of the rules that have findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Rules {
    pub n_rules: usize,
    pub disabled: Vec<String>,
    #[serde(default)]
    pub used: Vec<UsedRule>,
}

/// A rule that has findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct UsedRule {
    pub id: String,
    pub name: String,
    pub provider: Provider,
    pub docs: String,
    pub severity: Severity,
    pub precision: Precision,
    pub note: Option<String>,
    pub revoke: String,
    pub rotate: Vec<String>,
}

/// How often a finding of a rule is what it says: GitHub's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "they are words of a scale")]
pub enum Precision {
    Low,
    Medium,
    High,
    VeryHigh,
}

/// What the baseline did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Accepted {
    pub path: String,
    pub n_entries: usize,
    pub stale: Vec<Stale>,
}

/// An entry of the baseline that accepts nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Stale {
    pub entry: String,
    pub rule: Option<String>,
    pub path: String,
    pub why: String,
}

/// The repository that was scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Repository {
    pub uri: Option<String>,
    pub revision: Option<String>,
    pub branch: Option<String>,
}

/// What the providers said, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Answers {
    pub n_keys: usize,
    pub n_requests: usize,
    pub verdicts: BTreeMap<Verdict, usize>,
    pub only: Vec<Verdict>,
    pub left_out: BTreeMap<Verdict, usize>,
    pub fail_on: FailOn,
    pub undecided: Vec<Undecided>,
}

/// Findings whose key may work or not, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Undecided {
    pub verdict: Verdict,
    pub reason: String,
    pub n_findings: usize,
    pub n_left_out: usize,
}

/// A blob that was not scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Skipped {
    pub path: String,
    pub reason: SkipReason,
    pub incomplete: bool,
    pub detail: Option<String>,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Found {
    pub id: String,
    pub path: String,
    pub line: u64,
    pub column: u64,
    pub end_line: u64,
    pub end_column: u64,
    pub offset: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns_utf16: Option<(u64, u64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_hash: Option<String>,
    pub message: bool,
    pub commit: Option<Commit>,
    pub at_tip: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tip: Option<Tip>,
    pub paths: Vec<String>,
    pub rule: String,
    pub rule_name: String,
    pub provider: Provider,
    pub providers: Vec<Provider>,
    pub severity: Severity,
    pub confidence: Confidence,
    pub verdict: Verdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Answer>,
    pub layer: Layer,
    pub secret: String,
    pub secret_digest: Option<String>,
    pub line_text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_mark: Option<(usize, usize)>,
    pub evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<Partner>,
    pub note: Option<String>,
    pub revoke: String,
    pub rotate: Vec<String>,
    pub suppression: Option<Suppression>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unheard: Option<String>,
}

/// What stands beside a secret because both work only together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Partner {
    pub name: String,
    pub value: String,
    pub line: u64,
    pub column: u64,
}

/// Where a secret of a history stands at its tip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Tip {
    pub path: String,
    pub line: u64,
    pub column: u64,
    pub end_line: u64,
    pub end_column: u64,
    pub columns_utf16: (u64, u64),
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_hash: Option<String>,
}

/// The commit that brought a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Commit {
    pub id: String,
    pub author: String,
    pub email: String,
    pub date: String,
    pub summary: String,
}

/// Who issues keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Provider {
    pub id: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke: Option<String>,
}

/// What a provider said about a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Answer {
    pub verdict: Verdict,
    pub reason: Option<String>,
    pub status: Option<u16>,
    pub host: Option<String>,
    pub facts: Vec<Fact>,
}

/// Something that a provider told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Fact {
    pub name: String,
    pub value: String,
}

/// One reason to believe, or not to believe, in an attribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Evidence {
    pub kind: String,
    pub weight: i32,
    pub text: String,
}

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Suppression {
    pub by: String,
    pub reason: Option<String>,
}

impl Document {
    /// The findings, worst first; of equally bad ones the first in the report.
    pub fn worst_first(&self) -> Vec<&Found> {
        let mut findings: Vec<&Found> = self.findings.iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.badness()));
        findings
    }

    /// What is known of a finding's rule.
    pub fn rule(&self, finding: &Found) -> &UsedRule {
        self.head.rules.used.iter().find(|rule| rule.id == finding.rule).expect("whoever makes or reads a document names all rules of its findings")
    }

    /// Whether the providers were asked. Where they were not, a verdict says nothing.
    pub fn was_asked(&self) -> bool {
        self.head.confirmation.is_some() || self.findings.iter().any(|finding| finding.confirmation.is_some())
    }

    /// Why something that could have been a failure is not known; empty if all is.
    pub fn doubts(&self) -> Vec<String> {
        let mut reasons = self.head.coverage.incomplete_because.clone();
        // Reports of earlier versions do not say these there.
        for why in self.head.confirmation.iter().flat_map(Answers::doubts) {
            if !reasons.contains(&why) {
                reasons.push(why);
            }
        }
        reasons
    }

    /// Those of the doubts that are about the verdicts of findings that the document has: all that was looked for was found.
    pub fn open_verdicts(&self) -> Vec<String> {
        let answers = self.head.confirmation.iter();
        answers.flat_map(|answers| answers.undecided.iter().filter(|open| open.n_left_out == 0).filter_map(|open| answers.doubt(open))).collect()
    }

    /// How the run ended.
    pub fn exit(&self) -> Exit {
        let is_failure = match &self.head.confirmation {
            Some(answers) if answers.fail_on != FailOn::Any => answers.verdicts.iter().any(|(&verdict, &n)| n > 0 && answers.fail_on.has(verdict)),
            _ => !self.findings.is_empty(),
        };
        match (is_failure, self.doubts().is_empty()) {
            (true, _) => Exit::Findings,
            (false, false) => Exit::Incomplete,
            (false, true) => Exit::Clean,
        }
    }

    /// The finding's strongest evidence, all that the key says against itself, and what makes its confidence low, as a sentence without capital and full stop.
    pub fn why(&self, finding: &Found) -> String {
        let evidence = finding.evidence.iter().map(|evidence| (evidence.weight, evidence.text.as_str()));
        let why = joined_evidence(evidence, self.rule(finding).precision == Precision::VeryHigh);
        let is_low = finding.confidence == Confidence::Low;
        let speaks_against = |evidence: &&Evidence| is_against_key(&evidence.kind) || is_low && evidence.weight < 0;
        let against: Vec<String> = finding.evidence.iter().filter(speaks_against).map(|evidence| printable(&evidence.text)).collect();
        let beside = finding.partner.as_ref().map(|partner| format!("; its {} `{}` is in line {}", partner.name, printable(&partner.value), partner.line));
        let why = why + &beside.unwrap_or_default();
        if against.is_empty() { why } else { format!("{why}; but {}", against.join(", and ")) }
    }
}

impl Commit {
    /// The first digits of its id, by which people name it.
    pub fn short(&self) -> &str {
        short_id(&self.id)
    }
}

impl Answers {
    /// What answers that were wanted are missing, as sentence fragments.
    pub fn doubts(&self) -> impl Iterator<Item = String> {
        self.undecided.iter().filter_map(|undecided| self.doubt(undecided))
    }

    /// What is missing of these answers; nothing if it was not wanted.
    fn doubt(&self, undecided: &Undecided) -> Option<String> {
        let n = if self.fail_on == FailOn::Any { undecided.n_left_out } else { undecided.n_findings };
        crate::verdict::doubt(undecided.verdict, &undecided.reason, n)
    }
}

impl Found {
    /// How bad the finding is, for sorting: what the provider said, then how bad a leak is, then how sure the attribution.
    pub fn badness(&self) -> (u8, Severity, Confidence) {
        let verdict = match self.verdict {
            Verdict::Live => 4,
            Verdict::Restricted => 3,
            Verdict::Unknown | Verdict::Unchecked => 2,
            Verdict::Blocked => 1,
            Verdict::Invalid => 0,
        };
        (verdict, self.severity, self.confidence)
    }

    /// How loudly a build should say it. Only what is likely and bad may break one; a key that works is, whatever was thought of it before, and one that does
    /// not is not.
    pub fn level(&self) -> Level {
        match (self.verdict, self.severity, self.confidence) {
            (Verdict::Live, ..) => Level::Error,
            (Verdict::Invalid | Verdict::Blocked, ..) | (_, Severity::Low, _) | (_, _, Confidence::Low) => Level::Note,
            (_, Severity::Medium, _) => Level::Warning,
            (_, Severity::High | Severity::Critical, _) => Level::Error,
        }
    }

    /// Whether the file itself was found, by its path, and no secret in it.
    pub fn is_file(&self) -> bool {
        self.secret.is_empty()
    }

    /// The secret as it is shown, or that it is the file.
    pub fn what(&self) -> &str {
        if self.is_file() { "the file itself" } else { &self.secret }
    }

    /// What was found: the rule's name, with its provider's unless that is said already or unknown.
    pub fn title(&self) -> String {
        if self.provider.id == GENERIC || self.rule_name.contains(&self.provider.name) {
            self.rule_name.clone()
        } else if self.rule_name.contains('(') || self.provider.name.contains('(') {
            format!("{} of {}", self.rule_name, self.provider.name)
        } else {
            format!("{} ({})", self.rule_name, self.provider.name)
        }
    }

    /// What the provider said, in one row; none if nobody asked.
    pub fn answer(&self) -> Option<String> {
        let Answer { verdict, reason, status, host, facts } = self.confirmation.as_ref()?;
        let facts = facts.iter().map(|fact| (fact.name.as_str(), fact.value.as_str()));
        Some(phrase(*verdict, reason.as_deref(), *status, host.as_deref(), facts))
    }
}

/// How loudly something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth a look.
    Note,
    /// To be looked at.
    Warning,
    /// To be acted on.
    Error,
}
