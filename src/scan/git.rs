//! Running a scan of a repository's changes: the blobs that they bring, and of their findings those on added lines.
//!
//! Every blob is scanned whole, so that a new line is judged by all that stands around it. Which lines are new is asked only for blobs with findings.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::fault::guarded_at;
use super::run::{Haul, Job};
use super::{Engine, presence};
use crate::blob::{Origin, Skip, SkipReason, Window, short_id};
use crate::decode::{self, Buffers};
use crate::finding::{Finding, Report};
use crate::git::{self, Change, Changes, GitError, Message, Reader, Repo, TagMessage};
use crate::rule::ContextNeed;
use crate::span::Region;

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
    let n_threads = job.n_threads.min(listed.changes.len() / CHANGES_PER_THREAD + 1);
    let mut haul = in_threads(n_threads, &listed.changes, || Worker::new(engine, job, repo, scope), Worker::take)
        .into_iter()
        .map(|worker| worker.haul)
        .fold(Haul::default(), joined);
    let mut buffers = Buffers::default();
    let mut take = |found| haul.take(found, job.lists_skips);
    for Message { commit, text, people } in &listed.messages {
        take(engine.findings_in_text(&mut buffers, message_of("commit", &commit.id, Some(Arc::clone(commit))), text));
        take(engine.findings_in_names(people_of("commit", &commit.id, Some(Arc::clone(commit))), people));
    }
    for TagMessage { id, text, people } in &listed.tag_messages {
        let id = id.to_string();
        take(engine.findings_in_text(&mut buffers, message_of("tag", &id, None), text));
        take(engine.findings_in_names(people_of("tag", &id, None), people));
    }
    for name in &listed.names {
        take(engine.findings_in_names(name_of(name, None), name.as_bytes()));
    }
    presence::add(engine, repo, &listed, &mut haul.findings);
    let is_nothing = listed.lists_nothing();
    let revision = listed.revision;
    let Changes { skips, n_commits, n_submodules, incomplete, .. } = listed;
    skips.into_iter().for_each(|skip| haul.skip(skip, job.lists_skips));
    (haul.coverage.n_commits, haul.coverage.n_submodules) = (n_commits, n_submodules);
    let mut report = haul.report(engine, job, false);
    report.repository = Some(repo.identity(revision));
    report.incomplete.extend(incomplete);
    if is_nothing && report.incomplete.is_empty() {
        report.incomplete.push("nothing was scanned: there is no change".to_owned());
    }
    report
}

/// Has `n_threads` workers take `items`, and gives them back.
pub(super) fn in_threads<T: Sync, W: Send>(n_threads: usize, items: &[T], make: impl Fn() -> W + Sync, take: impl Fn(&mut W, &T) + Sync) -> Vec<W> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut worker = make();
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            take(&mut worker, item);
        }
        worker
    };
    if n_threads <= 1 {
        return vec![work()];
    }
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker that panics ends the scan")).collect()
    })
}

fn joined(mut a: Haul, b: Haul) -> Haul {
    a.join(b);
    a
}

/// The origin of the message of a commit or tag.
pub(super) fn message_of(what: &str, id: &str, commit: Option<Arc<crate::blob::Commit>>) -> Origin {
    Origin { path: Arc::from(format!("message of {what} {}", short_id(id))), is_message: true, commit }
}

/// The origin of a blob to which no commit leads and which has no name.
pub(super) fn nameless(id: &str) -> Origin {
    Origin { path: Arc::from(format!("blob {}", short_id(id))), is_message: true, commit: None }
}

/// The origin of what names people in a commit or tag.
pub(super) fn people_of(what: &str, id: &str, commit: Option<Arc<crate::blob::Commit>>) -> Origin {
    Origin { path: Arc::from(format!("author of {what} {}", short_id(id))), is_message: true, commit }
}

/// What the origin of a finding in the name of a file begins with.
pub(super) const NAME_OF: &str = "name of ";

/// The origin of the name of a path or reference.
pub(super) fn name_of(name: &str, commit: Option<Arc<crate::blob::Commit>>) -> Origin {
    Origin { path: Arc::from(format!("{NAME_OF}{name}")), is_message: true, commit }
}

impl Engine {
    /// Whether a name holds a key that identifies itself. A name is too short to tell of another key whose it is, and names are full of digests.
    pub(super) fn names_a_key(&self, name: &[u8]) -> bool {
        let mut is_there = false;
        self.detector.scan(name, false, |matched| is_there |= matched.identifies_itself());
        is_there
    }

    /// The findings of such keys in names.
    pub(super) fn findings_in_names(&self, origin: Origin, names: &[u8]) -> Result<Vec<Finding>, Skip> {
        guarded_at(origin, |origin| {
            if !self.names_a_key(names) {
                return Vec::new();
            }
            let mut found = findings_of(self, &mut Buffers::default(), origin, names);
            found.retain(|finding| finding.rule.context == ContextNeed::Helpful);
            found
        })
    }

    /// The findings of a text that is in no file.
    pub(super) fn findings_in_text(&self, buffers: &mut Buffers, origin: Origin, text: &[u8]) -> Result<Vec<Finding>, Skip> {
        guarded_at(origin, |origin| findings_of(self, buffers, origin, text)).inspect_err(|_| *buffers = Buffers::default())
    }
}

/// The findings of a blob in memory.
pub(super) fn findings_of(engine: &Engine, buffers: &mut Buffers, origin: &Origin, mut bytes: &[u8]) -> Vec<Finding> {
    let mut found = Vec::new();
    let read = decode::windows(&mut bytes, buffers, &mut |window| engine.scan_window(origin, &window, &mut found));
    read.expect("reading from memory cannot fail");
    found
}

/// The text that is read of a blob, where that is another one than its bytes.
fn decoded(buffers: &mut Buffers, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut each_window = |each: &mut dyn FnMut(&Window<'_>)| {
        decode::windows(&mut &*bytes, buffers, &mut |window| each(&window)).expect("reading from memory cannot fail");
    };
    let mut is_verbatim = true;
    each_window(&mut |window| is_verbatim &= window.is_verbatim);
    let mut text = Vec::new();
    if !is_verbatim {
        each_window(&mut |window| text.extend_from_slice(window.owned.of(window.bytes)));
    }
    (!is_verbatim).then_some(text)
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
        self.scan_name(change);
        match guarded_at(change.origin.clone(), |_| self.scan(change)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.doubt(change, &error),
            Err(skip) => {
                (self.buffers, self.bytes) = (Buffers::default(), Vec::new());
                self.haul.skip(skip, self.job.lists_skips);
            }
        }
    }

    /// Looks at the name of a new file.
    fn scan_name(&mut self, change: &Change) {
        let path = &change.origin.path;
        if change.is_new_path {
            let found = self.engine.findings_in_names(name_of(path, change.origin.commit.clone()), path.as_bytes());
            self.haul.take(found, self.job.lists_skips);
        }
    }

    fn scan(&mut self, change: &Change) -> Result<(), GitError> {
        let is_new_file = change.is_new_path && !change.is_link;
        let may_be_found_by_path = is_new_file && self.engine.finds_file(&change.origin.path);
        if self.scope == Scope::AddedLines && change.adds_nothing() && !may_be_found_by_path {
            return Ok(());
        }
        self.reader.blob(&change.id, &mut self.bytes)?;
        // What is there is scanned all the same.
        if let Err(error) = self.reader.check(&change.id, &self.bytes) {
            self.doubt(change, &error);
        }
        self.haul.coverage.n_lfs += u64::from(git::is_lfs_pointer(&self.bytes));
        let n_known = self.haul.findings.len();
        let mut input = self.bytes.as_slice();
        let read = self.haul.blob(self.engine, self.job, &self.batching, &mut self.buffers, &change.origin, &mut input);
        read.expect("reading from memory cannot fail");
        if self.haul.findings.len() == n_known {
            return Ok(());
        }
        let mut found = self.haul.findings.split_off(n_known);
        // A link is no file: what it points to is found where it lies.
        found.retain(|finding| !(change.is_link && finding.rule.is_of_path()));
        if self.scope == Scope::AddedLines {
            let (reader, buffers) = (&mut self.reader, &mut self.buffers);
            match reader.added_lines_of(change, &mut |bytes| decoded(buffers, bytes)) {
                Ok(added) => {
                    let is_new = |region: &Region| added.touches(region.start.line, region.end.line);
                    let is_new_there = |finding: &Finding| is_new_file && finding.rule.is_of_path();
                    found.retain(|finding| {
                        is_new_there(finding) || is_new(&finding.region) || finding.partner.as_ref().is_some_and(|partner| is_new(&partner.region))
                    });
                }
                // What is new cannot be told: all of it is reported, nothing is lost.
                Err(error) => self.doubt(change, &error),
            }
        }
        self.haul.findings.append(&mut found);
        Ok(())
    }

    /// Notes that a change could not be scanned, or that its lines could not be told from old ones.
    fn doubt(&mut self, change: &Change, error: &GitError) {
        let skip = Skip { origin: change.origin.clone(), reason: SkipReason::Unreadable, detail: Some(error.to_string()) };
        self.haul.skip(skip, self.job.lists_skips);
    }
}
