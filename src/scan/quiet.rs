//! Stretches of text that left nothing in doubt, so that a survey does not look through them again.
//!
//! Versions of a file mostly differ where others do, and by the same: of the stretches that the survey of a history looks through, half were new in another
//! version shortly before, too, in the same surroundings. A stretch is known by a number of its bytes and of all that decides about it, which nobody outside can
//! foresee, so that nobody can make another one alike; by chance two of them are, among 2⁶⁴ numbers, never.

use std::hash::{BuildHasher, Hasher, RandomState};

use foldhash::SharedSeed;
use foldhash::quality::FoldHasher;

use super::zones::Zone;
use crate::score::{LOCAL_AFTER, LOCAL_BEFORE, ROWS};
use crate::span::Span;

/// How many stretches are known at a time, a power of two: few enough to stay in the processor's nearest memory, where 64 times as many would be known only one
/// time in twenty more.
const N_PLACES: usize = 1 << 12;

/// The stretches that a thread has met.
pub(super) struct Quiet {
    /// Each number at the place that its last bits tell, where the next one displaces it; 0 where there is none.
    places: Box<[u64]>,
    /// What the numbers depend on.
    seed: u64,
    seeds: SharedSeed,
}

impl Quiet {
    /// Nothing was met yet.
    pub(super) fn new() -> Self {
        let drawn = RandomState::new();
        Self { places: vec![0; N_PLACES].into(), seed: drawn.hash_one(0_u8), seeds: SharedSeed::from_u64(drawn.hash_one(1_u8)) }
    }

    /// The number of a stretch; none if what decides about it may reach beyond its lines, and what is looked at around them.
    pub(super) fn number(&self, text: &[u8], zone: Zone) -> Option<u64> {
        let stretch = zone.span;
        let is_on_one_side = stretch.end <= ROWS || stretch.start > ROWS;
        (zone.is_apart && is_on_one_side).then(|| {
            let around = Span::new(stretch.start.saturating_sub(LOCAL_BEFORE), text.len().min(stretch.end + LOCAL_AFTER));
            let mut hasher = FoldHasher::with_seed(self.seed, &self.seeds);
            hasher.write(around.of(text));
            let lens = [stretch.back(around.start).start, stretch.len(), around.len()];
            lens.into_iter().chain([usize::from(stretch.start > ROWS)]).for_each(|len| hasher.write_usize(len));
            hasher.finish().max(1)
        })
    }

    /// Whether a stretch of this number was met.
    pub(super) fn has(&self, number: u64) -> bool {
        self.places[place(number)] == number
    }

    /// Remembers a stretch of this number.
    pub(super) fn add(&mut self, number: u64) {
        self.places[place(number)] = number;
    }
}

/// Where a number stands if it is known.
const fn place(number: u64) -> usize {
    number as usize % N_PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_known_by_all_that_decides() {
        let mut quiet = Quiet::new();
        let line = |seed: u8| format!("let a{seed} = some(words, of, a, line, that, is, long, enough, to, be, looked, at);\n");
        let text = |seeds: &[u8]| seeds.iter().map(|seed| line(*seed)).collect::<String>().into_bytes();
        let n = line(10).len();
        let lines = |from: usize, to: usize| Zone { span: Span::new(from * n, to * n), is_apart: true };
        let number = |seeds: &[u8], from: usize, to: usize| quiet.number(&text(seeds), lines(from, to));
        let of = number(&[10, 11, 12, 13, 14, 15], 2, 4);
        assert!(of.is_some());
        assert_eq!(of, number(&[20, 11, 12, 13, 14, 16], 2, 4), "what stands further away does not decide");
        assert_eq!(of, number(&[20, 10, 11, 12, 13, 14], 3, 5), "nor does the place, where no header of columns stands too far above");
        let far: Vec<u8> = [vec![10; 1000], vec![11, 12, 13, 14]].concat();
        assert!(number(&far, 1001, 1003).is_some_and(|number| Some(number) != of));
        let at_the_end = ROWS / n;
        assert_eq!(number(&far, at_the_end, at_the_end + 1), None, "a part of it stands too far");
        assert_ne!(of, number(&[10, 11, 12, 13, 14, 15], 2, 5), "it ends elsewhere");
        assert_ne!(of, number(&[10, 11, 12, 13, 14, 15], 1, 4), "it begins elsewhere");
        for seeds in [[10, 21, 12, 13, 14, 15], [10, 11, 22, 13, 14, 15], [10, 11, 12, 13, 24, 15]] {
            assert_ne!(of, number(&seeds, 2, 4), "{seeds:?}");
        }
        assert_ne!(of, number(&[10, 11, 12, 13], 2, 4), "the text ends");
        assert_ne!(of, number(&[11, 12, 13, 14], 1, 3), "the text begins");
        let number = of.expect("it has one");
        assert!(!quiet.has(number));
        quiet.add(number);
        assert!(quiet.has(number));
        assert_eq!(quiet.number(b"a", Zone { span: Span::new(0, 1), is_apart: false }), None);
    }
}
