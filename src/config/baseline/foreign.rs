//! Baselines of other scanners: gitleaks' JSON report and `.gitleaksignore`, detect-secrets' `.secrets.baseline`.
//!
//! Keys that are not needed are passed over: these formats are not ours, and what they add later does no harm. No message quotes a value.

use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroize as _;

use super::super::document::{ConfigError, Document};
use super::lines;
use crate::filter::{Entry, Mark};
use crate::secret::{MASK, Secret};

/// One object of a gitleaks report, which is an array of them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Leak {
    file: Option<String>,
    secret: Option<String>,
}

/// gitleaks' JSON report: an entry for each of its findings, by path and secret.
///
/// The commit does not count: a report of the history accepts the secret in the file as it is now, too.
pub(super) fn gitleaks_report(document: &Document, root: &str) -> Result<Vec<Entry>, ConfigError> {
    let leaks: Vec<Leak> = json(document, "no JSON report of gitleaks")?;
    let mut entries = Vec::with_capacity(leaks.len());
    for (number, leak) in (1..).zip(leaks) {
        let (Some(file), Some(mut text)) = (leak.file, leak.secret) else {
            return Err(whole(
                document,
                &format!("finding {number} has no `File` or no `Secret`"),
                "give the report that `gitleaks --report-format json` writes",
            ));
        };
        if is_redacted(&text) {
            let help = "write the report again without --redact, or with keysift and --redact=0 (`--show-secrets`); then `keysift baseline create --from` turns it into \
                        a baseline without secrets";
            return Err(whole(document, &format!("finding {number} is redacted: without its secret it cannot be recognized"), help));
        }
        entries.push(entry(number, &file, Mark::Secret(Secret::new(text.as_bytes())), root));
        text.zeroize();
    }
    Ok(entries)
}

/// Whether the secret is hidden: gitleaks' `--redact` writes a word instead, or with a percentage the secret's beginning and dots; our reports have a mask in it.
fn is_redacted(secret: &str) -> bool {
    secret.is_empty() || secret == "REDACTED" || secret.ends_with("...") || secret.contains(MASK)
}

/// `.gitleaksignore`: lines `file:rule:line` or `commit:file:rule:line`, and comments after `#`.
/// Each line that is no fingerprint is told to `wrong` with its place in the text and its number.
///
/// # Errors
/// What `wrong` gives.
pub(super) fn gitleaks_ignore(
    document: &Document,
    root: &str,
    mut wrong: impl FnMut(usize, u64) -> Result<(), ConfigError>,
) -> Result<Vec<Entry>, ConfigError> {
    let mut entries = Vec::new();
    for (number, (at, line)) in (1..).zip(lines(document.text)) {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match fingerprint(text) {
            Some((commit, file, line_number)) => {
                entries.push(Entry { commit: commit.map(str::to_ascii_lowercase), ..entry(number, file, Mark::LineNumber(line_number), root) });
            }
            None => wrong(at, number)?,
        }
    }
    Ok(entries)
}

/// Commit, file and line of a fingerprint. It is read from its end: a path may hold a colon, a rule id does not.
fn fingerprint(text: &str) -> Option<(Option<&str>, &str, u64)> {
    let (rest, line) = text.rsplit_once(':')?;
    let (place, rule) = rest.rsplit_once(':')?;
    let line = line.parse().ok()?;
    let is_commit = |text: &str| matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (commit, file) = match place.split_once(':') {
        Some((commit, file)) if is_commit(commit) => (Some(commit), file),
        _ => (None, place),
    };
    (!file.is_empty() && !rule.is_empty()).then_some((commit, file, line))
}

/// detect-secrets' `.secrets.baseline`: under `results`, for each file a list of objects with the SHA-1 of a secret.
pub(super) fn detect_secrets(document: &Document, root: &str) -> Result<Vec<Entry>, ConfigError> {
    let value: Value = json(document, "no baseline: it begins like JSON and is none")?;
    let Some(results) = value.get("results").and_then(Value::as_object) else {
        let what = match value.get("schema").and_then(Value::as_str) {
            Some(schema) if schema.starts_with("keysift-report/") => "is a report of keysift, not a baseline",
            _ => "is JSON, but no baseline: it has no header of ours, and no `results` as detect-secrets writes them",
        };
        return Err(whole(document, what, "`keysift baseline create` writes a baseline"));
    };
    let mut entries = Vec::new();
    for (file, found) in results {
        for one in found.as_array().into_iter().flatten() {
            let number = entries.len() as u64 + 1;
            let mark = one.get("hashed_secret").and_then(Value::as_str).and_then(Mark::parse_sha1).ok_or_else(|| {
                whole(document, &format!("entry {number} has no `hashed_secret` of 40 hexadecimal digits"), "`detect-secrets scan` writes the file anew")
            })?;
            entries.push(entry(number, file, mark, root));
        }
        if !found.is_array() {
            return Err(whole(document, "the results of a file are no list", "`detect-secrets scan` writes the file anew"));
        }
    }
    Ok(entries)
}

/// The whole file as JSON. What serde says about a value may quote it, so that only the place is passed on.
fn json<T: for<'a> Deserialize<'a>>(document: &Document, what: &str) -> Result<T, ConfigError> {
    serde_json::from_str(document.text).map_err(|error| {
        let line_at = lines(document.text).nth(error.line().saturating_sub(1)).map_or(0, |(at, _)| at);
        let at = line_at + error.column().saturating_sub(1);
        document.wrong(at..at, what, Some("restore the file, or write a baseline with `keysift baseline create`"))
    })
}

fn whole(document: &Document, what: &str, help: &str) -> ConfigError {
    ConfigError::File { path: document.path.to_owned(), what: what.to_owned(), help: Some(help.to_owned()) }
}

fn entry(number: u64, file: &str, mark: Mark, root: &str) -> Entry {
    Entry { number, rule: None, path: relative(file, root), mark, commit: None, reason: None, owner: None, until: None }
}

/// The path as our reports write it: with `/` between parts, relative to the root.
fn relative(file: &str, root: &str) -> String {
    let path = file.replace('\\', "/");
    let inside = path.strip_prefix(root.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&path);
    let mut inside = inside;
    while let Some(rest) = inside.strip_prefix("./") {
        inside = rest;
    }
    inside.to_owned()
}
