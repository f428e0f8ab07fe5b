//! One hook file: what is there, and how ours comes before it and goes away again.
//!
//! A hook is never lost: one that is not ours is renamed, and taking ours away gives it its name back. Files appear whole or not at all.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::place::shown;
use super::script;
use crate::cli::Failure;

/// More than any hook has.
const LARGEST: u64 = 1 << 20;

/// What stands at the place of a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A hook of ours.
    Ours {
        /// Its text.
        text: String,
        /// Whether git runs it.
        is_executable: bool,
    },
    /// Another hook; its text, if it is one.
    Other(Option<String>),
}

/// What an installation does at one place.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    /// It is as it should be.
    Nothing,
    /// The script is written.
    Write,
    /// The hook that is there is renamed, and the script is written.
    Chain,
}

/// What became of a hook that was to be removed.
#[derive(Debug)]
pub struct Removed {
    done: &'static str,
    /// Where our hook is kept, if somebody had changed it.
    pub changed: Option<PathBuf>,
}

impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.done, told(self.changed.as_deref()))
    }
}

/// The place of one hook.
#[derive(Debug)]
pub struct Spot {
    /// Where git looks for it.
    pub path: PathBuf,
    /// Where one that was there before is kept.
    pub before: PathBuf,
}

impl Spot {
    /// The hook `name` in `folder`.
    pub fn new(folder: &Path, name: &str) -> Self {
        Self { path: folder.join(name), before: folder.join(format!("{name}{}", script::BEFORE)) }
    }

    /// What is there.
    pub fn found(&self) -> Result<Found, Failure> {
        let failed = |error: io::Error| Failure::incomplete(format!("cannot read the hook {}: {error}", shown(&self.path)));
        let metadata = match fs::symlink_metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(Found::Nothing),
            Err(error) => return Err(failed(error)),
        };
        // A link to a hook of ours is one: behind ours it would run itself for ever.
        let behind = || fs::metadata(&self.path).ok().filter(|behind| behind.is_file() && behind.len() <= LARGEST);
        if let Some(behind) = metadata.is_symlink().then(behind).flatten()
            && let Some(text) = fs::read_to_string(&self.path).ok().filter(|text| script::is_ours(text))
        {
            return Ok(Found::Ours { text, is_executable: is_executable(&behind) });
        }
        if !metadata.is_file() || metadata.len() > LARGEST {
            return Ok(Found::Other(None));
        }
        let text = String::from_utf8(fs::read(&self.path).map_err(failed)?).ok();
        Ok(match text {
            Some(text) if script::is_ours(&text) => Found::Ours { text, is_executable: is_executable(&metadata) },
            text => Found::Other(text),
        })
    }

    /// Whether a hook that was there before is kept.
    pub fn is_chained(&self) -> bool {
        fs::symlink_metadata(&self.before).is_ok()
    }

    /// What it takes to have `script` where this was found, and nothing else lost.
    pub fn plan(&self, found: &Found, script: &str) -> Result<Change, Failure> {
        match found {
            Found::Ours { text, is_executable: true } if text == script => Ok(Change::Nothing),
            Found::Ours { .. } | Found::Nothing => Ok(Change::Write),
            Found::Other(_) if self.is_chained() => {
                let help = format!("merge the two into {}, or remove the one that is not needed, and try again", shown(&self.path));
                let what = format!("{} is another hook, and its place behind ours is taken by {}", shown(&self.path), shown(&self.before));
                Err(Failure::usage(what).with_help(Some(help)))
            }
            Found::Other(_) if self.path.is_dir() => Err(Failure::usage(format!("{} is a folder where a hook should be", shown(&self.path)))),
            Found::Other(_) => Ok(Change::Chain),
        }
    }

    /// Does it. Gives the place of the hook as it was, if somebody had changed ours.
    pub fn apply(&self, change: &Change, script: &str) -> Result<Option<PathBuf>, Failure> {
        let failed = |error: io::Error| Failure::incomplete(format!("cannot write the hook {}: {error}", shown(&self.path)));
        if *change == Change::Nothing {
            return Ok(None);
        }
        let changed = self.keep_changes()?;
        let temporary = temporary(&self.path);
        write_new(&temporary, script).map_err(failed)?;
        let renamed = match change {
            Change::Chain => fs::rename(&self.path, &self.before),
            _ => Ok(()),
        };
        let written = renamed.and_then(|()| {
            fs::rename(&temporary, &self.path).inspect_err(|_| {
                // The other hook gets its name back; if that fails, it is still where the message says.
                let _ = if *change == Change::Chain { fs::rename(&self.before, &self.path) } else { Ok(()) };
            })
        });
        written.map_err(|error| {
            // If it cannot be removed either, a stray file is all that remains.
            let _ = fs::remove_file(&temporary);
            failed(error)
        })?;
        Ok(changed)
    }

    /// Takes our hook away and puts back the one from before.
    pub fn remove(&self) -> Result<Removed, Failure> {
        let failed = |error: io::Error| Failure::incomplete(format!("cannot remove the hook {}: {error}", shown(&self.path)));
        let changed = self.keep_changes()?;
        let done = match (self.found()?, self.is_chained()) {
            (Found::Ours { .. } | Found::Nothing, true) => {
                fs::rename(&self.before, &self.path).map_err(failed)?;
                "removed; the hook from before is back in its place"
            }
            (Found::Ours { .. }, false) => {
                fs::remove_file(&self.path).map_err(failed)?;
                "removed"
            }
            (Found::Nothing, false) => "was not installed",
            (Found::Other(_), _) => "left as it is: it is another hook",
        };
        Ok(Removed { done, changed })
    }

    /// Copies our hook to a place of its own if somebody has added or changed lines, for these would be lost.
    fn keep_changes(&self) -> Result<Option<PathBuf>, Failure> {
        let Found::Ours { text, .. } = self.found()? else { return Ok(None) };
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        if script::is_as_written(&name, &text) {
            return Ok(None);
        }
        keep_copy(&self.path).map(Some)
    }
}

/// Copies a file that is about to lose what somebody wrote in it; gives the place of the copy.
pub fn keep_copy(path: &Path) -> Result<PathBuf, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let names = std::iter::once(format!("{name}.changed")).chain((2..).map(|n| format!("{name}.changed-{n}")));
    let mut places = names.map(|name| path.with_file_name(name));
    let place = places.find(|place| fs::symlink_metadata(place).is_err()).expect("there is always a further name");
    let failed = |error: io::Error| format!("{} was changed, and cannot be kept as {}: {error}", shown(path), shown(&place));
    fs::copy(path, &place).map_err(|error| Failure::incomplete(failed(error)))?;
    Ok(place)
}

/// Says where a changed hook is kept.
pub fn told(changed: Option<&Path>) -> String {
    let of = |place: &Path| format!("; it had lines that keysift did not write, so that it is kept as {}, which git does not run", shown(place));
    changed.map(of).unwrap_or_default()
}

/// Writes a file that is executable. What stands at its place is replaced, not written to.
pub fn write_executable(path: &Path, text: &str) -> io::Result<()> {
    let temporary = temporary(path);
    write_new(&temporary, text).and_then(|()| fs::rename(&temporary, path)).inspect_err(|_| {
        // If it cannot be removed either, a stray file is all that remains.
        let _ = fs::remove_file(&temporary);
    })
}

/// A name beside `path` that nothing else has.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".keysift-{}.tmp", std::process::id()));
    path.with_file_name(name)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    make_executable(path)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether git runs a hook.
#[cfg(unix)]
pub fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

/// Whether git runs a hook: there it asks nothing.
#[cfg(not(unix))]
pub fn is_executable(_: &fs::Metadata) -> bool {
    true
}
