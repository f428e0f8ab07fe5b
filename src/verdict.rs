//! What a provider said about a key, or why nobody asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Whether a key works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The provider accepts it.
    Live,
    /// The provider recognizes it, but scope, quota, billing or network policy stops the call.
    Restricted,
    /// The provider disabled it because it leaked.
    Blocked,
    /// The provider rejects it.
    Invalid,
    /// The provider was asked, and the answer says nothing.
    Unknown,
    /// Nobody asked.
    #[default]
    Unchecked,
}

impl Verdict {
    /// The word used in options and reports.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Restricted => "restricted",
            Self::Blocked => "blocked",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
            Self::Unchecked => "unchecked",
        }
    }
}

/// A verdict with what it rests on. Nothing in it is secret, and all of it is printable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// Whether the key works.
    pub verdict: Verdict,
    /// Why the verdict is what it is: a sentence fragment.
    pub reason: Option<String>,
    /// The HTTP status of the answer that decided.
    pub status: Option<u16>,
    /// The host that was asked.
    pub host: Option<String>,
    /// Hosts that were asked before that one and refused the key.
    pub refused_by: Vec<String>,
    /// What the answer tells about an accepted key, sorted by name.
    pub facts: Vec<Fact>,
}

/// Something that the provider's answer tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// What it is about: a word or two of the rule file.
    pub name: String,
    /// What it is, of bounded length and without control characters.
    pub value: String,
}

impl Confirmation {
    /// Nobody asked, because of `reason`.
    pub fn unchecked(reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::default() }
    }
}

/// Which findings make a run fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Every one that is reported.
    #[default]
    Any,
    /// Those whose key works.
    Live,
    /// Those whose key the provider recognizes.
    Confirmed,
}

impl FailOn {
    /// Whether a finding of this verdict does.
    pub const fn has(self, verdict: Verdict) -> bool {
        match self {
            Self::Any => true,
            Self::Live => matches!(verdict, Verdict::Live),
            Self::Confirmed => matches!(verdict, Verdict::Live | Verdict::Restricted),
        }
    }
}

/// What asking the providers gave in a run. The counts are of findings, and suppressed ones are in none of them: nobody asks about those.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Findings by verdict, those that are left out included.
    pub n_findings: BTreeMap<Verdict, usize>,
    /// Those of them that are not reported, because their verdict is none of `only`.
    pub n_left_out: BTreeMap<Verdict, usize>,
    /// The verdicts that are reported; empty for all of them.
    pub only: Vec<Verdict>,
    /// What makes the run fail.
    pub fail_on: FailOn,
    /// Keys that were asked about.
    pub n_keys: usize,
    /// Requests that were sent.
    pub n_requests: usize,
    /// Why an answer that was wanted is missing, sorted.
    pub undecided: Vec<Undecided>,
}

/// Findings whose key may work or not, for one reason: those that are `unknown`, and those that nobody asked about because of a limit or an interruption.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undecided {
    /// `unknown` or `unchecked`.
    pub verdict: Verdict,
    /// Why: a sentence fragment.
    pub reason: String,
    /// How many findings.
    pub n_findings: usize,
    /// Those of them that are not reported.
    pub n_left_out: usize,
}

impl Answers {
    /// Whether findings make the run fail, of which `n_reported` are reported. A key that works does so even if it is left out of the report.
    pub fn is_failure(&self, n_reported: usize) -> bool {
        match self.fail_on {
            FailOn::Any => n_reported > 0,
            fail_on => self.n_findings.iter().any(|(&verdict, &n)| n > 0 && fail_on.has(verdict)),
        }
    }

    /// What keeps a run without a failure from being clean, as sentence fragments.
    pub fn doubts(&self) -> Vec<String> {
        let text = |undecided: &Undecided| {
            let n = if self.fail_on == FailOn::Any { undecided.n_left_out } else { undecided.n_findings };
            doubt(undecided.verdict, &undecided.reason, n)
        };
        self.undecided.iter().filter_map(text).collect()
    }
}

/// That `n` findings may be of working keys, as a sentence fragment; nothing if there is none.
pub fn doubt(verdict: Verdict, reason: &str, n: usize) -> Option<String> {
    let (findings, are) = if n == 1 { ("finding", "is") } else { ("findings", "are") };
    (n > 0).then(|| format!("{n} {findings} {are} {}: {reason}", verdict.text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(fail_on: FailOn, found: &[(Verdict, usize)], undecided: &[(Verdict, usize, usize)]) -> Answers {
        let undecided =
            undecided.iter().map(|&(verdict, n_findings, n_left_out)| Undecided { verdict, reason: "no answer".to_owned(), n_findings, n_left_out });
        Answers { fail_on, n_findings: found.iter().copied().collect(), undecided: undecided.collect(), ..Answers::default() }
    }

    #[test]
    fn only_what_is_asked_for_makes_a_run_fail() {
        let found = [(Verdict::Restricted, 1), (Verdict::Invalid, 2)];
        for (fail_on, is_failure) in [(FailOn::Any, true), (FailOn::Live, false), (FailOn::Confirmed, true)] {
            assert_eq!(answers(fail_on, &found, &[]).is_failure(3), is_failure, "{fail_on:?}");
        }
        let live = [(Verdict::Live, 1)];
        assert!(!answers(FailOn::Any, &live, &[]).is_failure(0), "left out, as by the confidence");
        assert!(answers(FailOn::Live, &live, &[]).is_failure(0), "a key that works counts even if it is not shown");
        assert!(!answers(FailOn::Live, &[(Verdict::Live, 0)], &[]).is_failure(0));
    }

    #[test]
    fn what_could_be_a_failure_is_a_doubt() {
        let undecided = [(Verdict::Unknown, 3, 1), (Verdict::Unchecked, 2, 0)];
        assert_eq!(answers(FailOn::Any, &[], &undecided).doubts(), ["1 finding is unknown: no answer"]);
        assert_eq!(answers(FailOn::Live, &[], &undecided).doubts(), ["3 findings are unknown: no answer", "2 findings are unchecked: no answer"]);
        assert_eq!(answers(FailOn::Live, &[], &[]).doubts(), Vec::<String>::new());
    }
}
