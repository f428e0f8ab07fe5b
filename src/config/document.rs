//! A TOML text read with positions: typed access in which every error says where, what, and what to do next.
//!
//! Knows TOML and its types, and nothing of what the keys mean.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::filter::one_line;
use crate::span::{line_around, n_chars};

/// A configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file as a whole.
    #[error("{path}: {what}")]
    File {
        /// As shown to the user.
        path: String,
        /// What is wrong with it.
        what: String,
        /// The next step.
        help: Option<String>,
    },
    /// A place in the file.
    #[error("{path}:{line}:{column}: {what}")]
    Place {
        /// As shown to the user.
        path: String,
        /// Line, from 1.
        line: u64,
        /// Column in characters, from 1.
        column: u64,
        /// What is wrong there.
        what: String,
        /// The next step.
        help: Option<String>,
    },
}

impl ConfigError {
    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::File { help, .. } | Self::Place { help, .. } => help.clone(),
        }
    }
}

/// A TOML text and the name of its file.
#[derive(Clone, Copy)]
pub(super) struct Document<'t> {
    /// The file, as shown to the user.
    pub path: &'t str,
    /// The whole file.
    pub text: &'t str,
}

/// A value and its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A string and its place.
pub(super) struct Item<'v> {
    pub at: Range<usize>,
    pub text: &'v str,
}

impl<'t> Document<'t> {
    /// An error at the first byte of `at`.
    pub fn wrong(&self, at: Range<usize>, what: &str, help: Option<&str>) -> ConfigError {
        let bytes = self.text.as_bytes();
        let start = at.start.min(bytes.len());
        let line_start = line_around(bytes, start).start;
        ConfigError::Place {
            path: self.path.to_owned(),
            line: 1 + memchr::memchr_iter(b'\n', &bytes[..start]).count() as u64,
            column: 1 + n_chars(&bytes[line_start..start]),
            what: one_line(what),
            help: help.map(one_line),
        }
    }

    /// The document's tables.
    pub fn parse(&self) -> Result<DeTable<'t>, ConfigError> {
        match DeTable::parse(self.text) {
            Ok(table) => Ok(table.into_inner()),
            Err(e) => Err(self.wrong(e.span().unwrap_or_default(), e.message(), Some("this is no valid TOML: see https://toml.io"))),
        }
    }

    /// Refuses the first key, by place, that is none of `valid`.
    pub fn check_keys(&self, table: &DeTable, valid: &[&str]) -> Result<(), ConfigError> {
        let unknown = table.keys().filter(|key| !valid.contains(&key.get_ref().as_ref())).min_by_key(|key| key.span().start);
        let Some(key) = unknown else { return Ok(()) };
        let what = format!("unknown key `{}`{}", key.get_ref(), did_you_mean(key.get_ref(), valid.iter().copied()));
        let listed: Vec<String> = valid.iter().map(|key| format!("`{key}`")).collect();
        Err(self.wrong(key.span(), &what, Some(&format!("valid keys here: {}", listed.join(", ")))))
    }

    /// The table called `key`.
    pub fn table<'v>(&self, key: &str, value: &'v Value<'t>) -> Result<&'v DeTable<'t>, ConfigError> {
        value.get_ref().as_table().ok_or_else(|| self.wrong_type(key, value, "a table", &format!("write `[{key}]`")))
    }

    /// The tables called `key`, each with its place.
    pub fn tables<'v>(&self, key: &str, value: &'v Value<'t>) -> Result<Vec<(Range<usize>, &'v DeTable<'t>)>, ConfigError> {
        let help = format!("write `[[{key}]]`, with two brackets, above each entry");
        let items = value.get_ref().as_array().ok_or_else(|| self.wrong_type(key, value, "an array of tables", &help))?;
        let table = |item: &'v Value<'t>| match item.get_ref().as_table() {
            Some(table) => Ok((item.span(), table)),
            None => Err(self.wrong_type(key, item, "an array of tables", &help)),
        };
        items.iter().map(table).collect()
    }

    /// The strings of the list called `key`.
    pub fn strings<'v>(&self, key: &str, value: &'v Value<'t>) -> Result<Vec<Item<'v>>, ConfigError> {
        let help = format!("write `{key} = [\"…\"]`");
        let items = value.get_ref().as_array().ok_or_else(|| self.wrong_type(key, value, "a list of strings", &help))?;
        let item = |item: &'v Value<'t>| match item.get_ref().as_str() {
            Some(text) => Ok(Item { at: item.span(), text }),
            None => Err(self.wrong_type(key, item, "a list of strings", &help)),
        };
        items.iter().map(item).collect()
    }

    /// The string called `key`.
    pub fn string<'v>(&self, key: &str, value: &'v Value<'t>) -> Result<&'v str, ConfigError> {
        value.get_ref().as_str().ok_or_else(|| self.wrong_type(key, value, "a string", &format!("write `{key} = \"…\"`")))
    }

    /// The boolean called `key`.
    pub fn boolean(&self, key: &str, value: &Value<'t>) -> Result<bool, ConfigError> {
        value.get_ref().as_bool().ok_or_else(|| self.wrong_type(key, value, "`true` or `false`", "write it without quotes"))
    }

    fn wrong_type(&self, key: &str, value: &Value<'t>, wanted: &str, help: &str) -> ConfigError {
        let found = match value.get_ref() {
            DeValue::Integer(_) | DeValue::Array(_) => format!("an {}", value.get_ref().type_str()),
            other => format!("a {}", other.type_str()),
        };
        self.wrong(value.span(), &format!("`{key}` must be {wanted}, and here is {found}"), Some(help))
    }
}

/// ` (did you mean …?)` if a word of `among` is close to `word`, else nothing.
pub fn did_you_mean<'a>(word: &str, among: impl Iterator<Item = &'a str>) -> String {
    // Longer words are no slips of the finger, and comparing takes the product of the lengths.
    const LONGEST: usize = 64;
    const CLOSE: f64 = 0.8;
    if word.len() > LONGEST {
        return String::new();
    }
    let scored = among.map(|candidate| (strsim::jaro_winkler(word, candidate), candidate)).filter(|(score, _)| *score >= CLOSE);
    let best = scored.fold(None, |best: Option<(f64, &str)>, next| if best.is_some_and(|best| best.0 >= next.0) { best } else { Some(next) });
    best.map_or(String::new(), |(_, candidate)| format!(" (did you mean `{candidate}`?)"))
}
