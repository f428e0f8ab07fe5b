//! gitleaks' JSON report, for programs that read it: its keys, its columns and its fingerprints.
//!
//! Columns count from 1 there, and the end is the last character. `Match` is the secret, as what stands around it is not in a document; `Entropy` is 0
//! where secrets are masked. A file that its path tells has no lines, as there.

use serde::Serialize;

use super::document::{Document, Found};
use super::mask::escape_json;

/// A finding, with the keys in the order that it has there.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Leak<'a> {
    #[serde(rename = "RuleID")]
    rule_id: &'a str,
    description: &'a str,
    start_line: u64,
    end_line: u64,
    start_column: u64,
    end_column: u64,
    r#match: String,
    secret: &'a str,
    file: &'a str,
    symlink_file: &'a str,
    commit: &'a str,
    entropy: f32,
    author: &'a str,
    email: &'a str,
    date: &'a str,
    message: &'a str,
    tags: &'a [&'a str],
    fingerprint: String,
}

/// The findings as a list. What is suppressed is in it only if that was demanded, with a tag that says so.
pub fn render(document: &Document) -> String {
    let is_shown = document.head.secrets_shown;
    let suppressed = document.suppressed.iter().flatten().map(|finding| leak(finding, is_shown, &["suppressed"]));
    let leaks: Vec<Leak> = document.findings.iter().map(|finding| leak(finding, is_shown, &[])).chain(suppressed).collect();
    escape_json(&serde_json::to_string_pretty(&leaks).expect("these structs hold nothing that JSON cannot")) + "\n"
}

fn leak<'a>(finding: &'a Found, is_shown: bool, tags: &'a [&'a str]) -> Leak<'a> {
    let commit = finding.commit.as_ref();
    let commit_id = commit.map_or("", |commit| commit.id.as_str());
    let of_text = |n: u64| if finding.is_file() { 0 } else { n };
    let place = format!("{}:{}:{}", finding.path, finding.rule, of_text(finding.line));
    Leak {
        rule_id: &finding.rule,
        description: &finding.rule_name,
        start_line: of_text(finding.line),
        end_line: of_text(finding.end_line),
        start_column: of_text(finding.column),
        end_column: of_text(finding.end_column.saturating_sub(1)),
        r#match: if finding.is_file() { format!("file detected: {}", finding.path) } else { finding.secret.clone() },
        secret: &finding.secret,
        file: &finding.path,
        symlink_file: "",
        commit: commit_id,
        entropy: if is_shown { entropy(&finding.secret) } else { 0.0 },
        author: commit.map_or("", |commit| commit.author.as_str()),
        email: commit.map_or("", |commit| commit.email.as_str()),
        date: commit.map_or("", |commit| commit.date.as_str()),
        message: commit.map_or("", |commit| commit.summary.as_str()),
        tags,
        fingerprint: if commit_id.is_empty() { place } else { format!("{commit_id}:{place}") },
    }
}

/// Shannon entropy in bits per character.
fn entropy(text: &str) -> f32 {
    let mut counts = std::collections::BTreeMap::<char, u32>::new();
    text.chars().for_each(|c| *counts.entry(c).or_default() += 1);
    let n = text.chars().count().max(1) as f32;
    counts.values().map(|&count| count as f32 / n).map(|share| -share * share.log2()).sum()
}
