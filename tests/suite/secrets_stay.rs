//! A secret stays where it was found: it is in no byte that any command writes, in no file, and in no argument or variable of another process. The one
//! exception is the header of the request to the server of its own provider.
#![cfg(feature = "confirm")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::provider::{GOOD_PROXY, Say, Seen, Server};
use crate::common::repo::TestRepo;
use crate::common::{Run, files_below, groq_line, holds, key, mistral, mistral_line};

/// Characters of a secret in a row that give too much of it away. Masks show the last four.
const N_SHOWN: usize = 10;

/// The secrets of a test.
fn secrets() -> Vec<String> {
    vec![mistral(1), mistral(2), key("groq-api-key", 1), key("openai-api-key", 1)]
}

/// Panics if `bytes` hold a part of a secret behind its public prefix.
#[track_caller]
fn is_free(bytes: &[u8], what: &str) {
    for secret in secrets() {
        // The longest prefix is `sk-svcacct-`, and the marker in OpenAI's keys is public, too.
        let parts = secret.as_bytes()[11..].windows(N_SHOWN);
        if let Some(part) = parts.into_iter().find(|part| holds(bytes, part)) {
            panic!("{what} has `{}` of a secret", String::from_utf8_lossy(part));
        }
    }
}

/// A server that repeats everything it was sent, in headers and body, and accepts the keys of the test.
fn echo(seen: &Seen) -> Say {
    let authorization = seen.header("authorization").to_owned();
    let is_known = secrets().iter().any(|secret| authorization.contains(secret.as_str()));
    let body = format!(
        r#"{{"object":"list","data":[{{"id":"{authorization}","owned_by":"{authorization}"}}],"detail":"no such key: {authorization}","error":{{"message":"{authorization}"}}}}"#
    );
    Say::json(if is_known { 200 } else { 401 }, &body).with("X-RateLimit-Key", authorization.clone()).with("X-Request", authorization)
}

/// A repository with secrets: committed, staged, suppressed, in a path and twice on a line.
fn repository() -> TestRepo {
    let repo = TestRepo::new();
    repo.write("a.env", mistral_line(1));
    repo.write(format!("keys/{}.txt", mistral(2)).as_str(), format!("{}mistral_key = \"{}\"", groq_line(1), mistral(2)));
    repo.write("two.env", format!("MISTRAL_API_KEY={} # the old one was {}\n", mistral(1), mistral(2)));
    repo.write("ok.env", format!("MISTRAL_API_KEY={} # keysift:allow reason=\"known\"\n", mistral(2)));
    repo.commit("one");
    repo.write("b.env", format!("OPENAI_API_KEY={}\n", key("openai-api-key", 1)));
    repo.git(&["add", "-A"]);
    repo
}

/// A keysift that would say more than it should, if anything could make it: with every switch for logs and traces, and a folder for temporary files.
fn talkative(folder: &Path, temporary: &Path, proxy: &Server, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keysift"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", temporary)
        .env("TMPDIR", temporary)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full").env("RUST_LIB_BACKTRACE", "1").env("SSLKEYLOGFILE", temporary.join("tls"));
    command.env("HTTPS_PROXY", format!("http://{}", proxy.address)).env("SSL_CERT_FILE", proxy.ca_file());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end, and looks at other processes that it starts while it runs.
fn run(mut command: Command, input: &[u8]) -> Run {
    let mut child = command.spawn().expect("the binary starts");
    let (mut stdout, mut stderr) = (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
    let mut stdin = child.stdin.take().expect("it is piped");
    let id = child.id();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // Most commands do not read it.
            let _ = stdin.write_all(input);
        });
        let read = |stream: &mut dyn Read| {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).expect("a pipe can be read");
            bytes
        };
        let out = scope.spawn(move || read(&mut stdout));
        let err = scope.spawn(move || read(&mut stderr));
        let start = Instant::now();
        let status = loop {
            look_at_processes(id);
            if let Some(status) = child.try_wait().expect("it is our child") {
                break status;
            }
            assert!(start.elapsed() < Duration::from_secs(120), "still running");
            std::thread::sleep(Duration::from_millis(5));
        };
        let (stdout, stderr) = (out.join().expect("it does not panic"), err.join().expect("it does not panic"));
        Run { code: status.code().unwrap_or(-1), stdout, stderr }
    })
}

/// Arguments of the process, and arguments and environment of its children, where the system tells.
fn look_at_processes(id: u32) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let read = |id: u32, what: &str| fs::read(format!("/proc/{id}/{what}")).unwrap_or_default();
    is_free(&read(id, "cmdline"), "the command line");
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
        is_free(&read(child, "cmdline"), "a child's command line");
        is_free(&read(child, "environ"), "a child's environment");
    }
}

fn all_files(folder: &Path) -> BTreeSet<PathBuf> {
    files_below(folder).into_iter().collect()
}

#[test]
fn no_command_writes_a_secret_anywhere() {
    let proxy = Server::proxy(GOOD_PROXY, |seen, _| echo(seen));
    let (repo, temporary) = (repository(), tempfile::tempdir().expect("there is a folder for temporary files"));
    let folder = repo.path();
    let before = all_files(&folder);
    let confirm = ["--confirm", "--confirm-rate", "1000", "--confirm-timeout", "30"];
    let mut commands: Vec<Vec<&str>> = Vec::new();
    for format in ["text", "json", "jsonl", "sarif"] {
        commands.push(vec!["scan", "--format", format, "--show-suppressed", "--show-skipped"]);
        commands.push([&["scan", "--format", format, "--show-suppressed", "--color", "always"][..], &confirm].concat());
        commands.push([&["history", "--format", format][..], &confirm].concat());
    }
    commands.push(vec!["scan", "--confirm", "--format", "json", "--output", "report.json", "--confirm-rate", "1000"]);
    commands.push([&["scan", "--only", "live", "--fail-on", "live"][..], &confirm].concat());
    commands.push([&["scan", "--confirm-no-control"][..], &confirm].concat());
    commands.push([&["staged"][..], &confirm].concat());
    commands.push([&["hook", "run", "pre-commit"][..], &confirm].concat());
    for other in [
        &["confirm", "--dry-run"][..],
        &["confirm", "--list-endpoints"],
        &["explain", "two.env:1"],
        &["baseline", "create"],
        &["baseline", "show"],
        &["scan"],
        &["scan", "-", "--format", "json"],
        // Errors, in and around a scan.
        &["scan", "no-such-path"],
        &["scan", "--confirm", "--output", "no/such/folder/report.json"],
        &["scan", "--config", "a.env"],
        &["scan", "--baseline", "a.env"],
        &["rules", "check", "a.env"],
        &["confirm", "--dry-run", "--config", "two.env"],
    ] {
        commands.push(other.to_vec());
    }
    for arguments in &commands {
        let run = run(talkative(&folder, temporary.path(), &proxy, arguments), mistral_line(1).as_bytes());
        assert_ne!(run.code, -1, "{arguments:?}: killed");
        is_free(&run.stdout, &format!("standard output of {arguments:?}"));
        is_free(&run.stderr, &format!("standard error of {arguments:?}"));
    }
    let new: Vec<PathBuf> = all_files(&folder).difference(&before).chain(&all_files(temporary.path())).cloned().collect();
    assert!(new.iter().any(|path| path.ends_with("report.json")), "{new:?}");
    for path in new {
        is_free(&fs::read(&path).expect("it was listed"), &path.display().to_string());
    }
    only_the_right_server_got_it(&proxy);
}

#[test]
fn checking_a_key_writes_it_nowhere() {
    let proxy = Server::proxy(GOOD_PROXY, |seen, _| echo(seen));
    let temporary = tempfile::tempdir().expect("there is a folder for temporary files");
    let work = tempfile::tempdir().expect("there is a folder for temporary files");
    for (arguments, input) in [
        (&["check", "--provider", "mistral"][..], mistral(1)),
        (&["check", "--provider", "mistral", "--json"], format!(" export MISTRAL_API_KEY='{}' \n", mistral(1))),
        (&["check", "--json"], mistral(1)),
        (&["check"], key("groq-api-key", 1)),
        (&["check"], format!("{0}{0}", key("groq-api-key", 1))),
        (&["check", "--provider", "openai"], mistral(2)),
        (&["check", "--provider", "mistral"], format!("{} {}", mistral(1), mistral(2))),
        (&["check", "--provider", "mistral", "--config", "no-such-file"], mistral(1)),
    ] {
        let run = run(talkative(work.path(), temporary.path(), &proxy, arguments), input.as_bytes());
        is_free(&run.stdout, &format!("standard output of {arguments:?}"));
        is_free(&run.stderr, &format!("standard error of {arguments:?}"));
    }
    assert!(all_files(work.path()).is_empty() && all_files(temporary.path()).is_empty(), "it touches no disk");
    // Whoever mistypes has the key in the arguments already; it need not stand on the screen, too.
    let mut command = talkative(work.path(), temporary.path(), &proxy, &["check"]);
    command.arg(mistral(1));
    let output = command.output().expect("the binary starts");
    is_free(&output.stderr, "the refusal");
    assert_eq!(output.status.code(), Some(2));
}

/// Where secrets went: in the header of requests to their providers' hosts, and nowhere else in them.
fn only_the_right_server_got_it(proxy: &Server) {
    assert!(!proxy.seen().is_empty(), "somebody was asked");
    for seen in proxy.seen() {
        let owner = |secret: &String| match secret {
            secret if secret.starts_with("gsk_") => "api.groq.com",
            secret if secret.starts_with("sk-") => "api.openai.com",
            _ => "mistral.ai",
        };
        let rest: Vec<&(String, String)> = seen.headers.iter().filter(|(name, _)| name != "authorization").collect();
        is_free(format!("{} {} {rest:?} {}", seen.host, seen.path, String::from_utf8_lossy(&seen.body)).as_bytes(), "a request beside its header");
        for secret in secrets().iter().filter(|secret| seen.header("authorization").contains(secret.as_str())) {
            assert!(seen.host.ends_with(owner(secret)), "{} got another provider's key", seen.host);
        }
    }
    for tunnel in proxy.tunnels() {
        is_free(tunnel.as_bytes(), "a wish for a tunnel");
    }
}
