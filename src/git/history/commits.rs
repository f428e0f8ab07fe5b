//! What commits and tags say: their messages for the scan, and trees, parents and dates for the attribution, kept in little space.
//!
//! Written by anyone with any tool, so that every line may be missing or malformed; what can be read is taken.

use std::ops::Range;

use gix::ObjectId;
use gix::hash::oid;

use crate::blob::Commit;
use crate::git::object::header_line;

/// The commits of a repository, in no order.
#[derive(Default)]
pub(super) struct Commits {
    /// Ids, each followed by those of the tree and of the parents, without space between them.
    ids: Vec<u8>,
    /// The commits.
    rows: Vec<Row>,
    /// The annotated tags and what they point to.
    pub(super) tags: Vec<(ObjectId, ObjectId)>,
}

/// A commit.
struct Row {
    /// Where its ids begin.
    at: usize,
    /// How many parents it has.
    n_parents: u32,
    /// When it was committed.
    seconds: i64,
}

/// A commit, read from the table.
#[derive(Clone, Copy)]
pub(super) struct CommitRow<'a> {
    /// Its id.
    pub(super) id: &'a oid,
    /// Its tree.
    pub(super) tree: &'a oid,
    /// The ids of its parents, without space between them.
    parents: &'a [u8],
    /// When it was committed, in seconds since 1970-01-01 UTC.
    pub(super) seconds: i64,
}

impl<'a> CommitRow<'a> {
    /// The ids of its parents.
    pub(super) fn parents(&self) -> impl Iterator<Item = &'a oid> + use<'a> {
        let parents: &'a [u8] = self.parents;
        parents.chunks_exact(self.id.as_bytes().len()).map(oid::from_bytes_unchecked)
    }
}

impl Commits {
    /// Takes in a commit; `false` if it has no tree.
    pub(super) fn add_commit(&mut self, id: &oid, text: &[u8]) -> bool {
        let Some(header) = CommitHeader::parse(text, id.kind()) else { return false };
        let at = self.ids.len();
        self.ids.extend_from_slice(id.as_bytes());
        self.ids.extend_from_slice(header.tree.as_bytes());
        for parent in &header.parents {
            self.ids.extend_from_slice(parent.as_bytes());
        }
        // A commit of 2^32 parents would have 160 GiB.
        self.rows.push(Row { at, n_parents: header.parents.len() as u32, seconds: header.seconds });
        true
    }

    /// Takes in a tag; one that points to nothing is left out.
    pub(super) fn add_tag(&mut self, id: &oid, text: &[u8]) {
        let target = text.strip_prefix(b"object ").and_then(|rest| rest.split(|&byte| byte == b'\n').next());
        if let Some(target) = target.and_then(|hex| ObjectId::from_hex(hex).ok()) {
            self.tags.push((id.to_owned(), target));
        }
    }

    /// Takes in the commits and tags of another table.
    pub(super) fn append(&mut self, mut other: Self) {
        let shift = self.ids.len();
        self.ids.append(&mut other.ids);
        self.rows.extend(other.rows.into_iter().map(|row| Row { at: row.at + shift, ..row }));
        self.tags.append(&mut other.tags);
    }

    /// Puts the commits in the order of their ids, which does not depend on how threads shared the work.
    pub(super) fn sort(&mut self, hash: gix::hash::Kind) {
        let (ids, n) = (&self.ids, hash.len_in_bytes());
        self.rows.sort_unstable_by(|a, b| ids[a.at..a.at + n].cmp(&ids[b.at..b.at + n]));
        self.tags.sort_unstable();
    }

    /// How many commits there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// A commit, by its place in the table.
    pub(super) fn get(&self, place: usize, hash: gix::hash::Kind) -> CommitRow<'_> {
        let row = &self.rows[place];
        let n = hash.len_in_bytes();
        let (id, rest) = self.ids[row.at..].split_at(n);
        let (tree, rest) = rest.split_at(n);
        CommitRow {
            id: oid::from_bytes_unchecked(id),
            tree: oid::from_bytes_unchecked(tree),
            parents: &rest[..n * row.n_parents as usize],
            seconds: row.seconds,
        }
    }
}

/// What the attribution needs of a commit.
pub(super) struct CommitHeader {
    /// Its tree.
    pub(super) tree: ObjectId,
    /// Its parents.
    pub(super) parents: Vec<ObjectId>,
    /// When it was committed; 0 if that cannot be read, as git has it.
    pub(super) seconds: i64,
}

impl CommitHeader {
    /// Reads the header lines; `None` without a tree.
    pub(super) fn parse(text: &[u8], hash: gix::hash::Kind) -> Option<Self> {
        let mut header = Self { tree: hash.null(), parents: Vec::new(), seconds: 0 };
        let mut has_tree = false;
        let mut rest = text;
        while let Some(line) = header_line(&mut rest) {
            let id = |prefix: &[u8]| line.strip_prefix(prefix).and_then(|hex| ObjectId::from_hex(hex).ok()).filter(|id| id.kind() == hash);
            if let Some(tree) = id(b"tree ").filter(|_| !has_tree) {
                (header.tree, has_tree) = (tree, true);
            } else if let Some(parent) = id(b"parent ") {
                header.parents.push(parent);
            } else if let Some(committer) = line.strip_prefix(b"committer ") {
                header.seconds = seconds(committer);
                // Signatures and other long headers follow.
                break;
            }
        }
        has_tree.then_some(header)
    }
}

/// Where the message of a commit or tag is: after the first empty line.
pub(super) fn message_at(text: &[u8]) -> Range<usize> {
    let at = memchr::memmem::find(text, b"\n\n").map_or(text.len(), |at| at + 2);
    at..text.len()
}

/// The seconds of a line that ends in seconds and an offset.
fn seconds(person: &[u8]) -> i64 {
    let after = person.iter().rposition(|&byte| byte == b'>').map_or(person, |at| &person[at + 1..]);
    let number = after.split(|&byte| byte == b' ').find(|part| !part.is_empty());
    number.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok()).unwrap_or(0)
}

/// A commit as findings name it.
pub(super) fn described(id: &oid, text: &[u8]) -> Commit {
    let header = &text[..message_at(text).start];
    let author = header.split(|&byte| byte == b'\n').find_map(|line| line.strip_prefix(b"author ")).unwrap_or_default();
    let name_end = memchr::memchr(b'<', author).unwrap_or(author.len());
    let mail_end = memchr::memrchr(b'>', author).filter(|&end| end > name_end).unwrap_or(author.len());
    let author_seconds = seconds(author);
    let summary = text[message_at(text)].split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    Commit {
        author_seconds,
        author_date: date(author_seconds, offset_minutes(author)),
        id: id.to_hex().to_string(),
        author: String::from_utf8_lossy(author[..name_end].trim_ascii()).into_owned(),
        email: String::from_utf8_lossy(author.get(name_end + 1..mail_end).unwrap_or_default()).into_owned(),
        summary: String::from_utf8_lossy(summary.trim_ascii()).into_owned(),
    }
}

/// The offset at the end of such a line, in minutes; 0 if it cannot be read.
fn offset_minutes(person: &[u8]) -> i32 {
    let last = person.rsplit(|&byte| byte == b' ').next().and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
    let is_offset = last.len() == 5 && last.starts_with(['+', '-']);
    match last.parse::<i32>() {
        Ok(number) if is_offset => number / 100 * 60 + number % 100,
        _ => 0,
    }
}

/// A moment as RFC 3339 has it; one that no calendar has is that of 1970.
fn date(seconds: i64, offset_minutes: i32) -> String {
    let offset = jiff::tz::Offset::from_seconds(offset_minutes * 60).unwrap_or(jiff::tz::Offset::UTC);
    let moment = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.display_with_offset(offset).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: gix::hash::Kind = gix::hash::Kind::Sha1;

    /// The id of 40 times this digit.
    fn id(digit: char) -> ObjectId {
        ObjectId::from_hex(digit.to_string().repeat(40).as_bytes()).expect("hexadecimal")
    }

    #[test]
    fn a_commit_is_kept_with_tree_parents_and_date() {
        let text = format!(
            "tree {}\nparent {}\nparent {}\nauthor A <a@b> 5 +0000\ncommitter A > <a@b> 7 +0200\ngpgsig x\n\nMessage\n\ntree {}\n",
            id('1'),
            id('2'),
            id('3'),
            id('4')
        );
        let mut commits = Commits::default();
        assert!(commits.add_commit(&id('a'), text.as_bytes()));
        let commit = commits.get(0, HASH);
        assert_eq!((commit.id.to_owned(), commit.tree.to_owned(), commit.seconds), (id('a'), id('1'), 7));
        assert_eq!(commit.parents().map(ToOwned::to_owned).collect::<Vec<_>>(), [id('2'), id('3')]);
        assert_eq!(&text[message_at(text.as_bytes())], format!("Message\n\ntree {}\n", id('4')));
    }

    #[test]
    fn tables_are_joined() {
        let text = |tree| format!("tree {}\ncommitter x <> nonsense", id(tree));
        let (mut first, mut second) = (Commits::default(), Commits::default());
        assert!(first.add_commit(&id('a'), text('1').as_bytes()) && second.add_commit(&id('b'), text('2').as_bytes()));
        second.add_tag(&id('c'), format!("object {}\ntype commit\n", id('b')).as_bytes());
        first.append(second);
        assert_eq!((first.len(), first.get(1, HASH).id.to_owned(), first.get(1, HASH).tree.to_owned()), (2, id('b'), id('2')));
        assert_eq!(first.tags, [(id('c'), id('b'))]);
    }

    #[test]
    fn a_commit_is_described() {
        let commit = described(&id('a'), b"tree x\nauthor A U Thor <a@example.com> 1600000000 -0330\ncommitter C <> 1 +0000\n\n\nFirst line\nmore");
        assert_eq!((commit.author.as_str(), commit.email.as_str(), commit.summary.as_str()), ("A U Thor", "a@example.com", "First line"));
        assert_eq!((commit.author_seconds, commit.author_date.as_str()), (1_600_000_000, "2020-09-13T08:56:40-03:30"));
        let commit = described(&id('a'), b"author <<>> 99999999999999999 +9999\n\n");
        assert_eq!(commit.author_date, "1970-01-01T00:00:00+00:00");
        assert_eq!(described(&id('a'), b"").author, "");
    }

    #[test]
    fn a_commit_without_tree_is_none() {
        assert!(!Commits::default().add_commit(&id('a'), b"parent x\n\nMessage"));
        assert!(!Commits::default().add_commit(&id('a'), b""));
    }
}
