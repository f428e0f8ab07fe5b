//! Commits, trees and tags, parsed from their bytes. Whatever the bytes are, something is made of them or nothing, and nothing panics: what git's own
//! checks would refuse (bad dates, missing authors, unsorted trees) is read as far as it can be.

use std::borrow::Cow;

use gix::ObjectId;
use jiff::Timestamp;
use jiff::tz::Offset;

use crate::blob;

/// What a tree says about one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TreeEntry {
    pub name: Vec<u8>,
    pub mode: Mode,
    pub id: ObjectId,
}

impl TreeEntry {
    /// Whether it is a folder.
    pub(super) fn is_tree(&self) -> bool {
        self.mode.kind() == ModeKind::Tree
    }

    /// Whether it is content: a file or the target of a symbolic link.
    pub(super) fn is_blob(&self) -> bool {
        matches!(self.mode.kind(), ModeKind::File | ModeKind::Link)
    }
}

/// The mode of a path: what it is, and for a file whether it is executable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mode(pub u32);

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ModeKind {
    Tree,
    File,
    /// A symbolic link, whose blob is the path that it points to.
    Link,
    /// The commit of a submodule, which is a repository of its own.
    Submodule,
}

impl Mode {
    /// What it is; git takes what it does not know for a submodule, we take it for a file, so that it is read.
    pub(super) const fn kind(self) -> ModeKind {
        match self.0 & 0o170_000 {
            0o040_000 => ModeKind::Tree,
            0o120_000 => ModeKind::Link,
            0o160_000 => ModeKind::Submodule,
            _ => ModeKind::File,
        }
    }
}

/// A commit, parsed.
#[derive(Clone, Debug)]
pub(super) struct Commit {
    pub tree: ObjectId,
    pub parents: Vec<ObjectId>,
    /// Seconds since 1970 of the commit, not of its author.
    pub seconds: i64,
    /// The author's line: name, mail, seconds and offset.
    pub author: Vec<u8>,
    pub message: Vec<u8>,
    /// The lines that name people: author and committer.
    pub people: Vec<u8>,
}

impl Commit {
    /// The commit as a finding names it.
    pub(super) fn named(&self, id: &ObjectId) -> blob::Commit {
        let (who, when) = split_signature(&self.author);
        let (author, email) = match memchr::memchr(b'<', who) {
            Some(at) => (&who[..at], who[at + 1..].strip_suffix(b">").unwrap_or(&who[at + 1..])),
            None => (who, &b""[..]),
        };
        let (author_seconds, author_date) = date(when);
        let summary = self.message.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty()).unwrap_or_default();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes.trim_ascii()).into_owned();
        blob::Commit { author_seconds, author_date, id: id.to_hex().to_string(), author: text(author), email: text(email), summary: text(summary) }
    }
}

/// The entries of a tree; `None` if the bytes are none.
pub(super) fn parse_tree(mut bytes: &[u8], hash: gix::hash::Kind) -> Option<Vec<TreeEntry>> {
    let mut entries = Vec::with_capacity(bytes.len() / 40);
    while !bytes.is_empty() {
        let space = memchr::memchr(b' ', bytes)?;
        let mode = bytes[..space].iter().try_fold(0_u32, |mode, &digit| match digit {
            b'0'..=b'7' if mode < 1 << 24 => Some(mode * 8 + u32::from(digit - b'0')),
            _ => None,
        })?;
        let rest = &bytes[space + 1..];
        let zero = memchr::memchr(0, rest)?;
        let (id, after) = rest[zero + 1..].split_at_checked(hash.len_in_bytes())?;
        entries.push(TreeEntry { name: rest[..zero].to_vec(), mode: Mode(mode), id: ObjectId::try_from(id).ok()? });
        bytes = after;
    }
    Some(entries)
}

/// A commit from its bytes; `None` if they have no tree.
pub(super) fn parse_commit(bytes: &[u8], hash: gix::hash::Kind) -> Option<Commit> {
    let mut rest = bytes;
    let (mut tree, mut parents, mut author, mut seconds) = (None, Vec::new(), Vec::new(), 0);
    while let Some(line) = header_line(&mut rest) {
        let id = |hex: &[u8]| ObjectId::from_hex(hex).ok().filter(|id| id.kind() == hash);
        if let Some(hex) = line.strip_prefix(b"tree ").filter(|_| tree.is_none()) {
            tree = Some(id(hex)?);
        } else if let Some(hex) = line.strip_prefix(b"parent ") {
            parents.push(id(hex)?);
        } else if let Some(signature) = line.strip_prefix(b"author ").filter(|_| author.is_empty()) {
            author = signature.to_vec();
        } else if let Some(signature) = line.strip_prefix(b"committer ") {
            seconds = number(split_signature(signature).1.split(|&byte| byte == b' ').next().unwrap_or_default());
        }
    }
    let Words { written, people } = words(bytes);
    Some(Commit { tree: tree?, parents, seconds, author, message: written.into_owned(), people: people.to_vec() })
}

/// What a commit or a tag says in words.
pub(super) struct Words<'a> {
    /// What people wrote: its message, and the tags that it merged, which git keeps whole in the header.
    pub written: Cow<'a, [u8]>,
    /// The lines of its header that name people, and of a tag the name that it gave itself. They stand together.
    pub people: &'a [u8],
}

/// What a commit or a tag says in words, wherever that stands.
pub(super) fn words(bytes: &[u8]) -> Words<'_> {
    let mut message = bytes;
    let (mut start, mut end) = (None, 0);
    let mut merged: Vec<u8> = Vec::new();
    let mut is_merged = false;
    loop {
        let at = bytes.len() - message.len();
        let Some(line) = header_line(&mut message) else { break };
        let (part, names_people) = match line[0] {
            b' ' => (line.strip_prefix(b" ").filter(|_| is_merged), false),
            b'm' => (line.strip_prefix(b"mergetag "), false),
            b'a' => (None, line.starts_with(b"author ")),
            b'c' => (None, line.starts_with(b"committer ")),
            b't' => (None, line.starts_with(b"tag ") || line.starts_with(b"tagger ")),
            _ => (None, false),
        };
        is_merged = part.is_some();
        if let Some(part) = part {
            merged.push(b'\n');
            merged.extend_from_slice(part);
        }
        if names_people {
            start.get_or_insert(at);
            end = at + line.len();
        }
    }
    let written = if merged.is_empty() { Cow::Borrowed(message) } else { Cow::Owned([message, &merged].concat()) };
    Words { written, people: start.map_or(&[], |start| &bytes[start..end]) }
}

/// The object that a tag names.
pub(super) fn tagged(bytes: &[u8]) -> Option<ObjectId> {
    let line = bytes.strip_prefix(b"object ")?.split(|&byte| byte == b'\n').next()?;
    ObjectId::from_hex(line).ok()
}

/// Takes the next line of a header from `rest`; an empty line ends it and is taken, too.
pub(super) fn header_line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let line = &rest[..end];
    *rest = rest.get(end + 1..).unwrap_or_default();
    (!line.is_empty()).then_some(line)
}

/// `Name <mail>` and `seconds offset`.
fn split_signature(signature: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memrchr(b'>', signature) {
        Some(at) => (&signature[..=at], signature[at + 1..].trim_ascii()),
        None => (signature, b""),
    }
}

/// A decimal number; 0 for what is none.
fn number(digits: &[u8]) -> i64 {
    std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Seconds since 1970 and the RFC 3339 form of `seconds ±hhmm`. A date that no calendar has becomes the nearest one.
fn date(when: &[u8]) -> (i64, String) {
    let mut parts = when.split(|&byte| byte == b' ');
    let seconds = number(parts.next().unwrap_or_default());
    let hours_and_minutes = number(parts.next().unwrap_or_default());
    let minutes = hours_and_minutes / 100 * 60 + hours_and_minutes % 100;
    let offset = i32::try_from(minutes * 60).ok().and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC);
    // RFC 3339 has years of four digits.
    let stamp = Timestamp::from_second(seconds.clamp(-62_135_510_400, 253_402_200_000)).unwrap_or(Timestamp::UNIX_EPOCH);
    let (sign, distance) = (if offset.seconds() < 0 { '-' } else { '+' }, offset.seconds().abs() / 60);
    (seconds, format!("{}{sign}{:02}:{:02}", offset.to_datetime(stamp).strftime("%Y-%m-%dT%H:%M:%S"), distance / 60, distance % 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: gix::hash::Kind = gix::hash::Kind::Sha1;

    #[test]
    fn a_commit_is_read_with_its_author_and_message() {
        let tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        let text =
            format!("tree {tree}\nparent {tree}\nauthor A <B> C <a@example.org> 1700000000 -0330\ncommitter X <x> 5 +0000\ngpgsig a\n b\n\n\nOne\ntwo\n");
        let commit = parse_commit(text.as_bytes(), SHA1).expect("valid");
        assert_eq!((commit.tree.to_string().as_str(), commit.parents.len(), commit.seconds), (tree, 1, 5));
        assert_eq!(commit.message, b"\nOne\ntwo\n");
        let named = commit.named(&commit.tree);
        assert_eq!((named.author_seconds, named.author_date.as_str(), named.summary.as_str()), (1_700_000_000, "2023-11-14T18:43:20-03:30", "One"));
        assert_eq!((named.author.as_str(), named.email.as_str()), ("A", "B> C <a@example.org"));
    }

    #[test]
    fn hostile_dates_and_authors_are_read_somehow() {
        for signature in ["", "nobody", "<", ">", "a <b> 99999999999999999999 +0000", "a <b> -99999999999 +9999", "a <b> 253402300799 -2359"] {
            let text = format!("tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor {signature}\n");
            let commit = parse_commit(text.as_bytes(), SHA1).expect("valid");
            let named = commit.named(&commit.tree);
            assert_eq!(named.author_date.len(), "2023-11-14T18:43:20-03:30".len(), "{signature}: {}", named.author_date);
        }
        assert!(parse_commit(b"", SHA1).is_none());
        assert!(parse_commit(b"tree 00\n", SHA1).is_none());
    }

    #[test]
    fn a_tree_that_ends_early_is_none() {
        let mut tree = b"100644 a\0".to_vec();
        tree.extend([7; 20]);
        assert_eq!(parse_tree(&tree, SHA1).expect("valid").len(), 1);
        for end in 1..tree.len() {
            assert!(parse_tree(&tree[..end], SHA1).is_none(), "{end}");
        }
        assert!(parse_tree(b"9 a\0", SHA1).is_none());
    }
}
