//! Running a scan of a repository's changes: the blobs that they bring, and of their findings those on added lines.
//!
//! Every blob is scanned whole, so that a new line is judged by all that stands around it. Which lines are new is asked only for blobs with findings.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Engine;
use super::run::{Haul, Job};
use crate::blob::{Skip, SkipReason};
use crate::decode::Buffers;
use crate::finding::Report;
use crate::git::{self, Change, Changes, GitError, Reader, Repo};

/// What of a changed blob counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Only findings that touch an added or changed line.
    AddedLines,
    /// All of its findings.
    WholeBlobs,
}

/// Blobs for each further thread: starting one costs more than scanning a handful of files.
const CHANGES_PER_THREAD: usize = 16;

/// Scans what `listed` lists of `repo`. The report is incomplete if the list is, or if it is empty.
pub fn changes(engine: &Engine, job: &Job<'_>, repo: &Repo, listed: Changes, scope: Scope) -> Report {
    let next = AtomicUsize::new(0);
    let n_threads = job.n_threads.min(listed.changes.len() / CHANGES_PER_THREAD + 1);
    let work = || {
        let mut worker = Worker::new(engine, job, repo, scope);
        while let Some(change) = listed.changes.get(next.fetch_add(1, Ordering::Relaxed)) {
            worker.take(change);
        }
        worker.haul
    };
    let mut haul = if n_threads == 1 {
        work()
    } else {
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
            workers.into_iter().map(|worker| worker.join().expect("a worker that panics ends the scan")).reduce(joined).unwrap_or_default()
        })
    };
    let Changes { skips, n_commits, n_entries, n_submodules, incomplete, .. } = listed;
    skips.into_iter().for_each(|skip| haul.skip(skip, job.lists_skips));
    (haul.coverage.n_commits, haul.coverage.n_submodules) = (n_commits, n_submodules);
    let mut report = haul.report(engine, job, false);
    report.incomplete.extend(incomplete);
    if n_entries == 0 && n_commits == 0 && report.incomplete.is_empty() {
        report.incomplete.push("nothing was scanned: there is no change".to_owned());
    }
    report
}

fn joined(mut a: Haul, b: Haul) -> Haul {
    a.join(b);
    a
}

/// One thread's part.
struct Worker<'a> {
    engine: &'a Engine,
    job: &'a Job<'a>,
    scope: Scope,
    reader: Reader,
    batching: Mutex<()>,
    buffers: Buffers,
    bytes: Vec<u8>,
    haul: Haul,
}

impl<'a> Worker<'a> {
    fn new(engine: &'a Engine, job: &'a Job<'a>, repo: &Repo, scope: Scope) -> Self {
        let (batching, buffers) = (Mutex::new(()), Buffers::default());
        Self { engine, job, scope, reader: repo.reader(), batching, buffers, bytes: Vec::new(), haul: Haul::default() }
    }

    fn take(&mut self, change: &Change) {
        if let Err(error) = self.scan(change) {
            let skip = Skip { origin: change.origin.clone(), reason: SkipReason::Unreadable, detail: Some(error.to_string()) };
            self.haul.skip(skip, self.job.lists_skips);
        }
    }

    fn scan(&mut self, change: &Change) -> Result<(), GitError> {
        if self.scope == Scope::AddedLines && change.adds_nothing() {
            return Ok(());
        }
        self.reader.blob(&change.id, &mut self.bytes)?;
        self.haul.coverage.n_lfs += u64::from(git::is_lfs_pointer(&self.bytes));
        let n_known = self.haul.findings.len();
        let mut input = self.bytes.as_slice();
        let read = self.haul.blob(self.engine, self.job, &self.batching, &mut self.buffers, &change.origin, &mut input);
        read.expect("reading from memory cannot fail");
        if self.haul.findings.len() == n_known {
            return Ok(());
        }
        let mut found = self.haul.findings.split_off(n_known);
        if self.scope == Scope::AddedLines {
            match self.reader.added_lines(change) {
                Ok(added) => found.retain(|finding| added.touches(finding.region.start.line, finding.region.end.line)),
                // What is new cannot be told: all of it is reported, nothing is lost.
                Err(error) => self.doubt(change, &error),
            }
        }
        self.haul.findings.append(&mut found);
        Ok(())
    }

    /// Notes that the lines of a change could not be told from old ones.
    fn doubt(&mut self, change: &Change, error: &GitError) {
        let skip = Skip { origin: change.origin.clone(), reason: SkipReason::Unreadable, detail: Some(error.to_string()) };
        self.haul.skip(skip, self.job.lists_skips);
    }
}
