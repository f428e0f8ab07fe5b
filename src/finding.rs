//! What a scan gives: candidates with their evidence, findings, suppressions, coverage, and the report that holds them all.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blob::{Origin, Skip, SkipReason};
use crate::rule::{Provider, Rule};
use crate::secret::Secret;
use crate::span::{Region, Span};
use crate::verdict::{Answers, Confirmation};

/// How sure keysift is that the secret is a key of the provider it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Worth a look.
    Low,
    /// More likely than not.
    Medium,
    /// Practically certain.
    High,
}

impl Confidence {
    /// The word used in options and reports.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One reason to believe, or not to believe, in an attribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Stable kebab-case name of the kind of evidence.
    pub kind: &'static str,
    /// Points for (positive) or against (negative) the attribution.
    pub weight: i32,
    /// A sentence fragment for the reader, free of control characters and of secrets.
    pub text: String,
}

/// The kind of evidence that a key's checksum does not fit.
pub const CHECKSUM_WRONG: &str = "checksum-wrong";
/// The kind of evidence that a key is a trap: its use raises an alarm.
pub const CANARY: &str = "canary";
/// The kind of evidence that a key is an example that somebody published: nobody's.
pub const EXAMPLE: &str = "published-example";
/// The kind of evidence that a key has stopped working on a day that it names itself.
pub const EXPIRED: &str = "expired";
/// The kind of evidence that a key names an account that cannot exist.
pub const IMPOSSIBLE: &str = "impossible-account";

/// The kind of evidence that a key lacks the letters of a case, which each drawn key of its kind has: somebody made it up.
pub const LACKING_CASE: &str = "lacks-letters";
/// The kind of evidence that a key lacks digits, which nearly every key of its kind has.
pub const LACKING_DIGITS: &str = "lacks-digits";

/// Whether evidence of this kind is what a key says against itself: a reader has to know it before anything that speaks for the key.
pub fn is_against_key(kind: &str) -> bool {
    matches!(kind, CHECKSUM_WRONG | CANARY | EXAMPLE | EXPIRED | IMPOSSIBLE | LACKING_CASE | LACKING_DIGITS)
}

/// How a secret is written in its blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// As it is.
    Raw,
    /// In base64; the finding's region is that of the base64 text.
    Base64,
    /// In hexadecimal digits; the finding's region is that of the digits.
    Hex,
}

impl Layer {
    /// What the secret is written in, in words; none if it is as it is.
    pub const fn text(self) -> Option<&'static str> {
        match self {
            Self::Raw => None,
            Self::Base64 => Some("base64"),
            Self::Hex => Some("hexadecimal digits"),
        }
    }
}

/// A match with its attribution.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The rule it was attributed to; a rule of the provider `generic` if there is none.
    pub rule: &'static Rule,
    /// The providers between which it could not be decided; empty for an attributed key.
    pub providers: Vec<&'static Provider>,
    /// Where it stands in its window.
    pub span: Span,
    /// How it is written there.
    pub layer: Layer,
    /// The key, decoded.
    pub secret: Secret,
    /// What the pattern of its rule matched, where that is more than the secret.
    pub matched: Option<Secret>,
    /// How sure the attribution is.
    pub confidence: Confidence,
    /// Why, strongest first.
    pub evidence: Vec<Evidence>,
}

/// The source line around a secret, for showing it masked.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// The line, cut to a bounded length around the secret; it holds the secret itself.
    pub line: Secret,
    /// Where the finding's secret stands in it.
    pub secret: Span,
    /// Where every found secret stands in it, the finding's own included, in order and without overlaps.
    pub masked: Vec<Span>,
    /// Whether the line goes on to the left and to the right.
    pub is_cut: (bool, bool),
}

impl Excerpt {
    /// Nothing, where a file is found by its path: what stands in it may be a secret, and no text.
    pub fn empty() -> Self {
        Self { line: Secret::new(b""), secret: Span::new(0, 0), masked: Vec::new(), is_cut: (false, false) }
    }
}

/// Why a finding is not reported.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suppression {
    /// What suppressed it: a comment's marker, or the configuration entry.
    pub by: String,
    /// The reason the user gave.
    pub reason: Option<String>,
}

/// Where a secret stands at the tip of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TipPlace {
    /// In which file.
    pub path: Arc<str>,
    /// Where in it.
    pub region: Region,
    /// As [`Finding::line_hash`].
    pub line_hash: Option<String>,
}

/// Where a repository's history has a secret, besides the place where it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Where the commit at which the scan ends (HEAD, or the end of a range) still has it.
    pub at_tip: Option<TipPlace>,
    /// All paths that had it, sorted.
    pub paths: Vec<Arc<str>>,
}

/// What stands beside a secret because both work only together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// What it is.
    pub name: &'static str,
    /// Its text: masked, unless it is no secret.
    pub value: String,
    /// The whole of it, for who asks about the pair.
    pub secret: Secret,
    /// Where it stands in the same blob.
    pub region: Region,
    /// Others of its kind in reach, nearest first: the secret may be that of one of them. Some at most ([`N_OTHER_PARTNERS`]).
    pub others: Vec<OtherPartner>,
}

/// How many others than its own partner are kept of a secret.
pub const N_OTHER_PARTNERS: usize = 3;

/// What stands near a secret and could be its partner, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherPartner {
    /// Its text: masked, unless it is no secret.
    pub value: String,
    /// The whole of it.
    pub secret: Secret,
}

/// A secret found, attributed and explained.
#[derive(Clone, Debug)]
pub struct Finding {
    /// In which blob.
    pub origin: Origin,
    /// Where in it.
    pub region: Region,
    /// The rule it was attributed to.
    pub rule: &'static Rule,
    /// The providers between which it could not be decided.
    pub providers: Vec<&'static Provider>,
    /// How the secret is written.
    pub layer: Layer,
    /// The key, decoded.
    pub secret: Secret,
    /// What the pattern of its rule matched, where that is more than the secret.
    pub matched: Option<Secret>,
    /// How sure the attribution is.
    pub confidence: Confidence,
    /// Why, strongest first.
    pub evidence: Vec<Evidence>,
    /// What stands beside it because both work only together.
    pub partner: Option<Partner>,
    /// What the provider said.
    pub confirmation: Confirmation,
    /// Hosts near the secret that its provider may be asked at, nearest first; only for rules whose provider has no fixed host.
    pub hosts: Vec<String>,
    /// The source line.
    pub excerpt: Excerpt,
    /// Set if the finding is suppressed.
    pub suppression: Option<Suppression>,
    /// What history says about it; only for findings in commits.
    pub presence: Option<Presence>,
    /// GitHub's hash of the line and what follows it, with its number among equal ones: see `scan::line_hash`, which tells when there is none.
    pub line_hash: Option<String>,
    /// Why a `keysift:allow` comment on the finding's line does not suppress it, if there is one.
    pub unheard: Option<String>,
    /// Whether the secret may be one that a person chose, which can be guessed whatever its length: nothing but a name or a place tells it, and it does not
    /// look drawn.
    pub may_be_chosen: bool,
}

impl Finding {
    /// Whether whoever has a digest of the secret could find the secret by guessing.
    pub fn is_guessable(&self) -> bool {
        self.may_be_chosen || self.secret.is_guessable(self.n_public())
    }

    /// The secret, safe to show; empty where the file itself was found.
    pub fn masked(&self) -> String {
        if self.rule.is_of_path() { String::new() } else { self.secret.mask(self.n_public()) }
    }

    /// Why the provider is never asked about the key, whatever the options, if it is not: a sentence fragment.
    pub fn why_never_asked(&self) -> Option<&str> {
        self.evidence.iter().find(|piece| matches!(piece.kind, CHECKSUM_WRONG | CANARY | EXAMPLE | LACKING_CASE)).map(|piece| piece.text.as_str())
    }

    /// How many bytes at the secret's start are public.
    pub fn n_public(&self) -> usize {
        #[expect(clippy::disallowed_methods, reason = "compares the secret with its rule's public prefixes, shows nothing")]
        let secret = self.secret.expose();
        self.rule.shape.n_public(secret)
    }
}

/// What was scanned and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Blobs scanned.
    pub n_blobs: u64,
    /// Bytes scanned.
    pub n_bytes: u64,
    /// Those of the blobs that are binary: only keys that identify themselves were looked for.
    pub n_binary: u64,
    /// Blobs not scanned, by reason.
    pub n_skipped: BTreeMap<SkipReason, u64>,
    /// Paths left out by ignore files; a left-out folder counts as one.
    pub n_ignored: u64,
    /// Commits whose changes and messages were scanned.
    pub n_commits: u64,
    /// Commits of a history that are not among those that were asked for: their blobs were read, and what they hold is not reported.
    pub n_commits_left_out: u64,
    /// Those of the blobs that git-lfs stores in place of a file: the file's own content is elsewhere and was not scanned.
    pub n_lfs: u64,
    /// Submodules that were left out: they are repositories of their own.
    pub n_submodules: u64,
    /// Findings that are not reported because their confidence is below [`Report::min_confidence`].
    pub n_below_confidence: u64,
}

impl Coverage {
    /// Adds what another worker covered.
    pub fn add(&mut self, other: &Coverage) {
        self.n_blobs += other.n_blobs;
        self.n_bytes += other.n_bytes;
        self.n_binary += other.n_binary;
        self.n_ignored += other.n_ignored;
        self.n_commits += other.n_commits;
        self.n_commits_left_out += other.n_commits_left_out;
        self.n_lfs += other.n_lfs;
        self.n_submodules += other.n_submodules;
        self.n_below_confidence += other.n_below_confidence;
        for (&reason, n) in &other.n_skipped {
            *self.n_skipped.entry(reason).or_default() += n;
        }
    }
}

/// The repository that was scanned, as far as it can be told to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repository {
    /// Where it can be fetched from, without credentials; none if it has no address on a network.
    pub uri: Option<String>,
    /// The commit at which the scan ends, in hexadecimal.
    pub revision: Option<String>,
    /// The branch that leads to it, if one is checked out.
    pub branch: Option<String>,
}

/// What a scan looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReachKind {
    /// Files and folders as they are.
    Files,
    /// All that git's index holds.
    Index,
    /// The files of a commit.
    Commit,
    /// All commits.
    History,
    /// Standard input.
    Stream,
    /// What something brings: the index, a range, or a part of a history. What was there before is not looked at.
    #[default]
    Changes,
}

/// What a scan looked at, and how the user calls it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// What it was.
    pub kind: ReachKind,
    /// The files and folders that were named, with `.` for the root.
    pub paths: Vec<NamedPath>,
}

/// A file or folder that the user named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPath {
    /// The path as the report writes it.
    pub path: String,
    /// The path as typed, with `/` between parts.
    pub typed: String,
}

/// The whole result of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was asked to be scanned, as typed.
    pub targets: Vec<String>,
    /// The folder to which paths are relative, absolute, with `/` between parts.
    pub root: String,
    /// What was looked at.
    pub reach: Reach,
    /// Findings that count, sorted by path and place.
    pub findings: Vec<Finding>,
    /// Findings that are suppressed, in the same order.
    pub suppressed: Vec<Finding>,
    /// Blobs not scanned, sorted: all of them if asked for, else those that leave the scan incomplete.
    pub skips: Vec<Skip>,
    /// What was scanned.
    pub coverage: Coverage,
    /// The least confidence of `findings`; those below it are counted in the coverage.
    pub min_confidence: Confidence,
    /// Why the scan is incomplete; empty if it is complete.
    pub incomplete: Vec<String>,
    /// How many rules were looked for.
    pub n_rules: usize,
    /// The configuration file in force, as shown to the user.
    pub config: Option<String>,
    /// Rules that the configuration switched off.
    pub disabled_rules: Vec<String>,
    /// What the baseline did, if there is one.
    pub baseline: Option<BaselineUse>,
    /// The repository to whose top the paths are relative, if there is one and somebody wants to know.
    pub repository: Option<Repository>,
    /// What the providers said, if they were asked.
    pub answers: Option<Answers>,
    /// Findings that are not reported because of what their provider said. Only their number is shown.
    pub left_out: Vec<Finding>,
}

/// What a baseline did in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaselineUse {
    /// The file, as shown to the user.
    pub path: String,
    /// How many entries it has.
    pub n_entries: usize,
    /// Entries for what was scanned that accept nothing there, in the order of the file.
    pub stale: Vec<StaleEntry>,
}

/// An entry of a baseline that accepts nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleEntry {
    /// The entry's place, as shown to the user.
    pub entry: String,
    /// The rule it is for, if it names one.
    pub rule: Option<String>,
    /// The path it is for.
    pub path: String,
    /// Why it accepts nothing: a sentence fragment.
    pub why: String,
}

/// What the process tells its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was scanned, nothing was found.
    Clean,
    /// Something was found.
    Findings,
    /// The command line or the configuration is wrong.
    Usage,
    /// Nothing was found, but not everything could be scanned.
    Incomplete,
}

impl Exit {
    /// The process exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
        }
    }
}

impl Report {
    /// How the run ended. Findings win over an incomplete scan, and over keys that may work or not.
    pub fn exit(&self) -> Exit {
        if self.answers.as_ref().map_or(!self.findings.is_empty(), |answers| answers.is_failure(self.findings.len())) {
            Exit::Findings
        } else if self.is_incomplete() {
            Exit::Incomplete
        } else {
            Exit::Clean
        }
    }

    /// Whether something that could have been a failure is not known.
    pub fn is_incomplete(&self) -> bool {
        !self.incomplete.is_empty() || self.answers.as_ref().is_some_and(|answers| !answers.doubts().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_the_documented_ones() {
        assert_eq!([Exit::Clean, Exit::Findings, Exit::Usage, Exit::Incomplete].map(Exit::code), [0, 1, 2, 3]);
    }
}
