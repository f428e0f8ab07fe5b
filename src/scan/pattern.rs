//! Patterns in a window: what their rules match becomes candidates, where rules that ask what others found get an answer.

use std::ops::ControlFlow;

use super::{Engine, stands_in_text};
use crate::blob::{Encoding, Origin, Window};
use crate::detect::pattern::PatternMatch;
use crate::filter::AllowCase;
use crate::finding::{Candidate, Layer};
use crate::rule::pattern::{Pattern, Required};
use crate::score::{self, Judgement};
use crate::span::{Span, line_around};

impl Engine {
    /// Calls `each` with the places that patterns match in `window`, and their judgements, until it breaks.
    pub(super) fn judge_patterns(&self, origin: &Origin, window: &Window<'_>, mut each: impl FnMut(Span, Judgement) -> ControlFlow<()>) {
        let Some(patterns) = &self.patterns else { return };
        let is_binary = window.encoding == Encoding::Binary;
        let mut found: Vec<(PatternMatch, Judgement)> = Vec::new();
        patterns.scan(window.bytes, &origin.path, |matched| {
            if !is_binary || stands_in_text(window.bytes, matched.span) {
                found.push((matched, score::pattern::judge(matched.rule, window.bytes, matched.span, matched.whole, Layer::Raw)));
            }
        });
        if window.at == 0 && window.owned.start == 0 {
            let start = Span::new(0, 0);
            let matched = |rule| PatternMatch { rule, span: start, whole: start };
            found.extend(patterns.of_path(&origin.path).map(|rule| (matched(rule), score::pattern::of_path(rule))));
        }
        if patterns.has_composite {
            self.settle_required(origin, window, &mut found);
        }
        for (matched, judgement) in found {
            if window.owns(matched.span) && each(matched.span, judgement).is_break() {
                return;
            }
        }
    }

    /// The same for a text that was wrapped in another. Rules that ask what others found do not count there, for their neighbors stand elsewhere.
    pub(super) fn judge_wrapped_patterns(&self, text: &[u8], layer: Layer, path: &str, mut each: impl FnMut(Span, Judgement)) {
        let Some(patterns) = &self.patterns else { return };
        patterns.scan(text, path, |matched| {
            if pattern_of(&matched).is_some_and(|pattern| !pattern.is_silent && pattern.required.is_empty()) {
                each(matched.span, score::pattern::judge(matched.rule, text, matched.span, matched.whole, layer));
            }
        });
    }

    /// Whether some rule finds the file at `path` by its path alone.
    pub(super) fn finds_file(&self, path: &str) -> bool {
        self.patterns.as_ref().is_some_and(|patterns| patterns.of_path(path).next().is_some())
    }

    /// Leaves out what lacks a neighbor that its rule requires, then what only others require.
    fn settle_required(&self, origin: &Origin, window: &Window<'_>, found: &mut Vec<(PatternMatch, Judgement)>) {
        let line_ends: Vec<usize> = memchr::memchr_iter(b'\n', window.bytes).collect();
        let place = |span: Span| {
            let line = line_ends.partition_point(|&end| end < span.start);
            (line as u64, (span.start - line.checked_sub(1).map_or(0, |line| line_ends[line] + 1)) as u64)
        };
        let counts = |(matched, judgement): &(PatternMatch, Judgement)| {
            judgement.candidate.as_ref().is_some_and(|candidate| !self.is_allowed(origin, window, candidate)).then(|| (matched.rule.id, place(matched.whole)))
        };
        // In the order of places, for there may be many.
        let mut known: Vec<(&str, (u64, u64))> = found.iter().filter_map(counts).collect();
        known.sort_unstable();
        found.retain(|(matched, _)| {
            let Some(pattern) = pattern_of(matched) else { return true };
            !pattern.is_silent && pattern.required.iter().all(|required| is_near(&known, required, place(matched.whole)))
        });
    }

    /// Whether an entry of the allow list suppresses the candidate.
    pub(super) fn is_allowed(&self, origin: &Origin, window: &Window<'_>, candidate: &Candidate) -> bool {
        let line = line_around(window.bytes, candidate.span.start);
        self.policy
            .allow
            .allowed(&AllowCase::of(origin, candidate.rule, &candidate.secret, candidate.matched.as_ref(), line.of(window.bytes)), self.policy.today)
            .is_some()
    }
}

fn pattern_of(matched: &PatternMatch) -> Option<&'static Pattern> {
    matched.rule.pattern
}

/// Whether a match of the required rule is among `known`, which is sorted, near enough to `place`, which is a line and a column.
fn is_near(known: &[(&str, (u64, u64))], required: &Required, place: (u64, u64)) -> bool {
    let (lines, columns) = (required.within_lines, required.within_columns);
    let first_line = lines.map_or(0, |lines| place.0.saturating_sub(lines));
    let last_line = lines.map_or(u64::MAX, |lines| place.0.saturating_add(lines));
    let first = known.partition_point(|&(id, (line, _))| (id, line) < (required.rule.as_str(), first_line));
    let mut near = known[first..].iter().take_while(|(id, (line, _))| *id == required.rule && *line <= last_line);
    near.any(|(_, (_, column))| columns.is_none_or(|columns| column.abs_diff(place.1) <= columns))
}
