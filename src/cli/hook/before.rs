//! The hook that was there before ours: kept under its own name in a folder beside that of the hooks, `hooks.before-keysift`.
//!
//! A hook may ask by what name it was called, or what lies beside it and above it. So its name stays, the folder lies as deep as the other, and what else
//! lies beside the hook is there as links. Earlier versions kept it in its own folder with [`OLDER`] behind its name, which hooks that are called by
//! many names took for one that does not concern them; from there it is taken over.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::args::HookType;

/// What stands behind the name of the hooks folder in that of ours.
pub const BEFORE: &str = ".before-keysift";

/// What earlier versions put behind the name of the hook.
pub const OLDER: &str = ".before-keysift";

/// The places of one hook from before.
#[derive(Debug)]
pub struct Before {
    /// Where git looks for the hook.
    hook: PathBuf,
    /// Where it is kept.
    pub place: PathBuf,
    /// Where earlier versions kept it.
    older: PathBuf,
}

impl Before {
    /// Those of the hook `name` in `folder`.
    pub fn new(folder: &Path, name: &str) -> Self {
        let mut beside = folder.file_name().unwrap_or_default().to_owned();
        beside.push(BEFORE);
        let place = folder.with_file_name(beside).join(name);
        Self { hook: folder.join(name), place, older: folder.join(format!("{name}{OLDER}")) }
    }

    /// Where one is kept, in whichever way.
    pub fn kept(&self) -> Option<&Path> {
        [&self.place, &self.older].into_iter().find(|path| is_there(path)).map(PathBuf::as_path)
    }

    /// Whether an earlier version kept it.
    pub fn is_older(&self) -> bool {
        is_there(&self.older)
    }

    /// Keeps the hook that is there now; it is still there, too, until another file takes its name.
    pub fn keep(&self) -> io::Result<()> {
        self.take(&self.hook)
    }

    /// Takes over what an earlier version kept; it is still there until [`Before::forget_older`].
    pub fn take_over(&self) -> io::Result<()> {
        if self.is_older() && !is_there(&self.place) { self.take(&self.older) } else { Ok(()) }
    }

    /// Removes what was taken over.
    pub fn forget_older(&self) -> io::Result<()> {
        if self.is_older() { fs::remove_file(&self.older) } else { Ok(()) }
    }

    /// Undoes [`Before::keep`] and [`Before::take_over`].
    pub fn give_up(&self) {
        // What cannot be removed is a second name of a file that is still where it was.
        let _ = fs::remove_file(&self.place);
        self.tidy();
    }

    /// Gives it its place back, where nothing or our hook is.
    pub fn put_back(&self) -> io::Result<()> {
        if !is_there(&self.place) {
            return fs::rename(&self.older, &self.hook);
        }
        match fs::read_link(&self.place) {
            Ok(target) => {
                let target = target.strip_prefix(Path::new("..").join(name_of(folder_of(&self.hook)))).map_or(target.clone(), Path::to_owned);
                let temporary = folder_of(&self.hook).join(format!(".keysift-{}.tmp", std::process::id()));
                link(&target, &temporary)?;
                fs::rename(&temporary, &self.hook)?;
                fs::remove_file(&self.place)?;
            }
            Err(_) => fs::rename(&self.place, &self.hook)?,
        }
        self.tidy();
        Ok(())
    }

    /// Gives what is at `from`, in the folder of the hooks, a second name at our place.
    fn take(&self, from: &Path) -> io::Result<()> {
        fs::create_dir_all(folder_of(&self.place))?;
        match fs::read_link(from) {
            // From both folders `..` leads to the same place.
            Ok(target) if target.is_absolute() || target.starts_with("..") => link(&target, &self.place)?,
            Ok(target) => link(&Path::new("..").join(name_of(folder_of(&self.hook))).join(target), &self.place)?,
            // Not all file systems have second names.
            Err(_) => fs::hard_link(from, &self.place).or_else(|_| fs::copy(from, &self.place).map(|_| ()))?,
        }
        self.link_neighbors()
    }

    /// Makes a link for everything that lies beside the hook and that it may look for there. Hooks that keysift installs are none of these: the place
    /// of what was there before them is empty, or holds that.
    fn link_neighbors(&self) -> io::Result<()> {
        let hooks = folder_of(&self.hook);
        for entry in fs::read_dir(hooks)? {
            let name = entry?.file_name();
            let place = folder_of(&self.place).join(&name);
            let text = name.to_string_lossy();
            let is_own = text.ends_with(OLDER) || text.contains(".keysift-") || HookType::ALL.iter().any(|hook| hook.name() == text);
            if !is_own && !text.ends_with(".sample") && !is_there(&place) {
                link(&Path::new("..").join(name_of(hooks)).join(&name), &place)?;
            }
        }
        Ok(())
    }

    /// Takes away the folder with its links, where no hook is kept in it any more.
    fn tidy(&self) {
        let folder = folder_of(&self.place);
        if HookType::ALL.iter().any(|hook| is_there(&folder.join(hook.name()))) {
            return;
        }
        let start = Path::new("..").join(name_of(folder_of(&self.hook)));
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if fs::read_link(&path).is_ok_and(|target| target == start.join(entry.file_name())) {
                // A link that stays is of no harm, and neither is the folder.
                let _ = fs::remove_file(&path);
            }
        }
        let _ = fs::remove_dir(folder);
    }
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

fn name_of(folder: &Path) -> OsString {
    folder.file_name().unwrap_or_default().to_owned()
}

#[cfg(unix)]
fn link(target: &Path, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, place)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}
