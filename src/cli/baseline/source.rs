//! What git has in place of files, for the commands about baselines.

use std::path::PathBuf;

use crate::cli::args::BaselineScanArgs;
use crate::cli::scan::Scope;
use crate::cli::{Failure, git};
use crate::finding::Report;
use crate::git::history::HistoryOptions;
use crate::git::{RangeSpec, Repo};
use crate::scan::{self, Engine, Job, Progress};

/// A repository, and what of it is scanned.
pub struct OfGit {
    repo: Repo,
    part: Part,
}

enum Part {
    Staged,
    Range(RangeSpec),
    History,
}

impl OfGit {
    /// What the options say, if they name something of git.
    pub fn chosen(args: &BaselineScanArgs, paths: &[PathBuf]) -> Result<Option<Self>, Failure> {
        let part = match &args.range {
            Some(range) => Part::Range(RangeSpec::parse(range).map_err(git::failure)?),
            None if args.staged => Part::Staged,
            None if args.history => Part::History,
            None => return Ok(None),
        };
        match paths {
            [place] => Ok(Some(Self { repo: git::open((!args.paths.is_empty()).then_some(place))?, part })),
            _ => Err(Failure::usage("--staged, --range and --history scan one repository; name one folder of it, or none")),
        }
    }

    /// The folder to which paths are relative.
    pub fn top(&self) -> PathBuf {
        git::top(&self.repo)
    }

    /// For which paths an entry that matches nothing is of no use. Of changes only some lines of their files are looked at.
    pub fn scope(&self) -> Scope {
        match self.part {
            Part::Staged | Part::Range(_) => Scope::nothing(),
            Part::History => Scope::everything(),
        }
    }

    /// Scans it.
    pub fn scan(&self, engine: &Engine, n_threads: usize) -> Result<Report, Failure> {
        let (progress, repo) = (Progress::default(), &self.repo);
        let job = Job { targets: Vec::new(), root: self.top(), n_threads, lists_skips: false, progress: &progress };
        match &self.part {
            Part::Staged => git::changes(engine, &job, repo, repo.staged(), scan::Scope::AddedLines),
            Part::Range(range) => git::changes(engine, &job, repo, repo.range(range), scan::Scope::AddedLines),
            Part::History => scan::history_apart(engine, &job, repo, &HistoryOptions::default()).map_err(git::failure),
        }
    }
}
