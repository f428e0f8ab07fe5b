//! The report for programs: one JSON document, or one object on each line.
//!
//! The structs here are the format, described by `docs/report.schema.json`; they are not the internal ones, which may change. A change that
//! a reader could trip over takes a new [`SCHEMA`]. Paths are exact (but for secrets in them); control characters in them are escaped, so
//! that a report can be looked at in a terminal.

mod answers;

use std::collections::BTreeMap;

use serde::Serialize;

use answers::{AnswersObject, ConfirmationObject};

use super::mask::{Mask, escape_json};
use super::{Options, confirmation, fingerprint, meaning, safe_digest};
use crate::blob::{Commit, Skip, SkipReason};
use crate::finding::{BaselineUse, Confidence, Finding, Layer, Report, StaleEntry};
use crate::rule::{Provider, Severity};
use crate::verdict::Verdict;

/// Name and version of the format.
pub const SCHEMA: &str = "keysift-report/1";

/// The report as one document.
pub fn render(report: &Report, options: &Options) -> String {
    let mask = Mask::new(report, options.show_secrets);
    let document = Document {
        head: Head::new(report, &mask),
        findings: report.findings.iter().map(|finding| FindingObject::new(finding, &mask)).collect(),
        suppressed: options.show_suppressed.then(|| report.suppressed.iter().map(|finding| FindingObject::new(finding, &mask)).collect()),
    };
    let json = serde_json::to_string_pretty(&document).expect("these structs hold nothing that JSON cannot");
    escape_json(&json) + "\n"
}

/// The report as lines: each finding, each suppressed one if asked for, then a summary, which says that the report was not cut off.
pub fn render_lines(report: &Report, options: &Options) -> String {
    let mask = Mask::new(report, options.show_secrets);
    let mut out = String::new();
    for finding in &report.findings {
        put_line(&mut out, LineType::Finding, FindingObject::new(finding, &mask));
    }
    for finding in report.suppressed.iter().filter(|_| options.show_suppressed) {
        put_line(&mut out, LineType::Suppressed, FindingObject::new(finding, &mask));
    }
    put_line(&mut out, LineType::Summary, Head::new(report, &mask));
    out
}

fn put_line(out: &mut String, r#type: LineType, object: impl Serialize) {
    let json = serde_json::to_string(&Line { r#type, object }).expect("these structs hold nothing that JSON cannot");
    out.push_str(&escape_json(&json));
    out.push('\n');
}

#[derive(Serialize)]
struct Line<T> {
    r#type: LineType,
    #[serde(flatten)]
    object: T,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum LineType {
    Finding,
    Suppressed,
    Summary,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    findings: Vec<FindingObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<Vec<FindingObject<'a>>>,
}

/// Everything but the findings.
#[derive(Serialize)]
struct Head<'a> {
    schema: &'static str,
    tool: Tool,
    root: String,
    targets: Vec<String>,
    exit: ExitObject,
    coverage: CoverageObject<'a>,
    rules: Rules<'a>,
    config: Option<&'a str>,
    baseline: Option<BaselineObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<AnswersObject<'a>>,
    n_findings: usize,
    n_suppressed: usize,
    skipped: Vec<SkipObject>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct ExitObject {
    code: u8,
    meaning: &'static str,
}

#[derive(Serialize)]
struct CoverageObject<'a> {
    n_blobs: u64,
    n_bytes: u64,
    n_binary: u64,
    n_skipped: &'a BTreeMap<SkipReason, u64>,
    n_ignored: u64,
    n_commits: u64,
    n_lfs: u64,
    n_submodules: u64,
    n_below_confidence: u64,
    min_confidence: Confidence,
    complete: bool,
    incomplete_because: Vec<String>,
}

#[derive(Serialize)]
struct Rules<'a> {
    n_rules: usize,
    disabled: &'a [String],
}

#[derive(Serialize)]
struct BaselineObject<'a> {
    path: &'a str,
    n_entries: usize,
    stale: Vec<StaleObject<'a>>,
}

#[derive(Serialize)]
struct StaleObject<'a> {
    entry: &'a str,
    rule: Option<&'a str>,
    path: String,
    why: String,
}

#[derive(Serialize)]
struct SkipObject {
    path: String,
    reason: SkipReason,
    incomplete: bool,
    detail: Option<String>,
}

#[derive(Serialize)]
struct FindingObject<'a> {
    id: String,
    path: String,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    offset: u64,
    message: bool,
    commit: Option<CommitObject<'a>>,
    at_tip: Option<bool>,
    paths: Vec<String>,
    rule: &'a str,
    rule_name: &'a str,
    provider: ProviderObject<'a>,
    providers: Vec<ProviderObject<'a>>,
    severity: Severity,
    confidence: Confidence,
    verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<ConfirmationObject>,
    layer: Layer,
    secret: String,
    secret_digest: Option<String>,
    line_text: String,
    evidence: Vec<EvidenceObject<'a>>,
    note: Option<&'a str>,
    revoke: &'a str,
    rotate: &'a [&'a str],
    suppression: Option<SuppressionObject>,
}

#[derive(Serialize)]
struct CommitObject<'a> {
    id: &'a str,
    author: String,
    email: String,
    date: &'a str,
    summary: String,
}

#[derive(Serialize)]
struct ProviderObject<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct EvidenceObject<'a> {
    kind: &'a str,
    weight: i32,
    text: String,
}

#[derive(Serialize)]
struct SuppressionObject {
    by: String,
    reason: Option<String>,
}

impl<'a> Head<'a> {
    fn new(report: &'a Report, mask: &Mask) -> Self {
        let coverage = &report.coverage;
        Self {
            schema: SCHEMA,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            root: mask.hide(&report.root),
            targets: report.targets.iter().map(|target| mask.hide(target)).collect(),
            exit: ExitObject { code: report.exit().code(), meaning: meaning(report.exit()) },
            coverage: CoverageObject {
                n_blobs: coverage.n_blobs,
                n_bytes: coverage.n_bytes,
                n_binary: coverage.n_binary,
                n_skipped: &coverage.n_skipped,
                n_ignored: coverage.n_ignored,
                n_commits: coverage.n_commits,
                n_lfs: coverage.n_lfs,
                n_submodules: coverage.n_submodules,
                n_below_confidence: coverage.n_below_confidence,
                min_confidence: report.min_confidence,
                complete: report.incomplete.is_empty(),
                incomplete_because: report.incomplete.iter().map(|why| mask.text(why)).collect(),
            },
            rules: Rules { n_rules: report.n_rules, disabled: &report.disabled_rules },
            config: report.config.as_deref(),
            baseline: report.baseline.as_ref().map(|used| BaselineObject::new(used, mask)),
            confirmation: report.answers.as_ref().map(|answers| AnswersObject::new(answers, mask)),
            n_findings: report.findings.len(),
            n_suppressed: report.suppressed.len(),
            skipped: report.skips.iter().map(|skip| SkipObject::new(skip, mask)).collect(),
        }
    }
}

impl<'a> BaselineObject<'a> {
    fn new(used: &'a BaselineUse, mask: &Mask) -> Self {
        let stale =
            |stale: &'a StaleEntry| StaleObject { entry: &stale.entry, rule: stale.rule.as_deref(), path: mask.hide(&stale.path), why: mask.text(&stale.why) };
        Self { path: &used.path, n_entries: used.n_entries, stale: used.stale.iter().map(stale).collect() }
    }
}

impl SkipObject {
    fn new(skip: &Skip, mask: &Mask) -> Self {
        Self {
            path: mask.hide(&skip.origin.path),
            reason: skip.reason,
            incomplete: skip.reason.is_incomplete(),
            detail: skip.detail.as_ref().map(|detail| mask.text(detail)),
        }
    }
}

impl<'a> FindingObject<'a> {
    fn new(finding: &'a Finding, mask: &Mask) -> Self {
        let (rule, region) = (finding.rule, finding.region);
        Self {
            id: fingerprint(finding),
            path: mask.hide(&finding.origin.path),
            line: region.start.line,
            column: region.start.column,
            end_line: region.end.line,
            end_column: region.end.column,
            offset: region.offset,
            message: finding.origin.is_message,
            commit: finding.origin.commit.as_deref().map(|commit| CommitObject::new(commit, mask)),
            at_tip: finding.presence.as_ref().map(|presence| presence.is_at_tip),
            paths: finding.presence.iter().flat_map(|presence| &presence.paths).map(|path| mask.hide(path)).collect(),
            rule: rule.id,
            rule_name: rule.name,
            provider: ProviderObject::new(rule.provider),
            providers: finding.providers.iter().map(|provider| ProviderObject::new(provider)).collect(),
            severity: rule.severity,
            confidence: finding.confidence,
            verdict: finding.confirmation.verdict,
            confirmation: confirmation::of(finding).map(|confirmation| ConfirmationObject::new(confirmation, mask)),
            layer: finding.layer,
            secret: mask.secret(finding),
            secret_digest: safe_digest(finding),
            line_text: mask.line(finding).text,
            evidence: finding
                .evidence
                .iter()
                .map(|evidence| EvidenceObject { kind: evidence.kind, weight: evidence.weight, text: mask.text(&evidence.text) })
                .collect(),
            note: rule.note,
            revoke: rule.provider.revoke,
            rotate: rule.provider.rotate,
            suppression: finding
                .suppression
                .as_ref()
                .map(|suppression| SuppressionObject { by: mask.text(&suppression.by), reason: suppression.reason.as_ref().map(|reason| mask.text(reason)) }),
        }
    }
}

impl<'a> CommitObject<'a> {
    fn new(commit: &'a Commit, mask: &Mask) -> Self {
        let Commit { id, author, email, author_date, summary, .. } = commit;
        Self { id, author: mask.text(author), email: mask.text(email), date: author_date, summary: mask.text(summary) }
    }
}

impl<'a> ProviderObject<'a> {
    fn new(provider: &'a Provider) -> Self {
        Self { id: provider.id, name: provider.name }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::fixture::{all_options, answered, everything, finding, hostile, random, report};

    const SCHEMA_FILE: &str = include_str!("../../docs/report.schema.json");

    fn schema() -> Value {
        serde_json::from_str(SCHEMA_FILE).expect("the schema is JSON")
    }

    fn parse(json: &str) -> Value {
        serde_json::from_str(json).expect("a report is JSON")
    }

    /// What `instance` violates in `schema`.
    fn violations(schema: &Value, instance: &Value) -> Vec<String> {
        let validator = jsonschema::validator_for(schema).expect("the schema is a schema");
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path)).collect()
    }

    #[test]
    fn documents_and_lines_are_what_the_schema_says() {
        let mut lines_schema = schema();
        lines_schema["$ref"] = json!("#/$defs/line");
        for key in ["allOf", "properties", "required", "unevaluatedProperties"] {
            lines_schema.as_object_mut().expect("a schema is an object").remove(key);
        }
        for report in [everything().0, hostile(), answered(), report(Vec::new())] {
            for show_suppressed in [false, true] {
                let options = Options { show_suppressed, ..all_options() };
                assert_eq!(violations(&schema(), &parse(&render(&report, &options))), Vec::<String>::new());
                for line in render_lines(&report, &options).lines() {
                    assert_eq!(violations(&lines_schema, &parse(line)), Vec::<String>::new());
                }
            }
        }
    }

    #[test]
    fn the_schema_refuses_what_it_does_not_describe() {
        let good = parse(&render(&everything().0, &all_options()));
        let spoiled = |spoil: fn(&mut Value)| {
            let mut bad = good.clone();
            spoil(&mut bad);
            violations(&schema(), &bad).len()
        };
        assert_eq!(spoiled(|_| {}), 0);
        assert_ne!(spoiled(|bad| bad["extra"] = json!(1)), 0);
        assert_ne!(spoiled(|bad| bad["findings"][0]["extra"] = json!(1)), 0);
        assert_ne!(spoiled(|bad| bad["findings"][0]["provider"]["extra"] = json!(1)), 0);
        assert_ne!(spoiled(|bad| bad["findings"][0]["confidence"] = json!("certain")), 0);
        assert_ne!(spoiled(|bad| bad["coverage"]["n_skipped"]["mood"] = json!(1)), 0);
        assert_ne!(spoiled(|bad| drop(bad.as_object_mut().expect("an object").remove("findings"))), 0);
    }

    #[test]
    fn the_schema_describes_every_property() {
        fn walk(at: &str, value: &Value) {
            if let Some(properties) = value.get("properties").and_then(Value::as_object) {
                for (name, property) in properties {
                    assert!(property.get("description").is_some_and(Value::is_string), "{at}/{name} has no description");
                }
            }
            if let Value::Object(members) = value {
                members.iter().for_each(|(name, member)| walk(&format!("{at}/{name}"), member));
            }
        }
        walk("", &schema());
    }

    #[test]
    fn a_document_says_who_scanned_what_and_how_it_ended() {
        let document = parse(&render(&everything().0, &all_options()));
        assert_eq!(document["schema"], SCHEMA);
        assert_eq!(document["exit"], json!({"code": 1, "meaning": "findings"}));
        assert_eq!(document["coverage"]["n_skipped"], json!({"unreadable": 1, "symlink": 1}));
        assert_eq!(document["coverage"]["complete"], json!(false));
        assert_eq!(document["findings"].as_array().map(Vec::len), Some(5));
        assert_eq!(document["suppressed"][0]["suppression"], json!({"by": "keysift:allow", "reason": "rotated in May"}));
        assert_eq!(document["skipped"][1], json!({"path": "locked.txt", "reason": "unreadable", "incomplete": true, "detail": "permission denied"}));
        let unsure = &document["findings"][3];
        assert_eq!(unsure["providers"], json!([{"id": "mistral", "name": "Mistral AI"}, {"id": "openai", "name": "OpenAI"}]));
        assert_eq!((&unsure["provider"]["id"], &unsure["secret_digest"]), (&json!("generic"), &Value::Null));

        let empty = parse(&render(&report(Vec::new()), &Options { show_suppressed: false, ..all_options() }));
        assert_eq!(empty["exit"], json!({"code": 0, "meaning": "clean"}));
        assert_eq!((&empty["findings"], &empty["n_suppressed"], empty.get("suppressed")), (&json!([]), &json!(0), None));
    }

    #[test]
    fn what_the_providers_said_is_there_if_they_were_asked() {
        let document = parse(&render(&answered(), &all_options()));
        assert_eq!(document["exit"], json!({"code": 1, "meaning": "findings"}));
        assert_eq!(
            document["findings"][0]["confirmation"],
            json!({"verdict": "live", "reason": null, "status": 200, "host": "api.mistral.ai", "facts": [
                {"name": "models", "value": "37 models: 12 large, 3 embedding"}, {"name": "owner", "value": "acme"}]})
        );
        assert_eq!(document["findings"][1]["verdict"], "invalid");
        assert_eq!(
            document["confirmation"],
            json!({"n_keys": 4, "n_requests": 6, "verdicts": {"live": 1, "invalid": 2, "unknown": 1, "unchecked": 1}, "only": [],
                "left_out": {"invalid": 1}, "fail_on": "live",
                "undecided": [{"verdict": "unknown", "reason": "no answer in time", "n_findings": 1, "n_left_out": 0}]})
        );
        let unasked = parse(&render(&everything().0, &all_options()));
        assert_eq!((unasked.get("confirmation"), unasked["findings"][0].get("confirmation")), (None, None));
        assert_eq!(unasked["findings"][0]["verdict"], "unchecked");
    }

    #[test]
    fn lines_end_with_a_summary() {
        let text = render_lines(&everything().0, &all_options());
        let types: Vec<Value> = text.lines().map(|line| parse(line)["type"].clone()).collect();
        assert_eq!(types, ["finding", "finding", "finding", "finding", "finding", "suppressed", "suppressed", "summary"]);
        let summary = parse(text.lines().last().expect("there is a last line"));
        assert_eq!((&summary["n_findings"], &summary["exit"]["code"]), (&json!(5), &json!(1)));
        assert_eq!(render_lines(&report(Vec::new()), &all_options()).lines().count(), 1);
    }

    #[test]
    fn paths_stay_exact_however_strange() {
        let key = random(32);
        let path = "a\tb/\u{202e}\u{9b}c \\x1b\".py";
        let json = render(&report(vec![finding("mistral-api-key", path, &key, &key)]), &all_options());
        assert_eq!(parse(&json)["findings"][0]["path"], path);
        assert!(!json.contains('\u{202e}'));
    }
}
