//! What is looked for: rules, and the providers who issue the keys.
//!
//! The built-in rules are static tables, made from `rules/*.toml` by the build script, so that starting costs nothing for a rule that a run
//! does not need. Keys of nearly all shapes are read by [`steps`]; the regular expression of another one is compiled when it is first needed. Rules loaded at
//! run time become the same types and live as long as the process.

pub mod assignment;
pub mod checksum;
pub mod confirm;
pub mod draw;
pub mod file;
pub mod format;
pub mod header;
pub mod load;
pub mod pattern;
pub mod shape;
pub mod steps;
pub mod structure;

use std::sync::OnceLock;

use regex::bytes::Regex;
use serde::{Deserialize, Serialize};

use checksum::Checksum;
use confirm::Confirm;
use pattern::Pattern;
use steps::Step;
use structure::Structure;

/// Who issues keys.
#[derive(Debug)]
pub struct Provider {
    /// Stable kebab-case name.
    pub id: &'static str,
    /// As the provider writes it.
    pub name: &'static str,
    /// Documentation URL.
    pub docs: &'static str,
    /// URL of the page that deletes keys.
    pub revoke: &'static str,
    /// What to do after a leak, one step each.
    pub rotate: &'static [&'static str],
    /// Environment variables that hold a key, canonical first.
    pub env: &'static [&'static str],
    /// What stands near a key.
    pub context: Context,
}

/// Words that stand near a provider's keys; see `docs/rules.md` for each list.
#[derive(Debug)]
#[expect(missing_docs, reason = "the lists are described once, in docs/rules.md and rule::format")]
pub struct Context {
    pub names: &'static [&'static str],
    pub common_names: &'static [&'static str],
    pub hosts: &'static [&'static str],
    pub imports: &'static [&'static str],
    pub constructors: &'static [&'static str],
    pub models: &'static [&'static str],
    pub collisions: &'static [&'static str],
}

/// How bad a leak is if the key is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Limited in what it can do.
    Medium,
    /// Acts and spends as its owner.
    High,
    /// Administers an organization.
    Critical,
}

impl Severity {
    /// The word used in rule files and reports.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Whether the shape alone says whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContextNeed {
    /// The shape fits several providers, or things that are no keys: evidence decides.
    Required,
    /// The shape identifies the key: evidence adds confidence.
    Helpful,
}

/// One kind of key.
#[derive(Debug)]
pub struct Rule {
    /// Stable kebab-case name.
    pub id: &'static str,
    /// What the key is.
    pub name: &'static str,
    /// Who issues it.
    pub provider: &'static Provider,
    /// How bad a leak is.
    pub severity: Severity,
    /// Whether the shape is enough.
    pub context: ContextNeed,
    /// Kinds of bytes that each key holds, as [`shape::class`] bits; of `LOWER` either half is enough.
    pub require: u8,
    /// Bits per character after the public prefix.
    pub min_entropy: f32,
    /// How the checksum in each key is computed, if there is one.
    pub checksum: Option<Checksum>,
    /// What a key says about itself, if anything: one of [`format::READINGS`].
    pub reads: Option<&'static str>,
    /// What the secret is a part of, if that and not its shape tells it. Then the shape only describes what is found.
    pub structure: Option<Structure>,
    /// What stands beside the key because both work only together.
    pub pair: Option<Pair>,
    /// A sentence for the reader.
    pub note: Option<&'static str>,
    /// How its provider is asked about a key, as JSON of [`Confirm`]; see [`Rule::confirm`].
    pub confirm: &'static str,
    /// What the key looks like; nothing for a rule with a pattern.
    pub shape: Shape,
    /// The expression by which it is found, if that is no shape of a key alone.
    pub pattern: Option<&'static Pattern>,
    /// The file that the rule comes from, as shown to the user; empty for a built-in rule.
    pub file: &'static str,
}

impl Rule {
    /// Whether tokens and literals are asked for the rule's shape. The rules of no provider that are built in are found otherwise.
    pub fn is_sought_by_shape(&self) -> bool {
        self.structure.is_none() && self.pattern.is_none() && (self.provider.id != GENERIC || !self.file.is_empty())
    }

    /// Whether it finds files by their path, and no secret in them.
    pub fn is_of_path(&self) -> bool {
        self.pattern.is_some_and(|pattern| pattern.is_of_path)
    }

    /// How the rule's provider is asked about a key; none if the rule's file does not say.
    pub fn confirm(&self) -> Option<Confirm> {
        (!self.confirm.is_empty()).then(|| serde_json::from_str(self.confirm).expect("the text was written from a checked value"))
    }
}

/// Whether rules that match at the same place announce a structured secret there; what the first is, all are.
pub fn announce_structure(rules: &[&Rule]) -> bool {
    rules.first().is_some_and(|rule| rule.structure.is_some())
}

/// What works only together with a key.
#[derive(Debug)]
pub struct Pair {
    /// The rules of which a key may be the partner; none if only its shape tells it.
    pub with: &'static [&'static str],
    /// A regular expression of the partner, where no rule finds it.
    pub shape: &'static str,
    /// What such a partner is.
    pub name: &'static str,
    /// How many lines may lie between the two.
    pub within: usize,
    /// Whether the partner is no secret.
    pub is_public: bool,
    /// Compiled at first use.
    pub regex: OnceLock<Option<Regex>>,
}

impl Pair {
    /// How far partners may be from each other in any case, in bytes: their lines may be long.
    pub const REACH: usize = 4 << 10;

    /// The expression of a partner that only its shape tells.
    pub fn regex(&self) -> Option<&Regex> {
        let compiled = || (!self.shape.is_empty()).then(|| Regex::new(&format!("(?-u:{})", self.shape)).ok()).flatten();
        self.regex.get_or_init(compiled).as_ref()
    }
}

/// What a key looks like and how it is looked for; the fields are those of [`shape::ShapeFacts`].
#[derive(Debug)]
pub struct Shape {
    /// Regular expression of the whole key.
    pub pattern: &'static str,
    /// Whether a run of the shape is sure to be a token.
    pub is_token: bool,
    /// Bytes of the key before its anchor run, or before the literal of the second pass.
    pub n_lead: usize,
    /// Literal beginnings of the anchor run; empty for a shape that is looked for by length.
    pub prefixes: &'static [&'static [u8]],
    /// Shortest and longest anchor run.
    pub anchor_len: (usize, usize),
    /// Kinds of bytes in the anchor run.
    pub alphabet: u8,
    /// Whether length and alphabet of a token decide without the expression.
    pub is_plain: bool,
    /// Whether every key ends with a token character.
    pub ends_in_token: bool,
    /// Longest key in bytes.
    pub max_len: usize,
    /// Literal beginnings of the whole key.
    pub public: &'static [&'static [u8]],
    /// The ways to write a key, step by step; none where only the expression tells.
    pub ways: &'static [&'static [Step]],
    /// Compiled at first use.
    pub regex: OnceLock<Regex>,
}

impl Shape {
    /// No shape, for rules that are found otherwise.
    pub const fn none() -> Self {
        Self {
            pattern: "",
            is_token: false,
            n_lead: 0,
            prefixes: &[],
            anchor_len: (0, 0),
            alphabet: 0,
            is_plain: false,
            ends_in_token: false,
            max_len: 0,
            public: &[],
            ways: &[],
            regex: OnceLock::new(),
        }
    }

    /// The length of the key that begins at `at` in `text` and is not followed by another key-like character.
    pub fn match_at(&self, text: &[u8], at: usize) -> Option<usize> {
        if self.ways.is_empty() { self.match_by_expression(text, at) } else { self.ways.iter().find_map(|way| steps::length(way, &text[at..])) }
    }

    /// The same, told by the expression.
    fn match_by_expression(&self, text: &[u8], at: usize) -> Option<usize> {
        let regex = self.regex.get_or_init(|| {
            let pattern = format!(r"\A(?-u:({})(?:[^A-Za-z0-9_\-]|\z))", self.pattern);
            Regex::new(&pattern).expect("the pattern was parsed when the rule was loaded")
        });
        let end = text.len().min(at + self.max_len + 1);
        let text = &text[at..end];
        if !self.ends_in_token {
            return regex.captures(text)?.get(1).map(|key| key.len());
        }
        // What the expression eats behind the key is no token character, the key's last one is.
        let end = regex.find(text)?.end();
        Some(if shape::class_of(text[end - 1]) == 0 { end - 1 } else { end })
    }

    /// How many bytes at the start of `key` are its public prefix.
    pub fn n_public(&self, key: &[u8]) -> usize {
        self.public.iter().filter(|prefix| key.starts_with(prefix)).map(|prefix| prefix.len()).max().unwrap_or(0)
    }

    /// Whether the shape has a literal beginning by which it is found.
    pub const fn has_prefix(&self) -> bool {
        !self.prefixes.is_empty()
    }
}

/// The rules of a run.
#[derive(Clone, Debug)]
pub struct RuleSet {
    /// All rules, built-in ones first, in the order of their files' names.
    pub rules: Vec<&'static Rule>,
    /// All providers, in the same order.
    pub providers: Vec<&'static Provider>,
}

/// Id of the provider that stands for "no provider".
pub const GENERIC: &str = "generic";
/// Id of the rule for random values in secret-like names.
pub const GENERIC_SECRET: &str = "generic-secret";
/// Id of the rule for passwords that are assigned to names.
pub const GENERIC_PASSWORD: &str = "generic-password";
/// Id of the rule for keys that fit several providers.
pub const GENERIC_AMBIGUOUS: &str = "generic-ambiguous-key";

impl RuleSet {
    /// The built-in rules.
    pub fn built_in() -> Self {
        Self { rules: load::BUILT_IN_RULES.iter().collect(), providers: load::BUILT_IN_PROVIDERS.iter().collect() }
    }

    /// The rule called `id`.
    pub fn get(&self, id: &str) -> Option<&'static Rule> {
        self.rules.iter().copied().find(|rule| rule.id == id)
    }
}
