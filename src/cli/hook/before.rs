//! Where a hook from before is kept while ours stands in its place.
//!
//! Hooks go by the way they are called: one script, linked under several names, asks `$0` for its base name; another one finds what stands beside it, or
//! in the work tree, by `$(dirname "$0")`. Both hold in a folder beside the hooks folder and as deep as it, where the hook keeps its name and links lead
//! to all that stands in the hooks folder: `hooks.before-keysift/pre-commit` for `hooks/pre-commit`. A hook that is a relative link leads where it led.
//!
//! Nothing else serves both. A script is told its name by the path that it is run by, whatever `exec -a` says, which few shells have; and one that is
//! sourced under another name sees that it is (`BASH_SOURCE`). Where links are needed and cannot be made, as on Windows, or where the hooks folder is a
//! repository of its own, the hook stays where it is with something added to its name, as all did in earlier versions: then it has another base name.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::args::HookType;
use super::file::{Found, Spot};
use super::global;
use super::script::BEFORE;

/// More than a hooks folder has; one that has more was made for something else.
const MOST_LINKS: usize = 256;

/// The places at which one hook from before may be kept.
#[derive(Debug)]
pub struct Before {
    /// The hooks folder.
    hooks: PathBuf,
    /// The name of the hook.
    name: String,
}

impl Before {
    /// Those of the hook `name` in the folder `hooks`.
    pub fn new(hooks: &Path, name: &str) -> Self {
        Self { hooks: hooks.to_owned(), name: name.to_owned() }
    }

    /// Its place in the hooks folder.
    pub fn beside(&self) -> PathBuf {
        self.hooks.join(format!("{}{BEFORE}", self.name))
    }

    /// Its place under its own name.
    fn apart(&self) -> Option<PathBuf> {
        Some(self.folder()?.join(&self.name))
    }

    fn folder(&self) -> Option<PathBuf> {
        folder(&self.hooks)
    }

    /// Where a hook is kept, if one is.
    pub fn found(&self) -> Option<PathBuf> {
        let apart = self.apart().filter(|place| is_there(place) && !self.is_link_to_hooks(place));
        apart.or_else(|| Some(self.beside()).filter(|place| is_there(place)))
    }

    /// Moves the hook to where it keeps its name, if it is kept and that can be; says whether it was moved. Links are brought up to date.
    pub fn settle(&self) -> bool {
        let (Some(kept), Some(folder), Some(apart)) = (self.found(), self.folder(), self.apart()) else { return false };
        // What lies around a repository does not belong to it.
        if self.hooks.join(".git").exists() {
            return false;
        }
        let is_ready = fs::create_dir_all(&folder).and_then(|()| self.link_all(&folder));
        let is_moved = kept != apart && is_ready.and_then(|()| self.unlink(&apart)).and_then(|()| fs::rename(&kept, &apart)).is_ok();
        self.tidy();
        is_moved
    }

    /// Takes the links away if no hook is kept in their folder any more, and the folder if it is empty.
    pub fn tidy(&self) {
        let Some(folder) = self.folder() else { return };
        let Ok(entries) = folder.read_dir() else { return };
        let (links, kept): (Vec<_>, Vec<_>) = entries.filter_map(Result::ok).map(|entry| entry.path()).partition(|path| self.is_link_to_hooks(path));
        // What cannot be removed leads where it should, and does no harm.
        if kept.is_empty() {
            links.iter().for_each(|link| drop(fs::remove_file(link)));
            let _ = fs::remove_dir(&folder);
        } else {
            let _ = self.link_all(&folder);
        }
    }

    /// Has a link in `folder` for all that stands in the hooks folder.
    fn link_all(&self, folder: &Path) -> io::Result<()> {
        let names = self.neighbors()?;
        for entry in folder.read_dir()?.filter_map(Result::ok) {
            if !names.contains(&entry.file_name()) {
                self.unlink(&entry.path())?;
            }
        }
        for name in names {
            let place = folder.join(&name);
            if let Some(target) = self.target(&place).filter(|_| !is_there(&place)) {
                link(&target, &place)?;
            }
        }
        Ok(())
    }

    /// What stands in the hooks folder and is neither ours, nor kept there, nor an example of git's.
    fn neighbors(&self) -> io::Result<Vec<OsString>> {
        let is_of_git = |name: &str| global::NAMES.contains(&name);
        let is_ours = |name: &str| {
            let is_ours_to_write = HookType::ALL.iter().any(|hook| hook.name() == name);
            is_ours_to_write && matches!(Spot::new(&self.hooks, name).found(), Ok(Found::Ours { .. }))
        };
        let is_left_out = |name: &str| name.ends_with(".sample") || name.ends_with(BEFORE) || (is_of_git(name) && (cfg!(not(unix)) || is_ours(name)));
        let mut names = Vec::new();
        for entry in self.hooks.read_dir()? {
            let name = entry?.file_name();
            if !name.to_str().is_some_and(is_left_out) {
                names.push(name);
            }
            if names.len() > MOST_LINKS {
                return Err(io::Error::other("too many files"));
            }
        }
        Ok(names)
    }

    /// Removes what stands at `place` if it is a link of ours.
    fn unlink(&self, place: &Path) -> io::Result<()> {
        if self.is_link_to_hooks(place) { fs::remove_file(place) } else { Ok(()) }
    }

    fn is_link_to_hooks(&self, place: &Path) -> bool {
        fs::read_link(place).is_ok_and(|target| Some(target) == self.target(place))
    }

    /// Where a link at `place` leads: to what has the same name in the hooks folder.
    fn target(&self, place: &Path) -> Option<PathBuf> {
        Some(Path::new("..").join(self.hooks.file_name()?).join(place.file_name()?))
    }
}

/// The folder in which hooks of the folder `hooks` keep their names.
pub fn folder(hooks: &Path) -> Option<PathBuf> {
    let mut name = hooks.file_name()?.to_owned();
    name.push(BEFORE);
    Some(hooks.with_file_name(name))
}

fn is_there(place: &Path) -> bool {
    fs::symlink_metadata(place).is_ok()
}

#[cfg(unix)]
fn link(target: &Path, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, place)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
