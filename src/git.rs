//! Repositories, read in process: what is staged, what a range of commits brings, what all of history holds.
//!
//! The repository is an attacker's. Nothing that it configures is run: no hook, filter, text conversion, external diff, file-system monitor, alias or
//! pager. Configuration is read from the repository's own file alone and without includes, and only for what is needed to read objects; whoever owns
//! the repository, it is read.

mod history;

use std::path::{Path, PathBuf};

use gix::open::{Options, Permissions, permissions};
use gix::sec::{Permission, Trust};

pub use history::{Attributed, Attribution, Base, Blob, HistoryOptions, Message, Pass, Segment, Skipped, Standing, Visitor};

/// Why a repository, or something in it, cannot be read. The text says what, where, and the next step.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no repository.
    #[error("{place} is not in a git repository; `keysift scan` scans files and folders without one")]
    NoRepository {
        /// Where one was looked for.
        place: String,
    },
    /// It is there and cannot be opened.
    #[error("cannot open the git repository {place}: {why}")]
    Open {
        /// Its folder.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// A name for a commit means nothing here.
    #[error("`{name}` names no commit here: {next}")]
    Revision {
        /// The name as it was given.
        name: String,
        /// The next step.
        next: String,
    },
}

/// A repository, open for reading from any thread.
pub struct Repo {
    inner: gix::ThreadSafeRepository,
}

impl std::fmt::Debug for Repo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repo").field("git_dir", &self.inner.refs.git_dir()).finish()
    }
}

impl Repo {
    /// Opens the repository that holds `start`: the one of `GIT_DIR` if that is set, else the nearest one from `start` upward, a bare one included.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn discover(start: &Path) -> Result<Self, GitError> {
        let place = match std::env::var_os("GIT_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => {
                gix::discover::upwards(start)
                    .map_err(|_| GitError::NoRepository { place: crate::blob::path_text(start) })?
                    .0
                    .into_repository_and_work_tree_directories()
                    .0
            }
        };
        let inner = options().open(&place).map_err(|error| GitError::Open { place: crate::blob::path_text(&place), why: error.to_string() })?;
        Ok(Self { inner })
    }

    /// The folder whose files belong to the repository; a bare one has none.
    pub fn work_tree(&self) -> Option<&Path> {
        self.inner.work_dir()
    }
}

/// What is read besides the repository: its own environment variables (`GIT_WORK_TREE`, `GIT_INDEX_FILE`, object folders), and nothing else.
fn options() -> Options {
    let environment = permissions::Environment { git_prefix: Permission::Allow, objects: Permission::Allow, ..permissions::Environment::isolated() };
    let permissions = Permissions { env: environment, ..Permissions::isolated() };
    // Ownership decides what git may run; nothing is run here.
    Options::default().permissions(permissions).with(Trust::Full).open_path_as_is(true)
}
