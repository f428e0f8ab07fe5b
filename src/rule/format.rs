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
pub const STRUCTURES: [&str; 16] = [
    "private-key",
    "encrypted-private-key",
    "service-account-key",
    "url-password",
    "connection-password",
    "credential-file",
    "password-hash",
    "basic-auth",
    "bearer-token",
    "session-cookie",
    "json-web-key",
    "seed-phrase",
    "paired",
    "assigned-password",
    "assigned-secret",
    NAMED,
];

/// The one of them whose secrets only their names tell: their shapes need nothing by which they could be looked for.
pub const NAMED: &str = "named";

/// One rule file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleFile {
    /// Whose keys these are; a file of one's own may leave it out.
    #[serde(default)]
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

/// `[provider]`. The default is that of a file without one: its id is that of no provider, and the rest is empty.
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

impl Default for ProviderText {
    fn default() -> Self {
        let nothing = String::new;
        Self { id: "generic".to_owned(), name: nothing(), docs: nothing(), revoke: nothing(), rotate: Vec::new(), env: Vec::new() }
    }
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
    /// Whose key it is, by id, in a file without `[provider]`; nobody's that is known if it is left out.
    pub provider: Option<String>,
    /// Regular expression of the whole key. Empty for a rule with a pattern.
    #[serde(default)]
    pub shape: String,
    /// Regular expression that finds the secret and what stands around it.
    pub pattern: Option<String>,
    /// Which group of the pattern is the secret; 0 is the first that took part, or all of it if it has none.
    #[serde(default)]
    pub secret_group: usize,
    /// Texts one of which must stand in the window, whatever their case.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Bits per character that the secret of a pattern must exceed.
    pub entropy: Option<f64>,
    /// Regular expression that is searched in the blob's path.
    pub path: Option<String>,
    /// What other rules must have found in the same window.
    #[serde(default)]
    pub required: Vec<RequiredText>,
    /// Whether the rule reports nothing itself, and others require it.
    #[serde(default)]
    pub silent: bool,
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
    /// What stands beside the key because both work only together.
    pub pair: Option<PairText>,
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

impl RuleText {
    /// Whether the shape is looked for in texts.
    pub fn is_shape_sought(&self) -> bool {
        self.structure.as_deref() != Some(NAMED)
    }

    /// Whether it finds files by their path, and no secret in them.
    pub const fn is_of_path(&self) -> bool {
        self.pattern.is_none() && self.shape.is_empty() && self.path.is_some()
    }
}

/// `required`: what must be near for a pattern to count.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequiredText {
    /// Which rule must have found something.
    pub rule: String,
    /// At most so many lines away.
    pub within_lines: Option<u64>,
    /// At most so many columns away.
    pub within_columns: Option<u64>,
}

/// `pair` of a rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PairText {
    /// The rules of which a key may be the partner, in the same file.
    #[serde(default)]
    pub with: OneOrMore,
    /// A regular expression of a partner that no rule finds.
    #[serde(default)]
    pub shape: String,
    /// What such a partner is.
    #[serde(default)]
    pub name: String,
    /// How many lines may lie between the two.
    pub within: usize,
    /// Whether the partner is no secret and may be shown.
    #[serde(default)]
    pub public: bool,
}

/// One text, or a list of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// `"a"`
    One(String),
    /// `["a", "b"]`
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl OneOrMore {
    /// All of them.
    pub fn ids(&self) -> &[String] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::More(ids) => ids,
        }
    }
}

impl PairText {
    /// What is wrong with it, in a file of these rules.
    fn check(&self, rules: &[RuleText]) -> Result<(), String> {
        if self.with.ids().is_empty() == self.shape.is_empty() || self.shape.is_empty() != self.name.is_empty() {
            return Err("pair has either `with` or `shape` and `name`".to_owned());
        }
        if let Some(unknown) = self.with.ids().iter().find(|id| rules.iter().all(|rule| rule.id != **id)) {
            return Err(format!("pair.with `{unknown}` is no rule of this file"));
        }
        if !(1..=100).contains(&self.within) {
            return Err("pair.within is between 1 and 100 lines".to_owned());
        }
        Ok(())
    }
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
    /// Whether the file says whose keys its rules are for.
    pub fn has_provider(&self) -> bool {
        !self.provider.docs.is_empty()
    }

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
    check(&file)?;
    Ok(file)
}

/// Checks what the types alone do not say.
///
/// # Errors
/// A message that names the rule, and what is wrong with it.
pub fn check(file: &RuleFile) -> Result<(), String> {
    check_provider(file)?;
    let mut ids: Vec<&str> = Vec::new();
    for rule in &file.rules {
        check_rule(file, rule).map_err(|what| format!("rule `{}`: {what}", rule.id))?;
        if ids.contains(&rule.id.as_str()) {
            return Err(format!("rule `{}`: the id is used twice", rule.id));
        }
        ids.push(&rule.id);
    }
    Ok(())
}

fn is_kebab(id: &str) -> bool {
    let inner = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    inner && !id.is_empty() && !id.starts_with('-') && !id.ends_with('-')
}

fn check_provider(file: &RuleFile) -> Result<(), String> {
    let (provider, context) = (&file.provider, &file.context);
    let words = [&context.names, &context.common_names, &context.hosts, &context.imports, &context.constructors, &context.models];
    if !file.has_provider() && provider.name.is_empty() {
        let has_context = words.into_iter().chain([&context.collisions]).any(|list| !list.is_empty());
        return if has_context || file.confirm.is_some() {
            Err("`[context]` and `[confirm]` say something about a `[provider]`, and there is none".to_owned())
        } else {
            Ok(())
        };
    }
    if !is_kebab(&provider.id) {
        return Err(format!("provider id `{}` is not kebab-case", provider.id));
    }
    for (key, url) in [("docs", &provider.docs), ("revoke", &provider.revoke)] {
        if !url.starts_with("https://") {
            return Err(format!("provider.{key} `{url}` is not an https URL"));
        }
    }
    if let Some(word) = words.into_iter().flatten().find(|word| word.len() < 2 || !word.is_ascii()) {
        return Err(format!("context word `{word}` must be ASCII and have at least two characters"));
    }
    Ok(())
}

fn check_rule(file: &RuleFile, rule: &RuleText) -> Result<(), String> {
    if file.has_provider() && !(is_kebab(&rule.id) && rule.id.starts_with(file.provider.id.as_str())) {
        return Err(format!("the id must be kebab-case and begin with `{}`", file.provider.id));
    }
    if !is_kebab(&rule.id) {
        return Err("the id must be kebab-case: small letters, digits and `-`".to_owned());
    }
    if file.has_provider() && rule.provider.is_some() {
        return Err("`provider` is for files without a `[provider]`".to_owned());
    }
    // Else a configuration that was found could have the keys of a built-in provider sent to a host of its own.
    if !file.has_provider() && rule.confirm.is_some() {
        return Err("`[rule.confirm]` is for files with a `[provider]`, whose host it names".to_owned());
    }
    if !matches!(rule.severity.as_str(), "critical" | "high" | "medium" | "low") {
        return Err(format!("severity `{}` is none of critical, high, medium, low", rule.severity));
    }
    if rule.pattern.is_some() || rule.is_of_path() {
        check_pattern(rule)?
    } else {
        check_shape(rule)?
    }
    if let Some(confirm) = file.confirm_of(rule) {
        confirm.check()?;
        let has_partner = |is_enough: fn(&PairText) -> bool| rule.pair.as_ref().is_some_and(is_enough);
        if confirm.needs_partner() && !has_partner(|_| true) || confirm.has_partner_in_url() && !has_partner(|pair| pair.public) {
            return Err("confirm asks with what stands beside the key only if the rule has a `pair`, in a URL only if that is `public`".to_owned());
        }
    }
    if let Some(pair) = &rule.pair {
        pair.check(&file.rules)?;
    }
    for example in &rule.examples {
        let (open, close) = (example.text.matches('«').count(), example.text.matches('»').count());
        if (open, close) != (1, 1) {
            return Err("an example marks its secret with exactly one « and one »".to_owned());
        }
    }
    if let Some(quiet) = rule.counter_examples.iter().find(|example| example.because.is_none()) {
        return Err(format!("the counter-example `{}` says no `because`", quiet.text.trim()));
    }
    Ok(())
}

/// Checks a rule with a shape.
fn check_shape(rule: &RuleText) -> Result<(), String> {
    if rule.shape.is_empty() {
        return Err("it has neither a `shape`, which describes the whole key, nor a `pattern`, which finds it in its surroundings".to_owned());
    }
    let of_patterns = [
        ("secret-group", rule.secret_group > 0),
        ("keywords", !rule.keywords.is_empty()),
        ("entropy", rule.entropy.is_some()),
        ("path", rule.path.is_some()),
        ("required", !rule.required.is_empty()),
        ("silent", rule.silent),
    ];
    if let Some((key, _)) = of_patterns.iter().find(|(_, is_given)| *is_given) {
        return Err(format!("`{key}` is for rules with a `pattern`, and this one has a `shape`"));
    }
    if !matches!(rule.context.as_str(), "required" | "helpful") {
        return Err(format!("context `{}` is none of required, helpful", rule.context));
    }
    if let Some(class) = rule.require.iter().find(|class| !matches!(class.as_str(), "upper" | "lower" | "digit")) {
        return Err(format!("require has `{class}`, which is none of upper, lower, digit"));
    }
    if !(0.0..=6.5).contains(&rule.min_entropy) {
        return Err(format!("min-entropy {} is not between 0 and 6.5 bits per character", rule.min_entropy));
    }
    let named = [("checksum", &rule.checksum, &CHECKSUMS[..]), ("reads", &rule.reads, &READINGS[..]), ("structure", &rule.structure, &STRUCTURES[..])];
    for (key, value, known) in named {
        if let Some(value) = value.as_ref().filter(|value| !known.contains(&value.as_str())) {
            return Err(format!("{key} `{value}` is none of {}", known.join(", ")));
        }
    }
    Ok(())
}

/// Checks a rule with a pattern.
fn check_pattern(rule: &RuleText) -> Result<(), String> {
    let of_shapes = [
        ("shape", !rule.shape.is_empty()),
        ("context", rule.context != helpful()),
        ("require", !rule.require.is_empty()),
        ("min-entropy", rule.min_entropy > 0.0),
        ("checksum", rule.checksum.is_some()),
        ("reads", rule.reads.is_some()),
        ("structure", rule.structure.is_some()),
    ];
    if let Some((key, _)) = of_shapes.iter().find(|(_, is_given)| *is_given) {
        return Err(format!("`{key}` is for rules with a `shape`, and this one has a `{}`", if rule.is_of_path() { "path" } else { "pattern" }));
    }
    if rule.is_of_path() && (rule.secret_group > 0 || !rule.keywords.is_empty() || rule.entropy.is_some() || !rule.required.is_empty()) {
        return Err("it has a `path` alone and finds files: only `silent` goes with that".to_owned());
    }
    if rule.entropy.is_some_and(|bits| !(0.0..8.0).contains(&bits)) {
        return Err("`entropy` is not between 0 and 8 bits per character".to_owned());
    }
    if rule.keywords.iter().any(String::is_empty) {
        return Err("`keywords` has an empty text, which stands everywhere".to_owned());
    }
    let draws_a_shape = |example: &ExampleText| example.text.contains("{{random}}");
    if rule.examples.iter().chain(&rule.counter_examples).any(draws_a_shape) {
        return Err(
            "`{{random}}` is drawn from a shape, and this rule has a pattern: write `{{hex:N}}`, `{{alnum:N}}`, `{{lower:N}}` or `{{base64:N}}`".to_owned()
        );
    }
    Ok(())
}
