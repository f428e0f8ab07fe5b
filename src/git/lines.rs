//! Which lines of a blob are new: a line diff with each of its bases, by the algorithm that is git's default.
//!
//! Lines end with `\n` and with nothing else, as reports count them; a changed line end changes the line. What is read as another text than its bytes
//! (UTF-16) is compared as that text, whose lines are those of reports; which text that is the caller says. Content with a NUL byte near its start has no lines
//! that mean anything, so all of it is new if it differs.

use gix::ObjectId;

use super::changes::{Bases, Change};
use super::similar::is_binary;
use super::{GitError, Reader, myers};
use crate::span::Lines;

/// More bytes than this are not compared line by line, for it would take hundreds of megabytes: what lies between the lines that both blobs begin and end with
/// is new then.
const LARGEST_COMPARED: usize = 64 << 20;

/// The same for lines, which decide how long it takes.
const MOST_LINES: usize = 500_000;

/// The text of a blob where that is another one than its bytes.
type Reading<'a> = &'a mut dyn FnMut(&[u8]) -> Option<Vec<u8>>;

impl Reader {
    /// The lines of the change's blob that are added relative to every one of its bases. For a blob without bases, and for one that cannot be compared line
    /// by line, that is the whole blob.
    ///
    /// # Errors
    /// The blob or one of its bases cannot be read.
    pub fn added_lines(&mut self, change: &Change) -> Result<Lines, GitError> {
        self.added_lines_of(change, &mut |_| None)
    }

    /// The same of the texts that `reading` makes of the blobs.
    ///
    /// # Errors
    /// As for [`Reader::added_lines`].
    pub fn added_lines_of(&mut self, change: &Change, reading: Reading<'_>) -> Result<Lines, GitError> {
        let new = self.text(&change.id, reading)?;
        let mut added = self.added_to(&change.bases, &change.id, &new, reading)?;
        for bases in &change.later {
            added = or(&added, &self.added_to(bases, &change.id, &new, reading)?);
        }
        Ok(added)
    }

    /// The text of a blob.
    fn text(&mut self, id: &ObjectId, reading: Reading<'_>) -> Result<Vec<u8>, GitError> {
        let mut bytes = Vec::new();
        self.blob(id, &mut bytes)?;
        Ok(reading(&bytes).unwrap_or(bytes))
    }

    /// The lines of the blob `id`, whose text is `new`, that none of `bases` has.
    fn added_to(&mut self, bases: &Bases, id: &ObjectId, new: &[u8], reading: Reading<'_>) -> Result<Lines, GitError> {
        let mut added = all(new);
        let ids = match bases {
            Bases::New => return Ok(added),
            Bases::Of(ids) if ids.contains(id) => return Ok(Lines::default()),
            Bases::Of(ids) => ids,
        };
        for id in ids {
            added = added.and(&added_lines(&self.text(id, reading)?, new));
        }
        Ok(added)
    }
}

/// The lines of `new` that `old` does not have.
fn added_lines(old: &[u8], new: &[u8]) -> Lines {
    if is_binary(old) || is_binary(new) {
        return all(new);
    }
    if !is_large(old) && !is_large(new) {
        return added_from(1, old, new);
    }
    let n_head = n_equal_at_start(old, new);
    let n_tail = n_equal_at_end(&old[n_head..], &new[n_head..]);
    let (first, old, middle) = (1 + n_line_ends(&new[..n_head]), &old[n_head..old.len() - n_tail], &new[n_head..new.len() - n_tail]);
    if !is_large(old) && !is_large(middle) {
        return added_from(first, old, middle);
    }
    let mut lines = Lines::default();
    lines.push(first, first + n_line_ends(middle));
    lines
}

/// The lines of `new` that `old` does not have, the first of which has the number `first`.
fn added_from(first: u64, old: &[u8], new: &[u8]) -> Lines {
    let mut lines = Lines::default();
    let numbered = (first..).zip(myers::added(old, new));
    numbered.filter(|&(_, is_added)| is_added).for_each(|(line, _)| lines.push(line, line));
    lines
}

fn is_large(text: &[u8]) -> bool {
    text.len() > LARGEST_COMPARED || n_line_ends(text) > MOST_LINES as u64
}

fn n_line_ends(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// The bytes of the whole lines that both texts begin with.
fn n_equal_at_start(a: &[u8], b: &[u8]) -> usize {
    let n = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    memchr::memrchr(b'\n', &a[..n]).map_or(0, |at| at + 1)
}

/// The bytes of the whole lines that both texts end with.
fn n_equal_at_end(a: &[u8], b: &[u8]) -> usize {
    let n = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    // The first of these lines may have begun differently.
    memchr::memchr(b'\n', &a[a.len() - n..]).map_or(0, |at| n - at - 1)
}

/// All lines of a blob; an empty one has a first line, too.
fn all(blob: &[u8]) -> Lines {
    let mut lines = Lines::default();
    lines.push(1, n_line_ends(blob) + 1);
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
    fn of_large_texts_the_lines_that_both_begin_and_end_with_are_old() {
        let many = |n: usize| "same\n".repeat(n);
        let (head, tail) = (many(MOST_LINES), many(10));
        let of = |old: &str, new: &str| added_lines(old.as_bytes(), new.as_bytes()).runs().to_vec();
        let n = MOST_LINES as u64;
        assert_eq!(of(&format!("{head}a\nb\n{tail}"), &format!("{head}a\nnew\nb\n{tail}")), [(n + 2, n + 2)]);
        assert_eq!(of(&head, &format!("{head}last")), [(n + 1, n + 1)]);
        assert_eq!(of(&format!("{head}x{tail}"), &format!("{head}y{tail}")), [(n + 1, n + 1)]);
        assert_eq!(of(&format!("{head}x\n{head}y"), &format!("{head}x\n{head}y")), []);
        assert_eq!(of(&format!("first\n{head}last"), &format!("changed\n{head}end")), [(1, n + 2)], "what lies between is not compared");
        // Where old and new lines overlap from both sides each counts once.
        assert_eq!(of(&many(MOST_LINES + 2), &many(MOST_LINES + 5)), [(n + 3, n + 5)]);
    }

    #[test]
    fn sets_of_lines_join() {
        let (a, b) = (added_lines(b"a\n", b"a\nb\nc\n"), added_lines(b"b\nc\n", b"a\nb\nc\n"));
        assert_eq!(or(&a, &b).runs(), [(1, 3)]);
    }
}
