//! `keysift rules`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::args::{RulesArgs, RulesCommand};
use super::{Failure, output, setup};
use crate::config::{self, without_excerpt};
use crate::finding::Exit;
use crate::rule::confirm::Confirm;
use crate::rule::format::{self, RuleFile, RuleText};
use crate::rule::pattern::Pattern;
use crate::rule::structure::Structure;
use crate::rule::{ContextNeed, Provider, Rule, RuleSet};
use crate::scan::check;

/// Rules that a sentence names.
const N_NAMED: usize = 5;

/// Runs the command and gives the exit code.
pub fn run(args: &RulesArgs) -> Result<u8, Failure> {
    match &args.command {
        RulesCommand::List { of, json, config, rules } => list(of.as_deref(), *json, &rule_set(config.as_deref(), rules)?),
        RulesCommand::Show { id, config, rules } => show(id, &rule_set(config.as_deref(), rules)?),
        RulesCommand::Check { files } => check_files(files),
    }
}

/// The rules of a scan with the configuration file `config` and with `added` rule files, else the built-in ones.
fn rule_set(config: Option<&Path>, added: &[PathBuf]) -> Result<RuleSet, Failure> {
    let mut rules = RuleSet::built_in();
    setup::add_rules(added, &mut rules)?;
    let config = config.map(|path| setup::load_config(path, &mut rules)).transpose()?.unwrap_or_default();
    setup::warn(&rules, &config);
    Ok(rules)
}

fn list(of: Option<&str>, json: bool, set: &RuleSet) -> Result<u8, Failure> {
    let mut rules = set.rules.clone();
    if let Some(of) = of {
        let wanted = of.to_lowercase();
        rules.retain(|rule| [rule.id, rule.name, rule.provider.id, rule.provider.name].iter().any(|text| text.to_lowercase().contains(&wanted)));
        if rules.is_empty() {
            return Err(Failure::usage(format!("no rule has `{of}` in its id, name or provider")).with_help(Some("`keysift rules list` lists all".to_owned())));
        }
    }
    let mut text = String::new();
    let width_of = |word: fn(&Rule) -> &str| rules.iter().map(|rule| word(rule).len()).max().unwrap_or(0);
    let (width, provider_width) = (width_of(|rule| rule.id), width_of(|rule| rule.provider.id));
    for rule in rules {
        if json {
            let line = serde_json::json!({
                "id": rule.id, "name": rule.name, "provider": rule.provider.id, "severity": rule.severity,
                "context": if rule.context == ContextNeed::Required { "required" } else { "helpful" },
                "file": Some(rule.file).filter(|file| !file.is_empty()),
            });
            put(&mut text, &line.to_string());
        } else {
            let from = if rule.file.is_empty() { String::new() } else { format!(" (in {})", rule.file) };
            put(&mut text, &format!("{:width$}  {:provider_width$}  {:8}  {}{from}", rule.id, rule.provider.id, rule.severity.text(), rule.name));
        }
    }
    output::to_stdout(text.as_bytes()).map(|()| Exit::Clean.code())
}

fn show(id: &str, set: &RuleSet) -> Result<u8, Failure> {
    let rules: Vec<&Rule> = set.rules.iter().copied().filter(|rule| rule.id == id || rule.provider.id == id).collect();
    if rules.is_empty() {
        let ids = set.rules.iter().flat_map(|rule| [rule.id, rule.provider.id]);
        let hint = crate::config::did_you_mean(id, ids);
        return Err(Failure::usage(format!("no rule and no provider is called `{id}`{hint}")).with_help(Some("`keysift rules list` lists all".to_owned())));
    }
    let mut text = String::new();
    show_provider(&mut text, rules[0].provider);
    rules.into_iter().for_each(|rule| show_rule(&mut text, rule));
    output::to_stdout(text.as_bytes()).map(|()| Exit::Clean.code())
}

/// Who issues the keys, and by what words that is known.
fn show_provider(text: &mut String, provider: &Provider) {
    put(text, &format!("{} ({})", provider.name, provider.id));
    fact(text, "documentation", provider.docs);
    fact(text, "revoke at", provider.revoke);
    for (i, step) in provider.rotate.iter().enumerate() {
        fact(text, "after a leak", &format!("{}. {step}", i + 1));
    }
    let context = &provider.context;
    let lists = [
        ("environment", provider.env),
        ("names", context.names),
        ("common names", context.common_names),
        ("hosts", context.hosts),
        ("imports", context.imports),
        ("constructors", context.constructors),
        ("models", context.models),
        ("collisions", context.collisions),
    ];
    for (what, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        fact(text, what, &list.join(", "));
    }
}

/// What a rule looks for.
fn show_rule(text: &mut String, rule: &Rule) {
    let need = match rule.context {
        ContextNeed::Required => "the shape fits other things too: evidence nearby decides",
        ContextNeed::Helpful => "the shape identifies the key",
    };
    put(text, &format!("\n{}: {}", rule.id, rule.name));
    fact(text, "severity", rule.severity.text());
    if !rule.file.is_empty() {
        fact(text, "defined in", rule.file);
    }
    let has_shape = matches!(rule.structure, None | Some(Structure::Named | Structure::Paired));
    match rule.pattern {
        Some(pattern) => show_pattern(text, pattern),
        None if has_shape => {
            fact(text, "shape", rule.shape.pattern);
            fact(text, "context", need);
        }
        None => fact(text, "told by", "what it is a part of or assigned to; it has no shape of its own"),
    }
    if rule.min_entropy > 0.0 && has_shape {
        fact(text, "least entropy", &format!("{} bits per character", rule.min_entropy));
    }
    if let Some(note) = rule.note {
        fact(text, "note", note);
    }
    match rule.confirm() {
        Some(confirm) => show_confirm(text, &confirm),
        None => fact(text, "not asked", "the rule file does not say how"),
    }
}

/// How a pattern is looked for.
fn show_pattern(text: &mut String, pattern: &Pattern) {
    fact(text, "pattern", if pattern.is_of_path { "none: it finds files by their path" } else { pattern.expression.text() });
    if pattern.secret_group > 0 {
        fact(text, "secret", &format!("group {}", pattern.secret_group));
    }
    if !pattern.keywords.is_empty() {
        fact(text, "keywords", &pattern.keywords.join(", "));
    }
    if let Some(path) = &pattern.path {
        fact(text, "in paths with", path.text());
    }
    if let Some(bits) = pattern.entropy {
        fact(text, "entropy above", &format!("{bits} bits per character"));
    }
    for required in &pattern.required {
        let within = |n: Option<u64>, unit: &str| n.map(|n| format!(" within {n} {unit}")).unwrap_or_default();
        fact(text, "requires", &format!("{}{}{}", required.rule, within(required.within_lines, "lines"), within(required.within_columns, "columns")));
    }
    if pattern.is_silent {
        fact(text, "reports", "nothing itself: others require it");
    }
    if pattern.is_of_path {
        return fact(text, "looked for by", "the paths of files: nothing in them is read for it");
    }
    let literals: Vec<_> = pattern.search.literals.iter().map(|literal| String::from_utf8_lossy(literal)).collect();
    match literals.is_empty() {
        false => fact(text, "looked for by", &literals.join(", ")),
        true if pattern.keywords.is_empty() => fact(text, "looked for by", "nothing: it reads every byte"),
        true => {}
    }
}

/// How the provider is asked about a key, and what its answers mean; or why nobody asks.
fn show_confirm(text: &mut String, confirm: &Confirm) {
    if let Some(why) = &confirm.because_not {
        return fact(text, "not asked", why);
    }
    for (i, request) in confirm.requests().iter().enumerate() {
        fact(text, if i == 0 { "asked by" } else { "if invalid" }, request);
    }
    if let Some(post) = &confirm.post {
        fact(text, "only reads", &post.reads_only);
    }
    if let Some(hosts) = confirm.origin_of_hosts() {
        fact(text, "on hosts", &hosts);
    }
    fact(text, "key in", &confirm.place_of_key());
    for answer in &confirm.answers {
        fact(text, answer.is.text(), &answer.text());
    }
    if !confirm.show.is_empty() {
        fact(text, "then shows", &confirm.show.keys().map(String::as_str).collect::<Vec<_>>().join(", "));
    }
}

fn check_files(files: &[PathBuf]) -> Result<u8, Failure> {
    let mut n_wrong = 0;
    for path in files {
        n_wrong += check_file(path)?;
    }
    Ok(if n_wrong == 0 { Exit::Clean } else { Exit::Findings }.code())
}

/// How many rules, examples and counter-examples a file has.
fn counts(file: &RuleFile) -> String {
    let n = |of: fn(&RuleText) -> usize| file.rules.iter().map(of).sum();
    let examples = check::n_of_both(n(|rule| rule.examples.len()), n(|rule| rule.counter_examples.len()));
    let (n_rules, rules) = (file.rules.len(), if file.rules.len() == 1 { "rule" } else { "rules" });
    format!("{n_rules} {rules}, {examples}")
}

/// The ids of the first rules of a list, and how many more there are.
fn named(rules: &[&RuleText]) -> String {
    let ids: Vec<&str> = rules.iter().take(N_NAMED).map(|rule| rule.id.as_str()).collect();
    let n_more = rules.len() - ids.len();
    let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
    format!("{}{more}", ids.join(", "))
}

/// The rules of a file with the set that they are checked in, and whether they are built in.
fn checked_set(path: &Path) -> Result<(RuleFile, RuleSet, bool), Failure> {
    let refused = |what: String| Failure::usage(format!("{}: {}", path.display(), without_excerpt(&what)));
    let mut set = RuleSet::built_in();
    let wrong = |error: config::ConfigError| Failure::usage(&error).with_help(error.help());
    if let Err(error) = std::fs::metadata(path) {
        return Err(Failure::usage(format!("cannot read {}: {error}", path.display())));
    }
    if let Some(file) = config::own::rules_in(path).map_err(wrong)? {
        setup::load_config(path, &mut set)?;
        return Ok((file, set, false));
    }
    let text = config::read(path, config::LARGEST_FILE).map_err(|what| Failure::usage(format!("{}: {what}", path.display())))?;
    let file = format::parse(&text).map_err(refused)?;
    // A built-in file is checked against the built-in rules, a new one is added to them.
    if file.has_provider() && set.providers.iter().any(|provider| provider.id == file.provider.id) {
        for rule in &file.rules {
            crate::rule::shape::derive(&rule.shape, rule.is_shape_sought()).map_err(|what| refused(format!("rule `{}`: shape: {what}", rule.id)))?;
        }
        return Ok((file, set, true));
    }
    setup::add_rules(&[path.to_owned()], &mut set)?;
    Ok((file, set, false))
}

/// How much is wrong with the rules of a file.
fn check_file(path: &Path) -> Result<usize, Failure> {
    let (file, set, is_built_in) = checked_set(path)?;
    let costly = config::own::costly(&set);
    let mut wrong = check::check(&check::engine(set), &file);
    let poor = check::poor_in_examples(&file);
    let enough = check::enough();
    let mut advice = Vec::new();
    // Whoever adds a file here must give enough examples; in a file of one's own it is advice.
    if is_built_in {
        let n = |rule: &RuleText| check::n_of_both(rule.examples.len(), rule.counter_examples.len());
        wrong.extend(poor.iter().map(|rule| format!("{}: it has {}; a rule needs at least {enough}", rule.id, n(rule))));
        wrong.extend(check::silent_on_confirmation(&file));
    } else {
        advice.extend(costly);
    }
    if wrong.is_empty() {
        let (path, counts) = (path.display(), counts(&file));
        match poor.as_slice() {
            _ if is_built_in => output::note(&format!("{path}: {counts}: all well, as built in")),
            [] => output::note(&format!("{path}: {counts}: all well")),
            poor => output::note(&format!("warning: {path}: {counts}: they hold, but a rule needs at least {enough}, which is lacking in {}", named(poor))),
        }
    }
    for what in &advice {
        output::note(&format!("warning: {}: {what}", path.display()));
    }
    for what in &wrong {
        output::to_stdout(format!("{}: {what}\n", path.display()).as_bytes())?;
    }
    Ok(wrong.len())
}

/// A row of `keysift rules show`, or several if it is long.
fn fact(text: &mut String, what: &str, body: &str) {
    output::put(text, &format!("  {what:14} "), body);
}

fn put(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a String cannot fail");
}
