//! `keysift check`, and what stands around `--confirm` on the command line: detection, words, exit codes, what is refused.
#![cfg(feature = "confirm")]

use std::fs;

use crate::common::provider::{GOOD_PROXY, Say, Seen, Server};
use crate::common::{self, Keysift, Run, Tree, canary_id, holds, key, mistral, mistral_line, number, project, text};
use keysift::rule::draw::{ALNUM, Draws};
use serde_json::Value;

const MODELS: &str = r#"{"object":"list","data":[{"id":"mistral-large-latest"},{"id":"codestral-latest"},{"id":"mistral-embed"}]}"#;
const INVALID: &str = r#"{"detail":"Unauthorized"}"#;

/// Plays the two hosts of Mistral: key 1 is of the first, key 2 of the second, the others are none.
fn mistral_hosts(seen: &Seen) -> Say {
    let of_first = seen.host == "api.mistral.ai" && seen.bearer() == mistral(1);
    let of_second = seen.host == "codestral.mistral.ai" && seen.bearer() == mistral(2);
    if of_first || of_second { Say::json(200, MODELS).with("X-RateLimit-Remaining-Req-Minute", "59") } else { Say::json(401, INVALID) }
}

/// A run of `keysift check` in an empty folder behind `proxy`.
fn check(proxy: &Server, arguments: &[&str], input: &str) -> Run {
    let tree = Tree::new();
    let run = keysift(&tree, proxy, arguments).input(input).run();
    assert_eq!(common::files_below(tree.path()), Vec::<std::path::PathBuf>::new(), "it touches no disk");
    run
}

fn keysift(tree: &Tree, proxy: &Server, arguments: &[&str]) -> Keysift {
    let url = format!("http://{}", proxy.address);
    Keysift::new(tree.path()).args(&["check", "--timeout", "30"]).args(arguments).env("HTTPS_PROXY", url).env("SSL_CERT_FILE", proxy.ca_file())
}

fn good() -> Server {
    Server::proxy(GOOD_PROXY, |seen, _| mistral_hosts(seen))
}

/// The JSON document, which is what its schema says.
#[track_caller]
fn document(run: &Run) -> Value {
    let schema: Value = serde_json::from_slice(&fs::read(project().join("docs/check.schema.json")).expect("it is part of the project")).expect("it is JSON");
    let (document, validator) = (run.json(), jsonschema::validator_for(&schema).expect("the schema is a schema"));
    let violations: Vec<String> = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path)).collect();
    assert_eq!(violations, Vec::<String>::new(), "{document}");
    assert_eq!(number(&document["exit"]["code"]), run.code as u64);
    document
}

#[test]
fn a_key_that_works_is_told_with_its_models_limits_and_latency() {
    let proxy = good();
    let run = check(&proxy, &["--provider", "mistral"], &format!("{}\n", mistral(1))).expect(0);
    for part in
        ["Detected:   Mistral AI (Mistral AI API key, ", "Verdict:    live", "Models:     3", "large (1): mistral-large-latest", "code (1): codestral-latest"]
    {
        assert!(run.out().contains(part), "{part}: {}", run.out());
    }
    assert!(run.out().contains("Limits:     x-ratelimit-remaining-req-minute: 59"), "{}", run.out());
    assert!(run.out().contains(" ms to connect, ") && run.out().contains("the median of 3 requests"), "{}", run.out());
    let hosts: Vec<String> = proxy.seen().into_iter().map(|seen| seen.host).collect();
    assert_eq!(hosts, ["api.mistral.ai"; 5], "once to ask, a random key, and three times to take the time");
    assert_eq!(proxy.seen().iter().filter(|seen| seen.bearer() != mistral(1)).count(), 1, "a random key");

    let document = document(&check(&proxy, &["--provider", "mistral", "--json"], &mistral(1)));
    assert_eq!((text(&document["verdict"]), number(&document["models"]["n"]), number(&document["n_requests"])), ("live", 3, 5));
    assert!(document["latency"]["connect_ms"].is_number() && document["latency"]["first_byte_ms"].is_number(), "{document}");
}

#[test]
fn the_name_of_the_variable_tells_whose_key_it_is() {
    let proxy = good();
    let tree = Tree::new();
    let run = keysift(&tree, &proxy, &["--env", "MISTRAL_API_KEY"]).env("MISTRAL_API_KEY", mistral(1)).run().expect(0);
    assert!(run.out().contains("Detected:   Mistral AI"), "{}", run.out());
    keysift(&tree, &proxy, &["--env", "NOT_THERE"]).run().expect(2);
    let run = check(&proxy, &["--json"], &format!("export MISTRAL_API_KEY=\"{}\"\n", mistral(1)));
    assert_eq!(text(&document(&run)["detected"]["by"]), "name");
    assert!(document(&run)["notes"].to_string().contains("quotes"), "{}", run.out());
}

#[test]
fn a_key_of_the_other_host_is_told_where_it_works() {
    let run = check(&good(), &["--provider", "mistral"], &mistral(2)).expect(0);
    assert!(run.out().contains("it is a key for codestral.mistral.ai, and api.mistral.ai rejects it"), "{}", run.out());
}

#[test]
fn a_host_that_says_nothing_is_not_said_to_reject_the_key() {
    let proxy = Server::proxy(GOOD_PROXY, |seen, _| if seen.host == "api.mistral.ai" { Say::page(403) } else { mistral_hosts(seen) });
    let run = check(&proxy, &["--provider", "mistral"], &mistral(2)).expect(0);
    assert!(!run.out().contains("rejects") && run.out().contains("codestral.mistral.ai accepts it; api.mistral.ai"), "{}", run.out());
}

#[test]
fn a_key_that_does_not_work_is_told_why_and_what_to_do() {
    let run = check(&good(), &["--provider", "mistral"], &format!("  {} \n", mistral(3))).expect(1);
    assert!(run.out().contains("Verdict:    invalid") && run.out().contains("https://console.mistral.ai/api-keys"), "{}", run.out());
    assert!(run.err().contains("note: white space around it was taken off"), "{}", run.err());
    assert!(!run.out().contains("Latency"), "{}", run.out());
}

#[test]
fn answers_that_say_nothing_are_unknown() {
    let busy = Server::proxy(GOOD_PROXY, |_, _| Say::json(429, "{}").with("Retry-After", "3600"));
    let run = check(&busy, &["--provider", "mistral"], &mistral(1)).expect(3);
    assert!(run.out().contains("Verdict:    unknown") && run.out().contains("rate limit"), "{}", run.out());
    let page = Server::proxy(GOOD_PROXY, |_, _| Say::page(200));
    let document = document(&check(&page, &["--provider", "mistral", "--json"], &mistral(1)).expect(3));
    assert_eq!((text(&document["verdict"]), &document["models"]), ("unknown", &Value::Null));
}

#[test]
fn nobody_is_asked_where_it_is_not_clear_whose_key_it_is() {
    let proxy = good();
    let run = check(&proxy, &[], &mistral(1)).expect(2);
    let said = run.out().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.starts_with("Candidates: ") && said.contains("Mistral AI (mistral)"), "{said}");
    assert!(run.err().contains("help: say whose it is with --provider PROVIDER"), "{}", run.err());
    let document = document(&check(&proxy, &["--json"], &mistral(1)).expect(2));
    assert!(document["candidates"].as_array().is_some_and(|candidates| candidates.len() > 1), "{document}");
    let run = check(&proxy, &[], &key("anthropic-api-key", 1)[..50]).expect(2);
    assert!(run.err().contains("it is too short for a key of the kind"), "{}", run.err());
    assert_eq!(proxy.tunnels(), Vec::<String>::new(), "nobody was asked");
}

#[test]
fn a_key_that_nobody_can_be_asked_about_is_told_so() {
    let proxy = good();
    let run = check(&proxy, &["--provider", "azure-openai"], &key("azure-openai-api-key", 1)).expect(3);
    assert!(run.out().contains("Verdict:    unchecked") && run.out().contains("[confirm.endpoints]"), "{}", run.out());
    assert!(!run.err().contains("Asking"), "{}", run.err());
    assert_eq!(proxy.tunnels(), Vec::<String>::new());
}

#[test]
fn keys_that_say_something_against_themselves_are_sent_to_nobody() {
    let proxy = good();
    for (key, why) in [
        (Draws::new(3).shape("ghp_[0-9A-Za-z]{36}"), "its checksum does not fit"),
        ("sk_test_4eC39HqL¦yjWDarjtT1zdp7dc".replace('¦', ""), "it is a published example"),
        (canary_id(), "canary"),
    ] {
        let run = check(&proxy, &[], &key).expect(3);
        assert!(run.out().contains("Verdict:    unchecked") && run.out().contains(why), "{why}: {}", run.out());
        assert!(!run.err().contains("Asking"), "{}", run.err());
    }
    assert_eq!(proxy.tunnels(), Vec::<String>::new());
}

#[test]
fn what_has_a_key_in_it_is_not_said_to_be_dead() {
    let run = check(&good(), &["--provider", "mistral"], &format!("sk-{}", mistral(1))).expect(3);
    assert!(run.out().contains("Verdict:    unknown") && run.out().contains("too long"), "{}", run.out());
}

#[test]
fn what_is_cut_off_is_said_before_it_is_sent() {
    let proxy = good();
    let run = check(&proxy, &["--provider", "mistral"], &mistral(1)[..20]).expect(1);
    let (note, asking) = (run.err().find("it is too short"), run.err().find("Asking Mistral AI (api.mistral.ai)"));
    assert!(note.is_some() && note < asking, "{}", run.err());
}

#[test]
fn a_key_is_no_argument_and_is_not_repeated() {
    let proxy = good();
    let key = mistral(1);
    let run = check(&proxy, &[&key], "").expect(2);
    assert!(run.err().contains("takes no key as an argument") && !holds(&run.stderr, &key), "{}", run.err());
    let run = check(&proxy, &[&format!("--key={key}")], "").expect(2);
    assert!(!holds(&run.stderr, &key), "{}", run.err());
    for wrong in [&["--provider", "mistrl"][..], &["--timeout", "0"]] {
        check(&proxy, wrong, &key).expect(2);
    }
    for (input, what) in [("", "empty"), (" \n", "empty"), ("two words", "inside of it"), (&"x".repeat(70_000), "64 KiB")] {
        let run = check(&proxy, &["--provider", "mistral"], input).expect(2);
        assert!(run.err().contains(what), "{what}: {}", run.err());
    }
    assert_eq!(proxy.tunnels(), Vec::<String>::new());
}

#[test]
fn a_key_that_comes_back_is_not_shown_in_whatever_form() {
    let backwards: String = mistral(1).chars().rev().collect();
    let hex: String = mistral(1).bytes().map(|byte| format!("{byte:02x}")).collect();
    let ids: Vec<Value> = (0..28).step_by(7).map(|at| serde_json::json!({"id": &mistral(1)[at..at + 7]})).collect();
    let data = [ids, vec![serde_json::json!({"id": backwards}), serde_json::json!({"id": hex})]].concat();
    let models = serde_json::json!({"object": "list", "data": data}).to_string();
    let name: &'static str = Box::leak(format!("X-RateLimit-{}", mistral(1)).into_boxed_str());
    let proxy =
        Server::proxy(GOOD_PROXY, move |seen, _| if seen.bearer() == mistral(1) { Say::json(200, &models).with(name, "59") } else { Say::json(401, INVALID) });
    for arguments in [&["--provider", "mistral"][..], &["--provider", "mistral", "--json"]] {
        let run = check(&proxy, arguments, &mistral(1)).expect(0);
        let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let (shown, hex) = (letters(&[run.out(), run.err()].concat()), letters(&mistral(1).bytes().map(|byte| format!("{byte:02x}")).collect::<String>()));
        let backwards: String = mistral(1).chars().rev().collect();
        for form in [letters(&mistral(1)), letters(&backwards), hex] {
            for part in (0..form.len() - 8).map(|at| &form[at..at + 8]) {
                assert!(!shown.contains(part), "{part}: {}", run.out());
            }
        }
    }
}

#[test]
fn what_is_no_key_at_all_is_sent_to_nobody() {
    let proxy = good();
    for input in [format!("{{\"apiKey\":\"{}\"}}", mistral(1)), format!("{{\n  \"apiKey\": \"{}\"\n}}\n", mistral(1)), format!("[\"{}\"]", mistral(1))] {
        let run = check(&proxy, &["--provider", "mistral"], &input).expect(2);
        assert!(run.err().contains("looks like JSON"), "{input}: {}", run.err());
    }
    for input in ["", "two words", &format!("{{{}}}", mistral(1))] {
        let document = document(&check(&proxy, &["--json"], input).expect(2));
        assert_eq!((text(&document["verdict"]), document["reason"].is_string()), ("unchecked", true), "{document}");
    }
    let run = check(&proxy, &["--provider", "mistral"], &format!("{}\nother\n", mistral(1))).expect(2);
    assert!(run.err().contains("several lines"), "{}", run.err());
    assert_eq!(proxy.tunnels(), Vec::<String>::new());
}

/// Runs a program at a terminal of its own, types once it asks, and tells what the terminal showed, the exit code, and whether it shows again what is typed.
#[cfg(unix)]
const TERMINAL: &str = r#"
import json, os, pty, select, sys, termios, time
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
shown, is_asked, end = b"", False, time.time() + 100
while time.time() < end:
    if not is_asked and b"is not shown" in shown:
        is_asked = True
        os.write(terminal, sys.argv[1].encode())
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
echoes = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps({"shown": shown.decode(errors="replace"), "code": code, "echoes": echoes}))
"#;

/// What becomes of `keysift check` at a terminal at which `typed` is typed; none if there is no Python, which has terminals for that.
#[cfg(unix)]
fn at_a_terminal(proxy: &Server, typed: &str) -> Option<Value> {
    let tree = Tree::new();
    let mut command = std::process::Command::new("python3");
    command.args(["-c", TERMINAL, typed, env!("CARGO_BIN_EXE_keysift"), "check", "--provider", "mistral", "--timeout", "30"]).current_dir(tree.path());
    command.env("HTTPS_PROXY", format!("http://{}", proxy.address)).env("SSL_CERT_FILE", proxy.ca_file()).env_remove("NO_PROXY").env_remove("no_proxy");
    let Ok(output) = command.output() else {
        eprintln!("!!! SKIPPED: python3 is not installed !!!");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("it prints JSON"))
}

#[cfg(unix)]
#[test]
fn the_prompt_shows_nothing_of_what_is_typed() {
    let proxy = good();
    let Some(seen) = at_a_terminal(&proxy, &format!("{}\nsecond-line\n", mistral(1))) else { return };
    let shown = text(&seen["shown"]);
    assert!(shown.contains("Verdict:    live"), "{shown}");
    assert!(!shown.contains(&mistral(1)) && !shown.contains("second-line"), "{shown}");
    assert_eq!((number(&seen["code"]), seen["echoes"].as_bool()), (0, Some(true)));
}

#[cfg(unix)]
#[test]
fn an_interruption_at_the_prompt_leaves_the_terminal_as_it_was() {
    let proxy = good();
    // What ends it and what puts the terminal right are two threads.
    // Ctrl-Z and Ctrl-\ before it do nothing.
    for typed in ["begun\x03", "begun\x03", "begun\x03", "begun\x1a\x03", "begun\x1c\x03"] {
        let Some(seen) = at_a_terminal(&proxy, typed) else { return };
        assert_eq!((number(&seen["code"]), seen["echoes"].as_bool()), (130, Some(true)), "{seen}");
        assert!(!text(&seen["shown"]).contains("begun") && !text(&seen["shown"]).contains("error"), "{seen}");
    }
    assert_eq!(proxy.tunnels(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn an_interruption_keeps_the_verdict_that_is_known() {
    for signal in ["INT", "TERM"] {
        let n = std::sync::atomic::AtomicUsize::new(0);
        // The key, then a random one; those that take the time get no answer.
        let proxy = Server::proxy(
            GOOD_PROXY,
            move |seen, _| if n.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2 { mistral_hosts(seen) } else { Say::nothing() },
        );
        let (tree, url) = (Tree::new(), format!("http://{}", proxy.address));
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_keysift"));
        command.args(["check", "--provider", "mistral", "--timeout", "60"]).current_dir(tree.path()).env_clear();
        command.env("HTTPS_PROXY", url).env("SSL_CERT_FILE", proxy.ca_file());
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        std::io::Write::write_all(&mut child.stdin.take().expect("it is piped"), mistral(1).as_bytes()).expect("it reads");
        let start = std::time::Instant::now();
        while proxy.seen().len() < 3 {
            assert!(start.elapsed().as_secs() < 60, "it does not ask");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let status = std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().expect("there is a `kill`");
        assert!(status.success());
        let output = child.wait_with_output().expect("it is our child");
        let out = String::from_utf8_lossy(&output.stdout);
        assert!(out.contains("Verdict:    live") && !out.contains("Latency"), "{signal}: {out}");
        assert_eq!(output.status.code(), Some(0), "{signal}");
        assert!(start.elapsed().as_secs() < 50, "it does not wait for the answers");
    }
}

#[test]
fn an_endpoint_of_ones_own_is_asked_and_named() {
    let server = Server::plain(|seen, _| if seen.bearer() == mistral(1) { Say::json(200, MODELS) } else { Say::json(401, INVALID) });
    let config = format!("[confirm.endpoints]\nmistral = \"{}/base\"\n", server.url());
    let tree = Tree::with(&[("own.toml", &config)]);
    let arguments = ["check", "--provider", "mistral", "--config", "own.toml"];
    let run = Keysift::new(tree.path()).args(&arguments).input(mistral(1)).run().expect(0);
    assert!(run.err().contains(&format!("note: keys of mistral are sent to {}/base (own.toml)", server.url())), "{}", run.err());
    assert!(server.seen().iter().all(|seen| seen.path == "/base/v1/models"));
    let run = Keysift::new(tree.path()).args(&arguments).args(&["--json"]).input(mistral(1)).run().expect(0);
    assert!(run.err().contains("note: keys of mistral are sent to "), "for a program, too: {}", run.err());
}

mod scans {
    use super::*;

    /// Plays Mistral without TLS.
    fn server() -> (Server, String) {
        let server = Server::plain(|seen, _| match seen.bearer() {
            bearer if bearer == mistral(1) => Say::json(200, MODELS),
            bearer if bearer == mistral(4) => Say::page(403),
            _ => Say::json(401, INVALID),
        });
        let config = format!("[confirm]\nrate = 1000\n[confirm.endpoints]\nmistral = \"{}\"\n", server.url());
        (server, config)
    }

    fn scan(seeds: &[u64], arguments: &[&str]) -> Run {
        let (_server, config) = server();
        let tree = Tree::with(&[("own.toml", &config)]);
        seeds.iter().for_each(|seed| tree.write(format!("src/{seed}.env"), mistral_line(*seed)));
        tree.run(&[&["scan", "src", "--confirm", "--config", "own.toml"], arguments].concat())
    }

    #[test]
    fn exit_codes_follow_what_makes_a_run_fail() {
        for (seeds, arguments, code) in [
            (&[1, 3][..], &["--fail-on", "live"][..], 1),
            (&[3], &["--fail-on", "live"], 0),
            (&[3], &["--fail-on", "confirmed"], 0),
            (&[3], &[], 1),
            (&[3], &["--only", "live"], 0),
            (&[3, 4], &["--fail-on", "live"], 3),
            (&[3, 4], &["--only", "live"], 3),
            (&[1, 4], &["--only", "unknown", "--fail-on", "live"], 1),
            (&[3, 5], &["--fail-on", "live", "--confirm-max", "1"], 3),
            (&[1], &["--fail-on", "live", "--exit-code", "7"], 7),
        ] {
            let run = scan(seeds, &[arguments, &["--format", "json"]].concat()).expect(code);
            assert_eq!(run.json()["exit"]["code"].as_i64(), Some(i64::from(code)), "{arguments:?}");
        }
    }

    #[test]
    fn what_is_left_out_is_counted_and_unknown_keys_are_named() {
        let run = scan(&[1, 3, 4], &["--only", "live"]).expect(1);
        assert!(run.out().contains("src/1.env") && !run.out().contains("src/3.env"), "{}", run.out());
        assert!(run.err().contains("left out by --only: 1 invalid, 1 unknown"), "{}", run.err());
        assert!(run.err().contains("incomplete: 1 finding is unknown: "), "{}", run.err());
        let report = scan(&[1, 3, 4], &["--only", "live", "--format", "json"]).json();
        assert_eq!(report["confirmation"]["left_out"], serde_json::json!({"invalid": 1, "unknown": 1}));
        assert_eq!(report["n_findings"], 1);
    }

    #[test]
    fn it_is_said_first_who_is_asked() {
        let run = scan(&[1], &[]).expect(1);
        assert!(run.err().contains("note: keys of mistral are sent to http://127.0.0.1:"), "{}", run.err());
        assert!(run.err().contains("confirm: 1 key is asked about at 127.0.0.1:") && run.err().contains("audit logs"), "{}", run.err());
        let quiet = scan(&[1], &["--quiet"]);
        assert!(
            quiet.err().starts_with("note: keys of mistral are sent to ") && quiet.err().lines().count() == 1,
            "where keys go is said always: {}",
            quiet.err()
        );
        let other = Tree::with(&[("a.txt", "nothing\n"), ("own.toml", &server().1)]).run(&["scan", "a.txt", "--confirm", "--config", "own.toml"]).expect(0);
        assert!(!other.err().contains("are sent to"), "none is sent: {}", other.err());
    }

    #[test]
    fn every_scanning_command_can_ask() {
        let commands = [&["scan"][..], &["staged"], &["range"], &["history"], &["git"], &["dir"], &["stdin"], &["hook", "run"]];
        for command in commands {
            let help = Tree::new().run(&[command, &["--help"]].concat()).expect(0);
            assert!(help.out().contains("--confirm") && help.out().contains("--fail-on"), "{command:?}");
        }
        let (server, config) = server();
        let tree = Tree::with(&[("src/a.env", &mistral_line(1)), ("own.toml", &config)]);
        let run = tree.run(&["dir", "src", "--confirm", "--config", "own.toml", "-f", "json"]).expect(1);
        assert_eq!(run.json()["findings"][0]["verdict"], "live", "{}", run.err());
        assert!(!server.seen().is_empty());
    }

    #[test]
    fn options_without_confirm_are_wrong_usage() {
        let tree = Tree::with(&[("a.env", &mistral_line(1))]);
        for arguments in
            [&["--only", "live"][..], &["--fail-on", "live"], &["--confirm-max", "3"], &["--confirm-provider", "mistral"], &["--confirm-no-control"]]
        {
            let run = tree.run(&[&["scan"], arguments].concat()).expect(2);
            assert!(run.err().contains("--confirm"), "{}", run.err());
        }
        for wrong in [&["--confirm-rate", "0"][..], &["--confirm-max", "0"], &["--only", "dead"], &["--confirm-provider", "mistrl"]] {
            tree.run(&[&["scan", "--confirm"], wrong].concat()).expect(2);
        }
    }

    #[test]
    fn a_configuration_that_was_only_found_cannot_send_keys_anywhere() {
        let (server, config) = server();
        let tree = Tree::with(&[("a.env", &mistral_line(1)), (".keysift.toml", &config)]);
        let run = tree.run(&["scan", "--confirm"]).expect(2);
        assert!(run.err().contains("wants keys of mistral to be sent to") && run.err().contains("help: if the file is yours, name it"), "{}", run.err());
        tree.run(&["scan"]).expect(1);
        for text in ["max = 5000", "rate = 50", "rate = 0.01", "timeout = 300", "providers = ['groq']", ""] {
            tree.write(".keysift.toml", format!("[confirm]\n{text}\n"));
            for command in [&["scan", "--confirm"][..], &["confirm", "--dry-run"]] {
                let run = tree.run(command).expect(2);
                assert!(run.err().contains("help: if the file is yours, name it: `--config .keysift.toml`"), "{text}: {}", run.err());
            }
            tree.run(&["scan"]).expect(1);
        }
        assert_eq!(server.seen().len(), 0);
        let named = Tree::with(&[("a.env", &mistral_line(1)), ("own.toml", &config)]);
        Keysift::new(named.path()).args(&["scan", "--confirm"]).env("KEYSIFT_CONFIG", "own.toml").run().expect(1);
        assert!(!server.seen().is_empty());
    }

    #[test]
    fn a_found_configuration_that_switches_rules_off_leaves_the_run_open() {
        let off = |rule: &str| format!("[rules]\ndisable = ['{rule}']\n");
        let tree = Tree::with(&[("a.txt", "no key at all\n"), (".keysift.toml", &off("mistral-api-key"))]);
        let scan = ["scan", "--confirm", "--fail-on", "live"];
        let run = tree.run(&scan).expect(3);
        assert!(format!("{}{}", run.out(), run.err()).contains("switches off rules by which keys are asked"), "{}", run.err());
        tree.run(&[&scan[..], &["--config", ".keysift.toml"]].concat()).expect(0);
        tree.write(".keysift.toml", off("generic-secret"));
        tree.run(&scan).expect(0);
    }

    #[test]
    fn a_key_that_a_found_rule_claims_is_an_open_question() {
        let rules = r#"[provider]
id = "other"
name = "Other"
docs = "https://other.example/docs"
revoke = "https://other.example/keys"
rotate = ["Make a new one."]
[[rule]]
id = "other-key"
name = "Other key"
severity = "high"
shape = 'other_[A-Za-z0-9]{32}'
min-entropy = 3.0
[rule.confirm]
get = "https://api.other.example/v1/models"
auth = "bearer"
answer = [
  { is = "live", status = 200, json = { "/object" = "list" } },
  { is = "invalid", status = 401, json = { "/error" = "bad key" } },
]
[[rule.example]]
text = "OTHER_API_KEY=«{{random}}»"
[[rule.example]]
text = 'other_key = "«{{random}}»"'
[[rule.example]]
text = 'other_key: "«{{random}}»"'
[[rule.counter-example]]
text = "x"
because = "it is short"
[[rule.counter-example]]
text = "y"
because = "it is short"
"#;
        let line = format!("OTHER_API_KEY=other_{}\n", Draws::new(1).text(32, ALNUM));
        let tree = Tree::with(&[("a.env", &line), (".keysift.toml", "[rules]\nfiles = ['other.toml']\n"), ("other.toml", rules)]);
        for fail_on in ["live", "confirmed"] {
            // No request leaves: the proxy is a port that nobody listens on.
            let arguments = ["scan", "a.env", "--confirm", "--confirm-timeout", "1", "--fail-on", fail_on];
            let run = Keysift::new(tree.path()).args(&arguments).env("HTTPS_PROXY", "http://127.0.0.1:9").run().expect(3);
            assert!(run.err().contains("incomplete: 1 finding is unchecked: "), "{}", run.err());
        }
    }

    #[test]
    fn a_service_that_is_closed_leaves_no_question_open() {
        let tree = Tree::with(&[("a.env", &format!("ANYSCALE_API_KEY={}\n", key("anyscale-api-key", 1)))]);
        let run = tree.run(&["scan", "a.env", "--confirm", "--fail-on", "live", "--format", "json"]).expect(0);
        assert_eq!((text(&run.json()["findings"][0]["verdict"]), &run.json()["coverage"]["complete"]), ("unknown", &Value::Bool(true)));
    }

    #[test]
    fn a_report_says_what_is_left_out_and_that_answers_are_missing() {
        let report = scan(&[3, 4], &["--fail-on", "live", "--format", "json"]).expect(3).json();
        assert_eq!(report["coverage"]["complete"], false);
        assert!(text(&report["coverage"]["incomplete_because"][0]).starts_with("1 finding is unknown: "), "{report}");
        let log = scan(&[1, 3, 4], &["--only", "live", "--format", "sarif"]).json();
        let invocation = &log["runs"][0]["invocations"][0];
        assert_eq!(invocation["properties"]["leftOutByVerdict"], serde_json::json!({"invalid": 1, "unknown": 1}));
        assert!(invocation["toolExecutionNotifications"].to_string().contains("left out by --only: 1 invalid, 1 unknown."), "{invocation}");
    }

    #[test]
    fn what_a_provider_says_is_no_command_of_a_ci_system() {
        let token = key("huggingface-user-token", 1);
        let orgs = [&"x".repeat(60), "::stop-commands::tok", "##vso[task.setvariable]x"].map(|name| serde_json::json!({"name": name}));
        let user = serde_json::json!({"type": "user", "name": "bob", "auth": {"accessToken": {"displayName": "##[error]pwned", "role": "read"}}, "orgs": orgs});
        let (user, accepted) = (user.to_string(), token.clone());
        let server =
            Server::plain(
                move |seen, _| if seen.bearer() == accepted { Say::json(200, &user) } else { Say::json(401, r#"{"error":"Invalid username or password."}"#) },
            );
        let config = format!("[confirm]\nrate = 1000\n[confirm.endpoints]\nhuggingface = \"{}\"\n", server.url());
        let tree = Tree::with(&[("a.env", &format!("HF_TOKEN={token}\n")), ("own.toml", &config)]);
        for format in ["text", "json", "jsonl", "sarif", "gitlab", "markdown", "csv", "html", "junit"] {
            let run = tree.run(&["scan", "a.env", "--confirm", "--config", "own.toml", "--format", format]).expect(1);
            let shows_facts = matches!(format, "text" | "json" | "jsonl" | "sarif");
            assert!(run.out().contains("pwned") || !shows_facts, "{format}: {}", run.out());
            for line in run.out().lines().chain(run.err().lines()) {
                assert!(!line.contains("##[") && !line.contains("##vso[") && !line.trim_start().starts_with("::"), "{format}: {line}");
            }
        }
        for arguments in [&["check", "--config", "own.toml"][..], &["check", "--config", "own.toml", "--json"]] {
            let run = Keysift::new(tree.path()).args(arguments).input(token.as_str()).run().expect(0);
            assert!(run.out().contains("pwned"), "{}", run.out());
            assert!(run.out().lines().all(|line| !line.contains("##[") && !line.contains("##vso[") && !line.trim_start().starts_with("::")), "{}", run.out());
        }
    }

    #[test]
    fn the_dry_run_shows_what_would_be_sent_and_what_not() {
        let secret = format!("SECRET_TOKEN={}\n", Draws::new(1).text(24, ALNUM));
        let tree = Tree::with(&[("a.env", &mistral_line(1)), ("b.env", &mistral_line(1)), ("c.env", &secret)]);
        let run = tree.run(&["confirm", "--dry-run"]).expect(0);
        assert!(run.out().contains("Mistral AI: mistral-api-key ********") && run.out().contains(" in a.env:1:17, b.env:1:17\n"), "{}", run.out());
        assert!(run.out().contains("  curl -sS -H 'Authorization: Bearer ********"), "{}", run.out());
        assert!(run.out().contains(" -H 'Accept: application/json' -A 'keysift/"), "{}", run.out());
        assert!(run.out().contains("  if that says `invalid`: curl "), "{}", run.out());
        assert!(run.out().contains("c.env:1:14: generic-secret ") && run.out().contains(": its provider is not known"), "{}", run.out());
        assert!(!holds(&run.stdout, mistral(1)));
        let run = tree.run(&["confirm", "--dry-run", "--provider", "openai"]).expect(0);
        assert!(!run.out().contains("curl") && run.out().contains("not among those to ask"), "{}", run.out());
        for arguments in [&["confirm", "--dry-run", "--stdin"][..], &["confirm", "--dry-run", "-"]] {
            let run = Keysift::new(Tree::new().path()).args(arguments).input(mistral_line(1)).run().expect(0);
            assert!(run.out().contains(" in stdin:1:17\n") && run.out().contains("  curl "), "{}", run.out());
        }
        let accepted = Tree::with(&[("a.env", &mistral_line(1)), ("b.env", &mistral_line(2)), (".keysift.toml", "[[allow]]\npaths = ['*.env']\n")]);
        let run = accepted.run(&["confirm", "--dry-run"]).expect(0);
        assert!(run.out().contains(": it is suppressed by .keysift.toml: allow entry 1\n"), "{}", run.out());
        assert!(run.out().contains("0 keys to ask about, 2 findings not asked about"), "{}", run.out());
        tree.run(&["confirm", "--dry-run", "-", "a.env"]).expect(2);
        tree.run(&["confirm", "--dry-run", "--staged", "a.env"]).expect(2);
        let run = tree.run(&["confirm"]).expect(2);
        assert!(run.err().contains("asks nobody") && run.err().contains("--dry-run"), "{}", run.err());
    }

    #[test]
    fn the_dry_run_shows_what_would_be_sent_of_the_next_commit() {
        let repo = common::repo::TestRepo::new();
        repo.write("old.env", mistral_line(1));
        repo.commit("old");
        repo.write("new.env", mistral_line(2));
        repo.git(&["add", "new.env"]);
        let run = Keysift::new(&repo.path()).args(&["confirm", "--dry-run", "--staged"]).run().expect(0);
        assert!(run.out().contains(" in new.env:1:17\n") && !run.out().contains("old.env"), "{}", run.out());
    }

    #[test]
    fn every_rule_is_listed_with_its_requests_or_a_reason() {
        let run = Tree::new().run(&["confirm", "--list-endpoints", "--json"]).expect(0);
        let rows: Vec<Value> = run.out().lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
        assert_eq!(rows.len(), keysift::rule::RuleSet::built_in().rules.len());
        for row in &rows {
            let is_asked = row["requests"].as_array().is_some_and(|requests| !requests.is_empty());
            assert_ne!(is_asked, row["because_not"].is_string(), "{row}");
        }
        let run = Tree::new().run(&["confirm", "--list-endpoints", "--provider", "mistral,azure-openai"]).expect(0);
        for part in [
            "  GET https://api.mistral.ai/v1/models\n",
            "Authorization: Bearer ********",
            "if the answer before is `invalid`",
            "https://name.openai.azure.com/",
        ] {
            assert!(run.out().contains(part), "{part}: {}", run.out());
        }
    }
}
