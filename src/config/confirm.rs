//! `[confirm]` of the configuration: whom to ask about keys that were found, and how hard. It never makes keysift ask; `--confirm` does.

use toml::de::{DeTable, DeValue};

use super::document::{ConfigError, Document, Item, Value};
use super::{out_of_range, unknown_id};
use crate::rule::RuleSet;

/// What `[confirm]` says. What is not given stays at its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfirmConfig {
    /// Ids of providers, and the base URLs of the servers that are asked in the place of theirs.
    pub endpoints: Vec<(String, String)>,
    /// How many unique keys are asked about.
    pub max: Option<usize>,
    /// Seconds for one request.
    pub timeout: Option<u64>,
    /// Requests a second to one host.
    pub rate: Option<f64>,
    /// Ids of the providers to ask; empty for all.
    pub providers: Vec<String>,
}

/// Most keys that can be asked about.
pub const MOST_KEYS: u64 = 100_000;
/// Longest time for one request, in seconds.
pub const LONGEST_TIMEOUT: u64 = 300;
/// Highest rate, in requests a second to one host: for servers of one's own.
pub const HIGHEST_RATE: f64 = 1000.0;
/// Lowest rate.
pub const LOWEST_RATE: f64 = 0.01;

/// Reads the table.
pub(super) fn read<'t>(document: &Document<'t>, table: &DeTable<'t>, rules: &RuleSet) -> Result<ConfirmConfig, ConfigError> {
    document.check_keys(table, &["endpoints", "max", "timeout", "rate", "providers"])?;
    let mut config = ConfirmConfig::default();
    if let Some(value) = table.get("endpoints") {
        config.endpoints = endpoints(document, document.table("confirm.endpoints", value)?, rules)?;
    }
    if let Some(value) = table.get("max") {
        config.max = Some(whole(document, "max", value, MOST_KEYS)? as usize);
    }
    if let Some(value) = table.get("timeout") {
        config.timeout = Some(whole(document, "timeout", value, LONGEST_TIMEOUT)?);
    }
    if let Some(value) = table.get("rate") {
        config.rate = Some(rate(document, value)?);
    }
    if let Some(value) = table.get("providers") {
        for Item { at, text } in document.strings("providers", value)? {
            if !is_provider(rules, text) {
                return Err(unknown_id(document, at, "provider", text, rules.providers.iter().map(|provider| provider.id)));
            }
            config.providers.push(text.to_owned());
        }
    }
    Ok(config)
}

fn is_provider(rules: &RuleSet, id: &str) -> bool {
    rules.providers.iter().any(|provider| provider.id == id)
}

fn endpoints<'t>(document: &Document<'t>, table: &DeTable<'t>, rules: &RuleSet) -> Result<Vec<(String, String)>, ConfigError> {
    let mut endpoints = Vec::new();
    for (key, value) in table {
        let id = key.get_ref().as_ref();
        if !is_provider(rules, id) {
            return Err(unknown_id(document, key.span(), "provider", id, rules.providers.iter().map(|provider| provider.id)));
        }
        let url = document.string(id, value)?;
        check_endpoint(url).map_err(|what| document.wrong(value.span(), &what, Some("for instance `mistral = \"https://gateway.example/base\"`")))?;
        endpoints.push((key.span().start, id.to_owned(), url.to_owned()));
    }
    endpoints.sort();
    Ok(endpoints.into_iter().map(|(_, id, url)| (id, url)).collect())
}

#[cfg(feature = "confirm")]
fn check_endpoint(url: &str) -> Result<(), String> {
    crate::confirm::request::check_endpoint(url).map(drop)
}

/// Nobody is asked by a program that cannot ask.
#[cfg(not(feature = "confirm"))]
#[expect(clippy::unnecessary_wraps, reason = "the other one can fail")]
fn check_endpoint(_: &str) -> Result<(), String> {
    Ok(())
}

/// A whole number from 1 to `most`.
fn whole(document: &Document, key: &str, value: &Value, most: u64) -> Result<u64, ConfigError> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.to_string().parse::<u64>().ok().filter(|n| (1..=most).contains(n)),
        _ => None,
    };
    number.ok_or_else(|| out_of_range(document, value, &format!("`{key}` must be a whole number from 1 to {most}")))
}

fn rate(document: &Document, value: &Value) -> Result<f64, ConfigError> {
    let text = match value.get_ref() {
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        _ => String::new(),
    };
    let number = text.parse::<f64>().ok().filter(|rate| (LOWEST_RATE..=HIGHEST_RATE).contains(rate));
    number.ok_or_else(|| out_of_range(document, value, &format!("`rate` must be a number from {LOWEST_RATE} to {HIGHEST_RATE}: requests a second to one host")))
}
