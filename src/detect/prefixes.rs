//! Prefixes by the hash of their first three bytes. Nearly every token is asked whether one begins it, so that a bit for each hash ends the matter for most;
//! and the prefixes of a hash are found by how many bits are set before its own.

use crate::number::{bits, next_eight};
use crate::rule::Rule;

/// The first bytes of a prefix.
pub(super) type Head = [u8; 3];
/// A prefix, and a rule whose keys begin with it.
pub(super) type Prefix = (&'static [u8], &'static Rule);

const HASH_BITS: u32 = 15;
const N_WORDS: usize = (1 << HASH_BITS) / 64;

/// The prefixes of all rules.
#[derive(Debug)]
pub(super) struct Prefixes {
    /// One bit for each hash that a head has.
    bits: Box<[u64; N_WORDS]>,
    /// How many bits are set before each word of them.
    n_before: Box<[u16; N_WORDS]>,
    /// The prefixes of each hash that has a bit.
    by_hash: Vec<Vec<Entry>>,
}

/// A prefix, with what most texts fail by beside it.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Its first bytes, and which bytes of a number these are.
    bytes: u64,
    mask: u64,
    /// The length of the shortest token that a key begins so with.
    shortest: usize,
    prefix: Prefix,
}

impl Prefixes {
    /// The table of `prefixes`, each of at least three bytes; tokens that begin with `others` are looked at, too.
    pub(super) fn new(prefixes: &[Prefix], others: &[Head]) -> Self {
        let mut table = Self { bits: Box::new([0; N_WORDS]), n_before: Box::new([0; N_WORDS]), by_hash: Vec::new() };
        let hash_of = |(prefix, _): &Prefix| hash([prefix[0], prefix[1], prefix[2]]);
        for hash in prefixes.iter().map(hash_of).chain(others.iter().map(|head| hash(*head))) {
            table.bits[hash / 64] |= 1 << (hash % 64);
        }
        let mut n = 0;
        for (n_before, word) in table.n_before.iter_mut().zip(table.bits.iter()) {
            *n_before = n;
            n += bits(*word).count() as u16;
        }
        table.by_hash.resize_with(usize::from(n), Vec::new);
        for prefix in prefixes {
            let place = table.place_of(hash_of(prefix)).expect("its bit was set");
            let mask = u64::MAX >> (64 - 8 * prefix.0.len().min(8));
            table.by_hash[place].push(Entry { bytes: next_eight(prefix.0) & mask, mask, shortest: prefix.1.shape.anchor_len.0, prefix: *prefix });
        }
        table
    }

    /// Whether one of them may begin at `start`.
    #[inline(always)]
    pub(super) fn may_begin(&self, text: &[u8], start: usize) -> bool {
        self.has(hash([text[start], text[start + 1], text[start + 2]]))
    }

    /// Whether one of them, or of the others, may begin `text`.
    pub(super) fn may_begin_text(&self, text: &[u8]) -> bool {
        text.first_chunk().is_some_and(|head| self.has(hash(*head)))
    }

    /// Those that begin `text` and whose keys may begin with a token of `n` bytes, in the order in which they came.
    #[inline(always)]
    pub(super) fn of<'a>(&'a self, text: &'a [u8], n: usize) -> impl Iterator<Item = Prefix> + 'a {
        let place = text.first_chunk().and_then(|head| self.place_of(hash(*head)));
        let entries: &[Entry] = place.map_or(&[], |place| &self.by_hash[place]);
        let next = next_eight(text);
        entries
            .iter()
            .filter(move |entry| (next & entry.mask == entry.bytes) & (entry.shortest <= n) && text.starts_with(entry.prefix.0))
            .map(|entry| entry.prefix)
    }

    #[inline(always)]
    fn has(&self, hash: usize) -> bool {
        self.bits[hash / 64] >> (hash % 64) & 1 == 1
    }

    #[inline(always)]
    fn place_of(&self, hash: usize) -> Option<usize> {
        let below = self.bits[hash / 64] & ((1 << (hash % 64)) - 1);
        self.has(hash).then(|| usize::from(self.n_before[hash / 64]) + below.count_ones() as usize)
    }
}

#[inline(always)]
fn hash(head: Head) -> usize {
    let value = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    (value.wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn each_prefix_is_among_those_of_its_beginning() {
        let rules = RuleSet::built_in();
        let prefixes: Vec<Prefix> =
            rules.rules.iter().flat_map(|&rule| rule.shape.prefixes.iter().filter(|prefix| prefix.len() >= 3).map(move |prefix| (*prefix, rule))).collect();
        let table = Prefixes::new(&prefixes, &[*b"///"]);
        for (prefix, rule) in &prefixes {
            let text = [prefix, b"x".as_slice()].concat();
            assert!(
                table.may_begin(&text, 0) && table.of(&text, usize::MAX).any(|(known, of)| known == *prefix && std::ptr::eq(of, *rule)),
                "{}",
                prefix.escape_ascii()
            );
        }
        for (prefix, rule) in prefixes.iter().filter(|(_, rule)| rule.shape.anchor_len.0 > 0) {
            let too_short = rule.shape.anchor_len.0 - 1;
            assert!(!table.of(prefix, too_short).any(|(_, of)| std::ptr::eq(of, *rule)), "{}", prefix.escape_ascii());
        }
        assert!(table.may_begin(b"///", 0) && table.may_begin_text(b"///") && table.of(b"///", usize::MAX).next().is_none());
        assert!(prefixes.len() > 300 && table.by_hash.iter().map(Vec::len).sum::<usize>() == prefixes.len());
        assert!([b"".as_slice(), b"ab"].iter().all(|text| !table.may_begin_text(text) && table.of(text, usize::MAX).next().is_none()));
    }
}
