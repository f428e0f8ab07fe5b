//! The survey of a history: which blobs may hold findings, whatever their paths are.
//!
//! Without a path a blob gives at least the findings that it gives with any. Of a text it is remembered which of its tokens leave a *doubt*: that is decided
//! by a token and the bytes right around it. A blob that is stored as the difference to another is looked through where it is new; elsewhere its doubts are
//! those of the other. Only doubts are judged by all that stands around them, and words, for which that is searched, are handed on from blob to blob, too.

use std::cell::{LazyCell, RefCell};
use std::collections::HashSet;
use std::io;
use std::ops::ControlFlow;
use std::rc::Rc;

use super::Engine;
use super::fault::{Fault, guarded};
use super::quiet::Quiet;
use super::run::Job;
use super::zones::{LONGEST_BASE64, Zone, novel, overlaps_any, run, zones_around};
use crate::blob::{Origin, Skip, SkipReason, Window};
use crate::decode::base64::{Role, Wrapped};
use crate::decode::{self, Buffers};
use crate::detect::Match;
use crate::finding::Layer;
use crate::git::history::{Base, Blob, Content, FileCheck, Message, NameCheck, Segment, Skipped, Visitor};
use crate::git::{self, ObjectId, oid};
use crate::rule::file::FileKind;
use crate::score::{self, Page, ProviderSet, Subject, WordList};
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
/// Places of doubts that a thread keeps for the second scan.
const MOST_PLACES: usize = 1 << 20;
/// Words that all threads together keep for it.
const MOST_WORDS: usize = 1 << 21;
/// People that a thread remembers, if the lines that name them are no longer than this.
const MOST_PEOPLE: usize = 1 << 14;
const LONGEST_LINE: usize = 256;

/// One thread's part of the survey.
pub(super) struct Surveyor<'a> {
    engine: &'a Engine,
    job: &'a Job<'a>,
    thoroughness: Thoroughness,
    /// What left nothing in doubt where it was met before.
    quiet: Quiet,
    buffers: Buffers,
    nowhere: Origin,
    /// The blobs that may hold findings, and where they may, if it is known that there is nothing elsewhere.
    pub(super) candidates: Vec<(ObjectId, Option<Places>)>,
    /// How many places and words are kept for them.
    n_places: usize,
    n_words: usize,
    /// Messages with findings: of what, whether it is a tag, and the text.
    pub(super) messages: Vec<(ObjectId, bool, Vec<u8>)>,
    /// The same for lines that name people.
    pub(super) people: Vec<(ObjectId, bool, Vec<u8>)>,
    /// Who was met in such lines without a key.
    met: HashSet<Box<[u8]>>,
    pub(super) skips: Vec<Skip>,
    pub(super) n_lfs: u64,
}

/// Where the tokens of a text are that leave a doubt, and its words as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) doubts: Box<[Span]>,
    pub(super) words: WordList,
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
#[derive(Clone, Debug, PartialEq, Eq)]
struct Doubt {
    span: Span,
    /// The providers without whose names near it it is no candidate; `None` if it has to be judged in any case.
    providers: Option<Rc<ProviderSet>>,
    /// Whether words are asked for to judge it.
    needs_words: bool,
    /// Whether it turned out to be a candidate, in this blob or in one that this one derives from.
    is_candidate: bool,
}

impl<'a> Surveyor<'a> {
    pub(super) fn new(engine: &'a Engine, job: &'a Job<'a>, thoroughness: Thoroughness) -> Self {
        let (candidates, messages, people, skips) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self {
            engine,
            job,
            thoroughness,
            quiet: Quiet::new(),
            buffers: Buffers::default(),
            nowhere: Origin::new(""),
            candidates,
            n_places: 0,
            n_words: 0,
            messages,
            people,
            met: HashSet::new(),
            skips,
            n_lfs: 0,
        }
    }

    /// Whether every blob is read whole. What a pattern matches may begin far from what is new, and what it needs may stand anywhere.
    fn reads_whole(&self) -> bool {
        self.thoroughness == Thoroughness::Whole || self.engine.patterns.is_some()
    }

    /// Surveys a blob whole; gives what is remembered of it, and whether it may hold findings.
    fn whole(&mut self, bytes: &[u8]) -> (Survey, bool) {
        if self.reads_whole() || !is_simple(bytes) || memchr::memchr(0, bytes).is_some() {
            return (Survey::Other, self.holds_candidate(bytes));
        }
        let mut doubts = Vec::new();
        self.engine.add_doubts(&Page::without_words(bytes), Span::new(0, bytes.len()), &mut doubts);
        if doubts.iter().any(|doubt| doubt.span.len() >= LONGEST_BASE64) {
            return (Survey::Other, self.holds_candidate(bytes));
        }
        self.settle(bytes, doubts, WordList::default)
    }

    /// Whether a blob in memory has a candidate, in whatever encoding.
    fn holds_candidate(&mut self, mut bytes: &[u8]) -> bool {
        let mut is_found = false;
        let read = decode::windows(&mut bytes, &mut self.buffers, &mut |window| self.engine.look_for_candidate(&self.nowhere, &window, &mut is_found));
        read.expect("reading from memory cannot fail");
        is_found
    }

    /// Surveys what is new in a blob.
    fn novel(&mut self, bytes: &[u8], base: Option<&Doubtful>, segments: &[Segment]) -> (Survey, bool) {
        let Some(zones) = novel(bytes, segments) else { return self.whole(bytes) };
        let mut doubts = base.map_or_else(Vec::new, |base| copied(&base.doubts, segments, &zones));
        let page = Page::without_words(bytes);
        zones.into_iter().for_each(|zone| self.add_new_doubts(&page, zone, &mut doubts));
        let copies = segments.iter().filter_map(|segment| Some((run(segment), segment.from?)));
        self.settle(bytes, doubts, || base.map_or_else(WordList::default, |base| self.engine.scorer.handed_on(&base.words, copies)))
    }

    /// Adds what is in doubt in a zone of the page that is new, unless the same was met in another text and left nothing in doubt.
    fn add_new_doubts(&mut self, page: &Page<'_>, zone: Zone, doubts: &mut Vec<Doubt>) {
        let number = self.quiet.number(page.text, zone);
        if number.is_some_and(|number| self.quiet.has(number)) {
            return;
        }
        let n_before = doubts.len();
        self.engine.add_doubts(page, zone.span, doubts);
        if doubts.len() == n_before {
            number.into_iter().for_each(|number| self.quiet.add(number));
        }
    }

    /// What is kept of a blob with findings for the second scan.
    fn places(&mut self, survey: &Survey) -> Option<Places> {
        let Survey::Doubtful(known) = survey else { return None };
        if self.n_places >= MOST_PLACES {
            return None;
        }
        let has_room = self.n_words < MOST_WORDS / self.job.n_threads.max(1);
        let words = if has_room { known.words.clone() } else { WordList::default() };
        let doubts: Box<[Span]> = known.doubts.iter().map(|doubt| doubt.span).collect();
        self.n_places += doubts.len();
        self.n_words += words.len();
        Some(Places { doubts, words })
    }

    /// Whether one of these lines, which name people, has a key. Most are of somebody who was met before, at another time.
    fn names_a_key(&mut self, people: &[u8]) -> bool {
        people.split(|&byte| byte == b'\n').any(|line| {
            let who = without_time(line);
            if self.met.contains(who) {
                return false;
            }
            if self.engine.names_a_key(line) {
                return true;
            }
            if self.met.len() < MOST_PEOPLE && who.len() < LONGEST_LINE {
                self.met.insert(who.into());
            }
            false
        })
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
        let page = Page::with_words(bytes, "", &words);
        if !is_candidate {
            let is_open = |doubt: &&Doubt| doubt.providers.as_ref().is_none_or(|providers| self.engine.scorer.is_any_named_near(&page, doubt.span, providers));
            let open: Vec<Span> = doubts.iter().filter(is_open).map(|doubt| doubt.span).collect();
            let zones = zones_around(bytes, open.iter().copied());
            let found = zones.into_iter().find_map(|zone| self.engine.first_candidate(&page, zone, &open));
            is_candidate = found.is_some();
            let has_found = |doubt: &&mut Doubt| found.is_some_and(|found| found.overlaps(doubt.span));
            doubts.iter_mut().filter(has_found).for_each(|doubt| doubt.is_candidate = true);
        }
        if is_candidate {
            // The second scan judges all of them, and in all blobs that have them from this one.
            doubts.iter().filter(|doubt| doubt.needs_words).for_each(|doubt| self.engine.scorer.look_for_words(&page, doubt.span));
        }
        drop(page);
        (Survey::Doubtful(Box::new(Doubtful { doubts, words: words.into_inner() })), is_candidate)
    }
}

impl Visitor for Surveyor<'_> {
    type State = Survey;

    fn blob(&mut self, blob: Blob<'_>, base: Option<Base<'_, Survey>>) -> Survey {
        let bytes = blob.bytes;
        self.n_lfs += u64::from(git::is_lfs_pointer(bytes));
        self.job.progress.add(1, bytes.len() as u64);
        let base = base.filter(|_| is_simple(bytes));
        let surveyed = guarded(|| match base.map(|base| (base.state, base.segments)) {
            Some((Survey::Quiet, segments)) => self.novel(bytes, None, segments),
            Some((Survey::Doubtful(base), segments)) => self.novel(bytes, Some(base), segments),
            Some((Survey::Other, _)) | None => self.whole(bytes),
        });
        // What a fault leaves open is scanned as a whole; if that fails, too, it is told.
        let (survey, is_candidate) = surveyed.unwrap_or((Survey::Other, true));
        if is_candidate {
            let places = self.places(&survey);
            self.candidates.push((blob.id.to_owned(), places));
        }
        survey
    }

    fn large(&mut self, id: &oid, content: &mut Content<'_>) -> io::Result<()> {
        self.job.progress.add(1, content.size);
        let mut is_found = false;
        let mut look = |window: Window<'_>| self.engine.look_for_candidate(&self.nowhere, &window, &mut is_found);
        let scanned = guarded(|| decode::windows(content, &mut self.buffers, &mut look));
        // What was found before it breaks off counts.
        if is_found || scanned.is_err() {
            self.candidates.push((id.to_owned(), None));
        }
        match scanned {
            Ok(read) => read.map(drop),
            Err(Fault) => {
                self.buffers = Buffers::default();
                Ok(())
            }
        }
    }

    fn message(&mut self, message: Message<'_>) {
        let is_wanted = guarded(|| self.whole(message.text).1);
        if is_wanted.is_err() {
            self.buffers = Buffers::default();
        }
        // As with blobs, a fault is told when it shows again.
        if is_wanted.unwrap_or(true) {
            self.messages.push((message.id.to_owned(), message.is_tag, message.text.to_vec()));
        }
        if guarded(|| self.names_a_key(message.people)).unwrap_or(true) {
            self.people.push((message.id.to_owned(), message.is_tag, message.people.to_vec()));
        }
    }

    fn wanted(&self) -> Vec<ObjectId> {
        let texts = self.messages.iter().chain(&self.people).map(|(id, ..)| *id);
        self.candidates.iter().map(|(id, _)| *id).chain(texts).collect()
    }

    fn name_check(&self) -> Option<NameCheck<'_>> {
        let engine = self.engine;
        Some(Box::new(|name| engine.names_a_key(name)))
    }

    fn file_check(&self) -> Option<FileCheck> {
        Some(FileKind::in_some_folder)
    }

    fn skip(&mut self, skipped: Skipped<'_>) {
        let origin = Origin::new(&format!("{} {}", skipped.what, skipped.id));
        self.skips.push(Skip { origin, reason: SkipReason::Unreadable, detail: Some(skipped.why.to_owned()) });
    }
}

impl Engine {
    /// Adds the tokens that a look at a zone of the page finds and that leave a doubt. What decides lies in the token, or in the base64 text that it is part
    /// of, on its line, and at most [`score::LOCAL_BEFORE`] bytes before it and [`score::LOCAL_AFTER`] behind.
    fn add_doubts(&self, page: &Page<'_>, zone: Span, doubts: &mut Vec<Doubt>) {
        let mut wrapped = Wrapped::NONE;
        self.detector.scan_zone(page.text, zone, false, |matched| self.add_doubts_of(page, &matched, &mut wrapped, doubts));
    }

    /// Adds what a match leaves in doubt; `wrapped` is the last base64 text, and becomes the match's.
    fn add_doubts_of(&self, page: &Page<'_>, matched: &Match<'_>, wrapped: &mut Wrapped, doubts: &mut Vec<Doubt>) {
        let needs_words = !matched.rules.is_empty() && !matched.is_structured();
        let mut add = |span: Span, doubt: score::Doubt| {
            let providers = match doubt {
                score::Doubt::Any => None,
                score::Doubt::Named(providers) => Some(Rc::new(providers)),
            };
            doubts.push(Doubt { span, providers, needs_words, is_candidate: false });
        };
        let span = matched.span;
        let subject = Subject { token: span, value: span.of(page.text), rules: matched.rules, layer: Layer::Raw };
        if matched.is_structured() {
            // What the place announces may stand anywhere behind; it is read when the doubt is settled.
            return self.scorer.doubt(page, &subject).into_iter().for_each(|doubt| add(span, doubt));
        }
        let identifies_itself = matched.identifies_itself();
        if !identifies_itself && span.start >= wrapped.span.end {
            *wrapped = Wrapped::around(page.text, span, wrapped.span.end);
            if let Some(decoded) = &wrapped.decoded {
                let inner_page = LazyCell::new(|| Page::new(decoded, ""));
                self.detector.scan(decoded, false, |inner| {
                    if !inner.rules.is_empty() && self.is_in_doubt_inside(&inner_page, &inner, wrapped.layer) {
                        add(wrapped.place_of(inner.span), score::Doubt::Any);
                    }
                });
            }
        }
        let doubt = match wrapped.role_of(span) {
            Role::Itself => self.scorer.doubt(page, &subject),
            Role::Value => self.scorer.doubt_by_name(page, &subject),
            Role::Text => None,
        };
        doubt.into_iter().for_each(|doubt| add(span, doubt));
    }

    /// Whether a match in a decoded text leaves a doubt. That text is all that surrounds it, so that it can be judged at once; but what fills all of it is
    /// judged by what surrounds the encoded one.
    fn is_in_doubt_inside(&self, decoded: &Page<'_>, matched: &Match<'_>, layer: Layer) -> bool {
        let subject = Subject { token: matched.span, value: matched.span.of(decoded.text), rules: matched.rules, layer };
        let is_all = decoded.text.trim_ascii().len() == subject.value.len() && !matched.is_structured();
        is_all || self.scorer.judge(decoded, &subject).candidate.is_some()
    }

    /// Sets `is_found` if a window has a candidate. No more is judged than it takes to know that.
    fn look_for_candidate(&self, origin: &Origin, window: &Window<'_>, is_found: &mut bool) {
        if *is_found {
            return;
        }
        self.judge_window(origin, window, |_, judgement| {
            *is_found = judgement.candidate.is_some();
            if *is_found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }

    /// The first candidate among what is in doubt in a zone of a page.
    fn first_candidate(&self, page: &Page<'_>, zone: Span, doubts: &[Span]) -> Option<Span> {
        let mut found = None;
        self.judge_zone(
            page,
            &Window::whole(page.text),
            zone,
            |span| overlaps_any(doubts, span),
            |_, judgement| match judgement.candidate {
                Some(candidate) => {
                    found = Some(candidate.span);
                    ControlFlow::Break(())
                }
                None => ControlFlow::Continue(()),
            },
        );
        found
    }
}

/// Puts doubts in order, those that overlap as one.
fn merge(doubts: &mut Vec<Doubt>) {
    doubts.sort_by_key(|doubt| doubt.span);
    doubts.dedup_by(|next, last| {
        let is_one = next.span.start < last.span.end;
        if is_one {
            if last.span != next.span || last.providers != next.providers {
                last.providers = None;
            }
            last.span.end = last.span.end.max(next.span.end);
            last.needs_words |= next.needs_words;
            last.is_candidate |= next.is_candidate;
        }
        is_one
    });
}

/// A line that names somebody without the seconds and the offset behind, in which is no key.
fn without_time(line: &[u8]) -> &[u8] {
    let is_of_time = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b' ' | b'+' | b'-');
    let end = memchr::memrchr(b'>', line).map_or(line.len(), |at| at + 1);
    if line[end..].iter().all(is_of_time) { &line[..end] } else { line }
}

/// Whether the blob is small enough for one window, and no text in wide units by its first bytes.
fn is_simple(bytes: &[u8]) -> bool {
    bytes.len() <= N_SIMPLE && !matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..])
}

/// The doubts of a base that are copied, but for those in zones that are looked through. Of what is copied in part that part stays in doubt.
fn copied(doubts: &[Doubt], segments: &[Segment], zones: &[Zone]) -> Vec<Doubt> {
    let mut copied = Vec::new();
    for segment in segments {
        let Some(from) = segment.from else { continue };
        let there = Span::new(from, from + segment.len);
        let first = doubts.partition_point(|doubt| doubt.span.end <= there.start);
        for doubt in doubts[first..].iter().take_while(|doubt| doubt.span.start < there.end) {
            let part = Span::new(doubt.span.start.max(there.start), doubt.span.end.min(there.end));
            let span = part.shifted(segment.at).back(there.start);
            let next = zones.partition_point(|zone| zone.span.end < span.end);
            if !zones.get(next).is_some_and(|zone| zone.span.contains(span)) {
                // What a part of a token would need is not known.
                let providers = doubt.providers.clone().filter(|_| span.len() == doubt.span.len());
                copied.push(Doubt { span, providers, ..*doubt });
            }
        }
    }
    copied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_the_same_at_another_time() {
        for (line, who) in [
            ("author A B <a@b> 1700000000 -0330", "author A B <a@b>"),
            ("author A B <a@b>", "author A B <a@b>"),
            ("author A B <a@b> 1700000000 x", "author A B <a@b> 1700000000 x"),
            ("tag v1", "tag v1"),
            ("", ""),
        ] {
            assert_eq!(without_time(line.as_bytes()), who.as_bytes(), "{line}");
        }
    }

    #[test]
    fn doubts_are_handed_on_with_what_is_copied() {
        let doubt = |start, end| Doubt { span: Span::new(start, end), providers: None, needs_words: false, is_candidate: false };
        let segments = [
            Segment { at: 0, len: 100, from: Some(50) },
            Segment { at: 100, len: 10, from: None },
            Segment { at: 110, len: 90, from: Some(300) },
            Segment { at: 200, len: 40, from: Some(60) },
        ];
        // One is copied twice, one in part, one is gone, one is looked at again.
        let doubts = [doubt(60, 80), doubt(140, 170), doubt(200, 240), doubt(310, 320)];
        let copied = copied(&doubts, &segments, &[Zone { span: Span::new(105, 135), is_apart: true }]);
        assert_eq!(copied, [doubt(10, 30), doubt(90, 100), doubt(200, 220)]);
        let mut doubts = vec![doubt(30, 40), doubt(0, 50), doubt(50, 60)];
        merge(&mut doubts);
        assert_eq!(doubts, [doubt(0, 50), doubt(50, 60)]);
    }
}
