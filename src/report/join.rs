//! Reports joined: the parts of one scan made whole.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Accepted, Answers, Covered, Document, Found, Undecided, UsedRule, joined_reach};
use super::mask::printable;
use super::meaning;
use crate::verdict::Verdict;

/// Why reports cannot be joined.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// There is none.
    #[error("there is no report to merge")]
    Nothing,
    /// Their paths mean different folders.
    #[error("the reports are of different folders, {0} and {1}")]
    Roots(String, String),
    /// One counts findings that another lists.
    #[error("the reports have different thresholds: --min-confidence {0} and {1}")]
    Confidence(&'static str, &'static str),
    /// Their exit codes mean different things.
    #[error("the reports were made with different --fail-on or --only")]
    Answers,
}

/// Joins reports to one. Findings that several have at the same place are one, numbers of what was scanned are added. With `any_root` the reports may be of
/// different folders that stand for one; the first one's name is kept.
///
/// # Errors
/// They do not belong together.
pub fn merge(documents: Vec<Document>, any_root: bool) -> Result<Document, JoinError> {
    let mut documents = documents.into_iter();
    let mut whole = documents.next().ok_or(JoinError::Nothing)?;
    without_doubts(&mut whole);
    for mut part in documents {
        without_doubts(&mut part);
        add(&mut whole, part, any_root)?;
    }
    let reported: BTreeSet<Key> = whole.findings.iter().map(key).collect();
    if let Some(suppressed) = &mut whole.suppressed {
        // What one part suppresses and another reports is reported.
        suppressed.retain(|finding| !reported.contains(&key(finding)));
        whole.head.n_suppressed = suppressed.len();
    }
    whole.head.n_findings = whole.findings.len();
    whole.head.coverage.incomplete_because = whole.doubts();
    whole.head.coverage.complete = whole.head.coverage.incomplete_because.is_empty();
    let exit = whole.exit();
    (whole.head.exit.code, whole.head.exit.meaning) = (exit.code(), meaning(exit).to_owned());
    Ok(whole)
}

/// Takes away what is said of missing answers: the sums say it anew.
fn without_doubts(part: &mut Document) {
    let doubts: Vec<String> = part.head.confirmation.iter().flat_map(Answers::doubts).collect();
    part.head.coverage.incomplete_because.retain(|why| !doubts.contains(why));
}

/// What makes a finding the same one: identity, place and commit. Its order is that of reports.
type Key = (String, bool, String, u64, u64, String, String);

fn key(finding: &Found) -> Key {
    let commit = finding.commit.as_ref().map(|commit| commit.id.clone()).unwrap_or_default();
    (finding.path.clone(), finding.message, commit, finding.line, finding.column, finding.rule.clone(), finding.id.clone())
}

fn add(whole: &mut Document, part: Document, any_root: bool) -> Result<(), JoinError> {
    let (head, other) = (&mut whole.head, part.head);
    if head.root != other.root && !any_root {
        return Err(JoinError::Roots(printable(&head.root), printable(&other.root)));
    }
    if head.coverage.min_confidence != other.coverage.min_confidence {
        return Err(JoinError::Confidence(head.coverage.min_confidence.text(), other.coverage.min_confidence.text()));
    }
    add_new(&mut head.targets, other.targets);
    add_coverage(&mut head.coverage, other.coverage);
    head.rules.n_rules = head.rules.n_rules.max(other.rules.n_rules);
    add_new(&mut head.rules.disabled, other.rules.disabled);
    add_rules(&mut head.rules.used, other.rules.used);
    head.config = head.config.take().or(other.config);
    head.baseline = joined_baseline(head.baseline.take(), other.baseline);
    head.repository = head.repository.take().filter(|repository| Some(repository) == other.repository.as_ref());
    head.secrets_shown |= other.secrets_shown;
    head.n_suppressed = head.n_suppressed.saturating_add(other.n_suppressed);
    head.skipped.extend(other.skipped);
    head.skipped.sort_by(|a, b| (&a.path, a.reason, &a.detail).cmp(&(&b.path, b.reason, &b.detail)));
    head.skipped.dedup();
    head.reach = joined_reach(head.reach.take(), other.reach);
    head.confirmation = joined_answers(head.confirmation.take(), other.confirmation)?;
    let doubled = add_findings(&mut whole.findings, part.findings);
    if let Some(answers) = &mut whole.head.confirmation {
        for verdict in doubled {
            let n = answers.verdicts.entry(verdict).or_default();
            *n = n.saturating_sub(1);
        }
        answers.verdicts.retain(|_, n| *n > 0);
    }
    whole.suppressed = match (whole.suppressed.take(), part.suppressed) {
        (Some(mut all), Some(others)) => {
            add_findings(&mut all, others);
            Some(all)
        }
        // A list that one part does not have would not be whole.
        _ => None,
    };
    Ok(())
}

fn add_new<T: PartialEq>(all: &mut Vec<T>, others: Vec<T>) {
    for other in others {
        if !all.contains(&other) {
            all.push(other);
        }
    }
}

fn add_rules(all: &mut Vec<UsedRule>, others: Vec<UsedRule>) {
    all.extend(others);
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all.dedup_by(|a, b| a.id == b.id);
}

/// Adds findings in the order of reports, and gives the verdicts of those that were there already.
fn add_findings(all: &mut Vec<Found>, others: Vec<Found>) -> Vec<Verdict> {
    let mut sorted: BTreeMap<Key, Vec<Found>> = BTreeMap::new();
    for finding in std::mem::take(all) {
        sorted.entry(key(&finding)).or_default().push(finding);
    }
    let mut doubled = Vec::new();
    for finding in others {
        match sorted.entry(key(&finding)) {
            std::collections::btree_map::Entry::Occupied(_) => doubled.push(finding.verdict),
            std::collections::btree_map::Entry::Vacant(entry) => drop(entry.insert(vec![finding])),
        }
    }
    *all = sorted.into_values().flatten().collect();
    doubled
}

fn add_coverage(all: &mut Covered, other: Covered) {
    all.n_blobs = all.n_blobs.saturating_add(other.n_blobs);
    all.n_bytes = all.n_bytes.saturating_add(other.n_bytes);
    all.n_binary = all.n_binary.saturating_add(other.n_binary);
    all.n_ignored = all.n_ignored.saturating_add(other.n_ignored);
    all.n_commits = all.n_commits.saturating_add(other.n_commits);
    all.n_commits_left_out = all.n_commits_left_out.saturating_add(other.n_commits_left_out);
    all.n_lfs = all.n_lfs.saturating_add(other.n_lfs);
    all.n_submodules = all.n_submodules.saturating_add(other.n_submodules);
    all.n_below_confidence = all.n_below_confidence.saturating_add(other.n_below_confidence);
    for (reason, n) in other.n_skipped {
        let sum = all.n_skipped.entry(reason).or_default();
        *sum = sum.saturating_add(n);
    }
    add_new(&mut all.incomplete_because, other.incomplete_because);
}

/// An entry that accepts nothing in one part may accept something in another: only what is stale in both is.
fn joined_baseline(one: Option<Accepted>, other: Option<Accepted>) -> Option<Accepted> {
    match (one, other) {
        (Some(mut one), Some(other)) if one.path == other.path => {
            one.stale.retain(|stale| other.stale.contains(stale));
            Some(one)
        }
        (one, None) => one,
        (None, other) => other,
        _ => None,
    }
}

fn joined_answers(one: Option<Answers>, other: Option<Answers>) -> Result<Option<Answers>, JoinError> {
    let (mut one, other) = match (one, other) {
        (Some(one), Some(other)) => (one, other),
        (one, other) => return Ok(one.or(other)),
    };
    if one.fail_on != other.fail_on || one.only != other.only {
        return Err(JoinError::Answers);
    }
    (one.n_keys, one.n_requests) = (one.n_keys.saturating_add(other.n_keys), one.n_requests.saturating_add(other.n_requests));
    other.verdicts.into_iter().for_each(|(verdict, n)| *one.verdicts.entry(verdict).or_default() += n);
    other.left_out.into_iter().for_each(|(verdict, n)| *one.left_out.entry(verdict).or_default() += n);
    let mut undecided: BTreeMap<(Verdict, String), (usize, usize)> = BTreeMap::new();
    for Undecided { verdict, reason, n_findings, n_left_out } in one.undecided.drain(..).chain(other.undecided) {
        let sums = undecided.entry((verdict, reason)).or_default();
        *sums = (sums.0 + n_findings, sums.1 + n_left_out);
    }
    one.undecided = undecided.into_iter().map(|((verdict, reason), (n_findings, n_left_out))| Undecided { verdict, reason, n_findings, n_left_out }).collect();
    Ok(Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Report;
    use crate::report::fixture::{answered, everything, finding, random, report};

    fn document(report: &Report) -> Document {
        Document::new(report, false, true)
    }

    fn of(keys: &[(&str, &str)]) -> Report {
        let mut report = report(keys.iter().map(|(path, key)| finding("mistral-api-key", path, key, key)).collect());
        (report.coverage.n_blobs, report.coverage.n_bytes) = (2, 100);
        report
    }

    #[test]
    fn parts_become_a_whole() {
        let (one, two, three) = (random(32), random(32), random(32));
        let whole = merge(vec![document(&of(&[("b", &two), ("c", &three)])), document(&of(&[("a", &one), ("c", &three)]))], false).expect("they fit");
        assert_eq!(whole.findings.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!((whole.head.n_findings, whole.head.coverage.n_blobs, whole.head.coverage.n_bytes), (3, 4, 200));
        assert_eq!((whole.head.exit.code, whole.head.targets.len()), (1, 1));
        let empty = merge(vec![document(&report(Vec::new()))], false).expect("one fits itself");
        assert_eq!(empty, document(&report(Vec::new())));
    }

    #[test]
    fn one_incomplete_part_makes_the_whole_incomplete() {
        let mut part = report(Vec::new());
        part.incomplete = vec!["a could not be read".to_owned()];
        let whole = merge(vec![document(&report(Vec::new())), document(&part)], false).expect("they fit");
        assert_eq!((whole.head.exit.code, whole.head.coverage.complete), (3, false));
    }

    #[test]
    fn answers_add_up_and_a_finding_twice_counts_once() {
        let one = answered();
        let whole = merge(vec![document(&one), document(&one), document(&everything().0)], true);
        assert!(matches!(whole, Err(JoinError::Confidence("low", "medium"))));
        let whole = merge(vec![document(&one), document(&one)], false).expect("they fit");
        let answers = whole.head.confirmation.expect("they were asked");
        assert_eq!((answers.n_keys, answers.verdicts[&Verdict::Live], answers.undecided[0].n_findings), (8, 1, 2));
        assert_eq!(whole.head.n_findings, one.findings.len());
    }

    #[test]
    fn reports_of_different_folders_are_not_joined_unless_told() {
        let other = Report { root: "/elsewhere".to_owned(), ..report(Vec::new()) };
        let both = || vec![document(&report(Vec::new())), document(&other)];
        assert!(matches!(merge(both(), false), Err(JoinError::Roots(..))));
        assert_eq!(merge(both(), true).expect("it was said").head.root, "/home/me/my project");
    }
}
