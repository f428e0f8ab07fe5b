//! How the bytes of a tree are cut into entries, and which of them are those of the tree that it derives from.

use gix::hash::oid;

use super::delta::Segment;

/// The entries of another tree that a segment copies whole and that begin here at `at`, and where the last of them ends there. Nothing if none begins so.
pub(super) fn copied<'e>(others: &'e [(u32, u32)], segment: &Segment, at: usize) -> Option<(&'e [(u32, u32)], u32)> {
    let from = segment.from?;
    let there = from + at.checked_sub(segment.at)?;
    let first = others.binary_search_by_key(&there, |&(other, _)| other as usize).ok()?;
    // Where one ends the next one begins.
    let n = others[first + 1..].partition_point(|&(other, _)| other as usize <= from + segment.len);
    (n > 0).then(|| (&others[first..first + n], others[first + n].0))
}

/// Takes the next entry of a tree from `rest`: its mode, its name and the id that it names.
pub(super) fn next_entry<'a>(rest: &mut &'a [u8], id_len: usize) -> Option<(&'a [u8], &'a [u8], &'a oid)> {
    let (entry, after) = rest.split_at(memchr::memchr(0, rest)?);
    let (id, after) = after[1..].split_at_checked(id_len)?;
    let space = memchr::memchr(b' ', entry)?;
    *rest = after;
    Some((&entry[..space], &entry[space + 1..], oid::from_bytes_unchecked(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_copied_whole_and_where_one_begins() {
        let others = [(0, 7), (30, u32::MAX), (60, 9), (90, u32::MAX)];
        let segment = |len, from| Segment { at: 100, len, from };
        assert_eq!(copied(&others, &segment(60, Some(30)), 100), Some((&others[1..3], 90)));
        assert_eq!(copied(&others, &segment(59, Some(30)), 100), Some((&others[1..2], 60)));
        assert_eq!(copied(&others, &segment(29, Some(30)), 100), None);
        // What would be read there was no entry.
        assert_eq!(copied(&others, &segment(60, Some(29)), 100), None);
        assert_eq!(copied(&others, &segment(60, Some(29)), 101), Some((&others[1..2], 60)));
        assert_eq!(copied(&others, &segment(60, None), 100), None);
        assert_eq!(copied(&others, &segment(60, Some(90)), 100), None);
    }
}
