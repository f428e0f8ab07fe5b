//! Where git looks for the hooks of a repository.
//!
//! Here, and nowhere else, the user's own git configuration is read: `core.hooksPath` may stand in any of its files. It is read as git reads it, in
//! process; nothing is run.

use std::path::{Path, PathBuf};

use gix::config::Source;
use gix::sec::Trust;

use crate::blob::path_text;
use crate::cli::{Failure, git};
use crate::git::{Found, GitError};

/// The hooks folder of a repository.
#[derive(Debug)]
pub struct Place {
    /// The folder in which git looks for hooks; it need not exist.
    pub folder: PathBuf,
    /// What the folder is.
    pub kind: Kind,
    /// The top of the work tree; a bare repository has none.
    pub top: Option<PathBuf>,
}

/// What a hooks folder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The repository's own.
    Own,
    /// A folder that `core.hooksPath` of this repository names.
    Named {
        /// Whether it is part of the work tree, so that others get what is in it.
        is_shared: bool,
    },
    /// The one of husky, whose scripts lie in this folder.
    Husky {
        /// `.husky` of the work tree.
        scripts: PathBuf,
    },
    /// A folder that the configuration of the user or of the machine names, for all repositories.
    Everywhere,
}

/// The hooks folder of the repository that holds the current folder.
pub fn find() -> Result<Place, Failure> {
    let found = Found::here().map_err(|error| {
        let help = matches!(error, GitError::NoRepository { .. }).then(|| OUTSIDE.to_owned());
        git::failure(error).with_help(help)
    })?;
    let options = gix::open::Options::default().open_path_as_is(true);
    let failed = |error: gix::Error| Failure::incomplete(format!("cannot open the git repository {}: {error}", path_text(&found.git_dir)));
    let repo = gix::ThreadSafeRepository::open_opts(&found.git_dir, options).map_err(failed)?.to_thread_local();
    let top = repo.workdir().map(absolute);
    git::tell_passed(&found.passed, top.as_deref().unwrap_or(&found.git_dir));
    let common = absolute(repo.common_dir());
    // The folder may be a link into the work tree, so that others have its hooks, too.
    let own = absolute(&common.join("hooks"));
    let is_shared = |top: &Path, folder: &Path| folder.starts_with(top) && !folder.starts_with(&common);
    let Some((named, source)) = named_folder(&repo)? else {
        let kind = if top.as_ref().is_some_and(|top| is_shared(top, &own)) { Kind::Named { is_shared: true } } else { Kind::Own };
        return Ok(Place { folder: own, kind, top });
    };
    let folder = top.clone().unwrap_or_else(|| absolute(repo.git_dir())).join(named);
    let folder = folder.canonicalize().unwrap_or(folder);
    let kind = match &top {
        Some(top) if folder == own && is_shared(top, &folder) => Kind::Named { is_shared: true },
        _ if folder == own => Kind::Own,
        _ if !matches!(source, Source::Local | Source::Worktree) => Kind::Everywhere,
        Some(top) if is_shared(top, &folder) => husky_scripts(&folder).map_or(Kind::Named { is_shared: true }, |scripts| Kind::Husky { scripts }),
        _ => Kind::Named { is_shared: false },
    };
    Ok(Place { folder, kind, top })
}

/// What to do outside of a repository.
const OUTSIDE: &str = "run it in a repository, or use --global for all your repositories";

/// The folder that `core.hooksPath` names, and whose configuration says so.
fn named_folder(repo: &gix::Repository) -> Result<Option<(PathBuf, Source)>, Failure> {
    let config = repo.config_snapshot();
    let Ok((value, section)) = config.plumbing().value_with_section::<gix::bstr::BString>("core.hooksPath") else { return Ok(None) };
    let of_others = || {
        let help = "take ownership of the repository, or install the hook by hand (docs/hooks.md)";
        Failure::usage("the repository belongs to someone else and names a hooks folder by core.hooksPath").with_help(Some(help.to_owned()))
    };
    if section.meta().trust != Trust::Full {
        return Err(of_others());
    }
    if value.is_empty() {
        let help = "`git config unset core.hooksPath`, in the scope that `git config --show-scope --get core.hooksPath` tells, gives git its hooks back";
        return Err(Failure::usage("core.hooksPath is empty, so that git runs no hooks").with_help(Some(help.to_owned())));
    }
    let path = config.trusted_path("core.hooksPath").map_err(|error| Failure::usage(format!("cannot read core.hooksPath: {error}")))?;
    Ok(path.map(|path| (path, section.meta().source)))
}

/// Where the scripts of husky are, if `folder` is where it has git look: `.husky/_`, or `.husky` in older versions, of a project anywhere in the work tree, or
/// `_` in a folder of another name, where husky was given one.
fn husky_scripts(folder: &Path) -> Option<PathBuf> {
    let is_inner = folder.file_name() == Some("_".as_ref());
    let scripts = if is_inner { folder.parent()? } else { folder };
    (scripts.file_name() == Some(".husky".as_ref()) || is_inner && folder.join("h").is_file()).then(|| scripts.to_owned())
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

impl Place {
    /// The folder as messages show it: relative to the current folder where that is shorter.
    pub fn shown(&self) -> String {
        shown(&self.folder)
    }
}

/// Refuses a folder that cannot be made where it is not there: a link that leads nowhere, or something else, is in its place or on the way to it.
pub fn check_folder(folder: &Path) -> Result<(), Failure> {
    let Some(there) = folder.ancestors().find(|path| path.symlink_metadata().is_ok()) else { return Ok(()) };
    let refused = |why: &str, next: &str| {
        let what = if there == folder { format!("the hooks folder {}", shown(folder)) } else { format!("{}, on the way to the hooks folder,", shown(there)) };
        Err(Failure::usage(format!("{what} {why}; nothing was changed")).with_help(Some(format!("{next}, and try again"))))
    };
    match there.metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => refused("is no folder", "move it away"),
        Err(error) if there.is_symlink() => {
            let target = there.read_link().map(|target| path_text(&target)).unwrap_or_default();
            refused(&format!("is a link to {target}, which cannot be followed: {error}"), "make the folder that it leads to, or remove the link")
        }
        Err(error) => refused(&format!("cannot be read: {error}"), "make it readable"),
    }
}

/// A path as messages show it.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let relative = here.ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    path_text(&relative.unwrap_or_else(|| path.to_owned()))
}
