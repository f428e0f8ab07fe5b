//! What `keysift check` writes: lines for people, or one JSON object, `docs/check.schema.json`. The key is in neither.

use std::time::Duration;

use serde::Serialize;

use super::super::args::CheckArgs;
use super::super::{Failure, output};
use super::ask::Answer;
use super::detect::Found;
use super::{LIVE, NOT_WORKING, UNKNOWN, USAGE, advice, say};
use crate::rule::Provider;
use crate::secret::{MASK, Secret};
use crate::verdict::Verdict;

/// Name and version of the JSON format.
const SCHEMA: &str = "keysift-check/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    exit: Exit,
    key: Key,
    detected: Option<Detected<'a>>,
    candidates: Vec<ProviderObject<'a>>,
    notes: &'a [String],
    verdict: Verdict,
    reason: Option<&'a str>,
    status: Option<u16>,
    host: Option<&'a str>,
    facts: Vec<Named<'a>>,
    cause: Option<String>,
    fix: Option<String>,
    models: Option<ModelsObject<'a>>,
    rate_limits: Vec<Named<'a>>,
    latency: Option<LatencyObject>,
    n_requests: usize,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Exit {
    code: u8,
    meaning: &'static str,
}

#[derive(Serialize)]
struct Key {
    masked: String,
    n_characters: usize,
}

#[derive(Serialize)]
struct Detected<'a> {
    provider: ProviderObject<'a>,
    rule: &'a str,
    rule_name: &'a str,
    by: &'static str,
}

#[derive(Serialize)]
struct ProviderObject<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct ModelsObject<'a> {
    n: usize,
    is_cut: bool,
    families: Vec<FamilyObject<'a>>,
}

#[derive(Serialize)]
struct FamilyObject<'a> {
    family: &'static str,
    models: &'a [String],
}

#[derive(Serialize)]
struct LatencyObject {
    n_requests: usize,
    connect_ms: Option<f64>,
    first_byte_ms: f64,
}

/// Says, before anything is sent, what is odd about the key, whose it is, and which host is asked; none if nobody is.
pub fn announce(args: &CheckArgs, found: &Found, notes: &[String], endpoints: &[String], host: Option<&str>) {
    notes.iter().for_each(|note| say(args, &format!("note: {note}")));
    let provider = found.rule.provider.id;
    endpoints.iter().filter(|note| note.contains(&format!(" of {provider} "))).for_each(|note| say(args, note));
    if let Some(host) = host {
        say(args, &format!("Asking {} ({host}) about {} ...", found.rule.provider.name, masked(found)));
    }
}

/// Writes what is known about a key of which it is not clear whose it is: nobody was asked.
pub fn candidates(args: &CheckArgs, key: &[u8], candidates: &[&'static Provider], notes: &[String]) -> Result<u8, Failure> {
    let (reason, fix) = match candidates {
        [] => ("no provider's keys have this form", "--provider PROVIDER asks a provider all the same"),
        _ => ("several providers' keys have this form, and it is sent to none of them", "say whose it is with --provider PROVIDER"),
    };
    if args.json {
        let document = Document {
            exit: exit(USAGE),
            key: Key { masked: MASK.to_owned(), n_characters: key.len() },
            detected: None,
            candidates: candidates.iter().map(|provider| ProviderObject { id: provider.id, name: provider.name }).collect(),
            reason: Some(reason),
            fix: Some(fix.to_owned()),
            ..empty(notes)
        };
        write(&document)?;
        return Ok(USAGE);
    }
    notes.iter().for_each(|note| say(args, &format!("note: {note}")));
    if !candidates.is_empty() {
        let names: Vec<String> = candidates.iter().map(|provider| format!("{} ({})", provider.name, provider.id)).collect();
        let mut text = String::new();
        output::put(&mut text, "Candidates: ", &names.join(", "));
        output::to_stdout(text.as_bytes())?;
    }
    Err(Failure::usage(reason).with_help(Some(fix.to_owned())))
}

/// Writes what was found out about a key, and gives the exit code.
pub fn answer(args: &CheckArgs, found: &Found, notes: &[String], answer: &Answer) -> Result<u8, Failure> {
    let code = code(answer.confirmation.verdict);
    let (cause, fix) = advice::advice(found, answer);
    if args.json {
        write(&document(found, notes, answer, cause, fix))?;
    } else {
        output::to_stdout(text(found, answer, cause, fix).as_bytes())?;
    }
    Ok(code)
}

/// The exit code of a verdict.
const fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Live => LIVE,
        Verdict::Restricted | Verdict::Blocked | Verdict::Invalid => NOT_WORKING,
        Verdict::Unknown | Verdict::Unchecked => UNKNOWN,
    }
}

const fn exit(code: u8) -> Exit {
    let meaning = match code {
        LIVE => "live",
        NOT_WORKING => "not working",
        USAGE => "usage",
        _ => "unknown",
    };
    Exit { code, meaning }
}

fn masked(found: &Found) -> String {
    #[expect(clippy::disallowed_methods, reason = "compares the key with its rule's public prefixes, shows nothing")]
    let n_public = found.rule.shape.n_public(found.secret.expose());
    found.secret.mask(n_public)
}

fn text(found: &Found, answer: &Answer, cause: Option<String>, fix: Option<String>) -> String {
    let confirmation = &answer.confirmation;
    let (rule, provider) = (found.rule, found.rule.provider);
    let mut text = String::new();
    let mut put = |label: &str, body: &str| output::put(&mut text, &format!("{label:12}"), body);
    put("Detected:", &format!("{} ({}, {}, {} characters)", provider.name, rule.name, masked(found), found.secret.n_bytes()));
    let asked = match (confirmation.status, &confirmation.host) {
        (Some(status), Some(host)) => format!(" (HTTP {status} from {host})"),
        (None, Some(host)) => format!(" ({host})"),
        _ => String::new(),
    };
    put("Verdict:", &format!("{}{asked}", advice::meaning(confirmation.verdict)));
    for (label, body) in [("Cause:", cause), ("Fix:", fix)] {
        body.iter().for_each(|body| put(label, body));
    }
    // The models come below, in full.
    for fact in confirmation.facts.iter().filter(|fact| answer.models.is_none() || fact.name != "models") {
        put("", &format!("{}: {}", fact.name, fact.value));
    }
    if let Some(models) = &answer.models {
        put("Models:", &format!("{}{}", if answer.is_list_cut { "at least " } else { "" }, models.n));
        for (family, ids) in &models.by_family {
            put("", &format!("{} ({}): {}", family.text(), ids.len(), ids.join(", ")));
        }
    }
    for (i, (name, value)) in answer.limits.iter().enumerate() {
        put(if i == 0 { "Limits:" } else { "" }, &format!("{name}: {value}"));
    }
    if let Some(latency) = &answer.latency {
        let connect = latency.connect.map_or(String::new(), |connect| format!("{:.0} ms to connect, ", millis(connect)));
        let requests = if latency.n == 1 { "1 request".to_owned() } else { format!("the median of {} requests", latency.n) };
        put("Latency:", &format!("{connect}{:.0} ms to the first byte ({requests})", millis(latency.first_byte)));
    }
    text
}

fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

fn document<'a>(found: &'a Found, notes: &'a [String], answer: &'a Answer, cause: Option<String>, fix: Option<String>) -> Document<'a> {
    let confirmation = &answer.confirmation;
    let (rule, provider) = (found.rule, found.rule.provider);
    let families =
        |models: &'a crate::confirm::models::Models| models.by_family.iter().map(|(family, ids)| FamilyObject { family: family.text(), models: ids }).collect();
    Document {
        exit: exit(code(confirmation.verdict)),
        key: Key { masked: masked(found), n_characters: Secret::n_bytes(&found.secret) },
        detected: Some(Detected {
            provider: ProviderObject { id: provider.id, name: provider.name },
            rule: rule.id,
            rule_name: rule.name,
            by: found.how.text(),
        }),
        verdict: confirmation.verdict,
        reason: confirmation.reason.as_deref(),
        status: confirmation.status,
        host: confirmation.host.as_deref(),
        facts: confirmation.facts.iter().map(|fact| Named { name: &fact.name, value: &fact.value }).collect(),
        cause,
        fix,
        models: answer.models.as_ref().map(|models| ModelsObject { n: models.n, is_cut: answer.is_list_cut, families: families(models) }),
        rate_limits: answer.limits.iter().map(|(name, value)| Named { name, value }).collect(),
        latency: answer.latency.as_ref().map(|latency| LatencyObject {
            n_requests: latency.n,
            connect_ms: latency.connect.map(millis),
            first_byte_ms: millis(latency.first_byte),
        }),
        n_requests: answer.n_requests,
        ..empty(notes)
    }
}

/// A document in which nothing is known yet.
fn empty(notes: &[String]) -> Document<'_> {
    Document {
        schema: SCHEMA,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        exit: exit(UNKNOWN),
        key: Key { masked: MASK.to_owned(), n_characters: 0 },
        detected: None,
        candidates: Vec::new(),
        notes,
        verdict: Verdict::Unchecked,
        reason: None,
        status: None,
        host: None,
        facts: Vec::new(),
        cause: None,
        fix: None,
        models: None,
        rate_limits: Vec::new(),
        latency: None,
        n_requests: 0,
    }
}

fn write(document: &Document) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(document).expect("these structs hold nothing that JSON cannot");
    output::to_stdout((crate::report::mask::escape_json(&json) + "\n").as_bytes())
}
