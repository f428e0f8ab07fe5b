//! Why something on a line was reported, or was not.

use std::io::Read;
use std::ops::ControlFlow;

use super::{Engine, Locator};
use crate::blob::Origin;
use crate::decode::{self, Buffers};
use crate::detect::tokens;
use crate::finding::Finding;
use crate::score::Judgement;
use crate::span::{Region, Span};

/// What was made of one place of a line.
#[derive(Debug)]
pub struct Explanation {
    /// Where.
    pub region: Region,
    /// The place's text, masked.
    pub masked: String,
    /// How it was judged; `None` for a token that neither has a known shape nor looks random.
    pub judgement: Option<Judgement>,
    /// The finding, if the place is reported or suppressed.
    pub finding: Option<Finding>,
}

/// Explains the tokens of line `line` in `input`, or the one at `column`, in order.
///
/// # Errors
/// The input cannot be read.
pub fn explain(engine: &Engine, origin: &Origin, input: &mut impl Read, line: u64, column: Option<u64>) -> std::io::Result<Vec<Explanation>> {
    let mut explained: Vec<Explanation> = Vec::new();
    decode::windows(input, &mut Buffers::default(), &mut |window| {
        let is_asked = |region: &Region| {
            let is_on_line = region.start.line <= line && line <= region.end.line;
            is_on_line && column.is_none_or(|column| region.start.column <= column && column < region.end.column.max(region.start.column + 1))
        };
        let mut seen: Vec<Span> = Vec::new();
        let mut locator = Locator::new(&window);
        let mut found = Vec::new();
        engine.scan_window(origin, &window, &mut found);
        engine.judge_window(origin, &window, |span, judgement| {
            let region = locator.region(span);
            if is_asked(&region) {
                let finding = found.iter().find(|finding: &&Finding| finding.region == region).cloned();
                let masked = finding.as_ref().map_or_else(|| mask(span.of(window.bytes)), Finding::masked);
                explained.push(Explanation { region, masked, judgement: Some(judgement), finding });
                seen.push(span);
            }
            if region.start.line > line { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        tokens::for_each_token(window.bytes, |start, end| {
            let span = Span::new(start, end);
            let is_owned = window.owned.start <= start && start < window.owned.end;
            if !is_owned || seen.iter().any(|other| other.overlaps(span)) {
                return;
            }
            let region = locator.region(span);
            if is_asked(&region) {
                explained.push(Explanation { region, masked: mask(span.of(window.bytes)), judgement: None, finding: None });
            }
        });
    })?;
    explained.sort_by_key(|explanation| explanation.region);
    Ok(explained)
}

/// The first and last characters of a place that is no finding: enough to recognize it, too little to use it.
fn mask(bytes: &[u8]) -> String {
    let shown = |part: &[u8]| -> String { part.iter().map(|&byte| if byte.is_ascii_graphic() { byte as char } else { '?' }).collect() };
    let n = (bytes.len() / 8).min(4);
    format!("{}{}{}", shown(&bytes[..n]), crate::secret::MASK, shown(&bytes[bytes.len() - n..]))
}
