//! What is wrapped in base64 or in hexadecimal digits: judged as a text of its own, and told at the place where it stands wrapped.
//!
//! In the wrapped text secrets are told apart by where they stand in it, for outside all of them have one place.

use std::ops::ControlFlow;

use super::Engine;
use super::choice::worth;
use crate::blob::Window;
use crate::decode::base64::Wrapped;
use crate::finding::Layer;
use crate::score::{Judgement, Page, Subject};
use crate::span::Span;

/// A judgement, and where in the wrapped text what it judges stands.
type Inner = (Span, Judgement);

impl Engine {
    /// Judges what is wrapped; of several lines what begins in one that the window owns.
    pub(super) fn judge_layer(
        &self,
        page: &Page<'_>,
        wrapped: &Wrapped,
        window: &Window<'_>,
        each: &mut impl FnMut(Span, Judgement) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(decoded) = wrapped.decoded.as_deref() else { return ControlFlow::Continue(()) };
        for (inner, mut judgement) in self.judged_in(page, wrapped, decoded) {
            let outer = wrapped.place_of(inner);
            if wrapped.is_broken() && !window.owns(outer) {
                continue;
            }
            if let Some(candidate) = &mut judgement.candidate {
                candidate.span = outer;
            }
            each(outer, judgement)?;
        }
        ControlFlow::Continue(())
    }

    /// The judgements of a wrapped text, of which each place has one candidate at most.
    fn judged_in(&self, page: &Page<'_>, wrapped: &Wrapped, decoded: &[u8]) -> Vec<Inner> {
        let inner_page = Page::new(decoded, page.path);
        let mut judged: Vec<Inner> = Vec::new();
        let mut is_one_key = false;
        self.detector.scan(decoded, false, |matched| {
            if matched.rules.is_empty() {
                return;
            }
            let value = matched.span.of(decoded);
            let is_all = decoded.trim_ascii().len() == value.len();
            let subject = |token: Span| Subject { token, value, rules: matched.rules, layer: wrapped.layer };
            // A key that is all of the wrapped text stands where the wrapping stands; otherwise the wrapped text is its surroundings.
            let judgement = if is_all && !matched.is_structured() {
                self.scorer.judge(page, &subject(wrapped.place_of(matched.span)))
            } else {
                self.scorer.judge(&inner_page, &subject(matched.span))
            };
            is_one_key |= is_all;
            // A structured secret stands in, or goes on behind, what announces it.
            let span = judgement.candidate.as_ref().filter(|_| !is_all).map_or(matched.span, |candidate| candidate.span);
            judged.push((span, judgement));
        });
        if !is_one_key {
            let owned = Span::new(0, inner_page.text.len());
            let beside = self.scorer.beside(&inner_page, owned, wrapped.layer, judged.iter().filter_map(|(_, judgement)| judgement.candidate.as_ref()));
            judged.extend(beside.into_iter().map(|candidate| (candidate.span, Judgement::of(candidate))));
        }
        keep_one_for_each_place(&mut judged, wrapped.layer);
        self.judge_wrapped_patterns(decoded, wrapped.layer, page.path, |span, judgement| judged.push((span, judgement)));
        judged
    }
}

/// Takes the candidates away whose places better ones have.
fn keep_one_for_each_place(judged: &mut [Inner], layer: Layer) {
    judged.sort_by(|(a, one), (b, other)| {
        let rank = |judgement: &Judgement| judgement.candidate.as_ref().filter(|candidate| candidate.layer == layer).map(worth);
        a.start.cmp(&b.start).then_with(|| rank(other).cmp(&rank(one)))
    });
    let mut kept: Vec<usize> = Vec::new();
    let mut lost: Vec<usize> = Vec::new();
    for (at, (span, judgement)) in judged.iter().enumerate() {
        let Some(candidate) = &judgement.candidate else { continue };
        match kept.last().map(|&last| (last, &judged[last])) {
            Some((last, (other, better))) if other.overlaps(*span) => {
                let is_better = better.candidate.as_ref().is_none_or(|better| worth(candidate) > worth(better));
                lost.push(if is_better { last } else { at });
                if is_better {
                    kept.pop();
                    kept.push(at);
                }
            }
            _ => kept.push(at),
        }
    }
    for at in lost {
        judged[at].1.lose();
    }
}
