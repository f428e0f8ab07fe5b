//! Numbers that belong to groups, one group after the other in one list.

/// Numbers in groups, without an allocation for each.
#[derive(Default)]
pub(super) struct Groups {
    /// Where each group begins, and at last the number of all.
    starts: Vec<usize>,
    numbers: Vec<u32>,
}

impl Groups {
    /// Puts pairs of a group, of which there are `n`, and a number in order. They are gone through twice.
    pub(super) fn new<I: Iterator<Item = (usize, u32)>>(n: usize, pairs: impl Fn() -> I) -> Self {
        let mut starts = vec![0; n + 1];
        pairs().for_each(|(group, _)| starts[group + 1] += 1);
        for i in 0..n {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut numbers = vec![0; starts[n]];
        for (group, number) in pairs() {
            numbers[next[group]] = number;
            next[group] += 1;
        }
        Self { starts, numbers }
    }

    /// The numbers of a group.
    pub(super) fn get(&self, group: usize) -> &[u32] {
        &self.numbers[self.starts[group]..self.starts[group + 1]]
    }
}
