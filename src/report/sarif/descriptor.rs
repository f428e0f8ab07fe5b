//! What a SARIF log says of rules and of its notifications: `reportingDescriptor`s.

use serde_json::json;
use serde_sarif::sarif::{MultiformatMessageString, ReportingConfiguration, ReportingDescriptor};

use super::properties;
use crate::report::document::{Precision, UsedRule};
use crate::rule::{GENERIC, Severity};

/// A rule, with what its keys can do and the steps to be rid of one.
pub fn of_rule(rule: &UsedRule) -> ReportingDescriptor {
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

/// A kind of notification.
pub fn of_notification(id: &str, text: &str, help: &str) -> ReportingDescriptor {
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
