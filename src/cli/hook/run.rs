//! What the hooks call: scans what is about to be committed or pushed.
//!
//! A hook passes if everything was scanned and nothing was found, or if git itself has nothing to commit or push. Nothing else passes.

use std::ffi::OsString;

use super::args::{Event, HookRunArgs};
use super::framework::{self, Plan};
use super::{index, push};
use crate::cli::args::RunArgs;
use crate::cli::{Failure, git, output};
use crate::finding::Exit;
use crate::git::{Changes, GitError, RangeSpec, Repo};
use crate::scan::Scope;

/// Runs the hook and gives the exit code.
pub fn run(args: &HookRunArgs) -> Result<u8, Failure> {
    if args.stage.is_some() && args.event != Event::Framework {
        return Err(Failure::usage("--stage is for `keysift hook run framework`"));
    }
    match args.event {
        Event::PreCommit | Event::PreMergeCommit => staged(&args.run),
        Event::PrePush => pushed(&args.args, &args.run),
        Event::Framework => framework(args),
    }
}

/// Scans what is staged. Where nothing is, git commits nothing new either: a message was changed, or an empty commit is wanted.
fn staged(args: &RunArgs) -> Result<u8, Failure> {
    index::enter_its_folder()?;
    let repo = git::open()?;
    let listed = repo.staged().map_err(git::failure)?;
    if listed.is_nothing() {
        return Ok(pass(args, "nothing is staged, so there is nothing to scan"));
    }
    scan(&repo, "staged", Scope::AddedLines, args, listed)
}

/// Scans the commits that a remote gets.
fn pushed(of_git: &[OsString], args: &RunArgs) -> Result<u8, Failure> {
    let remote = remote(of_git)?;
    let updates = push::read()?;
    let repo = git::open()?;
    let mut reader = repo.reader();
    let is_known = |id: &_| reader.peel(id).is_ok();
    let mut listed = Changes::default();
    for group in push::groups(&updates, remote.as_deref(), is_known) {
        listed.join(repo.range_to_all(&group.range, &group.tips).map_err(git::failure)?);
    }
    if listed.is_nothing() {
        return Ok(pass(args, "the remote gets no new commit, so there is nothing to scan"));
    }
    scan(&repo, "pushed commits", Scope::AddedLines, args, listed)
}

/// The name of the remote; git gives its address twice if it has none.
fn remote(of_git: &[OsString]) -> Result<Option<String>, Failure> {
    match of_git {
        [] => Ok(None),
        [name] => Ok(name.to_str().map(str::to_owned)),
        [name, address] => Ok(name.to_str().filter(|_| name != address).map(str::to_owned)),
        _ => Err(Failure::usage("pre-push takes the name and the address of a remote, and nothing else")),
    }
}

/// Scans what the pre-commit framework or prek wants scanned.
fn framework(args: &HookRunArgs) -> Result<u8, Failure> {
    if !args.args.is_empty() {
        let help = "take `pass_filenames` out of its configuration: what is scanned is read from git, not from the work tree";
        return Err(Failure::usage("the hook takes no file names").with_help(Some(help.to_owned())));
    }
    index::enter_its_folder()?;
    let repo = git::open()?;
    let range = |range: &RangeSpec| repo.range(range).map_err(git::failure);
    let args_of_run = &args.run;
    match framework::plan(args.stage, |name| std::env::var(name).ok()) {
        Plan::Range(spec) => scan(&repo, &named(&spec), Scope::AddedLines, args_of_run, range(&spec)?),
        Plan::Push(spec) => match range(&spec)? {
            listed if listed.is_nothing() => Ok(pass(args_of_run, "the remote gets no new commit, so there is nothing to scan")),
            listed => scan(&repo, "pushed commits", Scope::AddedLines, args_of_run, listed),
        },
        Plan::FirstPush(spec) => match range(&spec)? {
            listed if listed.is_nothing() => tracked(&repo, args_of_run),
            listed => scan(&repo, "pushed commits", Scope::AddedLines, args_of_run, listed),
        },
        Plan::StagedOrTracked => match repo.staged().map_err(git::failure)? {
            listed if listed.is_nothing() => tracked(&repo, args_of_run),
            listed => scan(&repo, "staged", Scope::AddedLines, args_of_run, listed),
        },
        Plan::Tracked => tracked(&repo, args_of_run),
    }
}

fn named(spec: &RangeSpec) -> String {
    format!("{}..{}", spec.from.join(" "), spec.to)
}

/// Scans everything that is tracked.
fn tracked(repo: &Repo, args: &RunArgs) -> Result<u8, Failure> {
    let listed = repo.tracked().map_err(git::failure)?;
    scan(repo, "tracked", Scope::WholeBlobs, args, listed)
}

fn scan(repo: &Repo, target: &str, scope: Scope, args: &RunArgs, listed: Changes) -> Result<u8, Failure> {
    git::scan(repo, target.to_owned(), scope, args, || Ok::<_, GitError>(listed))
}

/// Says why the hook passes although nothing was scanned.
fn pass(args: &RunArgs, why: &str) -> u8 {
    if !args.quiet {
        output::note(&format!("keysift: {why}"));
    }
    Exit::Clean.code()
}
