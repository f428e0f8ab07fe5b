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
            let (source, len, from) = match code {
                0 => return None,
                1..=0x7f => {
                    let (inserted, len) = (rest, usize::from(code));
                    rest = rest.get(len..)?;
                    (inserted, len, None)
                }
                _ => {
                    let from = number(code & 0xF, &mut rest)?;
                    let len = match number(code >> 4 & 7, &mut rest)? {
                        0 => 0x10000,
                        len => len,
                    };
                    (base.get(from..)?, len, Some(from))
                }
            };
            copy(source, len, target.get_mut(at..)?)?;
            each(Segment { at, len, from });
            at += len;
        }
        (at == target.len()).then_some(())
    }
}

/// Copies so many bytes at the beginning of `source` to that of `target`. With a short run, as most are, something of what follows is written, too: other runs
/// come there, and to copy always as many takes a fraction of the time.
fn copy(source: &[u8], len: usize, target: &mut [u8]) -> Option<()> {
    const SHORT: usize = 64;
    match (source.first_chunk::<SHORT>(), target.first_chunk_mut::<SHORT>()) {
        (Some(source), Some(target)) if len <= SHORT => *target = *source,
        _ => target.get_mut(..len)?.copy_from_slice(source.get(..len)?),
    }
    Some(())
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

/// The bytes of a number, at most four, whose presence the bits of `present` tell, lowest byte first.
fn number(present: u8, rest: &mut &[u8]) -> Option<usize> {
    // Mostly none is missing below one that is there, and the delta goes on.
    if present & (present + 1) == 0
        && let Some((eight, _)) = rest.split_first_chunk()
    {
        let n_bytes = present.count_ones();
        *rest = &rest[n_bytes as usize..];
        return usize::try_from(u64::from_le_bytes(*eight) & ((1 << (8 * n_bytes)) - 1)).ok();
    }
    let mut value = 0;
    for i in 0..4 {
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
    fn runs_of_any_length_make_the_target_wherever_they_stand() {
        let base: Vec<u8> = (0..3000_u32).map(|i| (i * 31 % 251) as u8).collect();
        let lens = [1, 2, 63, 64, 65, 127, 3, 100, 64, 16, 1];
        for n in 1..=lens.len() {
            let (mut instructions, mut expected) = (Vec::new(), Vec::new());
            for (i, &len) in lens[..n].iter().enumerate() {
                if i % 2 == 0 {
                    let inserted: Vec<u8> = (0..len).map(|at| 0xA0 + at % 16).collect();
                    instructions.push(len);
                    instructions.extend(&inserted);
                    expected.extend(inserted);
                } else {
                    let from = if i % 4 == 1 { base.len() - usize::from(len) } else { 256 * i };
                    instructions.extend([0x93, from as u8, (from >> 8) as u8, len]);
                    expected.extend(&base[from..from + usize::from(len)]);
                }
            }
            let sizes = |size: usize| [size as u8 | 0x80, (size >> 7) as u8];
            let delta = [&sizes(base.len())[..], &sizes(expected.len()), &instructions].concat();
            assert_eq!(applied(&base, &delta).expect("valid").0, expected, "{n}");
        }
    }

    #[test]
    fn numbers_leave_out_bytes_that_are_zero() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        for (present, n_bytes, value) in [(0, 0, 0), (0b1, 1, 1), (0b11, 2, 0x0201), (0b1111, 4, 0x0403_0201), (0b10, 1, 0x0100), (0b1001, 2, 0x0200_0001)] {
            for end in n_bytes..=bytes.len() {
                let mut rest = &bytes[..end];
                assert_eq!((number(present, &mut rest), rest), (Some(value), &bytes[n_bytes..end]), "{present:b} of {end}");
            }
            assert!(n_bytes == 0 || number(present, &mut &bytes[..n_bytes - 1]).is_none(), "{present:b}");
        }
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
