//! The hooks of `.pre-commit-hooks.yaml` in the real frameworks, pre-commit and prek: in each environment that they make, a key is blocked and a clean
//! state passes.
//!
//! `.ci/run` installs both below `target/frameworks`; where they are missing the tests say so and are skipped, unless `KEYSIFT_NEEDS_FRAMEWORKS=1`.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use crate::common::repo::TestRepo;
use crate::common::{self, mistral_line, project};

/// The hook that takes keysift from PATH.
const SYSTEM: &str = "keysift-system";

/// Whether a missing tool fails the tests, and whether the slow ones run.
fn is_needed() -> bool {
    env::var("KEYSIFT_NEEDS_FRAMEWORKS").is_ok_and(|value| value == "1")
}

/// Where a framework is; `None`, said aloud, if it is not installed.
fn framework(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(project().join("target/frameworks/bin")).chain(env::split_paths(&path));
    let found = folders.map(|folder| folder.join(name)).find(|program| program.is_file());
    if found.is_none() {
        assert!(!is_needed(), "{name} is not installed, and KEYSIFT_NEEDS_FRAMEWORKS=1 says that it must be; `.ci/run` installs it");
        eprintln!("!!! SKIPPED: {name} is not installed; `.ci/run` installs it !!!");
    }
    found
}

/// A repository whose hooks a framework runs.
struct Framed {
    repo: TestRepo,
    framework: PathBuf,
    /// Whether our binary is on PATH.
    has_keysift: bool,
}

impl Framed {
    /// A repository with one commit in which the hooks `ids` of a repository made of `served` files are configured and installed.
    fn new(name: &str, ids: &[&str], served: &[PathBuf]) -> Option<Self> {
        let framed = Self { framework: framework(name)?, repo: TestRepo::new(), has_keysift: ids == [SYSTEM] };
        let repo = &framed.repo;
        serve(repo, served);
        let hooks: String = ids.iter().map(|id| format!("  - id: {id}\n")).collect();
        let address = format!("file://{}", repo.tree.path().join("served").display());
        repo.write(".pre-commit-config.yaml", format!("repos:\n- repo: {address}\n  rev: v1.0.0\n  hooks:\n{hooks}"));
        repo.write("readme", "nothing to see\n");
        repo.commit("first");
        repo.tree.make_folder("remote.git");
        repo.git_in("remote.git", &["init", "-q", "--bare", "-b", "main"]);
        repo.git(&["remote", "add", "origin", "../remote.git"]);
        framed.passes(&framed.run(&["install", "-t", "pre-commit", "-t", "pre-merge-commit", "-t", "pre-push"]));
        Some(framed)
    }

    /// With the hook that needs no compiler.
    fn quick(name: &str) -> Option<Self> {
        Self::new(name, &[SYSTEM], &[PathBuf::from(".pre-commit-hooks.yaml")])
    }

    /// Runs the framework.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.framework);
        common::repo::isolate(&mut command, self.repo.tree.path());
        command.current_dir(self.repo.path()).args(arguments).envs(self.variables());
        command.output().expect("the framework starts")
    }

    /// Runs git, which runs the framework.
    fn git(&self, arguments: &[&str]) -> Output {
        let variables = self.variables();
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.repo.try_git("work", arguments, &variables, b"")
    }

    /// Our binary on PATH if it is wanted there, a cache of its own, and for cargo what it has downloaded already.
    fn variables(&self) -> Vec<(String, String)> {
        let owned = |name: &str, value: String| (name.to_owned(), value);
        let here = |name: &str| self.repo.tree.path().join(name).display().to_string();
        let of_binary = Path::new(env!("CARGO_BIN_EXE_keysift")).parent().filter(|_| self.has_keysift).unwrap_or(project()).display();
        let of_framework = self.framework.parent().expect("it lies in a folder").display();
        let path = format!("{of_binary}:{of_framework}:{}", env::var("PATH").expect("there is a PATH"));
        let mut variables = vec![owned("PATH", path), owned("PRE_COMMIT_HOME", here("cache")), owned("PREK_HOME", here("cache-of-prek"))];
        let home = env::var("HOME").unwrap_or_default();
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            variables.push(owned(name, env::var(name).unwrap_or_else(|_| format!("{home}/{folder}"))));
        }
        // The build only has to work; where it goes is kept from run to run.
        let target = project().join("target/frameworks-build").display().to_string();
        for (name, value) in [("CARGO_TARGET_DIR", target.as_str()), ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"), ("CARGO_PROFILE_RELEASE_LTO", "off")] {
            variables.push(owned(name, value.to_owned()));
        }
        variables.push(owned("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16".to_owned()));
        variables
    }

    /// Writes a file and stages it.
    fn stage(&self, content: &str) {
        self.repo.write("a.env", content);
        self.repo.git(&["add", "-A"]);
    }

    /// Commits a file past all hooks.
    fn commit(&self, path: &str, content: &str) {
        self.repo.write(path, content);
        self.repo.commit("more");
    }

    /// It went through, and keysift was run.
    #[track_caller]
    fn passes_scanned(&self, output: &Output) {
        let text = self.passes(output);
        assert!(text.contains("Passed") && !text.contains("Skipped"), "{text}");
    }

    #[track_caller]
    fn passes(&self, output: &Output) -> String {
        let text = text_of(output);
        assert!(output.status.success(), "{text}");
        text
    }

    /// It did not go through, because a key was found.
    #[track_caller]
    fn is_blocked(&self, output: &Output) {
        let text = text_of(output);
        assert!(!output.status.success(), "it passed: {text}");
        assert!(text.contains("mistral-api-key"), "{text}");
    }
}

fn text_of(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stderr.as_slice(), output.stdout.as_slice()].concat()).into_owned()
}

/// Makes a repository `served` of files of the project, with a tag.
fn serve(repo: &TestRepo, files: &[PathBuf]) {
    for file in files {
        repo.tree.write(Path::new("served").join(file), fs::read(project().join(file)).expect("it is a file of the project"));
    }
    repo.git_in("served", &["init", "-q", "-b", "main"]);
    repo.git_in("served", &["add", "-A", "--force"]);
    repo.git_in("served", &["commit", "-q", "-m", "all"]);
    repo.git_in("served", &["tag", "v1.0.0"]);
}

/// What is committed.
fn commits(framed: &Framed) {
    framed.stage(&mistral_line(1));
    framed.is_blocked(&framed.git(&["commit", "-m", "key"]));
    framed.stage("clean\n");
    framed.passes_scanned(&framed.git(&["commit", "-m", "clean"]));
    framed.repo.write("a.env", mistral_line(2));
    framed.is_blocked(&framed.git(&["commit", "-am", "key"]));
    framed.is_blocked(&framed.git(&["commit", "-m", "key", "a.env"]));
    framed.is_blocked(&framed.git(&["commit", "--amend", "-am", "key"]));
    framed.repo.git(&["checkout", "-q", "--", "."]);
    framed.passes(&framed.git(&["commit", "--amend", "-m", "another message"]));
    // A link alone is no file for the frameworks, and still content.
    std::os::unix::fs::symlink("elsewhere", framed.repo.path().join("link")).expect("links can be made");
    framed.repo.git(&["add", "-A"]);
    framed.passes_scanned(&framed.git(&["commit", "-m", "a link"]));
}

/// What is staged while the work tree differs, and the reverse.
fn partial_commits(framed: &Framed) {
    framed.stage(&mistral_line(3));
    framed.repo.write("a.env", "clean in the work tree\n");
    framed.is_blocked(&framed.git(&["commit", "-m", "key"]));
    framed.stage("clean\n");
    framed.repo.write("a.env", mistral_line(3));
    framed.passes_scanned(&framed.git(&["commit", "-m", "clean"]));
}

/// A merge whose conflict is resolved with a key.
fn merges(framed: &Framed) {
    framed.commit("file", "base\n");
    framed.repo.git(&["switch", "-q", "-c", "side"]);
    framed.commit("file", "theirs\n");
    framed.repo.git(&["switch", "-q", "main"]);
    framed.commit("file", "ours\n");
    assert!(!framed.git(&["merge", "side"]).status.success(), "there is a conflict");
    framed.repo.write("file", mistral_line(4));
    framed.repo.git(&["add", "-A"]);
    framed.is_blocked(&framed.git(&["commit", "-m", "merge"]));
    framed.repo.write("file", "both\n");
    framed.repo.git(&["add", "-A"]);
    framed.passes_scanned(&framed.git(&["commit", "-m", "merge"]));
}

/// By hand or in CI, where nothing is staged.
fn all_files(framed: &Framed) {
    framed.passes_scanned(&framed.run(&["run", "--all-files"]));
    framed.commit("old", &mistral_line(5));
    framed.commit("new", "clean\n");
    framed.is_blocked(&framed.run(&["run", "--all-files"]));
    framed.is_blocked(&framed.run(&["run", "--all-files", "--hook-stage", "pre-push"]));
    framed.is_blocked(&framed.run(&["run", "--all-files", "--hook-stage", "manual"]));
}

/// A range of commits, as CI jobs ask for it.
fn ranges(framed: &Framed) {
    framed.commit("old", &mistral_line(6));
    framed.commit("new", "clean\n");
    framed.passes_scanned(&framed.run(&["run", "--from-ref", "HEAD~1", "--to-ref", "HEAD"]));
    framed.is_blocked(&framed.run(&["run", "--from-ref", "HEAD~2", "--to-ref", "HEAD"]));
}

/// There is nothing tracked that could be scanned, and that is no reason to pass. The frameworks need a file to have their hooks run at all.
fn nothing_to_scan(framed: &Framed) {
    let repo = &framed.repo;
    let of_one_commit = |run: common::Keysift| run.env("PRE_COMMIT_FROM_REF", "HEAD").env("PRE_COMMIT_TO_REF", "HEAD").run();
    of_one_commit(common::Keysift::new(&repo.path()).args(&["hook", "run", "framework"])).expect(3);
    of_one_commit(common::Keysift::new(&repo.path()).args(&["hook", "run", "framework", "--stage", "pre-push"])).expect(0);
    common::Keysift::new(&repo.path()).args(&["hook", "run", "framework", "readme"]).run().expect(2);
    repo.git(&["rm", "-q", "-r", "--cached", "."]);
    repo.git(&["commit", "-q", "--no-verify", "-m", "empty"]);
    let run = common::Keysift::new(&repo.path()).args(&["hook", "run", "framework"]).env("PRE_COMMIT", "1").run().expect(3);
    assert!(run.err().contains("nothing was scanned"), "{}", run.err());
}

/// Pushes, from the first one to an empty remote on.
fn pushes(framed: &Framed) {
    framed.commit("old", &mistral_line(7));
    framed.commit("old", "clean\n");
    framed.is_blocked(&framed.git(&["push", "origin", "main"]));
    // What is staged has nothing to do with what is pushed.
    framed.stage("staged\n");
    framed.is_blocked(&framed.git(&["push", "origin", "main"]));
    framed.repo.git(&["reset", "-q", "--hard", "HEAD~2"]);
    framed.passes_scanned(&framed.git(&["push", "origin", "main"]));
    framed.commit("new", "clean\n");
    framed.passes_scanned(&framed.git(&["push", "origin", "main"]));
    framed.commit("new", &mistral_line(8));
    framed.is_blocked(&framed.git(&["push", "origin", "main"]));
    framed.repo.git(&["switch", "-q", "-c", "feature"]);
    framed.is_blocked(&framed.git(&["push", "origin", "feature"]));
    framed.is_blocked(&framed.git(&["push", "origin", "HEAD:main", "--force"]));
    framed.passes(&framed.git(&["push", "origin", "main~1:refs/heads/other"]));
    framed.passes(&framed.git(&["push", "origin", "--delete", "other"]));
}

/// Repositories of several projects are known to prek alone. It starts the hooks of each in its folder, and leaves the name of the index as it is.
#[test]
fn projects_below_the_top() {
    let Some(framed) = Framed::quick("prek") else { return };
    let configuration = framed.repo.tree.read("work/.pre-commit-config.yaml");
    framed.repo.write("project/.pre-commit-config.yaml", configuration);
    framed.repo.write(".pre-commit-config.yaml", "repos: []\n");
    framed.repo.commit("two projects");
    framed.repo.write("project/a", mistral_line(11));
    framed.repo.git(&["add", "-A"]);
    framed.is_blocked(&framed.git(&["commit", "-m", "key"]));
    framed.repo.write("project/a", "clean\n");
    framed.repo.git(&["add", "-A"]);
    framed.passes_scanned(&framed.git(&["commit", "-m", "clean"]));
}

/// Runs `check` in a new repository for each framework.
macro_rules! with_both {
    ($($check:ident),+ $(,)?) => {
        mod pre_commit {
            $(#[test]
            fn $check() {
                let _ = super::Framed::quick("pre-commit").map(|framed| super::$check(&framed));
            })+
        }
        mod prek {
            $(#[test]
            fn $check() {
                let _ = super::Framed::quick("prek").map(|framed| super::$check(&framed));
            })+
        }
    };
}

with_both!(commits, partial_commits, merges, all_files, ranges, nothing_to_scan, pushes);

/// The hooks that cargo builds, as most users have them. Both share one environment, so that it is built once.
#[test]
fn hooks_that_cargo_builds() {
    if !is_needed() {
        eprintln!("!!! SKIPPED: building keysift as a hook takes minutes; KEYSIFT_NEEDS_FRAMEWORKS=1 runs this test !!!");
        return;
    }
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(project()).output().expect("git is installed");
    assert!(listed.status.success(), "{}", text_of(&listed));
    let names = String::from_utf8(listed.stdout).expect("our names are ASCII");
    let is_wanted = |name: &&str| ["Cargo.", "build.rs", "src/", "rules/", "benches/", "examples/", ".pre-commit"].iter().any(|part| name.starts_with(part));
    let files: Vec<PathBuf> = names.split('\0').filter(is_wanted).map(PathBuf::from).filter(|file| project().join(file).is_file()).collect();
    let Some(framed) = Framed::new("pre-commit", &["keysift", "keysift-push"], &files) else { return };
    framed.stage(&mistral_line(9));
    framed.is_blocked(&framed.git(&["commit", "-m", "key"]));
    framed.stage("clean\n");
    framed.passes_scanned(&framed.git(&["commit", "-m", "clean"]));
    framed.passes(&framed.git(&["push", "origin", "main"]));
    // The tree is as it was, and the key would be pushed nevertheless: only the hook for pushes is asked then.
    framed.commit("a.env", &mistral_line(10));
    framed.commit("a.env", "clean\n");
    framed.is_blocked(&framed.git(&["push", "origin", "main"]));
}
