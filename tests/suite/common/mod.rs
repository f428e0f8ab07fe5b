//! What the integration tests share: the binary in a clean environment, trees of files, and keys that are drawn when the test runs.
//!
//! No key-like literal stands in the repository: [`key`] draws one from a rule's shape, from a seed, so that a failure can be repeated.

#[cfg(unix)]
pub mod action;
pub mod corpus;
#[cfg(feature = "confirm")]
pub mod provider;
pub mod repo;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub use keysift::base64::encode as base64;
use keysift::rule::RuleSet;
use keysift::rule::draw::{BASE32, Draws};
use serde_json::Value;
use tempfile::TempDir;

/// No run of a test takes this long: a test that waits longer has found a hang.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder of files that is gone when the test ends.
pub struct Tree {
    folder: TempDir,
}

impl Tree {
    /// An empty folder.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("there is a folder for temporary files") }
    }

    /// A folder with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let tree = Self::new();
        files.iter().for_each(|(path, text)| tree.write(path, text));
        tree
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("folders can be made");
        fs::write(&path, content).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }

    /// Makes a folder, and those above it.
    pub fn make_folder(&self, path: &str) {
        fs::create_dir_all(self.path().join(path)).expect("folders can be made");
    }

    /// The bytes of a file.
    pub fn read(&self, path: impl AsRef<Path>) -> Vec<u8> {
        let path = self.path().join(path);
        fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
    }

    /// Runs keysift in this folder.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Keysift::new(self.path()).args(arguments).run()
    }

    /// The JSON report of this folder, whatever the exit code.
    pub fn report(&self, arguments: &[&str]) -> Value {
        self.run(&[&["scan", "--format", "json"], arguments].concat()).json()
    }
}

/// A run of the binary that is being prepared. Of the test's own environment it keeps what programs need to start at all.
pub struct Keysift {
    command: Command,
    home: TempDir,
    input: Vec<u8>,
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// What was written to standard output.
    pub stdout: Vec<u8>,
    /// What was written to standard error.
    pub stderr: Vec<u8>,
}

impl Keysift {
    /// The binary, to be run in `folder`.
    pub fn new(folder: &Path) -> Self {
        let home = tempfile::tempdir().expect("there is a folder for temporary files");
        let mut command = Command::new(env!("CARGO_BIN_EXE_keysift"));
        command.current_dir(folder).env_clear().env("HOME", home.path());
        // The one format that says when the run was says this.
        command.env("SOURCE_DATE_EPOCH", "1700000000");
        for name in ["PATH", "SystemRoot"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        Self { command, home, input: Vec::new() }
    }

    /// Adds arguments.
    pub fn args(mut self, arguments: &[impl AsRef<std::ffi::OsStr>]) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// What is written to standard input; nothing if this is not called.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// Starts the binary with all its streams piped; the folder is its home.
    pub fn spawn(mut self) -> (Child, TempDir) {
        let child = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        (child, self.home)
    }

    /// Runs the binary to its end.
    pub fn run(mut self) -> Run {
        let described = format!("{:?}", self.command);
        let input = std::mem::take(&mut self.input);
        let (mut child, _home) = self.spawn();
        let (mut stdin, mut stdout, mut stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        std::thread::scope(|scope| {
            scope.spawn(move || {
                // A program that does not read its input closes the pipe.
                let _ = stdin.take().map(|mut stdin| stdin.write_all(&input));
            });
            let all = |stream: &mut dyn Read| {
                let mut bytes = Vec::new();
                stream.read_to_end(&mut bytes).expect("a pipe can be read");
                bytes
            };
            let out = scope.spawn(move || all(stdout.as_mut().expect("it is piped")));
            let err = scope.spawn(move || all(stderr.as_mut().expect("it is piped")));
            let start = Instant::now();
            let status = loop {
                if let Some(status) = child.try_wait().expect("the binary is our child") {
                    break status;
                }
                if start.elapsed() > PATIENCE {
                    child.kill().expect("the binary is our child");
                    panic!("still running after {PATIENCE:?}: {described}");
                }
                std::thread::sleep(Duration::from_millis(1));
            };
            let join = |thread: std::thread::ScopedJoinHandle<'_, Vec<u8>>| thread.join().expect("reading does not panic");
            let (stdout, stderr) = (join(out), join(err));
            let code = status.code().unwrap_or_else(|| panic!("killed by a signal: {described}: {}", String::from_utf8_lossy(&stderr)));
            Run { code, stdout, stderr }
        })
    }
}

impl Run {
    /// Standard output as text.
    pub fn out(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("standard output is UTF-8")
    }

    /// Standard error as text.
    pub fn err(&self) -> &str {
        std::str::from_utf8(&self.stderr).expect("standard error is UTF-8")
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {}\n{}", self.out(), self.err()))
    }

    /// Panics with both streams unless the exit code is `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", String::from_utf8_lossy(&self.stdout), String::from_utf8_lossy(&self.stderr));
        self
    }
}

/// A key with the shape of the built-in rule `rule`; keys of other rules have nothing in common with it.
pub fn key(rule: &str, seed: u64) -> String {
    let of_rule = rule.bytes().fold(seed, |hash, byte| hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte));
    let rule = RuleSet::built_in().get(rule).unwrap_or_else(|| panic!("there is a rule {rule}"));
    Draws::new(of_rule).key(rule)
}

/// The id of a key of Amazon that is a trap: in base32 behind the prefix it has the number of one of the accounts that give such keys away.
pub fn canary_id() -> String {
    let bits = u128::from(171_436_882_533_u64 << 7) << 32 | 0x55_9e37_79b9;
    let digit = |i: u32| char::from(BASE32[(bits >> (75 - 5 * i) & 31) as usize]);
    "AKIA".chars().chain((0..16).map(digit)).collect()
}

/// A key of Mistral, which only its surroundings tell from other random text.
pub fn mistral(seed: u64) -> String {
    key("mistral-api-key", seed)
}

/// A line that is a finding of the rule `mistral-api-key` with high confidence.
pub fn mistral_line(seed: u64) -> String {
    format!("MISTRAL_API_KEY={}\n", mistral(seed))
}

/// A line that is a finding of the rule `groq-api-key`, whose keys identify themselves.
pub fn groq_line(seed: u64) -> String {
    format!("GROQ_API_KEY={}\n", key("groq-api-key", seed))
}

/// The findings of a JSON report.
#[track_caller]
pub fn findings(report: &Value) -> &[Value] {
    report["findings"].as_array().expect("a report has findings")
}

/// The one finding of a JSON report.
#[track_caller]
pub fn only(report: &Value) -> &Value {
    let [one] = findings(report) else { panic!("one finding: {report}") };
    one
}

/// The one finding of a file, with its secret.
#[track_caller]
pub fn found(path: &str, content: &str) -> Value {
    let report = Tree::with(&[(path, content)]).report(&["--show-secrets"]);
    let [one] = findings(&report) else { panic!("one finding in {content}: {report}") };
    one.clone()
}

/// The rule of each finding of a JSON report.
pub fn rules_of(report: &Value) -> Vec<&str> {
    findings(report).iter().map(|one| text(&one["rule"])).collect()
}

/// Path, line and rule of each finding in `list`.
pub fn places(list: &[Value]) -> Vec<(&str, u64, &str)> {
    list.iter().map(|one| (text(&one["path"]), number(&one["line"]), text(&one["rule"]))).collect()
}

/// Paths of the findings of a JSON report, each once.
pub fn paths(report: &Value) -> Vec<&str> {
    let mut paths: Vec<&str> = findings(report).iter().map(|one| text(&one["path"])).collect();
    paths.dedup();
    paths
}

/// A string of a JSON document.
#[track_caller]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no string"))
}

/// A number of a JSON document.
#[track_caller]
pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Whether `bytes` hold `part`.
pub fn holds(bytes: &[u8], part: impl AsRef<[u8]>) -> bool {
    memchr::memmem::find(bytes, part.as_ref()).is_some()
}

/// All files below `folder`, sorted.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display())) {
            let path = entry.expect("a folder can be listed").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// The project's folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
