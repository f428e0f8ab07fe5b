//! A line diff that finds what `git diff` finds: the algorithm of git's `xdiff` with its defaults, heuristics and ties included, but without the last step
//! that moves changed lines up or down among equal ones, which changes where a line is shown and not what it says.
//!
//! It is E. W. Myers' search from both ends ("An O(ND) difference algorithm and its variations", 1986). Lines without a counterpart are left out of the
//! search, and so are frequent ones among them; a search that takes too long is cut short where it got farthest, so that hostile input takes no
//! quadratic time.

use std::collections::HashMap;

/// Steps after which a search may end early.
const LEAST_COST: isize = 256;

/// Equal lines in a row that make a place promising.
const SNAKE: isize = 20;

/// How much farther than its cost a promising place must be.
const FAR: isize = 4;

/// Occurrences from which on a line is frequent in every file.
const FREQUENT: usize = 1024;

/// Lines that are looked at on each side of a frequent one.
const WINDOW: usize = 100;

/// Which lines of `new` are added to those of `old`.
pub(super) fn added(old: &[u8], new: &[u8]) -> Vec<bool> {
    let [old, new] = number_lines(old, new);
    let n_prefix = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let n_suffix = old[n_prefix..].iter().rev().zip(new[n_prefix..].iter().rev()).take_while(|(a, b)| a == b).count();
    let count = |lines: &[usize], numbers: usize| {
        let mut counts = vec![0_usize; numbers];
        lines.iter().for_each(|&line| counts[line] += 1);
        counts
    };
    let n_numbers = old.iter().chain(&new).max().map_or(0, |&line| line + 1);
    let (in_old, in_new) = (count(&old, n_numbers), count(&new, n_numbers));
    let mut is_added = vec![false; new.len()];
    let kept_old = searched(&old, n_prefix, n_suffix, &in_new);
    let kept_new = searched(&new, n_prefix, n_suffix, &in_old);
    is_added[n_prefix..new.len() - n_suffix].fill(true);
    kept_new.iter().for_each(|&i| is_added[i] = false);
    let lines = |kept: &[usize], all: &[usize]| kept.iter().map(|&i| all[i]).collect::<Vec<_>>();
    let mut search = Search::new(lines(&kept_old, &old), lines(&kept_new, &new));
    search.run(|i| is_added[kept_new[i]] = true);
    is_added
}

/// The lines of both texts as numbers, equal ones with equal numbers. A line feed belongs to its line.
fn number_lines(old: &[u8], new: &[u8]) -> [Vec<usize>; 2] {
    let mut numbers = HashMap::new();
    [old, new].map(|text| {
        let lines = text.split_inclusive(|&byte| byte == b'\n');
        lines
            .map(|line| {
                let next = numbers.len();
                *numbers.entry(line).or_insert(next)
            })
            .collect()
    })
}

/// How often a line of one text is in the other one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Matches {
    None,
    Some,
    Many,
}

/// The places of the lines that are searched: those between the common ends that are in the other text, `counts` times each. A frequent line in the midst
/// of lines that are not there says nothing and is left out.
fn searched(lines: &[usize], n_prefix: usize, n_suffix: usize, counts: &[usize]) -> Vec<usize> {
    let many = rough_root(lines.len()).min(FREQUENT);
    let middle = &lines[n_prefix..lines.len() - n_suffix];
    let matches: Vec<Matches> = middle
        .iter()
        .map(|&line| match counts[line] {
            0 => Matches::None,
            n if n >= many => Matches::Many,
            _ => Matches::Some,
        })
        .collect();
    let is_searched = |i: &usize| match matches[*i] {
        Matches::None => false,
        Matches::Some => true,
        Matches::Many => !is_lost(&matches, *i),
    };
    (0..middle.len()).filter(is_searched).map(|i| n_prefix + i).collect()
}

/// Whether the frequent line at `i` stands in a run of mostly unmatched lines.
fn is_lost(matches: &[Matches], i: usize) -> bool {
    let (before, after) = (&matches[i.saturating_sub(WINDOW)..i], &matches[i + 1..matches.len().min(i + WINDOW + 1)]);
    let Some((none_before, many_before)) = run(before.iter().rev()) else { return false };
    let Some((none_after, many_after)) = run(after.iter()) else { return false };
    let (none, many) = (none_before + none_after, many_before + many_after + 2);
    many * 4 < many + none
}

/// Unmatched and frequent lines up to the first other one; `None` if there are no unmatched ones.
fn run<'a>(matches: impl Iterator<Item = &'a Matches>) -> Option<(usize, usize)> {
    let (mut none, mut many) = (0, 0);
    for found in matches {
        match found {
            Matches::None => none += 1,
            Matches::Many => many += 1,
            Matches::Some => break,
        }
    }
    (none > 0).then_some((none, many))
}

/// A power of two near the square root.
fn rough_root(mut n: usize) -> usize {
    let mut root = 1;
    while n > 0 {
        root <<= 1;
        n >>= 2;
    }
    root
}

/// A part of both texts: from `old` and `new` up to the ends, which are not included.
#[derive(Clone, Copy)]
struct Part {
    old: isize,
    old_end: isize,
    new: isize,
    new_end: isize,
    /// Whether the search must not be cut short.
    is_exact: bool,
}

/// Where a part is divided, and which of the halves are known to need an exact search.
struct Split {
    old: isize,
    new: isize,
    is_exact: (bool, bool),
}

/// The search for the shortest way from one text to the other.
struct Search {
    old: Vec<usize>,
    new: Vec<usize>,
    /// For each diagonal (place in the old text minus place in the new one) how far the ways from the start have come in the old text.
    forward: Vec<isize>,
    /// The same for the ways from the end.
    backward: Vec<isize>,
    most_cost: isize,
}

impl Search {
    fn new(old: Vec<usize>, new: Vec<usize>) -> Self {
        let n_diagonals = old.len() + new.len() + 3;
        let most_cost = (rough_root(n_diagonals) as isize).max(LEAST_COST);
        Self { old, new, forward: vec![0; n_diagonals], backward: vec![0; n_diagonals], most_cost }
    }

    /// Calls `added` with each place of the new text that is not matched.
    fn run(&mut self, mut added: impl FnMut(usize)) {
        let (old_end, new_end) = (self.old.len() as isize, self.new.len() as isize);
        let mut parts = vec![Part { old: 0, old_end, new: 0, new_end, is_exact: false }];
        while let Some(mut part) = parts.pop() {
            while part.old < part.old_end && part.new < part.new_end && self.is_same(part.old, part.new) {
                (part.old, part.new) = (part.old + 1, part.new + 1);
            }
            while part.old < part.old_end && part.new < part.new_end && self.is_same(part.old_end - 1, part.new_end - 1) {
                (part.old_end, part.new_end) = (part.old_end - 1, part.new_end - 1);
            }
            if part.old == part.old_end {
                (part.new..part.new_end).for_each(|i| added(i as usize));
            } else if part.new < part.new_end {
                let split = self.split(part);
                parts.push(Part { old: split.old, new: split.new, is_exact: split.is_exact.1, ..part });
                parts.push(Part { old_end: split.old, new_end: split.new, is_exact: split.is_exact.0, ..part });
            }
        }
    }

    fn is_same(&self, old: isize, new: isize) -> bool {
        self.old[old as usize] == self.new[new as usize]
    }

    /// Where diagonal `d` is kept.
    fn slot(&self, d: isize) -> usize {
        (d + self.new.len() as isize + 1) as usize
    }

    /// Finds a place that the shortest way through the part goes through, or a good one.
    fn split(&mut self, part: Part) -> Split {
        let (least, most) = (part.old - part.new_end, part.old_end - part.new);
        let (start, end) = (part.old - part.new, part.old_end - part.new_end);
        let is_odd = (start - end) & 1 != 0;
        let (mut ahead, mut back) = ((start, start), (end, end));
        let (slot_of_start, slot_of_end) = (self.slot(start), self.slot(end));
        self.forward[slot_of_start] = part.old;
        self.backward[slot_of_end] = part.old_end;
        let mut cost = 0;
        loop {
            cost += 1;
            let mut has_snake = false;
            ahead = self.widen(ahead, (least, most), true);
            for d in diagonals(ahead) {
                let (below, above) = (self.forward[self.slot(d - 1)], self.forward[self.slot(d + 1)]);
                let first = if below >= above { below + 1 } else { above };
                let mut old = first;
                while old < part.old_end && old - d < part.new_end && self.is_same(old, old - d) {
                    old += 1;
                }
                has_snake |= old - first > SNAKE;
                let slot = self.slot(d);
                self.forward[slot] = old;
                if is_odd && (back.0..=back.1).contains(&d) && self.backward[slot] <= old {
                    return Split { old, new: old - d, is_exact: (true, true) };
                }
            }
            back = self.widen(back, (least, most), false);
            for d in diagonals(back) {
                let (below, above) = (self.backward[self.slot(d - 1)], self.backward[self.slot(d + 1)]);
                let first = if below < above { below } else { above - 1 };
                let mut old = first;
                while old > part.old && old - d > part.new && self.is_same(old - 1, old - d - 1) {
                    old -= 1;
                }
                has_snake |= first - old > SNAKE;
                let slot = self.slot(d);
                self.backward[slot] = old;
                if !is_odd && (ahead.0..=ahead.1).contains(&d) && old <= self.forward[slot] {
                    return Split { old, new: old - d, is_exact: (true, true) };
                }
            }
            if part.is_exact {
                continue;
            }
            if has_snake && cost > LEAST_COST {
                let promising = self.promising(part, ahead, start, cost, true).or_else(|| self.promising(part, back, end, cost, false));
                if let Some(split) = promising {
                    return split;
                }
            }
            if cost >= self.most_cost {
                return self.farthest(part, ahead, back);
            }
        }
    }

    /// Takes one more diagonal on each side, as far as there are any; those beyond are out of reach.
    fn widen(&mut self, (mut first, mut last): (isize, isize), (least, most): (isize, isize), is_forward: bool) -> (isize, isize) {
        let nowhere = if is_forward { -1 } else { isize::MAX };
        if first > least {
            first -= 1;
            let slot = self.slot(first - 1);
            self.ways(is_forward)[slot] = nowhere;
        } else {
            first += 1;
        }
        if last < most {
            last += 1;
            let slot = self.slot(last + 1);
            self.ways(is_forward)[slot] = nowhere;
        } else {
            last -= 1;
        }
        (first, last)
    }

    fn ways(&mut self, is_forward: bool) -> &mut [isize] {
        if is_forward { &mut self.forward } else { &mut self.backward }
    }

    /// The best of the ways that have come much farther than they cost and end with many equal lines.
    fn promising(&self, part: Part, range: (isize, isize), middle: isize, cost: isize, is_forward: bool) -> Option<Split> {
        let (mut best, mut split) = (0, None);
        for d in diagonals(range) {
            let old = if is_forward { self.forward[self.slot(d)] } else { self.backward[self.slot(d)] };
            let new = old - d;
            let way = if is_forward { (old - part.old) + (new - part.new) } else { (part.old_end - old) + (part.new_end - new) };
            let gain = way - (d - middle).abs();
            let is_inside = match is_forward {
                true => part.old + SNAKE <= old && old < part.old_end && part.new + SNAKE <= new && new < part.new_end,
                false => part.old < old && old <= part.old_end - SNAKE && part.new < new && new <= part.new_end - SNAKE,
            };
            let mut steps = if is_forward { -SNAKE..0 } else { 0..SNAKE };
            if gain > FAR * cost && gain > best && is_inside && steps.all(|step| self.is_same(old + step, new + step)) {
                best = gain;
                split = Some(Split { old, new, is_exact: (is_forward, !is_forward) });
            }
        }
        split
    }

    /// The place that is farthest from either end; the search has taken long enough.
    fn farthest(&self, part: Part, ahead: (isize, isize), back: (isize, isize)) -> Split {
        let (mut from_start, mut at_start) = (-1, -1);
        for d in diagonals(ahead) {
            let mut old = self.forward[self.slot(d)].min(part.old_end);
            if part.new_end < old - d {
                old = part.new_end + d;
            }
            if from_start < 2 * old - d {
                (from_start, at_start) = (2 * old - d, old);
            }
        }
        let (mut from_end, mut at_end) = (isize::MAX, isize::MAX);
        for d in diagonals(back) {
            let mut old = self.backward[self.slot(d)].max(part.old);
            if old - d < part.new {
                old = part.new + d;
            }
            if 2 * old - d < from_end {
                (from_end, at_end) = (2 * old - d, old);
            }
        }
        if (part.old_end + part.new_end) - from_end < from_start - (part.old + part.new) {
            Split { old: at_start, new: from_start - at_start, is_exact: (true, false) }
        } else {
            Split { old: at_end, new: from_end - at_end, is_exact: (false, true) }
        }
    }
}

/// Every second diagonal, from the last to the first.
fn diagonals((first, last): (isize, isize)) -> impl Iterator<Item = isize> {
    (first..=last).rev().step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The length of the longest common subsequence, by the plain table.
    fn n_common(old: &[&[u8]], new: &[&[u8]]) -> usize {
        let mut row = vec![0; new.len() + 1];
        for a in old {
            let mut corner = 0;
            for (j, b) in new.iter().enumerate() {
                let above = row[j + 1];
                row[j + 1] = if a == b { corner + 1 } else { above.max(row[j]) };
                corner = above;
            }
        }
        row[new.len()]
    }

    fn is_subsequence<'a>(part: impl Iterator<Item = &'a &'a [u8]>, all: &[&[u8]]) -> bool {
        let mut all = all.iter();
        part.into_iter().all(|line| all.any(|other| other == line))
    }

    proptest::proptest! {
        #[test]
        fn what_is_not_added_is_in_the_old_text(old in "([a-f]\n){0,40}", new in "([a-f]\n){0,40}") {
            let lines = |text: &'static str| text.split_inclusive('\n').map(str::as_bytes).collect::<Vec<_>>();
            let (old, new): (&'static str, &'static str) = (old.leak(), new.leak());
            let is_added = added(old.as_bytes(), new.as_bytes());
            let (old, new) = (lines(old), lines(new));
            let kept = new.iter().zip(&is_added).filter(|(_, added)| !**added).map(|(line, _)| line);
            proptest::prop_assert!(is_subsequence(kept.clone(), &old));
            // Frequent lines among unmatched ones may be left out, as git does.
            proptest::prop_assert!(kept.count() <= n_common(&old, &new));
        }
    }

    #[test]
    fn hostile_texts_take_no_quadratic_time() {
        let text = |words: &[&str]| (0..150_000).map(|i| words[(i * i / 7 + i) % words.len()]).collect::<String>();
        let (old, new) = (text(&["a\n", "b\n", "\n", "c\n", "b\n"]), text(&["b\n", "a\n", "c\n", "\n", "d\n", "a\n", "\n"]));
        let start = std::time::Instant::now();
        assert!(added(old.as_bytes(), new.as_bytes()).contains(&true));
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}
