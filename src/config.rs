//! The configuration file, `.keysift.toml`: where it is found, and what it says.
//!
//! A configuration of gitleaks is known by its keys and read by [`gitleaks`]. Ours is either understood as a whole or refused with the place and the next step: no key is passed over, no list is half
//! applied. It can add rules, switch rules off by name and accept findings; it cannot run anything and reads no file but itself, the rule
//! files and the baseline that it names. The file may belong to an attacker, so its size and what it can make keysift build are bounded, and messages
//! about a rule file never quote that file. `docs/configuration.md` describes the keys.

pub mod baseline;
pub mod confirm;
mod document;
pub mod gitleaks;
pub mod import;
pub mod own;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

pub use confirm::ConfirmConfig;
pub use document::{ConfigError, did_you_mean};
use document::{Document, Item, Value};

use crate::blob::path_text;
use crate::filter::{AllowEntry, AllowList, PathPattern, PathRegex, SecretDigest, SecretPattern, Target, one_line, parse_date};
use crate::rule::{RuleSet, load as rule_load};

/// Name of the configuration file.
pub const FILE_NAME: &str = ".keysift.toml";

/// The keys of the file.
const KEYS: [&str; 6] = ["allow", "rules", "comments", "baseline", "confirm", "rule"];

/// Largest configuration file, and largest rule file, in bytes.
pub const LARGEST_FILE: u64 = 1 << 20;

/// Most path patterns in a file; each takes some kilobytes of memory.
const MOST_PATHS: usize = 10_000;

/// Most regular expressions in a file; each may take a megabyte of memory.
const MOST_REGEXES: usize = 200;

/// What the user configured.
#[derive(Debug)]
pub struct Config {
    /// The file, if there is one.
    pub path: Option<PathBuf>,
    /// Findings that are accepted.
    pub allow: AllowList,
    /// Rules that are switched off, in the order of the file.
    pub disabled: Vec<String>,
    /// Rules that whoever typed the command did not want.
    pub not_enabled: Vec<String>,
    /// The user's rule files.
    pub rule_files: Vec<PathBuf>,
    /// Whether other scanners' inline comments count.
    pub honor_peers: bool,
    /// The baseline to use where the command line names none.
    pub baseline: Option<PathBuf>,
    /// Whom to ask about keys, and how hard.
    pub confirm: ConfirmConfig,
    /// Whether the file has a table `[confirm]`.
    pub has_confirm: bool,
    /// Ids of the providers that the user's rule files bring.
    pub own_providers: Vec<String>,
    /// What was not understood of another scanner's configuration, and what else the user should know.
    pub warnings: Vec<String>,
    /// Whether the user named the file; one that was found may belong to whoever wrote what is scanned.
    pub is_named: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: None,
            allow: AllowList::default(),
            disabled: Vec::new(),
            not_enabled: Vec::new(),
            rule_files: Vec::new(),
            honor_peers: true,
            baseline: None,
            confirm: ConfirmConfig::default(),
            has_confirm: false,
            own_providers: Vec::new(),
            warnings: Vec::new(),
            is_named: false,
        }
    }
}

/// The configuration file to load: the one named by `--config`, else by the variable `KEYSIFT_CONFIG` (if it is not empty), else the one
/// that is [found](find) from `start` up to `root`. A file that is named need not exist: then loading it is an error.
pub fn choose(option: Option<&Path>, variable: Option<&OsStr>, start: &Path, root: &Path) -> Option<PathBuf> {
    let variable = variable.filter(|value| !value.is_empty());
    option.map(Path::to_owned).or_else(|| variable.map(PathBuf::from)).or_else(|| find(start, root))
}

/// The configuration file nearest to the folder `start`: in it or in a folder above up to `root`, the canonical folder to which reported paths are
/// relative. Only `start` is looked at if it does not lie below `root`.
///
/// No folder above the root is looked at: what lies there was not put there for this scan. The path is written in terms of `start` where it can
/// be, else it is absolute.
pub fn find(start: &Path, root: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(start).ok()?;
    // Whatever lies there under that name is taken, so that a broken link is reported instead of passed over.
    let is_there = |path: PathBuf| path.symlink_metadata().is_ok();
    // Where a canonical path begins with `\\?\`, the root is without it.
    let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let n_folders = 1 + real.ancestors().position(|folder| folder == root).unwrap_or(0);
    let (depth, folder) = real.ancestors().take(n_folders).enumerate().find(|(_, folder)| is_there(folder.join(FILE_NAME)))?;
    let written = start.ancestors().nth(depth).map(|path| if path == Path::new(".") { Path::new("") } else { path });
    let same = |path: &&Path| fs::canonicalize(Path::new(".").join(path)).is_ok_and(|real| real == folder);
    Some(written.filter(same).unwrap_or(folder).join(FILE_NAME))
}

/// Loads the configuration at `path`; adds the user's rule files to `rules` and takes the disabled rules out. On an error `rules` stays
/// as it is.
///
/// # Errors
/// The first thing that is wrong with the file, or with a rule file that it names.
pub fn load(path: &Path, rules: &mut RuleSet) -> Result<Config, ConfigError> {
    load_by(&read, path, rules)
}

/// Reads the text of a file of at most so many bytes, or says what is wrong with it: from the disk, or as a commit has it.
pub type ReadFile<'a> = dyn Fn(&Path, u64) -> Result<String, String> + 'a;

/// [`load`], with `read` to read the file and the rule files that it names.
///
/// # Errors
/// As for [`load`].
pub fn load_by(read: &ReadFile<'_>, path: &Path, rules: &mut RuleSet) -> Result<Config, ConfigError> {
    let shown = one_line(&path_text(path));
    let help = "check the path given by --config or KEYSIFT_CONFIG, or remove the file";
    let text = read(path, LARGEST_FILE).map_err(|what| ConfigError::File { path: shown.clone(), what, help: Some(help.to_owned()) })?;
    let document = Document { path: &shown, text: &text };
    let root = document.parse()?;
    if gitleaks::is_theirs(&document, &root)? {
        return gitleaks::load(read, path, &document, &root, rules);
    }
    document.check_keys(&root, &KEYS)?;

    let mut config = Config { path: Some(path.to_owned()), ..Config::default() };
    let mut loaded = rules.clone();
    let folder = path.parent().unwrap_or(Path::new(""));
    if let Some(value) = root.get("baseline") {
        config.baseline = Some(folder.join(document.string("baseline", value)?));
    }
    if let Some(value) = root.get("rules") {
        let table = document.table("rules", value)?;
        document.check_keys(table, &["disable", "files", "built-in"])?;
        config.rule_files = add_rule_files(read, &document, table, folder, &mut loaded)?;
        config.own_providers = loaded.providers[rules.providers.len()..].iter().map(|provider| provider.id.to_owned()).collect();
    }
    own::add(&document, &root, &mut loaded)?;
    let mut has_built_in = true;
    if let Some(table) = root.get("rules").and_then(|value| value.get_ref().as_table()) {
        config.disabled = disabled_rules(&document, table, &loaded)?;
        let uses_built_in = table.get("built-in").map(|value| document.boolean("built-in", value)).transpose()?;
        has_built_in = uses_built_in.unwrap_or(true);
    }
    if let Some(value) = root.get("confirm") {
        config.has_confirm = true;
        config.confirm = confirm::read(&document, document.table("confirm", value)?, &loaded)?;
    }
    if let Some(value) = root.get("comments") {
        let table = document.table("comments", value)?;
        document.check_keys(table, &["peers"])?;
        if let Some(peers) = table.get("peers") {
            config.honor_peers = document.boolean("peers", peers)?;
        }
    }
    if let Some(value) = root.get("allow") {
        config.allow = AllowList::new(&shown, allow_entries(&document, value, &loaded)?);
    }
    loaded.rules.retain(|rule| (has_built_in || !rule.file.is_empty()) && !config.disabled.iter().any(|id| id == rule.id));
    own::check_patterns(&loaded).map_err(|what| ConfigError::File { path: shown.clone(), what, help: Some("docs/rules.md describes patterns".to_owned()) })?;
    *rules = loaded;
    Ok(config)
}

/// The text of a regular file of at most `largest` bytes, without a byte order mark.
///
/// # Errors
/// What is wrong with it, as the end of a sentence that begins with its name.
pub fn read(path: &Path, largest: u64) -> Result<String, String> {
    let cannot = |e: std::io::Error| format!("cannot be read: {e}");
    // What people name where a program insists on a file: an empty one.
    if fs::canonicalize(path).is_ok_and(|path| path == Path::new("/dev/null")) {
        return Ok(String::new());
    }
    // Opening a FIFO would wait for a writer for ever.
    if !fs::metadata(path).map_err(cannot)?.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(cannot)?.take(largest + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > largest {
        return Err(format!("is larger than {largest} bytes"));
    }
    text_of(bytes)
}

/// `bytes` as text, without a byte order mark.
///
/// # Errors
/// They are not UTF-8.
pub fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    let mut text = String::from_utf8(bytes).map_err(|e| format!("is not UTF-8 (at byte {})", e.utf8_error().valid_up_to()))?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

fn add_rule_files(read: &ReadFile<'_>, document: &Document, table: &DeTable, folder: &Path, rules: &mut RuleSet) -> Result<Vec<PathBuf>, ConfigError> {
    let Some(value) = table.get("files") else { return Ok(Vec::new()) };
    let mut paths = Vec::new();
    for Item { at, text } in document.strings("files", value)? {
        let wrong = |what: &str, help: &str| document.wrong(at.clone(), &format!("rule file `{text}` {what}"), Some(help));
        let path = folder.join(text);
        let rule_text = read(&path, LARGEST_FILE).map_err(|what| wrong(&what, "paths are relative to the configuration file"))?;
        let n_before = rules.rules.len();
        let check = format!("`keysift rules check {text}` checks the file");
        rule_load::add(rules, &rule_text, &one_line(&path_text(&path)))
            .map_err(|message| wrong(&format!("is refused: {}", without_excerpt(&message)), &check))?;
        if let Some(double) = own::double(rules, n_before) {
            return Err(wrong(&format!("is refused: there is a rule `{}` already", double.id), "give the rule another id"));
        }
        paths.push(path);
    }
    Ok(paths)
}

/// A TOML error on one line, without the line of the file that it quotes: a configuration may name any file of the machine.
pub fn without_excerpt(message: &str) -> String {
    let is_excerpt = |line: &&str| line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).starts_with('|');
    message.lines().filter(|line| !is_excerpt(line)).collect::<Vec<_>>().join(": ")
}

fn disabled_rules(document: &Document, table: &DeTable, rules: &RuleSet) -> Result<Vec<String>, ConfigError> {
    let Some(value) = table.get("disable") else { return Ok(Vec::new()) };
    let mut disabled = Vec::new();
    for Item { at, text: id } in document.strings("disable", value)? {
        if rules.get(id).is_none() {
            let of_provider: Vec<String> = rules.rules.iter().filter(|rule| rule.provider.id == id).map(|rule| format!("`{}`", rule.id)).collect();
            let error = if of_provider.is_empty() {
                unknown_id(document, at, "rule", id, rules.rules.iter().map(|rule| rule.id))
            } else {
                let help = format!("name its rules: {}", of_provider.join(", "));
                document.wrong(at, &format!("`{id}` is a provider, and here stand rules"), Some(&help))
            };
            return Err(error);
        }
        if !disabled.iter().any(|known| known == id) {
            disabled.push(id.to_owned());
        }
    }
    Ok(disabled)
}

fn unknown_id<'a>(document: &Document, at: Range<usize>, kind: &str, id: &str, among: impl Iterator<Item = &'a str>) -> ConfigError {
    let what = format!("unknown {kind} `{id}`{}", did_you_mean(id, among));
    document.wrong(at, &what, Some("`keysift rules list` shows all rules and providers"))
}

fn out_of_range(document: &Document, value: &Value, what: &str) -> ConfigError {
    document.wrong(value.span(), what, Some("docs/configuration.md has all keys"))
}

fn allow_entries<'t>(document: &Document<'t>, value: &Value<'t>, rules: &RuleSet) -> Result<Vec<AllowEntry>, ConfigError> {
    let mut entries = Vec::new();
    let (mut n_paths, mut n_regexes) = (0, 0);
    for (at, table) in document.tables("allow", value)? {
        // Counted before they are built: it is the building that takes the memory.
        let n_items = |key| table.get(key).and_then(|value| value.get_ref().as_array()).map_or(0, |items| items.len());
        n_paths += n_items("paths");
        n_regexes += n_items("regexes") + n_items("path-regexes");
        for (n, most, kind) in [(n_paths, MOST_PATHS, "path patterns"), (n_regexes, MOST_REGEXES, "regular expressions")] {
            if n > most {
                return Err(document.wrong(at, &format!("more than {most} {kind} in one file"), Some("join them into fewer, wider ones")));
            }
        }
        entries.push(allow_entry(document, at, table, rules)?);
    }
    Ok(entries)
}

fn allow_entry<'t>(document: &Document<'t>, at: Range<usize>, table: &DeTable<'t>, rules: &RuleSet) -> Result<AllowEntry, ConfigError> {
    let keys = ["paths", "rules", "digests", "regexes", "regexes-in", "path-regexes", "commits", "stopwords", "reason", "until", "optional"];
    document.check_keys(table, &keys)?;
    let see_regex = "see https://docs.rs/regex/#syntax";
    let entry = AllowEntry {
        paths: list(document, table, "paths", "path pattern", "see \"Paths\" in docs/configuration.md", PathPattern::parse)?,
        rules: rule_ids(document, table, rules)?,
        digests: list(document, table, "digests", "digest", "copy the digest from the report", SecretDigest::parse)?,
        regexes: list(document, table, "regexes", "regular expression", see_regex, SecretPattern::parse)?,
        target: table.get("regexes-in").map(|value| target(document, value)).transpose()?.unwrap_or_default(),
        path_regexes: list(document, table, "path-regexes", "regular expression", see_regex, PathRegex::parse)?,
        commits: list(document, table, "commits", "commit", "write all of its id", commit_id)?,
        stopwords: list(document, table, "stopwords", "text", "an empty text is in every secret", stopword)?,
        reason: table.get("reason").map(|value| document.string("reason", value).map(str::to_owned)).transpose()?,
        until: table.get("until").map(|value| until(document, value)).transpose()?,
        name: None,
        is_optional: table.get("optional").map(|value| document.boolean("optional", value)).transpose()?.unwrap_or_default(),
    };
    if entry.regexes.is_empty() && table.contains_key("regexes-in") {
        return Err(document.wrong(at, "`regexes-in` says where `regexes` are searched, and there are none", Some("give `regexes`, or remove the key")));
    }
    if !entry.is_limited() {
        let help = "give it at least one of `paths`, `path-regexes`, `commits`, `rules`, `digests`, `regexes`, `stopwords`";
        return Err(document.wrong(at, "an allow entry without a condition would allow everything", Some(help)));
    }
    Ok(entry)
}

/// Where the expressions of an entry are searched.
fn target(document: &Document, value: &Value) -> Result<Target, ConfigError> {
    match document.string("regexes-in", value)? {
        "secret" => Ok(Target::Secret),
        "match" => Ok(Target::Match),
        "line" => Ok(Target::Line),
        other => Err(document.wrong(value.span(), &format!("`regexes-in` is `{other}`"), Some("it is one of `secret`, `match`, `line`"))),
    }
}

fn commit_id(text: &str) -> Result<String, String> {
    let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { Ok(text.to_ascii_lowercase()) } else { Err("it is no id of 40 or 64 hexadecimal digits".to_owned()) }
}

fn stopword(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text.to_ascii_lowercase()) }
}

/// The strings of the list called `key`; none if it is not given. An empty list is refused: it would match nothing, or all, by one's reading.
fn items<'v, 't>(document: &Document<'t>, table: &'v DeTable<'t>, key: &str) -> Result<Vec<Item<'v>>, ConfigError> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let items = document.strings(key, value)?;
    if items.is_empty() {
        return Err(document.wrong(value.span(), &format!("`{key}` is an empty list"), Some("remove the key, or say what it is to match")));
    }
    Ok(items)
}

/// The list called `key`, each of its strings parsed.
fn list<T>(document: &Document, table: &DeTable, key: &str, kind: &str, help: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, ConfigError> {
    let parsed = |item: Item| parse(item.text).map_err(|what| document.wrong(item.at, &format!("bad {kind} in `{key}`: {what}"), Some(help)));
    items(document, table, key)?.into_iter().map(parsed).collect()
}

fn rule_ids(document: &Document, table: &DeTable, rules: &RuleSet) -> Result<Vec<String>, ConfigError> {
    let ids = || rules.providers.iter().map(|provider| provider.id).chain(rules.rules.iter().map(|rule| rule.id));
    let known = |Item { at, text: id }: Item| {
        if ids().any(|known| known == id) { Ok(id.to_owned()) } else { Err(unknown_id(document, at, "rule or provider", id, ids())) }
    };
    items(document, table, "rules")?.into_iter().map(known).collect()
}

fn until(document: &Document, value: &Value) -> Result<jiff::civil::Date, ConfigError> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        other => other.type_str().to_owned(),
    };
    let wrong = || document.wrong(value.span(), "`until` is no date", Some("write the last day on which the entry counts as `until = \"YYYY-MM-DD\"`"));
    parse_date(&text).ok_or_else(wrong)
}

#[cfg(test)]
mod tests;
