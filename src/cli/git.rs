//! The commands that scan what git has: `keysift staged`, `range` and `history`.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::args::{HistoryArgs, RangeArgs, RunArgs};
use super::setup::{self, n_threads};
use super::{Failure, output, run};
use crate::blob::path_text;
use crate::finding::{NamedPath, Reach, ReachKind, Report};
use crate::git::history::HistoryOptions;
use crate::git::{Changes, GitError, RangeSpec, Repo};
use crate::scan::{self, Engine, Job, Progress, Scope, Thoroughness};

/// What of a repository is scanned.
#[derive(Clone, Debug)]
pub enum GitJob {
    /// The index against HEAD.
    Staged(Scope),
    /// All that the index holds.
    Tracked,
    /// What a range of commits brings.
    Range(RangeSpec, Scope),
    /// The whole history.
    History(HistoryOptions),
}

impl GitJob {
    /// What it looks at.
    fn kind(&self) -> ReachKind {
        match self {
            Self::Tracked => ReachKind::Index,
            Self::History(options) if options.is_all() => ReachKind::History,
            Self::Staged(_) | Self::Range(..) | Self::History(_) => ReachKind::Changes,
        }
    }

    /// The job as the report names it.
    fn target(&self) -> String {
        match self {
            Self::Staged(_) => "staged".to_owned(),
            Self::Tracked => "tracked".to_owned(),
            Self::Range(range, _) => format!("{}..{}", range.from.join(","), [std::slice::from_ref(&range.to), &range.also].concat().join(",")),
            Self::History(_) => "history".to_owned(),
        }
    }
}

/// Runs `keysift staged`.
pub fn staged(whole_files: bool, args: &RunArgs) -> Result<u8, Failure> {
    run(&GitJob::Staged(scope(whole_files)), None, args)
}

/// Runs `keysift range`.
pub fn range(args: &RangeArgs) -> Result<u8, Failure> {
    let since = args.since_commit.as_deref().or(args.merge_base.as_deref()).map(RangeSpec::since);
    let range = match (since, &args.range) {
        (Some(range), _) => range,
        (None, range) => RangeSpec::parse(range.as_deref().unwrap_or_default()).map_err(failure)?,
    };
    run(&GitJob::Range(range, scope(args.whole_files)), None, &args.run)
}

/// Runs `keysift history`.
pub fn history(args: &HistoryArgs) -> Result<u8, Failure> {
    let options = HistoryOptions {
        n_threads: n_threads(args.run.threads),
        branches: args.branch.clone(),
        includes_unreachable: args.unreachable,
        since: args.since.map(day_begins),
        until: args.until.map(day_ends),
        max_commits: args.max_commits,
    };
    run(&GitJob::History(options), args.repo.as_deref(), &args.run)
}

const DAY: i64 = 24 * 60 * 60;

/// The first second of a day in UTC, counted from 1970.
pub fn day_begins(day: Date) -> i64 {
    i64::from((day - Date::constant(1970, 1, 1)).get_days()) * DAY
}

/// The last second of a day in UTC.
pub fn day_ends(day: Date) -> i64 {
    day_begins(day) + DAY - 1
}

const fn scope(whole_files: bool) -> Scope {
    if whole_files { Scope::WholeBlobs } else { Scope::AddedLines }
}

/// Runs the job in the repository that holds `place`, if one is named, writes the report as `args` say, and gives the exit code.
pub fn run(git_job: &GitJob, place: Option<&Path>, args: &RunArgs) -> Result<u8, Failure> {
    let repo = open(place)?;
    with_engine(&repo, git_job.target(), git_job.kind(), args, |engine, job| match git_job {
        GitJob::Staged(scope) => changes(engine, job, &repo, repo.staged(), *scope),
        GitJob::Tracked => changes(engine, job, &repo, repo.tracked(), Scope::WholeBlobs),
        GitJob::Range(range, scope) => changes(engine, job, &repo, repo.range(range), *scope),
        GitJob::History(options) => scan::history(engine, job, &repo, options, Thoroughness::Novel).map_err(failure),
    })
}

/// Scans what was listed, if it could be.
pub fn changes(engine: &Engine, job: &Job<'_>, repo: &Repo, listed: Result<Changes, GitError>, scope: Scope) -> Result<Report, Failure> {
    Ok(scan::changes(engine, job, repo, listed.map_err(failure)?, scope))
}

/// The repository that holds `place`, whatever `GIT_DIR` says; where no place is named, the one that git would take here.
pub fn open(place: Option<&Path>) -> Result<Repo, Failure> {
    let repo = place.map_or_else(Repo::here, Repo::discover).map_err(failure)?;
    tell_passed(repo.passed(), repo.work_tree().unwrap_or_else(|| repo.git_dir()));
    Ok(repo)
}

/// Says what was passed by on the way to the repository that is `taken`.
pub fn tell_passed(passed: &[String], taken: &Path) {
    let taken = path_text(taken);
    passed.iter().for_each(|passed| output::note(&format!("warning: {passed}; as git does, keysift takes the repository around it, {taken}")));
}

/// Scans the added lines of what is listed of `repo` already, writes the report as `args` say, and gives the exit code. The report calls it `target`.
pub fn run_listed(repo: &Repo, target: &str, listed: Changes, args: &RunArgs) -> Result<u8, Failure> {
    with_engine(repo, target.to_owned(), ReachKind::Changes, args, |engine, job| Ok(scan::changes(engine, job, repo, listed, Scope::AddedLines)))
}

/// Runs `scan` with the engine that `args` ask for, writes the report as they say, and gives the exit code.
fn with_engine(
    repo: &Repo,
    target: String,
    kind: ReachKind,
    args: &RunArgs,
    scan: impl FnOnce(&Engine, &Job<'_>) -> Result<Report, Failure>,
) -> Result<u8, Failure> {
    let root = top(repo);
    let (engine, config) = setup::engine(args.into(), std::slice::from_ref(&root), &root, args.min_confidence.into())?;
    let progress = Progress::default();
    let job = Job { targets: vec![target], root, n_threads: n_threads(args.threads), lists_skips: args.show_skipped, progress: &progress };
    // Of a repository never all paths are scanned, so that no entry of a baseline is known to be unused.
    run::run(args, &engine, config, &progress, |_| false, || Ok(Report { reach: reach(repo, kind), ..scan(&engine, &job)? }))
}

/// The folder to which the report's paths are relative: the work tree's top, or the bare repository.
pub fn top(repo: &Repo) -> PathBuf {
    let folder = repo.work_tree().unwrap_or_else(|| repo.git_dir());
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// What a scan of `repo` looks at, whose top the user calls by the way that leads there from the current folder.
pub fn reach(repo: &Repo, kind: ReachKind) -> Reach {
    // Of a bare repository there are no files that could be opened.
    let Some(top) = repo.work_tree().and_then(|top| top.canonicalize().ok()) else { return Reach { kind, paths: Vec::new() } };
    let current = Path::new(".").canonicalize().unwrap_or_default();
    let typed = match (current.strip_prefix(&top), top.strip_prefix(&current)) {
        (Ok(below), _) if below.as_os_str().is_empty() => ".".to_owned(),
        (Ok(below), _) => vec![".."; below.components().count()].join("/"),
        (_, Ok(inside)) => path_text(inside),
        _ => path_text(&top),
    };
    Reach { kind, paths: vec![NamedPath { path: ".".to_owned(), typed }] }
}

/// What cannot be read is not clean; that there is no such repository or revision is wrong usage.
pub fn failure(error: GitError) -> Failure {
    match error {
        GitError::NoRepository { .. }
        | GitError::GitDir { .. }
        | GitError::Bare { .. }
        | GitError::Range { .. }
        | GitError::Revision { .. }
        | GitError::NoCommit { .. } => Failure::usage(error),
        _ => Failure::incomplete(error),
    }
}
