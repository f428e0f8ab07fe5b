//! Running a scan of a whole history: every blob once, then for the few that may hold findings the commit and path that brought them.
//!
//! Which path a blob has is not known while the blobs go by, and to find out costs as much as the scan. So the first pass only *surveys*: a blob judged
//! without a path gives at least the findings that it gives with any. What it leaves is attributed to commits and paths, and scanned again as itself.
//!
//! A blob that is stored as the difference to another is surveyed by what is new in it. If no token of the other left a doubt, none that was copied from
//! it does: that is decided by a token and the bytes right around it. Where a doubt is left, the blob is surveyed whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Engine;
use super::git::{findings_of, in_threads, message_of, tip_place};
use super::run::{Haul, Job};
use crate::blob::{Origin, Skip, SkipReason};
use crate::decode::Buffers;
use crate::finding::{Finding, Presence, Report, TipPlace};
use crate::git::history::{Attributed, Base, Blob, HistoryOptions, Message, Segment, Skipped, Standing, Visitor};
use crate::git::{self, GitError, ObjectId, Repo};
use crate::score::LOCAL;
use crate::secret::Secret;
use crate::span::Span;

/// How much of the blobs is surveyed. Both give the same findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thoroughness {
    /// What is new in them.
    Novel,
    /// All of them.
    Whole,
}

/// Larger blobs are surveyed whole, window by window.
const N_SIMPLE: usize = 1 << 20;
/// How far a stretch that is surveyed is extended to the next line end, and to the end of a base64 text.
const N_LINE: usize = 4 << 10;
const N_BASE64: usize = 64 << 10;
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
    report.repository = Some(repo.identity(None));
    report.incomplete.extend(incomplete);
    if pass.n_commits() == 0 && report.incomplete.is_empty() {
        report.incomplete.push("nothing was scanned: the repository has no commit".to_owned());
    }
    Ok(report)
}

/// One thread's part of the survey.
struct Surveyor<'a> {
    engine: &'a Engine,
    job: &'a Job<'a>,
    thoroughness: Thoroughness,
    buffers: Buffers,
    nowhere: Origin,
    candidates: Vec<ObjectId>,
    /// Messages with findings: of what, whether it is a tag, and the text.
    messages: Vec<(ObjectId, bool, Vec<u8>)>,
    skips: Vec<Skip>,
    n_lfs: u64,
}

/// What is remembered of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Survey {
    /// It is plain text and no token of it leaves a doubt.
    Quiet,
    /// Anything else.
    Loud,
}

impl<'a> Surveyor<'a> {
    fn new(engine: &'a Engine, job: &'a Job<'a>, thoroughness: Thoroughness) -> Self {
        let (candidates, messages, skips) = (Vec::new(), Vec::new(), Vec::new());
        Self { engine, job, thoroughness, buffers: Buffers::default(), nowhere: Origin::new(""), candidates, messages, skips, n_lfs: 0 }
    }

    /// Whether no token of a blob that derives from a quiet one leaves a doubt.
    fn is_still_quiet(&self, bytes: &[u8], segments: &[Segment]) -> bool {
        novel(bytes, segments).into_iter().all(|span| !self.engine.is_in_doubt(span.of(bytes)))
    }
}

impl Visitor for Surveyor<'_> {
    type State = Survey;

    fn blob(&mut self, blob: Blob<'_>, base: Option<Base<'_, Survey>>) -> Survey {
        let bytes = blob.bytes;
        self.n_lfs += u64::from(git::is_lfs_pointer(bytes));
        self.job.progress.add(1, bytes.len() as u64);
        let quiet_base = base.filter(|base| *base.state == Survey::Quiet && self.thoroughness == Thoroughness::Novel);
        let is_quiet = match quiet_base {
            _ if bytes.len() > N_SIMPLE || matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) => false,
            // A quiet blob has no zeros; new bytes may.
            Some(base) => is_plain(bytes, base.segments) && self.is_still_quiet(bytes, base.segments),
            None => memchr::memchr(0, bytes).is_none() && !self.engine.is_in_doubt(bytes),
        };
        if is_quiet {
            return Survey::Quiet;
        }
        if !findings_of(self.engine, &mut self.buffers, &self.nowhere, bytes).is_empty() {
            self.candidates.push(blob.id.to_owned());
        }
        Survey::Loud
    }

    fn message(&mut self, message: Message<'_>) {
        if self.engine.is_in_doubt(message.text) && !findings_of(self.engine, &mut self.buffers, &self.nowhere, message.text).is_empty() {
            self.messages.push((message.id.to_owned(), message.is_tag, message.text.to_vec()));
        }
    }

    fn skip(&mut self, skipped: Skipped<'_>) {
        let origin = Origin::new(&format!("{} {}", skipped.what, skipped.id));
        self.skips.push(Skip { origin, reason: SkipReason::Unreadable, detail: Some(skipped.why.to_owned()) });
    }
}

/// Whether nothing that is new in `bytes` is a zero, by which text in wide units and data are known.
fn is_plain(bytes: &[u8], segments: &[Segment]) -> bool {
    let new = segments.iter().filter(|segment| segment.from.is_none());
    new.map(|segment| Span::new(segment.at, segment.at + segment.len).of(bytes)).all(|bytes| memchr::memchr(0, bytes).is_none())
}

/// The stretches of `bytes` in which a token may be new, or may have new text beside it that decides: what was inserted and the seams between copies,
/// with as much around as is looked at, up to the ends of lines and of base64 texts.
fn novel(bytes: &[u8], segments: &[Segment]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut copied_to = None;
    for segment in segments {
        let end = segment.at + segment.len;
        let is_continued = segment.from.is_some() && segment.from == copied_to;
        copied_to = segment.from.map(|from| from + segment.len);
        let changed = match segment.from {
            Some(_) if is_continued => continue,
            Some(_) => Span::new(segment.at, segment.at),
            None => Span::new(segment.at, end),
        };
        if spans.last().is_some_and(|last| changed.end + 2 * LOCAL <= last.end) {
            continue;
        }
        let wide = widened(bytes, changed);
        match spans.last_mut() {
            Some(last) if wide.start <= last.end => last.end = last.end.max(wide.end),
            _ => spans.push(wide),
        }
    }
    // Where the other blob went on, this one may end.
    let tail = widened(bytes, Span::new(bytes.len(), bytes.len()));
    match spans.last_mut() {
        Some(last) if tail.start <= last.end => last.end = tail.end,
        _ => spans.push(tail),
    }
    spans
}

fn widened(bytes: &[u8], span: Span) -> Span {
    // Twice: a token that is so near to a change that the change decides has its own surroundings.
    let (mut start, mut end) = (span.start.saturating_sub(2 * LOCAL), bytes.len().min(span.end + 2 * LOCAL));
    let is_base64 = |byte: &&u8| IS_BASE64[usize::from(**byte)];
    start -= bytes[start.saturating_sub(N_BASE64)..start].iter().rev().take_while(is_base64).count();
    end += bytes[end..bytes.len().min(end + N_BASE64)].iter().take_while(is_base64).count();
    let before = &bytes[start.saturating_sub(N_LINE)..start];
    start = memchr::memrchr(b'\n', before).map_or(start - before.len(), |at| start - before.len() + at + 1);
    let after = &bytes[end..bytes.len().min(end + N_LINE)];
    end = memchr::memchr(b'\n', after).map_or(end + after.len(), |at| end + at + 1);
    Span::new(start, end)
}

static IS_BASE64: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'+' | b'/' | b'-' | b'_' | b'=');
        byte += 1;
    }
    table
};

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
                let at_head = object.at_head.first().map(|path| Arc::<str>::from(path.as_str()));
                self.findings.extend(found.into_iter().map(|finding| {
                    let at_tip = at_head.clone().map(|path| TipPlace { path, ..tip_place(&finding) });
                    (object.rank, Finding { presence: Some(Presence { at_tip, paths: paths.clone() }), ..finding })
                }));
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
    if other.at_tip.is_some() || presence.at_tip.is_none() && later.suppression.is_none() {
        first.suppression = later.suppression;
    }
    presence.at_tip = presence.at_tip.take().or(other.at_tip);
    presence.paths.extend(other.paths);
    presence.paths.sort_unstable();
    presence.paths.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_is_surveyed_with_its_lines() {
        let line = "0123456789 0123456789 0123456789\n";
        let bytes = line.repeat(100).into_bytes();
        let at = 50 * line.len() + 5;
        let segments = [
            Segment { at: 0, len: at, from: Some(0) },
            Segment { at, len: 10, from: None },
            Segment { at: at + 10, len: bytes.len() - at - 10, from: Some(at) },
        ];
        let spans = novel(&bytes, &segments);
        assert!(spans.iter().any(|span| span.start <= at - 2 * LOCAL && span.end >= at + 10 + 2 * LOCAL), "{spans:?}");
        assert!(spans.iter().all(|span| span.start % line.len() == 0 && span.end % line.len() == 0), "{spans:?}");
        assert!(spans.iter().map(|span| span.len()).sum::<usize>() < bytes.len() / 2, "{spans:?}");
    }
}
