//! What providers said about keys, in words that the text and the SARIF report share. A provider's answer is content from outside like any other: all of
//! it passes the mask.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::document::Answers;
use super::mask::printable;
use crate::finding::Finding;
use crate::number::n_of;
use crate::verdict::{Confirmation, Verdict};

/// Reasons that a summary names for one verdict; the JSON report has all of them.
const N_REASONS_SHOWN: usize = 3;

/// What is known about whether the finding's key works; none if it was no question in this run.
pub fn of(finding: &Finding) -> Option<&Confirmation> {
    (finding.confirmation != Confirmation::default()).then_some(&finding.confirmation)
}

/// A verdict with all it rests on, in one row: `invalid: it is revoked (HTTP 401 from api.example.com)`. The parts are shown as they are.
pub fn phrase<'a>(verdict: Verdict, reason: Option<&str>, status: Option<u16>, host: Option<&str>, facts: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = verdict.text().to_owned();
    if let Some(reason) = reason {
        text += &format!(": {reason}");
    }
    let answer = match (status, host) {
        (Some(status), Some(host)) => format!(" (HTTP {status} from {host})"),
        (Some(status), None) => format!(" (HTTP {status})"),
        (None, Some(host)) => format!(" ({host})"),
        (None, None) => String::new(),
    };
    text += &answer;
    for (name, value) in facts {
        text += &format!("; {name}: {value}");
    }
    text
}

/// What became of all keys, in one row: `confirmed: 2 live, 3 unknown (no answer in time: 3); left out by --only: 1 invalid`.
pub fn summary(answers: &Answers) -> String {
    let total: usize = answers.verdicts.values().sum();
    if total == 0 {
        return "confirmed: there was no key to ask about".to_owned();
    }
    let counts = |by_verdict: &BTreeMap<Verdict, usize>, with_reasons: bool| -> String {
        let count = |(verdict, n): (&Verdict, &usize)| {
            let reasons = if with_reasons { reasons(answers, *verdict) } else { String::new() };
            format!("{n} {}{reasons}", verdict.text())
        };
        by_verdict.iter().filter(|(_, n)| **n > 0).map(count).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("confirmed: {}", counts(&answers.verdicts, true));
    let left_out = counts(&answers.left_out, false);
    if !left_out.is_empty() {
        write!(text, "; left out by --only: {left_out}").expect("writing to a String cannot fail");
    }
    let (requests, keys) = (n_of(answers.n_requests as u64, "request"), n_of(answers.n_keys as u64, "key"));
    write!(text, "; {requests} for {keys}").expect("writing to a String cannot fail");
    printable(&text)
}

/// Why findings of the verdict are undecided. How many for each reason is said only where there are several.
fn reasons(answers: &Answers, verdict: Verdict) -> String {
    let of_verdict: Vec<_> = answers.undecided.iter().filter(|undecided| undecided.verdict == verdict).collect();
    if let [one] = of_verdict.as_slice()
        && answers.verdicts.get(&verdict) == Some(&one.n_findings)
    {
        return format!(" ({})", one.reason);
    }
    let mut texts: Vec<String> = of_verdict.iter().take(N_REASONS_SHOWN).map(|undecided| format!("{}: {}", undecided.n_findings, undecided.reason)).collect();
    let n_more = of_verdict.len().saturating_sub(N_REASONS_SHOWN);
    if n_more > 0 {
        texts.push(format!("{n_more} more reasons"));
    }
    if texts.is_empty() { String::new() } else { format!(" ({})", texts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Document, Found};
    use crate::report::fixture::{answered, random};

    #[test]
    fn a_verdict_says_what_it_rests_on() {
        let document = Document::new(&answered(), false, false);
        let all: Vec<String> = document.findings.iter().filter_map(Found::answer).collect();
        assert_eq!(
            all,
            [
                "live (HTTP 200 from api.mistral.ai); models: 37 models: 12 large, 3 embedding; owner: acme",
                "invalid: it is revoked (HTTP 401 from api.openai.com)",
                "unknown: no answer in time (api.mistral.ai)",
                "unchecked: it is not known whose key it is",
            ]
        );
        assert_eq!(of(&crate::report::fixture::finding("mistral-api-key", "a", &random(32), "")), None, "nobody asked whether to ask");
    }

    #[test]
    fn an_answer_that_repeats_a_key_is_masked() {
        let mut report = answered();
        let key = random(32);
        report.left_out = vec![crate::report::fixture::finding("mistral-api-key", "b.py", &key, &key)];
        report.findings[0].confirmation.reason = Some(format!("no such key {key}\x1b[2J"));
        let answer = Document::new(&report, false, false).findings[0].answer();
        assert!(answer.is_some_and(|answer| answer.starts_with("live: no such key ********\\x1b[2J (HTTP 200")));
    }

    #[test]
    fn the_summary_names_what_is_left_out_and_why_a_key_is_unknown() {
        let answers = |report: &crate::finding::Report| Document::new(report, false, false).head.confirmation.expect("they were asked");
        assert_eq!(
            summary(&answers(&answered())),
            "confirmed: 1 live, 2 invalid, 1 unknown (no answer in time), 1 unchecked; left out by --only: 1 invalid; 6 requests for 4 keys"
        );
        let none = crate::finding::Report { answers: Some(crate::verdict::Answers::default()), ..answered() };
        assert_eq!(summary(&answers(&none)), "confirmed: there was no key to ask about");
    }
}
