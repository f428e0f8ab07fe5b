//! One hook file: what is there, and how ours comes before it and goes away again.
//!
//! A hook is never lost: one that is not ours is renamed, and taking ours away gives it its name back. Files appear whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::before::Before;
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
    /// The hook that is there is kept elsewhere, and the script is written.
    Chain,
}

/// The place of one hook.
#[derive(Debug)]
pub struct Spot {
    /// Where git looks for it.
    pub path: PathBuf,
    /// Where one that was there before is kept.
    pub before: Before,
}

impl Spot {
    /// The hook `name` in `folder`.
    pub fn new(folder: &Path, name: &str) -> Self {
        Self { path: folder.join(name), before: Before::new(folder, name) }
    }

    /// What is there.
    pub fn found(&self) -> Result<Found, Failure> {
        let failed = |error: io::Error| Failure::incomplete(format!("cannot read the hook {}: {error}", shown(&self.path)));
        let metadata = match fs::symlink_metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(Found::Nothing),
            Err(error) => return Err(failed(error)),
        };
        if !metadata.is_file() || metadata.len() > LARGEST {
            return Ok(Found::Other(None));
        }
        let text = String::from_utf8(fs::read(&self.path).map_err(failed)?).ok();
        Ok(match text {
            Some(text) if script::is_ours(&text) => Found::Ours { text, is_executable: is_executable(&metadata) },
            text => Found::Other(text),
        })
    }

    /// The text of a hook that is not ours, if git runs it.
    pub fn other(&self) -> Result<Option<String>, Failure> {
        let runs = fs::metadata(&self.path).is_ok_and(|metadata| is_executable(&metadata));
        Ok(match self.found()? {
            Found::Other(text) if runs => text,
            _ => None,
        })
    }

    /// What it takes to have `script` here, and nothing else lost.
    pub fn plan(&self, script: &str) -> Result<Change, Failure> {
        let kept = self.before.kept();
        match self.found()? {
            Found::Ours { text, is_executable: true } if text == script && !self.before.is_older() => Ok(Change::Nothing),
            Found::Ours { .. } | Found::Nothing => Ok(Change::Write),
            Found::Other(_) if kept.is_some() => {
                let kept = kept.unwrap_or(&self.path);
                let help = format!("merge the two into {}, or remove the one that is not needed, and try again", shown(&self.path));
                let what = format!("{} is another hook, and its place behind ours is taken by {}", shown(&self.path), shown(kept));
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
        let is_kept = self.before.kept() == Some(&self.before.place);
        let moved = if *change == Change::Chain { self.before.keep() } else { self.before.take_over() };
        // The other hook is where it was until ours takes its name.
        moved.and_then(|()| write_executable(&self.path, script)).map_err(|error| {
            if !is_kept {
                self.before.give_up();
            }
            failed(error)
        })?;
        self.before.forget_older().map_err(failed)?;
        Ok(changed)
    }

    /// Takes our hook away and puts back the one from before; says what was done.
    pub fn remove(&self) -> Result<String, Failure> {
        let failed = |error: io::Error| Failure::incomplete(format!("cannot remove the hook {}: {error}", shown(&self.path)));
        let found = self.found()?;
        if matches!(found, Found::Other(_)) {
            return Ok("left as it is: it is another hook".to_owned());
        }
        let changed = self.keep_changes()?;
        let done = if self.before.kept().is_some() {
            self.before.put_back().map_err(failed)?;
            "removed; the hook from before is back in its place"
        } else if found == Found::Nothing {
            "was not installed"
        } else {
            fs::remove_file(&self.path).map_err(failed)?;
            "removed"
        };
        Ok(format!("{done}{}", told(changed.as_deref())))
    }

    /// Copies our hook to a place of its own if somebody has added or changed lines, for these would be lost.
    fn keep_changes(&self) -> Result<Option<PathBuf>, Failure> {
        let Found::Ours { text, .. } = self.found()? else { return Ok(None) };
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        if script::is_as_written(&name, &text) {
            return Ok(None);
        }
        let names = std::iter::once(format!("{name}.changed")).chain((2..).map(|n| format!("{name}.changed-{n}")));
        let mut places = names.map(|name| self.path.with_file_name(name));
        let place = places.find(|place| fs::symlink_metadata(place).is_err()).expect("there is always a further name");
        fs::copy(&self.path, &place)
            .map_err(|error| Failure::incomplete(format!("{} was changed, and cannot be kept as {}: {error}", shown(&self.path), shown(&place))))?;
        Ok(Some(place))
    }
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

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    true
}
