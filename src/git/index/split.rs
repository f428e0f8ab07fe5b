//! A split index whose file lies elsewhere: the part that it shares with others is in the repository's folder all the same, where git looks for it.
//!
//! The format is that of `gitformat-index(5)`, "Split index": a file that names the shared one, says by two bitmaps which of its entries are replaced and
//! which deleted, and holds the replacements in their order, without paths, and then what is new. The shared index's cache tree is of no use.

use std::collections::HashSet;
use std::path::Path;

use gix::index::decode::Options;
use gix::index::{File, State};

use crate::git::chain;

/// Reads the index at `path`; a part that it shares is looked for in `folder`. The error is what is wrong, in words.
pub(super) fn read(path: &Path, folder: &Path, hash: gix::hash::Kind, options: Options) -> Result<File, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let no_time = State::new(hash).timestamp();
    let (split, _) = State::from_bytes(&bytes, no_time, hash, options).map_err(|error| chain(&error))?;
    let Some(link) = split.link() else { return Ok(File::from_state(split, path)) };
    let place = folder.join(format!("sharedindex.{}", link.shared_index_checksum));
    let mut shared = File::at(place, hash, true, options).map_err(|error| chain(&error))?;
    shared.remove_tree();
    let (mut deleted, mut replaced) = (HashSet::new(), Vec::new());
    if let Some(bitmaps) = &link.bitmaps {
        let whole = bitmaps.delete.for_each_set_bit(|at| deleted.insert(at).then_some(())).is_some();
        let is_read = bitmaps.replace.for_each_set_bit(|at| Some(replaced.push(at))).is_some();
        if !whole || !is_read {
            return Err("its list of changed entries is damaged".to_owned());
        }
    }
    if replaced.len() > split.entries().len() || replaced.iter().chain(&deleted).any(|&at| at >= shared.entries().len()) {
        return Err("it changes more entries than there are".to_owned());
    }
    let (replacements, added) = split.entries().split_at(replaced.len());
    for (&at, entry) in replaced.iter().zip(replacements) {
        let old = &mut shared.entries_mut()[at];
        (old.stat, old.id, old.flags, old.mode) = (entry.stat, entry.id, entry.flags, entry.mode);
    }
    for entry in added {
        shared.dangerously_push_entry(entry.stat, entry.id, entry.flags, entry.mode, entry.path(&split));
    }
    shared.remove_entries(|at, _, _| deleted.contains(&at));
    shared.sort_entries();
    Ok(shared)
}
