//! What the hooks call: scans what is about to be committed or pushed.
//!
//! A hook passes if everything was scanned and nothing was found, or if git itself has nothing to commit or push. Nothing else passes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::OsString;

use super::args::{Event, HookRunArgs};
use super::framework::{self, Plan};
use super::{index, push};
use crate::cli::args::RunArgs;
use crate::cli::{Failure, git, output};
use crate::finding::Exit;
use crate::git::{Changes, ObjectId, RangeSpec, Remote, Repo};

/// What reports call the commits of a push.
const PUSHED: &str = "pushed commits";

/// Why a push passes that was not scanned.
const NO_NEW_COMMIT: &str = "the remote gets no new commit, so there is nothing to scan";

/// Runs the hook and gives the exit code.
pub fn run(args: &HookRunArgs) -> Result<u8, Failure> {
    if args.stage.is_some() && args.event != Event::Framework {
        return Err(Failure::usage("--stage is for `keysift hook run framework`"));
    }
    let (code, scanned) = match args.event {
        Event::PreCommit | Event::PreMergeCommit => (staged(&args.run)?, Scanned::Staged),
        Event::PrePush => (pushed(&args.args, &args.run)?, Scanned::Pushed),
        Event::Framework => framework(args)?,
    };
    if code == args.run.exit_code && code != Exit::Clean.code() && !args.run.quiet {
        let mut said = String::new();
        scanned.advice().lines().for_each(|sentence| output::put(&mut said, "", sentence));
        output::note(said.trim_end());
    }
    Ok(code)
}

/// What a hook has scanned.
#[derive(Clone, Copy)]
enum Scanned {
    /// What is about to be committed.
    Staged,
    /// What is about to be pushed.
    Pushed,
    /// Commits that somebody asked about.
    Commits,
    /// All files of the index, by hand.
    Tracked,
}

impl Scanned {
    /// What to do where something was found.
    const fn advice(self) -> &'static str {
        match self {
            Self::Staged => COMMIT_STOPPED,
            Self::Pushed => PUSH_STOPPED,
            Self::Commits => FOUND_IN_COMMITS,
            Self::Tracked => FOUND_IN_FILES,
        }
    }
}

/// git says nothing itself when a hook stops a commit.
const COMMIT_STOPPED: &str = "\
keysift stopped this commit: nothing was committed.
Take what was found out of the files and stage them again.
What is no secret: a comment `keysift:allow=RULE` on its line accepts it, or a baseline.
If .keysift.toml names one, `keysift baseline update --staged` adds to it.
Else `keysift baseline create --staged` makes it; `baseline = \".keysift-baseline\"` at the top of .keysift.toml puts it in force.";

/// Taking a key out in a further commit does not help: the push brings the earlier one along.
const PUSH_STOPPED: &str = "\
keysift stopped this push: the remote got nothing.
Revoke what was found, or take it out of each commit that is named, for instance with `git rebase -i`.
What is no secret: a comment `keysift:allow=RULE` on its line accepts it, or a baseline.";

/// Nothing was stopped here.
const FOUND_IN_COMMITS: &str = "\
keysift found this in commits that are there already: a further commit does not take it out of them.
Revoke what was found, or take it out of each commit that is named, for instance with `git rebase -i`.
What is no secret: a comment `keysift:allow=RULE` on its line accepts it, or a baseline.";

/// Nothing was stopped here either, and nobody knows what was committed long ago.
const FOUND_IN_FILES: &str = "\
keysift found this in files that git tracks.
Take it out of them; what was committed with it is in the history, so revoke it, too: `keysift history` shows which commits have it.
What is no secret: a comment `keysift:allow=RULE` on its line accepts it, or a baseline.";

/// Scans what is staged. Where nothing is, git commits nothing new either: a message was changed, or an empty commit is wanted.
fn staged(args: &RunArgs) -> Result<u8, Failure> {
    index::enter_its_folder()?;
    let repo = git::open(None)?;
    let listed = repo.staged().map_err(git::failure)?;
    if listed.is_nothing() {
        return Ok(pass(args, "nothing is staged, so there is nothing to scan"));
    }
    git::run_listed(&repo, "staged", listed, args)
}

/// Scans the commits that a remote gets, the messages of tags, and what is tagged and no commit.
fn pushed(of_git: &[OsString], args: &RunArgs) -> Result<u8, Failure> {
    let remote = remote(of_git)?;
    let mut updates = push::read()?;
    let repo = git::open(None)?.of_originals();
    if updates.is_empty() {
        if of_git.is_empty() {
            return Err(push::not_called_by_git("neither a remote nor what is pushed"));
        }
        // That is what git says where the remote has everything.
        return Ok(pass(args, NO_NEW_COMMIT));
    }
    let mut listed = Changes::default();
    let mut of_commits = BTreeMap::new();
    for update in updates.iter().filter(|update| !update.local.is_null()) {
        // The same tag may be pushed under several names.
        if let Entry::Vacant(place) = of_commits.entry(update.local) {
            place.insert(repo.add_named(&update.name, &update.local, &mut listed).map_err(Failure::incomplete)?);
        }
    }
    updates.iter().filter(|update| !update.local.is_null()).for_each(|update| listed.add_name(&update.name));
    updates.retain(|update| of_commits.get(&update.local) != Some(&false));
    let mut reader = repo.reader();
    let is_known = |id: &_| reader.peel(id).is_ok();
    for group in push::groups(&updates, remote.as_ref(), is_known) {
        listed.join(repo.range_to_all(&group.range, &group.tips).map_err(Failure::incomplete)?);
    }
    if listed.is_nothing() {
        return Ok(pass(args, NO_NEW_COMMIT));
    }
    git::run_listed(&repo, PUSHED, listed, args)
}

/// The remote; git gives its address twice if it has no name.
fn remote(of_git: &[OsString]) -> Result<Option<Remote>, Failure> {
    let text = |argument: &OsString| argument.to_str().map(str::to_owned);
    match of_git {
        [] => Ok(None),
        [name] => Ok(text(name).map(|name| Remote { name, address: None })),
        [name, address] if name == address => Ok(None),
        [name, address] => Ok(text(name).zip(text(address)).map(|(name, address)| Remote { name, address: Some(address) })),
        _ => Err(Failure::usage("pre-push takes the name and the address of a remote, and nothing else")),
    }
}

/// Scans what the pre-commit framework or prek wants scanned.
fn framework(args: &HookRunArgs) -> Result<(u8, Scanned), Failure> {
    if !args.args.is_empty() {
        let help = "take `pass_filenames` out of its configuration: what is scanned is read from git, not from the work tree";
        return Err(Failure::usage("the hook takes no file names").with_help(Some(help.to_owned())));
    }
    index::enter_its_folder()?;
    let (repo, run) = (git::open(None)?, &args.run);
    let is_going_on = std::env::var_os("PRE_COMMIT_REMOTE_NAME").is_some();
    Ok(match framework::plan(args.stage, |name| std::env::var(name).ok()) {
        Plan::Range(spec) => {
            let listed = repo.range(&spec).map_err(git::failure)?;
            (git::run_listed(&repo, &format!("{}..{}", spec.from.join(" "), spec.to), listed, run)?, Scanned::Commits)
        }
        Plan::Push(spec) => {
            let scanned = if is_going_on { Scanned::Pushed } else { Scanned::Commits };
            (pushed_range(repo, &spec, run, || Ok(pass(run, NO_NEW_COMMIT)))?, scanned)
        }
        Plan::FirstPush(spec) => (pushed_range(repo, &spec, run, || tracked(run))?, Scanned::Pushed),
        Plan::StagedOrTracked => match repo.staged().map_err(git::failure)? {
            listed if listed.is_nothing() => (tracked(run)?, Scanned::Tracked),
            listed => (git::run_listed(&repo, "staged", listed, run)?, Scanned::Staged),
        },
        Plan::Tracked => (tracked(run)?, Scanned::Tracked),
    })
}

/// Scans the commits of a push; if there are none, `otherwise` says what happens.
fn pushed_range(repo: Repo, spec: &RangeSpec, args: &RunArgs, otherwise: impl FnOnce() -> Result<u8, Failure>) -> Result<u8, Failure> {
    let repo = repo.of_originals();
    let mut listed = Changes::default();
    let is_of_commits = match ObjectId::from_hex(spec.to.as_bytes()) {
        Ok(id) => repo.add_named(&spec.to, &id, &mut listed).map_err(Failure::incomplete)?,
        Err(_) => true,
    };
    if is_of_commits {
        listed.join(repo.range(spec).map_err(Failure::incomplete)?);
    }
    if listed.is_nothing() { otherwise() } else { git::run_listed(&repo, PUSHED, listed, args) }
}

/// Scans everything that is tracked.
fn tracked(args: &RunArgs) -> Result<u8, Failure> {
    git::run(&git::GitJob::Tracked, None, args)
}

/// Says why the hook passes although nothing was scanned.
fn pass(args: &RunArgs, why: &str) -> u8 {
    if !args.quiet {
        output::note(&format!("keysift: {why}"));
    }
    Exit::Clean.code()
}
