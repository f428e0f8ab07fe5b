//! Running a scan of a whole history: every blob once, then for the few that may hold findings the commit and path that brought them.
//!
//! Which path a blob has is not known while the blobs go by, and to find out costs as much as the scan. So the first pass only *surveys* ([`super::survey`]):
//! a blob judged without a path gives at least the findings that it gives with any. What it leaves is attributed to commits and paths, and scanned again as
//! itself.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Engine;
use super::fault::guarded;
use super::git::{in_threads, message_of, name_of, nameless, people_of};
use super::presence::place_of;
use super::run::{Haul, Job};
use super::survey::{Places, Surveyor, Thoroughness};
use super::zones::{overlaps_any, zones_around};
use crate::blob::{Commit, Encoding, Origin, Skip, SkipReason, path_bytes};
use crate::decode::{self, Buffers};
use crate::finding::{Finding, Presence, Report, TipPlace};
use crate::git::history::{Attributed, HistoryOptions, Pass, Standing};
use crate::git::{self, GitError, ObjectId, Repo};
use crate::score::{Page, WordList};
use crate::secret::Secret;
use crate::span::{Region, Span};

/// Bytes that the scans of one blob under its paths may have together; under further paths no more than the user's exceptions are asked.
const N_RESCANNED: usize = 64 << 20;

/// Why a history is incomplete that has content and no commit.
const NO_COMMIT_BUT_BLOBS: &str =
    "the repository has no commit: what is staged or was left over was read, but is no history; `keysift staged` scans what is staged";

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
    let (mut blobs, mut messages, mut people) = (Vec::new(), Vec::new(), Vec::new());
    for surveyor in surveyors {
        haul.coverage.n_lfs += surveyor.n_lfs;
        surveyor.skips.into_iter().for_each(|skip| haul.skip(skip, job.lists_skips));
        blobs.extend(surveyor.candidates);
        messages.extend(surveyor.messages);
        people.extend(surveyor.people);
    }
    blobs.extend(of_files(engine, repo, &pass, &blobs));
    // Threads bring them in any order.
    blobs.sort_unstable_by_key(|(id, _)| *id);
    messages.sort_by_key(|(id, ..)| *id);
    people.sort_by_key(|(id, ..)| *id);
    let texts = || messages.iter().map(|text| (text, false)).chain(people.iter().map(|text| (text, true)));
    // An object may be wanted for what it holds and for how it is called.
    let wanted: BTreeSet<ObjectId> = blobs.iter().map(|(id, _)| id).chain(texts().map(|((id, ..), _)| id)).chain(pass.named()).copied().collect();
    let wanted: Vec<ObjectId> = wanted.into_iter().collect();
    let (mut findings, mut of_texts): (Vec<Ranked>, Vec<Ranked>) = Default::default();
    let mut take = |rank: u32, found: Result<Vec<Finding>, Skip>| match found {
        Ok(found) => of_texts.extend(found.into_iter().map(|finding| (rank, finding))),
        Err(skip) => haul.skip(skip, job.lists_skips),
    };
    pass.names.iter().for_each(|name| take(u32::MAX, engine.findings_in_names(name_of(name, None), name.as_bytes())));
    if !wanted.is_empty() {
        let attribution = repo.attribute(&wanted, &pass, options)?;
        incomplete.extend(attribution.incomplete);
        let objects = &attribution.objects;
        let of = |id: &ObjectId| objects.binary_search_by_key(id, |object| object.id).ok().map(|at| &objects[at]);
        let is_wanted = |object: &Attributed| match object.standing {
            Standing::Introduced => true,
            Standing::Unreachable => options.includes_unreachable,
            Standing::Outside => false,
        };
        let with_doubts = blobs.iter().filter_map(|(id, doubts)| Some((of(id)?, doubts.as_ref())));
        let mut of_blobs: Vec<(&Attributed, Option<&Places>)> = with_doubts.filter(|(object, _)| is_wanted(object)).collect();
        // What versions of a file derive from was read right before them, and is still at hand.
        of_blobs.sort_by_cached_key(|(object, _)| pass.place_of(&object.id));
        let new = || Scanner::new(engine, repo, &pass, grouping);
        let scanners = in_threads(job.n_threads, &of_blobs, new, |scanner, (object, doubts)| scanner.take(object, *doubts));
        for scanner in scanners {
            findings.extend(scanner.findings);
            scanner.skips.into_iter().for_each(|skip| take(0, Err(skip)));
        }
        let mut buffers = Buffers::default();
        for ((id, is_tag, text), is_people) in texts() {
            let Some(object) = of(id).filter(|object| is_wanted(object)) else { continue };
            take(object.rank, of_text(engine, &mut buffers, *is_tag, is_people, text, object));
        }
        for object in pass.named().iter().filter_map(of).filter(|object| is_wanted(object)) {
            for (rank, origin) in places(object) {
                take(rank, engine.findings_in_names(name_of(&origin.path, origin.commit.clone()), origin.path.as_bytes()));
            }
        }
    }
    findings.append(&mut of_texts);
    haul.findings = match grouping {
        Grouping::Joined => one_per_path(findings),
        Grouping::Apart => findings.into_iter().map(|(_, finding)| finding).collect(),
    };
    (haul.coverage.n_blobs, haul.coverage.n_bytes, haul.coverage.n_commits) = (pass.n_blobs, pass.n_bytes, pass.n_chosen);
    (haul.coverage.n_commits_left_out, haul.coverage.n_submodules) = (pass.n_left_out, repo.n_submodules(&options.branches));
    let mut report = haul.report(engine, job, false);
    report.repository = Some(repo.identity(None));
    report.incomplete.extend(incomplete);
    match pass.n_commits() {
        0 if report.incomplete.is_empty() && pass.n_blobs > 0 => report.incomplete.push(NO_COMMIT_BUT_BLOBS.to_owned()),
        0 if report.incomplete.is_empty() => report.incomplete.push("nothing was scanned: the repository has no commit".to_owned()),
        n if n > 0 && pass.n_chosen == 0 => report.incomplete.push(NO_COMMIT_CHOSEN.to_owned()),
        _ => {}
    }
    if options.branches.is_empty() {
        report.incomplete.extend(repo.endless_references());
    }
    Ok(report)
}

/// The files whose names tell that they may hold credentials and that hold some, where nothing else is in doubt.
fn of_files(engine: &Engine, repo: &Repo, pass: &Pass, blobs: &[(ObjectId, Option<Places>)]) -> Vec<(ObjectId, Option<Places>)> {
    let known: BTreeSet<&ObjectId> = blobs.iter().map(|(id, _)| id).collect();
    let (mut reader, mut bytes) = (repo.reader(), Vec::new());
    let mut holds = |id: &ObjectId, kind| pass.large(id).is_some() || reader.blob(id, &mut bytes).is_ok() && engine.holds_credentials(kind, &bytes);
    let mut files: Vec<_> =
        pass.files().iter().filter(|(id, kind)| !known.contains(id) && holds(id, *kind)).map(|(id, _)| (*id, Some(Places::default()))).collect();
    files.dedup_by_key(|(id, _)| *id);
    files
}

/// A finding with the rank of its commit.
type Ranked = (u32, Finding);

/// Findings of one blob that agree in this are one: place, secret, whether it is suppressed, and the path where paths are apart.
type Sameness = (Region, Secret, bool, Option<Arc<str>>);

/// Where alone there are doubts in a blob, and its words as far as they are known.
type Doubts<'a> = (&'a [Span], &'a RefCell<WordList>);

/// One thread's part of the scan of blobs whose paths are known.
struct Scanner<'a> {
    engine: &'a Engine,
    pass: &'a Pass,
    grouping: Grouping,
    reader: git::Reader,
    buffers: Buffers,
    bytes: Vec<u8>,
    /// Findings, each with the rank of its commit.
    findings: Vec<Ranked>,
    skips: Vec<Skip>,
}

impl<'a> Scanner<'a> {
    fn new(engine: &'a Engine, repo: &Repo, pass: &'a Pass, grouping: Grouping) -> Self {
        Self { engine, pass, grouping, reader: repo.reader(), buffers: Buffers::default(), bytes: Vec::new(), findings: Vec::new(), skips: Vec::new() }
    }

    /// Scans an object; if it is `known` where alone there are doubts, only there.
    fn take(&mut self, object: &Attributed, known: Option<&Places>) {
        let places = places(object);
        let large = self.pass.large(&object.id).is_some().then_some(&object.id);
        if large.is_none()
            && let Err(error) = self.reader.blob(&object.id, &mut self.bytes)
        {
            return self.skip(&places, SkipReason::Unreadable, Some(error.to_string()));
        }
        // Words that one path asks for are there for the others.
        let words = RefCell::new(known.map(|known| known.words.clone()).unwrap_or_default());
        let doubts = known.map(|known| (&*known.doubts, &words));
        let Ok(found) = guarded(|| self.found_at(large, &places, doubts)) else {
            self.buffers = Buffers::default();
            return self.skip(&places, SkipReason::Failed, None);
        };
        // Of bytes that belong to another id the findings count all the same.
        let doubt = match large {
            Some(id) => (!self.pass.is_true(id)).then(|| "its content is damaged, or that of another object".to_owned()),
            None if found.is_empty() => None,
            None => self.reader.check(&object.id, &self.bytes).err().map(|error| error.to_string()),
        };
        if let Some(detail) = doubt {
            self.skip(&places, SkipReason::Unreadable, Some(detail));
        }
        if found.is_empty() {
            return;
        }
        let paths: Vec<Arc<str>> = object.paths.iter().map(|path| Arc::from(path.as_str())).collect();
        let at_head: Vec<Arc<str>> = object.at_head.iter().map(|path| Arc::from(path.as_str())).collect();
        self.findings.extend(found.into_iter().map(|(rank, finding)| {
            // Elsewhere the same bytes are none that a path tells.
            let is_there = |path: &&Arc<str>| !finding.rule.is_of_path() || **path == finding.origin.path;
            let at_tip = at_head.iter().find(is_there).map(|path| TipPlace { path: Arc::clone(path), ..place_of(&finding) });
            (rank, Finding { presence: Some(Presence { at_tip, paths: paths.clone() }), ..finding })
        }));
    }

    fn skip(&mut self, places: &[(u32, Origin)], reason: SkipReason, detail: Option<String>) {
        let first = places.first().map_or_else(|| Origin::new(""), |(_, origin)| origin.clone());
        self.skips.push(Skip { origin: first, reason, detail });
    }

    /// The blob's findings, each with the rank of its commit: of each secret the first path that is not suppressed, and the first that is. The blob is the
    /// one in memory, or the one that is too `large` for that.
    fn found_at(&mut self, large: Option<&ObjectId>, places: &[(u32, Origin)], doubts: Option<Doubts<'_>>) -> Vec<Ranked> {
        let n_scanned = if large.is_some() { 1 } else { (N_RESCANNED / self.bytes.len().max(1)).max(1) };
        let grouping = self.grouping;
        let path = |origin: &Origin| (grouping == Grouping::Apart).then(|| Arc::clone(&origin.path));
        let mut found: BTreeMap<Sameness, (u32, Finding)> = BTreeMap::new();
        let mut keep = |rank: u32, finding: Finding| {
            let key = (finding.region, finding.secret.clone(), finding.suppression.is_some(), path(&finding.origin));
            found.entry(key).or_insert((rank, finding));
        };
        let (scanned, others) = places.split_at(n_scanned.min(places.len()));
        for (rank, origin) in scanned {
            for finding in self.findings(large, origin, doubts) {
                if self.is_at(&finding, origin) {
                    keep(*rank, finding);
                }
            }
        }
        if !others.is_empty() {
            let anywhere = self.findings(large, &Origin::new(""), doubts);
            for (rank, origin) in others {
                for finding in &anywhere {
                    if self.is_at(finding, origin) {
                        keep(*rank, self.engine.moved(finding, origin));
                    }
                }
            }
        }
        found.into_values().collect()
    }

    /// Whether a finding of the blob is one at this place, too. What its path alone tells is, where the path is what the rule describes and no link has it.
    fn is_at(&mut self, finding: &Finding, origin: &Origin) -> bool {
        let Some(pattern) = finding.rule.pattern.filter(|pattern| pattern.is_of_path) else { return true };
        let is_link = |commit: &Arc<Commit>| self.reader.is_link(&commit.id, &path_bytes(&origin.path));
        pattern.is_for(&origin.path) && !origin.commit.as_ref().is_some_and(is_link)
    }

    /// The blob's findings at one place. What cannot be read of it was told when it was read first.
    fn findings(&mut self, large: Option<&ObjectId>, origin: &Origin, doubts: Option<Doubts<'_>>) -> Vec<Finding> {
        let Some(mut content) = large.and_then(|id| self.pass.large(id)) else {
            return self.engine.findings_at(&mut self.buffers, origin, &self.bytes, doubts);
        };
        let mut found = Vec::new();
        drop(decode::windows(&mut content, &mut self.buffers, &mut |window| self.engine.scan_window(origin, &window, &mut found)));
        found
    }
}

impl Engine {
    /// The findings of a blob in memory, in which there are none but around these `doubts`, if they are known.
    fn findings_at(&self, buffers: &mut Buffers, origin: &Origin, bytes: &[u8], doubts: Option<Doubts<'_>>) -> Vec<Finding> {
        let mut found = Vec::new();
        let read = decode::windows(&mut &*bytes, buffers, &mut |window| match doubts {
            // The doubts are those of the bytes as they are.
            Some((doubts, words)) if window.encoding == Encoding::Utf8 && window.bytes.len() == bytes.len() => {
                let page = Page::with_words(window.bytes, &origin.path, words);
                let zones = zones_around(window.bytes, doubts.iter().copied());
                self.scan_zones(origin, &window, &page, &zones, |span| overlaps_any(doubts, span), &mut found);
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
        let named = object.names.iter().take(1).chain(&object.paths).map(|path| Origin::new(path));
        // What nothing leads to may have no name at all; without any it would be judged as if it could have each.
        let is_nameless = object.names.is_empty() && object.paths.is_empty();
        return named.chain(is_nameless.then(|| nameless(&object.id.to_string()))).map(|origin| (object.rank, origin)).collect();
    }
    object.introductions.iter().map(|place| (place.rank, Origin::in_commit(&place.path, Arc::clone(&place.commit)))).collect()
}

/// The findings of a message, or of the lines that name people.
fn of_text(engine: &Engine, buffers: &mut Buffers, is_tag: bool, is_people: bool, text: &[u8], object: &Attributed) -> Result<Vec<Finding>, Skip> {
    let (commit, what, id) = (object.commit.clone().map(Arc::new), if is_tag { "tag" } else { "commit" }, object.id.to_string());
    match is_people {
        true => engine.findings_in_names(people_of(what, &id, commit), text),
        false => engine.findings_in_text(buffers, message_of(what, &id, commit), text),
    }
}

/// Leaves one finding for each secret, rule and path: the first commit's. A file that holds a secret through a hundred versions has leaked it once.
fn one_per_path(mut findings: Vec<Ranked>) -> Vec<Finding> {
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
