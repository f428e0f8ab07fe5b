//! `keysift scan`.

use std::io;
use std::path::{Path, PathBuf};

use super::args::ScanArgs;
use super::setup::{self, n_threads};
use super::{Failure, run};
use crate::blob::{Origin, path_text};
use crate::finding::{NamedPath, Reach, ReachKind, Report};
use crate::scan::{self, Engine, Job, Progress};
use crate::source::{self, TreeOptions};

/// Runs the command and gives the exit code.
pub fn run(args: &ScanArgs) -> Result<u8, Failure> {
    let reads_stdin = reads_stdin(&args.paths)?;
    let paths = if args.paths.is_empty() || reads_stdin { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let root = source::root_of(&paths).map_err(|error| Failure::usage(format!("cannot find out where {} lies: {error}", paths[0].display())))?;
    let (engine, config) = setup::engine((&args.run).into(), &paths, &root, args.run.min_confidence.into())?;
    let scope = if reads_stdin { Scope::stream() } else { Scope::of(&root, &paths) };
    let reach = if reads_stdin { Reach { kind: ReachKind::Stream, paths: Vec::new() } } else { reach(&root, &paths) };
    let progress = Progress::default();
    let job = Job {
        targets: if reads_stdin { vec!["-".to_owned()] } else { paths.iter().map(|path| path_text(path)).collect() },
        root: root.clone(),
        n_threads: n_threads(args.run.threads),
        lists_skips: args.run.show_skipped,
        progress: &progress,
    };
    run::run(
        &args.run,
        &engine,
        config,
        &progress,
        |path| scope.covers(path),
        || {
            let report = if reads_stdin {
                stream(&engine, &job)
            } else {
                let tree = TreeOptions { paths, root, honor_ignore_files: !args.no_ignore, follows_links: args.follows_links, n_threads: job.n_threads };
                scan::tree(&engine, &job, &tree).map_err(Failure::usage)
            };
            report.map(|report| Report { reach, ..report })
        },
    )
}

/// Scans standard input.
pub fn stream(engine: &Engine, job: &Job<'_>) -> Result<Report, Failure> {
    let scanned = scan::stream(engine, job, &Origin::new(STREAM), &mut io::stdin().lock());
    scanned.map_err(|error| Failure::incomplete(format!("cannot read standard input: {error}")))
}

/// Whether `paths` name standard input.
pub fn reads_stdin(paths: &[PathBuf]) -> Result<bool, Failure> {
    let reads_stdin = paths.iter().any(|path| path.as_os_str() == "-");
    if reads_stdin && paths.len() > 1 {
        return Err(Failure::usage("`-` stands for standard input and cannot be combined with other paths"));
    }
    Ok(reads_stdin)
}

/// The files and folders at `paths`, as the report and as the user calls them.
fn reach(root: &Path, paths: &[PathBuf]) -> Reach {
    let named = |path: &PathBuf| Some(NamedPath { path: source::origin_of(root, path).ok()?.path.to_string(), typed: path_text(path) });
    Reach { kind: ReachKind::Files, paths: paths.iter().filter_map(named).collect() }
}

/// The path under which standard input is reported.
pub const STREAM: &str = "stdin";

/// What was named to be scanned, by paths as the report writes them: what lies elsewhere was not looked at.
#[derive(Debug)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Standard input.
    fn stream() -> Self {
        Self(vec![STREAM.to_owned()])
    }

    /// Whatever has a path.
    pub fn everything() -> Self {
        Self(vec![".".to_owned()])
    }

    /// No path as a whole.
    pub fn nothing() -> Self {
        Self(Vec::new())
    }

    /// The files and folders at `paths`. A path that does not exist is left out: the scan says so.
    pub fn of(root: &Path, paths: &[PathBuf]) -> Self {
        Self(paths.iter().filter_map(|path| source::origin_of(root, path).ok()).map(|origin| origin.path.to_string()).collect())
    }

    /// Whether `path` is or lies in what was named.
    pub fn covers(&self, path: &str) -> bool {
        self.0.iter().any(|named| named == "." || path.strip_prefix(named.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}
