//! `keysift rules`.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::args::{RulesArgs, RulesCommand};
use super::{Failure, output};
use crate::finding::Exit;
use crate::rule::{ContextNeed, Rule, RuleSet, load};
use crate::scan::check;

/// Runs the command and gives the exit code.
pub fn run(args: &RulesArgs) -> Result<u8, Failure> {
    match &args.command {
        RulesCommand::List { json } => list(*json),
        RulesCommand::Show { id } => show(id),
        RulesCommand::Check { files } => check_files(files),
    }
}

fn list(json: bool) -> Result<u8, Failure> {
    let rules = RuleSet::built_in().rules;
    let mut text = String::new();
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules {
        if json {
            let line = serde_json::json!({
                "id": rule.id, "name": rule.name, "provider": rule.provider.id, "severity": rule.severity,
                "context": if rule.context == ContextNeed::Required { "required" } else { "helpful" },
            });
            put(&mut text, &line.to_string());
        } else {
            put(&mut text, &format!("{:width$}  {:8}  {}", rule.id, rule.severity.text(), rule.name));
        }
    }
    output::to_stdout(text.as_bytes()).map(|()| Exit::Clean.code())
}

fn show(id: &str) -> Result<u8, Failure> {
    let set = RuleSet::built_in();
    let rules: Vec<&Rule> = set.rules.iter().copied().filter(|rule| rule.id == id || rule.provider.id == id).collect();
    if rules.is_empty() {
        let ids = set.rules.iter().flat_map(|rule| [rule.id, rule.provider.id]);
        let nearest = ids.max_by(|a, b| strsim::jaro_winkler(a, id).total_cmp(&strsim::jaro_winkler(b, id)));
        let help = nearest.map(|nearest| format!("did you mean `{nearest}`? `keysift rules list` lists all"));
        return Err(Failure::usage(format!("no rule and no provider is called `{id}`")).with_help(help));
    }
    let provider = rules[0].provider;
    let mut text = String::new();
    put(&mut text, &format!("{} ({})", provider.name, provider.id));
    put(&mut text, &format!("  documentation  {}", provider.docs));
    put(&mut text, &format!("  revoke at      {}", provider.revoke));
    for (i, step) in provider.rotate.iter().enumerate() {
        put(&mut text, &format!("  after a leak   {}. {step}", i + 1));
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
        put(&mut text, &format!("  {what:14} {}", list.join(", ")));
    }
    for rule in rules {
        let need = match rule.context {
            ContextNeed::Required => "the shape fits other things too: evidence nearby decides",
            ContextNeed::Helpful => "the shape identifies the key",
        };
        put(&mut text, &format!("\n{}: {}", rule.id, rule.name));
        put(&mut text, &format!("  severity       {}", rule.severity.text()));
        put(&mut text, &format!("  shape          {}", rule.shape.pattern));
        put(&mut text, &format!("  context        {need}"));
        if rule.min_entropy > 0.0 {
            put(&mut text, &format!("  least entropy  {} bits per character", rule.min_entropy));
        }
        if let Some(note) = rule.note {
            put(&mut text, &format!("  note           {note}"));
        }
    }
    output::to_stdout(text.as_bytes()).map(|()| Exit::Clean.code())
}

fn check_files(files: &[PathBuf]) -> Result<u8, Failure> {
    let mut n_wrong = 0;
    for path in files {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
        let mut set = RuleSet::built_in();
        let file = crate::rule::format::parse(&text).map_err(|what| Failure::usage(format!("{}: {what}", path.display())))?;
        for rule in &file.rules {
            crate::rule::shape::derive(&rule.shape).map_err(|what| Failure::usage(format!("{}: rule `{}`: shape: {what}", path.display(), rule.id)))?;
        }
        // A built-in file is checked against the built-in rules, a new one is added to them.
        let is_built_in = set.providers.iter().any(|provider| provider.id == file.provider.id);
        if !is_built_in {
            load::add(&mut set, &text).map_err(|what| Failure::usage(format!("{}: {what}", path.display())))?;
        }
        let wrong = check::check(&check::engine(set), &file);
        let n_examples: usize = file.rules.iter().map(|rule| rule.examples.len() + rule.counter_examples.len()).sum();
        if wrong.is_empty() {
            let built_in = if is_built_in { ", as built in" } else { "" };
            output::note(&format!("{}: {} rules, {n_examples} examples and counter-examples: all well{built_in}", path.display(), file.rules.len()));
        }
        for what in &wrong {
            output::to_stdout(format!("{}: {what}\n", path.display()).as_bytes())?;
        }
        n_wrong += wrong.len();
    }
    Ok(if n_wrong == 0 { Exit::Clean } else { Exit::Findings }.code())
}

fn put(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a String cannot fail");
}
