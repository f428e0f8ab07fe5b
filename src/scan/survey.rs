//! The survey of a history: which blobs may hold findings, whatever their paths are.
//!
//! Without a path a blob gives at least the findings that it gives with any. Of a text it is remembered which of its tokens leave a *doubt*: that is decided
//! by a token and the bytes right around it. A blob that is stored as the difference to another is looked through where it is new; elsewhere its doubts are
//! those of the other. Only doubts are judged by all that stands around them, and words, for which that is searched, are handed on from blob to blob, too.

use std::cell::RefCell;
use std::io;
use std::ops::ControlFlow;

use super::git::findings_of;
use super::run::Job;
use super::{Engine, is_structured};
use crate::blob::{Origin, Skip, SkipReason, Window};
use crate::decode::base64::{self, Wrapped};
use crate::decode::{self, Buffers};
use crate::finding::Layer;
use crate::git::history::{Base, Blob, Content, Message, NameCheck, Segment, Skipped, Visitor};
use crate::git::{self, ObjectId, oid};
use crate::rule::ContextNeed;
use crate::score::{LOCAL_AFTER, LOCAL_BEFORE, Page, Subject, WordList};
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

/// One thread's part of the survey.
pub(super) struct Surveyor<'a> {
    engine: &'a Engine,
    job: &'a Job<'a>,
    thoroughness: Thoroughness,
    buffers: Buffers,
    nowhere: Origin,
    /// The blobs that may hold findings.
    pub(super) candidates: Vec<ObjectId>,
    /// Messages with findings: of what, whether it is a tag, and the text.
    pub(super) messages: Vec<(ObjectId, bool, Vec<u8>)>,
    /// The same for lines that name people.
    pub(super) people: Vec<(ObjectId, bool, Vec<u8>)>,
    pub(super) skips: Vec<Skip>,
    pub(super) n_lfs: u64,
}

/// What is remembered of a blob.
#[derive(Debug)]
pub(super) enum Survey {
    /// It is plain text and no token of it leaves a doubt.
    Quiet,
    /// It is plain text with doubts.
    Doubtful(Box<Doubtful>),
    /// Anything else.
    Other,
}

/// A text's doubts, in order, and its words as far as they were looked for.
#[derive(Debug)]
pub(super) struct Doubtful {
    doubts: Vec<Doubt>,
    words: WordList,
}

/// A token that more of the text than the bytes around it would have to settle, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Doubt {
    span: Span,
    /// Whether it turned out to be a candidate, in this blob or in one that this one derives from.
    is_candidate: bool,
}

impl<'a> Surveyor<'a> {
    pub(super) fn new(engine: &'a Engine, job: &'a Job<'a>, thoroughness: Thoroughness) -> Self {
        let (candidates, messages, people, skips) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { engine, job, thoroughness, buffers: Buffers::default(), nowhere: Origin::new(""), candidates, messages, people, skips, n_lfs: 0 }
    }

    /// Surveys a blob whole; gives what is remembered of it, and whether it may hold findings.
    fn whole(&mut self, bytes: &[u8]) -> (Survey, bool) {
        if self.thoroughness == Thoroughness::Whole || !is_simple(bytes) || memchr::memchr(0, bytes).is_some() {
            return (Survey::Other, !findings_of(self.engine, &mut self.buffers, &self.nowhere, bytes).is_empty());
        }
        let mut doubts = Vec::new();
        self.engine.add_doubts(bytes, Span::new(0, bytes.len()), &mut doubts);
        if doubts.iter().any(|doubt| doubt.span.len() >= N_BASE64 / 2) {
            return (Survey::Other, !findings_of(self.engine, &mut self.buffers, &self.nowhere, bytes).is_empty());
        }
        self.settle(bytes, doubts, WordList::default)
    }

    /// Surveys what is new in a blob.
    fn novel(&mut self, bytes: &[u8], base: Option<&Doubtful>, segments: &[Segment]) -> (Survey, bool) {
        let Some(zones) = novel(bytes, segments) else { return self.whole(bytes) };
        let mut doubts = base.map_or_else(Vec::new, |base| copied(&base.doubts, segments, &zones));
        zones.iter().for_each(|zone| self.engine.add_doubts(bytes, *zone, &mut doubts));
        let copies = segments.iter().filter_map(|segment| Some((run(segment), segment.from?)));
        self.settle(bytes, doubts, || base.map_or_else(WordList::default, |base| self.engine.scorer.handed_on(&base.words, copies)))
    }

    /// Judges what is in doubt until something is a candidate.
    fn settle(&self, bytes: &[u8], mut doubts: Vec<Doubt>, words: impl FnOnce() -> WordList) -> (Survey, bool) {
        if doubts.is_empty() {
            return (Survey::Quiet, false);
        }
        merge(&mut doubts);
        let words = RefCell::new(words());
        // A token that was a candidate once is taken for one as long as it is there.
        let mut is_candidate = doubts.iter().any(|doubt| doubt.is_candidate);
        if !is_candidate {
            let page = Page::with_words(bytes, "", &words);
            let found = zones_around(bytes, &doubts).into_iter().find_map(|zone| self.engine.first_candidate(&page, zone));
            is_candidate = found.is_some();
            let has_found = |doubt: &&mut Doubt| found.is_some_and(|found| found.overlaps(doubt.span));
            doubts.iter_mut().filter(has_found).for_each(|doubt| doubt.is_candidate = true);
        }
        (Survey::Doubtful(Box::new(Doubtful { doubts, words: words.into_inner() })), is_candidate)
    }
}

impl Visitor for Surveyor<'_> {
    type State = Survey;

    fn blob(&mut self, blob: Blob<'_>, base: Option<Base<'_, Survey>>) -> Survey {
        let bytes = blob.bytes;
        self.n_lfs += u64::from(git::is_lfs_pointer(bytes));
        self.job.progress.add(1, bytes.len() as u64);
        // A base that is plain text has no zeros; new bytes may.
        let base = base.filter(|base| is_simple(bytes) && is_plain(bytes, base.segments));
        let (survey, is_candidate) = match base.map(|base| (base.state, base.segments)) {
            Some((Survey::Quiet, segments)) => self.novel(bytes, None, segments),
            Some((Survey::Doubtful(base), segments)) => self.novel(bytes, Some(base), segments),
            Some((Survey::Other, _)) | None => self.whole(bytes),
        };
        if is_candidate {
            self.candidates.push(blob.id.to_owned());
        }
        survey
    }

    fn large(&mut self, id: &oid, content: &mut Content<'_>) -> io::Result<()> {
        self.job.progress.add(1, content.size);
        let mut found = Vec::new();
        let read = decode::windows(content, &mut self.buffers, &mut |window| self.engine.scan_window(&self.nowhere, &window, &mut found));
        // What was found before it breaks off counts.
        if !found.is_empty() {
            self.candidates.push(id.to_owned());
        }
        read.map(drop)
    }

    fn message(&mut self, message: Message<'_>) {
        if self.engine.is_in_doubt(message.text) && !findings_of(self.engine, &mut self.buffers, &self.nowhere, message.text).is_empty() {
            self.messages.push((message.id.to_owned(), message.is_tag, message.text.to_vec()));
        }
        if self.engine.names_a_key(message.people) {
            self.people.push((message.id.to_owned(), message.is_tag, message.people.to_vec()));
        }
    }

    fn wanted(&self) -> Vec<ObjectId> {
        let texts = self.messages.iter().chain(&self.people).map(|(id, ..)| *id);
        self.candidates.iter().copied().chain(texts).collect()
    }

    fn name_check(&self) -> Option<NameCheck<'_>> {
        let engine = self.engine;
        Some(Box::new(|name| engine.names_a_key(name)))
    }

    fn skip(&mut self, skipped: Skipped<'_>) {
        let origin = Origin::new(&format!("{} {}", skipped.what, skipped.id));
        self.skips.push(Skip { origin, reason: SkipReason::Unreadable, detail: Some(skipped.why.to_owned()) });
    }
}

impl Engine {
    /// Whether a token of `text` leaves a doubt that only a scan settles.
    pub(super) fn is_in_doubt(&self, text: &[u8]) -> bool {
        let mut doubts = Vec::new();
        self.add_doubts(text, Span::new(0, text.len()), &mut doubts);
        !doubts.is_empty()
    }

    /// Adds the tokens that a look at a zone of `bytes` finds and that leave a doubt. What decides lies in the token, or in the base64 text that it is part
    /// of, and at most [`LOCAL_BEFORE`] bytes before it and [`LOCAL_AFTER`] behind.
    fn add_doubts(&self, bytes: &[u8], zone: Span, doubts: &mut Vec<Doubt>) {
        let page = Page::without_words(bytes);
        let mut wrapped = Wrapped::NONE;
        let mut add = |span: Span| doubts.push(Doubt { span, is_candidate: false });
        self.detector.scan_zone(bytes, zone, false, |matched| {
            let span = matched.span;
            if is_structured(&matched) {
                // The place is decided by its own line; what it announces may stand anywhere behind and is read when the doubt is settled.
                return add(span);
            }
            let identifies_itself = matched.rules.iter().any(|rule| rule.context == ContextNeed::Helpful);
            if !identifies_itself && span.start >= wrapped.span.end {
                wrapped = Wrapped::around(bytes, span, wrapped.span.end);
                let decoded = wrapped.decoded.as_deref().unwrap_or_default();
                self.detector.scan(decoded, false, |inner| {
                    if !inner.rules.is_empty() {
                        add(wrapped.place_of(inner.span));
                    }
                });
            }
            if wrapped.decoded.is_none() || !wrapped.span.contains(span) {
                let subject = Subject { token: span, value: span.of(bytes), rules: matched.rules, layer: Layer::Raw };
                self.scorer.is_in_doubt(&page, &subject).then(|| add(span));
            }
        });
    }

    /// The first candidate in a zone of a page.
    fn first_candidate(&self, page: &Page<'_>, zone: Span) -> Option<Span> {
        let mut found = None;
        self.judge_zone(page, &Window::whole(page.text), zone, |_, judgement| match judgement.candidate {
            Some(candidate) => {
                found = Some(candidate.span);
                ControlFlow::Break(())
            }
            None => ControlFlow::Continue(()),
        });
        found
    }
}

/// Puts doubts in order, those that overlap as one.
fn merge(doubts: &mut Vec<Doubt>) {
    doubts.sort_unstable();
    doubts.dedup_by(|next, last| {
        let is_one = next.span.start < last.span.end;
        if is_one {
            last.span.end = last.span.end.max(next.span.end);
            last.is_candidate |= next.is_candidate;
        }
        is_one
    });
}

/// Whether the blob is small enough for one window, and no text in wide units by its first bytes.
fn is_simple(bytes: &[u8]) -> bool {
    bytes.len() <= N_SIMPLE && !matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..])
}

/// Whether nothing that is new in `bytes` is a zero, by which text in wide units and data are known.
fn is_plain(bytes: &[u8], segments: &[Segment]) -> bool {
    let new = segments.iter().filter(|segment| segment.from.is_none());
    new.map(|segment| run(segment).of(bytes)).all(|bytes| memchr::memchr(0, bytes).is_none())
}

/// The bytes of a segment.
fn run(segment: &Segment) -> Span {
    Span::new(segment.at, segment.at + segment.len)
}

/// The doubts of a base that are copied, but for those in zones that are looked through. Of what is copied in part that part stays in doubt.
fn copied(doubts: &[Doubt], segments: &[Segment], zones: &[Span]) -> Vec<Doubt> {
    let mut copied = Vec::new();
    for segment in segments {
        let Some(from) = segment.from else { continue };
        let there = Span::new(from, from + segment.len);
        let first = doubts.partition_point(|doubt| doubt.span.end <= there.start);
        for doubt in doubts[first..].iter().take_while(|doubt| doubt.span.start < there.end) {
            let part = Span::new(doubt.span.start.max(there.start), doubt.span.end.min(there.end));
            let span = part.shifted(segment.at).back(there.start);
            let next = zones.partition_point(|zone| zone.end < span.end);
            if !zones.get(next).is_some_and(|zone| zone.contains(span)) {
                copied.push(Doubt { span, ..*doubt });
            }
        }
    }
    copied
}

/// The stretches of `bytes` in which a token may be new, or may have new text beside it that decides: what was inserted and the seams between copies,
/// with as much around as is looked at, up to the ends of lines and of base64 texts. Nothing if such a text is too long: where its parts begin is told from
/// its start.
fn novel(bytes: &[u8], segments: &[Segment]) -> Option<Vec<Span>> {
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
        add_widened(bytes, changed, &mut spans)?;
    }
    // Where the other blob went on, this one may end.
    add_widened(bytes, Span::new(bytes.len(), bytes.len()), &mut spans)?;
    Some(spans)
}

/// The stretches around doubts in which a look finds them again.
fn zones_around(bytes: &[u8], doubts: &[Doubt]) -> Vec<Span> {
    let mut zones = Vec::new();
    let is_done = doubts.iter().all(|doubt| add_widened(bytes, doubt.span, &mut zones).is_some());
    if is_done { zones } else { vec![Span::new(0, bytes.len())] }
}

/// Adds a stretch with what is around it; spans are in order. Nothing if it is in too long a base64 text.
fn add_widened(bytes: &[u8], span: Span, spans: &mut Vec<Span>) -> Option<()> {
    let is_inside = |last: &Span| {
        // Where a line is too long, the last stretch may end inside of a token.
        let is_line_end = last.end == bytes.len() || bytes[last.end - 1] == b'\n';
        let reach = LOCAL_BEFORE + if is_line_end { 0 } else { N_LINE };
        (span.end + reach).min(bytes.len()) <= last.end && span.start >= last.start + LOCAL_AFTER
    };
    if spans.last().is_some_and(is_inside) {
        return Some(());
    }
    let wide = widened(bytes, span)?;
    match spans.last_mut() {
        Some(last) if wide.start <= last.end => *last = Span::new(last.start.min(wide.start), last.end.max(wide.end)),
        _ => spans.push(wide),
    }
    Some(())
}

fn widened(bytes: &[u8], span: Span) -> Option<Span> {
    // A token is decided by more before it than behind it.
    let (mut start, mut end) = (span.start.saturating_sub(LOCAL_AFTER), bytes.len().min(span.end + LOCAL_BEFORE));
    let is_base64 = |byte: &&u8| IS_BASE64[usize::from(**byte)];
    let n_before = bytes[start.saturating_sub(N_BASE64)..start].iter().rev().take_while(is_base64).count();
    let n_after = bytes[end..bytes.len().min(end + N_BASE64)].iter().take_while(is_base64).count();
    if n_before + n_after >= N_BASE64 / 2 {
        return None;
    }
    (start, end) = (start - n_before, end + n_after);
    let before = &bytes[start.saturating_sub(N_LINE)..start];
    start = memchr::memrchr(b'\n', before).map_or(start - before.len(), |at| start - before.len() + at + 1);
    let after = &bytes[end..bytes.len().min(end + N_LINE)];
    end = memchr::memchr(b'\n', after).map_or(end + after.len(), |at| end + at + 1);
    Some(with_base64_lines(bytes, Span::new(start, end)))
}

/// A stretch with the lines around it that may be one base64 text together with its own.
fn with_base64_lines(bytes: &[u8], span: Span) -> Span {
    let last_line_end = |end: usize| if end > span.start && bytes[end - 1] == b'\n' { end - 1 } else { end };
    let near = base64::lines_near(bytes, Span::new(span.start, last_line_end(span.end)));
    Span::new(near.start.min(span.start), near.end.max(span.end))
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
        let spans = novel(&bytes, &segments).expect("it holds no long base64 text");
        assert!(spans.iter().any(|span| span.start <= at - LOCAL_AFTER && span.end >= at + 10 + LOCAL_BEFORE), "{spans:?}");
        assert!(spans.iter().all(|span| span.start % line.len() == 0 && span.end % line.len() == 0), "{spans:?}");
        assert!(spans.iter().map(|span| span.len()).sum::<usize>() < bytes.len() / 2, "{spans:?}");
    }

    #[test]
    fn doubts_are_handed_on_with_what_is_copied() {
        let doubt = |start, end| Doubt { span: Span::new(start, end), is_candidate: false };
        let segments = [
            Segment { at: 0, len: 100, from: Some(50) },
            Segment { at: 100, len: 10, from: None },
            Segment { at: 110, len: 90, from: Some(300) },
            Segment { at: 200, len: 40, from: Some(60) },
        ];
        // One is copied twice, one in part, one is gone, one is looked at again.
        let doubts = [doubt(60, 80), doubt(140, 170), doubt(200, 240), doubt(310, 320)];
        let copied = copied(&doubts, &segments, &[Span::new(105, 135)]);
        assert_eq!(copied, [doubt(10, 30), doubt(90, 100), doubt(200, 220)]);
        let mut doubts = vec![doubt(30, 40), doubt(0, 50), doubt(50, 60)];
        merge(&mut doubts);
        assert_eq!(doubts, [doubt(0, 50), doubt(50, 60)]);
    }
}
