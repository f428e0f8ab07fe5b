//! The text of a rule file: what `docs/rules.md` describes, parsed and checked, nothing derived yet.
//!
//! Also compiled into the build script, which turns the files of `rules/` into static tables; therefore it depends on no other module but `confirm`,
//! which is compiled into it, too.

use serde::Deserialize;

use super::confirm::Confirm;

/// The checksums that a rule may name; `rule::checksum` computes them.
pub const CHECKSUMS: [&str; 5] = ["github", "npm", "gitlab", "atlassian", "grafana"];
/// The ways to read a key that a rule may name; the scoring stage has them.
pub const READINGS: [&str; 7] = ["aws-account", "azure-sas", "grafana-org", "jwt", "macaroon", "sentry-org", "slack-team"];

/// The kinds of secrets that a rule may name which are found by what surrounds them and not by a shape of their own; `rule::structure` describes them.
pub const STRUCTURES: [&str; 6] = ["private-key", "encrypted-private-key", "url-password", "connection-password", "assigned-password", "assigned-secret"];

/// One rule file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleFile {
    /// Whose keys these are.
    pub provider: ProviderText,
    /// What stands near a key of this provider.
    #[serde(default)]
    pub context: ContextText,
    /// How the provider is asked about a key; for rules without one of their own.
    pub confirm: Option<Confirm>,
    /// The kinds of keys.
    #[serde(rename = "rule", default)]
    pub rules: Vec<RuleText>,
}

/// `[provider]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProviderText {
    /// Stable kebab-case name.
    pub id: String,
    /// As the provider writes it.
    pub name: String,
    /// Documentation URL.
    pub docs: String,
    /// URL of the page that deletes keys.
    pub revoke: String,
    /// What to do now, one step each.
    #[serde(default)]
    pub rotate: Vec<String>,
    /// Environment variables, canonical first.
    #[serde(default)]
    pub env: Vec<String>,
}

/// `[context]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ContextText {
    /// Distinctive names.
    pub names: Vec<String>,
    /// Names that are ordinary words.
    pub common_names: Vec<String>,
    /// API hosts.
    pub hosts: Vec<String>,
    /// Packages and modules.
    pub imports: Vec<String>,
    /// Classes and functions that take the key.
    pub constructors: Vec<String>,
    /// Beginnings of model ids.
    pub models: Vec<String>,
    /// Texts that give the name another meaning.
    pub collisions: Vec<String>,
}

/// `[[rule]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleText {
    /// Stable kebab-case name.
    pub id: String,
    /// What the key is.
    pub name: String,
    /// `critical`, `high`, `medium` or `low`.
    pub severity: String,
    /// Regular expression of the whole key.
    pub shape: String,
    /// `required` or `helpful`.
    #[serde(default = "helpful")]
    pub context: String,
    /// `upper`, `lower`, `digit`.
    #[serde(default)]
    pub require: Vec<String>,
    /// Bits per character.
    #[serde(default)]
    pub min_entropy: f32,
    /// How the checksum in each key is computed: one of [`CHECKSUMS`].
    pub checksum: Option<String>,
    /// What a key says about itself: one of [`READINGS`].
    pub reads: Option<String>,
    /// What the secret is a part of, if that and not its shape tells it: one of [`STRUCTURES`].
    pub structure: Option<String>,
    /// A sentence for the reader.
    pub note: Option<String>,
    /// How the provider is asked about a key of this kind.
    pub confirm: Option<Confirm>,
    /// Texts that must give a finding.
    #[serde(rename = "example", default)]
    pub examples: Vec<ExampleText>,
    /// Texts that must give none.
    #[serde(rename = "counter-example", default)]
    pub counter_examples: Vec<ExampleText>,
}

/// `[[rule.example]]` and `[[rule.counter-example]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExampleText {
    /// The blob's path.
    pub path: Option<String>,
    /// The blob.
    pub text: String,
    /// Why a counter-example must stay quiet.
    pub because: Option<String>,
}

impl RuleFile {
    /// How the provider is asked about a key of `rule`, which is one of the file's.
    pub fn confirm_of<'a>(&'a self, rule: &'a RuleText) -> Option<&'a Confirm> {
        rule.confirm.as_ref().or(self.confirm.as_ref())
    }

    /// The same as text; empty if there is none.
    pub fn confirm_text(&self, rule: &RuleText) -> String {
        self.confirm_of(rule).map(|confirm| serde_json::to_string(confirm).expect("it has only texts for keys")).unwrap_or_default()
    }
}

fn helpful() -> String {
    "helpful".to_owned()
}

/// Parses a rule file, removes every `¦` and checks what the types alone do not say.
///
/// # Errors
/// A message that names the line (for TOML errors) or the rule, and what is wrong with it.
pub fn parse(text: &str) -> Result<RuleFile, String> {
    let file: RuleFile = toml::from_str(&text.replace('¦', "")).map_err(|e| e.to_string().trim_end().to_owned())?;
    let is_kebab = |id: &str| {
        let inner = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        inner && !id.is_empty() && !id.starts_with('-') && !id.ends_with('-')
    };
    let provider = &file.provider;
    if !is_kebab(&provider.id) {
        return Err(format!("provider id `{}` is not kebab-case", provider.id));
    }
    for (key, url) in [("docs", &provider.docs), ("revoke", &provider.revoke)] {
        if !url.starts_with("https://") {
            return Err(format!("provider.{key} `{url}` is not an https URL"));
        }
    }
    let context = &file.context;
    let words = [&context.names, &context.common_names, &context.hosts, &context.imports, &context.constructors, &context.models];
    if let Some(word) = words.into_iter().flatten().find(|word| word.len() < 2 || !word.is_ascii()) {
        return Err(format!("context word `{word}` must be ASCII and have at least two characters"));
    }
    let mut ids: Vec<&str> = Vec::new();
    for rule in &file.rules {
        let here = |what: String| format!("rule `{}`: {what}", rule.id);
        if !is_kebab(&rule.id) || !rule.id.starts_with(provider.id.as_str()) {
            return Err(here(format!("the id must be kebab-case and begin with `{}`", provider.id)));
        }
        if ids.contains(&rule.id.as_str()) {
            return Err(here("the id is used twice".to_owned()));
        }
        ids.push(&rule.id);
        if !matches!(rule.severity.as_str(), "critical" | "high" | "medium" | "low") {
            return Err(here(format!("severity `{}` is none of critical, high, medium, low", rule.severity)));
        }
        if !matches!(rule.context.as_str(), "required" | "helpful") {
            return Err(here(format!("context `{}` is none of required, helpful", rule.context)));
        }
        if let Some(class) = rule.require.iter().find(|class| !matches!(class.as_str(), "upper" | "lower" | "digit")) {
            return Err(here(format!("require has `{class}`, which is none of upper, lower, digit")));
        }
        if !(0.0..=6.5).contains(&rule.min_entropy) {
            return Err(here(format!("min-entropy {} is not between 0 and 6.5 bits per character", rule.min_entropy)));
        }
        let named = [("checksum", &rule.checksum, &CHECKSUMS[..]), ("reads", &rule.reads, &READINGS[..]), ("structure", &rule.structure, &STRUCTURES[..])];
        for (key, value, known) in named {
            if let Some(value) = value.as_ref().filter(|value| !known.contains(&value.as_str())) {
                return Err(here(format!("{key} `{value}` is none of {}", known.join(", "))));
            }
        }
        if let Some(confirm) = file.confirm_of(rule) {
            confirm.check().map_err(here)?;
        }
        for example in &rule.examples {
            let (open, close) = (example.text.matches('«').count(), example.text.matches('»').count());
            if (open, close) != (1, 1) {
                return Err(here("an example marks its secret with exactly one « and one »".to_owned()));
            }
        }
        if let Some(quiet) = rule.counter_examples.iter().find(|example| example.because.is_none()) {
            return Err(here(format!("the counter-example `{}` says no `because`", quiet.text.trim())));
        }
    }
    Ok(file)
}
