//! Checking rule files: each example and counter-example goes through the whole offline pipeline, with all rules loaded.

use jiff::civil::Date;

use super::{Engine, Policy};
use crate::blob::{Origin, Window};
use crate::filter::AllowList;
use crate::finding::{Confidence, Finding};
use crate::number::n_of;
use crate::rule::checksum::Checksum;
use crate::rule::draw::{self, Draws};
use crate::rule::format::{ExampleText, RuleFile, RuleText};
use crate::rule::{GENERIC, GENERIC_AMBIGUOUS, RuleSet};
use crate::score::value;

/// An engine for checking: nothing is allowed, every confidence is reported.
pub fn engine(rules: RuleSet) -> Engine {
    let policy = Policy { allow: AllowList::default(), baseline: None, honor_peers: false, today: Date::ZERO, min_confidence: Confidence::Low };
    Engine::new(rules, policy)
}

/// What is wrong with the examples of `file`, whose rules `engine` has; nothing if all is well.
pub fn check(engine: &Engine, file: &RuleFile) -> Vec<String> {
    let mut wrong = Vec::new();
    for rule in &file.rules {
        for (i, example) in rule.examples.iter().enumerate().filter(|_| !rule.silent) {
            for seed in 0..3 {
                if let Err(what) = example_is_found(engine, rule, example, seed) {
                    wrong.push(format!("{}: example {}: {what}", rule.id, i + 1));
                    break;
                }
            }
        }
        for (i, quiet) in rule.counter_examples.iter().enumerate() {
            if let Err(what) = counter_example_is_quiet(engine, rule, quiet) {
                wrong.push(format!("{}: counter-example {}: {what}", rule.id, i + 1));
            }
        }
    }
    wrong
}

/// Least examples and counter-examples of a rule, as `docs/rules.md` asks for them.
const ENOUGH: (usize, usize) = (3, 2);

/// The rules of `file` with fewer examples or counter-examples than a rule needs. A rule that no shape leads to cannot have any.
pub fn poor_in_examples(file: &RuleFile) -> Vec<&RuleText> {
    let (least, least_quiet) = ENOUGH;
    let is_poor = |rule: &&RuleText| rule.id != GENERIC_AMBIGUOUS && !rule.silent && (rule.examples.len() < least || rule.counter_examples.len() < least_quiet);
    file.rules.iter().filter(is_poor).collect()
}

/// How many a rule needs, in words.
pub fn enough() -> String {
    n_of_both(ENOUGH.0, ENOUGH.1)
}

/// How many examples and counter-examples, in words.
pub fn n_of_both(n_examples: usize, n_counter_examples: usize) -> String {
    format!("{} and {}", n_of(n_examples as u64, "example"), n_of(n_counter_examples as u64, "counter-example"))
}

/// The rules of `file` that say neither how the provider is asked about a key nor why nobody asks. Keys of no provider have nobody to ask.
pub fn silent_on_confirmation(file: &RuleFile) -> Vec<String> {
    let silent = file.rules.iter().filter(|rule| file.provider.id != GENERIC && file.confirm_of(rule).is_none());
    silent.map(|rule| format!("{}: it has no `[confirm]`, which says how the provider is asked about a key, or why not", rule.id)).collect()
}

fn example_is_found(engine: &Engine, rule: &RuleText, example: &ExampleText, seed: u64) -> Result<(), String> {
    let text = filled(rule, &example.text, seed);
    let (before, rest) = text.split_once('«').ok_or("it marks no secret with « and »")?;
    let (secret, after) = rest.split_once('»').ok_or("it marks no secret with « and »")?;
    let start = before.len() as u64;
    let findings = scan(engine, example, &format!("{before}{secret}{after}"));
    let shown = |finding: &Finding| format!("{} at byte {}", finding.rule.id, finding.region.offset);
    match findings.as_slice() {
        [] => Err("it gives no finding".to_owned()),
        [one] if one.rule.id != rule.id => Err(format!("it gives {}", shown(one))),
        [one] if one.region.offset != start || one.secret.n_bytes() != secret.len() => {
            Err(format!("the finding has {} bytes at {}, marked are {} at {start}", one.secret.n_bytes(), one.region.offset, secret.len()))
        }
        [_] => Ok(()),
        several => Err(format!("it gives {} findings: {}", several.len(), several.iter().map(shown).collect::<Vec<_>>().join(", "))),
    }
}

fn counter_example_is_quiet(engine: &Engine, rule: &RuleText, quiet: &ExampleText) -> Result<(), String> {
    let text = filled(rule, &quiet.text, 1);
    match scan(engine, quiet, &text).first() {
        None => Ok(()),
        Some(finding) => Err(format!("it gives {} with {} confidence", finding.rule.id, finding.confidence.text())),
    }
}

fn scan(engine: &Engine, example: &ExampleText, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let origin = Origin::new(example.path.as_deref().unwrap_or("blob.txt"));
    engine.scan_window(&origin, &Window::whole(text.as_bytes()), &mut found);
    found
}

/// The text with its `{{…}}` places filled.
fn filled(rule: &RuleText, text: &str, seed: u64) -> String {
    let mut draws = Draws::new(seed.wrapping_mul(1000) + rule.id.bytes().map(u64::from).sum::<u64>());
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((place, tail)) = after.split_once("}}") else { break };
        let drawn = match place.split_once(':') {
            Some((alphabet, n)) => n.parse().ok().and_then(|n| match alphabet {
                "hex" => Some(good(&mut draws, 2.0, |draws| draws.text(n, draw::HEX))),
                "alnum" => Some(good(&mut draws, 3.0, |draws| draws.text(n, draw::ALNUM))),
                "lower" => Some(draws.text(n, draw::LOWER)),
                "base64" => Some(draws.text(n, draw::BASE64)),
                _ => None,
            }),
            None if place == "random" => Some(good_key(rule, &mut draws)),
            None if place == "uuid" => Some(draws.uuid()),
            None => None,
        };
        out.push_str(before);
        match drawn {
            Some(text) => out.push_str(&text),
            None => out.push_str(&format!("{{{{{place}}}}}")),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// A key that has the entropy and characters which its rule says every real key has.
fn good_key(rule: &RuleText, draws: &mut Draws) -> String {
    let needs = |class: &str, has: fn(&u8) -> bool, key: &str| !rule.require.iter().any(|r| r == class) || key.bytes().any(|byte| has(&byte));
    let checksum = rule.checksum.as_deref().and_then(Checksum::named);
    let mended = |key: String| checksum.map_or_else(|| key.clone(), |checksum| checksum.mend(&key));
    let is_good =
        |key: &String| needs("upper", u8::is_ascii_uppercase, key) && needs("lower", u8::is_ascii_lowercase, key) && needs("digit", u8::is_ascii_digit, key);
    (0..50).map(|_| good(draws, rule.min_entropy, |draws| mended(draws.shape(&rule.shape)))).find(is_good).unwrap_or_default()
}

fn good(draws: &mut Draws, min_entropy: f32, mut draw: impl FnMut(&mut Draws) -> String) -> String {
    let is_good = |text: &String| value::entropy(text.as_bytes()) >= min_entropy && value::placeholder(text.as_bytes()).is_none();
    let first = draw(draws);
    if is_good(&first) {
        return first;
    }
    (0..50).map(|_| draw(draws)).find(is_good).unwrap_or(first)
}
