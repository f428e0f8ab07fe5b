//! Which repository is meant: the one that git's environment names, or the nearest one from a folder upward, as git finds it.
//!
//! A file `.git` that leads to no repository ends the search, as it does for git: what lies around is another repository, and nobody asked for that. A
//! folder `.git` that holds none is passed by, as git does, too; who scans is told.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use gix::discover::repository::{Kind, Path as Kept};

use super::{GitError, chain, options};
use crate::blob::path_text;

/// A repository that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its own folder: of a linked work tree the one that is not shared.
    pub git_dir: PathBuf,
    /// Whether what git's environment variables say is said of it.
    pub is_of_environment: bool,
    /// Folders `.git` on the way to it that hold no repository, each with the reason.
    pub passed: Vec<String>,
}

impl Found {
    /// The repository of `GIT_DIR` if that is set, else the nearest one from the current folder upward.
    ///
    /// # Errors
    /// There is none, or what leads to it is damaged.
    pub fn here() -> Result<Self, GitError> {
        refuse_empty(Path::new("."))?;
        match of_environment() {
            Some(Ok(git_dir)) => Ok(Self { git_dir, is_of_environment: true, passed: Vec::new() }),
            Some(Err(why)) => Err(GitError::GitDir { place: path_text(&std::env::var_os("GIT_DIR").map(PathBuf::from).unwrap_or_default()), why }),
            None => Self::from_folder(Path::new(".")),
        }
    }

    /// The nearest repository from `start` upward, a bare one included, or the one whose work tree git's environment says to be there. `GIT_DIR` alone
    /// may name another one, or the same; where no repository is, and `start` is the current folder, it is the one.
    ///
    /// # Errors
    /// As for [`Found::here`].
    pub fn from_folder(start: &Path) -> Result<Self, GitError> {
        refuse_empty(start)?;
        let place = path_text(start);
        // From a relative path the way upward is not always found: `../m.git` would lead past a bare repository.
        let Some(start) = start.canonicalize().ok().filter(|start| start.is_dir()) else {
            return Err(GitError::NoRepository { place, why: String::new() });
        };
        let mut passed = Vec::new();
        let named = work_tree_of_environment();
        for folder in start.ancestors().take_while(|folder| is_on_one_device(folder, &start)) {
            if let Some(git_dir) = at(folder, &mut passed)? {
                let is_of_environment = of_environment().is_none_or(|named| named.is_ok_and(|named| is_same(&named, &git_dir)));
                return Ok(Self { git_dir, is_of_environment, passed });
            }
            // What lies in no nearer repository, this folder's own included, belongs to the one that the environment names together with the folder.
            if let Some(Ok(git_dir)) = of_environment().filter(|_| named.as_deref() == Some(folder)) {
                return Ok(Self { git_dir, is_of_environment: true, passed });
            }
        }
        // A bare repository may name its work tree itself, or none; then git takes the current folder for it.
        let is_here = std::env::current_dir().and_then(|here| here.canonicalize()).is_ok_and(|here| here == start);
        if let Some(Ok(git_dir)) = of_environment().filter(|_| is_here) {
            return Ok(Self { git_dir, is_of_environment: true, passed });
        }
        let elsewhere = || match of_environment()? {
            Ok(git_dir) => Some(format!(", nor in the work tree of the one that GIT_DIR names, {}", path_text(&git_dir))),
            Err(_) => None,
        };
        let why = passed.first().map(|passed| format!(": {passed}")).or_else(elsewhere).unwrap_or_default();
        Err(GitError::NoRepository { place, why })
    }
}

/// Variables of git's environment that have to name something where they are set.
const EMPTY_IS_WRONG: [&str; 4] = ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_COMMON_DIR"];

/// Refuses an environment that names nothing where it should name something, as git does.
fn refuse_empty(start: &Path) -> Result<(), GitError> {
    match EMPTY_IS_WRONG.iter().find(|name| std::env::var_os(name).is_some_and(|value| value.is_empty())) {
        Some(name) => Err(GitError::Open { place: path_text(start), why: format!("{name} is set and empty"), next: "unset it" }),
        None => Ok(()),
    }
}

/// The work tree that git's environment names: the folder of `GIT_WORK_TREE`, else that of `core.worktree` of the repository of `GIT_DIR`.
fn work_tree_of_environment() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("GIT_WORK_TREE") {
        return Path::new(&named).canonicalize().ok();
    }
    let repo = options(true).open(of_environment()?.ok()?).ok()?.to_thread_local();
    repo.config_snapshot().string("core.worktree").and_then(|_| repo.workdir()?.canonicalize().ok())
}

/// The repository that `GIT_DIR` names, or why it is none; nothing if it is not set.
fn of_environment() -> Option<Result<PathBuf, String>> {
    let named = PathBuf::from(std::env::var_os("GIT_DIR")?);
    // Of `.`, which git sets in hooks of receiving repositories, nobody could tell whether it is called `.git`.
    let mut path = std::path::absolute(&named).unwrap_or(named);
    if path.components().any(|part| part == Component::ParentDir) {
        path = path.canonicalize().unwrap_or(path);
    }
    Some(gix::discover::is_git(&path).map(|kind| resolved(path, kind)).map_err(|error| chain(&error)))
}

/// The repository whose work tree has its top at `folder`, or that is kept in the folder itself.
fn at(folder: &Path, passed: &mut Vec<String>) -> Result<Option<PathBuf>, GitError> {
    let own = folder.join(".git");
    let mut pass_by = |why: &str| passed.push(format!("{} holds no repository ({why})", path_text(&own)));
    match own.metadata() {
        Ok(metadata) if metadata.is_file() => return named_by_file(own).map(Some),
        Ok(_) => match gix::discover::is_git(&own) {
            Ok(kind) => return Ok(Some(resolved(own, kind))),
            Err(error) => pass_by(&chain(&error)),
        },
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) && !own.is_symlink() => {}
        Err(error) if own.is_symlink() => pass_by(&format!("it is a link that cannot be followed: {error}")),
        Err(error) => pass_by(&error.to_string()),
    }
    Ok(gix::discover::is_git(folder).ok().map(|kind| resolved(folder.to_owned(), kind)))
}

/// The repository that a file `.git` names, as those of submodules and linked work trees do.
fn named_by_file(file: PathBuf) -> Result<PathBuf, GitError> {
    let why = match gix::discover::path::from_gitdir_file(&file) {
        Err(error) => format!("it says `gitdir: FOLDER` nowhere ({})", chain(&error)),
        Ok(target) if !target.exists() => format!("it names {}, which is not there", path_text(&target)),
        Ok(target) => match gix::discover::is_git(&file) {
            Ok(kind) => return Ok(resolved(file, kind)),
            Err(error) => format!("it names {}, which is no repository: {}", path_text(&target), chain(&error)),
        },
    };
    Err(GitError::GitFile { place: path_text(&file), why })
}

/// The repository's own folder, for what leads to it.
fn resolved(path: PathBuf, kind: Kind) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    Kept::from_dot_git_dir(path.clone(), kind, &here).map_or(path, |kept| kept.into_repository_and_work_tree_directories().0)
}

fn is_same(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(a) == real(b)
}

/// Whether the way upward has not come to another file system, where git does not look either.
#[cfg(unix)]
fn is_on_one_device(folder: &Path, start: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| path.metadata().map(|metadata| metadata.dev()).ok();
    device(folder) == device(start)
}

#[cfg(not(unix))]
fn is_on_one_device(_: &Path, _: &Path) -> bool {
    true
}
