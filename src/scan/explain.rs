//! Why something on a line was reported, or was not.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::ops::ControlFlow;

use super::Engine;
use super::locator::Locator;
use crate::blob::{Origin, Window};
use crate::decode::{self, Buffers};
use crate::detect::tokens;
use crate::finding::{Candidate, Finding};
use crate::rule::assignment;
use crate::score::{self, Judgement, Page, model};
use crate::secret::Secret;
use crate::span::{Region, Span, line_around};

/// What was made of a line.
#[derive(Debug)]
pub struct Explained {
    /// The places that were asked for, in order.
    pub places: Vec<Explanation>,
    /// Columns of the line's other tokens, in order; empty if no column was asked for.
    pub elsewhere: Vec<u64>,
    /// Lines of the blob; 0 if it is empty.
    pub n_lines: u64,
    /// Whether the blob is compressed or media content, which is not scanned.
    pub is_media: bool,
}

/// What was made of one place of a line.
#[derive(Debug)]
pub struct Explanation {
    /// Where.
    pub region: Region,
    /// The place's text, masked.
    pub masked: String,
    /// How it was judged; `None` for a token that neither has a known shape nor looks random, and for a finding that only another one tells.
    pub judgement: Option<Judgement>,
    /// What it must reach unless it identifies itself; see [`score::least`].
    pub least: (i32, i32, i32),
    /// The finding, if the place is reported or suppressed.
    pub finding: Option<Finding>,
}

impl Explanation {
    fn is_at(&self, column: u64) -> bool {
        let (start, end) = (self.region.start, self.region.end);
        // A place that goes on in further lines reaches to the end of its first one.
        start.column <= column && (end.line > start.line || column < end.column.max(start.column + 1))
    }
}

/// Explains the tokens of line `line` in `input`, or the one at `column`, in order.
///
/// # Errors
/// The input cannot be read.
pub fn explain(engine: &Engine, origin: &Origin, input: &mut impl Read, line: u64, column: Option<u64>) -> std::io::Result<Explained> {
    let mut places: Vec<Explanation> = Vec::new();
    let mut n_lines = 0;
    let summary = decode::windows(input, &mut Buffers::default(), &mut |window| {
        let n_breaks = memchr::memchr_iter(b'\n', window.bytes).count() as u64;
        n_lines = window.first_line + n_breaks - u64::from(window.bytes.ends_with(b"\n"));
        if window.first_line <= line && line <= window.first_line + n_breaks {
            explain_window(engine, origin, &window, line, &mut places);
        }
    })?;
    places.sort_by_key(|place| place.region);
    let mut elsewhere = Vec::new();
    if let Some(column) = column {
        elsewhere = places.iter().filter(|place| !place.is_at(column)).map(|place| place.region.start.column).collect();
        elsewhere.dedup();
        places.retain(|place| place.is_at(column));
    }
    Ok(Explained { places, elsewhere, n_lines, is_media: summary.is_media })
}

/// Adds what is on line `line` of `window`: each finding once, and what is none where no finding stands.
fn explain_window(engine: &Engine, origin: &Origin, window: &Window<'_>, line: u64, places: &mut Vec<Explanation>) {
    let is_asked = |region: &Region| region.start.line <= line && line <= region.end.line;
    let mut locator = Locator::new(window);
    let mut found = Vec::new();
    engine.scan_window(origin, window, &mut found);
    let partners: BTreeSet<Region> = found.iter().filter_map(|finding| finding.partner.as_ref()).map(|partner| partner.region).collect();
    found.retain(|finding| is_asked(&finding.region));
    let mut judged: Vec<(Region, Span, Option<Judgement>)> = Vec::new();
    engine.judge_window(origin, window, |span, judgement| {
        let region = locator.region(span);
        if is_asked(&region) {
            judged.push((region, span, Some(judgement)));
        }
        // What stands further down may come before what is asked for: literals are looked for in a second pass.
        ControlFlow::Continue(())
    });
    // Most is known where providers were weighed: of several judgements of one place that one is told.
    judged.sort_by_key(|(_, span, judgement)| (*span, Reverse(judgement.as_ref().map_or(0, |judgement| judgement.considered.len()))));
    let mut taken = Taken::default();
    for finding in found {
        let of_it = best(&judged, &finding).and_then(|at| Some((judged[at].1, judged[at].2.take()?)));
        taken.add(of_it.as_ref().map_or_else(|| place_of(&finding, window), |(span, _)| *span));
        let least = of_it.as_ref().map_or((0, 0, 0), |(span, judgement)| least(span.of(window.bytes), judgement));
        let judgement = of_it.map(|(_, judgement)| judgement);
        places.push(Explanation { region: finding.region, masked: finding.masked(), judgement, least, finding: Some(finding) });
    }
    let page = Page::new(window.bytes, &origin.path);
    let refused = line_of(window, line).map_or_else(Vec::new, |line| engine.scorer.refused_on(&page, line));
    for (span, mut judgement) in judged.into_iter().filter_map(|(_, span, judgement)| Some((span, judgement?))).chain(refused) {
        if !partners.contains(&locator.region(span)) {
            judgement.lose();
        }
        let least = least(span.of(window.bytes), &judgement);
        let (place, span) = (span, value_of(window.bytes, span));
        // What a finding is made of is nothing by itself.
        if window.owns(place) && taken.is_free(span) {
            taken.add(span);
            let (region, masked) = (locator.region(span), mask(span.of(window.bytes)));
            places.push(Explanation { region, masked, judgement: Some(judgement), least, finding: None });
        }
    }
    tokens::for_each_token(window.bytes, |start, end| {
        let span = Span::new(start, end);
        if !window.owns(span) || !taken.is_free(span) {
            return;
        }
        let region = locator.region(span);
        if is_asked(&region) {
            let least = score::least(span.of(window.bytes), false);
            let masked = if is_name(window.bytes, span) { String::from_utf8_lossy(span.of(window.bytes)).into_owned() } else { mask(span.of(window.bytes)) };
            places.push(Explanation { region, masked, judgement: None, least, finding: None });
        }
    });
}

/// Which of the judgements, which are sorted by place, the finding was made of: one of its own rule, and not another detector's for the same place.
fn best(judged: &[(Region, Span, Option<Judgement>)], finding: &Finding) -> Option<usize> {
    let offset = finding.region.offset;
    let first = judged.partition_point(|(region, ..)| region.offset < offset);
    let here = judged.iter().enumerate().skip(first).take_while(|(_, (region, ..))| region.offset == offset);
    let its_own = here.filter_map(|(at, (region, _, judgement))| {
        let is_of = |candidate: &&Candidate| *region == finding.region && candidate.rule.id == finding.rule.id && candidate.secret == finding.secret;
        let candidate = judgement.as_ref()?.candidate.as_ref().filter(is_of)?;
        // What its partner says of a pair is evidence of the finding, and of no candidate.
        Some((candidate.evidence == finding.evidence, Reverse(at)))
    });
    its_own.max().map(|(_, Reverse(at))| at)
}

/// Where in the window a finding stands that nothing in it tells by itself: it is written as it is.
fn place_of(finding: &Finding, window: &Window<'_>) -> Span {
    let start = usize::try_from(finding.region.offset.saturating_sub(window.at)).unwrap_or(usize::MAX).min(window.bytes.len());
    Span::new(start, window.bytes.len().min(start + finding.secret.n_bytes()))
}

/// Places that are told already: where each begins and ends, without overlaps.
#[derive(Default)]
struct Taken(BTreeMap<usize, usize>);

impl Taken {
    /// Whether a place shares no byte with any of them.
    fn is_free(&self, span: Span) -> bool {
        self.0.range(..span.end).next_back().is_none_or(|(_, end)| *end <= span.start)
    }

    fn add(&mut self, mut span: Span) {
        if span.is_empty() {
            return;
        }
        while let Some((&start, &end)) = self.0.range(..span.end).next_back().filter(|(_, end)| **end > span.start) {
            span = Span::new(span.start.min(start), span.end.max(end));
            self.0.remove(&start);
        }
        self.0.insert(span.start, span.end);
    }
}

/// The value of the assignment that is all of `span`, else `span`: reports speak of the value, and a name is to be read.
fn value_of(text: &[u8], span: Span) -> Span {
    assignment::at(text, span.start).map(|found| found.value).filter(|value| !value.is_empty() && span.contains(*value)).unwrap_or(span)
}

/// Where line `line` stands in `window`.
fn line_of(window: &Window<'_>, line: u64) -> Option<Span> {
    let n_before = usize::try_from(line.checked_sub(window.first_line)?).ok()?;
    let start = match n_before {
        0 => 0,
        n => memchr::memchr_iter(b'\n', window.bytes).nth(n - 1)? + 1,
    };
    Some(line_around(window.bytes, start))
}

/// Whether a token without digits has something assigned to it: it is no value then, and nobody recognizes a name that is masked.
fn is_name(text: &[u8], token: Span) -> bool {
    let behind = text[token.end..].trim_ascii_start();
    let behind = behind.strip_prefix(b"\"").or_else(|| behind.strip_prefix(b"'")).unwrap_or(behind).trim_ascii_start();
    behind.first().is_some_and(|byte| matches!(byte, b'=' | b':')) && !token.of(text).iter().any(u8::is_ascii_digit)
}

/// What the key at a place must reach. `text` is the key unless it is wrapped.
fn least(text: &[u8], judgement: &Judgement) -> (i32, i32, i32) {
    #[expect(clippy::disallowed_methods, reason = "asks for the kinds of its characters only")]
    let secret = judgement.candidate.as_ref().map(|candidate| candidate.secret.expose());
    // Nothing else has as many points for its shape as a key with a shared prefix.
    score::least(secret.unwrap_or(text), judgement.shape_points == model::SHARED_PREFIX)
}

/// A place that is no finding as it would be shown if it were one.
fn mask(bytes: &[u8]) -> String {
    Secret::new(bytes).mask(0)
}
