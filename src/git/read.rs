//! Objects by id, from the repository, its alternates, and the folders that git's environment variables name.
//!
//! Commits and trees are read as git reads them, with the replacements of `refs/replace`. Blobs are not: what is pushed is the blob itself, whatever
//! stands in its place on this machine.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use gix::ObjectId;
use gix::objs::{Find, Kind};

use super::claims::Claims;
use super::object::{Commit, ModeKind, TreeEntry, parse_commit, parse_tree, tagged};
use super::{GitError, LARGEST_OBJECT, Repo, chain};

/// How many tags may stand before the object that they name.
const MOST_TAGS: usize = 32;

/// Reads objects, for one thread.
pub struct Reader {
    pub(super) repo: gix::Repository,
    /// The same objects without replacements.
    blobs: gix::OdbHandle,
    /// Object folders besides the repository's own.
    others: Vec<gix::odb::Handle>,
    folders: Vec<PathBuf>,
    /// What stands in the place of which object, sorted.
    replacements: Vec<(ObjectId, ObjectId)>,
    claims: Arc<OnceLock<Claims>>,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("repo", &self.repo).finish()
    }
}

impl Repo {
    /// A reader for the calling thread; it keeps what it has opened.
    pub fn reader(&self) -> Reader {
        let mut repo = self.inner.to_thread_local();
        repo.objects.ignore_replacements |= self.reads_originals;
        let mut blobs = repo.objects.clone();
        blobs.ignore_replacements = true;
        let open = |folder: &Path| {
            let options = gix::odb::store::init::Options { alloc_limit_bytes: Some(LARGEST_OBJECT), use_multi_pack_index: false, ..Default::default() };
            gix::odb::at_opts(folder, repo.object_hash(), None, options).ok()
        };
        let others = self.object_folders.iter().filter(|folder| folder.is_dir()).filter_map(|folder| open(folder)).collect();
        let folders = std::iter::once(repo.objects.store_ref().path().to_owned()).chain(self.object_folders.iter().cloned()).collect();
        let mut replacements: Vec<_> = repo.objects.store_ref().replacements().collect();
        replacements.sort_unstable();
        Reader { blobs, others, folders, replacements, claims: Arc::clone(&self.claims), buffer: Vec::new(), repo }
    }
}

impl Reader {
    /// Puts the bytes of the blob `id` in place of those in `into`.
    ///
    /// # Errors
    /// It is missing, damaged, no blob, or larger than two gigabytes.
    pub fn blob(&mut self, id: &ObjectId, into: &mut Vec<u8>) -> Result<(), GitError> {
        into.clear();
        into.extend_from_slice(self.find(id, Kind::Blob)?);
        Ok(())
    }

    /// Checks that `id` is the digest of a blob of these bytes, which storage says and nothing has proved.
    ///
    /// # Errors
    /// It is not.
    pub fn check(&self, id: &ObjectId, bytes: &[u8]) -> Result<(), GitError> {
        match gix::objs::compute_hash(id.kind(), Kind::Blob, bytes) {
            Ok(digest) if digest == *id => Ok(()),
            Ok(_) => Err(broken(Kind::Blob, id, "its content is that of another object")),
            Err(_) => Err(broken(Kind::Blob, id, "its content was made to break the hash function")),
        }
    }

    /// The id of the blob at `path`, as git stores paths, in the tree `tree`.
    ///
    /// # Errors
    /// A tree on the way is missing or damaged.
    pub fn entry(&mut self, tree: &ObjectId, path: &[u8]) -> Result<Option<ObjectId>, GitError> {
        Ok(self.leaf(tree, path)?.filter(TreeEntry::is_blob).map(|entry| entry.id))
    }

    /// Whether the commit of this id, in hexadecimal, has a symbolic link at `path`, as git stores paths; not if that cannot be told.
    pub fn is_link(&mut self, commit: &str, path: &[u8]) -> bool {
        let tree = ObjectId::from_hex(commit.as_bytes()).ok().and_then(|id| self.commit(&id).ok()).map(|commit| commit.tree);
        let entry = tree.and_then(|tree| self.leaf(&tree, path).ok().flatten());
        entry.is_some_and(|entry| entry.mode.kind() == ModeKind::Link)
    }

    /// What is no folder and stands at `path` in the tree `tree`.
    fn leaf(&mut self, tree: &ObjectId, path: &[u8]) -> Result<Option<TreeEntry>, GitError> {
        let mut folder = *tree;
        let mut parts = path.split(|&byte| byte == b'/').peekable();
        while let Some(part) = parts.next() {
            let is_last = parts.peek().is_none();
            match self.tree(&folder)?.into_iter().find(|entry| entry.name == part && entry.is_tree() != is_last) {
                Some(entry) if is_last => return Ok(Some(entry)),
                Some(entry) => folder = entry.id,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The entries of the tree `id` in their order.
    pub(super) fn tree(&mut self, id: &ObjectId) -> Result<Vec<TreeEntry>, GitError> {
        let kind = id.kind();
        if *id == ObjectId::empty_tree(kind) {
            return Ok(Vec::new());
        }
        let entries = parse_tree(self.find(id, Kind::Tree)?, kind);
        entries.ok_or_else(|| broken(Kind::Tree, id, "it has no valid form"))
    }

    /// The commit `id`, which may be named by a tag.
    pub(super) fn commit(&mut self, id: &ObjectId) -> Result<Commit, GitError> {
        let kind = id.kind();
        parse_commit(self.find(id, Kind::Commit)?, kind).ok_or_else(|| broken(Kind::Commit, id, "it has no valid form"))
    }

    /// The commit that `id` is or, as a tag, names.
    ///
    /// # Errors
    /// The object is missing or damaged, or leads to no commit.
    pub fn peel(&mut self, id: &ObjectId) -> Result<ObjectId, GitError> {
        match self.unwrap_tags(id, |_, _| {})? {
            (commit, Kind::Commit) => Ok(commit),
            (_, kind) => Err(GitError::NoCommit { name: id.to_hex().to_string(), what: name(kind) }),
        }
    }

    /// What `id` is or, as a tag, names, and its kind. `each` is shown the id and the bytes of every tag on the way.
    pub(super) fn unwrap_tags(&mut self, id: &ObjectId, mut each: impl FnMut(&ObjectId, &[u8])) -> Result<(ObjectId, Kind), GitError> {
        let mut at = *id;
        for _ in 0..MOST_TAGS {
            let (kind, bytes) = self.any(&at, "object")?;
            if kind != Kind::Tag {
                return Ok((at, kind));
            }
            each(&at, bytes);
            at = tagged(bytes).ok_or_else(|| broken(Kind::Tag, &at, "it has no valid form"))?;
        }
        Err(GitError::TooMany { what: "tags of tags in a row", limit: MOST_TAGS })
    }

    /// Whether the object is there.
    pub(super) fn has(&self, id: &ObjectId) -> bool {
        use gix::objs::Exists;
        self.repo.objects.exists(id) || self.others.iter().any(|other| other.exists(id))
    }

    /// The bytes of the object `id`, which is to be of `kind`.
    fn find(&mut self, id: &ObjectId, kind: Kind) -> Result<&[u8], GitError> {
        let (found, bytes) = self.any(id, name(kind))?;
        if found == kind { Ok(bytes) } else { Err(broken(kind, id, "it is another kind of object")) }
    }

    /// Kind and bytes of the object `id`; `what` names it in errors.
    fn any(&mut self, id: &ObjectId, what: &'static str) -> Result<(Kind, &[u8]), GitError> {
        self.check_claims(id, what)?;
        let own = if what == name(Kind::Blob) { &self.blobs } else { &self.repo.objects };
        let stores = std::iter::once(own as &dyn Find).chain(self.others.iter().map(|other| other as &dyn Find));
        let (mut place, mut failure) = (None, None);
        for store in stores {
            match store.try_find(id, &mut self.buffer) {
                Ok(Some(data)) => {
                    place = Some((data.kind, data.data.as_ptr() as usize, data.data.len()));
                    break;
                }
                Ok(None) => {}
                Err(error) => failure = Some(chain(&error)),
            }
        }
        let Some((kind, address, len)) = place else { return Err(self.not_found(id, what, failure)) };
        // The object's bytes stand somewhere in the buffer, behind a header if it is a loose one.
        let start = address.wrapping_sub(self.buffer.as_ptr() as usize);
        let bytes = start.checked_add(len).and_then(|end| self.buffer.get(start..end));
        bytes.map(|bytes| (kind, bytes)).ok_or_else(|| GitError::Object { what, id: id.to_hex().to_string(), why: "it was lost in memory".to_owned() })
    }

    /// Checks that the object, and what stands in its place, can be as large as their packs say.
    fn check_claims(&self, id: &ObjectId, what: &'static str) -> Result<(), GitError> {
        let claims = self.claims.get_or_init(|| Claims::open(&self.folders, self.repo.object_hash()));
        let place = self.replacements.binary_search_by(|(from, _)| from.cmp(id));
        let replaced = place.ok().map(|place| self.replacements[place].1);
        std::iter::once(*id).chain(replaced).try_for_each(|id| claims.check(&id)).map_err(|why| GitError::Object {
            what,
            id: id.to_hex().to_string(),
            why: why.to_owned(),
        })
    }

    /// The error for an object that no store gave; `failure` is what one of them said.
    fn not_found(&self, id: &ObjectId, what: &'static str, failure: Option<String>) -> GitError {
        let id = id.to_hex().to_string();
        match failure {
            // That is what the library says of one that is larger than it may take.
            Some(why) if why.contains("too large to fit in memory") => GitError::Large { what, id },
            Some(why) => GitError::Object { what, id, why },
            None => GitError::Missing { what, id, next: self.next_step() },
        }
    }

    /// Whether a remote has promised to send what is missing: its packs say so.
    fn is_partial(&self) -> bool {
        let packs = self.repo.common_dir().join("objects").join("pack");
        let is_promise = |entry: std::fs::DirEntry| entry.path().extension().is_some_and(|extension| extension == "promisor");
        packs.read_dir().is_ok_and(|entries| entries.filter_map(Result::ok).any(is_promise))
    }

    /// What brings a missing object.
    fn next_step(&self) -> &'static str {
        match self.is_partial() {
            true => "this clone is partial: `git fetch --refetch --no-filter` fetches all that it left out",
            false if self.repo.is_shallow().unwrap_or(false) => {
                "this clone is shallow: `git fetch --unshallow` fetches the rest, `git fetch --deepen=N` a part of it"
            }
            false => "`git fsck` tells what else is missing, and `git fetch --refetch` brings what a remote has",
        }
    }
}

/// An object that is there and of no use.
fn broken(kind: Kind, id: &ObjectId, why: &str) -> GitError {
    GitError::Object { what: name(kind), id: id.to_hex().to_string(), why: why.to_owned() }
}

/// The kind's name.
const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Blob => "blob",
        Kind::Tree => "tree",
        Kind::Commit => "commit",
        Kind::Tag => "tag",
    }
}
