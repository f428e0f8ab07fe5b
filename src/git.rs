//! Repositories, read in process: what is staged, what a range of commits brings, what all of history holds.
//!
//! The repository is an attacker's. Nothing that it configures is run: no hook, filter, text conversion, external diff, file-system monitor, alias or
//! pager. Configuration is read from the repository's own file alone and without includes, and only for what is needed to read objects; whoever owns
//! the repository, it is read.
//!
//! `read` finds objects, `trees` says which paths differ, `rename` and `lines` with what their blobs are compared, `staged`, `range` and `named` put this
//! together to [`Changes`]. What is listed is scanned elsewhere.

mod at;
mod changes;
mod claims;
mod discover;
mod environment;
pub mod history;
mod identity;
mod index;
mod lines;
mod myers;
mod named;
mod object;
mod range;
mod read;
mod remote;
mod rename;
mod revision;
mod similar;
mod spec;
mod staged;
mod submodules;
mod trees;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use gix::open::{Options, Permissions, permissions};
use gix::sec::{Permission, Trust};

pub use at::{Difference, FileAt};
pub use changes::{Bases, Change, Changes, Message, SHORTEST_KEY, TagMessage, is_lfs_pointer};
pub use discover::Found;
pub use gix::ObjectId;
pub use gix::hash::oid;
pub use read::Reader;
pub use remote::Remote;
pub use spec::RangeSpec;

/// The next step where `HEAD` cannot be followed.
const MENDS_HEAD: &str = "`ref: refs/heads/BRANCH` as its only line, with the branch that you were on, mends it";

/// The most bytes that one object may have in memory. Sizes are what a hostile repository says they are.
const LARGEST_OBJECT: usize = 2 << 30;

/// Why a repository, or something in it, cannot be read. The text says what, where, and the next step.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no repository.
    #[error("{place} is not in a git repository{why}; `keysift scan` scans files and folders without one")]
    NoRepository {
        /// Where one was looked for.
        place: String,
        /// What was there and is none; mostly nothing.
        why: String,
    },
    /// `GIT_DIR` names none.
    #[error("GIT_DIR names {place}, which is no git repository: {why}; unset it, and the one of the current folder is taken")]
    GitDir {
        /// What it names.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// A file `.git`, which is to name the repository, names none.
    #[error(
        "{place} does not lead to a repository: {why}; where the repository was moved, `git worktree repair` in it sets right where its work trees look for \
         it, and `git submodule update --init` makes a submodule anew"
    )]
    GitFile {
        /// The file.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// It is there and cannot be opened.
    #[error("cannot open the git repository {place}: {why}; {next}")]
    Open {
        /// Its folder.
        place: String,
        /// What is wrong.
        why: String,
        /// The next step.
        next: &'static str,
    },
    /// It has no index, and no work tree for which there could be one.
    #[error("{place} is a bare repository, where nothing can be staged; `keysift history` scans its commits")]
    Bare {
        /// Its folder.
        place: String,
    },
    /// The index cannot be read.
    #[error(
        "cannot read the index {place}: {why}; rename the file, so that nothing that is staged is lost, and `git read-tree HEAD` makes a new one, with nothing staged"
    )]
    Index {
        /// Its file.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// An object is not in the repository.
    #[error("{what} {id} is not in the repository; {next}")]
    Missing {
        /// What kind of object was wanted.
        what: &'static str,
        /// Its id in hexadecimal.
        id: String,
        /// What brings it.
        next: &'static str,
    },
    /// An object is there and cannot be read.
    #[error(
        "cannot read {what} {id}: {why}; `git fsck` tells what else is damaged, `git fetch --refetch` brings what a remote has, and once the damaged file of \
         `.git/objects` is removed, `git add` what is in the work tree"
    )]
    Object {
        /// What kind of object was wanted.
        what: &'static str,
        /// Its id in hexadecimal.
        id: String,
        /// What is wrong.
        why: String,
    },
    /// An object is larger than what is read into memory.
    #[error(
        "{what} {id} is larger than two gigabytes, which only `keysift history` reads, once it is committed; `keysift scan` reads such a file where it lies"
    )]
    Large {
        /// What kind of object was wanted.
        what: &'static str,
        /// Its id in hexadecimal.
        id: String,
    },
    /// What should be a range is none.
    #[error("`{text}` is no range: {next}")]
    Range {
        /// What was given.
        text: String,
        /// The next step.
        next: String,
    },
    /// A name for a commit means nothing here.
    #[error("`{name}` names no commit here: {next}")]
    Revision {
        /// The name as it was given.
        name: String,
        /// The next step.
        next: String,
    },
    /// A name means nothing in a clone that was made without all of the history.
    #[error(
        "`{name}` is not in this clone, which is shallow; `git fetch --unshallow` fetches all of the history, `git fetch --deepen=N` N more commits of it, and `git fetch origin NAME` a branch or a commit"
    )]
    Shallow {
        /// The name as it was given.
        name: String,
    },
    /// A name means something else than a commit.
    #[error("`{name}` is a {what}, not a commit; name a commit, a branch, or a tag of a commit")]
    NoCommit {
        /// The name as it was given, or an id.
        name: String,
        /// The kind of object that it is.
        what: &'static str,
    },
    /// A file of the repository cannot be read.
    #[error("cannot read {place}: {why}")]
    File {
        /// The file.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// More than a repository that people work with has.
    #[error("there are more than {limit} {what}; no such repository is read")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much of it is read.
        limit: usize,
    },
}

/// A repository, open for reading from any thread.
pub struct Repo {
    inner: gix::ThreadSafeRepository,
    /// Object folders that git's environment variables name besides the repository's own; hooks of a receiving repository have them.
    object_folders: Vec<PathBuf>,
    /// The boundary of a shallow clone, and grafts.
    links: walk::Links,
    /// Whether replacements count for nothing.
    reads_originals: bool,
    /// How it was found.
    found: Found,
    /// What packs claim, for all readers; opened by the first one that reads.
    claims: Arc<OnceLock<claims::Claims>>,
}

impl std::fmt::Debug for Repo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repo").field("git_dir", &self.inner.refs.git_dir()).finish()
    }
}

impl Repo {
    /// Opens the repository of the current folder: the one of `GIT_DIR` if that is set, else the nearest one upward.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn here() -> Result<Self, GitError> {
        Self::open(Found::here()?)
    }

    /// Opens the repository that holds `start`: the nearest one from there upward, a bare one included. What git's environment variables say counts
    /// unless `GIT_DIR` names another one.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn discover(start: &Path) -> Result<Self, GitError> {
        Self::open(Found::from_folder(start)?)
    }

    fn open(found: Found) -> Result<Self, GitError> {
        let place = &found.git_dir;
        let failed = |why: String, next| GitError::Open { place: crate::blob::path_text(place), why, next };
        let inner = options(found.is_of_environment).open(place).map_err(|error| {
            let why = chain(&error);
            let next = what_mends(&why);
            failed(why, next)
        })?;
        if let Some(storage) = inner.to_thread_local().config_snapshot().string("extensions.refStorage").filter(|storage| *storage != "files") {
            let next =
                "`git clone --ref-format=files` makes a clone that has files, and with git 2.48 `git refs migrate --ref-format=files` makes files of them";
            return Err(failed(format!("its references are stored as `{storage}`, which keysift does not read"), next));
        }
        let links = walk::Links::read(inner.refs.common_dir_resolved())?;
        let is_other = |folder: &std::ffi::OsString| Path::new(folder).canonicalize().ok() != inner.refs.common_dir_resolved().canonicalize().ok();
        if found.is_of_environment && std::env::var_os("GIT_COMMON_DIR").is_some_and(|folder| is_other(&folder)) {
            return Err(failed("GIT_COMMON_DIR names another folder than the repository itself".to_owned(), "unset it"));
        }
        let object_folders = if found.is_of_environment { environment::object_folders(&inner.to_thread_local()) } else { Vec::new() };
        Ok(Self { inner, object_folders, links, reads_originals: false, found, claims: Arc::default() })
    }

    /// What was passed by on the way to the repository, although its name says that it is one.
    pub fn passed(&self) -> &[String] {
        &self.found.passed
    }

    /// The same repository without replacements (`refs/replace`) and grafts: they change what is seen here, and not what is pushed.
    pub fn of_originals(mut self) -> Self {
        self.reads_originals = true;
        self.links.grafts.clear();
        self
    }

    /// The folder whose files belong to the repository; a bare one has none.
    pub fn work_tree(&self) -> Option<&Path> {
        self.inner.work_dir()
    }

    /// The repository's own folder: of a linked work tree the one that is not shared.
    pub fn git_dir(&self) -> &Path {
        self.inner.refs.git_dir()
    }
}

/// The moment that a date in one of git's notations means, in seconds since 1970: `2 weeks ago`, too.
pub fn moment(text: &str) -> Option<i64> {
    Some(gix::date::parse(text, Some(jiff::Zoned::now())).ok()?.seconds)
}

/// An error with all of its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text.trim_end_matches('.').to_owned()
}

/// What to do where the configuration or the objects of a repository stand in the way.
fn what_mends(why: &str) -> &'static str {
    if why.contains("Alternates") {
        "correct `objects/info/alternates` in it, which is to name folders of objects of other repositories, and no way back"
    } else if why.contains("onfiguration") {
        "`git config --local --edit` shows the file, and `git config --local --list` tells when it can be read again"
    } else {
        "`git status` and `git fsck` may tell more"
    }
}

/// What is read besides the repository: what the environment says of it (`GIT_WORK_TREE`, `GIT_INDEX_FILE`, object folders), and nothing else.
fn options(is_of_environment: bool) -> Options {
    let allowed = if is_of_environment { Permission::Allow } else { Permission::Deny };
    let environment = permissions::Environment { git_prefix: allowed, objects: allowed, ..permissions::Environment::isolated() };
    let permissions = Permissions { env: environment, ..Permissions::isolated() };
    // What a multi-pack-index names has an index of its own, by which `claims` knows it.
    let multi = "core.multiPackIndex=false".to_owned();
    // Ownership decides what git may run; nothing is run here. The limit replaces the low one for repositories of others.
    let limit = format!("gitoxide.objects.allocLimit={LARGEST_OBJECT}");
    Options::default().permissions(permissions).with(Trust::Full).open_path_as_is(true).config_overrides([limit, multi])
}
