//! The report for GitLab: `secret_detection`, schema 15.2.1 (<https://gitlab.com/gitlab-org/security-products/security-report-schemas>).
//!
//! `raw_source_code_extract`, where GitLab's own analyzer puts the secret in clear, is left out: this is a file that is uploaded and kept. So GitLab does not
//! look up whether its own tokens work. A report must say when the scan ran, which no other format does.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::document::{Document, Found, Level};
use super::mask::{escape_json, printable};
use super::{Options, words};
use crate::finding::Confidence;
use crate::number::hex;
use crate::rule::{GENERIC, Severity};

const VERSION: &str = "15.2.1";
/// What stands for the commit where files were scanned that are in none.
const NO_COMMIT: &str = "0000000";
/// The longest texts of the schema, in characters.
const LONGEST_NAME: usize = 255;
const LONGEST_TEXT: usize = 7_000;
/// Skipped blobs that are named one by one.
const MOST_MESSAGES: usize = 100;

#[derive(Serialize)]
struct Report {
    version: &'static str,
    scan: Scan,
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Serialize)]
struct Scan {
    analyzer: Tool,
    scanner: Tool,
    start_time: String,
    end_time: String,
    status: &'static str,
    r#type: &'static str,
    messages: Vec<ScanMessage>,
}

#[derive(Serialize)]
struct Tool {
    id: String,
    name: String,
    version: String,
    vendor: Vendor,
}

#[derive(Serialize)]
struct Vendor {
    name: String,
}

#[derive(Serialize)]
struct ScanMessage {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    solution: String,
    identifiers: Vec<Identifier>,
    links: Vec<Link>,
    location: Location,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<Flag>,
}

#[derive(Serialize)]
struct Identifier {
    r#type: &'static str,
    name: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
}

#[derive(Serialize)]
struct Link {
    name: String,
    url: String,
}

#[derive(Serialize)]
struct Location {
    file: String,
    start_line: u64,
    end_line: u64,
    commit: Commit,
}

#[derive(Serialize)]
struct Commit {
    sha: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Serialize)]
struct Flag {
    r#type: &'static str,
    origin: &'static str,
    description: &'static str,
}

/// The report as GitLab reads it.
pub fn render(document: &Document, options: &Options<'_>) -> String {
    let doubts = document.doubts();
    let tool = || {
        let tool = &document.head.tool;
        Tool { id: tool.name.clone(), name: tool.name.clone(), version: tool.version.clone(), vendor: Vendor { name: tool.name.clone() } }
    };
    let failed = doubts.iter().map(|why| ScanMessage { level: "warn", value: printable(why) });
    let skipped = document.head.skipped.iter().filter(|skip| skip.incomplete).take(MOST_MESSAGES);
    let skipped = skipped.map(|skip| ScanMessage { level: "warn", value: printable(&format!("{} was not scanned: {}", skip.path, skip.reason.text())) });
    let covered = words::covered(&document.head.coverage, document.head.rules.n_rules);
    let messages = [words::found_in(document), covered].into_iter().map(|value| ScanMessage { level: "info", value });
    let report = Report {
        version: VERSION,
        scan: Scan {
            analyzer: tool(),
            scanner: tool(),
            start_time: time_text(options.ran.0),
            end_time: time_text(options.ran.1.max(options.ran.0)),
            status: if doubts.is_empty() { "success" } else { "failure" },
            r#type: "secret_detection",
            messages: messages.chain(failed).chain(skipped).collect(),
        },
        vulnerabilities: document.findings.iter().map(|finding| vulnerability(document, finding)).collect(),
    };
    let json = serde_json::to_string_pretty(&report).expect("these structs hold nothing that JSON cannot");
    escape_json(&json) + "\n"
}

/// `yyyy-mm-ddThh:mm:ss` in UTC; the schema takes no zone.
fn time_text(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let (first, last) = (jiff::Timestamp::UNIX_EPOCH, jiff::Timestamp::MAX);
    time.clamp(first, last).to_string().chars().take("yyyy-mm-ddThh:mm:ss".len()).collect()
}

fn vulnerability(document: &Document, finding: &Found) -> Vulnerability {
    let severity = match (finding.level(), finding.severity) {
        // What does not work any more, or may be no secret at all, is not as bad as its rule.
        (Level::Note, Severity::Medium | Severity::High | Severity::Critical) => "Low",
        (_, Severity::Low) => "Low",
        (_, Severity::Medium) => "Medium",
        (_, Severity::High) => "High",
        (_, Severity::Critical) => "Critical",
    };
    let rule = Identifier { r#type: "keysift_rule_id", name: format!("keysift rule {}", finding.rule), value: finding.rule.clone(), url: None };
    let cwe = Identifier { r#type: "cwe", name: "CWE-798".to_owned(), value: "798".to_owned(), url: Some("https://cwe.mitre.org/data/definitions/798.html") };
    let is_doubtful = finding.confidence == Confidence::Low;
    let flag = || Flag { r#type: "flagged-as-likely-false-positive", origin: "keysift", description: "The confidence is low: it may be no key." };
    Vulnerability {
        id: id(finding),
        name: cut(&printable(&finding.title()), LONGEST_NAME),
        description: cut(&words::sentence(document, finding), LONGEST_TEXT),
        severity,
        solution: cut(&finding.rotate.join(" "), LONGEST_TEXT),
        identifiers: vec![rule, cwe],
        links: links(document, finding),
        location: location(document, finding),
        flags: is_doubtful.then(flag).into_iter().collect(),
    }
}

fn links(document: &Document, finding: &Found) -> Vec<Link> {
    let docs = &document.rule(finding).docs;
    let pages = [("Where the key is revoked", &finding.revoke), ("Documentation", docs)];
    let is_page = |url: &str| url.starts_with("https://") && finding.provider.id != GENERIC;
    pages.into_iter().filter(|(_, url)| is_page(url)).map(|(name, url)| Link { name: name.to_owned(), url: url.clone() }).collect()
}

fn location(document: &Document, finding: &Found) -> Location {
    let place = finding.place().unwrap_or_else(|| finding.origin());
    let revision = document.head.repository.as_ref().and_then(|repository| repository.revision.clone());
    // A place at the tip is one of the tip's commit, unless the secret stands there since it came in.
    let is_moved = place != finding.origin() && (place.path, place.line) != (finding.path.as_str(), finding.line);
    let commit = match &finding.commit {
        Some(commit) if !is_moved || revision.is_none() => Commit {
            sha: commit.id.clone(),
            author: Some(printable(&commit.author)),
            date: Some(commit.date.clone()),
            message: Some(printable(&commit.summary)),
        },
        _ => Commit { sha: revision.unwrap_or_else(|| NO_COMMIT.to_owned()), author: None, date: None, message: None },
    };
    Location { file: place.path.to_owned(), start_line: place.line, end_line: place.end_line, commit }
}

/// An identifier in the form of a UUID, the same for the same finding at the same place.
fn id(finding: &Found) -> String {
    let commit = finding.commit.as_ref().map_or("", |commit| commit.id.as_str());
    let text = format!("{}\0{}\0{}\0{}\0{commit}", finding.id, finding.path, finding.line, finding.column);
    let hex = hex(&Sha256::digest(text.as_bytes())[..16]);
    // Version 8 of RFC 9562, whose bits mean what its maker wants.
    format!("{}-{}-8{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

fn cut(text: &str, n: usize) -> String {
    text.chars().take(n).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::fixture::{all_options, answered, everything, hostile, in_history, report};

    /// What GitLab requires, written down from its schema: the required parts and the values that it knows.
    fn schema() -> Value {
        let tool = json!({"type": "object", "required": ["id", "name", "version", "vendor"], "properties": {
            "id": {"type": "string", "minLength": 1}, "name": {"type": "string", "minLength": 1, "maxLength": 255},
            "version": {"type": "string", "minLength": 1},
            "vendor": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}}}});
        let time = json!({"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"});
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object", "required": ["version", "scan", "vulnerabilities"],
            "properties": {
                "version": {"const": "15.2.1"},
                "scan": {"type": "object", "required": ["analyzer", "scanner", "start_time", "end_time", "status", "type"], "properties": {
                    "analyzer": tool, "scanner": tool, "start_time": time, "end_time": time,
                    "status": {"enum": ["success", "failure"]}, "type": {"const": "secret_detection"},
                    "messages": {"type": "array", "items": {"type": "object", "required": ["level", "value"], "properties": {
                        "level": {"enum": ["info", "warn", "fatal"]}, "value": {"type": "string", "minLength": 1}}}}}},
                "vulnerabilities": {"type": "array", "items": {"type": "object", "required": ["id", "identifiers", "location"], "properties": {
                    "id": {"type": "string", "minLength": 1}, "name": {"type": "string", "maxLength": 255},
                    "description": {"type": "string", "maxLength": 1_048_576}, "solution": {"type": "string", "maxLength": 7000},
                    "severity": {"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
                    "identifiers": {"type": "array", "minItems": 1, "maxItems": 20, "items": {
                        "type": "object", "required": ["type", "name", "value"], "properties": {
                            "type": {"type": "string", "minLength": 1}, "name": {"type": "string", "minLength": 1},
                            "value": {"type": "string", "minLength": 1}, "url": {"type": "string", "pattern": "^(https?|ftp)://.+"}}}},
                    "links": {"type": "array", "items": {"type": "object", "required": ["url"], "properties": {
                        "name": {"type": "string", "maxLength": 255}, "url": {"type": "string", "pattern": "^(https?|ftp)://.+"}}}},
                    "flags": {"type": "array", "items": {"type": "object", "required": ["type", "origin", "description"], "properties": {
                        "type": {"enum": ["flagged-as-likely-false-positive"]}, "origin": {"minLength": 1}, "description": {"minLength": 1}}}},
                    "location": {"type": "object", "required": ["commit"], "properties": {
                        "file": {"type": "string", "minLength": 1}, "start_line": {"type": "integer", "minimum": 1}, "end_line": {"type": "integer"},
                        "commit": {"type": "object", "required": ["sha"], "properties": {
                            "sha": {"type": "string", "minLength": 1}, "author": {"type": "string"}, "date": {"type": "string"},
                            "message": {"type": "string"}}}}}},
                    // Ours: the schema would take the secret here.
                    "not": {"required": ["raw_source_code_extract"]}}}}})
    }

    fn parse(report: &crate::finding::Report) -> Value {
        serde_json::from_str(&render(&Document::new(report, false, true), &all_options())).expect("it is JSON")
    }

    #[test]
    fn reports_have_what_gitlab_requires() {
        let schema = schema();
        let validator = jsonschema::validator_for(&schema).expect("it is a schema");
        for report in [everything().0, hostile(), answered(), in_history(), report(Vec::new())] {
            let value = parse(&report);
            let errors: Vec<String> = validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path)).collect();
            assert_eq!(errors, Vec::<String>::new());
            assert_eq!(value["vulnerabilities"].as_array().map(Vec::len), Some(report.findings.len()));
        }
        let bad = json!({"version": "15.2.1", "scan": {}, "vulnerabilities": []});
        assert!(!validator.is_valid(&bad));
    }

    #[test]
    fn a_report_says_when_how_and_how_it_ended() {
        let value = parse(&everything().0);
        assert_eq!((&value["scan"]["start_time"], &value["scan"]["end_time"]), (&json!("1970-01-01T00:00:00"), &json!("1970-01-01T00:01:01")));
        assert_eq!(value["scan"]["status"], "failure");
        assert_eq!(parse(&report(Vec::new()))["scan"]["status"], "success");
        let severities: Vec<Value> = value["vulnerabilities"].as_array().expect("a list").iter().map(|one| one["severity"].clone()).collect();
        assert_eq!(severities, ["High", "High", "Critical", "Low", "High"]);
    }

    #[test]
    fn each_finding_has_an_id_of_its_own() {
        let (mut report, _) = everything();
        let mut again = report.findings[0].clone();
        again.region.start.line += 1;
        report.findings.push(again);
        let value = parse(&report);
        let mut ids: Vec<&str> = value["vulnerabilities"].as_array().expect("a list").iter().filter_map(|one| one["id"].as_str()).collect();
        assert!(ids.iter().all(|id| id.len() == 36 && id.split('-').map(str::len).collect::<Vec<_>>() == [8, 4, 4, 4, 12]), "{ids:?}");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 6);
    }
}
