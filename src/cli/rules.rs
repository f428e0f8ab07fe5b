//! `keysift rules`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::args::{RulesArgs, RulesCommand};
use super::{Failure, output};
use crate::config::without_excerpt;
use crate::finding::Exit;
use crate::rule::confirm::Confirm;
use crate::rule::{ContextNeed, Rule, RuleSet, load};
use crate::scan::check;

/// Runs the command and gives the exit code.
pub fn run(args: &RulesArgs) -> Result<u8, Failure> {
    match &args.command {
        RulesCommand::List { of, json, config } => list(of.as_deref(), *json, config.as_deref()),
        RulesCommand::Show { id, config } => show(id, config.as_deref()),
        RulesCommand::Check { files } => check_files(files),
    }
}

/// The rules of a scan with the configuration file `config`, else the built-in ones.
fn rule_set(config: Option<&Path>) -> Result<RuleSet, Failure> {
    let mut rules = RuleSet::built_in();
    if let Some(path) = config {
        super::setup::load_config(path, &mut rules)?;
    }
    Ok(rules)
}

fn list(of: Option<&str>, json: bool, config: Option<&Path>) -> Result<u8, Failure> {
    let mut rules = rule_set(config)?.rules;
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
            });
            put(&mut text, &line.to_string());
        } else {
            put(&mut text, &format!("{:width$}  {:provider_width$}  {:8}  {}", rule.id, rule.provider.id, rule.severity.text(), rule.name));
        }
    }
    output::to_stdout(text.as_bytes()).map(|()| Exit::Clean.code())
}

fn show(id: &str, config: Option<&Path>) -> Result<u8, Failure> {
    let set = rule_set(config)?;
    let rules: Vec<&Rule> = set.rules.iter().copied().filter(|rule| rule.id == id || rule.provider.id == id).collect();
    if rules.is_empty() {
        let ids = set.rules.iter().flat_map(|rule| [rule.id, rule.provider.id]);
        let hint = crate::config::did_you_mean(id, ids);
        return Err(Failure::usage(format!("no rule and no provider is called `{id}`{hint}")).with_help(Some("`keysift rules list` lists all".to_owned())));
    }
    let provider = rules[0].provider;
    let mut text = String::new();
    put(&mut text, &format!("{} ({})", provider.name, provider.id));
    fact(&mut text, "documentation", provider.docs);
    fact(&mut text, "revoke at", provider.revoke);
    for (i, step) in provider.rotate.iter().enumerate() {
        fact(&mut text, "after a leak", &format!("{}. {step}", i + 1));
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
        fact(&mut text, what, &list.join(", "));
    }
    for rule in rules {
        let need = match rule.context {
            ContextNeed::Required => "the shape fits other things too: evidence nearby decides",
            ContextNeed::Helpful => "the shape identifies the key",
        };
        put(&mut text, &format!("\n{}: {}", rule.id, rule.name));
        fact(&mut text, "severity", rule.severity.text());
        fact(&mut text, "shape", rule.shape.pattern);
        fact(&mut text, "context", need);
        if rule.min_entropy > 0.0 {
            fact(&mut text, "least entropy", &format!("{} bits per character", rule.min_entropy));
        }
        if let Some(note) = rule.note {
            fact(&mut text, "note", note);
        }
        match rule.confirm() {
            Some(confirm) => show_confirm(&mut text, &confirm),
            None => fact(&mut text, "not asked", "the rule file does not say how"),
        }
    }
    output::to_stdout(text.as_bytes()).map(|()| Exit::Clean.code())
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
        let text = std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
        let mut set = RuleSet::built_in();
        let file = crate::rule::format::parse(&text).map_err(|what| Failure::usage(format!("{}: {}", path.display(), without_excerpt(&what))))?;
        for rule in &file.rules {
            crate::rule::shape::derive(&rule.shape).map_err(|what| Failure::usage(format!("{}: rule `{}`: shape: {what}", path.display(), rule.id)))?;
        }
        // A built-in file is checked against the built-in rules, a new one is added to them.
        let is_built_in = set.providers.iter().any(|provider| provider.id == file.provider.id);
        if !is_built_in {
            load::add(&mut set, &text).map_err(|what| Failure::usage(format!("{}: {}", path.display(), without_excerpt(&what))))?;
        }
        let mut wrong = check::check(&check::engine(set), &file);
        // Whoever adds a file here must give enough examples; in a file of one's own it is advice.
        let poor = check::poor_in_examples(&file);
        let advice = if is_built_in {
            wrong.extend(poor);
            wrong.extend(check::silent_on_confirmation(&file));
            Vec::new()
        } else {
            poor
        };
        let n_examples: usize = file.rules.iter().map(|rule| rule.examples.len() + rule.counter_examples.len()).sum();
        if wrong.is_empty() {
            let built_in = if is_built_in { ", as built in" } else { "" };
            let (n_rules, rules) = (file.rules.len(), if file.rules.len() == 1 { "rule" } else { "rules" });
            output::note(&format!("{}: {n_rules} {rules}, {n_examples} examples and counter-examples: all well{built_in}", path.display()));
        }
        for what in &advice {
            output::note(&format!("warning: {}: {what}", path.display()));
        }
        for what in &wrong {
            output::to_stdout(format!("{}: {what}\n", path.display()).as_bytes())?;
        }
        n_wrong += wrong.len();
    }
    Ok(if n_wrong == 0 { Exit::Clean } else { Exit::Findings }.code())
}

/// A row of `keysift rules show`, or several if it is long.
fn fact(text: &mut String, what: &str, body: &str) {
    output::put(text, &format!("  {what:14} "), body);
}

fn put(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a String cannot fail");
}
