//! `git fetch`, as a child process: for commits that a clone of limited depth does not have.
//!
//! This is the only place where keysift runs git on a repository, and only `keysift ci` does. What the repository itself configures must not be run by
//! that: hooks, monitors, helpers and commands are switched off or replaced, and no transport counts but git's own. Nothing is checked out, no tag and no
//! submodule is fetched.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::plan::Point;
use crate::blob::path_text;
use crate::report::mask::printable;

/// Settings that stand over those of the repository, each with what it keeps from being run.
const SAFE: &[(&str, &str)] = &[
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.sshCommand", "ssh"),
    ("core.gitProxy", "none"),
    ("core.askPass", ""),
    ("core.alternateRefsCommand", ":"),
    // An empty one forgets all helpers that were read before.
    ("credential.helper", ""),
    ("remote.origin.uploadpack", "git-upload-pack"),
    ("protocol.allow", "never"),
    ("protocol.file.allow", "always"),
    ("protocol.git.allow", "always"),
    ("protocol.http.allow", "always"),
    ("protocol.https.allow", "always"),
    ("protocol.ssh.allow", "always"),
    ("protocol.ext.allow", "never"),
    ("fetch.recurseSubmodules", "false"),
    ("submodule.recurse", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    // A server that says nothing for a minute is given up.
    ("http.lowSpeedLimit", "1"),
    ("http.lowSpeedTime", "60"),
];

/// How much of what git says is read.
const LONGEST_ANSWER: u64 = 64 << 10;

/// Commits by which a clone is deepened, one try after the other.
pub const STEPS: &[u32] = &[32, 128, 512, 2048, 8192, 32768];

/// Fetches from `origin` into one clone.
#[derive(Debug)]
pub struct Fetcher {
    top: PathBuf,
    is_allowed: bool,
}

impl Fetcher {
    /// For the clone at `top`; without `is_allowed` every fetch is an error that says so.
    pub fn new(top: &Path, is_allowed: bool) -> Self {
        Self { top: top.to_owned(), is_allowed }
    }

    /// Fetches `points`, and of their history what `depth` says.
    ///
    /// # Errors
    /// git failed, or may not run: a sentence.
    pub fn fetch(&self, points: &[&Point], depth: Depth) -> Result<(), String> {
        let refspecs = points.iter().filter_map(|point| point.refspec.as_deref());
        let depth = match depth {
            Depth::AsItIs => None,
            Depth::Only(n) => Some(format!("--depth={n}")),
            Depth::More(n) => Some(format!("--deepen={n}")),
            Depth::Whole => Some("--unshallow".to_owned()),
        };
        let mut command = self.git()?;
        command.args(["fetch", "--quiet", "--force", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--upload-pack=git-upload-pack"]);
        command.args(depth).args(["--end-of-options", "origin"]).args(refspecs);
        run(command).map(drop)
    }

    /// The default branch of `origin`.
    ///
    /// # Errors
    /// git failed, or may not run, or the remote has none: a sentence.
    pub fn default_branch(&self) -> Result<Point, String> {
        let mut command = self.git()?;
        command.args(["ls-remote", "--quiet", "--symref", "--upload-pack=git-upload-pack", "--end-of-options", "origin", "HEAD"]);
        let answer = run(command)?;
        let name = answer.lines().find_map(|line| line.strip_prefix("ref: refs/heads/")?.split('\t').next());
        name.and_then(Point::branch).ok_or_else(|| "origin tells no default branch".to_owned())
    }

    /// The id of what `origin` has under a whole name, such as `refs/tags/v1`: of an annotated tag its own.
    ///
    /// # Errors
    /// git failed, or may not run, or there is no such name: a sentence.
    pub fn id_of(&self, name: &str) -> Result<String, String> {
        let mut command = self.git()?;
        command.args(["ls-remote", "--quiet", "--upload-pack=git-upload-pack", "--end-of-options", "origin", name]);
        let answer = run(command)?;
        let id = answer.lines().find_map(|line| line.split_once('\t').filter(|(_, found)| *found == name).map(|(id, _)| id.to_owned()));
        id.ok_or_else(|| format!("origin has no {name}"))
    }

    /// git with nothing that the repository configures to be run.
    fn git(&self) -> Result<Command, String> {
        if !self.is_allowed {
            return Err("--no-fetch forbids to fetch it".to_owned());
        }
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.top).stdin(Stdio::null());
        for (name, value) in SAFE {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        // Containers run as another user than the one who owns the clone.
        command.arg("-c").arg(format!("safe.directory={}", path_text(&self.top)));
        for (name, value) in own_helpers() {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1").env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
        Ok(command)
    }
}

/// How much of the history is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What the clone's own depth gives.
    AsItIs,
    /// So many commits.
    Only(u32),
    /// So many commits more than there are.
    More(u32),
    /// All of it.
    Whole,
}

/// The credential helpers that the machine and its user configured, which were forgotten along with those of the repository.
fn own_helpers() -> Vec<(String, String)> {
    let mut helpers = Vec::new();
    for scope in ["--system", "--global"] {
        let mut command = Command::new("git");
        command.args(["config", scope, "--null", "--get-regexp", r"^credential\..*helper$"]).stdin(Stdio::null());
        let Ok(answer) = run(command) else { continue };
        helpers.extend(answer.split('\0').filter_map(|entry| entry.split_once('\n')).map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    helpers
}

/// What the command prints, or why it failed.
fn run(mut command: Command) -> Result<String, String> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let cannot = |error: std::io::Error| format!("git cannot be run: {error}");
    let mut child = command.spawn().map_err(cannot)?;
    let (out, error) = (child.stdout.take(), child.stderr.take());
    // A pipe that nobody reads would stop git.
    let (answer, complaint) = std::thread::scope(|scope| {
        let complaint = scope.spawn(|| error.map(beginning).unwrap_or_default());
        let answer = out.map(beginning).unwrap_or_default();
        (answer, complaint.join().unwrap_or_default())
    });
    match child.wait().map_err(cannot)? {
        status if status.success() => Ok(answer),
        _ => {
            let first = complaint.lines().find(|line| line.starts_with("fatal:") || line.starts_with("error:")).or(complaint.lines().last());
            Err(format!("git says: {}", printable(&without_credentials(first.unwrap_or("nothing")))))
        }
    }
}

/// The beginning of a stream that is read to its end.
fn beginning(mut stream: impl std::io::Read) -> String {
    let mut bytes = Vec::new();
    // What cannot be read was not said.
    let _ = stream.by_ref().take(LONGEST_ANSWER).read_to_end(&mut bytes);
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `text` without names and passwords in addresses.
fn without_credentials(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let end = after.find(['/', '\'', '"', ' ']).unwrap_or(after.len());
        rest = after[..end].rfind('@').map_or(after, |at| &after[at + 1..]);
    }
    out + rest
}

/// The command that a person can run to get what was not fetched; none if there is none that would.
pub fn command_for(points: &[&Point], is_shallow: bool) -> Option<String> {
    let refspecs: Vec<&str> = points.iter().filter_map(|point| point.refspec.as_deref()).collect();
    // git refuses `--unshallow` in a whole clone.
    let depth: &[&str] = if is_shallow { &["--unshallow"] } else { &[] };
    let words = [&["git", "fetch"], depth, &["origin"], refspecs.as_slice()].concat();
    (is_shallow || !refspecs.is_empty()).then(|| format!("`{}`", words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_credentials() {
        let said = "fatal: unable to access 'https://x-token:abc@example.org/o/r/': no";
        assert_eq!(without_credentials(said), "fatal: unable to access 'https://example.org/o/r/': no");
        assert_eq!(without_credentials("https://a@b/c@d and file:///x@y"), "https://b/c@d and file:///x@y");
    }

    #[test]
    fn without_permission_nothing_runs() {
        let fetcher = Fetcher::new(Path::new("/nowhere"), false);
        assert!(fetcher.fetch(&[&Point::head()], Depth::AsItIs).expect_err("forbidden").contains("--no-fetch"));
    }

    #[test]
    fn the_command_for_a_person_works_in_their_clone() {
        let (commit, head) = (Point::commit(&"a".repeat(40)).expect("an id"), Point::head());
        let of = |points: &[&Point], is_shallow| command_for(points, is_shallow);
        assert_eq!(of(&[&commit], true), Some(format!("`git fetch --unshallow origin {}`", commit.rev)));
        assert_eq!(of(&[&commit, &head], false), Some(format!("`git fetch origin {}`", commit.rev)));
        assert_eq!((of(&[&head], true), of(&[&head], false)), (Some("`git fetch --unshallow origin`".to_owned()), None));
    }
}
