//! The index that git names to its hooks.
//!
//! `git commit` names it relative to the folder in which it starts the hook, the top of the work tree. Hook managers may start their hooks elsewhere, in
//! a project below the top, and leave the name as it is. An index that is not there is an empty one to git, in which nothing is staged: a hook that
//! took it so would pass unscanned.

use std::path::{Path, PathBuf};

use crate::blob::path_text;
use crate::cli::Failure;

/// Goes to the folder to which the name of the index is relative.
pub fn enter_its_folder() -> Result<(), Failure> {
    let named = std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from).filter(|index| !index.as_os_str().is_empty());
    let Some(index) = named.filter(|index| !index.is_file()) else { return Ok(()) };
    let missing = || {
        let help = "git sets it for its hooks; run the hook where git runs it, at the top of the work tree, or without this variable";
        Failure::incomplete(format!("GIT_INDEX_FILE names {}, which is not there", path_text(&index))).with_help(Some(help.to_owned()))
    };
    let here = std::env::current_dir().map_err(|_| missing())?;
    let folder = folder_of(&index, &here).ok_or_else(missing)?;
    std::env::set_current_dir(folder).map_err(|_| missing())
}

/// The nearest folder above `here` that is the top of a work tree and where `index` leads to a file.
fn folder_of<'a>(index: &Path, here: &'a Path) -> Option<&'a Path> {
    let named = std::env::var_os("GIT_WORK_TREE").and_then(|top| Path::new(&top).canonicalize().ok());
    let is_top = |folder: &Path| folder.join(".git").exists() || named.as_deref() == Some(folder);
    here.ancestors().skip(1).filter(|_| index.is_relative()).find(|folder| is_top(folder) && folder.join(index).is_file())
}
