//! Which lines of a blob are new: a line diff with each of its bases, by the algorithm that is git's default.
//!
//! Lines end with `\n` and with nothing else, as reports count them; a changed line end changes the line. Content with a NUL byte near its start has no
//! lines that mean anything (it may be UTF-16, whose lines are found only after decoding), so all of it is new if it differs.

use gix::ObjectId;

use super::changes::{Bases, Change};
use super::similar::is_binary;
use super::{GitError, Reader, myers};
use crate::span::Lines;

/// A blob of more bytes than this is not compared line by line: all of it is new if it differs.
const LARGEST_COMPARED: usize = 64 << 20;

/// The same for its lines, which decide how long it takes.
const MOST_LINES: usize = 500_000;

impl Reader {
    /// The lines of the change's blob that are added relative to every one of its bases. For a blob without bases, and for one that cannot be compared line
    /// by line, that is the whole blob.
    ///
    /// # Errors
    /// The blob or one of its bases cannot be read.
    pub fn added_lines(&mut self, change: &Change) -> Result<Lines, GitError> {
        let mut new = Vec::new();
        self.blob(&change.id, &mut new)?;
        let mut added = self.added_to(&change.bases, &change.id, &new)?;
        for bases in &change.later {
            added = or(&added, &self.added_to(bases, &change.id, &new)?);
        }
        Ok(added)
    }

    /// The lines of the blob `id`, whose bytes are `new`, that none of `bases` has.
    fn added_to(&mut self, bases: &Bases, id: &ObjectId, new: &[u8]) -> Result<Lines, GitError> {
        let mut added = all(new);
        let ids = match bases {
            Bases::New => return Ok(added),
            Bases::Of(ids) if ids.contains(id) => return Ok(Lines::default()),
            Bases::Of(ids) => ids,
        };
        let mut old = Vec::new();
        for id in ids {
            self.blob(id, &mut old)?;
            added = added.and(&added_lines(&old, new));
        }
        Ok(added)
    }
}

/// The lines of `new` that `old` does not have.
fn added_lines(old: &[u8], new: &[u8]) -> Lines {
    let n_lines = |blob: &[u8]| memchr::memchr_iter(b'\n', blob).count();
    let is_whole = |blob: &[u8]| blob.len() > LARGEST_COMPARED || is_binary(blob) || n_lines(blob) > MOST_LINES;
    if is_whole(old) || is_whole(new) {
        return all(new);
    }
    let mut lines = Lines::default();
    let numbered = (1..).zip(myers::added(old, new));
    numbered.filter(|&(_, is_added)| is_added).for_each(|(line, _)| lines.push(line, line));
    lines
}

/// All lines of a blob; an empty one has a first line, too.
fn all(blob: &[u8]) -> Lines {
    let mut lines = Lines::default();
    lines.push(1, memchr::memchr_iter(b'\n', blob).count() as u64 + 1);
    lines
}

/// The lines that are in one of both sets.
fn or(a: &Lines, b: &Lines) -> Lines {
    let mut runs: Vec<(u64, u64)> = a.runs().iter().chain(b.runs()).copied().collect();
    runs.sort_unstable();
    let mut lines = Lines::default();
    runs.iter().for_each(|&(first, last)| lines.push(first, last));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_lines_are_added() {
        assert_eq!(added_lines(b"a\nb\nc\n", b"a\nx\nb\nc\ny").runs(), [(2, 2), (5, 5)]);
        assert_eq!(added_lines(b"a\nb\n", b"b\n").runs(), []);
        assert_eq!(added_lines(b"", b"a\nb\n").runs(), [(1, 2)]);
        assert_eq!(added_lines(b"a", b"a\n").runs(), [(1, 1)]);
        assert_eq!(added_lines(b"a\nb\n", b"a\r\nb\n").runs(), [(1, 1)]);
    }

    #[test]
    fn content_without_lines_is_new_as_a_whole() {
        assert_eq!(added_lines(b"a\0\nb\n", b"a\0\nb\nc").runs(), [(1, 3)]);
        assert_eq!(added_lines(b"a\nb\n", b"a\0\nb").runs(), [(1, 2)]);
    }

    #[test]
    fn sets_of_lines_join() {
        let (a, b) = (added_lines(b"a\n", b"a\nb\nc\n"), added_lines(b"b\nc\n", b"a\nb\nc\n"));
        assert_eq!(or(&a, &b).runs(), [(1, 3)]);
    }
}
