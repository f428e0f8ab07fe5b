//! Why something on a line was reported, or was not.

use std::io::Read;
use std::ops::ControlFlow;

use super::{Engine, Locator};
use crate::blob::{Origin, Window};
use crate::decode::{self, Buffers};
use crate::detect::tokens;
use crate::finding::Finding;
use crate::score::{self, Judgement, Page, model};
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
    /// How it was judged; `None` for a token that neither has a known shape nor looks random.
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

/// Adds what is on line `line` of `window`.
fn explain_window(engine: &Engine, origin: &Origin, window: &Window<'_>, line: u64, places: &mut Vec<Explanation>) {
    let is_asked = |region: &Region| region.start.line <= line && line <= region.end.line;
    let mut seen: Vec<Span> = Vec::new();
    let mut locator = Locator::new(window);
    let mut found = Vec::new();
    engine.scan_window(origin, window, &mut found);
    engine.judge_window(origin, window, |span, judgement| {
        let region = locator.region(span);
        if is_asked(&region) {
            // Two keys that are wrapped in one text have one region.
            let secret = judgement.candidate.as_ref().map(|candidate| &candidate.secret);
            let finding = found.iter().find(|finding: &&Finding| finding.region == region && Some(&finding.secret) == secret).cloned();
            let masked = finding.as_ref().map_or_else(|| mask(span.of(window.bytes)), Finding::masked);
            let least = least(span.of(window.bytes), &judgement);
            places.push(Explanation { region, masked, judgement: Some(judgement), least, finding });
            seen.push(span);
        }
        // What stands further down may come before what is asked for: literals are looked for in a second pass.
        ControlFlow::Continue(())
    });
    // What a structured secret is made of is nothing by itself.
    let is_within = |inner: &Region, outer: &Region| {
        inner != outer && outer.offset <= inner.offset && (inner.end.line, inner.end.column) <= (outer.end.line, outer.end.column)
    };
    let is_part = |region: &Region| found.iter().any(|finding: &Finding| finding.rule.structure.is_some() && is_within(region, &finding.region));
    places.retain(|place| place.finding.is_some() || !is_part(&place.region));
    let page = Page::new(window.bytes, &origin.path);
    for (span, judgement) in line_of(window, line).map_or_else(Vec::new, |line| engine.scorer.refused_on(&page, line)) {
        let is_owned = window.owned.start <= span.start && span.start < window.owned.end;
        if !is_owned || seen.iter().any(|other| other.overlaps(span)) {
            continue;
        }
        let region = locator.region(span);
        let masked = mask(span.of(window.bytes));
        places.push(Explanation { region, masked, judgement: Some(judgement), least: (0, 0, 0), finding: None });
        seen.push(span);
    }
    tokens::for_each_token(window.bytes, |start, end| {
        let span = Span::new(start, end);
        let is_owned = window.owned.start <= start && start < window.owned.end;
        if !is_owned || seen.iter().any(|other| other.overlaps(span)) {
            return;
        }
        let region = locator.region(span);
        if is_asked(&region) && !is_part(&region) {
            let least = score::least(span.of(window.bytes), false);
            let masked = if is_name(window.bytes, span) { String::from_utf8_lossy(span.of(window.bytes)).into_owned() } else { mask(span.of(window.bytes)) };
            places.push(Explanation { region, masked, judgement: None, least, finding: None });
        }
    });
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

/// The first and last characters of a place that is no finding: enough to recognize it, too little to use it.
fn mask(bytes: &[u8]) -> String {
    let shown = |part: &[u8]| -> String { part.iter().map(|&byte| if byte.is_ascii_graphic() { byte as char } else { '?' }).collect() };
    let n = (bytes.len() / 8).min(4);
    format!("{}{}{}", shown(&bytes[..n]), crate::secret::MASK, shown(&bytes[bytes.len() - n..]))
}
