//! Husky's scripts: they are part of the work tree and belong to all who work on it, so that a marked block is added to them.
//!
//! Lines that somebody wrote into the block are lost when it is written anew or removed, for nobody knows what they mean outside of it: an `else`, or
//! another call of keysift. The script is kept as it was then, under a name that husky does not run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::args::HookType;
use super::block::{self, BlockState};
use super::file::{is_executable, keep_copy, write_executable};
use super::place::shown;
use super::script;
use crate::cli::Failure;

/// More than any such script has.
const LARGEST: u64 = 1 << 20;

/// The text with which `hook` runs keysift; `None` if it does already, from where git looks for hooks: `folder`.
pub fn with_block(folder: &Path, scripts: &Path, hook: HookType) -> Result<Option<String>, Failure> {
    let path = script_of(scripts, hook)?;
    let Some(text) = read(&path)? else {
        return Ok(Some(format!("{}{}", head_of_new_file(scripts), script::block(hook, true))));
    };
    if block::state(&text, hook) == BlockState::Current {
        let is_run = folder != scripts || is_run(folder, hook);
        return Ok((!is_run).then_some(text));
    }
    Ok(Some(block::insert(&without_block(&text, &path)?, &script::block(hook, block::is_new_file(&text)))))
}

/// Writes the script; says what became of lines that somebody had written into our block.
pub fn write(scripts: &Path, hook: HookType, text: &str) -> Result<String, Failure> {
    let path = script_of(scripts, hook)?;
    let kept = keep_changes(&path, hook)?;
    write_executable(&path, text).map_err(|error| failed(&path, &error))?;
    Ok(kept)
}

/// Takes the block away, and the script if it was made for it; says what was done.
pub fn remove(scripts: &Path, hook: HookType) -> Result<String, Failure> {
    let text = read(&scripts.join(hook.name()))?.filter(|text| block::state(text, hook) != BlockState::None);
    let Some(text) = text else { return Ok("was not installed".to_owned()) };
    let path = script_of(scripts, hook)?;
    let rest = without_block(&text, &path)?;
    let kept = keep_changes(&path, hook)?;
    if block::is_new_file(&text) && rest == head_of_new_file(scripts) {
        fs::remove_file(&path).map_err(|error| failed(&path, &error))?;
    } else {
        write_executable(&path, &rest).map_err(|error| failed(&path, &error))?;
    }
    Ok(format!("removed{kept}"))
}

/// Copies the script if somebody may have changed our block; says so.
fn keep_changes(path: &Path, hook: HookType) -> Result<String, Failure> {
    let Some(why) = read(path)?.and_then(|text| block::why_changed(&text, hook)) else { return Ok(String::new()) };
    let place = keep_copy(path)?;
    Ok(format!("; {why}, so that the script as it was is kept as {}, which husky does not run", shown(&place)))
}

/// The script of `hook` itself, where it is a link: replaced by a file, it would be another one than the others have.
fn script_of(scripts: &Path, hook: HookType) -> Result<PathBuf, Failure> {
    let path = scripts.join(hook.name());
    if !path.is_symlink() {
        return Ok(path);
    }
    let refused = |why: &str| {
        let help = format!("make it a file of its own, or let what it leads to run `keysift hook run {}`, and see docs/hooks.md", hook.name());
        Failure::usage(format!("{} is a link {why}; nothing was changed", shown(&path))).with_help(Some(help))
    };
    let real = path.canonicalize().map_err(|_| refused("that leads nowhere"))?;
    let is_shared = |other: &HookType| *other != hook && scripts.join(other.name()).canonicalize().is_ok_and(|other| other == real);
    if HookType::ALL.iter().any(is_shared) { Err(refused("to a script that other hooks have, too")) } else { Ok(real) }
}

/// What the script of `hook` has of ours; it need not be there.
pub fn state(scripts: &Path, hook: HookType) -> Result<BlockState, Failure> {
    Ok(read(&scripts.join(hook.name()))?.map_or(BlockState::None, |text| block::state(&text, hook)))
}

/// Whether git runs `hook` where it looks for hooks: what husky writes there is no part of a commit, and so not of a new clone or work tree.
pub fn is_run(folder: &Path, hook: HookType) -> bool {
    fs::metadata(folder.join(hook.name())).is_ok_and(|metadata| metadata.is_file() && is_executable(&metadata))
}

/// What a script begins with in versions of husky that have git run the scripts themselves.
fn head_of_new_file(scripts: &Path) -> &'static str {
    if scripts.join("_/husky.sh").is_file() && !scripts.join("_/h").is_file() { "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n\n" } else { "" }
}

/// The script as it was before our block came in.
fn without_block(text: &str, path: &Path) -> Result<String, Failure> {
    block::without(text).map_err(|block::Endless(first)| {
        let help = format!("remove the lines that belong to keysift below `{first}`, and that line, by hand");
        Failure::usage(format!("{} has a block of keysift that does not end", shown(path))).with_help(Some(help))
    })
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::metadata(path) {
        // What is checked out may be a link to a device, which has no end.
        Ok(metadata) if !metadata.is_file() => Err(Failure::usage(format!("{} is no file, so that it can be no hook", shown(path)))),
        Ok(metadata) if metadata.len() > LARGEST => Err(Failure::usage(format!("{} is too large for a hook", shown(path)))),
        Ok(_) => fs::read_to_string(path).map(Some).map_err(|error| failed(path, &error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, &error)),
    }
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::incomplete(format!("cannot change the hook {}: {error}", shown(path)))
}

/// `.husky` of a work tree in which husky was not started yet: then git still looks elsewhere, and will not for long.
pub fn sleeping(top: &Path) -> Option<PathBuf> {
    let scripts = top.join(".husky");
    scripts.is_dir().then_some(scripts)
}
