//! The report for code scanning services: SARIF 2.1.0, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, with the
//! properties that GitHub reads (<https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>).
//!
//! Such a report is uploaded and kept: it holds no source text and no secret. Columns count UTF-16 code units, as GitHub does whatever is declared. It is cut
//! to what GitHub takes, and says so. The only module that knows `serde_sarif`.

mod descriptor;
mod invocation;

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Location, Message, PhysicalLocation, PropertyBag, Region, Result as SarifResult, ResultLevel, Run, RunAutomationDetails, Sarif,
    Suppression, Tool, ToolComponent, VersionControlDetails,
};

use super::document::{Alert, Document, Found, Level, Place, UsedRule};
use super::mask::{escape_json, printable};
use super::uri::{self, Uri};
use super::{Options, SarifScope, words};
use crate::finding::ReachKind;
use crate::verdict::Verdict;

const SCHEMA_URL: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Where to read what the tool is.
const PAGE: &str = env!("CARGO_PKG_HOMEPAGE");
/// What relative paths are relative to.
const ROOT: &str = "%SRCROOT%";
/// GitHub keeps so many results of a run.
const MOST_RESULTS: usize = 5_000;
/// GitHub takes so many bytes, compressed with gzip.
const MOST_BYTES: f64 = 10e6;
/// How a baseline calls itself in a suppression.
const BASELINE: &str = "baseline ";

/// The report as a SARIF log with one run.
pub fn render(document: &Document, options: &Options<'_>) -> String {
    let shown: Vec<&Found> = document.findings.iter().chain(document.suppressed.iter().flatten()).collect();
    let in_scope: Vec<&Found> = shown.iter().copied().filter(|finding| options.sarif_scope == SarifScope::All || finding.place().is_some()).collect();
    let n_out_of_scope = shown.len() - in_scope.len();
    let alerts = one_per_alert(&in_scope);
    let mut n_most = MOST_RESULTS;
    loop {
        let results = worst(&alerts, n_most);
        let n_cut = in_scope.len() - results.iter().map(|result| result.n).sum::<usize>();
        let json = escape_json(&log(document, options, &results, n_out_of_scope, n_cut)) + "\n";
        let size = most_gzipped(json.as_bytes());
        if size <= MOST_BYTES || results.is_empty() {
            return json;
        }
        // The next try is sure to be smaller, and most likely fits.
        n_most = ((results.len() as f64 * MOST_BYTES / size * 0.9) as usize).min(results.len() - 1);
    }
}

/// A finding, and how many there are that a service cannot tell from it: those of a secret that commits brought again and again to one place.
#[derive(Clone, Copy)]
struct Counted<'a> {
    finding: &'a Found,
    n: usize,
}

/// One finding for each alert, the first in the report, in the order of the report.
fn one_per_alert<'a>(findings: &[&'a Found]) -> Vec<Counted<'a>> {
    let mut places: HashMap<Alert<'a>, usize> = HashMap::new();
    let mut alerts: Vec<Counted<'a>> = Vec::new();
    for finding in findings {
        let at = *places.entry(finding.alert()).or_insert(alerts.len());
        match alerts.get_mut(at) {
            Some(alert) => alert.n += 1,
            None => alerts.push(Counted { finding, n: 1 }),
        }
    }
    alerts
}

/// The `n` worst results, in the order of the report; suppressed ones are the least bad.
fn worst<'a>(results: &[Counted<'a>], n: usize) -> Vec<Counted<'a>> {
    let mut places: Vec<usize> = (0..results.len()).collect();
    places.sort_by_key(|&at| std::cmp::Reverse((results[at].finding.suppression.is_none(), results[at].finding.badness())));
    places.truncate(n);
    places.sort_unstable();
    places.into_iter().map(|at| results[at]).collect()
}

/// At most so many bytes remain of `text` with gzip: as many as with a Huffman code alone, which is a part of it, and what the blocks cost.
fn most_gzipped(text: &[u8]) -> f64 {
    let mut counts = [0_u64; 256];
    text.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    let n = text.len() as f64;
    let n_bits: f64 = counts.iter().filter(|count| **count > 0).map(|&count| count as f64 * (n / count as f64).log2().ceil().max(1.0)).sum();
    (n_bits / 8.0).min(n) * 1.01 + 1_000.0
}

fn log(document: &Document, options: &Options<'_>, results: &[Counted<'_>], n_out_of_scope: usize, n_cut: usize) -> String {
    let rules: BTreeMap<&str, &UsedRule> = results.iter().map(|result| (result.finding.rule.as_str(), document.rule(result.finding))).collect();
    let index: BTreeMap<&str, i64> = rules.keys().copied().zip(0..).collect();
    let writer = Writer { document, scope: options.sarif_scope };
    let tool = &document.head.tool;
    let driver = ToolComponent::builder()
        .name(tool.name.clone())
        .version(tool.version.clone())
        .semantic_version(tool.version.clone())
        .information_uri(PAGE)
        .rules(rules.values().map(|rule| descriptor::of_rule(rule)).collect::<Vec<_>>())
        .notifications(invocation::NOTIFICATIONS.map(|(id, text, help)| descriptor::of_notification(id, text, help)).to_vec())
        .build();
    let mut run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .invocations(vec![writer.invocation(n_out_of_scope, n_cut)])
        .results(results.iter().map(|&result| writer.result(result, index[result.finding.rule.as_str()])).collect::<Vec<_>>())
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
    fn result(&self, Counted { finding, n }: Counted<'_>, rule_index: i64) -> SarifResult {
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
            .locations(vec![self.place(place, finding.message && present.is_none())])
            .partial_fingerprints(fingerprints)
            .properties(self.properties(finding))
            .build();
        // The property says nothing where it is one.
        result.occurrence_count = (n > 1).then(|| i64::try_from(n).unwrap_or(i64::MAX));
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

    /// The place of a finding. What is no file has no base, and says what it is: a service finds nothing there.
    fn place(&self, place: Place<'_>, is_message: bool) -> Location {
        let is_stream = self.document.head.reach.as_ref().is_some_and(|reach| reach.kind == ReachKind::Stream);
        let mut artifact = self.artifact(place.path);
        if is_stream || is_message {
            artifact.uri_base_id = None;
            artifact.description = Some(message(if is_message {
                "No file: a message, a name, or an object of the repository to which no commit leads."
            } else {
                "Standard input, which is no file."
            }));
        }
        location(artifact, Some(region(place)))
    }

    fn artifact(&self, path: &str) -> ArtifactLocation {
        match uri::of(path, &self.document.head.root) {
            Uri::Absolute(uri) => ArtifactLocation::builder().uri(uri).build(),
            Uri::Relative(uri) => ArtifactLocation::builder().uri(uri).uri_base_id(ROOT).build(),
        }
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

fn location(artifact: ArtifactLocation, region: Option<Region>) -> Location {
    let mut physical = PhysicalLocation::builder().artifact_location(artifact).build();
    physical.region = region;
    Location::builder().physical_location(physical).build()
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
        let invocation =
            |run: Value| (run["invocations"][0]["executionSuccessful"].clone(), run["invocations"][0]["toolExecutionNotifications"][0]["level"].clone());
        assert_eq!(invocation(run), (json!(true), json!("warning")), "one key may work or not, and is a result");
        let mut without = answered();
        let answers = without.answers.as_mut().expect("the providers were asked");
        answers.undecided[0].n_left_out = 1;
        assert_eq!(invocation(run_of(&without, &all_options())), (json!(false), json!("error")), "it is no result");
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
        let notifications = all["invocations"][0]["toolExecutionNotifications"].as_array().expect("a list");
        assert!(notifications.iter().all(|one| one["descriptor"]["id"] == "blobs-skipped"), "{notifications:?}");
    }

    #[test]
    fn what_commits_brought_again_and_again_to_one_place_is_one_result() {
        let mut report = in_history();
        let again: Vec<_> = report.findings.iter().take(2).cloned().collect();
        report.findings.extend(again.into_iter().chain(in_history().findings));
        let n = |run: &Value| {
            let results = run["results"].as_array().expect("there are results").iter();
            results.map(|result| result.get("occurrenceCount").and_then(Value::as_u64).unwrap_or(1)).collect::<Vec<_>>()
        };
        let head = run_of(&report, &all_options());
        assert_eq!((n(&head), places(&head)), (vec![2, 1], vec![("b.env", 3); 2]), "another secret at the same place is another result");
        let notification = &head["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert!(notification.as_str().is_some_and(|text| text.starts_with("5 findings are only in the history")), "{notification}");
        let all = run_of(&report, &Options { sarif_scope: SarifScope::All, ..all_options() });
        assert_eq!(n(&all), [2, 2, 1, 1, 1, 1]);
        assert_eq!(all["invocations"][0]["properties"]["findings"], 8, "the sum");
    }

    #[test]
    fn what_is_no_file_says_so() {
        let all = run_of(&in_history(), &Options { sarif_scope: SarifScope::All, ..all_options() });
        let artifact = |run: &Value, at: usize| run["results"][at]["locations"][0]["physicalLocation"]["artifactLocation"].clone();
        let description = json!({"text": "No file: a message, a name, or an object of the repository to which no commit leads."});
        assert_eq!(artifact(&all, 2), json!({"uri": "message%20of%20commit%200123456789ab", "description": description}));
        assert_eq!(artifact(&all, 1), json!({"uri": "gone.env", "uriBaseId": ROOT}));
        let mut piped = everything().0;
        piped.reach.kind = ReachKind::Stream;
        assert_eq!(artifact(&run_of(&piped, &all_options()), 0)["description"]["text"], "Standard input, which is no file.");
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
        let weak = |n_below| {
            let mut weak = finding("generic-secret", "a.env", &key, &key);
            weak.confidence = crate::finding::Confidence::Low;
            weak.region.start.line += n_below;
            weak
        };
        let mut findings: Vec<_> = (0..3).map(weak).collect();
        findings.extend((0..MOST_RESULTS - 1).map(|i| finding("mistral-api-key", &format!("b/{i}.env"), &key, &key)));
        let run = run_of(&report(findings), &all_options());
        assert_eq!(run["results"].as_array().map(Vec::len), Some(MOST_RESULTS));
        assert_eq!(places(&run).iter().filter(|(path, _)| *path == "a.env").count(), 1);
        let text = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().expect("a text");
        assert!(text.starts_with("2 findings are left out, none worse than the results"), "{text}");
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
        let kinds: Vec<(&Value, &Value)> = notifications.iter().map(|one| (&one["level"], &one["descriptor"]["id"])).collect();
        let (incomplete, skipped) = (json!("scan-incomplete"), json!("blobs-skipped"));
        let (error, note) = (json!("error"), json!("note"));
        assert_eq!(kinds, [(&error, &incomplete), (&error, &incomplete), (&note, &skipped), (&note, &skipped)]);
        let text = notifications[2]["message"]["text"].as_str().expect("a text");
        assert!(text.contains("; skipped 2 (") && text.contains("1 symbolic link") && text.ends_with("; 7 paths left out by ignore files."), "{text}");
        assert_eq!(notifications[3]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "link");
        assert_eq!(notifications[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "locked.txt");
        let empty = run_of(&report(Vec::new()), &all_options());
        assert_eq!(empty["invocations"][0]["executionSuccessful"], true);
        assert_eq!((&empty["results"], &empty["tool"]["driver"]["rules"]), (&json!([]), &json!([])));
    }
}
