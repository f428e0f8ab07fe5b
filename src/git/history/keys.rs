//! Numbers for ids and names that nobody outside can foresee, so that nobody can make many of them alike.
//!
//! A multiplication of 64 bits by 64, folded, for each eight bytes, begun with two numbers that the system drew: the idea of wyhash, several times faster
//! than the standard library's keyed hash for what is as short as a name.

use std::hash::{BuildHasher, Hasher, RandomState};

/// What the numbers depend on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keys(u64, u64);

impl Keys {
    /// Keys of this run.
    pub(super) fn new() -> Self {
        let drawn = RandomState::new();
        Self(drawn.hash_one(0_u8), drawn.hash_one(1_u8) | 1)
    }

    /// The number of these bytes.
    pub(super) fn number(self, bytes: &[u8]) -> u64 {
        let (eights, rest) = bytes.as_chunks::<8>();
        let state = eights.iter().fold(self.0, |state, eight| self.mixed(state, u64::from_le_bytes(*eight)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        let state = self.mixed(state, u64::from_le_bytes(last));
        self.mixed(state, bytes.len() as u64)
    }

    fn mixed(self, state: u64, word: u64) -> u64 {
        let product = u128::from(state ^ word) * u128::from(self.1);
        (product as u64 ^ (product >> 64) as u64).rotate_left(23).wrapping_add(self.0)
    }
}

impl BuildHasher for Keys {
    type Hasher = Numbered;

    fn build_hasher(&self) -> Numbered {
        Numbered { keys: *self, state: self.0 }
    }
}

/// A number in the making.
pub(super) struct Numbered {
    keys: Keys,
    state: u64,
}

impl Hasher for Numbered {
    fn write(&mut self, bytes: &[u8]) {
        self.state = self.keys.mixed(self.state, self.keys.number(bytes));
    }

    fn write_usize(&mut self, len: usize) {
        self.state ^= len as u64;
    }

    fn finish(&self) -> u64 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_differs_has_different_numbers() {
        let keys = Keys::new();
        let mut texts: Vec<Vec<u8>> = (0..40).map(|n| vec![0; n]).collect();
        texts.extend((0..20_000_u32).map(|n| format!("file{n}.rs").into_bytes()));
        texts.extend((0..20_000_u32).map(|n| [[7; 16].as_slice(), &n.to_le_bytes()].concat()));
        let numbers: HashSet<u64> = texts.iter().map(|text| keys.number(text)).collect();
        assert_eq!(numbers.len(), texts.len());
        // The table takes the low bits, the groups of edges the high ones.
        let (low, high): (HashSet<u64>, HashSet<u64>) = numbers.iter().map(|number| (number & 0xFFFF, number >> 48)).unzip();
        assert!(low.len() > 25_000 && high.len() > 25_000, "{} {}", low.len(), high.len());
        assert_ne!(keys.number(b"a"), Keys::new().number(b"a"));
    }
}
