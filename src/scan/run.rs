//! Running a scan: windows from the sources through the engine, on all threads, into one sorted result.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError, mpsc};

use rayon::prelude::*;

use super::Engine;
use super::fault::guarded;
use crate::blob::{Encoding, Origin, Skip, SkipReason, Window};
use crate::decode::{self, Buffers};
use crate::finding::{Coverage, Finding, Reach, Report};
use crate::source::{self, Entry, Ignored, SourceError, TreeOptions};

/// Why a scan could not begin.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// A source could not be opened.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// How far a running scan is; read by whoever shows progress.
#[derive(Debug, Default)]
pub struct Progress {
    /// Blobs scanned.
    pub n_blobs: AtomicU64,
    /// Bytes scanned.
    pub n_bytes: AtomicU64,
}

impl Progress {
    /// Counts what was scanned.
    pub fn add(&self, n_blobs: u64, n_bytes: u64) {
        self.n_blobs.fetch_add(n_blobs, Ordering::Relaxed);
        self.n_bytes.fetch_add(n_bytes, Ordering::Relaxed);
    }
}

/// What to scan and what to keep.
#[derive(Debug)]
pub struct Job<'a> {
    /// What was asked for, as typed.
    pub targets: Vec<String>,
    /// The folder to which the report's paths are relative, absolute.
    pub root: PathBuf,
    /// How many threads to use, at most.
    pub n_threads: usize,
    /// Whether every skip is kept for listing; otherwise only those that leave the scan incomplete, and of them the first thousand.
    pub lists_skips: bool,
    /// Where to count.
    pub progress: &'a Progress,
}

/// Unreadable blobs that are named one by one if nobody asked for a list.
const SKIPS_KEPT: usize = 1000;
/// From this byte on a blob is big enough for all threads.
const BIG: u64 = 8 << 20;
/// Windows of one big blob that are scanned at the same time.
const BATCH: usize = 4;

/// Scans files and folders.
///
/// # Errors
/// A named path does not exist.
pub fn tree(engine: &Engine, job: &Job<'_>, tree: &TreeOptions) -> Result<Report, ScanError> {
    let (sender, receiver) = mpsc::channel::<Haul>();
    let batching = Mutex::new(());
    let listing = if job.lists_skips { Ignored::Listed } else { Ignored::Counted };
    let n_ignored = source::walk(tree, listing, || {
        let mut worker = Worker { engine, job, sender: sender.clone(), batching: &batching, buffers: Buffers::default(), haul: Haul::default() };
        move |entry| worker.take(entry)
    })?;
    drop(sender);
    let mut haul = Haul::default();
    for part in receiver {
        haul.join(part);
    }
    haul.coverage.n_ignored = n_ignored;
    Ok(haul.report(engine, job, true))
}

/// Scans standard input. If there is nothing in it, nothing was scanned.
///
/// # Errors
/// The stream cannot be read to its end; what was read so far is lost.
pub fn stream(engine: &Engine, job: &Job<'_>, origin: &Origin, input: &mut impl Read) -> io::Result<Report> {
    let mut haul = Haul::default();
    let batching = Mutex::new(());
    match guarded(|| haul.blob(engine, job, &batching, &mut Buffers::default(), origin, input)) {
        Ok(read) => read?,
        Err(fault) => haul.skip(fault.skip(origin.clone()), job.lists_skips),
    }
    let mut report = haul.report(engine, job, true);
    if report.coverage.n_blobs > 0 && report.coverage.n_bytes == 0 {
        report.incomplete.push("nothing was scanned: standard input was empty".to_owned());
    }
    Ok(report)
}

/// What one worker brings home.
#[derive(Default)]
pub(super) struct Haul {
    pub(super) findings: Vec<Finding>,
    skips: Vec<Skip>,
    pub(super) coverage: Coverage,
}

/// A thread's part of the scan; sends its haul when it is dropped.
struct Worker<'a> {
    engine: &'a Engine,
    job: &'a Job<'a>,
    sender: mpsc::Sender<Haul>,
    batching: &'a Mutex<()>,
    buffers: Buffers,
    haul: Haul,
}

impl Worker<'_> {
    fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Blob { origin, mut file } => {
                let skip = match guarded(|| self.haul.blob(self.engine, self.job, self.batching, &mut self.buffers, &origin, &mut file)) {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => Skip { origin, reason: SkipReason::Unreadable, detail: Some(error.to_string()) },
                    Err(fault) => {
                        self.buffers = Buffers::default();
                        fault.skip(origin)
                    }
                };
                self.haul.skip(skip, self.job.lists_skips);
            }
            Entry::Skip(skip) => self.haul.skip(skip, self.job.lists_skips),
        }
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        // The receiver outlives all workers; if it is gone, a panic is already under way.
        let _ = self.sender.send(std::mem::take(&mut self.haul));
    }
}

impl Haul {
    pub(super) fn blob(
        &mut self,
        engine: &Engine,
        job: &Job<'_>,
        batching: &Mutex<()>,
        buffers: &mut Buffers,
        origin: &Origin,
        input: &mut impl Read,
    ) -> io::Result<()> {
        let mut batch = Batch { engine, origin, turn: None, windows: Vec::new(), n_filled: 0 };
        let summary = decode::windows(input, buffers, &mut |window| {
            let is_big = window.at >= BIG && job.n_threads > 1;
            if is_big && batch.turn.is_none() {
                batch.turn = match batching.try_lock() {
                    Ok(turn) => Some(turn),
                    // Nothing is kept behind it that a fault could have left half done.
                    Err(TryLockError::Poisoned(turn)) => Some(turn.into_inner()),
                    Err(TryLockError::WouldBlock) => None,
                };
            }
            if batch.turn.is_some() {
                batch.add(&window, &mut self.findings);
            } else {
                engine.scan_window(origin, &window, &mut self.findings);
            }
        });
        batch.flush(&mut self.findings);
        let summary = summary?;
        if summary.is_media {
            self.skip(Skip { origin: origin.clone(), reason: SkipReason::Media, detail: None }, job.lists_skips);
            return Ok(());
        }
        self.coverage.n_blobs += 1;
        self.coverage.n_bytes += summary.n_bytes;
        self.coverage.n_binary += u64::from(summary.encoding == Encoding::Binary);
        job.progress.add(1, summary.n_bytes);
        Ok(())
    }

    pub(super) fn take(&mut self, found: Result<Vec<Finding>, Skip>, keeps_all: bool) {
        match found {
            Ok(found) => self.findings.extend(found),
            Err(skip) => self.skip(skip, keeps_all),
        }
    }

    pub(super) fn skip(&mut self, skip: Skip, keeps_all: bool) {
        // What ignore files leave out is counted by the walk, whether it is listed or not.
        if skip.reason != SkipReason::Ignored {
            *self.coverage.n_skipped.entry(skip.reason).or_default() += 1;
        }
        if keeps_all || skip.reason.is_incomplete() && self.skips.len() < SKIPS_KEPT {
            self.skips.push(skip);
        }
    }

    pub(super) fn join(&mut self, other: Haul) {
        self.findings.extend(other.findings);
        self.skips.extend(other.skips);
        self.coverage.add(&other.coverage);
    }

    /// The report on all that was brought home. With `expects_blobs`, a scan without any is incomplete.
    pub(super) fn report(mut self, engine: &Engine, job: &Job<'_>, expects_blobs: bool) -> Report {
        let place = |finding: &Finding| (finding.origin.clone(), finding.region, finding.rule.id);
        self.findings.sort_by_cached_key(place);
        self.skips.sort();
        if !job.lists_skips {
            self.skips.truncate(SKIPS_KEPT);
        }
        let (suppressed, mut findings): (Vec<Finding>, Vec<Finding>) = self.findings.into_iter().partition(|finding| finding.suppression.is_some());
        let (min_confidence, n_found) = (engine.policy.min_confidence, findings.len());
        findings.retain(|finding| finding.confidence >= min_confidence);
        self.coverage.n_below_confidence += (n_found - findings.len()) as u64;
        let mut incomplete = incomplete(&self.coverage, &self.skips, expects_blobs);
        if engine.n_rules == 0 {
            incomplete.push("nothing was looked for: the configuration leaves no rule over".to_owned());
        }
        Report {
            targets: job.targets.clone(),
            root: crate::blob::path_text(&job.root),
            reach: Reach::default(),
            findings,
            suppressed,
            incomplete,
            skips: self.skips,
            coverage: self.coverage,
            min_confidence,
            n_rules: engine.n_rules,
            config: None,
            disabled_rules: Vec::new(),
            baseline: None,
            repository: None,
            answers: None,
            left_out: Vec::new(),
        }
    }
}

/// Why the scan is incomplete. Of the paths that could not be scanned the first of `skips`, which are sorted, is named.
fn incomplete(coverage: &Coverage, skips: &[Skip], expects_blobs: bool) -> Vec<String> {
    let mut reasons = Vec::new();
    for (reason, n) in coverage.n_skipped.iter().filter(|(reason, _)| reason.is_incomplete()) {
        let paths = if *n == 1 { "path" } else { "paths" };
        let named = skips.iter().find(|skip| skip.reason == *reason);
        let first = named.map(|skip| format!(": {}", skip.origin.path)).unwrap_or_default();
        let more = if *n == 1 { String::new() } else { format!(" and {} more", n - 1) };
        // Whoever is stopped by a hook cannot ask for more.
        let why = match named.and_then(|skip| skip.detail.as_ref()) {
            Some(why) if *n == 1 => format!(": {why}"),
            Some(why) => format!(": of the first, {why}"),
            None => String::new(),
        };
        reasons.push(format!("{n} {paths} could not be scanned: {}{first}{more} (--show-skipped lists all){why}", reason.text()));
    }
    if expects_blobs && coverage.n_blobs == 0 && reasons.is_empty() {
        let why = if coverage.n_ignored > 0 {
            format!("{} paths are left out by ignore files; --no-ignore scans them", coverage.n_ignored)
        } else if let Some((reason, n)) = coverage.n_skipped.iter().next() {
            format!("{n} skipped as {}", reason.text())
        } else {
            "there are no files".to_owned()
        };
        reasons.push(format!("nothing was scanned: {why}"));
    }
    reasons
}

/// Windows of one big blob, scanned on all threads. Only one blob at a time does so, which bounds the memory.
struct Batch<'a> {
    engine: &'a Engine,
    origin: &'a Origin,
    turn: Option<MutexGuard<'a, ()>>,
    /// Room for [`BATCH`] windows, used again and again; the first `n_filled` are to be scanned.
    windows: Vec<OwnedWindow>,
    n_filled: usize,
}

/// A window with bytes of its own.
struct OwnedWindow {
    bytes: Vec<u8>,
    /// All but the bytes.
    place: Window<'static>,
}

impl Batch<'_> {
    fn add(&mut self, window: &Window<'_>, found: &mut Vec<Finding>) {
        let mut room = self.windows.get_mut(self.n_filled).map(|old| std::mem::take(&mut old.bytes)).unwrap_or_default();
        room.clear();
        room.extend_from_slice(window.bytes);
        let filled = OwnedWindow { bytes: room, place: Window { bytes: &[], ..*window } };
        match self.windows.get_mut(self.n_filled) {
            Some(old) => *old = filled,
            None => self.windows.push(filled),
        }
        self.n_filled += 1;
        if self.n_filled == BATCH {
            self.flush(found);
        }
    }

    fn flush(&mut self, found: &mut Vec<Finding>) {
        let scan = |owned: &OwnedWindow| {
            let mut found = Vec::new();
            self.engine.scan_window(self.origin, &Window { bytes: &owned.bytes, ..owned.place }, &mut found);
            found
        };
        found.extend(self.windows[..self.n_filled].par_iter().map(scan).collect::<Vec<_>>().into_iter().flatten());
        self.n_filled = 0;
    }
}
