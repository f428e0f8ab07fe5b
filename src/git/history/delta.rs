//! Deltas, as packs store them: a target described by copies from a base and by inserted bytes.
//!
//! Format: `gitformat-pack(5)`, "Deltified representation". Everything is checked against the base and against the promised size before it is copied.

/// A run of an object's bytes, and where the base of its delta has the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where the run begins in the object.
    pub at: usize,
    /// Its length in bytes, never 0.
    pub len: usize,
    /// Where the base has the same run; nowhere if the bytes are inserted.
    pub from: Option<usize>,
}

/// A delta's two sizes and its instructions.
pub(super) struct Delta<'a> {
    /// Size of the base that it was made for.
    pub(super) base_size: u64,
    /// Size of what it makes.
    pub(super) target_size: u64,
    /// The instructions.
    instructions: &'a [u8],
}

impl<'a> Delta<'a> {
    /// Reads the sizes in front of the instructions; `None` if they are cut off or too large for any object.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (base_size, rest) = size(bytes)?;
        let (target_size, instructions) = size(rest)?;
        Some(Self { base_size, target_size, instructions })
    }

    /// Makes the target from `base` into `target`, whose length has to be the target's size. `each` is told every instruction's run.
    /// `None` if an instruction reaches outside of base or target, or the target does not become full.
    pub(super) fn apply(&self, base: &[u8], target: &mut [u8], mut each: impl FnMut(Segment)) -> Option<()> {
        let (mut rest, mut at) = (self.instructions, 0);
        while let Some((&code, after)) = rest.split_first() {
            rest = after;
            let (run, from) = match code {
                0 => return None,
                1..=0x7f => {
                    let (run, after) = rest.split_at_checked(usize::from(code))?;
                    rest = after;
                    (run, None)
                }
                _ => {
                    let from = number(code, 4, &mut rest)?;
                    let len = match number(code >> 4, 3, &mut rest)? {
                        0 => 0x10000,
                        len => len,
                    };
                    (base.get(from..from.checked_add(len)?)?, Some(from))
                }
            };
            target.get_mut(at..at + run.len())?.copy_from_slice(run);
            each(Segment { at, len: run.len(), from });
            at += run.len();
        }
        (at == target.len()).then_some(())
    }
}

/// Adds a run to the list; one that continues the last run makes that longer.
pub(super) fn push_segment(segments: &mut Vec<Segment>, next: Segment) {
    if let Some(last) = segments.last_mut() {
        let goes_on = match (last.from, next.from) {
            (None, None) => true,
            (Some(before), Some(now)) => before + last.len == now,
            _ => false,
        };
        if goes_on {
            last.len += next.len;
            return;
        }
    }
    segments.push(next);
}

/// The bytes of a number whose presence the low bits of `present` tell, lowest byte first.
fn number(present: u8, n_bytes: u32, rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for i in 0..n_bytes {
        if present & (1 << i) != 0 {
            let (&byte, after) = rest.split_first()?;
            value |= usize::from(byte) << (8 * i);
            *rest = after;
        }
    }
    Some(value)
}

/// A size in groups of seven bits, lowest group first.
fn size(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut size = 0;
    for (i, &byte) in bytes.iter().enumerate().take(9) {
        size |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((size, &bytes[i + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the delta makes of the base, and its runs.
    fn applied(base: &[u8], delta: &[u8]) -> Option<(Vec<u8>, Vec<Segment>)> {
        let delta = Delta::parse(delta)?;
        let mut target = vec![0; usize::try_from(delta.target_size).ok()?.min(1 << 20)];
        let mut segments = Vec::new();
        delta.apply(base, &mut target, |segment| push_segment(&mut segments, segment))?;
        Some((target, segments))
    }

    #[test]
    fn copies_and_inserts_make_the_target() {
        let (target, segments) = applied(b"0123456789", &[10, 7, 0x91, 2, 3, 2, b'x', b'y', 0x91, 0, 2]).expect("valid");
        assert_eq!(target, b"234xy01");
        let runs: Vec<_> = segments.iter().map(|segment| (segment.at, segment.len, segment.from)).collect();
        assert_eq!(runs, [(0, 3, Some(2)), (3, 2, None), (5, 2, Some(0))]);
    }

    #[test]
    fn runs_that_continue_each_other_are_one() {
        let (_, segments) = applied(b"0123456789", &[10, 8, 0x91, 2, 3, 0x91, 5, 2, 1, b'x', 2, b'y', b'z']).expect("valid");
        assert_eq!(segments, [Segment { at: 0, len: 5, from: Some(2) }, Segment { at: 5, len: 3, from: None }]);
    }

    #[test]
    fn broken_deltas_make_nothing() {
        for delta in [
            &[][..],
            &[10],
            &[10, 0x80],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1],
            &[10, 3, 0],
            &[10, 3, 5, b'x'],
            &[10, 3, 0x91, 8, 3],
            &[10, 3, 0x91, 2],
            &[10, 3, 0x91, 2, 4],
            &[10, 3, 0x91, 2, 2],
            &[10, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(applied(b"0123456789", delta), None, "{delta:?}");
        }
    }
}
