//! Drawing keys at random: from a rule's shape, or from a named alphabet. For examples, benchmarks and tests, so that none of them holds a
//! literal that looks like a key. Seeded: the same seed gives the same key. Not for anything that must be hard to guess.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::Rule;

/// A stream of numbers: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Clone, Debug)]
pub struct Draws(u64);

/// Letters and digits.
pub const ALNUM: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Small letters and digits.
pub const LOWER: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Hexadecimal digits.
pub const HEX: &[u8] = b"0123456789abcdef";
/// The base64 alphabet.
pub const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Draws {
    /// A stream that depends on `seed` alone.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    /// `n` characters of `alphabet`, which is ASCII.
    pub fn text(&mut self, n: usize, alphabet: &[u8]) -> String {
        (0..n).map(|_| alphabet[self.below(alphabet.len())] as char).collect()
    }

    /// A random UUID (version 4).
    pub fn uuid(&mut self) -> String {
        let mut part = |n| self.text(n, HEX);
        let (a, b, c, d, e) = (part(8), part(4), part(3), part(3), part(12));
        format!("{a}-{b}-4{c}-a{d}-{e}")
    }

    /// A string that `pattern` matches whole.
    ///
    /// # Panics
    /// If `pattern` is no valid shape; shapes are checked when their rule is loaded.
    pub fn shape(&mut self, pattern: &str) -> String {
        let hir = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).expect("shapes are checked when they are loaded");
        let mut key = Vec::new();
        self.hir(&hir, &mut key);
        String::from_utf8(key).expect("shapes describe ASCII")
    }

    /// A key of `rule`: it has the rule's shape, and its checksum is right if it has one.
    pub fn key(&mut self, rule: &Rule) -> String {
        let key = self.shape(rule.shape.pattern);
        rule.checksum.map_or_else(|| key.clone(), |checksum| checksum.mend(&key))
    }

    fn hir(&mut self, hir: &Hir, out: &mut Vec<u8>) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => out.extend_from_slice(&literal.0),
            HirKind::Class(class) => {
                let bytes: Vec<u8> = match class {
                    Class::Bytes(class) => class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect(),
                    Class::Unicode(class) => class.ranges().iter().flat_map(|range| range.start()..=range.end()).filter_map(|c| u8::try_from(c).ok()).collect(),
                };
                out.push(bytes[self.below(bytes.len())]);
            }
            HirKind::Repetition(repetition) => {
                let (min, max) = (repetition.min, repetition.max.unwrap_or(repetition.min));
                for _ in 0..min as usize + self.below((max - min) as usize + 1) {
                    self.hir(&repetition.sub, out);
                }
            }
            HirKind::Capture(capture) => self.hir(&capture.sub, out),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.hir(part, out)),
            HirKind::Alternation(branches) => {
                let branch = self.below(branches.len());
                self.hir(&branches[branch], out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn what_is_drawn_from_a_shape_has_the_shape() {
        for rule in RuleSet::built_in().rules {
            for seed in 0..5 {
                let key = Draws::new(seed).key(rule);
                assert_eq!(rule.shape.match_at(key.as_bytes(), 0), Some(key.len()), "{}", rule.id);
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_key() {
        assert_eq!(Draws::new(7).text(32, ALNUM), Draws::new(7).text(32, ALNUM));
        assert_ne!(Draws::new(7).text(32, ALNUM), Draws::new(8).text(32, ALNUM));
    }
}
