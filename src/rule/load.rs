//! From rule files to rules: the built-in tables, and files loaded at run time.

use std::sync::OnceLock;

use super::checksum::Checksum;
use super::format::{self, RuleFile};
use super::shape::{self, class};
use super::structure::Structure;
use super::{Context, ContextNeed, Pair, Provider, Rule, RuleSet, Severity, Shape};

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

/// Parses a rule file and adds its provider and rules to `set`. They live as long as the process.
///
/// # Errors
/// What is wrong with the file, or that its provider or a rule of it is there already.
pub fn add(set: &mut RuleSet, text: &str) -> Result<RuleFile, String> {
    let file = format::parse(text)?;
    if set.providers.iter().any(|provider| provider.id == file.provider.id) {
        return Err(format!("there is a provider `{}` already", file.provider.id));
    }
    let provider: &'static Provider = Box::leak(Box::new(provider_of(&file)));
    let mut rules = Vec::new();
    for text in &file.rules {
        let facts = shape::derive(&text.shape).map_err(|e| format!("rule `{}`: shape: {e}", text.id))?;
        rules.push(&*Box::leak(Box::new(Rule {
            id: leak(&text.id),
            name: leak(&text.name),
            provider,
            severity: severity_of(&text.severity),
            context: if text.context == "required" { ContextNeed::Required } else { ContextNeed::Helpful },
            require: require_bits(&text.require),
            min_entropy: text.min_entropy,
            checksum: text.checksum.as_deref().and_then(Checksum::named),
            reads: text.reads.as_deref().map(leak),
            structure: text.structure.as_deref().and_then(Structure::named),
            pair: text.pair.as_ref().map(|pair| Pair {
                with: leak(&pair.with),
                shape: leak(&pair.shape),
                name: leak(&pair.name),
                within: pair.within,
                is_public: pair.public,
                regex: OnceLock::new(),
            }),
            note: text.note.as_deref().map(leak),
            confirm: leak(&file.confirm_text(text)),
            shape: Shape {
                pattern: leak(&text.shape),
                is_token: facts.is_token,
                n_lead: facts.n_lead,
                prefixes: leak_bytes(&facts.prefixes),
                anchor_len: facts.anchor_len,
                alphabet: facts.alphabet,
                is_plain: facts.is_plain,
                ends_in_token: facts.ends_in_token,
                max_len: facts.max_len,
                public: leak_bytes(&facts.public),
                regex: OnceLock::new(),
            },
        })));
    }
    set.providers.push(provider);
    set.rules.extend(rules);
    Ok(file)
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
