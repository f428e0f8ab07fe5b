//! The commands that scan what git has: `keysift staged` and its kin.

use std::path::{Path, PathBuf};

use super::args::RunArgs;
use super::setup::{self, n_threads};
use super::{Failure, run};
use crate::git::{Changes, GitError, Repo};
use crate::scan::{self, Job, Progress, Scope};

/// What of a repository is scanned.
#[derive(Clone, Debug)]
pub enum GitJob {
    /// The index against HEAD.
    Staged {
        /// Whether unchanged lines of changed files count, too.
        whole_files: bool,
    },
    /// All that the index holds.
    Tracked,
}

impl GitJob {
    /// The job as the report names it.
    fn target(&self) -> String {
        match self {
            Self::Staged { .. } => "staged".to_owned(),
            Self::Tracked => "tracked".to_owned(),
        }
    }
}

/// Runs the job in the repository of the current folder, writes the report as `args` say, and gives the exit code.
pub fn run(git_job: &GitJob, args: &RunArgs) -> Result<u8, Failure> {
    let repo = open()?;
    let scope = match git_job {
        GitJob::Staged { whole_files: false } => Scope::AddedLines,
        GitJob::Staged { whole_files: true } | GitJob::Tracked => Scope::WholeBlobs,
    };
    scan(&repo, git_job.target(), scope, args, || match git_job {
        GitJob::Staged { .. } => repo.staged(),
        GitJob::Tracked => repo.tracked(),
    })
}

/// The repository of the current folder.
pub fn open() -> Result<Repo, Failure> {
    Repo::discover(Path::new(".")).map_err(failure)
}

/// Scans what `list` lists of `repo`, writes the report as `args` say, and gives the exit code. The report calls it `target`.
pub fn scan(repo: &Repo, target: String, scope: Scope, args: &RunArgs, list: impl FnOnce() -> Result<Changes, GitError>) -> Result<u8, Failure> {
    let root = top(repo);
    let (engine, config) = setup::engine(args.into(), std::slice::from_ref(&root), &root, args.min_confidence.into())?;
    let progress = Progress::default();
    let job = Job { targets: vec![target], root, n_threads: n_threads(args.threads), lists_skips: args.show_skipped, progress: &progress };
    let scan = || Ok(scan::changes(&engine, &job, repo, list().map_err(failure)?, scope));
    run::run(args, &engine, config, &progress, |_| false, scan)
}

/// The folder to which the report's paths are relative: the work tree's top, or the bare repository.
fn top(repo: &Repo) -> PathBuf {
    let folder = repo.work_tree().unwrap_or_else(|| repo.git_dir());
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// What cannot be read is not clean; that there is no repository is wrong usage.
pub fn failure(error: GitError) -> Failure {
    match error {
        GitError::NoRepository { .. } | GitError::Bare { .. } => Failure::usage(error),
        _ => Failure::incomplete(error),
    }
}
