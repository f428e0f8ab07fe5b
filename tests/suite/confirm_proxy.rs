//! Asking about keys with the binary, end to end: the real URLs of the rules, by a proxy on loopback that plays their hosts and ends TLS with certificates of
//! an authority that only `SSL_CERT_FILE` makes trusted.
#![cfg(feature = "confirm")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::common::provider::{Certificate, GOOD_PROXY, Proxy, Say, Seen, Server};
use crate::common::{Keysift, Run, Tree, findings, key, mistral, mistral_line, text};
use serde_json::Value;

const LIVE: &str = r#"{"object":"list","data":[{"id":"mistral-large-latest","owned_by":"mistralai"}]}"#;
const INVALID: &str = r#"{"detail":"Unauthorized"}"#;

/// Plays Mistral with one key that works.
fn mistral_of(seen: &Seen) -> Say {
    if seen.host == "api.mistral.ai" && seen.bearer() == mistral(1) { Say::json(200, LIVE) } else { Say::json(401, INVALID) }
}

/// A run of `scan --confirm` on `tree` behind `proxy`, with JSON and, unless `arguments` say otherwise, without waiting for long.
fn behind(proxy: &Server, tree: &Tree, login: &str, arguments: &[&str]) -> Keysift {
    let mut keysift = Keysift::new(tree.path()).args(&["scan", "--confirm", "--format", "json"]).args(arguments);
    for (option, value) in [("--confirm-rate", "1000"), ("--confirm-timeout", "20")] {
        if !arguments.contains(&option) {
            keysift = keysift.args(&[option, value]);
        }
    }
    keysift.env("HTTPS_PROXY", format!("http://{login}{}", proxy.address)).env("SSL_CERT_FILE", proxy.ca_file())
}

fn confirm(proxy: &Server, tree: &Tree) -> Run {
    behind(proxy, tree, "", &[]).run()
}

/// The confirmation of the only finding.
#[track_caller]
fn only(run: &Run) -> Value {
    let report = run.json();
    assert_eq!(findings(&report).len(), 1, "{report}");
    findings(&report)[0]["confirmation"].clone()
}

#[track_caller]
fn is_unknown(run: &Run, word: &str) {
    let confirmation = only(run);
    assert_eq!(confirmation["verdict"], "unknown", "{confirmation}");
    assert!(text(&confirmation["reason"]).contains(word), "{confirmation}\n{}", run.err());
}

fn tree_of(seed: u64) -> Tree {
    Tree::with(&[("a.env", &mistral_line(seed))])
}

#[test]
fn the_real_hosts_of_a_rule_are_asked_in_their_order() {
    let proxy = Server::proxy(GOOD_PROXY, |seen, _| mistral_of(seen));
    let confirmation = only(&confirm(&proxy, &tree_of(1)));
    assert_eq!((text(&confirmation["verdict"]), text(&confirmation["host"])), ("live", "api.mistral.ai"));
    let refused = only(&confirm(&proxy, &tree_of(2)));
    assert_eq!(refused["verdict"], "invalid", "{refused}");
    let of = |seed: u64| proxy.seen().into_iter().filter(|seen| seen.bearer() == mistral(seed)).map(|seen| seen.host).collect::<Vec<_>>();
    assert_eq!(of(1), ["api.mistral.ai"]);
    assert_eq!(of(2), ["api.mistral.ai", "codestral.mistral.ai"]);
    let tunnels: BTreeSet<String> = proxy.tunnels().into_iter().collect();
    assert_eq!(tunnels, BTreeSet::from(["api.mistral.ai:443".to_owned(), "codestral.mistral.ai:443".to_owned()]));
}

#[test]
fn a_key_of_the_second_host_is_live() {
    let proxy = Server::proxy(GOOD_PROXY, |seen, _| match (seen.host.as_str(), seen.bearer() == mistral(1)) {
        ("codestral.mistral.ai", true) => Say::json(200, LIVE),
        _ => Say::json(401, INVALID),
    });
    let confirmation = only(&confirm(&proxy, &tree_of(1)));
    assert_eq!((text(&confirmation["verdict"]), text(&confirmation["host"])), ("live", "codestral.mistral.ai"));
}

#[test]
fn a_key_that_the_first_region_forbids_is_asked_about_in_the_second() {
    let own = key("langsmith-personal-token", 1);
    let tree = Tree::with(&[("a.env", &format!("LANGSMITH_API_KEY={own}\n"))]);
    let proxy = Server::proxy(GOOD_PROXY, move |seen, _| match (seen.host.as_str(), seen.header("x-api-key") == own) {
        ("eu.api.smith.langchain.com", true) => Say::json(200, r#"[{"id":"k","short_key":"lsv2...","description":"x"}]"#),
        ("eu.api.smith.langchain.com", false) => Say::json(401, r#"{"detail":"Invalid token"}"#),
        _ => Say::json(403, r#"{"detail":"Forbidden"}"#),
    });
    let confirmation = only(&confirm(&proxy, &tree));
    assert_eq!((text(&confirmation["verdict"]), text(&confirmation["host"])), ("live", "eu.api.smith.langchain.com"), "{confirmation}");
}

#[test]
fn a_second_host_that_fails_leaves_the_key_unknown() {
    type Answer = fn() -> Say;
    let answers: [Answer; 9] = [
        || Say::page(403),
        || Say::page(404),
        || Say::page(405),
        || Say::json(404, r#"{"detail":"Not Found"}"#),
        || Say::json(405, r#"{"detail":"Method Not Allowed"}"#),
        || Say::json(429, "{}"),
        || Say::json(503, "{}"),
        || Say::Raw(Vec::new()),
        || Say::json(302, "{}").with("Location", "https://e.example"),
    ];
    for answer in answers {
        let proxy = Server::proxy(GOOD_PROXY, move |seen, _| if seen.host.starts_with("codestral") { answer() } else { Say::json(401, INVALID) });
        is_unknown(&confirm(&proxy, &tree_of(1)), "api.mistral.ai refuses it, and codestral.mistral.ai says nothing");
    }
    let proxy = Server::proxy(GOOD_PROXY, |seen, _| if seen.host.starts_with("codestral") { Say::page(404) } else { Say::json(401, INVALID) });
    let tree = Tree::new();
    let keysift = Keysift::new(tree.path()).args(&["check", "--provider", "mistral", "--env", "K"]).env("K", mistral(1));
    let run = keysift.env("HTTPS_PROXY", format!("http://{}", proxy.address)).env("SSL_CERT_FILE", proxy.ca_file()).run().expect(3);
    assert!(run.out().contains("unknown:"), "{}\n{}", run.out(), run.err());
}

#[test]
fn a_first_host_that_says_nothing_is_not_the_last_word() {
    let proxy = Server::proxy(GOOD_PROXY, |seen, _| match (seen.host.as_str(), seen.bearer() == mistral(1)) {
        ("codestral.mistral.ai", true) => Say::json(200, LIVE),
        ("codestral.mistral.ai", false) => Say::json(401, INVALID),
        _ => Say::json(403, "{}"),
    });
    let confirmation = only(&confirm(&proxy, &tree_of(1)));
    assert_eq!((text(&confirmation["verdict"]), text(&confirmation["host"])), ("live", "codestral.mistral.ai"));
    is_unknown(&confirm(&proxy, &tree_of(2)), "codestral.mistral.ai refuses it, and api.mistral.ai says nothing");
}

#[test]
fn the_proxy_is_used_however_the_environment_names_it() {
    let proxy = Server::proxy(GOOD_PROXY, |seen, _| mistral_of(seen));
    let way = format!("http://{}", proxy.address);
    let (blanks, no_scheme) = (format!("  {way} "), proxy.address.to_string());
    let cases: [&[(&str, &str)]; 7] = [
        &[("HTTPS_PROXY", ""), ("https_proxy", &way)],
        &[("ALL_PROXY", ""), ("all_proxy", &way)],
        &[("HTTPS_PROXY", " "), ("ALL_PROXY", &way)],
        &[("HTTPS_PROXY", &blanks)],
        &[("https_proxy", &no_scheme)],
        &[("REQUEST_METHOD", "GET"), ("HTTPS_PROXY", &way)],
        &[("HTTPS_PROXY", &way), ("NO_PROXY", ""), ("HTTP_PROXY", "http://127.0.0.1:9")],
    ];
    for variables in cases {
        let tree = tree_of(1);
        let mut keysift = behind(&proxy, &tree, "", &[]).env("HTTPS_PROXY", "");
        for (name, value) in variables {
            keysift = keysift.env(name, value);
        }
        assert_eq!(only(&keysift.run())["verdict"], "live", "{variables:?}");
    }
    let n_before = proxy.tunnels().len();
    for bad in ["//127.0.0.1:9", "http:///127.0.0.1:9", "socks5://127.0.0.1:9", "http://a b"] {
        let run = behind(&proxy, &tree_of(1), "", &[]).env("HTTPS_PROXY", bad).run();
        is_unknown(&run, "HTTPS_PROXY names no proxy that can be used");
    }
    assert_eq!(proxy.tunnels().len(), n_before);
}

#[test]
fn certificates_that_are_not_right_are_refused_before_the_key_is_sent() {
    for (certificate, word) in [
        (Certificate::OtherName, "another name"),
        (Certificate::Expired, "expired"),
        (Certificate::OtherAuthority, "nobody trusted"),
        (Certificate::Nonsense, "does not speak TLS"),
    ] {
        let proxy = Server::proxy(Proxy { certificate, ..GOOD_PROXY }, |seen, _| mistral_of(seen));
        is_unknown(&confirm(&proxy, &tree_of(1)), word);
        assert_eq!(proxy.seen().len(), 0, "{certificate:?}");
    }
}

#[test]
fn an_authority_that_nobody_named_is_not_trusted() {
    let proxy = Server::proxy(GOOD_PROXY, |seen, _| mistral_of(seen));
    let run = behind(&proxy, &tree_of(1), "", &[]).env("SSL_CERT_FILE", "/dev/null").run();
    is_unknown(&run, "nobody trusted");
    assert_eq!(proxy.seen().len(), 0);
}

#[test]
fn a_proxy_gets_its_login_and_the_key_never() {
    let proxy = Server::proxy(Proxy { login: Some("user:p@ss"), ..GOOD_PROXY }, |seen, _| mistral_of(seen));
    let right = behind(&proxy, &tree_of(1), "user:p%40ss@", &[]).run();
    assert_eq!(only(&right)["verdict"], "live");
    let n_before = proxy.seen().len();
    for login in ["", "user:wrong-word@"] {
        let run = behind(&proxy, &tree_of(1), login, &[]).run();
        is_unknown(&run, "proxy");
        assert!(!run.err().contains("wrong-word") && !run.out().contains("wrong-word"), "the proxy's password is shown");
    }
    assert_eq!(proxy.seen().len(), n_before);
    assert!(proxy.seen().iter().all(|seen| seen.header("proxy-authorization").is_empty()), "a provider got the proxy's password");
}

#[test]
fn a_proxy_that_cannot_be_used_is_not_gone_around() {
    let run = Keysift::new(tree_of(1).path()).args(&["scan", "--confirm", "--format", "json"]).env("ALL_PROXY", "socks5://user:hidden-word@127.0.0.1:9").run();
    is_unknown(&run, "ALL_PROXY");
    assert!(!run.out().contains("hidden-word") && !run.err().contains("hidden-word"));
}

#[test]
fn a_server_on_this_machine_is_asked_without_the_proxy() {
    let proxy = Server::proxy(GOOD_PROXY, |seen, _| mistral_of(seen));
    let server = Server::plain(|_, _| Say::json(401, INVALID));
    let config = Tree::with(&[("own.toml", &format!("[confirm.endpoints]\nmistral = \"{}\"\n", server.url()))]);
    let config = config.path().join("own.toml");
    let way = format!("http://{}", proxy.address);
    let run = behind(&proxy, &tree_of(1), "", &["--config", config.to_str().expect("it is UTF-8")]).env("HTTP_PROXY", &way).env("ALL_PROXY", &way).run();
    assert_eq!(only(&run)["verdict"], "invalid");
    assert_eq!((server.seen().len(), proxy.seen().len(), proxy.tunnels().len()), (1, 0, 0));
}

#[test]
fn a_proxy_that_shows_a_login_page_gets_no_key() {
    for (status, word) in [(200, "no connection: it ended"), (302, "proxy"), (403, "proxy"), (511, "proxy")] {
        let proxy = Server::proxy(Proxy { page: Some(status), ..GOOD_PROXY }, |seen, _| mistral_of(seen));
        is_unknown(&confirm(&proxy, &tree_of(1)), word);
        assert_eq!(proxy.seen().len(), 0);
    }
}

#[test]
fn a_captive_portal_is_no_provider() {
    let proxy = Server::proxy(GOOD_PROXY, |_, _| Say::page(200));
    is_unknown(&confirm(&proxy, &tree_of(1)), "web page");
}

#[test]
fn a_redirect_to_another_host_opens_no_tunnel() {
    let proxy = Server::proxy(GOOD_PROXY, |_, _| Say::json(307, "{}").with("Location", "https://other.example/v1/models"));
    is_unknown(&confirm(&proxy, &tree_of(1)), "redirected");
    assert_eq!(proxy.tunnels(), ["api.mistral.ai:443", "codestral.mistral.ai:443"]);
}

/// Rules of ten providers whose keys identify themselves, with a name for their variable.
const TEN: [(&str, &str); 10] = [
    ("groq-api-key", "GROQ_API_KEY"),
    ("openai-api-key", "OPENAI_API_KEY"),
    ("anthropic-api-key", "ANTHROPIC_API_KEY"),
    ("xai-api-key", "XAI_API_KEY"),
    ("huggingface-user-token", "HF_TOKEN"),
    ("replicate-api-token", "REPLICATE_API_TOKEN"),
    ("openrouter-api-key", "OPENROUTER_API_KEY"),
    ("perplexity-api-key", "PPLX_API_KEY"),
    ("cerebras-api-key", "CEREBRAS_API_KEY"),
    ("mistral-api-key", "MISTRAL_API_KEY"),
];

#[test]
fn a_thousand_findings_are_confirmed_with_one_request_for_each_key() {
    const N_EACH: u64 = 30;
    let tree = Tree::new();
    for i in 0..1000 {
        let (rule, name) = TEN[i % TEN.len()];
        tree.write(format!("{i}.env"), format!("{name}={}\n", key(rule, i as u64 / 10 % N_EACH)));
    }
    // An answer that decides nothing, and that nobody tries again.
    let proxy = Server::proxy(GOOD_PROXY, |_, _| {
        std::thread::sleep(Duration::from_millis(2));
        Say::json(418, "{}")
    });
    let start = Instant::now();
    let run = behind(&proxy, &tree, "", &["--confirm-rate", "50", "--confirm-max", "1000"]).run();
    let took = start.elapsed();
    let report = run.json();
    assert_eq!(findings(&report).len(), 1000);
    assert!(findings(&report).iter().all(|finding| finding["confirmation"]["verdict"] == "unknown"), "{}", run.err());
    let mut hosts: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
    proxy.seen().into_iter().for_each(|seen| hosts.entry(seen.host.clone()).or_default().push(seen));
    // Mistral has a second host, which is asked because the first says nothing.
    assert_eq!(hosts.len(), TEN.len() + 1, "{:?}", hosts.keys());
    for (host, seen) in &hosts {
        assert_eq!(seen.len() as u64, N_EACH, "{host}");
        assert!(seen.windows(2).all(|two| two[0].end.expect("it was answered") <= two[1].start), "{host}: two at a time");
        let keys: BTreeSet<String> = seen.iter().map(|seen| seen.headers.iter().map(|(_, value)| value.as_str()).collect()).collect();
        assert_eq!(keys.len() as u64, N_EACH, "{host}: a key was asked about twice");
        assert!(seen[29].start - seen[0].start >= Duration::from_millis(29 * 20 - 40), "{host}: too fast");
    }
    assert!(took < Duration::from_secs(60), "{took:?}");
}

#[test]
fn a_key_near_many_hosts_is_sent_to_four_of_them_and_is_not_invalid() {
    let refused = r#"{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}"#;
    let proxy = Server::proxy(GOOD_PROXY, move |_, _| Say::json(401, refused));
    let tree = Tree::new();
    for i in 0..30 {
        let line = format!("AZURE_OPENAI_API_KEY={}\nAZURE_OPENAI_ENDPOINT=https://h{i}.openai.azure.com/\n", key("azure-openai-api-key", 1));
        tree.write(format!("{i:02}.env"), line);
    }
    let report = behind(&proxy, &tree, "", &[]).run().json();
    let hosts: BTreeSet<String> = proxy.tunnels().into_iter().collect();
    assert_eq!(hosts.len(), 4, "{hosts:?}");
    assert!(findings(&report).iter().all(|finding| finding["confirmation"]["verdict"] == "unknown"), "{report}");
}

#[test]
fn no_more_keys_are_asked_about_than_allowed() {
    let proxy = Server::proxy(GOOD_PROXY, |_, _| Say::json(401, INVALID));
    let tree = Tree::new();
    (1..=9).for_each(|seed| tree.write(format!("{seed}.env"), mistral_line(seed)));
    let report = behind(&proxy, &tree, "", &["--confirm-max", "4"]).run().json();
    let count = |verdict: &str| findings(&report).iter().filter(|finding| finding["confirmation"]["verdict"] == verdict).count();
    assert_eq!((count("invalid"), count("unchecked")), (4, 5), "{report}");
    let keys: BTreeSet<String> = proxy.seen().iter().map(|seen| seen.bearer().to_owned()).collect();
    assert_eq!(keys.len(), 4);
}

#[cfg(unix)]
#[test]
fn a_second_interrupt_ends_it_at_once_and_leaves_no_half_of_a_report() {
    let proxy = Server::proxy(GOOD_PROXY, |_, _| Say::nothing());
    let tree = Tree::new();
    // A report that takes some time to be written.
    (1..=3).for_each(|seed| tree.write(format!("{seed}.env"), mistral_line(seed).repeat(2000)));
    let mut n_at_once = 0;
    for pause in [0, 0, 20, 40, 60, 80, 100, 150] {
        let n_before = proxy.seen().len();
        let (child, _home) = behind(&proxy, &tree, "", &["--confirm-timeout", "300"]).spawn();
        let start = Instant::now();
        while proxy.seen().len() == n_before {
            assert!(start.elapsed() < Duration::from_secs(100), "nobody asks");
            std::thread::sleep(Duration::from_millis(5));
        }
        let id = child.id().to_string();
        let reader = std::thread::spawn(move || child.wait_with_output().expect("it is our child"));
        let kill = || std::process::Command::new("kill").args(["-INT", &id]).stderr(std::process::Stdio::null()).status().expect("there is a kill");
        kill();
        std::thread::sleep(Duration::from_millis(pause));
        kill();
        let output = reader.join().expect("it reads");
        let is_whole = serde_json::from_slice::<Value>(&output.stdout).is_ok_and(|report| findings(&report).len() == 6000);
        match output.status.code() {
            Some(130) => assert!(is_whole || output.stdout.is_empty(), "half a report: {} bytes", output.stdout.len()),
            code => assert!(is_whole && code == Some(1), "{code:?}"),
        }
        n_at_once += usize::from(output.status.code() == Some(130));
    }
    assert!(n_at_once > 0, "a second one does nothing");
}

#[cfg(unix)]
#[test]
fn an_interrupt_gives_a_complete_report() {
    let proxy = Server::proxy(GOOD_PROXY, |seen, n_before| if n_before < 2 { mistral_of(seen) } else { Say::nothing() });
    let tree = Tree::new();
    (1..=5).for_each(|seed| tree.write(format!("{seed}.env"), mistral_line(seed)));
    let (child, _home) = behind(&proxy, &tree, "", &["--confirm-timeout", "300"]).spawn();
    let start = Instant::now();
    while proxy.seen().len() < 3 {
        assert!(start.elapsed() < Duration::from_secs(100), "nobody asks");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("there is a kill");
    assert!(kill.success());
    let output = child.wait_with_output().expect("it is our child");
    let report: Value = serde_json::from_slice(&output.stdout).expect("the report is complete");
    assert_eq!(findings(&report).len(), 5);
    let interrupted = findings(&report).iter().filter(|finding| finding["confirmation"]["reason"] == "interrupted").count();
    assert_eq!(interrupted, 4, "{report}");
}
