//! Baseline files: reading ours and those of other scanners, and writing ours.
//!
//! Ours, `.keysift-baseline`, is text: a header with the format's version and the salt, then one JSON object on each line, sorted, so that
//! versions of it compare and merge line by line. Duplicate lines, which a merge may leave, say nothing new; anything that is not understood is
//! an error with its place. Which format a file has is told from its content. Messages never quote a file: a report of another scanner holds
//! secrets. `docs/baseline.md` describes the formats.

mod foreign;

use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};

use super::document::{ConfigError, Document, did_you_mean};
use super::{ReadFile, read};
use crate::blob::path_text;
use crate::filter::{Baseline, Entry, Format, Mark, Salt, one_line, parse_date};
use crate::report::mask::escape_json;

/// Name under which a baseline is written where no other is given.
pub const FILE_NAME: &str = ".keysift-baseline";

/// Largest baseline, in bytes.
pub const LARGEST_FILE: u64 = 64 << 20;

/// Name of gitleaks' list of fingerprints.
pub const IGNORE_FILE: &str = ".gitleaksignore";

/// Wrong lines of such a list that are told one by one.
const MOST_WARNINGS: usize = 5;

/// The key of the header that tells the format, and its one version.
const HEADER: &str = "keysift-baseline";
const VERSION: u64 = 1;

/// Characters of an unknown key that a message shows: a line may be one key of megabytes.
const LONGEST_KEY_SHOWN: usize = 64;

const ENTRY_KEYS: &[&str] = &["path", "rule", "digest", "reason", "owner", "until"];

/// Loads the baseline at `path`. `root` is the report's root as text: paths that another scanner wrote below it become relative.
///
/// # Errors
/// The file cannot be read, is no baseline of a known format, or has a line that is not understood.
pub fn load(path: &Path, root: &str) -> Result<Loaded, ConfigError> {
    load_by(&read, path, root)
}

/// [`load`], with `read` to read the file.
///
/// # Errors
/// As for [`load`].
pub fn load_by(read: &ReadFile<'_>, path: &Path, root: &str) -> Result<Loaded, ConfigError> {
    let shown = one_line(&path_text(path));
    let help = "`keysift baseline create` writes one; check the path given by --baseline, or by `baseline` in .keysift.toml";
    let text = read(path, LARGEST_FILE).map_err(|what| ConfigError::File { path: shown.clone(), what, help: Some(help.to_owned()) })?;
    let document = Document { path: &shown, text: &text };
    let mut warnings = Vec::new();
    let (format, entries) = match path.file_name().is_some_and(|name| name == IGNORE_FILE) && is_ignore_file(&text) {
        true => (Format::GitleaksIgnore, ignore_file(&document, root, &mut warnings)?),
        false => parse(&document, root)?,
    };
    Ok(Loaded { baseline: Baseline::new(&shown, format, entries), warnings })
}

/// A baseline as it was read.
#[derive(Debug)]
pub struct Loaded {
    /// What it accepts.
    pub baseline: Baseline,
    /// What in it was not understood and accepts nothing, line by line.
    pub warnings: Vec<String>,
}

/// Whether a file with the name of gitleaks' list of fingerprints holds no other kind of baseline. A path may begin with a bracket.
fn is_ignore_file(text: &str) -> bool {
    let text = text.trim_start();
    !text.starts_with('{') && !text.strip_prefix('[').is_some_and(|rest| rest.trim_start().is_empty() || rest.trim_start().starts_with(['{', ']']))
}

/// The entries of a file that is known by its name: it may be empty, and as for gitleaks a line that is wrong ends nothing.
fn ignore_file(document: &Document, root: &str, warnings: &mut Vec<String>) -> Result<Vec<Entry>, ConfigError> {
    refuse_conflict(document)?;
    let mut n_more = 0_usize;
    let entries = foreign::gitleaks_ignore(document, root, |_, number| {
        match warnings.len() < MOST_WARNINGS {
            true => warnings.push(format!(
                "{}:{number}: this line is no fingerprint and accepts nothing; write `file:rule:line` or `commit:file:rule:line`, or begin it with `#`",
                document.path
            )),
            false => n_more += 1,
        }
        Ok(())
    })?;
    if n_more > 0 {
        warnings.push(format!("{}: {n_more} more lines are no fingerprints and accept nothing", document.path));
    }
    Ok(entries)
}

/// The text of a baseline with `salt` and `entries`, sorted; entries that are the same in everything are written once.
pub fn render(salt: &Salt, entries: &[Entry]) -> String {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|entry| (entry.key(), &entry.reason, &entry.owner, entry.until));
    let mut lines = vec![json_line(&Header { version: VERSION, salt: salt.text() })];
    lines.extend(sorted.into_iter().map(|entry| json_line(&Line::of(entry))));
    lines.dedup();
    lines.concat()
}

#[derive(Serialize)]
struct Header {
    #[serde(rename = "keysift-baseline")]
    version: u64,
    salt: String,
}

/// An entry as it is written; the order of the fields is that of the file.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

impl<'a> Line<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            path: &entry.path,
            rule: entry.rule.as_deref(),
            digest: entry.mark.text(),
            reason: entry.reason.as_deref(),
            owner: entry.owner.as_deref(),
            until: entry.until.map(|until| until.to_string()),
        }
    }
}

fn json_line(object: &impl Serialize) -> String {
    let json = serde_json::to_string(object).expect("these structs hold nothing that JSON cannot");
    escape_json(&json) + "\n"
}

fn parse(document: &Document, root: &str) -> Result<(Format, Vec<Entry>), ConfigError> {
    refuse_conflict(document)?;
    let text = document.text.trim_start();
    let whole = |what: &str, help: &str| ConfigError::File { path: document.path.to_owned(), what: what.to_owned(), help: Some(help.to_owned()) };
    let header = format!("\"{HEADER}\"");
    let is_header = |line: &str| line.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(&header));
    match text.as_bytes().first() {
        None => Err(whole("is empty", "`keysift baseline create --force` writes it anew; without a baseline everything is reported")),
        Some(b'{') if text.lines().next().is_some_and(|line| line.contains(&header)) || text.lines().any(is_header) => own(document),
        Some(b'{') => foreign::detect_secrets(document, root).map(|entries| (Format::DetectSecrets, entries)),
        Some(b'[') => foreign::gitleaks_report(document, root).map(|entries| (Format::GitleaksReport, entries)),
        Some(_) => foreign::gitleaks_ignore(document, root, |at, _| Err(no_baseline(document, at))).map(|entries| (Format::GitleaksIgnore, entries)),
    }
}

/// The error for a file that is nothing we know, seen at a line that begins at `at`.
fn no_baseline(document: &Document, at: usize) -> ConfigError {
    let what = "this line is no fingerprint of gitleaks, and the file no other baseline";
    let help = "a baseline is a file of `keysift baseline create`, a gitleaks JSON report, a .gitleaksignore (`file:rule:line`), or a .secrets.baseline";
    document.wrong(at..at, what, Some(help))
}

/// Refuses a file in which git left a conflict.
fn refuse_conflict(document: &Document) -> Result<(), ConfigError> {
    let markers = ["<<<<<<<", "|||||||", ">>>>>>>"];
    let is_marker = |line: &str| markers.iter().any(|marker| line.starts_with(marker)) || line.trim_end() == "=======";
    let Some((at, line)) = lines(document.text).find(|(_, line)| is_marker(line)) else { return Ok(()) };
    let help = "keep the lines of both sides and remove the markers, in any order; then `keysift baseline update` sorts them";
    Err(document.wrong(at..at + line.len(), "a merge conflict that is not resolved", Some(help)))
}

/// The lines of `text`, each with the place of its first byte.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line.trim_end_matches(['\n', '\r'])))
    })
}

/// Our own format.
fn own(document: &Document) -> Result<(Format, Vec<Entry>), ConfigError> {
    let mut salt: Option<Salt> = None;
    let mut entries: Vec<Entry> = Vec::new();
    for (i, (at, text)) in lines(document.text).enumerate().filter(|(_, (_, text))| !text.trim().is_empty()) {
        let line = JsonLine::parse(document, at, text)?;
        if line.object.contains_key(HEADER) {
            let found = line.header()?;
            if salt.as_ref().is_some_and(|known| *known != found) {
                let help = "two baselines made apart cannot be joined: keep the header and the entries of one, then run `keysift baseline update`";
                return Err(line.wrong("salt", "a second header with another salt", help));
            }
            salt = Some(found);
        } else {
            entries.push(line.entry(i as u64 + 1)?);
        }
    }
    let no_header = || {
        let help = format!("it is a line `{{\"{HEADER}\":{VERSION},\"salt\":\"…\"}}`; restore it from the file's history");
        ConfigError::File { path: document.path.to_owned(), what: "has no header".to_owned(), help: Some(help) }
    };
    Ok((Format::Keysift(salt.ok_or_else(no_header)?), without_duplicates(entries)))
}

/// The entries without those that repeat an earlier one in everything.
fn without_duplicates(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|a, b| (a.key(), &a.reason, &a.owner, a.until, a.number).cmp(&(b.key(), &b.reason, &b.owner, b.until, b.number)));
    entries.dedup_by(|a, b| (a.key(), &a.reason, &a.owner, a.until) == (b.key(), &b.reason, &b.owner, b.until));
    entries.sort_by_key(|entry| entry.number);
    entries
}

/// One line of our own format: an object, and where it stands.
struct JsonLine<'d> {
    document: &'d Document<'d>,
    at: usize,
    text: &'d str,
    object: Map<String, Value>,
}

impl<'d> JsonLine<'d> {
    fn parse(document: &'d Document<'d>, at: usize, text: &'d str) -> Result<Self, ConfigError> {
        let bad = |column: usize| {
            let at = at + column.saturating_sub(1).min(text.len());
            document.wrong(at..at, "this line is no JSON object", Some("each line is one entry as `keysift baseline update` writes it; restore or remove it"))
        };
        let object = serde_json::from_str(text).map_err(|error| bad(error.column()))?;
        Ok(Self { document, at, text, object })
    }

    /// An error at `key`.
    fn wrong(&self, key: &str, what: &str, help: &str) -> ConfigError {
        // A key that is written with escapes is not found: then the line has to do.
        let at = self.at + self.text.find(&format!("\"{key}\"")).unwrap_or(0);
        self.document.wrong(at..at, what, Some(help))
    }

    fn check_keys(&self, valid: &[&str]) -> Result<(), ConfigError> {
        let Some(key) = self.object.keys().find(|key| !valid.contains(&key.as_str())) else { return Ok(()) };
        let listed: Vec<String> = valid.iter().map(|key| format!("`{key}`")).collect();
        let shown: String = key.chars().take(LONGEST_KEY_SHOWN).collect();
        let what = format!("unknown key `{shown}`{}", did_you_mean(key, valid.iter().copied()));
        Err(self.wrong(key, &what, &format!("valid keys here: {}", listed.join(", "))))
    }

    fn header(&self) -> Result<Salt, ConfigError> {
        if self.object.get(HEADER).and_then(Value::as_u64) != Some(VERSION) {
            let what = format!("`{HEADER}` is not {VERSION}, the only version that this keysift reads");
            return Err(self.wrong(HEADER, &what, "update keysift"));
        }
        self.check_keys(&[HEADER, "salt"])?;
        let help = "restore the header from the file's history, or write the baseline anew with `keysift baseline create --force`";
        self.object.get("salt").and_then(Value::as_str).and_then(Salt::parse).ok_or_else(|| self.wrong("salt", "`salt` is not 32 hexadecimal digits", help))
    }

    fn entry(&self, number: u64) -> Result<Entry, ConfigError> {
        self.check_keys(ENTRY_KEYS)?;
        let required = |key: &str| {
            let help = "an entry needs `path`, `rule` and `digest`; restore or remove the line";
            self.string(key)?.filter(|text| !text.is_empty()).ok_or_else(|| self.wrong(key, &format!("`{key}` is missing or empty"), help))
        };
        let help = "digests are written by `keysift baseline update` only; remove the line, and update";
        let mark = Mark::parse(&required("digest")?).ok_or_else(|| self.wrong("digest", "`digest` is no digest", help))?;
        Ok(Entry {
            number,
            rule: Some(required("rule")?),
            path: required("path")?,
            mark,
            commit: None,
            reason: self.string("reason")?,
            owner: self.string("owner")?,
            until: self.until()?,
        })
    }

    fn string(&self, key: &str) -> Result<Option<String>, ConfigError> {
        match self.object.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(key, &format!("`{key}` must be a string"), &format!("write `\"{key}\":\"…\"`"))),
        }
    }

    fn until(&self) -> Result<Option<Date>, ConfigError> {
        let help = "write the last day on which the entry counts as `\"until\":\"YYYY-MM-DD\"`";
        let date = |text: String| parse_date(&text).ok_or_else(|| self.wrong("until", "`until` is no date", help));
        self.string("until")?.map(date).transpose()
    }
}

#[cfg(test)]
mod tests;
