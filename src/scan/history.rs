//! Running a scan of a whole history: every blob once, then for the few that may hold findings the commit and path that brought them.
//!
//! Which path a blob has is not known while the blobs go by, and to find out costs as much as the scan. So the first pass only *surveys* ([`super::survey`]):
//! a blob judged without a path gives at least the findings that it gives with any. What it leaves is attributed to commits and paths, and scanned again as
//! itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Engine;
use super::git::{findings_of, in_threads, message_of};
use super::run::{Haul, Job};
use super::survey::{Surveyor, Thoroughness};
use crate::blob::{Origin, Skip, SkipReason};
use crate::decode::Buffers;
use crate::finding::{Finding, Presence, Report};
use crate::git::history::{Attributed, HistoryOptions, Standing};
use crate::git::{self, GitError, ObjectId, Repo};
use crate::secret::Secret;

/// Paths under which a blob is scanned until one gives findings.
const N_PATHS: usize = 16;

/// Scans the history of `repo`, or the part of it that `options` say.
///
/// # Errors
/// A branch does not exist.
pub fn history(engine: &Engine, job: &Job<'_>, repo: &Repo, options: &HistoryOptions, thoroughness: Thoroughness) -> Result<Report, GitError> {
    let (pass, surveyors) = repo.each_blob(job.n_threads, || Surveyor::new(engine, job, thoroughness))?;
    let mut haul = Haul::default();
    let mut incomplete = pass.incomplete.clone();
    let (mut blobs, mut messages) = (Vec::new(), Vec::new());
    for surveyor in surveyors {
        haul.coverage.n_lfs += surveyor.n_lfs;
        surveyor.skips.into_iter().for_each(|skip| haul.skip(skip, job.lists_skips));
        blobs.extend(surveyor.candidates);
        messages.extend(surveyor.messages);
    }
    // Threads bring them in any order.
    blobs.sort_unstable();
    messages.sort_by_key(|(id, ..)| *id);
    if !blobs.is_empty() || !messages.is_empty() {
        let wanted: Vec<ObjectId> = blobs.iter().copied().chain(messages.iter().map(|(id, ..)| *id)).collect();
        let attribution = repo.attribute(&wanted, &pass, options)?;
        incomplete.extend(attribution.incomplete);
        let (of_blobs, of_messages) = attribution.objects.split_at(blobs.len());
        let is_wanted = |object: &Attributed| match object.standing {
            Standing::Introduced => true,
            Standing::Unreachable => options.includes_unreachable,
            Standing::Outside => false,
        };
        let of_blobs: Vec<Attributed> = of_blobs.iter().filter(|object| is_wanted(object)).cloned().collect();
        let scanners = in_threads(job.n_threads, &of_blobs, || Scanner::new(engine, repo), Scanner::take);
        let mut findings = Vec::new();
        for scanner in scanners {
            findings.extend(scanner.findings);
            scanner.skips.into_iter().for_each(|skip| haul.skip(skip, job.lists_skips));
        }
        for ((_, is_tag, text), object) in messages.iter().zip(of_messages).filter(|(_, object)| is_wanted(object)) {
            findings.extend(of_message(engine, *is_tag, text, object).into_iter().map(|finding| (object.rank, finding)));
        }
        haul.findings = one_per_path(findings);
    }
    (haul.coverage.n_blobs, haul.coverage.n_bytes, haul.coverage.n_commits) = (pass.n_blobs, pass.n_bytes, pass.n_commits());
    let mut report = haul.report(engine, job, false);
    report.incomplete.extend(incomplete);
    if pass.n_commits() == 0 && report.incomplete.is_empty() {
        report.incomplete.push("nothing was scanned: the repository has no commit".to_owned());
    }
    Ok(report)
}

/// One thread's part of the scan of blobs whose paths are known.
struct Scanner<'a> {
    engine: &'a Engine,
    reader: git::Reader,
    buffers: Buffers,
    bytes: Vec<u8>,
    /// Findings, each with the rank of its commit.
    findings: Vec<(u32, Finding)>,
    skips: Vec<Skip>,
}

impl<'a> Scanner<'a> {
    fn new(engine: &'a Engine, repo: &Repo) -> Self {
        Self { engine, reader: repo.reader(), buffers: Buffers::default(), bytes: Vec::new(), findings: Vec::new(), skips: Vec::new() }
    }

    fn take(&mut self, object: &Attributed) {
        let commit = object.commit.clone().map(Arc::new);
        let origin = |path: &str| Origin { path: Arc::from(path), is_message: false, commit: commit.clone() };
        let first = object.path.iter().chain(&object.names).next().map_or("", String::as_str);
        if let Err(error) = self.reader.blob(&object.id, &mut self.bytes) {
            self.skips.push(Skip { origin: origin(first), reason: SkipReason::Unreadable, detail: Some(error.to_string()) });
            return;
        }
        let others = object.paths.iter().map(String::as_str).filter(|path| *path != first);
        for path in std::iter::once(first).chain(others).take(N_PATHS) {
            let found = findings_of(self.engine, &mut self.buffers, &origin(path), &self.bytes);
            if !found.is_empty() {
                let paths: Vec<Arc<str>> = object.paths.iter().map(|path| Arc::from(path.as_str())).collect();
                let presence = Presence { is_at_tip: !object.at_head.is_empty(), paths };
                self.findings.extend(found.into_iter().map(|finding| (object.rank, Finding { presence: Some(presence.clone()), ..finding })));
                return;
            }
        }
    }
}

fn of_message(engine: &Engine, is_tag: bool, text: &[u8], object: &Attributed) -> Vec<Finding> {
    let commit = object.commit.clone().map(Arc::new);
    let origin = message_of(if is_tag { "tag" } else { "commit" }, &object.id.to_string(), commit);
    findings_of(engine, &mut Buffers::default(), &origin, text)
}

/// Leaves one finding for each secret, rule and path: the first commit's. A file that holds a secret through a hundred versions has leaked it once.
fn one_per_path(mut findings: Vec<(u32, Finding)>) -> Vec<Finding> {
    // Of one commit the first place counts.
    findings.sort_by_cached_key(|(rank, finding)| (*rank, finding.origin.clone(), finding.region, finding.rule.id));
    let mut kept: Vec<Finding> = Vec::new();
    let mut places: BTreeMap<(&'static str, Secret, Arc<str>), usize> = BTreeMap::new();
    for (_, finding) in findings {
        let key = (finding.rule.id, finding.secret.clone(), Arc::clone(&finding.origin.path));
        match places.get(&key) {
            Some(&at) => join(&mut kept[at], finding),
            None => {
                places.insert(key, kept.len());
                kept.push(finding);
            }
        }
    }
    kept
}

/// Adds to the first finding of a secret what a later one of the same path knows. Whether it is suppressed says the version at the tip; where there is
/// none, it is suppressed only if all versions are.
fn join(first: &mut Finding, later: Finding) {
    let (Some(presence), Some(other)) = (&mut first.presence, later.presence) else { return };
    if other.is_at_tip || !presence.is_at_tip && later.suppression.is_none() {
        first.suppression = later.suppression;
    }
    presence.is_at_tip |= other.is_at_tip;
    presence.paths.extend(other.paths);
    presence.paths.sort_unstable();
    presence.paths.dedup();
}
