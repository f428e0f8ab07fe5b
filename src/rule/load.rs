//! From rule files to rules: the built-in tables, and files loaded at run time.

use std::sync::OnceLock;

use super::checksum::Checksum;
use super::format::{self, RequiredText, RuleFile, RuleText};
use super::pattern::{Expression, Pattern, Required};
use super::shape::{self, class};
use super::steps::Step;
use super::structure::Structure;
use super::{Context, ContextNeed, GENERIC, Pair, Provider, Rule, RuleSet, Severity, Shape};

include!(concat!(env!("OUT_DIR"), "/built_in_rules.rs"));

/// The [`class`] bits that a rule's `require` list names.
pub fn require_bits(require: &[String]) -> u8 {
    let bit = |name: &String| match name.as_str() {
        "upper" => class::UPPER,
        "lower" => class::LOWER,
        _ => class::DIGIT,
    };
    require.iter().map(bit).fold(0, |all, bit| all | bit)
}

/// Parses a rule file and adds its provider and rules to `set`; `from` names it for readers. They live as long as the process.
///
/// # Errors
/// What is wrong with the file, or that its provider is there already.
pub fn add(set: &mut RuleSet, text: &str, from: &str) -> Result<RuleFile, String> {
    let file = format::parse(text)?;
    add_file(set, &file, from)?;
    Ok(file)
}

/// The same for a file that was read and checked.
///
/// # Errors
/// What is wrong with an expression, or that its provider is there already.
pub fn add_file(set: &mut RuleSet, file: &RuleFile, from: &str) -> Result<(), String> {
    if file.has_provider() && set.providers.iter().any(|provider| provider.id == file.provider.id) {
        return Err(format!("there is a provider `{}` already", file.provider.id));
    }
    let own: Option<&'static Provider> = file.has_provider().then(|| &*Box::leak(Box::new(provider_of(file))));
    let from = leak(from);
    let mut rules = Vec::new();
    for text in &file.rules {
        let here = |what: String| format!("rule `{}`: {what}", text.id);
        let provider = own.map_or_else(|| named_provider(set, text), Ok).map_err(here)?;
        let pattern = text.pattern.as_deref().map(|expression| pattern_of(expression, text)).transpose().map_err(here)?;
        let pattern = if text.is_of_path() { Some(of_path(text).map_err(here)?) } else { pattern };
        let shape =
            if pattern.is_some() { Shape::none() } else { shape_of(&text.shape, text.is_shape_sought()).map_err(|what| here(format!("shape: {what}")))? };
        let context = if text.context == "required" { ContextNeed::Required } else { ContextNeed::Helpful };
        if context == ContextNeed::Required && provider.id == GENERIC {
            return Err(here("with `context = \"required\"` evidence for its provider decides, and it has none; name one, or leave `context` out".to_owned()));
        }
        rules.push(&*Box::leak(Box::new(Rule {
            id: leak(&text.id),
            name: leak(&text.name),
            provider,
            severity: severity_of(&text.severity),
            context,
            require: require_bits(&text.require),
            min_entropy: text.min_entropy,
            checksum: text.checksum.as_deref().and_then(Checksum::named),
            reads: text.reads.as_deref().map(leak),
            structure: text.structure.as_deref().and_then(Structure::named),
            pair: text.pair.as_ref().map(|pair| Pair {
                with: Box::leak(pair.with.ids().iter().map(|id| leak(id)).collect()),
                shape: leak(&pair.shape),
                name: leak(&pair.name),
                within: pair.within,
                is_public: pair.public,
                regex: OnceLock::new(),
            }),
            note: text.note.as_deref().map(leak),
            confirm: leak(&file.confirm_text(text)),
            shape,
            pattern: pattern.map(|pattern| &*Box::leak(Box::new(pattern))),
            file: from,
        })));
    }
    set.providers.extend(own);
    set.rules.extend(rules);
    Ok(())
}

/// Adds a rule that is a pattern and belongs to no provider.
pub fn add_pattern(set: &mut RuleSet, id: &str, name: &str, pattern: Pattern, from: &str) {
    let provider = set.providers.iter().copied().find(|provider| provider.id == GENERIC).expect("it is built in");
    set.rules.push(Box::leak(Box::new(Rule {
        id: leak(id),
        name: leak(name),
        provider,
        severity: Severity::High,
        context: ContextNeed::Helpful,
        require: 0,
        min_entropy: 0.0,
        checksum: None,
        reads: None,
        structure: None,
        pair: None,
        note: None,
        confirm: "",
        shape: Shape::none(),
        pattern: Some(Box::leak(Box::new(pattern))),
        file: leak(from),
    })));
}

/// The provider that a rule names, or the one that stands for none.
fn named_provider(set: &RuleSet, text: &RuleText) -> Result<&'static Provider, String> {
    let id = text.provider.as_deref().unwrap_or(GENERIC);
    let known = set.providers.iter().copied().find(|provider| provider.id == id);
    known.ok_or_else(|| format!("there is no provider `{id}`: `keysift rules list` shows all; a file of your own with `[provider]` adds one"))
}

fn of_path(text: &RuleText) -> Result<Pattern, String> {
    let path = Expression::parse(text.path.as_deref().unwrap_or_default()).map_err(|what| format!("path: {what}"))?;
    Ok(Pattern { is_silent: text.silent, ..Pattern::of_path(path) })
}

fn pattern_of(expression: &str, text: &RuleText) -> Result<Pattern, String> {
    let pattern = Pattern::parse(expression).and_then(|pattern| pattern.with_group(text.secret_group)).map_err(|what| format!("pattern: {what}"))?;
    let path = text.path.as_deref().map(Expression::parse).transpose().map_err(|what| format!("path: {what}"))?;
    let required = |one: &RequiredText| Required { rule: one.rule.clone(), within_lines: one.within_lines, within_columns: one.within_columns };
    Ok(Pattern {
        keywords: text.keywords.iter().map(|word| word.to_ascii_lowercase()).collect(),
        entropy: text.entropy,
        path,
        required: text.required.iter().map(required).collect(),
        is_silent: text.silent,
        ..pattern
    })
}

fn shape_of(pattern: &str, is_sought: bool) -> Result<Shape, String> {
    let facts = shape::derive(pattern, is_sought)?;
    Ok(Shape {
        pattern: leak(pattern),
        is_token: facts.is_token,
        n_lead: facts.n_lead,
        prefixes: leak_bytes(&facts.prefixes),
        anchor_len: facts.anchor_len,
        alphabet: facts.alphabet,
        is_plain: facts.is_plain,
        ends_in_token: facts.ends_in_token,
        max_len: facts.max_len,
        public: leak_bytes(&facts.public),
        ways: Box::leak(facts.ways.into_iter().map(|way| &*Box::leak(way.into_boxed_slice())).collect()),
        regex: OnceLock::new(),
    })
}

fn provider_of(file: &RuleFile) -> Provider {
    let (text, context) = (&file.provider, &file.context);
    Provider {
        id: leak(&text.id),
        name: leak(&text.name),
        docs: leak(&text.docs),
        revoke: leak(&text.revoke),
        rotate: leak_list(&text.rotate),
        env: leak_list(&text.env),
        context: Context {
            names: leak_list(&context.names),
            common_names: leak_list(&context.common_names),
            hosts: leak_list(&context.hosts),
            imports: leak_list(&context.imports),
            constructors: leak_list(&context.constructors),
            models: leak_list(&context.models),
            collisions: leak_list(&context.collisions),
        },
    }
}

fn severity_of(word: &str) -> Severity {
    match word {
        "critical" => Severity::Critical,
        "high" => Severity::High,
        "medium" => Severity::Medium,
        _ => Severity::Low,
    }
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn leak_list(list: &[String]) -> &'static [&'static str] {
    Box::leak(list.iter().map(|text| leak(text)).collect())
}

fn leak_bytes(list: &[Vec<u8>]) -> &'static [&'static [u8]] {
    Box::leak(list.iter().map(|bytes| &*Box::leak(bytes.clone().into_boxed_slice())).collect())
}
