//! Configurations of gitleaks and its forks, `.gitleaks.toml`, read as their own program reads them.
//!
//! Their rules become patterns and their allowlists entries of the allow list, so that what they leave out is counted as everything that is suppressed. What
//! has no counterpart is said, rule by rule, and never makes another rule fail. The catalogue that they extend is not ours: where a file asks for it, our
//! built-in rules stand for it, and what a file says about one of its rules goes to ours of the same kind (`names`).
//!
//! Keys are known whatever their case, as there. What means what was learned from that program's documentation and from the code that reads its files.

pub(super) mod go;
mod names;
mod read;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::de::DeTable;

use super::document::{ConfigError, Document};
use super::{Config, KEYS, LARGEST_FILE, ReadFile, own};
use crate::blob::path_text;
use crate::filter::{AllowEntry, AllowList, PathRegex, SecretPattern, Target, one_line};
use crate::rule::pattern::{Expression, Pattern, Required};
use crate::rule::{Rule, RuleSet, load as rule_load};
pub use names::keep_only;
use read::{Allowlist, Condition, File, RuleText};

/// Name of their configuration file.
pub const FILE_NAME: &str = ".gitleaks.toml";

/// How often a file may extend another.
const MOST_EXTENDS: usize = 2;
/// Warnings that are told one by one.
const N_WARNINGS: usize = 50;

/// Keys at the top of their files, besides `rules`.
const THEIR_KEYS: [&str; 8] = ["title", "description", "minversion", "betterleaksminversion", "extend", "allowlist", "allowlists", "prefilter"];

/// Whether a file is one of theirs, which its keys tell: there `rules` is a list.
///
/// # Errors
/// It has keys of both kinds.
pub(super) fn is_theirs(document: &Document, root: &DeTable) -> Result<bool, ConfigError> {
    let has_list = root.get("rules").is_some_and(|value| value.get_ref().as_array().is_some());
    let theirs = root.keys().find(|key| THEIR_KEYS.contains(&key.get_ref().to_ascii_lowercase().as_str()));
    let ours = root.keys().find(|key| KEYS.contains(&key.get_ref().as_ref()) && !(has_list && key.get_ref() == "rules"));
    match (theirs.is_some() || has_list, ours) {
        (true, Some(key)) => {
            let what = format!("`{}` is a key of .keysift.toml, and other keys here are those of .gitleaks.toml", key.get_ref());
            Err(document.wrong(key.span(), &what, Some("keep them in two files; `keysift import gitleaks` turns one into the other")))
        }
        (is_theirs, _) => Ok(is_theirs),
    }
}

/// What a file and those that it extends say together.
#[derive(Debug, Default)]
pub(super) struct Whole {
    rules: BTreeMap<String, RuleText>,
    allowlists: Vec<Allowlist>,
    /// Allowlists for certain rules.
    targeted: Vec<(String, Allowlist)>,
    /// Whether the built-in catalogue counts, and which of its rules do not.
    uses_default: bool,
    disabled: Vec<String>,
    warnings: Vec<String>,
}

/// Loads their configuration.
///
/// # Errors
/// The file, or one that it extends, cannot be read as a whole.
pub(super) fn load<'t>(read: &ReadFile<'_>, path: &Path, document: &Document<'t>, root: &DeTable<'t>, rules: &mut RuleSet) -> Result<Config, ConfigError> {
    let whole = whole(read, path, document, root)?;
    let mut loaded = rules.clone();
    let mut config = Config { path: Some(path.to_owned()), ..Config::default() };
    let mut plan = whole.plan(document.path, &loaded);
    config.disabled = plan.disabled.clone();
    config.warnings = shortened(std::mem::take(&mut plan.warnings));
    config.allow = AllowList::new(document.path, plan.carried_out(document.path, &mut loaded));
    own::check_patterns(&loaded).map_err(|what| ConfigError::File { path: document.path.to_owned(), what, help: None })?;
    *rules = loaded;
    Ok(config)
}

/// What a file says together with those that it extends.
pub(super) fn whole<'t>(read: &ReadFile<'_>, path: &Path, document: &Document<'t>, root: &DeTable<'t>) -> Result<Whole, ConfigError> {
    let mut warnings = Vec::new();
    let file = read::file(document, root, &mut warnings)?;
    let mut whole = Whole { warnings, ..Whole::default() };
    whole.extend(read, path, file, MOST_EXTENDS)?;
    Ok(whole)
}

fn shortened(mut warnings: Vec<String>) -> Vec<String> {
    let n_more = warnings.len().saturating_sub(N_WARNINGS);
    warnings.truncate(N_WARNINGS);
    if n_more > 0 {
        warnings.push(format!("{n_more} more warnings about this configuration; `keysift import gitleaks` shows all"));
    }
    warnings
}

impl Whole {
    /// Adds what a file says, and what the files say that it extends.
    fn extend(&mut self, read: &ReadFile<'_>, path: &Path, file: File, n_left: usize) -> Result<(), ConfigError> {
        let File { rules, allowlists, extend, .. } = file;
        for rule in rules {
            self.add_rule(rule);
        }
        for allowlist in allowlists {
            match allowlist.target_rules.is_empty() {
                true => self.allowlists.push(allowlist),
                false => self.targeted.extend(allowlist.target_rules.iter().map(|id| (id.clone(), allowlist.clone()))),
            }
        }
        self.uses_default |= extend.use_default;
        let Some(extended) = extend.path else {
            self.disabled.extend(extend.disabled_rules);
            return Ok(());
        };
        if n_left == 0 {
            self.warnings.push(format!("{}: `extend.path` is followed {MOST_EXTENDS} times only, and is left out here", one_line(&path_text(path))));
            return Ok(());
        }
        let beside = path.parent().unwrap_or(Path::new("")).join(&extended);
        let as_typed = Path::new(&extended);
        let (path, text) = match read(as_typed, LARGEST_FILE) {
            Ok(text) => (as_typed.to_owned(), Ok(text)),
            Err(what) => (beside.clone(), read(&beside, LARGEST_FILE).map_err(|_| what)),
        };
        let shown = one_line(&path_text(&path));
        let help = Some("`extend.path` is relative to the current folder, or else to its file".to_owned());
        let text = text.map_err(|what| ConfigError::File { path: shown.clone(), what, help })?;
        let document = Document { path: &shown, text: &text };
        let mut file = read::file(&document, &document.parse()?, &mut self.warnings)?;
        let ids: BTreeSet<String> = file.rules.iter().map(|rule| rule.id.clone()).collect();
        file.rules.retain(|rule| !extend.disabled_rules.contains(&rule.id));
        // What is not a rule of that file may be one of the catalogue that it extends.
        self.disabled.extend(extend.disabled_rules.into_iter().filter(|id| !ids.contains(id)));
        self.extend(read, &path, file, n_left - 1)
    }

    /// Adds a rule of a file, or of one that it extends, whose fields then give way.
    fn add_rule(&mut self, mut base: RuleText) {
        let Some(child) = self.rules.remove(&base.id) else {
            self.rules.insert(base.id.clone(), base);
            return;
        };
        base.description = child.description.or(base.description);
        base.regex = child.regex.or(base.regex);
        base.path = child.path.or(base.path);
        base.entropy = child.entropy.or(base.entropy);
        if child.secret_group != 0 {
            base.secret_group = child.secret_group;
        }
        base.keywords.extend(child.keywords);
        base.allowlists.extend(child.allowlists);
        self.rules.insert(base.id.clone(), base);
    }

    /// What it means here, where `rules` are known.
    pub(super) fn plan(self, from: &str, rules: &RuleSet) -> Plan {
        let uses_built_in = self.uses_default || self.rules.is_empty();
        let Self { rules: theirs, allowlists, targeted, disabled, warnings, .. } = self;
        let mut plan = Plan { uses_built_in, warnings, ..Plan::default() };
        let built_in: Vec<&str> = rules.rules.iter().filter(|rule| uses_built_in && rule.file.is_empty()).map(|rule| rule.id).collect();
        for id in &disabled {
            match names::ours(id, &built_in) {
                ids if ids.is_empty() && uses_built_in => plan.warn(format!("`disabledRules` has `{id}`, which is no rule here: nothing is switched off")),
                ids => plan.disabled.extend(ids),
            }
        }
        let mut patterns: BTreeMap<String, (RuleText, Pattern)> = BTreeMap::new();
        for (id, text) in theirs {
            match (&text.regex, pattern(&text)) {
                (Some(_), Ok(pattern)) => {
                    plan.disabled.extend(names::ours(&id, &built_in));
                    patterns.insert(id, (text, pattern));
                }
                (Some(_), Err(what)) => plan.warn(format!("rule `{id}` is left out: {what}")),
                (None, _) => match of_path(&text).filter(|_| names::ours(&id, &built_in).is_empty()) {
                    Some(Ok(pattern)) => {
                        patterns.insert(id, (text, pattern));
                    }
                    Some(Err(what)) => plan.warn(format!("rule `{id}` is left out: {what}")),
                    None => plan.without_regex(&id, &text, &built_in),
                },
            }
        }
        plan.leave_out_unfulfilled(&mut patterns);
        for (id, (text, _)) in &patterns {
            plan.allow(&text.allowlists, &format!("of rule {id}"), std::slice::from_ref(id));
        }
        for (id, allowlist) in targeted {
            let ids = if patterns.contains_key(&id) { vec![id.clone()] } else { names::ours(&id, &built_in) };
            match ids.is_empty() {
                true => plan.warn(format!("`targetRules` has `{id}`, which is no rule here: that allowlist does not count for it")),
                false => plan.allow(&[allowlist], &format!("for rule {id}"), &ids),
            }
        }
        plan.allow(&allowlists, "", &[]);
        if !patterns.is_empty() && from.ends_with(FILE_NAME) {
            plan.allows.push(itself(patterns.keys().cloned().collect()));
        }
        plan.disabled.sort_unstable();
        plan.disabled.dedup();
        plan.rules = patterns.into_iter().map(|(id, (text, pattern))| Planned { id, name: text.description, pattern }).collect();
        plan
    }
}

/// What a configuration means here.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Whether our built-in rules count.
    pub uses_built_in: bool,
    /// Those of them that are switched off.
    pub disabled: Vec<String>,
    /// The rules that it brings.
    pub rules: Vec<Planned>,
    /// What it allows.
    pub allows: Vec<Allow>,
    /// What was not understood, or means something else here.
    pub warnings: Vec<String>,
    /// States of the expressions in `allows`.
    n_states: usize,
}

/// A rule that it brings.
#[derive(Debug)]
pub(super) struct Planned {
    pub id: String,
    pub name: Option<String>,
    pub pattern: Pattern,
}

/// What an entry of the allow list says, in our language.
#[derive(Clone, Debug, Default)]
pub(super) struct Allow {
    pub name: String,
    pub rules: Vec<String>,
    pub path_regexes: Vec<String>,
    pub commits: Vec<String>,
    pub target: Target,
    pub regexes: Vec<String>,
    pub stopwords: Vec<String>,
    pub reason: Option<String>,
}

impl Allow {
    fn is_empty(&self) -> bool {
        self.path_regexes.is_empty() && self.commits.is_empty() && self.regexes.is_empty() && self.stopwords.is_empty()
    }

    fn into_entry(self) -> AllowEntry {
        AllowEntry {
            rules: self.rules,
            path_regexes: self.path_regexes.iter().filter_map(|regex| PathRegex::parse(regex).ok()).collect(),
            commits: self.commits,
            target: self.target,
            regexes: self.regexes.iter().filter_map(|regex| SecretPattern::parse(regex).ok()).collect(),
            stopwords: self.stopwords,
            reason: self.reason,
            name: Some(one_line(&self.name)),
            is_optional: true,
            ..AllowEntry::default()
        }
    }
}

impl Plan {
    fn warn(&mut self, what: String) {
        self.warnings.push(one_line(&what));
    }

    /// Carries it out on `rules`; gives the allow list's entries.
    fn carried_out(self, from: &str, rules: &mut RuleSet) -> Vec<AllowEntry> {
        let is_kept = |rule: &&'static Rule| !rule.file.is_empty() || self.uses_built_in && !self.disabled.iter().any(|id| id == rule.id);
        rules.rules.retain(|rule| is_kept(rule) && !self.rules.iter().any(|planned| planned.id == rule.id));
        for Planned { id, name, pattern } in self.rules {
            rule_load::add_pattern(rules, &one_line(&id), &one_line(name.as_deref().unwrap_or(&id)), pattern, from);
        }
        self.allows.into_iter().map(Allow::into_entry).collect()
    }

    /// A rule without an expression and a path of its own: it changes one of the catalogue.
    fn without_regex(&mut self, id: &str, text: &RuleText, built_in: &[&str]) {
        let ids = names::ours(id, built_in);
        if !ids.is_empty() {
            if text.path.is_some() || text.entropy.is_some() || !text.keywords.is_empty() {
                self.warn(format!("rule `{id}`: our own rules stand for it, and of what changes it only the allowlists count"));
            }
            self.allow(&text.allowlists, &format!("of rule {id}"), &ids);
        } else {
            self.warn(format!("rule `{id}` is left out: it has no `regex`, and there is no rule of that name here that it could change"));
        }
    }

    /// Takes out what requires a rule that is not there.
    fn leave_out_unfulfilled(&mut self, patterns: &mut BTreeMap<String, (RuleText, Pattern)>) {
        loop {
            let lacks = |pattern: &Pattern| pattern.required.iter().find(|required| !patterns.contains_key(&required.rule)).map(|one| one.rule.clone());
            let lacking: Vec<(String, String)> = patterns.iter().filter_map(|(id, (_, pattern))| Some((id.clone(), lacks(pattern)?))).collect();
            if lacking.is_empty() {
                return;
            }
            for (id, required) in lacking {
                self.warn(format!("rule `{id}` is left out: it requires the rule `{required}`, which is not there"));
                patterns.remove(&id);
            }
        }
    }

    /// Adds what allowlists say, for these rules; for all if there is none.
    fn allow(&mut self, allowlists: &[Allowlist], whose: &str, rules: &[String]) {
        for (i, allowlist) in allowlists.iter().enumerate() {
            let name = format!("allowlist {} {whose}", i + 1).trim_end().to_owned();
            let allows = self.allows_of(allowlist, &name, rules);
            self.allows.extend(allows);
        }
    }
}

/// What finds the files of a rule that looks at nothing but paths.
fn of_path(text: &RuleText) -> Option<Result<Pattern, String>> {
    let path = go::translated(text.path.as_deref()?).and_then(|path| Expression::parse(&path)).map_err(|what| format!("path: {what}"));
    Some(path.map(|path| Pattern { is_silent: text.skip_report, ..Pattern::of_path(path) }))
}

/// What finds the secrets of a rule.
fn pattern(text: &RuleText) -> Result<Pattern, String> {
    let regex = text.regex.as_deref().unwrap_or_default();
    let pattern = go::translated(regex).and_then(|regex| Pattern::parse(&regex)).map_err(|what| format!("regex: {what}"))?;
    let path = text.path.as_deref().map(|path| go::translated(path).and_then(|path| Expression::parse(&path))).transpose();
    Ok(Pattern {
        keywords: text.keywords.iter().map(|word| word.to_ascii_lowercase()).filter(|word| !word.is_empty()).collect(),
        entropy: text.entropy.filter(|&bits| bits != 0.0),
        path: path.map_err(|what| format!("path: {what}"))?,
        required: text.required.iter().map(|one| Required { rule: one.id.clone(), within_lines: one.lines, within_columns: one.columns }).collect(),
        is_silent: text.skip_report,
        ..pattern.with_group(text.secret_group)?
    })
}

impl Plan {
    /// The expressions of an allowlist that can be read, in our language.
    fn good(&mut self, name: &str, regexes: &[String]) -> Vec<String> {
        let mut good = Vec::new();
        for regex in regexes {
            match self.translated(regex) {
                Ok(ours) => good.push(ours),
                Err(what) => self.warn(format!("{name}: an expression is left out: {what}")),
            }
        }
        good
    }

    fn translated(&mut self, regex: &str) -> Result<String, String> {
        let ours = go::translated(regex)?;
        let expression = Expression::parse(&ours)?;
        self.n_states += expression.n_states();
        match ours.is_empty() {
            true => Err("it is empty".to_owned()),
            false if self.n_states > own::MOST_STATES => Err("those of all allowlists are too large together".to_owned()),
            false => Ok(ours),
        }
    }

    /// The entries that an allowlist is: one if all of its checks must hold, else one for each kind of them.
    fn allows_of(&mut self, allowlist: &Allowlist, name: &str, rules: &[String]) -> Vec<Allow> {
        let blank =
            || Allow { name: name.to_owned(), rules: rules.to_vec(), reason: allowlist.description.clone(), target: allowlist.target, ..Allow::default() };
        let all = Allow {
            regexes: self.good(name, &allowlist.regexes),
            path_regexes: self.good(name, &allowlist.paths),
            commits: allowlist.commits.iter().map(|id| id.trim().to_ascii_lowercase()).collect(),
            stopwords: allowlist.stopwords.iter().filter(|word| !word.is_empty()).map(|word| word.to_ascii_lowercase()).collect(),
            ..blank()
        };
        if allowlist.condition == Condition::And {
            let is_gone = |theirs: &[String], ours: &[String]| !theirs.is_empty() && ours.is_empty();
            if is_gone(&allowlist.regexes, &all.regexes) || is_gone(&allowlist.paths, &all.path_regexes) || is_gone(&allowlist.stopwords, &all.stopwords) {
                self.warn(format!("{name}: it does not count: without what was left out it would allow more"));
                return Vec::new();
            }
            return vec![all];
        }
        let by_kind = [
            Allow { commits: all.commits, ..blank() },
            Allow { path_regexes: all.path_regexes, ..blank() },
            Allow { regexes: all.regexes, ..blank() },
            Allow { stopwords: all.stopwords, ..blank() },
        ];
        by_kind.into_iter().filter(|allow| !allow.is_empty()).collect()
    }
}

/// Their program does not look at its own configuration, which is full of what it describes.
fn itself(rules: Vec<String>) -> Allow {
    Allow {
        name: "itself".to_owned(),
        rules,
        path_regexes: vec![r"(?:^|/)\.gitleaks\.toml$".to_owned()],
        reason: Some("a configuration is not searched by its own rules".to_owned()),
        ..Allow::default()
    }
}
