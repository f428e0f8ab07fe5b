//! Two reports compared: what is new, what is gone, and what the later scan did not look at.
//!
//! A finding that is not in the later report is fixed only if that scan would have shown it. Whoever scanned less, looked for less or shows less has fixed
//! nothing by it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::document::{Document, Found};
use super::join::JoinError;
use super::mask::{escape_json, printable};
use crate::finding::Exit;
use crate::number::n_of;

/// Name and version of the format of [`Diff::json`].
const DIFF_SCHEMA: &str = "keysift-diff/1";

/// What changed from one report to another, by the identity of findings: moved lines are no change.
#[derive(Debug, Serialize)]
pub struct Diff<'a> {
    schema: &'static str,
    exit: Code,
    n_new: usize,
    n_fixed: usize,
    n_kept: usize,
    n_suppressed: usize,
    n_unseen: usize,
    /// Why what is gone may still be there.
    incomplete_because: Vec<String>,
    /// Findings that the earlier report does not have.
    pub new: Vec<&'a Found>,
    /// Findings that the later report does not have any more, though it would show them.
    pub fixed: Vec<&'a Found>,
    /// Findings that both have, as the later one has them.
    pub kept: Vec<&'a Found>,
    /// Findings that counted before and are suppressed now, where the later report lists those.
    pub suppressed: Vec<&'a Found>,
    /// Findings that the later report would not show if they were still there.
    pub unseen: Vec<Unseen<'a>>,
}

/// A finding of which the later report says nothing.
#[derive(Debug, Serialize)]
pub struct Unseen<'a> {
    /// Why it does not, a sentence fragment.
    pub because: String,
    /// The finding, as the earlier report has it.
    pub finding: &'a Found,
}

#[derive(Debug, Serialize)]
struct Code {
    code: u8,
    meaning: &'static str,
}

/// Compares two reports. With `any_root` they may be of different folders that stand for one.
///
/// # Errors
/// They are of different folders.
pub fn diff<'a>(old: &'a Document, new: &'a Document, any_root: bool) -> Result<Diff<'a>, JoinError> {
    if old.head.root != new.head.root && !any_root {
        return Err(JoinError::Roots(printable(&old.head.root), printable(&new.head.root)));
    }
    let ids = |findings: &'a [Found]| findings.iter().map(|finding| finding.id.as_str()).collect::<BTreeSet<&str>>();
    let (before, now) = (ids(&old.findings), ids(&new.findings));
    let hidden = ids(new.suppressed.as_deref().unwrap_or_default());
    let (kept, added): (Vec<&Found>, Vec<&Found>) = new.findings.iter().partition(|finding| before.contains(finding.id.as_str()));
    let gone = old.findings.iter().filter(|finding| !now.contains(finding.id.as_str()));
    let (suppressed, gone): (Vec<&Found>, Vec<&Found>) = gone.partition(|finding| hidden.contains(finding.id.as_str()));
    let (mut fixed, mut unseen) = (Vec::new(), Vec::new());
    for finding in gone {
        match why_unseen(finding, old, new) {
            Some(because) => unseen.push(Unseen { because, finding }),
            None => fixed.push(finding),
        }
    }
    let mut incomplete_because: Vec<String> = new.doubts().iter().map(|why| format!("the later scan did not see everything: {why}")).collect();
    if !unseen.is_empty() {
        incomplete_because.push(format!("{} of the earlier report may still be there: the later one would not show it", n_of(unseen.len() as u64, "finding")));
    }
    let (code, meaning) = match (added.is_empty(), incomplete_because.is_empty(), kept.is_empty()) {
        (false, ..) => (Exit::Findings, "new-findings"),
        (true, false, _) => (Exit::Incomplete, "incomplete"),
        (true, true, false) => (Exit::Clean, "nothing-new"),
        (true, true, true) => (Exit::Clean, "clean"),
    };
    Ok(Diff {
        schema: DIFF_SCHEMA,
        exit: Code { code: code.code(), meaning },
        n_new: added.len(),
        n_fixed: fixed.len(),
        n_kept: kept.len(),
        n_suppressed: suppressed.len(),
        n_unseen: unseen.len(),
        incomplete_because,
        new: added,
        fixed,
        kept,
        suppressed,
        unseen,
    })
}

/// Why the later report would not show the finding if it were still there; none if it would.
fn why_unseen(finding: &Found, old: &Document, new: &Document) -> Option<String> {
    let (before, now) = (&old.head, &new.head);
    if now.rules.disabled.contains(&finding.rule) {
        return Some("its rule is switched off".to_owned());
    }
    if finding.confidence < now.coverage.min_confidence {
        return Some(format!("findings of less than {} confidence are not shown (--min-confidence)", now.coverage.min_confidence.text()));
    }
    if let Some(skip) = now.skipped.iter().find(|skip| skip.incomplete && skip.path == finding.path) {
        return Some(format!("it was not read: {}", skip.reason.text()));
    }
    if !now.looked_at(finding, before) {
        return Some("not looked at".to_owned());
    }
    if now.confirmation.iter().any(|answers| answers.left_out.values().any(|n| *n > 0)) {
        return Some("findings are left out by --only".to_owned());
    }
    let may_be_suppressed = new.suppressed.is_none() && now.n_suppressed > before.n_suppressed;
    may_be_suppressed.then(|| "it may be suppressed, which is not listed (--show-suppressed)".to_owned())
}

impl Diff<'_> {
    /// The exit code: of findings if there are new ones; what was not scanned may hold some, too.
    pub fn code(&self) -> u8 {
        self.exit.code
    }

    /// The comparison as JSON.
    pub fn json(&self) -> String {
        escape_json(&serde_json::to_string_pretty(self).expect("these structs hold nothing that JSON cannot")) + "\n"
    }

    /// The comparison for people: a line for each finding that came or went, and the numbers.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut put = |row: &str| {
            out += &printable(row);
            out.push('\n');
        };
        for (mark, findings) in [("+", &self.new), ("-", &self.fixed), ("~", &self.suppressed)] {
            findings.iter().for_each(|finding| put(&row(mark, finding)));
        }
        self.unseen.iter().for_each(|unseen| put(&format!("{}: {}", row("?", unseen.finding), unseen.because)));
        let further = [(self.n_suppressed, "suppressed"), (self.n_unseen, "not seen")];
        let further: String = further.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!(", {n} {what}")).collect();
        put(&format!("{} new, {} fixed, {} kept{further}", self.n_new, self.n_fixed, self.n_kept));
        self.incomplete_because.iter().for_each(|why| put(&format!("incomplete: {why}")));
        out
    }
}

fn row(mark: &str, finding: &Found) -> String {
    let Found { path, line, column, rule, secret, severity, .. } = finding;
    format!("{mark} {path}:{line}:{column}: {} [{rule}, severity {}] {secret}", finding.title(), severity.text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::{Origin, Skip, SkipReason};
    use crate::finding::{Confidence, NamedPath, Reach, ReachKind, Report};
    use crate::report::fixture::{finding, in_history, random, report};

    fn document(report: &Report) -> Document {
        Document::new(report, false, true)
    }

    fn of(keys: &[(&str, &str)]) -> Report {
        report(keys.iter().map(|(path, key)| finding("mistral-api-key", path, key, key)).collect())
    }

    fn compare<'a>(old: &'a Document, new: &'a Document) -> Diff<'a> {
        diff(old, new, false).expect("they are of one folder")
    }

    #[test]
    fn a_comparison_knows_new_fixed_and_kept_whatever_moved() {
        let (one, two, three) = (random(32), random(32), random(32));
        let old = document(&of(&[("a", &one), ("b", &two)]));
        let mut later = of(&[("b", &two), ("c", &three)]);
        later.findings[0].region.start.line = 99;
        later.findings[0].region.end.line = 99;
        let new = document(&later);
        let diff = compare(&old, &new);
        assert_eq!((diff.n_new, diff.n_fixed, diff.n_kept, diff.code()), (1, 1, 1, 1));
        assert!(diff.text().starts_with("+ c:12:1: Mistral AI API key [mistral-api-key, severity high] ********"), "{}", diff.text());
        assert!(diff.text().ends_with("1 new, 1 fixed, 1 kept\n"));
        let json: serde_json::Value = serde_json::from_str(&diff.json()).expect("it is JSON");
        assert_eq!((&json["schema"], &json["new"][0]["path"]), (&serde_json::json!("keysift-diff/1"), &serde_json::json!("c")));
        let same = compare(&new, &new);
        assert_eq!((same.code(), same.exit.meaning), (0, "nothing-new"));
        let empty = document(&report(Vec::new()));
        assert_eq!((compare(&new, &empty).code(), compare(&new, &empty).exit.meaning), (0, "clean"));
    }

    #[test]
    fn what_was_not_scanned_is_not_fixed_for_sure() {
        let mut later = report(Vec::new());
        later.incomplete = vec!["a could not be read".to_owned()];
        let (old, new) = (document(&of(&[("a", &random(32))])), document(&later));
        let diff = compare(&old, &new);
        assert_eq!(diff.code(), 3);
        assert!(diff.text().contains("incomplete: the later scan did not see everything: a could not be read"));
    }

    #[test]
    fn what_the_later_report_would_not_show_is_not_fixed() {
        let named = |kind, paths: &[&str]| Report {
            reach: Reach { kind, paths: paths.iter().map(|&path| NamedPath { path: path.to_owned(), typed: path.to_owned() }).collect() },
            ..report(Vec::new())
        };
        let skip = Skip { origin: Origin::new("src/a"), reason: SkipReason::Unreadable, detail: None };
        let mut hidden = report(Vec::new());
        hidden.suppressed = vec![finding("mistral-api-key", "b", "other", "other")];
        let old = document(&of(&[("src/a", &random(32))]));
        for (later, because) in [
            (named(ReachKind::Files, &["src"]), None),
            (named(ReachKind::Files, &["sr", "other", "src/b"]), Some("not looked at")),
            (named(ReachKind::Changes, &["."]), Some("not looked at")),
            (named(ReachKind::History, &["."]), Some("not looked at")),
            (Report { disabled_rules: vec!["mistral-api-key".to_owned()], ..report(Vec::new()) }, Some("its rule is switched off")),
            (Report { skips: vec![skip], ..report(Vec::new()) }, Some("it was not read: unreadable")),
            (hidden, Some("it may be suppressed, which is not listed (--show-suppressed)")),
        ] {
            let new = Document::new(&later, false, false);
            let diff = compare(&old, &new);
            assert_eq!(diff.unseen.first().map(|unseen| unseen.because.as_str()), because, "{later:?}");
            assert_eq!((diff.n_fixed, diff.code()), if because.is_some() { (0, 3) } else { (1, 0) });
            assert_eq!(diff.text().contains("? src/a:12:1: "), because.is_some());
        }
        let mut unsure = of(&[("src/a", &random(32))]);
        unsure.findings[0].confidence = Confidence::Low;
        let (unsure, new) = (document(&unsure), document(&Report { min_confidence: Confidence::High, ..report(Vec::new()) }));
        assert!(compare(&unsure, &new).text().contains("(--min-confidence)"));
    }

    #[test]
    fn a_scan_of_files_fixes_nothing_of_a_history() {
        let (old, new) = (document(&in_history()), document(&report(Vec::new())));
        assert_eq!((compare(&old, &new).n_fixed, compare(&old, &new).n_unseen), (0, 3));
        let history = document(&Report { reach: Reach { kind: ReachKind::History, paths: Vec::new() }, ..report(Vec::new()) });
        assert_eq!(compare(&old, &history).n_fixed, 3);
    }

    #[test]
    fn reports_of_different_folders_are_not_compared_unless_told() {
        let (one, other) = (document(&report(Vec::new())), document(&Report { root: "/elsewhere".to_owned(), ..report(Vec::new()) }));
        assert!(matches!(diff(&one, &other, false), Err(JoinError::Roots(..))));
        assert!(diff(&one, &other, true).is_ok());
    }
}
