//! The report for code scanning services: SARIF 2.1.0, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, with the
//! properties that GitHub reads (<https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>).
//!
//! Such a report is uploaded and kept: it holds no source text and no secret. Columns count UTF-16 code units, as GitHub does whatever is declared. It is cut
//! to what GitHub takes, and says so. The only module that knows `serde_sarif`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Location, Message, MultiformatMessageString, Notification, PhysicalLocation, PropertyBag, Region, ReportingConfiguration,
    ReportingDescriptor, ReportingDescriptorReference, Result as SarifResult, ResultLevel, Run, RunAutomationDetails, Sarif, Suppression, Tool, ToolComponent,
    VersionControlDetails,
};

use super::document::{Document, Found, Level, Place, Precision, UsedRule};
use super::mask::{escape_json, printable};
use super::uri::{self, Uri};
use super::{Options, SarifScope, words};
use crate::rule::{GENERIC, Severity};
use crate::verdict::Verdict;

const SCHEMA_URL: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What relative paths are relative to.
const ROOT: &str = "%SRCROOT%";
/// The notifications, by their index among the driver's: id, text and help.
const NOTIFICATIONS: [(&str, &str, &str); 2] = [
    ("scan-incomplete", "Something that should have been scanned was not.", "The message says what and why. Without it, no finding does not mean no secret."),
    ("results-left-out", "Findings are not among the results of this log.", "The message says how many and why. The JSON report has all of them."),
];
const INCOMPLETE: usize = 0;
const LEFT_OUT: usize = 1;
/// GitHub keeps so many results of a run.
const MOST_RESULTS: usize = 5_000;
/// GitHub takes so many bytes, compressed with gzip.
const MOST_BYTES: f64 = 10e6;
/// How a baseline calls itself in a suppression.
const BASELINE: &str = "baseline ";
/// Notifications that name a single blob.
const MOST_SKIPS: usize = 1_000;

/// The report as a SARIF log with one run.
pub fn render(document: &Document, options: &Options<'_>) -> String {
    let shown: Vec<&Found> = document.findings.iter().chain(document.suppressed.iter().flatten()).collect();
    let in_scope: Vec<&Found> = shown.iter().copied().filter(|finding| options.sarif_scope == SarifScope::All || finding.place().is_some()).collect();
    let n_out_of_scope = shown.len() - in_scope.len();
    let mut n_most = MOST_RESULTS;
    loop {
        let results = worst(&in_scope, n_most);
        let json = escape_json(&log(document, options, &results, n_out_of_scope, in_scope.len() - results.len())) + "\n";
        let size = most_gzipped(json.as_bytes());
        if size <= MOST_BYTES || results.is_empty() {
            return json;
        }
        // The next try is sure to be smaller, and most likely fits.
        n_most = ((results.len() as f64 * MOST_BYTES / size * 0.9) as usize).min(results.len() - 1);
    }
}

/// The `n` worst findings, in the order of the report; suppressed ones are the least bad.
fn worst<'a>(findings: &[&'a Found], n: usize) -> Vec<&'a Found> {
    let mut places: Vec<usize> = (0..findings.len()).collect();
    places.sort_by_key(|&at| std::cmp::Reverse((findings[at].suppression.is_none(), findings[at].badness())));
    places.truncate(n);
    places.sort_unstable();
    places.into_iter().map(|at| findings[at]).collect()
}

/// At most so many bytes remain of `text` with gzip: as many as with a Huffman code alone, which is a part of it, and what the blocks cost.
fn most_gzipped(text: &[u8]) -> f64 {
    let mut counts = [0_u64; 256];
    text.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    let n = text.len() as f64;
    let n_bits: f64 = counts.iter().filter(|count| **count > 0).map(|&count| count as f64 * (n / count as f64).log2().ceil().max(1.0)).sum();
    (n_bits / 8.0).min(n) * 1.01 + 1_000.0
}

fn log(document: &Document, options: &Options<'_>, results: &[&Found], n_out_of_scope: usize, n_cut: usize) -> String {
    let rules: BTreeMap<&str, &UsedRule> = results.iter().map(|finding| (finding.rule.as_str(), document.rule(finding))).collect();
    let index: BTreeMap<&str, i64> = rules.keys().copied().zip(0..).collect();
    let writer = Writer { document, scope: options.sarif_scope };
    let tool = &document.head.tool;
    let driver = ToolComponent::builder()
        .name(tool.name.clone())
        .version(tool.version.clone())
        .semantic_version(tool.version.clone())
        .rules(rules.values().map(|rule| descriptor(rule)).collect::<Vec<_>>())
        .notifications(NOTIFICATIONS.map(|(id, text, help)| notification_descriptor(id, text, help)).to_vec())
        .build();
    let mut run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .invocations(vec![writer.invocation(n_out_of_scope, n_cut)])
        .results(results.iter().map(|finding| writer.result(finding, index[finding.rule.as_str()])).collect::<Vec<_>>())
        .column_kind(json!("utf16CodeUnits"))
        .original_uri_base_ids(BTreeMap::from([(ROOT.to_owned(), writer.root())]))
        .build();
    // The part behind the slash would name the run; the service that the log is uploaded to knows it better.
    run.automation_details = options.category.map(|category| RunAutomationDetails::builder().id(format!("{}/", category.trim_end_matches('/'))).build());
    run.version_control_provenance = writer.provenance().map(|details| vec![details]);
    let log = Sarif::builder().schema(SCHEMA_URL).version(json!("2.1.0")).runs(vec![run]).build();
    serde_json::to_string_pretty(&log).expect("these structs hold nothing that JSON cannot")
}

struct Writer<'a> {
    document: &'a Document,
    scope: SarifScope,
}

impl Writer<'_> {
    fn result(&self, finding: &Found, rule_index: i64) -> SarifResult {
        // A secret that is still there is shown where it is, and not where it came in.
        let present = finding.place();
        let place = present.unwrap_or_else(|| finding.origin());
        let mut fingerprints = BTreeMap::from([("keysiftFingerprint/v1".to_owned(), finding.id.clone())]);
        if let Some(hash) = present.and_then(|place| place.line_hash) {
            fingerprints.insert("primaryLocationLineHash".to_owned(), hash.to_owned());
        }
        let mut result = SarifResult::builder()
            .rule_id(finding.rule.clone())
            .rule_index(rule_index)
            .level(level(finding.level()))
            .rank(rank(finding))
            .message(message(&without_links(&words::sentence(self.document, finding))))
            .locations(vec![self.location(place.path, Some(region(place)))])
            .partial_fingerprints(fingerprints)
            .properties(self.properties(finding))
            .build();
        result.suppressions = finding.suppression.as_ref().map(|suppression| vec![self::suppression(suppression)]);
        result
    }

    fn properties(&self, finding: &Found) -> PropertyBag {
        let mut bag = properties([
            ("provider", json!(finding.provider.id)),
            ("confidence", json!(finding.confidence)),
            ("verdict", json!(finding.verdict)),
            ("layer", json!(finding.layer)),
            ("candidates", finding.providers.iter().map(|provider| provider.id.as_str()).collect()),
        ]);
        if let Some(answer) = &finding.confirmation {
            let facts: serde_json::Map<String, Value> = answer.facts.iter().map(|fact| (fact.name.clone(), json!(fact.value))).collect();
            let answer = json!({ "reason": answer.reason, "status": answer.status, "host": answer.host, "facts": facts });
            bag.additional_properties.insert("confirmation".to_owned(), answer);
        }
        if let Some(partner) = &finding.partner {
            bag.additional_properties.insert("partner".to_owned(), json!(partner));
        }
        if let Some(commit) = &finding.commit {
            bag.additional_properties.insert("commit".to_owned(), json!(commit.id));
        }
        bag
    }

    fn invocation(&self, n_out_of_scope: usize, n_cut: usize) -> Invocation {
        let head = &self.document.head;
        let doubts = self.document.doubts();
        let reasons = doubts.iter().map(|why| self.notification("error", INCOMPLETE, why, Vec::new()));
        let skips = head.skipped.iter().filter(|skip| skip.incomplete).take(MOST_SKIPS).map(|skip| {
            let detail = skip.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
            let text = format!("'{}' was not scanned: {}{detail}.", skip.path, skip.reason.text());
            self.notification("error", INCOMPLETE, &text, vec![self.location(&skip.path, None)])
        });
        let history = format!("{n_out_of_scope} findings are only in the history and left out; --sarif-scope all has them.");
        let cut = format!("The {n_cut} least severe findings are left out: code scanning takes {MOST_RESULTS} results and 10 MB.");
        let by_verdict: Vec<String> = self.left_out().map(|(verdict, n)| format!("{n} {}", verdict.text())).collect();
        let n_by_verdict = self.left_out().map(|(_, n)| n).sum();
        let only = format!("Findings are left out by --only: {}.", by_verdict.join(", "));
        let left_out = [(n_out_of_scope, "note", history), (n_cut, "warning", cut), (n_by_verdict, "note", only)];
        let left_out = left_out.iter().filter(|(n, ..)| *n > 0).map(|(_, level, text)| self.notification(level, LEFT_OUT, text, Vec::new()));
        Invocation::builder()
            .execution_successful(doubts.is_empty())
            .exit_code(head.exit.code)
            .exit_code_description(head.exit.meaning.clone())
            .tool_execution_notifications(reasons.chain(skips).chain(left_out).collect::<Vec<_>>())
            .properties(properties([
                ("minConfidence", json!(head.coverage.min_confidence)),
                ("belowMinConfidence", json!(head.coverage.n_below_confidence)),
                ("blobs", json!(head.coverage.n_blobs)),
                ("bytes", json!(head.coverage.n_bytes)),
                ("commits", json!(head.coverage.n_commits)),
                ("findings", json!(head.n_findings)),
                ("suppressed", json!(head.n_suppressed)),
                ("leftOutByVerdict", self.left_out().map(|(verdict, n)| (verdict.text().to_owned(), json!(n))).collect()),
                ("sarifScope", json!(if self.scope == SarifScope::All { "all" } else { "head" })),
            ]))
            .build()
    }

    /// How many findings `--only` leaves out, by verdict.
    fn left_out(&self) -> impl Iterator<Item = (Verdict, usize)> {
        self.document.head.confirmation.iter().flat_map(|answers| &answers.left_out).map(|(&verdict, &n)| (verdict, n)).filter(|(_, n)| *n > 0)
    }

    fn notification(&self, level: &str, index: usize, text: &str, locations: Vec<Location>) -> Notification {
        let number = i64::try_from(index).unwrap_or(0);
        let descriptor = ReportingDescriptorReference::builder().id(NOTIFICATIONS[index].0).index(number).build();
        let text = without_links(&printable(text));
        let mut notification = Notification::builder().level(json!(level)).message(message(&text)).descriptor(descriptor).build();
        notification.locations = (!locations.is_empty()).then_some(locations);
        notification
    }

    fn location(&self, path: &str, region: Option<Region>) -> Location {
        let artifact = match uri::of(path, &self.document.head.root) {
            Uri::Absolute(uri) => ArtifactLocation::builder().uri(uri).build(),
            Uri::Relative(uri) => ArtifactLocation::builder().uri(uri).uri_base_id(ROOT).build(),
        };
        let mut physical = PhysicalLocation::builder().artifact_location(artifact).build();
        physical.region = region;
        Location::builder().physical_location(physical).build()
    }

    /// The base of relative paths. Of a root that is not absolute only the name is known.
    fn root(&self) -> ArtifactLocation {
        match uri::of_folder(&self.document.head.root) {
            Some(uri) => ArtifactLocation::builder().uri(uri).build(),
            None => ArtifactLocation::builder().description(message("The folder that was scanned.")).build(),
        }
    }

    fn provenance(&self) -> Option<VersionControlDetails> {
        let repository = self.document.head.repository.as_ref()?;
        let base = ArtifactLocation::builder().uri_base_id(ROOT).build();
        let mut details = VersionControlDetails::builder().repository_uri(repository.uri.clone()?).mapped_to(base).build();
        (details.revision_id, details.branch) = (repository.revision.clone(), repository.branch.clone());
        Some(details)
    }
}

const fn level(level: Level) -> ResultLevel {
    match level {
        Level::Note => ResultLevel::Note,
        Level::Warning => ResultLevel::Warning,
        Level::Error => ResultLevel::Error,
    }
}

/// How important a result is among others, from 0 to 100: whether the key works decides, then how bad a leak is, then how sure it is whose key it is.
fn rank(finding: &Found) -> f64 {
    let verdict = match finding.verdict {
        Verdict::Live => 80.0,
        Verdict::Restricted => 60.0,
        Verdict::Unknown | Verdict::Unchecked => 40.0,
        Verdict::Blocked => 20.0,
        Verdict::Invalid => 0.0,
    };
    verdict + f64::from(finding.severity as u8) * 5.0 + f64::from(finding.confidence as u8) * 2.0
}

fn suppression(suppression: &super::document::Suppression) -> Suppression {
    let by = &suppression.by;
    let reason = suppression.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    // The vocabulary has a text only: what begins with a file is the configuration's or the baseline's, all else is a comment's marker.
    let kind = if by.contains(": allow entry ") || by.starts_with(BASELINE) { "external" } else { "inSource" };
    Suppression::builder().kind(json!(kind)).justification(printable(&format!("{by}{reason}"))).build()
}

fn region(place: Place<'_>) -> Region {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let Place { line, end_line, columns, .. } = place;
    if line == end_line && columns.0 == columns.1 {
        // The file is meant, and no text in it: GitHub wants a line all the same.
        return Region::builder().start_line(number(line)).build();
    }
    Region::builder().start_line(number(line)).start_column(number(columns.0)).end_line(number(end_line)).end_column(number(columns.1)).build()
}

fn message(text: &str) -> Message {
    Message::builder().text(text).build()
}

fn properties<const N: usize>(pairs: [(&str, Value); N]) -> PropertyBag {
    PropertyBag::builder().additional_properties(pairs.map(|(key, value)| (key.to_owned(), value))).build()
}

/// A plain-text message can hold a link, `[text](target)`, and scanned content must not make one. A space takes its meaning away; a
/// backslash (SARIF 3.11.6) would not, where the content brings one of its own.
fn without_links(text: &str) -> String {
    text.replace("](", "] (")
}

fn descriptor(rule: &UsedRule) -> ReportingDescriptor {
    let (level, score, power) = match rule.severity {
        Severity::Critical => ("error", "9.5", "Whoever has it can administer the organization."),
        Severity::High => ("error", "8.0", "Whoever has it can act and spend as its owner."),
        Severity::Medium => ("warning", "5.5", "What it can do is limited, or not known."),
        Severity::Low => ("note", "2.0", "It may be a secret; what it can do is not known."),
    };
    let precision = match rule.precision {
        Precision::VeryHigh => "very-high",
        Precision::High => "high",
        Precision::Medium => "medium",
        Precision::Low => "low",
    };
    let power = rule.note.as_ref().map_or(power.to_owned(), |note| format!("{power} {note}"));
    let short = format!("Exposed {}.", rule.name);
    let full = format!("A secret stands in the source ({}, issued by {}). {power}", rule.name, rule.provider.name);
    let history = "Rewriting the history does not replace that: clones, forks, and caches keep the secret.";
    let steps: Vec<String> = (1..).zip(&rule.rotate).map(|(i, step)| format!("{i}. {step}")).collect();
    let page = if rule.provider.id == GENERIC { "Guidance" } else { "Revoke it at" };
    let text = format!("{power}\n{page}: {}\n{}\n{history}", rule.revoke, steps.join("\n"));
    let markdown = format!("{power}\n\n{page}: <{}>\n\n{}\n\n{history}\n", rule.revoke, steps.join("\n"));
    let mut properties = properties([("precision", json!(precision)), ("security-severity", json!(score)), ("provider", json!(rule.provider.id))]);
    properties.tags = Some(["security", "secret", "external/cwe/cwe-798"].map(str::to_owned).to_vec());
    ReportingDescriptor::builder()
        .id(rule.id.clone())
        .name(pascal_case(&rule.id))
        .short_description(text_of(&short))
        .full_description(text_of(&full))
        .help(MultiformatMessageString::builder().text(text).markdown(markdown).build())
        .help_uri(rule.docs.clone())
        .default_configuration(ReportingConfiguration::builder().level(json!(level)).build())
        .properties(properties)
        .build()
}

fn notification_descriptor(id: &str, text: &str, help: &str) -> ReportingDescriptor {
    ReportingDescriptor::builder().id(id).name(pascal_case(id)).short_description(text_of(text)).full_description(text_of(text)).help(text_of(help)).build()
}

/// A text of at most 1024 characters, which is as much as GitHub shows.
fn text_of(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text.chars().take(1024).collect::<String>()).build()
}

/// `mistral-api-key` as `MistralApiKey`: a rule's name in SARIF is an identifier in Pascal case.
fn pascal_case(id: &str) -> String {
    let capital = |part: &str| part.chars().next().map(|c| c.to_ascii_uppercase().to_string() + &part[c.len_utf8()..]);
    id.split('-').filter_map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Report;
    use crate::report::fixture::{all_options, answered, everything, finding, hostile, in_history, random, report};

    fn render(report: &Report, options: &Options<'_>) -> String {
        super::render(&Document::new(report, false, options.show_suppressed), options)
    }

    fn run_of(report: &Report, options: &Options<'_>) -> Value {
        let mut log: Value = serde_json::from_str(&render(report, options)).expect("SARIF is JSON");
        assert_eq!((&log["version"], &log["$schema"]), (&json!("2.1.0"), &json!(SCHEMA_URL)));
        log["runs"][0].take()
    }

    fn places(run: &Value) -> Vec<(&str, i64)> {
        let results = run["results"].as_array().expect("there are results");
        let places = results.iter().map(|result| &result["locations"][0]["physicalLocation"]);
        places.map(|place| (place["artifactLocation"]["uri"].as_str().unwrap_or_default(), place["region"]["startLine"].as_i64().unwrap_or_default())).collect()
    }

    #[test]
    fn each_result_points_to_its_rule_and_its_place() {
        let run = run_of(&everything().0, &all_options());
        let rules = run["tool"]["driver"]["rules"].as_array().expect("there are rules");
        let ids: Vec<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
        assert_eq!(ids, ["generic-ambiguous-key", "generic-secret", "mistral-api-key", "openai-admin-key", "openai-api-key"]);
        let results = run["results"].as_array().expect("there are results");
        assert_eq!(results.len(), 7);
        for result in results {
            let index = result["ruleIndex"].as_u64().expect("a number") as usize;
            assert_eq!(ids[index], result["ruleId"]);
        }
        assert_eq!(run["columnKind"], "utf16CodeUnits");
        assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"], json!({"startLine": 12, "startColumn": 10, "endLine": 12, "endColumn": 42}));
        assert_eq!(
            results[3]["properties"],
            json!({"provider": "generic", "confidence": "low", "verdict": "unchecked", "layer": "raw", "candidates": ["mistral", "openai"]})
        );
        let levels: Vec<&Value> = results.iter().map(|result| &result["level"]).collect();
        assert_eq!(levels, ["error", "error", "error", "note", "error", "error", "note"]);
    }

    #[test]
    fn what_the_provider_said_decides_level_and_rank() {
        let run = run_of(&answered(), &all_options());
        let results = run["results"].as_array().expect("there are results");
        let of = |name: &str| results.iter().map(|result| result[name].clone()).collect::<Vec<_>>();
        assert_eq!(of("level"), ["error", "note", "error", "warning"]);
        assert_eq!(of("rank"), [94.0, 14.0, 54.0, 49.0]);
        assert_eq!(results[0]["properties"]["confirmation"]["facts"], json!({"models": "37 models: 12 large, 3 embedding", "owner": "acme"}));
        let text = results[1]["message"]["text"].as_str().expect("a text");
        assert!(text.contains("verdict invalid") && text.contains("The verdict is invalid: it is revoked (HTTP 401 from api.openai.com)."), "{text}");
        assert_eq!(run["invocations"][0]["executionSuccessful"], false, "one key may work or not");
    }

    #[test]
    fn of_a_history_only_what_is_still_there_is_a_result_at_the_place_where_it_is() {
        let head = run_of(&in_history(), &all_options());
        assert_eq!(places(&head), [("b.env", 3)]);
        assert_eq!(head["results"][0]["partialFingerprints"]["primaryLocationLineHash"], "def:2");
        assert_eq!(head["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"], 10);
        let notification = &head["invocations"][0]["toolExecutionNotifications"][0];
        assert_eq!((&notification["level"], &notification["descriptor"]["id"]), (&json!("note"), &json!("results-left-out")));
        assert!(notification["message"]["text"].as_str().is_some_and(|text| text.starts_with("2 findings are only in the history")));
        assert_eq!(
            head["versionControlProvenance"],
            json!([{"repositoryUri": "https://github.com/acme/app", "revisionId": "0123456789abcdef0123456789abcdef01234567", "branch": "main",
                "mappedTo": {"uriBaseId": ROOT}}])
        );

        let all = run_of(&in_history(), &Options { sarif_scope: SarifScope::All, ..all_options() });
        assert_eq!(places(&all).len(), 3);
        assert_eq!(all["results"][1]["partialFingerprints"].get("primaryLocationLineHash"), None, "there is no such line");
        assert_eq!(all["invocations"][0]["toolExecutionNotifications"], json!([]));
    }

    #[test]
    fn a_category_tells_analyses_apart() {
        for category in ["keysift", "keysift/"] {
            let run = run_of(&report(Vec::new()), &Options { category: Some(category), ..all_options() });
            assert_eq!(run["automationDetails"], json!({"id": "keysift/"}));
        }
        assert_eq!(run_of(&report(Vec::new()), &all_options()).get("automationDetails"), None);
    }

    #[test]
    fn what_is_too_much_is_cut_by_severity_and_said() {
        let key = random(32);
        let mut weak = finding("generic-secret", "a.env", &key, &key);
        weak.confidence = crate::finding::Confidence::Low;
        let mut findings = vec![weak; 3];
        findings.extend((0..MOST_RESULTS - 1).map(|i| finding("mistral-api-key", &format!("b/{i}.env"), &key, &key)));
        let run = run_of(&report(findings), &all_options());
        assert_eq!(run["results"].as_array().map(Vec::len), Some(MOST_RESULTS));
        assert_eq!(places(&run).iter().filter(|(path, _)| *path == "a.env").count(), 1);
        let text = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().expect("a text");
        assert!(text.starts_with("The 2 least severe findings are left out"), "{text}");
    }

    #[test]
    fn a_log_that_would_be_too_large_is_cut() {
        let key = random(32);
        let findings = (0..4_000).map(|_| finding("mistral-api-key", &format!("{}/a", random(4_000)), &key, &key)).collect();
        let text = render(&report(findings), &all_options());
        assert!(most_gzipped(text.as_bytes()) <= MOST_BYTES, "{}", text.len());
        assert!(text.len() > 8_000_000 && text.contains("results-left-out"), "{}", text.len());
    }

    #[test]
    fn nothing_of_the_source_is_in_it() {
        let text = render(&everything().0, &all_options());
        assert!(!text.contains("snippet") && !text.contains("Mistral(\\\""));
    }

    #[test]
    fn messages_hold_no_link_made_by_the_scanned_content() {
        let run = run_of(&everything().0, &all_options());
        let text = run["results"][4]["message"]["text"].as_str().expect("a text");
        assert!(text.starts_with("Exposed Mistral AI API key (confidence medium): stands in [keys/********] (https://evil.example)"), "{text}");
        assert!(run_of(&hostile(), &all_options())["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].is_string());
    }

    #[test]
    fn suppressed_findings_come_on_demand_and_say_so() {
        let (report, _) = everything();
        let run = run_of(&report, &all_options());
        assert_eq!(run["results"][5]["suppressions"], json!([{"kind": "inSource", "justification": "keysift:allow: rotated in May"}]));
        assert_eq!(run["results"][6]["suppressions"], json!([{"kind": "external", "justification": ".keysift.toml: allow entry 1"}]));
        let mut accepted = report.clone();
        accepted.suppressed[0].suppression = Some(crate::finding::Suppression { by: "baseline .keysift-baseline".to_owned(), reason: None });
        assert_eq!(run_of(&accepted, &all_options())["results"][5]["suppressions"][0]["kind"], "external");
        let run = run_of(&report, &Options { show_suppressed: false, ..all_options() });
        assert_eq!(run["results"].as_array().map(Vec::len), Some(5));
        assert!(run["results"].as_array().is_some_and(|results| results.iter().all(|result| result.get("suppressions").is_none())));
    }

    #[test]
    fn an_incomplete_scan_is_no_success() {
        let invocation = run_of(&everything().0, &all_options())["invocations"][0].take();
        assert_eq!((&invocation["executionSuccessful"], &invocation["exitCode"]), (&json!(false), &json!(1)));
        let notifications = invocation["toolExecutionNotifications"].as_array().expect("there are some");
        assert_eq!(notifications.len(), 2, "the reason and the unreadable blob, not the symbolic link");
        assert_eq!(notifications[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "locked.txt");
        let empty = run_of(&report(Vec::new()), &all_options());
        assert_eq!(empty["invocations"][0]["executionSuccessful"], true);
        assert_eq!((&empty["results"], &empty["tool"]["driver"]["rules"]), (&json!([]), &json!([])));
    }
}
