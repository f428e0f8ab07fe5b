//! Secrets that nothing tells but the id beside them: so many characters of base64, as random as they can be.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Read, speaks_for};
use crate::finding::Confidence;
use crate::rule::shape::class;
use crate::rule::structure::Structure;
use crate::rule::{Pair, Rule};
use crate::score::partners::pairs;
use crate::score::place::{Place, Zone};
use crate::score::words::{Kind, Words};
use crate::score::{Page, value};
use crate::span::{Span, merged};

/// The secrets of `rule` that belong to `ids`, which are in order. Their shape says only how long they are.
pub(super) fn read(words: &Words, page: &Page<'_>, ids: &[Span], rule: &Rule) -> Vec<Read> {
    let (text, Some(pair)) = (page.text, rule.pair.as_ref()) else { return Vec::new() };
    let all: Vec<Span> = merged(ids.iter().map(|id| near(text, *id, pair.within)).collect()).into_iter().flat_map(|near| runs(text, near)).collect();
    // Others that begin as these do are ids too, whatever is thought of them.
    let mut heads: Vec<(usize, &[u8])> = ids.iter().map(|id| (id.len(), &id.of(text)[..ID_HEAD])).collect();
    heads.sort_unstable();
    heads.dedup();
    let is_id = |run: &Span| heads.iter().any(|&(len, head)| run.len() == len && run.of(text).starts_with(head));
    let blocks_of_ids = LazyCell::new(|| ids.iter().flat_map(|id| blocks(&Place::read(text, *id)).collect::<Vec<_>>()).collect::<BTreeSet<Span>>());
    let is_own = |run: &Span| is_secret(run.of(text), rule) && !is_of_another(words, page, *run, |block| blocks_of_ids.contains(block), rule);
    let (all_ids, others): (Vec<Span>, Vec<Span>) = all.into_iter().partition(is_id);
    let secrets: Vec<Span> = others.into_iter().filter(is_own).collect();
    let pairs = pairs(text, &all_ids, &secrets, pair.within);
    let mut secret_of: BTreeMap<Span, Span> = BTreeMap::new();
    for (id, secret) in pairs {
        secret_of.entry(id).or_insert(secret);
    }
    let read = ids.iter().filter_map(|id| Some((*id, *secret_of.get(id)?))).map(|(id, span)| {
        let because = vec![speaks_for(format!("it stands beside the {}", if id.start < span.start { "id before it" } else { "id behind it" }))];
        Read { span, structure: Structure::Paired, confidence: Confidence::High, because }
    });
    read.collect()
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

/// The blocks around a place that have names.
fn blocks(place: &Place) -> impl Iterator<Item = Span> {
    place.zone(Zone::Enclosing)
}

/// Whether a run is named, or stands in a block that is named, by another provider, and not by that of `rule`. A block that one of the ids shares says nothing.
fn is_of_another(words: &Words, page: &Page<'_>, run: Span, is_shared: impl Fn(&Span) -> bool, rule: &Rule) -> bool {
    let place = Place::read(page.text, run);
    let whose = |zone: Span| {
        let mut is_another = false;
        for hit in page.hits(words, zone).into_iter().filter(|hit| zone.contains(hit.span) && matches!(hit.kind, Kind::Name | Kind::CommonName)) {
            if std::ptr::eq(words.providers[hit.provider], rule.provider) {
                return Some(false);
            }
            is_another |= hit.kind == Kind::Name || hit.span.len() >= SHORTEST_COMMON;
        }
        is_another.then_some(true)
    };
    let named = place.zone(Zone::Name).chain(place.zone(Zone::Own)).find_map(whose);
    // Mostly no block names another one, and then it need not be known which of them is shared.
    let is_another = |block: Span| whose(block) == Some(true);
    named.unwrap_or_else(|| blocks(&place).any(is_another) && blocks(&place).find(|block| !is_shared(block)).is_some_and(is_another))
}

/// A shorter word that is a common one, too, names nobody.
const SHORTEST_COMMON: usize = 4;

fn is_of_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// The runs of characters of base64 in a part of the text. What `=` ends is data, but for the one that assigns.
fn runs(text: &[u8], near: Span) -> impl Iterator<Item = Span> + '_ {
    let mut at = near.start;
    let all = std::iter::from_fn(move || {
        at += text[at..near.end].iter().position(|byte| is_of_run(*byte))?;
        let n = text[at..near.end].iter().take_while(|byte| is_of_run(**byte)).count();
        at += n;
        Some(Span::new(at - n, at))
    });
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b'-' | b'_' | b'.'));
    all.filter(move |run| !is_part(run.start.checked_sub(1).and_then(|at| text.get(at))) && !is_part(text.get(run.end)) && text.get(run.end) != Some(&b'='))
}

/// Whether a text may be a secret of `rule`: as long, in base64, and random.
pub(super) fn is_secret(text: &[u8], rule: &Rule) -> bool {
    let is_base64 = text.len() == rule.shape.max_len && text.iter().all(|byte| is_of_run(*byte));
    let classes = value::classes(text);
    let has_all = [class::UPPER, class::DIGIT].iter().all(|class| classes & class != 0) && text.iter().any(u8::is_ascii_lowercase);
    let n_slashes = text.iter().filter(|byte| **byte == b'/').count();
    let is_random = is_base64 && has_all && n_slashes <= 5 && value::entropy(text) >= rule.min_entropy && !text.iter().all(u8::is_ascii_hexdigit);
    is_random && value::placeholder(text).is_none() && !value::is_published(text) && !value::is_made_of_words(text)
}
