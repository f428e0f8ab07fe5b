//! Which objects a repository has, for the one who asks for most of them: a table of numbers that are made of their ids.
//!
//! To halve an index again and again takes several times as long. Two ids have the same number once in 2^64 pairs, and nobody outside can foresee numbers.

use gix::hash::oid;

use super::keys::Keys;
use super::store::Store;

/// The objects of a store.
pub(super) struct Present<'a> {
    /// The store.
    pub(super) store: &'a Store,
    keys: Keys,
    /// The numbers of the packed objects, each in the first place that was free from where its first bits say; 0 is free. At least half of them are.
    slots: Vec<u64>,
    /// How far the first bits of a number are shifted to the right.
    shift: u32,
}

impl<'a> Present<'a> {
    /// Reads all ids.
    pub(super) fn new(store: &'a Store, keys: Keys) -> Self {
        let n: usize = store.packs.iter().map(|pack| pack.len()).sum();
        let n_bits = (2 * n).max(2).next_power_of_two().ilog2();
        let mut present = Self { store, keys, slots: vec![0; 1 << n_bits], shift: 64 - n_bits };
        for pack in &store.packs {
            for place in 0..pack.len() as u32 {
                let number = present.number(pack.id_at_place(place));
                let slot = present.slot(number);
                present.slots[slot] = number;
            }
        }
        present
    }

    /// Whether there is an object of this id.
    pub(super) fn contains(&self, id: &oid) -> bool {
        let number = self.number(id);
        self.slots[self.slot(number)] == number || self.store.find_loose(id).is_some()
    }

    /// The number of an id, which is not 0.
    fn number(&self, id: &oid) -> u64 {
        self.keys.number(id.as_bytes()).max(1)
    }

    /// Where the number is, or would be.
    fn slot(&self, number: u64) -> usize {
        let mut slot = (number >> self.shift) as usize;
        while self.slots[slot] != 0 && self.slots[slot] != number {
            slot = (slot + 1) % self.slots.len();
        }
        slot
    }
}
