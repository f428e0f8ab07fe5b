//! The report for code scanning services: SARIF 2.1.0, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, with the
//! properties that GitHub reads (<https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>).
//!
//! Such a report is uploaded and kept: it holds no source text and no secret, not even with `show_secrets`. The only module that knows
//! `serde_sarif`. It does not compute GitHub's own `primaryLocationLineHash` (the upload action does, from the checked-out file), it names
//! no automation category, and it is not cut to the number of results that a service takes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Location, Message, MultiformatMessageString, Notification, PhysicalLocation, PropertyBag, Region, ReportingConfiguration,
    ReportingDescriptor, ReportingDescriptorReference, Result as SarifResult, ResultLevel, Run, Sarif, Suppression, Tool, ToolComponent,
};

use super::mask::{Mask, escape_json};
use super::{Options, confirmation, evidence_sentence, fingerprint, meaning};
use crate::blob::path_bytes;
use crate::finding::{self, Confidence, Finding, Report};
use crate::rule::{ContextNeed, GENERIC, GENERIC_AMBIGUOUS, Rule, Severity};
use crate::verdict::{Answers, Verdict};

const SCHEMA_URL: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What relative paths are relative to.
const ROOT: &str = "%SRCROOT%";
/// The notification of a scan that is not complete, and its index among the driver's.
const INCOMPLETE: (&str, i64) = ("scan-incomplete", 0);

/// The report as a SARIF log with one run.
pub fn render(report: &Report, options: &Options) -> String {
    let writer = Writer { mask: Mask::new(report, false), root: &report.root };
    let shown: Vec<&Finding> = report.findings.iter().chain(report.suppressed.iter().filter(|_| options.show_suppressed)).collect();
    let rules: BTreeMap<&str, &Rule> = shown.iter().map(|finding| (finding.rule.id, finding.rule)).collect();
    let index: BTreeMap<&str, i64> = rules.keys().copied().zip(0..).collect();
    let driver = ToolComponent::builder()
        .name(env!("CARGO_PKG_NAME"))
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(rules.values().map(|rule| descriptor(rule)).collect::<Vec<_>>())
        .notifications(vec![incomplete_descriptor()])
        .build();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .invocations(vec![writer.invocation(report)])
        .results(shown.iter().map(|finding| writer.result(finding, index[finding.rule.id])).collect::<Vec<_>>())
        .column_kind(json!("unicodeCodePoints"))
        .original_uri_base_ids(BTreeMap::from([(ROOT.to_owned(), writer.root())]))
        .build();
    let log = Sarif::builder().schema(SCHEMA_URL).version(json!("2.1.0")).runs(vec![run]).build();
    let json = serde_json::to_string_pretty(&log).expect("these structs hold nothing that JSON cannot");
    escape_json(&json) + "\n"
}

struct Writer<'a> {
    mask: Mask<'a>,
    root: &'a str,
}

impl Writer<'_> {
    fn result(&self, finding: &Finding, rule_index: i64) -> SarifResult {
        let mut result = SarifResult::builder()
            .rule_id(finding.rule.id)
            .rule_index(rule_index)
            .level(level(finding))
            .message(message(&self.sentence(finding)))
            .locations(vec![self.location(&finding.origin.path, Some(region(finding.region)))])
            .partial_fingerprints(BTreeMap::from([("keysiftFingerprint/v1".to_owned(), fingerprint(finding))]))
            .properties(self.properties(finding))
            .build();
        result.rank = confirmation::of(finding).map(|confirmation| rank(confirmation.verdict));
        result.suppressions = finding.suppression.as_ref().map(|suppression| vec![self.suppression(suppression)]);
        result
    }

    fn properties(&self, finding: &Finding) -> PropertyBag {
        let mut bag = properties([
            ("provider", json!(finding.rule.provider.id)),
            ("confidence", json!(finding.confidence)),
            ("verdict", json!(finding.confirmation.verdict)),
            ("layer", json!(finding.layer)),
            ("candidates", finding.providers.iter().map(|provider| provider.id).collect()),
        ]);
        if let Some(confirmation) = confirmation::of(finding) {
            let text = |text: &Option<String>| json!(text.as_ref().map(|text| self.mask.text(text)));
            let facts: serde_json::Map<String, Value> =
                confirmation.facts.iter().map(|fact| (self.mask.text(&fact.name), json!(self.mask.text(&fact.value)))).collect();
            let confirmation = json!({
                "reason": text(&confirmation.reason),
                "status": confirmation.status,
                "host": text(&confirmation.host),
                "facts": facts,
            });
            bag.additional_properties.insert("confirmation".to_owned(), confirmation);
        }
        bag
    }

    /// Two sentences, three if the provider was asked; the first one is all that a list of alerts shows.
    fn sentence(&self, finding: &Finding) -> String {
        let (rule, provider) = (finding.rule, finding.rule.provider);
        let names: Vec<&str> = finding.providers.iter().map(|provider| provider.name).collect();
        let whose = match names.as_slice() {
            [] if provider.id == GENERIC => "'unknown provider'".to_owned(),
            [] => format!("'{}'", provider.name),
            names => format!("one of '{}'", names.join("', '")),
        };
        let confidence = finding.confidence.text();
        let why = self.mask.text(&evidence_sentence(finding));
        let now = if provider.id == GENERIC {
            "Revoke it where it belongs first, and then remove it.".to_owned()
        } else {
            // A space after the URL: a full stop would be taken for a part of it.
            format!("Revoke it at {} first, and then remove it.", provider.revoke)
        };
        let (verdict, answer) = match confirmation::of(finding) {
            Some(confirmation) => {
                let sentence = confirmation::sentence(confirmation, &self.mask);
                (format!(", verdict '{}'", confirmation.verdict.text()), format!(" The verdict is {sentence}."))
            }
            None => (String::new(), String::new()),
        };
        without_links(&format!("Exposed {} ({whose}, confidence '{confidence}'{verdict}): {why}.{answer} {now}", rule.name))
    }

    fn suppression(&self, suppression: &finding::Suppression) -> Suppression {
        let by = self.mask.text(&suppression.by);
        let reason = suppression.reason.as_ref().map(|reason| format!(": {}", self.mask.text(reason))).unwrap_or_default();
        // The vocabulary has a text only: `FILE: allow entry N` is the configuration's, all else is a comment's marker.
        let kind = if by.contains(": allow entry ") { "external" } else { "inSource" };
        Suppression::builder().kind(json!(kind)).justification(format!("{by}{reason}")).build()
    }

    fn invocation(&self, report: &Report) -> Invocation {
        let doubts: Vec<String> = report.answers.iter().flat_map(Answers::doubts).collect();
        let reasons = report.incomplete.iter().chain(&doubts).map(|why| self.notification(&self.mask.text(why), Vec::new()));
        let skips = report.skips.iter().filter(|skip| skip.reason.is_incomplete()).map(|skip| {
            let detail = skip.detail.as_ref().map(|detail| format!(" ({})", self.mask.text(detail))).unwrap_or_default();
            let text = format!("'{}' was not scanned: {}{detail}.", self.mask.text(&skip.origin.path), skip.reason.text());
            self.notification(&text, vec![self.location(&skip.origin.path, None)])
        });
        Invocation::builder()
            .execution_successful(!report.is_incomplete())
            .exit_code(report.exit().code())
            .exit_code_description(meaning(report.exit()))
            .tool_execution_notifications(reasons.chain(skips).collect::<Vec<_>>())
            .properties(properties([("minConfidence", json!(report.min_confidence)), ("belowMinConfidence", json!(report.coverage.n_below_confidence))]))
            .build()
    }

    fn notification(&self, text: &str, locations: Vec<Location>) -> Notification {
        let descriptor = ReportingDescriptorReference::builder().id(INCOMPLETE.0).index(INCOMPLETE.1).build();
        let mut notification = Notification::builder().level(json!("error")).message(message(&without_links(text))).descriptor(descriptor).build();
        notification.locations = (!locations.is_empty()).then_some(locations);
        notification
    }

    fn location(&self, path: &str, region: Option<Region>) -> Location {
        let path = self.mask.hide(path);
        let artifact = match absolute(&path, &self.mask.hide(self.root)) {
            Some(absolute) => ArtifactLocation::builder().uri(file_uri(&absolute)).build(),
            None => ArtifactLocation::builder().uri(encode(path.strip_prefix("./").unwrap_or(&path))).uri_base_id(ROOT).build(),
        };
        let mut physical = PhysicalLocation::builder().artifact_location(artifact).build();
        physical.region = region;
        Location::builder().physical_location(physical).build()
    }

    /// The base of relative paths: a folder's URI ends in `/`. Of a root that is not absolute only the name is known.
    fn root(&self) -> ArtifactLocation {
        let root = self.mask.hide(self.root);
        if is_absolute(&root) {
            let uri = file_uri(&root);
            ArtifactLocation::builder().uri(if uri.ends_with('/') { uri } else { uri + "/" }).build()
        } else {
            ArtifactLocation::builder().description(message("The folder that was scanned.")).build()
        }
    }
}

/// Only what is likely and bad may break a build. A key that works is, whatever was thought of it before, and one that does not is not.
fn level(finding: &Finding) -> ResultLevel {
    match finding.confirmation.verdict {
        Verdict::Live => return ResultLevel::Error,
        Verdict::Invalid | Verdict::Blocked => return ResultLevel::Note,
        Verdict::Restricted | Verdict::Unknown | Verdict::Unchecked => {}
    }
    match (finding.rule.severity, finding.confidence) {
        (Severity::Low, _) | (_, Confidence::Low) => ResultLevel::Note,
        (Severity::Medium, _) => ResultLevel::Warning,
        (Severity::High | Severity::Critical, _) => ResultLevel::Error,
    }
}

/// How important a result is among others, from 0 to 100: whether the key works decides.
const fn rank(verdict: Verdict) -> f64 {
    match verdict {
        Verdict::Live => 100.0,
        Verdict::Restricted => 80.0,
        Verdict::Unknown | Verdict::Unchecked => 50.0,
        Verdict::Blocked => 20.0,
        Verdict::Invalid => 10.0,
    }
}

fn region(region: crate::span::Region) -> Region {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    Region::builder()
        .start_line(number(region.start.line))
        .start_column(number(region.start.column))
        .end_line(number(region.end.line))
        .end_column(number(region.end.column))
        .build()
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

fn descriptor(rule: &Rule) -> ReportingDescriptor {
    let provider = rule.provider;
    let (level, score, power) = match rule.severity {
        Severity::Critical => ("error", "9.5", "Whoever has it can administer the organization."),
        Severity::High => ("error", "8.0", "Whoever has it can act and spend as its owner."),
        Severity::Medium => ("warning", "5.5", "What it can do is limited, or not known."),
        Severity::Low => ("note", "2.0", "It may be a secret; what it can do is not known."),
    };
    let precision = match (rule.context, rule.id) {
        (ContextNeed::Helpful, _) => "very-high",
        (ContextNeed::Required, GENERIC_AMBIGUOUS) => "medium",
        (ContextNeed::Required, _) if provider.id == GENERIC => "low",
        (ContextNeed::Required, _) => "high",
    };
    let power = rule.note.map_or(power.to_owned(), |note| format!("{power} {note}"));
    let short = format!("Exposed {}.", rule.name);
    let full = format!("A secret stands in the source ({}, issued by {}). {power}", rule.name, provider.name);
    let history = "Rewriting the history does not help: clones, forks, and caches keep the secret. Only revoking it does.";
    let steps: Vec<String> = (1..).zip(provider.rotate).map(|(i, step)| format!("{i}. {step}")).collect();
    let page = if provider.id == GENERIC { "Guidance" } else { "Revoke it at" };
    let text = format!("{power}\n{page}: {}\n{}\n{history}", provider.revoke, steps.join("\n"));
    let markdown = format!("{power}\n\n{page}: <{}>\n\n{}\n\n{history}\n", provider.revoke, steps.join("\n"));
    let mut properties = properties([("precision", json!(precision)), ("security-severity", json!(score)), ("provider", json!(provider.id))]);
    properties.tags = Some(vec!["security".to_owned(), "secret".to_owned()]);
    ReportingDescriptor::builder()
        .id(rule.id)
        .name(pascal_case(rule.id))
        .short_description(text_of(&short))
        .full_description(text_of(&full))
        .help(MultiformatMessageString::builder().text(text).markdown(markdown).build())
        .help_uri(provider.docs)
        .default_configuration(ReportingConfiguration::builder().level(json!(level)).build())
        .properties(properties)
        .build()
}

fn incomplete_descriptor() -> ReportingDescriptor {
    let text = "Something that should have been scanned was not.";
    let help = "The message says what and why. Without it, no finding does not mean no secret.";
    ReportingDescriptor::builder()
        .id(INCOMPLETE.0)
        .name(pascal_case(INCOMPLETE.0))
        .short_description(text_of(text))
        .full_description(text_of(text))
        .help(text_of(help))
        .build()
}

fn text_of(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

/// `mistral-api-key` as `MistralApiKey`: a rule's name in SARIF is an identifier in Pascal case.
fn pascal_case(id: &str) -> String {
    let capital = |part: &str| part.chars().next().map(|c| c.to_ascii_uppercase().to_string() + &part[c.len_utf8()..]);
    id.split('-').filter_map(capital).collect()
}

fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || cfg!(windows) && path.as_bytes().get(1) == Some(&b':')
}

/// The path from the file system's root, for one that is absolute or leads out of `root`: a relative URI must stay below its base.
fn absolute(path: &str, root: &str) -> Option<String> {
    if is_absolute(path) {
        return Some(path.to_owned());
    }
    if !path.split('/').any(|part| part == "..") || !is_absolute(root) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in root.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(format!("{}{}", if root.starts_with('/') { "/" } else { "" }, parts.join("/")))
}

/// The URI of an absolute path: `/a` is `file:///a`, `C:/a` is `file:///C:/a`, `//server/share` is `file://server/share`.
fn file_uri(path: &str) -> String {
    let path = path.strip_prefix("//?/").unwrap_or(path);
    match path.strip_prefix("//") {
        Some(share) => format!("file://{}", encode(share)),
        None if path.as_bytes().get(1) == Some(&b':') => format!("file:///{}:{}", &path[..1], encode(&path[2..])),
        None => format!("file:///{}", encode(path.trim_start_matches('/'))),
    }
}

/// RFC 3986: of the path's own bytes, everything but unreserved characters and `/` as `%XX`; also a `:`, which would make a relative path's first
/// part a scheme.
fn encode(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path_bytes(path) {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(byte as char);
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{all_options, answered, everything, finding, hostile, random, report};

    fn run_of(report: &Report, options: &Options) -> Value {
        let mut log: Value = serde_json::from_str(&render(report, options)).expect("SARIF is JSON");
        assert_eq!((&log["version"], &log["$schema"]), (&json!("2.1.0"), &json!(SCHEMA_URL)));
        log["runs"][0].take()
    }

    fn uris(path: &str, root: &str) -> Value {
        let key = random(32);
        let report = Report { root: root.to_owned(), ..report(vec![finding("mistral-api-key", path, &key, &key)]) };
        run_of(&report, &all_options())["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].take()
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
        assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"], json!({"startLine": 12, "startColumn": 10, "endLine": 12, "endColumn": 42}));
        assert_eq!(
            results[3]["properties"],
            json!({"provider": "generic", "confidence": "low", "verdict": "unchecked", "layer": "raw", "candidates": ["mistral", "openai"]})
        );
        let levels: Vec<&Value> = results.iter().map(|result| &result["level"]).collect();
        assert_eq!(levels, ["error", "error", "error", "note", "error", "error", "note"]);
    }

    #[test]
    fn nothing_of_the_source_is_in_it_even_if_secrets_are_to_be_shown() {
        let (report, _) = everything();
        let text = render(&report, &Options { show_secrets: true, ..all_options() });
        assert_eq!(text, render(&report, &all_options()));
        assert!(!text.contains("snippet") && !text.contains("Mistral(\\\""));
    }

    #[test]
    fn messages_hold_no_link_made_by_the_scanned_content() {
        let run = run_of(&everything().0, &all_options());
        let text = run["results"][4]["message"]["text"].as_str().expect("a text");
        assert!(text.starts_with("Exposed Mistral AI API key ('Mistral AI', confidence 'medium'): stands in [keys/********] (https://evil.example)"), "{text}");
        assert!(run_of(&hostile(), &all_options())["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].is_string());
    }

    #[test]
    fn suppressed_findings_come_on_demand_and_say_so() {
        let (report, _) = everything();
        let run = run_of(&report, &all_options());
        assert_eq!(run["results"][5]["suppressions"], json!([{"kind": "inSource", "justification": "keysift:allow: rotated in May"}]));
        assert_eq!(run["results"][6]["suppressions"], json!([{"kind": "external", "justification": ".keysift.toml: allow entry 1"}]));
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

    #[test]
    fn a_verdict_decides_over_level_and_rank() {
        let run = run_of(&answered(), &all_options());
        let results = run["results"].as_array().expect("there are results");
        let all: Vec<(&str, f64)> = results.iter().filter_map(|result| Some((result["level"].as_str()?, result["rank"].as_f64()?))).collect();
        assert_eq!(all, [("error", 100.0), ("note", 10.0), ("error", 50.0), ("warning", 50.0)]);
        let text = results[0]["message"]["text"].as_str().expect("a text");
        assert!(text.starts_with("Exposed Mistral AI API key ('Mistral AI', confidence 'high', verdict 'live'): assigned to"), "{text}");
        assert!(text.contains(". The verdict is live (HTTP 200 from api.mistral.ai); models: 37 models: 12 large, 3 embedding; owner: acme. Revoke"), "{text}");
        let properties = &results[0]["properties"];
        assert_eq!((&properties["verdict"], &properties["confirmation"]["facts"]["owner"]), (&json!("live"), &json!("acme")));
        assert_eq!(run["invocations"][0]["executionSuccessful"], false, "a key may work or not");
        let unasked = run_of(&everything().0, &all_options());
        assert_eq!((unasked["results"][0].get("rank"), unasked["results"][0]["properties"].get("confirmation")), (None, None));
    }

    #[test]
    fn paths_become_uris() {
        let relative = |uri: &str| json!({"uri": uri, "uriBaseId": ROOT});
        assert_eq!(uris("src/a.py", "/r"), relative("src/a.py"));
        assert_eq!(uris("./src/a.py", "/r"), relative("src/a.py"));
        assert_eq!(uris("a b/50%#?é:.py", "/r"), relative("a%20b/50%25%23%3F%C3%A9%3A.py"));
        assert_eq!(uris("nonutf%FF", "/r"), relative("nonutf%FF"), "its bytes are escaped once");
        assert_eq!(uris("utf8%25FF", "/r"), relative("utf8%25FF"));
        assert_eq!(uris("/etc/a b", "/r"), json!({"uri": "file:///etc/a%20b"}));
        assert_eq!(uris("../other/./a", "/home/me"), json!({"uri": "file:///home/other/a"}));
        assert_eq!(uris("../../../../a", "/home/me"), json!({"uri": "file:///a"}));
        assert_eq!(file_uri("C:/a b"), "file:///C:/a%20b");
        assert_eq!(file_uri("//?/C:/a"), "file:///C:/a");
        assert_eq!(file_uri("//server/share/a"), "file://server/share/a");
        let root = |root: &str| run_of(&Report { root: root.to_owned(), ..report(Vec::new()) }, &all_options())["originalUriBaseIds"][ROOT].take();
        assert_eq!(root("/home/me/my project"), json!({"uri": "file:///home/me/my%20project/"}));
        assert_eq!(root("/"), json!({"uri": "file:///"}));
        assert!(root("").get("uri").is_none());
    }
}
