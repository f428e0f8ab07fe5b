//! Reading a document back: our own JSON, of this version of the format or an earlier addition to it. Whatever else the file is, the error says.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Document, Found, Precision, SCHEMA, UsedRule};
use crate::secret::MASK;

/// A file that is larger is no report that people work with.
pub const LARGEST: usize = 1 << 30;

/// Why a text is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON at all, or not to its end.
    #[error("it is no JSON ({0}); a report of another format cannot be read back, write one with `--format json`")]
    NotJson(serde_json::Error),
    /// What a shell of Windows writes.
    #[error("it is UTF-16, as PowerShell's `>` writes it; let keysift write the file, with `--output`")]
    Wide,
    /// JSON lines.
    #[error("it is a report of JSON lines; only `--format json` can be read back")]
    Lines,
    /// Somebody else's JSON.
    #[error("it is JSON, but no report of keysift: it does not say \"schema\": \"{SCHEMA}\"")]
    Foreign,
    /// One of ours that holds too little.
    #[error("it is SARIF, which does not hold all of a report; convert one that `--format json` wrote")]
    Sarif,
    /// Another version.
    #[error("it has the format {0}, and this version of keysift reads {SCHEMA}")]
    Version(String),
    /// It says what it is and is something else.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// It is too large.
    #[error("it has more than {LARGEST} bytes")]
    TooLarge,
}

#[derive(Deserialize)]
struct Named {
    schema: Option<serde_json::Value>,
    runs: Option<serde::de::IgnoredAny>,
}

/// Reads a report that `--format json` wrote.
///
/// # Errors
/// The bytes are no such report; the error says what they are as far as that can be told.
pub fn read(bytes: &[u8]) -> Result<Document, ReadError> {
    if bytes.len() > LARGEST {
        return Err(ReadError::TooLarge);
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(ReadError::Wide);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let named: Named = serde_json::from_slice(bytes).map_err(|error| of_no_object(bytes, error))?;
    match named.schema {
        Some(serde_json::Value::String(schema)) if schema == SCHEMA => {}
        Some(serde_json::Value::String(schema)) if schema.starts_with("keysift-report/") => {
            return Err(ReadError::Version(schema.chars().take(40).collect()));
        }
        _ if named.runs.is_some() => return Err(ReadError::Sarif),
        _ => return Err(ReadError::Foreign),
    }
    let mut document: Document = serde_json::from_slice(bytes).map_err(|error| ReadError::Damaged(error.to_string()))?;
    check(&document).map_err(ReadError::Damaged)?;
    complete(&mut document);
    Ok(document)
}

fn of_no_object(bytes: &[u8], error: serde_json::Error) -> ReadError {
    let lines = bytes.split(|&byte| byte == b'\n').take(2).filter(|line| serde_json::from_slice::<Named>(line).is_ok()).count();
    let is_lines = lines == 2 || bytes.starts_with(b"{\"type\":");
    match error.classify() {
        serde_json::error::Category::Data => ReadError::Foreign,
        _ if is_lines => ReadError::Lines,
        _ => ReadError::NotJson(error),
    }
}

/// What must hold between the parts of a report.
fn check(document: &Document) -> Result<(), String> {
    let head = &document.head;
    let n_findings = document.findings.len();
    if head.n_findings != n_findings {
        return Err(format!("it lists {n_findings} findings and says that there are {}", head.n_findings));
    }
    if let Some(n) = document.suppressed.as_ref().map(Vec::len).filter(|n| *n != head.n_suppressed) {
        return Err(format!("it lists {n} suppressed findings and says that there are {}", head.n_suppressed));
    }
    if head.coverage.complete != head.coverage.incomplete_because.is_empty() {
        return Err("it does not say clearly whether the scan was complete".to_owned());
    }
    let is_wrong = |finding: &&Found| finding.line == 0 || finding.column == 0 || finding.end_line < finding.line || finding.id.is_empty();
    match findings(document).find(is_wrong) {
        Some(finding) => Err(format!("the finding {} has no place", super::super::mask::printable(&finding.id))),
        None => Ok(()),
    }
}

fn findings(document: &Document) -> impl Iterator<Item = &Found> {
    document.findings.iter().chain(document.suppressed.iter().flatten())
}

/// Adds what a report of an earlier version does not say.
fn complete(document: &mut Document) {
    // A mask is part of every masked secret.
    let shows_secret = findings(document).any(|finding| !finding.secret.contains(MASK));
    document.head.secrets_shown |= shows_secret;
    let known: BTreeSet<&str> = document.head.rules.used.iter().map(|rule| rule.id.as_str()).collect();
    let mut missing: Vec<UsedRule> = findings(document).filter(|finding| !known.contains(finding.rule.as_str())).map(rule_of).collect();
    missing.sort_by(|a, b| a.id.cmp(&b.id));
    missing.dedup_by(|a, b| a.id == b.id);
    document.head.rules.used.extend(missing);
    document.head.rules.used.sort_by(|a, b| a.id.cmp(&b.id));
}

/// What a finding tells of its rule.
fn rule_of(finding: &Found) -> UsedRule {
    UsedRule {
        id: finding.rule.clone(),
        name: finding.rule_name.clone(),
        provider: finding.provider.clone(),
        docs: finding.revoke.clone(),
        severity: finding.severity,
        precision: Precision::High,
        note: finding.note.clone(),
        revoke: finding.revoke.clone(),
        rotate: finding.rotate.clone(),
    }
}
