//! Secrets that nothing tells but the id beside them: so many characters of base64, as random as they can be.

use super::{Read, speaks_for};
use crate::finding::Confidence;
use crate::rule::counterpart::Group;
use crate::rule::shape::class;
use crate::rule::structure::Structure;
use crate::rule::{Pair, Rule};
use crate::score::value;
use crate::span::Span;

/// The secret of `rule` that belongs to the id at `id`. Its shape says only how long it is.
pub(super) fn read(text: &[u8], id: Span, rule: &Rule) -> Option<Read> {
    let within = rule.pair.as_ref()?.within;
    let near = near(text, id, within);
    let wide = Span::new(id.start.saturating_sub(Pair::REACH), near.end);
    let secrets: Vec<Span> = runs(text, wide).filter(|run| run.len() == rule.shape.max_len && !run.overlaps(id) && is_secret(run.of(text), rule)).collect();
    // Other ids begin as this one does.
    let ids: Vec<Span> = runs(text, wide).filter(|run| run.len() == id.len() && run.of(text)[..ID_HEAD] == id.of(text)[..ID_HEAD]).collect();
    let group = Group { ids: &ids, secrets: &secrets, is_cut: wide.start > 0 };
    let span = group.counterpart(id, true).filter(|span| near.contains(*span))?;
    let because = vec![speaks_for(format!("it stands beside the {}", if id.start < span.start { "id before it" } else { "id behind it" }))];
    Some(Read { span, structure: Structure::Paired, confidence: Confidence::High, because })
}

/// Bytes that all ids of a kind begin with.
const ID_HEAD: usize = 4;

/// The lines around a place, so many on each side.
fn near(text: &[u8], id: Span, within: usize) -> Span {
    let (before, behind) = (&text[id.start.saturating_sub(Pair::REACH)..id.start], &text[id.end..text.len().min(id.end + Pair::REACH)]);
    let start = memchr::memrchr_iter(b'\n', before).nth(within).map_or(id.start - before.len(), |n| id.start - before.len() + n + 1);
    let end = memchr::memchr_iter(b'\n', behind).nth(within).map_or(id.end + behind.len(), |n| id.end + n);
    Span::new(start, end)
}

/// The runs of characters of base64 in a part of the text. What `=` ends is data, but for the one that assigns.
fn runs(text: &[u8], near: Span) -> impl Iterator<Item = Span> + '_ {
    let is_member = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mut at = near.start;
    let all = std::iter::from_fn(move || {
        at += text[at..near.end].iter().position(|byte| is_member(*byte))?;
        let n = text[at..near.end].iter().take_while(|byte| is_member(**byte)).count();
        at += n;
        Some(Span::new(at - n, at))
    });
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b'-' | b'_' | b'.'));
    all.filter(move |run| !is_part(run.start.checked_sub(1).and_then(|at| text.get(at))) && !is_part(text.get(run.end)) && text.get(run.end) != Some(&b'='))
}

fn is_secret(text: &[u8], rule: &Rule) -> bool {
    let classes = value::classes(text);
    let has_all = [class::UPPER, class::DIGIT].iter().all(|class| classes & class != 0) && text.iter().any(u8::is_ascii_lowercase);
    let n_slashes = text.iter().filter(|byte| **byte == b'/').count();
    let is_random = has_all && n_slashes <= 5 && value::entropy(text) >= rule.min_entropy && !text.iter().all(u8::is_ascii_hexdigit);
    is_random && value::placeholder(text).is_none() && !value::is_published(text) && !value::is_made_of_words(text)
}
