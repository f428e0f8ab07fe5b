//! Asking about keys, through the library, at servers on loopback that answer as providers, proxies and worse do.
#![cfg(feature = "confirm")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::common::provider::{Say, Seen, Server};
use crate::common::{key, mistral};
use keysift::blob::Origin;
use keysift::confirm::{self, Options, Summary};
use keysift::finding::{CANARY, CHECKSUM_WRONG, Confidence, Evidence, Excerpt, Finding, Layer};
use keysift::rule::checksum::Fit;
use keysift::rule::draw::Draws;
use keysift::rule::{Rule, RuleSet};
use keysift::secret::Secret;
use keysift::span::{Position, Region, Span};
use keysift::verdict::{Confirmation, Verdict};

const LIVE: &str = r#"{"object":"list","data":[{"id":"mistral-large-latest","owned_by":"mistralai"}]}"#;
const INVALID: &str = r#"{"detail":"Unauthorized"}"#;

fn rule(id: &str) -> &'static Rule {
    RuleSet::built_in().get(id).expect("it is built in")
}

/// A finding of `rule` as a scan gives it.
fn finding(rule: &'static Rule, secret: &str, path: &str) -> Finding {
    let start = Position { line: 1, column: 1 };
    Finding {
        origin: Origin::new(path),
        region: Region { start, end: start, offset: 0, utf16: (1, 1) },
        rule,
        providers: Vec::new(),
        layer: Layer::Raw,
        secret: Secret::new(secret.as_bytes()),
        matched: None,
        confidence: Confidence::High,
        evidence: Vec::new(),
        partner: None,
        confirmation: Confirmation::default(),
        hosts: Vec::new(),
        excerpt: Excerpt { line: Secret::new(secret.as_bytes()), secret: Span::new(0, secret.len()), masked: Vec::new(), is_cut: (false, false) },
        suppression: None,
        presence: None,
        unheard: None,
        line_hash: None,
        may_be_chosen: false,
    }
}

fn of_mistral(seed: u64) -> Finding {
    finding(rule("mistral-api-key"), &mistral(seed), "a.env")
}

/// Options that do not make a test wait, with Mistral's keys asked about at `url`.
fn at(url: &str) -> Options {
    Options { endpoints: vec![("mistral".to_owned(), url.to_owned())], rate: 1000.0, timeout: Duration::from_secs(20), ..Options::default() }
}

fn ask(findings: &mut [Finding], options: &Options) -> Summary {
    confirm::confirm(findings, options, &AtomicBool::new(false))
}

/// What becomes of one Mistral key at `url`.
fn one(options: &Options) -> (Confirmation, Summary) {
    let mut findings = [of_mistral(1)];
    let summary = ask(&mut findings, options);
    let [finding] = findings;
    (finding.confirmation, summary)
}

/// A server that takes Mistral keys of these seeds and refuses all others.
fn taking(seeds: &'static [u64]) -> Server {
    Server::plain(|seen, _| if seeds.iter().any(|seed| seen.bearer() == mistral(*seed)) { Say::json(200, LIVE) } else { Say::json(401, INVALID) })
}

fn reason(confirmation: &Confirmation) -> &str {
    confirmation.reason.as_deref().unwrap_or("")
}

#[test]
fn a_key_that_works_is_live_and_one_that_does_not_is_invalid() {
    let server = taking(&[1]);
    let mut findings = [of_mistral(1), of_mistral(2)];
    let summary = ask(&mut findings, &at(&server.url()));
    assert_eq!(findings[0].confirmation.verdict, Verdict::Live);
    assert_eq!(findings[1].confirmation.verdict, Verdict::Invalid);
    assert_eq!(findings[0].confirmation.status, Some(200));
    assert_eq!(findings[0].confirmation.host.as_deref(), Some(server.address.to_string().as_str()));
    assert!(findings[0].confirmation.facts.iter().any(|fact| fact.value.contains('1')), "{:?}", findings[0].confirmation.facts);
    // Two keys and a random one; the endpoint stands for both of Mistral's hosts, so that nobody is asked twice.
    assert_eq!((summary.n_keys, summary.n_requests, summary.n_unasked, server.seen().len()), (2, 3, 0, 3));
}

#[test]
fn a_request_is_honest_and_has_the_key_in_one_header_only() {
    let server = taking(&[1]);
    one(&at(&server.url()));
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("GET", "/v1/models"));
    assert!(seen.header("user-agent").starts_with("keysift/") && seen.header("user-agent").contains("secret scanner"));
    assert_eq!(seen.bearer(), mistral(1));
    for absent in ["cookie", "referer", "proxy-authorization"] {
        assert_eq!(seen.header(absent), "");
    }
    let others = seen.headers.iter().filter(|(name, _)| name != "authorization");
    assert!(!seen.path.contains(&mistral(1)) && !others.into_iter().any(|(_, value)| value.contains(&mistral(1))));
}

#[test]
fn a_key_in_many_files_is_asked_about_once() {
    let server = taking(&[1]);
    let mut findings: Vec<Finding> = (0..50).map(|i| finding(rule("mistral-api-key"), &mistral(1), &format!("{i}.env"))).collect();
    findings[7].confidence = Confidence::Low;
    let summary = ask(&mut findings, &at(&server.url()));
    assert!(findings.iter().all(|finding| finding.confirmation.verdict == Verdict::Live));
    assert_eq!((summary.n_keys, server.seen().iter().filter(|seen| seen.bearer() == mistral(1)).count()), (1, 1));
}

#[test]
fn an_endpoint_that_takes_every_key_proves_nothing() {
    let server = Server::plain(|_, _| Say::json(200, LIVE));
    let mut findings = [of_mistral(1), of_mistral(2), of_mistral(3)];
    let summary = ask(&mut findings, &at(&server.url()));
    for finding in &findings {
        assert_eq!(finding.confirmation.verdict, Verdict::Unknown);
        assert!(reason(&finding.confirmation).contains("random key"), "{:?}", finding.confirmation);
        assert!(finding.confirmation.facts.is_empty());
    }
    assert_eq!(summary.n_requests, 4, "one random key for all of them");
    let options = Options { has_control: false, ..at(&server.url()) };
    let (confirmation, summary) = one(&options);
    assert_eq!((confirmation.verdict, summary.n_requests), (Verdict::Live, 1));
}

#[test]
fn the_random_key_has_the_shape_and_is_another_each_time() {
    let server = taking(&[1]);
    one(&at(&server.url()));
    one(&at(&server.url()));
    let drawn: BTreeSet<String> = server.seen().iter().map(|seen| seen.bearer().to_owned()).filter(|bearer| *bearer != mistral(1)).collect();
    assert_eq!(drawn.len(), 2);
    assert!(drawn.iter().all(|drawn| rule("mistral-api-key").shape.match_at(drawn.as_bytes(), 0) == Some(drawn.len())));
}

#[test]
fn answers_that_are_not_the_providers_say_nothing() {
    type Answer = fn() -> Say;
    let cases: &[(&str, Answer, Option<u16>)] = &[
        ("a WAF's page with 200", || Say::page(200), Some(200)),
        ("a WAF's page with 401", || Say::page(401), Some(401)),
        ("a WAF's page with 403", || Say::page(403), Some(403)),
        ("JSON without the mark", || Say::json(200, "{}"), Some(200)),
        ("nothing in it", || Say::json(200, ""), Some(200)),
        ("cut JSON", || Say::json(200, &LIVE[..40]), Some(200)),
        ("deep JSON", || Say::json(200, &"[".repeat(60_000)), Some(200)),
        ("another status", || Say::json(418, LIVE), Some(418)),
        ("a compressed bomb", || Say::Http(200, vec![("Content-Encoding", "gzip".to_owned())], vec![0x1f; 1 << 20]), Some(200)),
        ("a redirect without a place", || Say::json(302, "{}"), Some(302)),
        ("an endless body", || Say::Again(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'['; 32 << 10], Duration::ZERO), Some(200)),
    ];
    for (name, answer, status) in cases {
        let server = Server::plain(|_, _| answer());
        let (confirmation, summary) = one(&at(&server.url()));
        assert_eq!(confirmation.verdict, Verdict::Unknown, "{name}");
        assert_eq!(confirmation.status, *status, "{name}: {confirmation:?}");
        assert!(!reason(&confirmation).is_empty() && !reason(&confirmation).contains("Attention"), "{name}: {confirmation:?}");
        assert_eq!(summary.n_requests, 1, "{name} is not asked again");
    }
}

#[test]
fn what_is_no_http_says_nothing_and_is_tried_again() {
    let cases: &[(&str, &[u8])] = &[
        ("nothing", b""),
        ("another protocol", b"220 mail.example ESMTP\r\n"),
        ("half a head", b"HTTP/1.1 200 OK\r\nContent-Le"),
        ("half a body", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"),
        ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"),
    ];
    for (name, bytes) in cases {
        let bytes = bytes.to_vec();
        let server = Server::plain(move |_, _| Say::Raw(bytes.clone()));
        let (confirmation, summary) = one(&at(&server.url()));
        assert_eq!((confirmation.verdict, confirmation.status, summary.n_requests), (Verdict::Unknown, None, 3), "{name}: {confirmation:?}");
    }
    let many: Vec<u8> = (0..500).flat_map(|i| format!("X-{i}: {i}\r\n").into_bytes()).collect();
    let server = Server::plain(move |_, _| Say::Raw([b"HTTP/1.1 200 OK\r\n".as_slice(), &many, b"\r\n{}"].concat()));
    assert_eq!(one(&at(&server.url())).0.verdict, Verdict::Unknown);
}

#[test]
fn headers_and_bodies_without_end_are_not_waited_for() {
    let pause = Duration::from_millis(20);
    let cases: [(&str, Vec<u8>, &[u8]); 4] = [
        ("nothing at all", Vec::new(), b""),
        ("a head, byte by byte", b"HTTP/1.1 200 OK\r\nX: ".to_vec(), b"a"),
        ("heads without end", b"HTTP/1.1 200 OK\r\n".to_vec(), b"X: a\r\n"),
        ("a body, byte by byte", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec(), b" "),
    ];
    for (name, first, again) in cases {
        let server = Server::plain(move |_, _| Say::Again(first.clone(), again.to_vec(), pause));
        let options = Options { timeout: Duration::from_millis(400), ..at(&server.url()) };
        let start = Instant::now();
        let (confirmation, _) = one(&options);
        assert_eq!(confirmation.verdict, Verdict::Unknown, "{name}");
        assert!(start.elapsed() < Duration::from_secs(15), "{name}: {:?}", start.elapsed());
    }
}

#[test]
fn redirects_are_not_followed() {
    let other = Server::plain(|_, _| Say::json(200, LIVE));
    let there = other.url();
    for status in [301, 302, 303, 307, 308] {
        let there = there.clone();
        let server = Server::plain(move |_, _| Say::json(status, "{}").with("Location", format!("{there}/v1/models")));
        let (confirmation, _) = one(&at(&server.url()));
        assert_eq!((confirmation.verdict, confirmation.status), (Verdict::Unknown, Some(status)));
        assert!(reason(&confirmation).contains("redirected") && !reason(&confirmation).contains("127.0.0.1"), "{confirmation:?}");
    }
    assert_eq!(other.seen().len(), 0);
}

#[test]
fn a_redirect_shows_nothing_of_where_it_leads() {
    type Place = fn(&str) -> String;
    let places: [Place; 3] = [|key| format!("https://{key}.evil.example/"), |key| format!("https://user:{key}@evil.example/{key}"), |key| format!("//{key}/")];
    for place in places {
        let server = Server::plain(move |seen, _| Say::json(302, "{}").with("Location", place(seen.bearer())));
        let (confirmation, _) = one(&at(&server.url()));
        let shown = format!("{confirmation:?}").to_lowercase();
        assert!(shown.contains("redirected") && !shown.contains("evil") && !shown.contains(&mistral(1).to_lowercase()), "{shown}");
    }
}

#[test]
fn a_server_that_repeats_the_key_gets_nothing_of_it_shown() {
    let server = Server::plain(|seen, _| {
        let key = seen.bearer();
        if key != mistral(1) {
            return Say::json(401, INVALID);
        }
        let body = format!(r#"{{"object":"list","data":[{{"id":"{key}","owned_by":"{key}"}},{{"id":"x-{}","owned_by":"Bearer {key}"}}]}}"#, &key[4..20]);
        Say::json(200, &body).with("X-Echo", key).with("X-Request-Id", key)
    });
    let (confirmation, _) = one(&at(&server.url()));
    assert_eq!(confirmation.verdict, Verdict::Live);
    let shown = format!("{confirmation:?}");
    assert!(!mistral(1).as_bytes().windows(8).any(|part| shown.contains(std::str::from_utf8(part).expect("keys are ASCII"))), "{shown}");
}

#[test]
fn a_server_that_is_busy_is_asked_again() {
    for status in [408, 429, 500, 502, 503, 529] {
        let server = Server::plain(move |seen, n_before| match (n_before, seen.bearer() == mistral(1)) {
            (0, _) => Say::page(status),
            (_, true) => Say::json(200, LIVE),
            (_, false) => Say::json(401, INVALID),
        });
        let (confirmation, summary) = one(&at(&server.url()));
        assert_eq!((confirmation.verdict, summary.n_requests), (Verdict::Live, 3), "{status}");
    }
}

#[test]
fn a_server_that_stays_busy_leaves_the_key_unknown() {
    for status in [429, 500, 503] {
        let server = Server::plain(move |_, _| Say::json(status, "{}"));
        let (confirmation, summary) = one(&at(&server.url()));
        assert_eq!((confirmation.verdict, confirmation.status, summary.n_requests), (Verdict::Unknown, Some(status), 3));
    }
}

#[test]
fn a_pause_that_is_demanded_is_kept() {
    let server = Server::plain(|seen, n_before| match (n_before, seen.bearer() == mistral(1)) {
        (0, _) => Say::json(429, "{}").with("Retry-After", "1"),
        (_, true) => Say::json(200, LIVE),
        (_, false) => Say::json(401, INVALID),
    });
    assert_eq!(one(&at(&server.url())).0.verdict, Verdict::Live);
    let seen = server.seen();
    assert!(seen[1].start - seen[0].start >= Duration::from_millis(950), "{:?}", seen[1].start - seen[0].start);
}

#[test]
fn a_pause_that_is_too_long_ends_the_matter_for_all_keys_of_the_host() {
    let server = Server::plain(|_, _| Say::json(429, "{}").with("Retry-After", "7200"));
    let mut findings = [of_mistral(1), of_mistral(2), of_mistral(3)];
    let start = Instant::now();
    let summary = ask(&mut findings, &at(&server.url()));
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(summary.n_requests, 2, "two keys that are refused are enough to know");
    for finding in &findings {
        assert_eq!(finding.confirmation.verdict, Verdict::Unknown);
        assert!(reason(&finding.confirmation).contains("seconds"), "{:?}", finding.confirmation);
    }
}

#[test]
fn a_pause_that_one_key_has_to_make_holds_up_no_other() {
    // A long one, then one that is waited for.
    for (pause, verdict) in [("7200", Verdict::Unknown), ("1", Verdict::Live)] {
        let n_refused = AtomicUsize::new(0);
        let server = Server::plain(move |seen, _| match seen.bearer() {
            bearer if bearer == mistral(1) && n_refused.fetch_add(1, Ordering::SeqCst) == 0 => Say::json(429, "{}").with("Retry-After", pause),
            bearer if (1..=3).any(|seed| bearer == mistral(seed)) => Say::json(200, LIVE),
            _ => Say::json(401, INVALID),
        });
        let mut findings: Vec<Finding> = (1..=4).map(of_mistral).collect();
        let start = Instant::now();
        ask(&mut findings, &at(&server.url()));
        assert!(start.elapsed() < Duration::from_secs(15));
        let verdicts: Vec<Verdict> = findings.iter().map(|finding| finding.confirmation.verdict).collect();
        assert_eq!(verdicts, [verdict, Verdict::Live, Verdict::Live, Verdict::Invalid], "{:?}", findings[0].confirmation);
        let seen = server.seen();
        let of = |seed: u64| seen.iter().filter(|seen| seen.bearer() == mistral(seed)).map(|seen| seen.start).collect::<Vec<_>>();
        assert!(of(1).get(1).is_none_or(|again| *again - of(1)[0] >= Duration::from_millis(950) && of(4)[0] < *again), "the others do not wait");
    }
}

#[test]
fn a_limit_that_one_key_has_used_up_for_long_holds_up_no_other() {
    let server = Server::plain(|seen, _| match seen.bearer() {
        bearer if bearer == mistral(1) => Say::json(200, LIVE).with("X-RateLimit-Remaining-Month", "0").with("X-RateLimit-Reset-Month", "7200"),
        bearer if bearer == mistral(2) => Say::json(200, LIVE),
        _ => Say::json(401, INVALID),
    });
    let mut findings: Vec<Finding> = (1..=2).map(of_mistral).collect();
    ask(&mut findings, &at(&server.url()));
    assert!(findings.iter().all(|finding| finding.confirmation.verdict == Verdict::Live), "{:?}", findings[1].confirmation);
}

#[test]
fn keys_whose_quota_is_used_up_hold_up_no_other() {
    let used_up = r#"{"object":"error","message":"Monthly quota exceeded","type":"x","code":"1"}"#;
    let server = Server::plain(move |seen, _| match (1..6).find(|seed| seen.bearer() == mistral(*seed)) {
        Some(5) => Say::json(200, LIVE),
        Some(_) => Say::json(429, used_up).with("Retry-After", "3600"),
        None => Say::json(401, INVALID),
    });
    let mut findings: Vec<Finding> = (1..6).map(of_mistral).collect();
    ask(&mut findings, &at(&server.url()));
    let verdicts: Vec<Verdict> = findings.iter().map(|finding| finding.confirmation.verdict).collect();
    assert_eq!(verdicts, [Verdict::Restricted, Verdict::Restricted, Verdict::Restricted, Verdict::Restricted, Verdict::Live]);
}

#[test]
fn a_host_that_puts_off_every_request_is_given_up() {
    let server = Server::plain(|_, _| Say::json(429, "{}").with("Retry-After", "1"));
    let mut findings: Vec<Finding> = (1..30).map(of_mistral).collect();
    let summary = ask(&mut findings, &at(&server.url()));
    assert_eq!(summary.n_requests, 6);
    assert!(findings.iter().all(|finding| finding.confirmation.verdict == Verdict::Unknown));
    assert!(reason(&findings[20].confirmation).contains("put off six requests in a row"), "{:?}", findings[20].confirmation);
}

#[test]
fn the_random_key_is_of_the_same_kind_as_the_key() {
    let rule = rule("github-personal-token");
    let is_sound = |key: &str| key.starts_with("ghp_") && rule.checksum.is_some_and(|sum| sum.fit(key.as_bytes()) == Fit::Right);
    // An endpoint that looks at nothing but the form.
    let server = Server::plain(move |seen, _| if is_sound(seen.bearer()) { Say::json(200, r#"{"login":"any","id":1}"#) } else { Say::json(401, INVALID) });
    let key = rule.checksum.expect("it has one").mend(&Draws::new(5).shape("ghp_[0-9A-Za-z]{36}"));
    let mut findings = [finding(rule, &key, "a.env")];
    let options = Options { endpoints: vec![("github".to_owned(), server.url())], ..at("") };
    ask(&mut findings, &options);
    assert_eq!(findings[0].confirmation.verdict, Verdict::Unknown, "{:?}", findings[0].confirmation);
    assert!(server.seen().iter().all(|seen| is_sound(seen.bearer())) && server.seen().len() == 2);
}

#[test]
fn what_mistral_forbids_counts_where_a_random_key_is_refused() {
    for body in [r#"{"detail":"Forbidden"}"#, r#"{"message":"Forbidden","request_id":"0"}"#, r#"{"object":"error","message":"not allowed","type":"x"}"#] {
        let server = Server::plain(move |seen, _| if seen.bearer() == mistral(1) { Say::json(403, body) } else { Say::json(401, INVALID) });
        assert_eq!(one(&at(&server.url())).0.verdict, Verdict::Restricted, "{body}");
        let proxy = Server::plain(move |_, _| Say::json(403, body));
        assert_eq!(one(&at(&proxy.url())).0.verdict, Verdict::Unknown, "{body}");
    }
}

#[test]
fn a_limit_that_is_used_up_is_waited_for() {
    let server = Server::plain(|seen, _| {
        let say = if seen.bearer() == mistral(1) { Say::json(200, LIVE) } else { Say::json(401, INVALID) };
        say.with("X-RateLimit-Remaining", "0").with("X-RateLimit-Reset", "1")
    });
    assert_eq!(one(&at(&server.url())).0.verdict, Verdict::Live);
    let seen = server.seen();
    assert!(seen[1].start - seen[0].start >= Duration::from_millis(950));
}

#[test]
fn a_connection_that_is_reset_leaves_the_key_unknown() {
    let server = Server::resetting();
    let (confirmation, summary) = one(&at(&server.url()));
    assert_eq!((confirmation.verdict, confirmation.status, summary.n_requests), (Verdict::Unknown, None, 3), "{confirmation:?}");
}

#[test]
fn a_host_that_answers_none_of_five_requests_in_a_row_is_not_asked_again() {
    // A port at which nobody listens any more.
    let gone = Server::plain(|_, _| Say::nothing()).url();
    let mut findings: Vec<Finding> = (0..20).map(of_mistral).collect();
    let summary = ask(&mut findings, &at(&gone));
    assert_eq!(summary.n_requests, 5, "five keys, one try each");
    assert!(findings.iter().all(|finding| finding.confirmation.verdict == Verdict::Unknown));
    assert!(reason(&findings[19].confirmation).contains("not asked again"), "{:?}", findings[19].confirmation);
}

#[test]
fn keys_whose_connections_drop_do_not_close_the_host_for_others() {
    let server = Server::plain(|seen, _| match seen.bearer() {
        bearer if (1..=4).any(|seed| bearer == mistral(seed)) => Say::Raw(Vec::new()),
        bearer if bearer == mistral(5) => Say::json(200, LIVE),
        _ => Say::json(401, INVALID),
    });
    let mut findings: Vec<Finding> = (1..=5).map(of_mistral).collect();
    ask(&mut findings, &at(&server.url()));
    assert!(findings[..4].iter().all(|finding| finding.confirmation.verdict == Verdict::Unknown));
    assert_eq!(findings[4].confirmation.verdict, Verdict::Live, "{:?}", findings[4].confirmation);
}

#[test]
fn a_random_key_that_is_not_refused_proves_nothing() {
    type Answer = fn() -> Say;
    let cases: [(Answer, Verdict); 7] = [
        (|| Say::page(403), Verdict::Unknown),
        (|| Say::page(200), Verdict::Unknown),
        (|| Say::json(404, "{}"), Verdict::Unknown),
        (|| Say::json(403, "{}"), Verdict::Unknown),
        // Recognized but not served is another answer than the key's.
        (|| Say::json(403, r#"{"detail":"billing is not set up"}"#), Verdict::Live),
        (|| Say::page(401), Verdict::Live),
        (|| Say::json(401, INVALID), Verdict::Live),
    ];
    for (at_case, (answer, expected)) in cases.into_iter().enumerate() {
        let server = Server::plain(move |seen, _| if seen.bearer() == mistral(1) { Say::json(200, LIVE) } else { answer() });
        let (confirmation, _) = one(&at(&server.url()));
        assert_eq!(confirmation.verdict, expected, "{at_case}: {confirmation:?}");
        assert_eq!(reason(&confirmation).contains("could not be found out"), expected == Verdict::Unknown, "{at_case}: {confirmation:?}");
    }
}

#[test]
fn a_secret_that_was_found_as_the_key_of_two_providers_is_sent_to_nobody() {
    let server = taking(&[1]);
    let mut findings = [of_mistral(1), finding(rule("ai21-api-key"), &mistral(1), "b.env"), of_mistral(2), finding(rule("ai21-api-key"), &mistral(2), "c.env")];
    // What is not sure enough makes nobody an owner.
    findings[3].confidence = Confidence::Low;
    ask(&mut findings, &at(&server.url()));
    for finding in &findings[..2] {
        assert_eq!(finding.confirmation.verdict, Verdict::Unchecked);
        assert!(reason(&finding.confirmation).contains("Mistral") && reason(&finding.confirmation).contains("AI21"), "{:?}", finding.confirmation);
    }
    assert_eq!(findings[2].confirmation.verdict, Verdict::Invalid);
    assert!(server.seen().iter().all(|seen| seen.bearer() != mistral(1)));
}

#[test]
fn a_pause_without_end_is_one_and_no_pause_of_0_seconds_is_told() {
    for value in ["1000000000", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let server = Server::plain(move |_, _| Say::json(429, "{}").with("Retry-After", value));
        let (confirmation, summary) = one(&at(&server.url()));
        assert_eq!((confirmation.verdict, summary.n_requests), (Verdict::Unknown, 1), "{value}");
        assert!(reason(&confirmation).contains("no other try for 31622400 seconds"), "{confirmation:?}");
    }
    let server = Server::plain(|_, _| Say::nothing());
    let (confirmation, _) = one(&Options { timeout: Duration::from_millis(100), ..at(&server.url()) });
    assert!(!reason(&confirmation).contains("wants no other try"), "{confirmation:?}");
}

#[test]
fn a_server_with_ipv6_only_is_asked() {
    let Some(server) = Server::plain_v6(|seen, _| if seen.bearer() == mistral(1) { Say::json(200, LIVE) } else { Say::json(401, INVALID) }) else {
        eprintln!("SKIPPED: this machine has no IPv6 on loopback");
        return;
    };
    assert!(server.url().contains("[::1]"));
    assert_eq!(one(&at(&server.url())).0.verdict, Verdict::Live);
}

#[test]
fn what_is_not_asked_says_why() {
    let server = taking(&[1]);
    let mut findings: Vec<Finding> = (1..=7).map(of_mistral).collect();
    findings[1].confidence = Confidence::Low;
    findings[2].providers = vec![rule("groq-api-key").provider, rule("mistral-api-key").provider];
    findings[3].suppression = Some(keysift::finding::Suppression { by: "keysift:allow".to_owned(), reason: None });
    findings[4] = finding(rule("groq-api-key"), &key("groq-api-key", 1), "b.env");
    findings[5].secret = Secret::new(b"two words");
    let options = Options { providers: vec!["mistral".to_owned()], n_max: 1, ..at(&server.url()) };
    let summary = ask(&mut findings, &options);
    assert_eq!(findings[0].confirmation.verdict, Verdict::Live);
    for (at, word) in [(1, "confidence"), (2, "whose"), (3, "suppressed"), (4, "not among"), (5, "ASCII"), (6, "only 1 key")] {
        assert_eq!(findings[at].confirmation.verdict, Verdict::Unchecked, "{at}");
        assert!(reason(&findings[at].confirmation).contains(word), "{at}: {:?}", findings[at].confirmation);
    }
    assert_eq!((summary.n_keys, summary.n_unasked, summary.n_beyond_max), (1, 6, 1));
    assert!(server.seen().iter().all(|seen| (2..=7).all(|seed| seen.bearer() != mistral(seed))));
}

#[test]
fn keys_with_a_wrong_checksum_and_traps_are_never_sent() {
    let server = taking(&[1, 2]);
    let mut findings = vec![of_mistral(1), of_mistral(2)];
    for (finding, (kind, text)) in findings.iter_mut().zip([(CHECKSUM_WRONG, "its checksum does not fit"), (CANARY, "using it raises an alarm")]) {
        // Not even if it is believed to be a key: nothing in the options makes it one that is sent.
        finding.evidence = vec![Evidence { kind, weight: -200, text: text.to_owned() }];
    }
    let summary = ask(&mut findings, &Options { min_confidence: Confidence::Low, ..at(&server.url()) });
    assert_eq!((summary.n_keys, summary.n_unasked, summary.n_requests), (0, 2, 0));
    assert!(server.seen().is_empty());
    for (finding, why) in findings.iter().zip(["its checksum does not fit", "using it raises an alarm"]) {
        assert_eq!((finding.confirmation.verdict, reason(&finding.confirmation)), (Verdict::Unchecked, why));
    }
}

#[test]
fn rules_of_a_configuration_that_nobody_named_are_not_asked() {
    let server = taking(&[1]);
    let options = Options { untrusted_providers: vec!["mistral".to_owned()], ..at(&server.url()) };
    let (confirmation, summary) = one(&options);
    assert_eq!((confirmation.verdict, summary.n_requests), (Verdict::Unchecked, 0));
    assert!(reason(&confirmation).contains("--config"), "{confirmation:?}");
}

#[test]
fn an_interrupt_leaves_the_rest_unchecked_and_waits_for_nobody() {
    let server = Server::plain(|seen, _| match seen.bearer() {
        bearer if bearer == mistral(1) => Say::json(401, INVALID),
        _ => Say::nothing(),
    });
    let mut findings: Vec<Finding> = (1..=9).map(of_mistral).collect();
    let is_over = AtomicBool::new(false);
    let options = Options { timeout: Duration::from_secs(3600), ..at(&server.url()) };
    let summary = std::thread::scope(|scope| {
        let asking = scope.spawn(|| confirm::confirm(&mut findings, &options, &is_over));
        while server.seen().len() < 2 {
            std::thread::sleep(Duration::from_millis(5));
        }
        is_over.store(true, Ordering::Release);
        asking.join().expect("it ends")
    });
    assert!(summary.is_interrupted);
    assert_eq!(findings[0].confirmation.verdict, Verdict::Invalid);
    for finding in &findings[1..] {
        assert_eq!((finding.confirmation.verdict, reason(&finding.confirmation)), (Verdict::Unchecked, "interrupted"));
    }
}

#[test]
fn progress_tells_how_far_it_is() {
    let server = taking(&[1]);
    let options = at(&server.url());
    let progress = Arc::clone(&options.progress);
    ask(&mut [of_mistral(1), of_mistral(2)], &options);
    assert_eq!((progress.n_keys.load(Ordering::Relaxed), progress.n_done.load(Ordering::Relaxed)), (2, 2));
}

#[test]
fn a_plan_shows_requests_and_sends_none() {
    let server = taking(&[1]);
    let findings = [of_mistral(1), of_mistral(1), of_mistral(2)];
    let plan = confirm::plan(&findings, &Options::default());
    assert_eq!(plan.questions.len(), 2);
    assert_eq!(plan.questions[0].findings, [0, 1]);
    let urls: Vec<&str> = plan.questions[0].requests.iter().map(|request| request.url.as_str()).collect();
    assert_eq!(urls, ["https://api.mistral.ai/v1/models", "https://codestral.mistral.ai/v1/models"]);
    let masked = &plan.questions[0].masked;
    assert!(plan.questions[0].requests[0].curl(masked).contains(masked.as_str()));
    assert!(!format!("{plan:?}").contains(&mistral(1)));
    assert_eq!(server.seen().len(), 0);
}

/// Requests of the same host, by the order in which they came.
fn by_host(seen: Vec<Seen>) -> BTreeMap<String, Vec<Seen>> {
    let mut hosts: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
    seen.into_iter().for_each(|seen| hosts.entry(seen.host.clone()).or_default().push(seen));
    hosts
}

#[test]
fn one_request_at_a_time_and_so_many_a_second() {
    let server = Server::plain(|_, _| {
        std::thread::sleep(Duration::from_millis(10));
        Say::json(401, INVALID)
    });
    let mut findings: Vec<Finding> = (0..30).map(of_mistral).collect();
    let options = Options { rate: 40.0, ..at(&server.url()) };
    ask(&mut findings, &options);
    for seen in by_host(server.seen()).values() {
        assert_eq!(seen.len(), 30);
        assert!(seen.windows(2).all(|two| two[0].end.expect("it was answered") <= two[1].start), "two at a time");
        assert!(seen[29].start - seen[0].start >= Duration::from_millis(29 * 25 - 50));
    }
}

/// What becomes of one AI21 key at a server that says `good` about it and `bad` about all others.
fn of_ai21(good: fn() -> Say, bad: fn() -> Say, has_control: bool) -> Confirmation {
    let own = key("ai21-api-key", 1);
    let expected = own.clone();
    let server = Server::plain(move |seen, _| if seen.bearer() == expected { good() } else { bad() });
    let mut findings = [finding(rule("ai21-api-key"), &own, "a.env")];
    let options = Options { endpoints: vec![("ai21".to_owned(), server.url())], has_control, ..at("") };
    ask(&mut findings, &options);
    findings[0].confirmation.clone()
}

#[test]
fn an_answer_without_a_mark_counts_where_a_random_key_is_refused_in_the_providers_words() {
    let empty = || Say::json(200, "[]");
    let refused = || Say::json(400, r#"{"detail":"bad or missing authentication"}"#);
    let live = of_ai21(empty, refused, true);
    assert_eq!((live.verdict, live.status, live.host.is_some()), (Verdict::Live, Some(200), true), "{live:?}");
    let others: [(fn() -> Say, bool); 4] = [(refused, false), (empty, true), (|| Say::json(401, r#"{"error":"sign in"}"#), true), (|| Say::page(403), true)];
    for (bad, has_control) in others {
        let unknown = of_ai21(empty, bad, has_control);
        assert_eq!(unknown.verdict, Verdict::Unknown, "{unknown:?}");
        assert!(reason(&unknown).contains("empty") || reason(&unknown).contains("random key"), "{unknown:?}");
    }
    assert_eq!(of_ai21(refused, refused, true).verdict, Verdict::Invalid);
}

#[test]
fn what_an_answer_means_may_hang_on_how_the_key_begins() {
    let server = Server::plain(|_, _| Say::json(401, r#"{"success":false,"errors":[{"code":1000,"message":"Invalid API Token"}],"result":null}"#));
    let drawn: Vec<String> = (1..40).map(|seed| key("cloudflare-api-token", seed)).collect();
    for (start, verdict) in [("cfut_", Verdict::Invalid), ("cfat_", Verdict::Unknown)] {
        let own = drawn.iter().find(|key| key.starts_with(start)).expect("both forms are drawn");
        let mut findings = [finding(rule("cloudflare-api-token"), own, "a.env")];
        ask(&mut findings, &Options { endpoints: vec![("cloudflare".to_owned(), server.url())], ..at("") });
        assert_eq!(findings[0].confirmation.verdict, verdict, "{:?}", findings[0].confirmation);
    }
}
