//! Drawing keys at random: from a rule's shape, or from a named alphabet. For examples, benchmarks and tests, so that none of them holds a
//! literal that looks like a key. Seeded: the same seed gives the same key. Not for anything that must be hard to guess.

use regex_syntax::hir::{Class, Hir, HirKind};
use zeroize::Zeroizing;

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
/// The base32 alphabet, in capitals.
pub const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// The base64 alphabet.
pub const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// How often a character is drawn for a place inside of a key before its own one stays.
const N_DRAWN: usize = 8;
/// A random key differs from the one that it is like in as many characters at least.
const N_CHANGED: usize = 8;

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

    /// A random key of the same kind as `key`, a key of `rule`: it begins in public as that does, has its length and its kinds of characters at each place,
    /// and a right checksum if its kind has one. A key that does not have the rule's shape gets one that need not have it either.
    pub fn like(&mut self, rule: &Rule, key: &[u8]) -> Zeroizing<Vec<u8>> {
        let is_shaped = |key: &[u8]| rule.shape.match_at(key, 0) == Some(key.len());
        let needs_shape = is_shaped(key);
        let is_hex = key[rule.shape.n_public(key).min(key.len())..].iter().all(|byte| !byte.is_ascii_alphabetic() || byte.is_ascii_hexdigit());
        let mut drawn = Zeroizing::new(key.to_vec());
        for at in drawn_from(rule, key)..key.len() {
            // What the shape fixes inside of a key stays as it is: no other character is right there.
            for _ in 0..N_DRAWN {
                drawn[at] = self.same_class(key[at], is_hex);
                if !needs_shape || is_shaped(&drawn) {
                    break;
                }
                drawn[at] = key[at];
            }
        }
        let n_changed = drawn.iter().zip(key).filter(|(drawn, own)| drawn != own).count();
        if let (Some(checksum), Ok(text)) = (rule.checksum, std::str::from_utf8(&drawn)) {
            drawn = Zeroizing::new(checksum.mend(text).into_bytes());
        }
        if n_changed < N_CHANGED { Zeroizing::new(self.key(rule).into_bytes()) } else { drawn }
    }

    /// A character of the same class: a capital or small letter, a digit (a hexadecimal one if `is_hex`); any other is given back.
    fn same_class(&mut self, byte: u8, is_hex: bool) -> u8 {
        let n_letters = if is_hex { 6 } else { 26 };
        match byte {
            b'0'..=b'9' => b'0' + self.below(10) as u8,
            b'A'..=b'Z' => b'A' + self.below(n_letters) as u8,
            b'a'..=b'z' => b'a' + self.below(n_letters) as u8,
            other => other,
        }
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

/// From which place on the characters of a key like `key` are drawn: behind its public beginning, and of a JSON web token the signature alone, so that
/// it remains one.
fn drawn_from(rule: &Rule, key: &[u8]) -> usize {
    let signature = key.iter().rposition(|&byte| byte == b'.').filter(|_| key.starts_with(b"eyJ") && key.iter().filter(|&&byte| byte == b'.').count() == 2);
    signature.map_or_else(|| rule.shape.n_public(key), |dot| dot + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;
    use crate::rule::checksum::Fit;

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
    fn a_key_like_another_has_its_kind_and_nothing_else_of_it() {
        for rule in RuleSet::built_in().rules {
            for seed in 0..3 {
                let key = Draws::new(seed).key(rule);
                let drawn = Draws::new(seed + 100).like(rule, key.as_bytes());
                assert_ne!(*drawn, key.as_bytes(), "{}", rule.id);
                assert_eq!(rule.shape.match_at(&drawn, 0), Some(drawn.len()), "{}", rule.id);
                assert!(rule.checksum.is_none_or(|checksum| checksum.fit(&drawn) != Fit::Wrong), "{}", rule.id);
                let n_changed = drawn.iter().zip(key.as_bytes()).filter(|(drawn, own)| drawn != own).count();
                assert!(n_changed >= 8, "{}", rule.id);
                if rule.confirm().is_some_and(|confirm| confirm.because_not.is_none()) {
                    let n_public = rule.shape.n_public(key.as_bytes());
                    assert_eq!((drawn.len(), &drawn[..n_public]), (key.len(), &key.as_bytes()[..n_public]), "{}", rule.id);
                }
            }
        }
    }

    #[test]
    fn a_key_like_one_of_no_shape_has_its_length() {
        let rule = RuleSet::built_in().get("mistral-api-key").expect("it is built in");
        let key = format!("sk-{}", Draws::new(1).text(33, ALNUM));
        let drawn = Draws::new(2).like(rule, key.as_bytes());
        assert_eq!((drawn.len(), drawn[2]), (key.len(), b'-'));
        assert_ne!(&drawn[3..], &key.as_bytes()[3..]);
    }

    #[test]
    fn the_same_seed_gives_the_same_key() {
        assert_eq!(Draws::new(7).text(32, ALNUM), Draws::new(7).text(32, ALNUM));
        assert_ne!(Draws::new(7).text(32, ALNUM), Draws::new(8).text(32, ALNUM));
    }
}
