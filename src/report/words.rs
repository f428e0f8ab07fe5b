//! What several formats say in the same words: what was found, what was scanned, and a finding in a sentence.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::document::{Covered, Document, Found};
use super::mask::printable;
use crate::finding::Confidence;
use crate::number::n_of;
use crate::rule::{GENERIC, Severity};

/// How many findings there are, and how many that are not reported.
fn found(severities: impl Iterator<Item = Severity>, n_suppressed: usize, n_below: u64, least: Confidence) -> String {
    let mut by_severity: BTreeMap<Severity, u64> = BTreeMap::new();
    severities.for_each(|severity| *by_severity.entry(severity).or_default() += 1);
    let counts: Vec<String> = by_severity.iter().rev().map(|(severity, n)| format!("{n} {}", severity.text())).collect();
    let mut text =
        if counts.is_empty() { "no findings".to_owned() } else { format!("{} (severity: {})", n_of(by_severity.values().sum(), "finding"), counts.join(", ")) };
    if n_suppressed > 0 {
        write!(text, "; {n_suppressed} suppressed").expect("writing to a String cannot fail");
    }
    if n_below > 0 {
        write!(text, "; {n_below} not shown, of less than {} confidence (--min-confidence)", least.text()).expect("writing to a String cannot fail");
    }
    text
}

/// The same of a document.
pub fn found_in(document: &Document) -> String {
    let coverage = &document.head.coverage;
    let severities = document.findings.iter().map(|finding| finding.severity);
    found(severities, document.head.n_suppressed, coverage.n_below_confidence, coverage.min_confidence)
}

/// How many findings there are of each severity, and how many are not reported, with what separates it from what follows; empty if there are none.
pub fn kinds_in(document: &Document) -> String {
    let all = found_in(document);
    let n = document.findings.len() as u64;
    if n > 0 {
        return all.replacen(&format!("{} (severity: ", n_of(n, "finding")), "", 1).replacen(')', "", 1) + "; ";
    }
    all.strip_prefix("no findings; ").map_or(String::new(), |rest| format!("{rest}; "))
}

/// What was scanned, and what was left out.
pub fn covered(coverage: &Covered, n_rules: usize) -> String {
    let binary = if coverage.n_binary > 0 { format!(", {} of them binary", coverage.n_binary) } else { String::new() };
    let (blobs, size, rules) = (n_of(coverage.n_blobs, "blob"), size_text(coverage.n_bytes), n_of(n_rules as u64, "rule"));
    let commits = commits(coverage);
    let mut text = format!("scanned {blobs}{commits} ({size}{binary}) for {rules}");
    for (n, what) in [(coverage.n_lfs, "git-lfs pointers without their content"), (coverage.n_submodules, "submodules left out")] {
        if n > 0 {
            write!(text, "; {what}: {n}").expect("writing to a String cannot fail");
        }
    }
    let skipped: Vec<String> = coverage.n_skipped.iter().filter(|&(_, &n)| n > 0).map(|(reason, n)| reason.counted(*n)).collect();
    if !skipped.is_empty() {
        let n_skipped: u64 = coverage.n_skipped.values().sum();
        write!(text, "; skipped {n_skipped} ({})", skipped.join(", ")).expect("writing to a String cannot fail");
    }
    if coverage.n_ignored > 0 {
        write!(text, "; {} left out by ignore files", n_of(coverage.n_ignored, "path")).expect("writing to a String cannot fail");
    }
    text
}

/// Of which commits blobs were scanned. Those of a whole history are, whichever commits count.
fn commits(coverage: &Covered) -> String {
    let n_all = coverage.n_commits.saturating_add(coverage.n_commits_left_out);
    let of = if n_all > 0 { format!(" of {}", n_of(n_all, "commit")) } else { String::new() };
    match (coverage.n_commits, coverage.n_commits_left_out) {
        (_, 0) => of,
        (0, _) => format!("{of}, none of which counts"),
        (1, _) => format!("{of}, 1 of which counts"),
        (n, _) => format!("{of}, {n} of which count"),
    }
}

/// A finding in two sentences, three if its provider was asked; the first one is all that a list of alerts shows.
pub fn sentence(document: &Document, finding: &Found) -> String {
    let names: Vec<&str> = finding.providers.iter().map(|provider| provider.name.as_str()).collect();
    let mut remarks: Vec<String> = Vec::new();
    if !names.is_empty() {
        remarks.push(format!("one of {}", names.join(", ")));
    }
    remarks.push(format!("confidence {}", finding.confidence.text()));
    let mut answer = String::new();
    if let Some(text) = finding.answer() {
        remarks.push(format!("verdict {}", finding.verdict.text()));
        answer = format!(" The verdict is {text}.");
    }
    let (at, then) = match finding.place() {
        Some(_) => (String::new(), "first, and then remove it"),
        None if finding.message => (format!(" in the {}", finding.where_text()), "; a message stays as it is"),
        None => (format!(" in {} (the file no longer holds it)", finding.where_text()), "; taking it out of the file is done already"),
    };
    // A space after the URL: a full stop would be taken for a part of it.
    let place = if finding.provider.id == GENERIC { "where it belongs".to_owned() } else { format!("at {}", finding.revoke) };
    let (title, remarks, why) = (within(finding), remarks.join(", "), document.why(finding));
    printable(&format!("Exposed {title} ({remarks}){at}: {why}.{answer} Revoke it {place} {then}."))
}

/// The finding's title inside of a sentence: only a name keeps its capital there, that of a provider, or one such as `GitHub`, `KeePass` or `PNG`.
fn within(finding: &Found) -> String {
    let title = finding.title();
    if finding.provider.id == GENERIC { with_small_word(&title) } else { title }
}

/// A title with its first word in small letters, if nothing but the first of them is a capital.
fn with_small_word(title: &str) -> String {
    let word = title.split_whitespace().next().unwrap_or_default();
    let mut chars = title.chars();
    match chars.next() {
        Some(first) if word.chars().skip(1).all(char::is_lowercase) => first.to_lowercase().chain(chars).collect(),
        _ => title.to_owned(),
    }
}

/// A size in decimal units, with one digit after the point.
pub fn size_text(n_bytes: u64) -> String {
    let units = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|&(size, _)| n_bytes >= size) {
        // Whole tenths, rounded down: no float, no "1000.0 kB".
        Some((size, unit)) => format!("{}.{} {unit}", n_bytes / size, n_bytes % size / (size / 10)),
        None => n_of(n_bytes, "byte"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_word_loses_its_capital() {
        for (title, expected) in [
            ("Password", "password"),
            ("Secret of an unknown provider", "secret of an unknown provider"),
            ("A keystore", "a keystore"),
            ("KeePass database", "KeePass database"),
            ("GitHub", "GitHub"),
            ("JUnit report", "JUnit report"),
            ("PNG", "PNG"),
            ("key of nobody", "key of nobody"),
            ("", ""),
        ] {
            assert_eq!(with_small_word(title), expected);
        }
    }
}
