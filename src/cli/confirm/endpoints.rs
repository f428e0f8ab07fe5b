//! `keysift confirm --list-endpoints`: for each rule the requests that ask about its keys, or why nobody is asked. Opens no socket.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use super::super::args::{AskArgs, ConfirmCommandArgs};
use super::super::{Failure, output, setup};
use super::{EndpointNotes, check_providers};
use crate::config::Config;
use crate::confirm::request::{self, Key};
use crate::finding::Exit;
use crate::report::mask::printable;
use crate::rule::confirm::{Auth, Confirm};
use crate::rule::{GENERIC, Rule, RuleSet};
use crate::secret::{MASK, Secret};

/// What stands for the key.
const KEY: &[u8] = b"KEY";
/// What stands for what stands beside the key.
const BESIDE: &str = "PARTNER";
/// What stands for the part of a host name that the text near a key says.
const HOST_OF_TEXT: &str = "name";

/// A rule with how its keys are asked about. The JSON form, one object a line.
#[derive(Serialize)]
struct Row<'a> {
    rule: &'a str,
    provider: &'a str,
    requests: Vec<RequestRow>,
    models: Option<RequestRow>,
    host_from_text: bool,
    because_not: Option<String>,
}

#[derive(Serialize)]
struct RequestRow {
    method: &'static str,
    host: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    only_after_invalid: bool,
}

/// Runs the command and gives the exit code.
pub fn run(args: &ConfirmCommandArgs) -> Result<u8, Failure> {
    if args.ask != AskArgs::default() {
        return Err(Failure::usage("--list-endpoints lists what rules say; it takes --provider, --json and --config"));
    }
    let mut rules = RuleSet::built_in();
    let config = match &args.config {
        Some(path) => Config { is_named: true, ..setup::load_config(Path::new(path), &mut rules)? },
        None => Config::default(),
    };
    check_providers(&args.provider, &config)?;
    let is_wanted = |rule: &&&Rule| args.provider.is_empty() || args.provider.iter().any(|id| id == rule.provider.id);
    let (mut text, mut asked) = (String::new(), Vec::new());
    for rule in rules.rules.iter().filter(is_wanted) {
        let row = row(rule, &config);
        if row.because_not.is_none() {
            asked.push(rule.provider.id);
        }
        if args.json {
            let json = serde_json::to_string(&row).expect("these structs hold nothing that JSON cannot");
            writeln!(text, "{json}").expect("writing to a String cannot fail");
        } else {
            describe(&mut text, rule, &row);
        }
    }
    output::to_stdout(text.as_bytes())?;
    EndpointNotes::new(&config).say(asked.into_iter());
    Ok(Exit::Clean.code())
}

fn row<'a>(rule: &'a Rule, config: &Config) -> Row<'a> {
    let (id, provider) = (rule.id, rule.provider.id);
    let unasked = |why: &str| Row { rule: id, provider, requests: Vec::new(), models: None, host_from_text: false, because_not: Some(why.to_owned()) };
    if provider == GENERIC {
        return unasked("its provider is not known");
    }
    let Some(confirm) = rule.confirm() else { return unasked("its rule does not say how to ask") };
    let endpoint = config.confirm.endpoints.iter().find(|(id, _)| id == provider).map(|(_, url)| url.as_str());
    let hosts: Vec<String> = confirm.host_suffixes.iter().map(|suffix| format!("{HOST_OF_TEXT}{suffix}")).collect();
    let secret = Secret::new(KEY);
    let described = |(i, request): (usize, request::Request)| described(&confirm, request, i > 0);
    let partner = Secret::new(BESIDE.as_bytes());
    let key = Key { secret: &secret, partner: Some((&partner, BESIDE)) };
    match request::requests(&confirm, key, &hosts, endpoint) {
        Err(why) => unasked(&why),
        Ok(requests) => Row {
            rule: id,
            provider,
            host_from_text: requests.iter().any(|request| request.is_host_from_text),
            requests: requests.into_iter().enumerate().map(described).collect(),
            models: request::models_request(&confirm, &secret, &hosts, endpoint).ok().flatten().map(|request| described((0, request))),
            because_not: None,
        },
    }
}

fn described(confirm: &Confirm, request: request::Request, only_after_invalid: bool) -> RequestRow {
    let mut headers: Vec<(String, String)> = confirm.auth().into_iter().map(masked_header).collect();
    headers.extend(request.headers);
    RequestRow { method: request.method.text(), host: request.host, url: request.url, headers, body: request.body, only_after_invalid }
}

/// The header that has the key, masked.
fn masked_header(auth: Auth) -> (String, String) {
    match auth {
        Auth::Header { name, scheme: Some(scheme) } => (name, format!("{scheme} {MASK}")),
        Auth::Header { name, scheme: None } => (name, MASK.to_owned()),
        Auth::BasicUser => ("Authorization".to_owned(), format!("Basic base64({MASK}:)")),
        Auth::BasicPair => ("Authorization".to_owned(), format!("Basic base64({BESIDE}:{MASK})")),
        Auth::Signed { .. } => ("Authorization".to_owned(), format!("a signature of the request under the id {BESIDE}")),
        Auth::BasicPassword { user } => ("Authorization".to_owned(), format!("Basic base64({user}:{MASK})")),
    }
}

fn describe(text: &mut String, rule: &Rule, row: &Row) {
    let mut put = |line: String| writeln!(text, "{}", printable(&line)).expect("writing to a String cannot fail");
    put(format!("{} ({})", rule.id, rule.provider.name));
    if let Some(why) = &row.because_not {
        return put(format!("  not asked: {why}"));
    }
    for request in row.requests.iter().chain(&row.models) {
        let when = match (request.only_after_invalid, row.models.as_ref().is_some_and(|models| models.url == request.url)) {
            (_, true) => ", by `keysift check` only",
            (true, _) => ", if the answer before is `invalid`",
            _ => "",
        };
        put(format!("  {} {}{when}", request.method, request.url));
        let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        put(format!("    host {}; {}", request.host, headers.join("; ")));
        if let Some(body) = &request.body {
            put(format!("    body {body}"));
        }
    }
    if row.host_from_text {
        put(format!("    the text near the key says what stands for `{HOST_OF_TEXT}`"));
    }
}
