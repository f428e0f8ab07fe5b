//! Rules of the user: `[[rule]]` in the configuration, rule files, and folders of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use toml::de::{DeTable, ValueDeserializer};

use super::document::{ConfigError, Document};
use super::{LARGEST_FILE, ReadFile, Value, without_excerpt};
use crate::blob::path_text;
use crate::filter::one_line;
use crate::rule::format::{self, RuleFile, RuleText};
use crate::rule::pattern::Expression;
use crate::rule::{Rule, RuleSet, load as rule_load};

/// Most states of all patterns together: some hundred megabytes, if a text needs all of them.
pub(super) const MOST_STATES: usize = 1_000_000;
/// Most rule files in a folder.
const MOST_FILES: usize = 1000;
/// Rules that read every byte are warned about by name, as far as they are few.
const N_NAMED: usize = 5;

/// The rules of `[[rule]]` as a rule file without a provider, with the place of each in the document.
pub(super) fn rules_of<'t>(document: &Document<'t>, root: &DeTable<'t>) -> Result<Vec<(std::ops::Range<usize>, RuleText)>, ConfigError> {
    let Some(value) = root.get("rule") else { return Ok(Vec::new()) };
    if value.get_ref().is_table() {
        let help = "write `[[rule]]`, with two brackets, above each rule of your own, and `[rules]` to switch rules off";
        return Err(document.wrong(value.span(), "`rule` must be an array of tables, and here is a table (did you mean `rules`?)", Some(help)));
    }
    document.tables("rule", value)?;
    let items = value.get_ref().as_array().into_iter().flatten();
    items.map(|item| Ok((item.span(), rule_of(document, item)?))).collect()
}

fn rule_of(document: &Document, item: &Value) -> Result<RuleText, ConfigError> {
    let mut rule = RuleText::deserialize(ValueDeserializer::from(item.clone())).map_err(|error| {
        let at = error.span().filter(|span| !span.is_empty()).unwrap_or_else(|| item.span());
        document.wrong(at, &format!("bad rule: {}", error.message()), Some("docs/rules.md describes `[[rule]]`"))
    })?;
    // As in rule files: what would look like a key is broken with it.
    let texts = rule.examples.iter_mut().chain(&mut rule.counter_examples).map(|example| &mut example.text);
    texts.for_each(|text| *text = text.replace('¦', ""));
    Ok(rule)
}

/// Adds the rules of `[[rule]]` to `rules`.
pub(super) fn add<'t>(document: &Document<'t>, root: &DeTable<'t>, rules: &mut RuleSet) -> Result<(), ConfigError> {
    for (at, rule) in rules_of(document, root)? {
        let help = "docs/rules.md describes `[[rule]]`";
        if rules.get(&rule.id).is_some() {
            return Err(document.wrong(at, &format!("there is a rule `{}` already", rule.id), Some("give the rule another id")));
        }
        let file = RuleFile { provider: Default::default(), context: Default::default(), confirm: None, rules: vec![rule] };
        let added = format::check(&file).and_then(|()| rule_load::add_file(rules, &file, document.path));
        added.map_err(|what| document.wrong(at, &what, Some(help)))?;
    }
    Ok(())
}

/// The rules of `[[rule]]` in the configuration at `path`, as a rule file; none if the file is no configuration but a rule file.
///
/// # Errors
/// What is wrong with the file.
pub fn rules_in(path: &Path) -> Result<Option<RuleFile>, ConfigError> {
    let shown = one_line(&path_text(path));
    let text = super::read(path, LARGEST_FILE).map_err(|what| ConfigError::File { path: shown.clone(), what, help: None })?;
    let document = Document { path: &shown, text: &text };
    let root = document.parse()?;
    let is_configuration =
        path.file_name().is_some_and(|name| name == super::FILE_NAME) || super::KEYS.iter().any(|key| *key != "rule" && root.contains_key(*key));
    if !is_configuration || root.contains_key("provider") {
        return Ok(None);
    }
    let rules = rules_of(&document, &root)?.into_iter().map(|(_, rule)| rule).collect();
    Ok(Some(RuleFile { provider: Default::default(), context: Default::default(), confirm: None, rules }))
}

/// The rule files that `path` names: itself, or the `.toml` files of the folder that it is, sorted.
///
/// # Errors
/// The folder cannot be read, or has no rule file.
pub fn files_of(path: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let wrong = |what: &str, help: &str| ConfigError::File { path: one_line(&path_text(path)), what: what.to_owned(), help: Some(help.to_owned()) };
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| wrong(&format!("cannot be read: {error}"), "check the path given by --rules"))?;
    let is_rule_file = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_rule_file).take(MOST_FILES + 1).collect();
    files.sort();
    match files.len() {
        0 => Err(wrong("has no rule file", "rule files end in `.toml`; docs/rules.md has their format")),
        n if n > MOST_FILES => Err(wrong(&format!("has more than {MOST_FILES} rule files"), "name a folder with fewer")),
        _ => Ok(files),
    }
}

/// Adds the rules of a file to `rules`.
///
/// # Errors
/// What is wrong with it.
pub fn add_file(read: &ReadFile<'_>, path: &Path, rules: &mut RuleSet) -> Result<(), ConfigError> {
    let shown = one_line(&path_text(path));
    let wrong = |what: String, help: String| ConfigError::File { path: shown.clone(), what, help: Some(help) };
    let text = read(path, LARGEST_FILE).map_err(|what| wrong(what, "check the path given by --rules".to_owned()))?;
    let n_before = rules.rules.len();
    let check = format!("`keysift rules check {shown}` checks the file");
    rule_load::add(rules, &text, &shown).map_err(|message| wrong(one_line(&without_excerpt(&message)), check))?;
    match double(rules, n_before) {
        Some(rule) => Err(wrong(format!("there is a rule `{}` already", rule.id), "give the rule another id".to_owned())),
        None => Ok(()),
    }
}

/// The first rule from number `n_before` on whose id an earlier one has.
pub(super) fn double(rules: &RuleSet, n_before: usize) -> Option<&'static Rule> {
    let (before, added) = rules.rules.split_at(n_before);
    added.iter().copied().find(|rule| before.iter().any(|other| other.id == rule.id))
}

/// Checks what only all patterns together tell: that required rules are there, and that they are not too many.
///
/// # Errors
/// The first rule that is wrong, and why.
pub fn check_patterns(rules: &RuleSet) -> Result<(), String> {
    let patterns = || rules.rules.iter().filter_map(|rule| Some((rule.id, rule.pattern?)));
    let n_states: usize = patterns().map(|(_, pattern)| pattern.expression.n_states() + pattern.path.as_ref().map_or(0, Expression::n_states)).sum();
    if n_states > MOST_STATES {
        return Err(format!("the patterns of all rules have more than {MOST_STATES} states together: repeat less, or use fewer"));
    }
    let ids: std::collections::BTreeSet<&str> = patterns().map(|(id, _)| id).collect();
    for (id, pattern) in patterns() {
        if let Some(required) = pattern.required.iter().find(|required| !ids.contains(required.rule.as_str())) {
            return Err(format!("rule `{id}`: it requires the rule `{}`, and there is no rule with a pattern of that id", required.rule));
        }
    }
    Ok(())
}

/// What has to be said about the cost of patterns: those that nothing tells where to look for.
pub fn costly(rules: &RuleSet) -> Option<String> {
    let costly = rules.rules.iter().filter(|rule| rule.pattern.is_some_and(|pattern| pattern.reads_everything()));
    let ids: Vec<String> = costly.map(|rule| format!("`{}`", rule.id)).collect();
    let (named, n_more) = (ids[..ids.len().min(N_NAMED)].join(", "), ids.len().saturating_sub(N_NAMED));
    let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
    let (word, verb) = if ids.len() == 1 { ("rule", "has") } else { ("rules", "have") };
    let what = format!(
        "{word} {named}{more} {verb} no text of at least three characters that every match holds, and no keywords: each reads every byte, which takes \
         some milliseconds for each megabyte; give keywords to avoid that"
    );
    (!ids.is_empty()).then_some(what)
}
