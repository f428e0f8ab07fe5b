//! detect-secrets: its `.secrets.baseline` holds what it was configured with and the findings that it accepted. The latter count as they are, for our scans
//! read such a file as a baseline.

use serde_json::Value;

use super::write::Writer;
use crate::config::document::{ConfigError, Document};
use crate::config::gitleaks::{Allow, go};
use crate::filter::Target;
use crate::rule::pattern::Expression;

/// Plugins, with the version that each came with (as its tags have them; 0.8.0 is the oldest tag) and our rules for what it finds.
const PLUGINS: &[Plugin] = &[
    ("ArtifactoryDetector", [0, 12, 3], &["jfrog-api-key", "jfrog-reference-token"]),
    ("AWSKeyDetector", [0, 11, 1], &["aws-access-key-id"]),
    ("AzureStorageKeyDetector", [1, 0, 0], &["azure-storage-key"]),
    ("BasicAuthDetector", [0, 10, 2], &["generic-url-password"]),
    ("DiscordBotTokenDetector", [1, 4, 0], &["discord-bot-token"]),
    (
        "GitHubTokenDetector",
        [1, 2, 0],
        &["github-personal-token", "github-oauth-token", "github-app-user-token", "github-app-installation-token", "github-refresh-token"],
    ),
    ("GitLabTokenDetector", [1, 5, 0], &["gitlab-personal-token", "gitlab-runner-token", "gitlab-deploy-token", "gitlab-job-token", "gitlab-trigger-token"]),
    ("KeywordDetector", [0, 10, 3], &["generic-secret"]),
    ("MailchimpDetector", [0, 12, 6], &["mailchimp-api-key"]),
    ("NpmDetector", [1, 0, 0], &["npm-access-token", "npm-legacy-token"]),
    ("OpenAIDetector", [1, 5, 0], &["openai-api-key"]),
    ("PrivateKeyDetector", [0, 8, 0], &["private-key", "private-key-encrypted"]),
    ("PypiTokenDetector", [1, 5, 0], &["pypi-upload-token", "pypi-test-upload-token"]),
    ("SendGridDetector", [1, 2, 0], &["sendgrid-api-key"]),
    ("SlackDetector", [0, 12, 0], &["slack-bot-token", "slack-user-token", "slack-legacy-token", "slack-webhook"]),
    ("SquareOAuthDetector", [1, 0, 0], &["square-application-secret"]),
    ("StripeDetector", [0, 12, 4], &["stripe-secret-key", "stripe-restricted-key"]),
    ("TelegramBotTokenDetector", [1, 5, 0], &["telegram-bot-token"]),
    ("TwilioKeyDetector", [0, 13, 1], &["twilio-api-key"]),
];

/// The three numbers of a version.
type Version = [u32; 3];

/// Its name, the version that it came with, and our rules.
type Plugin = (&'static str, Version, &'static [&'static str]);

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

/// Switches off the rules of plugins that are off: those that the file does not name although the version that wrote it has them. What came later nobody has
/// switched off, and where no version is told, that is not known of any.
fn plugins(value: &Value, writer: &mut Writer) {
    let Some(used) = value.get("plugins_used").and_then(Value::as_array) else { return };
    let names: Vec<&str> = used.iter().filter_map(|plugin| plugin.get("name")?.as_str()).collect();
    let is_used = |name: &str| names.contains(&name);
    let stands_in = |plugin: &str| plugin == "KeywordDetector" && ENTROPY.iter().any(|name| is_used(name));
    let unnamed = PLUGINS.iter().filter(|(plugin, ..)| !is_used(plugin) && !stands_in(plugin));
    let version = value.get("version").and_then(Value::as_str).and_then(version_of);
    let (off, later): (Vec<&Plugin>, Vec<&Plugin>) = unnamed.partition(|(_, since, _)| version.is_some_and(|version| *since <= version));
    let listed = |plugins: &[&Plugin]| plugins.iter().map(|(plugin, ..)| *plugin).collect::<Vec<_>>().join(", ");
    let disabled: Vec<String> = off.iter().flat_map(|(.., rules)| rules.iter().map(|&rule| rule.to_owned())).collect();
    match version {
        None if !later.is_empty() => {
            writer.left_out("the choice of plugins: the file does not say which version wrote it, so what was switched off is not known")
        }
        Some([major, minor, patch]) if !off.is_empty() => writer.remark(&format!(
            "switched off: {}; the file was written by detect-secrets {major}.{minor}.{patch} and does not use {}",
            disabled.join(", "),
            listed(&off)
        )),
        _ => {}
    }
    if version.is_some() && !later.is_empty() {
        writer.remark(&format!("left on, for that version had no plugin for it: what {} find", listed(&later)));
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

/// The numbers that a version begins with: `1.5.0`, `0.13.1+ibm.62`.
fn version_of(text: &str) -> Option<Version> {
    let mut parts = text.split('.').map(|part| part.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()));
    Some([parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0)])
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
        let missing: Vec<&str> = PLUGINS.iter().flat_map(|(.., ours)| ours.iter().copied()).filter(|id| rules.get(id).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert_eq!(version_of("1.5.0"), Some([1, 5, 0]));
        assert_eq!(version_of("0.13.1+ibm.62.dss"), Some([0, 13, 1]));
        assert_eq!(version_of("1.6"), Some([1, 6, 0]));
        assert_eq!((version_of("1"), version_of("new"), version_of("")), (None, None, None));
        assert!(version_of("1.10.0") > version_of("1.5.0"));
    }
}
