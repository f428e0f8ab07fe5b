//! Running a scan of a whole history: every blob once, then for the few that may hold findings the commit and path that brought them.
//!
//! Which path a blob has is not known while the blobs go by, and to find out costs as much as the scan. So the first pass only *surveys* ([`super::survey`]):
//! a blob judged without a path gives at least the findings that it gives with any. What it leaves is attributed to commits and paths, and scanned again as
//! itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Engine;
use super::git::{findings_of, in_threads, message_of, tip_place};
use super::run::{Haul, Job};
use super::survey::{Surveyor, Thoroughness, zones_around};
use crate::blob::{Encoding, Origin, Skip, SkipReason};
use crate::decode::{self, Buffers};
use crate::finding::{Finding, Presence, Report, TipPlace};
use crate::git::history::{Attributed, HistoryOptions, Standing};
use crate::git::{self, GitError, ObjectId, Repo};
use crate::secret::Secret;
use crate::span::{Region, Span};

/// Bytes that the scans of one blob under its paths may have together; under further paths no more than the user's exceptions are asked.
const N_RESCANNED: usize = 64 << 20;

/// Said where the options leave no commit over.
const NO_COMMIT_CHOSEN: &str = "no commit was chosen: no branch leads to one, or none fits the dates and the number that were asked for";

/// Scans the history of `repo`, or the part of it that `options` say.
///
/// # Errors
/// A branch does not exist.
pub fn history(engine: &Engine, job: &Job<'_>, repo: &Repo, options: &HistoryOptions, thoroughness: Thoroughness) -> Result<Report, GitError> {
    scan(engine, job, repo, options, thoroughness, Grouping::Joined)
}

/// As [`history`], with a finding for every version of a file and every path of a version: what a baseline has to accept one by one.
///
/// # Errors
/// A branch does not exist.
pub fn history_apart(engine: &Engine, job: &Job<'_>, repo: &Repo, options: &HistoryOptions) -> Result<Report, GitError> {
    scan(engine, job, repo, options, Thoroughness::Novel, Grouping::Apart)
}

/// Which findings become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grouping {
    /// Those of a secret at one path, and of one blob at several.
    Joined,
    /// None.
    Apart,
}

fn scan(engine: &Engine, job: &Job<'_>, repo: &Repo, options: &HistoryOptions, thoroughness: Thoroughness, grouping: Grouping) -> Result<Report, GitError> {
    let options = &HistoryOptions { n_threads: job.n_threads, ..options.clone() };
    let (pass, surveyors) = repo.each_blob_of(options, || Surveyor::new(engine, job, thoroughness))?;
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
        let wanted: Vec<ObjectId> = blobs.iter().map(|(id, _)| *id).chain(messages.iter().map(|(id, ..)| *id)).collect();
        let attribution = repo.attribute(&wanted, &pass, options)?;
        incomplete.extend(attribution.incomplete);
        let (of_blobs, of_messages) = attribution.objects.split_at(blobs.len());
        let is_wanted = |object: &Attributed| match object.standing {
            Standing::Introduced => true,
            Standing::Unreachable => options.includes_unreachable,
            Standing::Outside => false,
        };
        let doubts = blobs.iter().map(|(_, doubts)| doubts.as_deref());
        let of_blobs: Vec<(&Attributed, Option<&[Span]>)> = of_blobs.iter().zip(doubts).filter(|(object, _)| is_wanted(object)).collect();
        let scanners = in_threads(job.n_threads, &of_blobs, || Scanner::new(engine, repo, grouping), |scanner, (object, doubts)| scanner.take(object, *doubts));
        let mut findings = Vec::new();
        for scanner in scanners {
            findings.extend(scanner.findings);
            scanner.skips.into_iter().for_each(|skip| haul.skip(skip, job.lists_skips));
        }
        for ((_, is_tag, text), object) in messages.iter().zip(of_messages).filter(|(_, object)| is_wanted(object)) {
            findings.extend(of_message(engine, *is_tag, text, object).into_iter().map(|finding| (object.rank, finding)));
        }
        haul.findings = match grouping {
            Grouping::Joined => one_per_path(findings),
            Grouping::Apart => findings.into_iter().map(|(_, finding)| finding).collect(),
        };
    }
    (haul.coverage.n_blobs, haul.coverage.n_bytes, haul.coverage.n_commits) = (pass.n_blobs, pass.n_bytes, pass.n_chosen);
    let mut report = haul.report(engine, job, false);
    report.repository = Some(repo.identity(None));
    report.incomplete.extend(incomplete);
    match pass.n_commits() {
        0 if report.incomplete.is_empty() => report.incomplete.push("nothing was scanned: the repository has no commit".to_owned()),
        n if n > 0 && pass.n_chosen == 0 => report.incomplete.push(NO_COMMIT_CHOSEN.to_owned()),
        _ => {}
    }
    Ok(report)
}

/// Findings of one blob that agree in this are one: place, secret, whether it is suppressed, and the path where paths are apart.
type Sameness = (Region, Secret, bool, Option<Arc<str>>);

/// One thread's part of the scan of blobs whose paths are known.
struct Scanner<'a> {
    engine: &'a Engine,
    grouping: Grouping,
    reader: git::Reader,
    buffers: Buffers,
    bytes: Vec<u8>,
    /// Findings, each with the rank of its commit.
    findings: Vec<(u32, Finding)>,
    skips: Vec<Skip>,
}

impl<'a> Scanner<'a> {
    fn new(engine: &'a Engine, repo: &Repo, grouping: Grouping) -> Self {
        Self { engine, grouping, reader: repo.reader(), buffers: Buffers::default(), bytes: Vec::new(), findings: Vec::new(), skips: Vec::new() }
    }

    /// Scans an object; if it is known where alone there are `doubts`, only there.
    fn take(&mut self, object: &Attributed, doubts: Option<&[Span]>) {
        let places = places(object);
        if let Err(error) = self.reader.blob(&object.id, &mut self.bytes) {
            return self.skip(&places, &error);
        }
        let found = self.found_at(&places, doubts);
        if found.is_empty() {
            return;
        }
        // Of bytes that belong to another id the findings count all the same.
        if let Err(error) = self.reader.check(&object.id, &self.bytes) {
            self.skip(&places, &error);
        }
        let paths: Vec<Arc<str>> = object.paths.iter().map(|path| Arc::from(path.as_str())).collect();
        let at_head = object.at_head.first().map(|path| Arc::<str>::from(path.as_str()));
        self.findings.extend(found.into_iter().map(|(rank, finding)| {
            let at_tip = at_head.clone().map(|path| TipPlace { path, ..tip_place(&finding) });
            (rank, Finding { presence: Some(Presence { at_tip, paths: paths.clone() }), ..finding })
        }));
    }

    fn skip(&mut self, places: &[(u32, Origin)], error: &GitError) {
        let first = places.first().map_or_else(|| Origin::new(""), |(_, origin)| origin.clone());
        self.skips.push(Skip { origin: first, reason: SkipReason::Unreadable, detail: Some(error.to_string()) });
    }

    /// The blob's findings, each with the rank of its commit: of each secret the first path that is not suppressed, and the first that is.
    fn found_at(&mut self, places: &[(u32, Origin)], doubts: Option<&[Span]>) -> Vec<(u32, Finding)> {
        let n_scanned = (N_RESCANNED / self.bytes.len().max(1)).max(1);
        let path = |origin: &Origin| (self.grouping == Grouping::Apart).then(|| Arc::clone(&origin.path));
        let mut found: BTreeMap<Sameness, (u32, Finding)> = BTreeMap::new();
        let mut keep = |rank: u32, finding: Finding| {
            let key = (finding.region, finding.secret.clone(), finding.suppression.is_some(), path(&finding.origin));
            found.entry(key).or_insert((rank, finding));
        };
        let (scanned, others) = places.split_at(n_scanned.min(places.len()));
        for (rank, origin) in scanned {
            self.engine.findings_at(&mut self.buffers, origin, &self.bytes, doubts).into_iter().for_each(|finding| keep(*rank, finding));
        }
        if !others.is_empty() {
            let anywhere = self.engine.findings_at(&mut self.buffers, &Origin::new(""), &self.bytes, doubts);
            for (rank, origin) in others {
                anywhere.iter().for_each(|finding| keep(*rank, self.engine.moved(finding, origin)));
            }
        }
        found.into_values().collect()
    }
}

impl Engine {
    /// The findings of a blob in memory, in which there are none but around these `doubts`, if they are known.
    fn findings_at(&self, buffers: &mut Buffers, origin: &Origin, bytes: &[u8], doubts: Option<&[Span]>) -> Vec<Finding> {
        let mut found = Vec::new();
        let read = decode::windows(&mut &*bytes, buffers, &mut |window| match doubts {
            // The doubts are those of the bytes as they are.
            Some(doubts) if window.encoding == Encoding::Utf8 && window.bytes.len() == bytes.len() => {
                self.scan_zones(origin, &window, &zones_around(window.bytes, doubts.iter().copied()), &mut found);
            }
            _ => self.scan_window(origin, &window, &mut found),
        });
        read.expect("reading from memory cannot fail");
        found
    }
}

/// Where the blob came in: at each path once, with the commit that brought it there and that commit's rank.
fn places(object: &Attributed) -> Vec<(u32, Origin)> {
    if object.introductions.is_empty() {
        // What nothing leads to has no name at all.
        let named = object.names.iter().take(1).chain(&object.paths).map(String::as_str);
        let nameless = object.names.is_empty() && object.paths.is_empty();
        return named.chain(nameless.then_some("")).map(|path| (object.rank, Origin::new(path))).collect();
    }
    object.introductions.iter().map(|place| (place.rank, Origin::in_commit(&place.path, Arc::clone(&place.commit)))).collect()
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
    if other.at_tip.is_some() || presence.at_tip.is_none() && later.suppression.is_none() {
        first.suppression = later.suppression;
    }
    presence.at_tip = presence.at_tip.take().or(other.at_tip);
    presence.paths.extend(other.paths);
    presence.paths.sort_unstable();
    presence.paths.dedup();
}
