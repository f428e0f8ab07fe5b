//! How deep the folders of an index's cache tree lie in each other, found out before the index is parsed: its parser calls itself for each of them, and an
//! index of some hundred kilobytes would exhaust the stack.
//!
//! The extension may stand anywhere behind the entries, so every place that could be its beginning is tried.
//! The format is that of `gitformat-index(5)`: path, zero, number of entries, space, number of subtrees, line feed, and the id unless the first is negative.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::git::LARGEST_OBJECT;

/// Folders within folders that are parsed; git itself stops at 2,048.
const DEEPEST: usize = 4096;

/// Bytes of an entry without its id and its path: dates, device, mode, owner, size, flags, and the zero at the end.
const SMALLEST_ENTRY: u64 = 44;

/// Whether the cache tree of the index at `path` is deeper than any that git writes. What cannot be read is not, for whoever parses it says more.
pub(super) fn is_too_deep(path: &Path, hash: gix::hash::Kind) -> bool {
    behind_entries(path, hash.len_in_bytes()).is_ok_and(|bytes| nests_too_deep(&bytes, hash.len_in_bytes()))
}

/// The bytes of the file from a place that all of its extensions follow.
fn behind_entries(path: &Path, id_len: usize) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut header = [0; 12];
    file.read_exact(&mut header)?;
    let n_entries = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
    let n_bytes = u64::from(n_entries) * (SMALLEST_ENTRY + id_len as u64);
    file.seek(SeekFrom::Current(i64::try_from(n_bytes).unwrap_or(i64::MAX)))?;
    let mut bytes = Vec::new();
    file.take(LARGEST_OBJECT as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a cache tree in `bytes` is too deep, or there are so many beginnings of one that it is not worth while to look at them all.
fn nests_too_deep(bytes: &[u8], id_len: usize) -> bool {
    let mut left = bytes.len().saturating_mul(4);
    memchr::memmem::find_iter(bytes, b"TREE").any(|at| {
        let mut rest = bytes.get(at + 8..).unwrap_or_default();
        let n_before = rest.len();
        let is_too_deep = follow(&mut rest, id_len);
        let n_read = n_before - rest.len();
        let is_enough = n_read > left;
        left = left.saturating_sub(n_read);
        is_too_deep || is_enough
    })
}

/// Follows folders to the end of a cache tree; whether they are too deep.
fn follow(rest: &mut &[u8], id_len: usize) -> bool {
    // For each folder on the way how many of its folders are still to come.
    let mut open = Vec::new();
    while let Some(n_folders) = folder(rest, id_len) {
        open.push(n_folders);
        if open.len() > DEEPEST {
            return true;
        }
        while let Some(n_left) = open.last_mut() {
            match n_left.checked_sub(1) {
                Some(n) => {
                    *n_left = n;
                    break;
                }
                None => drop(open.pop()),
            }
        }
        if open.is_empty() {
            break;
        }
    }
    false
}

/// Takes one folder from `rest`, and gives the number of folders in it.
fn folder(rest: &mut &[u8], id_len: usize) -> Option<u64> {
    let bytes = rest.get(memchr::memchr(0, rest)? + 1..)?;
    let (n_entries, bytes) = number(bytes, b' ')?;
    let (n_folders, bytes) = number(bytes, b'\n')?;
    *rest = if n_entries < 0 { bytes } else { bytes.get(id_len..)? };
    u64::try_from(n_folders).ok()
}

/// A number that ends in `end`, and what follows.
fn number(bytes: &[u8], end: u8) -> Option<(i64, &[u8])> {
    const LONGEST: usize = 20;
    let at = memchr::memchr(end, &bytes[..bytes.len().min(LONGEST + 1)])?;
    Some((std::str::from_utf8(&bytes[..at]).ok()?.parse().ok()?, &bytes[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Vec<u8> {
        let mut bytes = b"entries that nobody looks at, TREE.md\0\0\0".to_vec();
        bytes.extend(b"TREE\0\0\0\0\0-1 1\n");
        (1..depth).for_each(|_| bytes.extend(b"x\x002 1\n01234567890123456789"));
        bytes.extend(b"x\0-1 0\n and a checksum");
        bytes
    }

    #[test]
    fn depth_is_found_wherever_the_tree_stands() {
        assert!(!nests_too_deep(&nested(DEEPEST - 1), 20));
        assert!(nests_too_deep(&nested(DEEPEST), 20));
        let flat: Vec<u8> = (0..2 * DEEPEST).flat_map(|_| b"x\0-1 0\n".to_vec()).collect();
        assert!(!nests_too_deep(&[b"TREE\0\0\0\0\x00-1 8192\n", flat.as_slice()].concat(), 20));
        assert!(!nests_too_deep(b"TREE", 20) && !nests_too_deep(b"", 20));
    }
}
