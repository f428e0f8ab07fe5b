//! Which id belongs to which secret, where a text has several of both.
//!
//! Names tell it where they differ (`ID_1`, `ID_2`, `SECRET_1`, `SECRET_2`; `OLD_ID`). Else the pairs are chosen together: those that leave the fewest alone and are
//! parted the least, by blocks, blank lines and entries of lists (`between`), and that keep one order. Distances in bytes would mislead: the line of a secret is longer than that of an
//! id, so that the next id may be nearer to a secret than its own is.

mod between;

use std::cell::OnceCell;

use super::name::sub_words;
use super::place::Place;
use crate::rule::Pair;
use crate::span::Span;
use between::{Between, Line};

/// What it costs to leave an id or a secret alone: more than half of what parts two places once, so that what is parted twice stays so.
const ALONE: u32 = 120;
/// What it costs to go on in the other order, ids first or secrets first: more than to leave one alone, and less than two.
const TURNED: u32 = 150;
/// What each word costs that only one of two names has.
const ANOTHER_WORD: u32 = 40;
/// So many words are counted.
const MOST_WORDS: u32 = 4;
/// How many ids and secrets that stay alone may stand between the two of a pair.
const MOST_BETWEEN: usize = 6;
/// Names are compared for so many ids and secrets behind each one: more than `within` lines hold.
const MOST_COMPARED: usize = 32;

/// An id or a secret.
struct Part<'a> {
    text: &'a [u8],
    span: Span,
    is_id: bool,
    line: Line,
    /// The words of its name, once they are asked for.
    words: OnceCell<Vec<String>>,
}

impl<'a> Part<'a> {
    /// `line` is the number of its line.
    fn new(text: &'a [u8], span: Span, is_id: bool, line: usize) -> Self {
        Self { text, span, is_id, line: Line::of(text, span.start, line), words: OnceCell::new() }
    }

    /// The words of its name, in order of the alphabet.
    fn words(&self) -> &[String] {
        self.words.get_or_init(|| {
            let name = Place::name_of(self.text, self.span).map(|name| sub_words(name.of(self.text))).unwrap_or_default();
            let mut words: Vec<String> = name.iter().flat_map(|word| without_number(word)).collect();
            words.sort_unstable();
            words
        })
    }

    /// How many words only one of the two names has.
    fn n_other_words(&self, other: &Self) -> u32 {
        let (mut a, mut b) = (self.words().iter().peekable(), other.words().iter().peekable());
        let mut n = 0;
        while let (Some(one), Some(two)) = (a.peek(), b.peek()) {
            let order = one.cmp(two);
            n += u32::from(order.is_ne());
            if order.is_le() {
                a.next();
            }
            if order.is_ge() {
                b.next();
            }
        }
        n + (a.count() + b.count()) as u32
    }

    fn is_named(&self) -> bool {
        !self.words().is_empty()
    }

    /// Whether `next`, which begins no earlier, begins at most so many lines and [`Pair::REACH`] bytes behind.
    fn is_in_reach(&self, next: &Self, within: usize) -> bool {
        next.line.number - self.line.number <= within && next.span.start.saturating_sub(self.span.end) <= Pair::REACH
    }
}

/// A word, and the number at its end as a word of its own: `key2` is the second `key`.
fn without_number(word: &str) -> impl Iterator<Item = String> + use<> {
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    [stem.to_owned(), word[stem.len()..].to_owned()].into_iter().filter(|part| !part.is_empty())
}

/// Ids and secrets of one part of the text, in order; no pair reaches beyond them.
struct Cluster<'a> {
    text: &'a [u8],
    parts: &'a [Part<'a>],
    within: usize,
}

/// The pairs of `ids` and `secrets`, each list in order, that stand at most `within` lines apart: id and secret. An id has several secrets only where no other
/// one is near them; the first that is told of it is its own.
pub fn pairs(text: &[u8], ids: &[Span], secrets: &[Span], within: usize) -> Vec<(Span, Span)> {
    if ids.is_empty() || secrets.is_empty() {
        return Vec::new();
    }
    let parts = parts(text, ids, secrets);
    parts.chunk_by(|a, b| a.is_in_reach(b, within)).flat_map(|parts| Cluster { text, parts, within }.pairs()).collect()
}

/// Ids and secrets in the order in which they stand.
fn parts<'a>(text: &'a [u8], ids: &[Span], secrets: &[Span]) -> Vec<Part<'a>> {
    let mut places: Vec<(Span, bool)> = ids.iter().map(|&id| (id, true)).chain(secrets.iter().map(|&secret| (secret, false))).collect();
    places.sort_by_key(|&(span, is_id)| (span, !is_id));
    let (mut at, mut line) = (places.first().map_or(0, |(span, _)| span.start), 0);
    let numbered = places.into_iter().map(|(span, is_id)| {
        line += memchr::memchr_iter(b'\n', &text[at..span.start]).count();
        at = span.start;
        Part::new(text, span, is_id, line)
    });
    numbered.collect()
}

impl Cluster<'_> {
    /// The pairs of the cluster.
    fn pairs(&self) -> Vec<(Span, Span)> {
        if self.parts.iter().all(|part| part.is_id == self.parts[0].is_id) {
            return Vec::new();
        }
        if let [a, b] = self.parts {
            // Each has nobody but the other, whatever they are called.
            let (id, secret) = if a.is_id { (a, b) } else { (b, a) };
            return if a.span.overlaps(b.span) { Vec::new() } else { vec![(id.span, secret.span)] };
        }
        let mut links = self.told_by_names();
        let mut is_taken = vec![false; self.parts.len()];
        for &(a, b) in &links {
            (is_taken[a], is_taken[b]) = (true, true);
        }
        let rest: Vec<usize> = (0..self.parts.len()).filter(|&at| !is_taken[at]).collect();
        links.extend(self.told_by_places(&rest));
        let mut pairs: Vec<(Span, Span)> =
            links.into_iter().map(|(a, b)| if self.parts[a].is_id { (a, b) } else { (b, a) }).map(|(id, secret)| self.spans(id, secret)).collect();
        let ids: Vec<&Part> = self.parts.iter().filter(|part| part.is_id).collect();
        if let [id] = ids[..] {
            let others = self.parts.iter().filter(|part| !part.is_id && pairs.iter().all(|(_, secret)| *secret != part.span));
            let near = others.filter(|part| {
                let (a, b) = if part.span < id.span { (*part, id) } else { (id, *part) };
                !a.span.overlaps(b.span) && a.is_in_reach(b, self.within)
            });
            let shared: Vec<_> = near.map(|part| (id.span, part.span)).collect();
            pairs.extend(shared);
        }
        pairs
    }

    fn spans(&self, id: usize, secret: usize) -> (Span, Span) {
        (self.parts[id].span, self.parts[secret].span)
    }

    /// The links of which each end is the only one that fits the other's name best, where there is a choice.
    fn told_by_names(&self) -> Vec<(usize, usize)> {
        let mut links: Vec<(usize, usize, u32)> = Vec::new();
        // The best number of words for each part, how many have it, and how many there are at all.
        let mut best: Vec<(u32, usize, usize)> = vec![(u32::MAX, 0, 0); self.parts.len()];
        for (a, one) in self.parts.iter().enumerate().filter(|(_, part)| part.is_named()) {
            for (b, other) in self.parts.iter().enumerate().skip(a + 1).take(MOST_COMPARED) {
                if one.is_id == other.is_id || !other.is_named() || one.span.overlaps(other.span) {
                    continue;
                }
                if !one.is_in_reach(other, self.within) {
                    break;
                }
                let n = one.n_other_words(other);
                links.push((a, b, n));
                for end in [a, b] {
                    let (least, n_best, n_all) = &mut best[end];
                    *n_all += 1;
                    match n.cmp(least) {
                        std::cmp::Ordering::Less => (*least, *n_best) = (n, 1),
                        std::cmp::Ordering::Equal => *n_best += 1,
                        std::cmp::Ordering::Greater => {}
                    }
                }
            }
        }
        let is_only = |at: usize, n: u32| best[at].0 == n && best[at].1 == 1;
        let has_choice = |at: usize| best[at].2 > 1;
        let told = links.into_iter().filter(|&(a, b, n)| is_only(a, n) && is_only(b, n) && has_choice(a) && has_choice(b));
        told.map(|(a, b, _)| (a, b)).collect()
    }

    /// The links among `rest` that together cost the least.
    fn told_by_places(&self, rest: &[usize]) -> Vec<(usize, usize)> {
        let Some(steps) = rest.len().checked_sub(1) else { return Vec::new() };
        let step = |i: usize| {
            let (end, next) = (self.parts[rest[i]].span.end, self.parts[rest[i + 1]].span.start);
            Between::of(self.text, Span::new(end.min(next), next))
        };
        let steps: Vec<Between> = (0..steps).map(step).collect();
        let cost = |i: usize, k: usize, between: &Between| {
            let (a, b) = (&self.parts[rest[i]], &self.parts[rest[k]]);
            let may_be = a.is_id != b.is_id && !a.span.overlaps(b.span) && a.is_in_reach(b, self.within);
            let words = a.n_other_words(b).min(a.words().len().max(b.words().len()) as u32);
            may_be.then(|| (between.parts(a.line, b.line), words))
        };
        // What parts them all parts none more than another.
        let nearest = || steps.iter().enumerate().filter_map(|(i, step)| cost(i, i + 1, step));
        let least_parted = nearest().map(|(parted, _)| parted).min().unwrap_or(0);
        let least_words = nearest().map(|(_, words)| words).min().unwrap_or(0);
        let link = |i: usize, k: usize, between: &Between| {
            let (parted, words) = cost(i, k, between)?;
            Some(parted.saturating_sub(least_parted) + words.saturating_sub(least_words).min(MOST_WORDS) * ANOTHER_WORD)
        };
        self.least(rest, &steps, link)
    }

    /// The links among `rest` whose sum is the least. `steps` are between each two neighbours, and `cost` is that of a link.
    fn least(&self, rest: &[usize], steps: &[Between], cost: impl Fn(usize, usize, &Between) -> Option<u32>) -> Vec<(usize, usize)> {
        // For the first so many parts and each order that their last link may have, ids first and secrets first: the least sum, with which part the last of them
        // is linked, and the order of the link before.
        let mut best: Vec<[(u32, Option<usize>, usize); 2]> = vec![[(0, None, 0), (0, None, 1)]];
        for k in 0..rest.len() {
            let alone = |order: usize| (best[k][order].0.saturating_add(ALONE), None, order);
            let mut least = [alone(0), alone(1)];
            let mut between = Between::nothing();
            for i in (0..k).rev().take(MOST_BETWEEN + 1) {
                between = steps[i].and(between);
                let Some(cost) = cost(i, k, &between) else { continue };
                let order = usize::from(!self.parts[rest[i]].is_id);
                for before in [order, 1 - order] {
                    let turned = if before == order { 0 } else { TURNED };
                    let sum = best[i][before].0.saturating_add((k - i - 1) as u32 * ALONE + turned).saturating_add(cost);
                    if sum < least[order].0 {
                        least[order] = (sum, Some(i), before);
                    }
                }
            }
            best.push(least);
        }
        let mut links = Vec::new();
        let mut n = rest.len();
        let mut order = usize::from(best[n][1].0 < best[n][0].0);
        while n > 0 {
            let (_, other, before) = best[n][order];
            if let Some(i) = other {
                links.push((rest[i], rest[n - 1]));
            }
            (n, order) = (other.unwrap_or(n - 1), before);
        }
        links.reverse();
        links
    }
}

#[cfg(test)]
mod tests;
