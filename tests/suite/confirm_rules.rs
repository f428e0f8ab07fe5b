//! What the providers' documented answers mean, by the built-in rules: each status that is known gives its verdict, everything else `unknown`. The bodies
//! are written after the providers' documentation.

#![cfg(feature = "confirm")]

mod answers;

use std::collections::BTreeSet;
use std::fs;

use crate::common::project;
use answers::ANSWERS;
use keysift::confirm::Reply;
use keysift::confirm::judge::judge;
use keysift::rule::confirm::Confirm;
use keysift::rule::{GENERIC, Rule, RuleSet};
use keysift::verdict::Verdict::{self, Invalid, Live, Unknown};
use keysift::verdict::{Confirmation, Fact};

/// How keys of a rule are confirmed; behind a blank may stand how the key begins.
fn confirm_of(rule: &str) -> Confirm {
    let (id, start) = rule.split_once(' ').unwrap_or((rule, ""));
    let confirm = RuleSet::built_in().get(id).unwrap_or_else(|| panic!("there is no rule {id}")).confirm().unwrap_or_else(|| panic!("{id} says nothing"));
    confirm.of_key(start.as_bytes())
}

/// Whether a name in the table is that of the rule.
fn names(name: &&str, rule: &Rule) -> bool {
    name.split(' ').next() == Some(rule.id)
}

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, headers: Vec::new(), body: body.as_bytes().to_vec(), is_cut: false }
}

fn ask(rule: &str, status: u16, body: &str) -> Confirmation {
    judge(&confirm_of(rule), &reply(status, body))
}

/// The rules that ask somebody, each as it holds for its keys, and for those that begin in some way.
fn asking() -> Vec<(&'static Rule, Confirm)> {
    let rules = RuleSet::built_in().rules.into_iter().filter_map(|rule| Some((rule, rule.confirm()?))).filter(|(_, confirm)| confirm.because_not.is_none());
    let forms = rules.flat_map(|(rule, confirm)| {
        let starts: BTreeSet<String> = confirm.answers.iter().filter_map(|answer| answer.for_keys.clone()).chain([String::new()]).collect();
        starts.into_iter().map(move |start| (rule, confirm.clone().of_key(start.as_bytes())))
    });
    forms.collect()
}

#[test]
fn documented_answers_give_their_verdicts() {
    let mut wrong = Vec::new();
    for (rules, answers) in ANSWERS {
        for (rule, (status, body, verdict)) in rules.iter().flat_map(|rule| answers.iter().map(move |answer| (rule, answer))) {
            let got = ask(rule, *status, body);
            if got.verdict != *verdict {
                wrong.push(format!("{rule}: {status} {body}: {} instead of {} ({:?})", got.verdict.text(), verdict.text(), got.reason));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_that_asks_is_in_the_table() {
    let tested = |rule: &Rule| ANSWERS.iter().any(|(rules, _)| rules.iter().any(|name| names(name, rule)));
    let missing: Vec<&str> = asking().iter().filter(|(rule, _)| !tested(rule)).map(|(rule, _)| rule.id).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_answer_of_a_rule_is_tried() {
    let mut untried = Vec::new();
    for (rule, confirm) in asking() {
        let own =
            ANSWERS.iter().flat_map(|(rules, answers)| rules.iter().filter(|name| names(name, rule)).flat_map(|name| answers.iter().map(move |a| (*name, a))));
        let given: Vec<(u16, Verdict, Option<String>)> =
            own.map(|(name, (status, body, _))| (*status, ask(name, *status, body))).map(|(status, got)| (status, got.verdict, got.reason)).collect();
        for answer in &confirm.answers {
            let is_tried = given.iter().any(|(status, verdict, reason)| {
                answer.status.has(*status) && verdict.text() == answer.is.text() && (answer.because.is_none() || *reason == answer.because)
            });
            if !is_tried {
                untried.push(format!("{}: {}", rule.id, answer.text()));
            }
        }
    }
    assert!(untried.is_empty(), "no documented answer in the table for:\n{}", untried.join("\n"));
}

/// Bodies that no provider gives.
const FOREIGN: &[&str] = &[
    "",
    "{}",
    "[1, 2]",
    "null",
    "\"Unauthorized\"",
    "Unauthorized",
    "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body>{\"object\":\"list\",\"data\":[]}</body></html>",
    "<html><body>Please log in to the network</body></html>",
    "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
    r#"{"fault":{"faultstring":"Failed to resolve API Key","errorcode":"oauth.v2.FailedToResolveAPIKey"}}"#,
    r#"{"__type":"AccessDeniedException"}"#,
    r#"{"timestamp":"2026-01-01T00:00:00Z","path":"/v1/models"}"#,
    "[]",
    "[{}]",
    r#"{"status":"ok"}"#,
    r#"{"data":[]}"#,
    r#"{"success":true,"data":{}}"#,
    r#"{"id":1,"name":"gateway"}"#,
    r#"[{"id":1,"name":"gateway"}]"#,
    r#"{"items":[]}"#,
];

#[test]
fn what_no_provider_says_means_nothing() {
    let statuses = [200, 201, 204, 301, 302, 307, 400, 401, 402, 403, 404, 407, 412, 418, 422, 429, 500, 502, 503, 529];
    let mut wrong = Vec::new();
    for (rule, confirm) in asking() {
        for (status, body) in statuses.iter().flat_map(|status| FOREIGN.iter().map(move |body| (*status, *body))) {
            let got = judge(&confirm, &reply(status, body));
            if got.verdict != Unknown || got.reason.is_none() || got.status != Some(status) || !got.facts.is_empty() {
                wrong.push(format!("{}: {status} {body}: {got:?}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What gateways, proxies and portals on the way say when they refuse a request, and the rules whose provider is known to refuse keys in the same form.
const GATEWAYS: &[(&str, &[&str])] = &[
    // Amazon's gateway.
    (r#"{"message":"Unauthorized"}"#, &[]),
    (r#"{"message":"Forbidden"}"#, &[]),
    (r#"{"message":"Missing Authentication Token"}"#, &[]),
    (r#"{"Message":"User is not authorized to access this resource with an explicit deny"}"#, &[]),
    // Kong, old and new; Mistral stands behind one.
    (r#"{"message":"No API key found in request"}"#, &[]),
    (r#"{"message":"Invalid authentication credentials"}"#, &[]),
    (r#"{"message":"Unauthorized","request_id":"0123456789abcdef0123456789abcdef"}"#, &["mistral-api-key"]),
    // Azure's gateway.
    (
        r#"{"statusCode":401,"message":"Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API."}"#,
        &[],
    ),
    (r#"{"statusCode":401,"message":"Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."}"#, &[]),
    (r#"{"error":{"code":"Unauthorized","message":"Unauthorized. Access token is missing, invalid, audience is incorrect, or have expired."}}"#, &[]),
    // Cloudflare, before an application.
    (r#"{"error":"Forbidden. You don't have permission to view this. Please contact your system administrator."}"#, &[]),
    (r#"{"status":false,"aud":"x","message":"Authentication required","redirect_url":"https://acme.cloudflareaccess.com/cdn-cgi/access/login"}"#, &[]),
    (r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}"#, &[]),
    // Proxies of companies.
    (r#"{"error":"corporate proxy: please sign in"}"#, &[]),
    (r#"{"error":{"message":"Blocked by policy","code":401,"type":"policy_violation"}}"#, &[]),
    (r#"{"code":"POLICY_BLOCK","message":"Not allowed to browse this category","category":"AI & ML Applications","source":"Zscaler"}"#, &[]),
    (r#"{"code":401,"error":"ERR_CACHE_ACCESS_DENIED","detail":"Cache Access Denied","generator":"squid"}"#, &[]),
    (r#"{"status":401,"title":"Unauthorized","detail":"Log in to the proxy"}"#, &[]),
    (r#"{"status":{"error":"Sign in"}}"#, &[]),
    (r#"{"errors":[{"message":"Access denied"}]}"#, &[]),
    (r#"{"name":"unauthorized","message":"Sign in"}"#, &[]),
    // Frameworks; Mistral says the first one.
    (r#"{"detail":"Unauthorized"}"#, &["mistral-api-key"]),
    (r#"{"detail":"Not authenticated"}"#, &[]),
    (r#"{"detail":"Authentication credentials were not provided."}"#, &[]),
    (r#"{"error":"unauthorized","error_description":"Full authentication is required to access this resource"}"#, &[]),
    (r#"{"timestamp":"2026-01-01T00:00:00Z","status":401,"error":"Unauthorized","message":"","path":"/v1/models"}"#, &[]),
];

#[test]
fn what_gateways_on_the_way_say_means_nothing() {
    let mut wrong = Vec::new();
    for (rule, confirm) in asking() {
        for (body, own) in GATEWAYS.iter().filter(|(_, own)| !own.contains(&rule.id)) {
            for status in [200, 400, 401, 402, 403, 404, 412, 429, 503] {
                let got = judge(&confirm, &reply(status, body)).verdict;
                if got != Unknown {
                    wrong.push(format!("{}: {status} {body}: {}", rule.id, got.text()));
                }
            }
            let own: Vec<Verdict> = own.iter().map(|rule| ask(rule, 401, body).verdict).collect();
            assert!(own.iter().all(|verdict| *verdict == Invalid), "{body}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn keys_that_another_companys_hosts_take_are_asked_nowhere() {
    let why = confirm_of("voyage-atlas-api-key").because_not;
    assert!(why.is_some_and(|why| why.contains("MongoDB")));
}

#[test]
fn a_key_of_another_region_is_not_called_invalid() {
    for rule in ["langsmith-personal-token", "langsmith-service-key"] {
        for body in [r#"{"detail":"Forbidden"}"#, r#"{"error":"Forbidden"}"#, r#"{"message":"Forbidden"}"#] {
            assert_eq!(ask(rule, 403, body).verdict, Unknown, "{rule} {body}");
        }
        assert_eq!(confirm_of(rule).or_get.len(), 1, "{rule}");
    }
}

#[test]
fn a_good_answer_with_a_bad_status_is_not_live() {
    for (rule, confirm) in asking() {
        let answers = ANSWERS.iter().filter(|(rules, _)| rules.iter().any(|name| names(name, rule))).flat_map(|(_, answers)| *answers);
        for (_, body, _) in answers.filter(|(_, _, verdict)| *verdict == Live) {
            for status in [100, 300, 302, 400, 401, 403, 404, 429, 500, 503] {
                let got = judge(&confirm, &reply(status, body)).verdict;
                assert!(got != Live && got != Invalid, "{}: {status} {body}: {}", rule.id, got.text());
            }
        }
    }
}

#[test]
fn a_refusal_with_a_good_status_is_not_live() {
    for (rule, confirm) in asking() {
        let answers = ANSWERS.iter().filter(|(rules, _)| rules.iter().any(|name| names(name, rule))).flat_map(|(_, answers)| *answers);
        for (_, body, _) in answers.filter(|(_, _, verdict)| *verdict != Live) {
            assert_ne!(judge(&confirm, &reply(200, body)).verdict, Live, "{}: {body}", rule.id);
        }
    }
}

#[test]
fn another_providers_refusal_means_nothing_to_those_whose_words_are_known() {
    let refusals = [
        r#"{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}"#,
        r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#,
        r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
        r#"{"detail":"Unauthorized"}"#,
        r#"{"code":30014,"message":"Token is invalid."}"#,
    ];
    for (rule, own) in [
        ("openai-api-key", &[0][..]),
        ("anthropic-api-key", &[1]),
        ("google-gemini-api-key", &[2]),
        ("mistral-api-key", &[3]),
        ("siliconflow-api-key", &[4]),
        ("groq-api-key", &[0]),
        ("deepseek-api-key", &[1]),
        ("azure-openai-api-key", &[]),
        ("moonshot-api-key", &[]),
        ("zhipu-api-key", &[]),
        ("minimax-api-key", &[]),
        ("github-personal-token", &[]),
    ] {
        for (i, body) in refusals.iter().enumerate().filter(|(i, _)| !own.contains(i)) {
            let statuses = if i == 2 { [400, 401] } else { [401, 401] };
            statuses.iter().for_each(|status| assert_eq!(ask(rule, *status, body).verdict, Unknown, "{rule} {body}"));
        }
    }
}

#[test]
fn facts_tell_what_a_key_reaches() {
    let facts = |rule: &str, headers: &[(&str, &str)], body: &str| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let facts = judge(&confirm_of(rule), &Reply { status: 200, headers, body: body.as_bytes().to_vec(), is_cut: false }).facts;
        facts.into_iter().map(|Fact { name, value }| format!("{name}: {value}")).collect::<Vec<_>>()
    };
    let mistral = r#"{"object":"list","data":[{"id":"mistral-large-latest","owned_by":"mistralai","type":"base","capabilities":{"completion_chat":true,"vision":true}},
        {"id":"mistral-embed","owned_by":"mistralai","type":"base","capabilities":{"completion_chat":false}},
        {"id":"ft:open-mistral-7b:x","owned_by":"acme","type":"fine-tuned","capabilities":{"completion_chat":true}}]}"#;
    assert_eq!(facts("mistral-api-key", &[], mistral), ["models: 3 models: 1 large, 1 embedding, 1 fine-tuned", "owner: mistralai, acme"]);
    let openai = facts("openai-api-key", &[("openai-organization", "acme-inc"), ("x-request-id", "r1")], r#"{"object":"list","data":[{"id":"gpt-5"}]}"#);
    assert_eq!(openai, ["models: 1 model: 1 large", "organization: acme-inc"]);
    let xai = r#"{"name":"ci","team_id":"t1","acls":["api-key:model:*","api-key:endpoint:*"],"api_key_blocked":false,"api_key_disabled":false,"team_blocked":false,"user_id":"u1"}"#;
    assert_eq!(facts("xai-api-key", &[], xai), ["name: ci", "scopes: api-key:model:*, api-key:endpoint:*", "team: t1"]);
    let deepseek = r#"{"is_available":true,"balance_infos":[{"currency":"USD","total_balance":"110.00"}]}"#;
    assert_eq!(facts("deepseek-api-key", &[], deepseek), ["balance: some"]);
    let face =
        r#"{"type":"user","name":"ada","email":"ada@acme.example","orgs":[{"name":"acme"}],"auth":{"accessToken":{"displayName":"laptop","role":"write"}}}"#;
    assert_eq!(facts("huggingface-user-token", &[], face), ["account: ada", "organizations: acme", "role: write", "token: laptop"]);
    let github = facts("github-personal-token", &[("x-oauth-scopes", "repo, workflow")], r#"{"login":"ada","id":1,"type":"User"}"#);
    assert_eq!(github, ["account: ada", "scopes: repo, workflow", "type: User"]);
}

#[test]
fn every_rule_says_how_to_ask_or_why_not() {
    let silent: Vec<&str> =
        RuleSet::built_in().rules.iter().filter(|rule| rule.provider.id != GENERIC && rule.confirm().is_none()).map(|rule| rule.id).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn keys_go_only_to_hosts_of_their_provider() {
    // Amazon's control plane stands beside its runtime, whose hosts stand near keys.
    let is_listed = |rule: &Rule, host: &str| rule.provider.context.hosts.iter().any(|own| host == *own || (own.starts_with('.') && host.ends_with(own)));
    for (rule, confirm) in asking() {
        let urls = confirm.get.iter().chain(&confirm.or_get).chain(&confirm.models).chain(confirm.post.iter().map(|post| &post.url));
        for host in urls.filter_map(|url| url.strip_prefix("https://")?.split(['/', '?']).next()) {
            assert!(is_listed(rule, host), "{}: {host} is none of its provider's hosts", rule.id);
        }
        for suffix in &confirm.host_suffixes {
            assert!(rule.provider.context.hosts.contains(&suffix.as_str()), "{}: {suffix}", rule.id);
        }
    }
}

/// `docs/confirm-endpoints.md`.
fn page() -> String {
    let mut page = String::from(
        "# Who is asked about which key\n\n\
         Made from the files in `rules/`; do not edit it. `KEYSIFT_WRITE_DOCS=1 cargo test --test suite confirm_rules::` writes it again.\n\n\
         Where several requests stand, the next one is made only if the answer before was `invalid` or decided nothing. A request without a host goes to hosts of the customer's own.\n\n\
         | provider | rule | request | key in |\n|---|---|---|---|\n",
    );
    for rule in RuleSet::built_in().rules.into_iter().filter(|rule| rule.provider.id != GENERIC) {
        let confirm = rule.confirm().unwrap_or_default();
        let requests: Vec<String> = confirm.requests().iter().map(|request| format!("`{request}`")).collect();
        let hosts = confirm.origin_of_hosts().map(|hosts| format!(" on hosts: {hosts}")).unwrap_or_default();
        let (request, place) = match &confirm.because_not {
            Some(why) => (format!("none: {why}"), String::new()),
            None => (requests.join(", then ") + &hosts, format!("`{}`", confirm.place_of_key())),
        };
        page.push_str(&format!("| {} | `{}` | {request} | {place} |\n", rule.provider.name, rule.id));
    }
    page
}

#[test]
fn the_page_of_endpoints_is_made_from_the_rules() {
    let path = project().join("docs/confirm-endpoints.md");
    if std::env::var_os("KEYSIFT_WRITE_DOCS").is_some() {
        fs::write(&path, page()).expect("the page can be written");
    }
    let text = fs::read_to_string(&path).expect("the page is part of the project").replace("\r\n", "\n");
    assert!(text == page(), "docs/confirm-endpoints.md is old: `KEYSIFT_WRITE_DOCS=1 cargo test --test suite confirm_rules::` writes it again");
}
