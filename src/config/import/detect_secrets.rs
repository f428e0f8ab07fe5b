//! detect-secrets: its `.secrets.baseline` holds what it was configured with and the findings that it accepted. The latter count as they are, for our scans
//! read such a file as a baseline.

use serde_json::Value;

use super::write::Writer;
use crate::config::document::{ConfigError, Document};
use crate::config::gitleaks::{Allow, go};
use crate::filter::Target;
use crate::rule::pattern::Expression;

/// Plugins, with our rules for what each finds. A plugin that a file does not name was switched off.
const PLUGINS: &[(&str, &[&str])] = &[
    ("ArtifactoryDetector", &["jfrog-api-key", "jfrog-reference-token"]),
    ("AWSKeyDetector", &["aws-access-key-id"]),
    ("AzureStorageKeyDetector", &["azure-storage-key"]),
    ("BasicAuthDetector", &["generic-url-password"]),
    ("DiscordBotTokenDetector", &["discord-bot-token"]),
    ("GitHubTokenDetector", &["github-personal-token", "github-oauth-token", "github-app-user-token", "github-app-installation-token", "github-refresh-token"]),
    ("GitLabTokenDetector", &["gitlab-personal-token", "gitlab-runner-token", "gitlab-deploy-token", "gitlab-job-token", "gitlab-trigger-token"]),
    ("KeywordDetector", &["generic-secret"]),
    ("MailchimpDetector", &["mailchimp-api-key"]),
    ("NpmDetector", &["npm-access-token", "npm-legacy-token"]),
    ("OpenAIDetector", &["openai-api-key"]),
    ("PrivateKeyDetector", &["private-key", "private-key-encrypted"]),
    ("PypiTokenDetector", &["pypi-upload-token", "pypi-test-upload-token"]),
    ("SendGridDetector", &["sendgrid-api-key"]),
    ("SlackDetector", &["slack-bot-token", "slack-user-token", "slack-legacy-token", "slack-webhook"]),
    ("SquareOAuthDetector", &["square-application-secret"]),
    ("StripeDetector", &["stripe-secret-key", "stripe-restricted-key"]),
    ("TelegramBotTokenDetector", &["telegram-bot-token"]),
    ("TwilioKeyDetector", &["twilio-api-key"]),
];

/// Plugins for what looks random; our generic rule stands for them, too.
const ENTROPY: [&str; 2] = ["Base64HighEntropyString", "HexHighEntropyString"];

/// Filters by what they look at.
const FILTERS: [(&str, Where); 3] = [
    ("detect_secrets.filters.regex.should_exclude_file", Where::Path),
    ("detect_secrets.filters.regex.should_exclude_line", Where::Line),
    ("detect_secrets.filters.regex.should_exclude_secret", Where::Secret),
];

/// Filters that keysift has by itself.
const BUILT_IN: [&str; 4] =
    ["detect_secrets.filters.allowlist.", "detect_secrets.filters.common.", "detect_secrets.filters.heuristic.", "detect_secrets.filters.gibberish."];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Path,
    Line,
    Secret,
}

/// Writes what the file says. `baseline` is how the configuration names it.
pub fn write(document: &Document, baseline: &str, writer: &mut Writer) -> Result<(), ConfigError> {
    let wrong = || ConfigError::File {
        path: document.path.to_owned(),
        what: "is no baseline of detect-secrets".to_owned(),
        help: Some("`detect-secrets scan` writes one; it is JSON with `plugins_used` and `results`".to_owned()),
    };
    let value: Value = serde_json::from_str(document.text).map_err(|_| wrong())?;
    let results = value.get("results").and_then(Value::as_object).ok_or_else(wrong)?;
    if !results.is_empty() {
        writer.baseline(baseline);
    }
    plugins(&value, writer);
    for filter in value.get("filters_used").and_then(Value::as_array).into_iter().flatten() {
        self::filter(filter, writer);
    }
    // As versions before 1.0 wrote it.
    for (key, place) in [("files", Where::Path), ("lines", Where::Line)] {
        if let Some(pattern) = value.get("exclude").and_then(|exclude| exclude.get(key)).and_then(Value::as_str) {
            exclude(&[pattern.to_owned()], place, writer);
        }
    }
    if value.get("word_list").and_then(|list| list.get("file")).is_some_and(Value::is_string) {
        writer.left_out("`word_list`: write its words as `stopwords` of an `[[allow]]`");
    }
    Ok(())
}

/// Switches off the rules of plugins that are off.
fn plugins(value: &Value, writer: &mut Writer) {
    let Some(used) = value.get("plugins_used").and_then(Value::as_array) else { return };
    let names: Vec<&str> = used.iter().filter_map(|plugin| plugin.get("name")?.as_str()).collect();
    let is_used = |name: &str| names.contains(&name);
    let mut disabled: Vec<String> = Vec::new();
    for (plugin, rules) in PLUGINS.iter().filter(|(plugin, _)| !is_used(plugin)) {
        if *plugin == "KeywordDetector" && ENTROPY.iter().any(|name| is_used(name)) {
            continue;
        }
        disabled.extend(rules.iter().map(|&rule| rule.to_owned()));
    }
    writer.rules_table(true, &disabled);
    for plugin in used {
        let name = plugin.get("name").and_then(Value::as_str).unwrap_or_default();
        if plugin.get("path").is_some() {
            writer.left_out(&format!("plugin {name}: it is a program; write a `[[rule]]` with its expressions"));
        } else if plugin.get("limit").is_some() {
            writer.left_out(&format!("plugin {name}: its `limit`, for random values are told by more than their entropy here"));
        } else if plugin.get("keyword_exclude").is_some_and(|exclude| exclude.as_str().is_some_and(|text| !text.is_empty())) {
            writer.left_out(&format!("plugin {name}: `keyword_exclude`"));
        }
    }
}

fn filter(filter: &Value, writer: &mut Writer) {
    let path = filter.get("path").and_then(Value::as_str).unwrap_or_default();
    let known = FILTERS.iter().find(|(known, _)| *known == path);
    match known {
        Some((_, place)) => exclude(&texts(filter.get("pattern")), *place, writer),
        None if BUILT_IN.iter().any(|known| path.starts_with(known)) => {}
        None => writer.left_out(&format!("filter {path}")),
    }
}

/// A text, or several.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn exclude(patterns: &[String], place: Where, writer: &mut Writer) {
    let mut good = Vec::new();
    for pattern in patterns.iter().filter(|pattern| !pattern.is_empty()) {
        // Python's language differs from ours where Go's does, and in the end of a text.
        let ours = go::translated(&pattern.replace(r"\Z", r"\z")).and_then(|regex| Expression::parse(&regex).map(|_| regex));
        match ours {
            Ok(regex) => good.push(regex),
            Err(what) => writer.left_out(&format!("an expression that excludes: {what}")),
        }
    }
    if good.is_empty() {
        return;
    }
    let named = |what: &str| Allow { name: what.to_owned(), ..Allow::default() };
    writer.allow(&match place {
        Where::Path => Allow { path_regexes: good, ..named("excluded files") },
        Where::Line => Allow { regexes: good, target: Target::Line, ..named("excluded lines") },
        Where::Secret => Allow { regexes: good, ..named("excluded secrets") },
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn every_rule_of_the_table_is_there() {
        let rules = RuleSet::built_in();
        let missing: Vec<&str> = PLUGINS.iter().flat_map(|(_, ours)| ours.iter().copied()).filter(|id| rules.get(id).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
