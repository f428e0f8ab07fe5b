//! Repositories that the `git` command makes, with fixed names and dates and without anybody's configuration.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::Tree;

/// A repository in a folder that is gone when the test ends. Its work tree is `work` in that folder; other things can stand beside it.
pub struct TestRepo {
    /// The folder around the work tree.
    pub tree: Tree,
}

/// What one path of a change became, as git tells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GitChange {
    /// The path.
    pub path: Vec<u8>,
    /// Status letter: `A`, `M`, `D`, `R`, `T`, `U`.
    pub status: char,
    /// Modes before and after, in octal.
    pub modes: (String, String),
    /// Ids before and after; of zeros where there is none.
    pub ids: (String, String),
}

impl GitChange {
    /// Whether it brings content: not a deletion, a submodule, a conflict, or a mode alone.
    pub fn brings_a_blob(&self) -> bool {
        let is_content = !matches!(self.status, 'D' | 'U') && self.modes.1 != "160000";
        is_content && (self.ids.0 != self.ids.1 || self.status != 'M')
    }

    /// The blob before, if it is one that lines are compared with.
    pub fn base(&self) -> Option<String> {
        matches!(self.status, 'M' | 'R').then(|| self.ids.0.clone())
    }
}

impl TestRepo {
    /// An empty repository with the branch `main`.
    pub fn new() -> Self {
        Self::with_options(&[])
    }

    /// An empty repository made with these options of `git init`.
    pub fn with_options(options: &[&str]) -> Self {
        let repo = Self { tree: Tree::new() };
        repo.tree.make_folder("work");
        repo.git(&[&["init", "-q", "-b", "main"], options].concat());
        repo
    }

    /// The work tree.
    pub fn path(&self) -> PathBuf {
        self.tree.path().join("work")
    }

    /// Writes a file of the work tree.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        self.tree.write(Path::new("work").join(path), content);
    }

    /// Runs git in the work tree and gives what it printed, without the last line feed.
    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_in("work", arguments)
    }

    /// Runs git in a folder beside the work tree, or in one of its folders.
    pub fn git_in(&self, folder: &str, arguments: &[&str]) -> String {
        let output = self.try_git(folder, arguments, &[], b"");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {error}{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    /// Runs git with more variables and an input.
    pub fn try_git(&self, folder: &str, arguments: &[&str], variables: &[(&str, &str)], input: &[u8]) -> Output {
        use std::io::Write;
        let mut command = Command::new("git");
        isolate(&mut command, self.tree.path());
        command.current_dir(self.tree.path().join(folder)).args(arguments).envs(variables.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("git is installed");
        child.stdin.take().expect("it is piped").write_all(input).expect("git reads its input");
        child.wait_with_output().expect("git ends")
    }

    /// Stages everything and commits it; gives the commit's id.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "--no-verify", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Stores a blob and gives its id.
    pub fn blob(&self, content: &[u8]) -> String {
        let output = self.try_git("work", &["hash-object", "-w", "--stdin"], &[], content);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What a command that prints `--raw -z` changes prints, one list for each commit or parent that it names with lines of their own.
    pub fn raw(&self, arguments: &[&str]) -> Vec<GitChange> {
        let output = self.try_git("work", arguments, &[], b"");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        parse_raw(&output.stdout)
    }

    /// The changes of what is staged.
    pub fn staged(&self) -> Vec<GitChange> {
        self.raw(&["diff", "--cached", "--raw", "-z", "--no-abbrev", "-M", "--ignore-submodules=none"])
    }

    /// The lines that git shows as added from one blob to another, `None` if it takes them for binary.
    pub fn added_lines(&self, old: &str, new: &str) -> Option<BTreeSet<u64>> {
        let diff = self.try_git("work", &["diff", "-U0", "--no-ext-diff", "--no-textconv", "--no-color", old, new], &[], b"");
        let text = String::from_utf8_lossy(&diff.stdout).into_owned();
        if text.lines().any(|line| line.starts_with("Binary files ")) {
            return None;
        }
        let mut lines = BTreeSet::new();
        for header in text.lines().filter(|line| line.starts_with("@@ -")) {
            let range = header.split(" +").nth(1).and_then(|rest| rest.split(' ').next()).expect("a hunk has a new range");
            let (start, n) = range.split_once(',').unwrap_or((range, "1"));
            let (start, n): (u64, u64) = (start.parse().expect("a number"), n.parse().expect("a number"));
            lines.extend(start..start + n);
        }
        Some(lines)
    }
}

/// Lets git see nothing of whoever runs the tests.
pub fn isolate(command: &mut Command, home: &Path) {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT")) {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("HOME", home).env("LC_ALL", "C").env("TZ", "UTC");
    for (role, seconds) in [("AUTHOR", "1700000000 +0200"), ("COMMITTER", "1700000100 +0000")] {
        let variable = |what: &str| format!("GIT_{role}_{what}");
        command.env(variable("NAME"), "Ada").env(variable("EMAIL"), "ada@example.org").env(variable("DATE"), seconds);
    }
}

/// Parses what `--raw -z --no-abbrev` prints.
pub fn parse_raw(output: &[u8]) -> Vec<GitChange> {
    let mut fields = output.split(|&byte| byte == 0).filter(|field| !field.is_empty());
    let mut changes = Vec::new();
    while let Some(head) = fields.next() {
        let head = String::from_utf8_lossy(head).into_owned();
        // `diff-tree` prints the commit's id before its changes.
        let Some(head) = head.strip_prefix(':') else { continue };
        let parts: Vec<&str> = head.split(' ').collect();
        let status = parts[4].chars().next().expect("a status");
        let mut path = fields.next().expect("a path");
        if matches!(status, 'R' | 'C') {
            path = fields.next().expect("a second path");
        }
        let (modes, ids) = ((parts[0].to_owned(), parts[1].to_owned()), (parts[2].to_owned(), parts[3].to_owned()));
        changes.push(GitChange { path: path.to_vec(), status, modes, ids });
    }
    changes
}
