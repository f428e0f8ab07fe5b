//! Husky's scripts: they are part of the work tree and belong to all who work on it, so that a marked block is added to them.
//!
//! Lines that somebody wrote into the block are lost when it is written anew or removed, for nobody knows what they mean outside of it: an `else`, or
//! another call of keysift. The script is kept as it was then, under a name that husky does not run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::args::HookType;
use super::file::{keep_copy, write_executable};
use super::place::shown;
use super::script::{BLOCK_END, BLOCK_START, BLOCK_START_OF_NEW_FILE, block};
use crate::cli::Failure;

/// More than any such script has.
const LARGEST: u64 = 1 << 20;

/// Whether a script runs keysift.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    /// It has our block, as it is written today.
    Current,
    /// It has one that somebody changed, or that of another version.
    Other,
    /// It has none, or there is no script.
    None,
}

/// The text with which `hook` runs keysift; `None` if it does already.
pub fn with_block(scripts: &Path, hook: HookType) -> Result<Option<String>, Failure> {
    let path = script_of(scripts, hook)?;
    let Some(text) = read(&path)? else {
        return Ok(Some(format!("{}{}", head_of_new_file(scripts), block(hook, true))));
    };
    match find(&text, hook) {
        Block::Current => Ok(None),
        Block::None => Ok(Some(insert(&text, &block(hook, false)))),
        Block::Other => {
            let is_new_file = text.contains(BLOCK_START_OF_NEW_FILE);
            Ok(Some(insert(&without_block(&text, &path)?, &block(hook, is_new_file))))
        }
    }
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
    let text = read(&scripts.join(hook.name()))?.filter(|text| find(text, hook) != Block::None);
    let Some(text) = text else { return Ok("was not installed".to_owned()) };
    let path = script_of(scripts, hook)?;
    let rest = without_block(&text, &path)?;
    let kept = keep_changes(&path, hook)?;
    if text.contains(BLOCK_START_OF_NEW_FILE) && rest == head_of_new_file(scripts) {
        fs::remove_file(&path).map_err(|error| failed(&path, &error))?;
    } else {
        write_executable(&path, &rest).map_err(|error| failed(&path, &error))?;
    }
    Ok(format!("removed{kept}"))
}

/// Copies the script if somebody has changed our block; says so.
fn keep_changes(path: &Path, hook: HookType) -> Result<String, Failure> {
    if !read(path)?.is_some_and(|text| find(&text, hook) == Block::Other) {
        return Ok(String::new());
    }
    let place = keep_copy(path)?;
    Ok(format!("; the block had lines that keysift did not write, so that the script as it was is kept as {}, which husky does not run", shown(&place)))
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

/// Whether the script of `hook` has our block.
pub fn state(scripts: &Path, hook: HookType) -> Result<Block, Failure> {
    Ok(read(&scripts.join(hook.name()))?.map_or(Block::None, |text| find(&text, hook)))
}

/// What a script begins with in versions of husky that have git run the scripts themselves.
fn head_of_new_file(scripts: &Path) -> &'static str {
    if scripts.join("_/husky.sh").is_file() && !scripts.join("_/h").is_file() { "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n\n" } else { "" }
}

fn find(text: &str, hook: HookType) -> Block {
    if !text.lines().any(|line| line == BLOCK_START || line == BLOCK_START_OF_NEW_FILE) {
        Block::None
    } else if [true, false].iter().any(|&is_new_file| text.contains(block(hook, is_new_file).trim_end())) {
        Block::Current
    } else {
        Block::Other
    }
}

/// The script with `block` after its head: after the line that names the shell, and after husky's own line, which starts the script anew.
fn insert(text: &str, block: &str) -> String {
    let is_head = |line: &str| line.trim().is_empty() || line.starts_with('#') || line.contains("husky.sh");
    let at: usize = text.split_inclusive('\n').take_while(|line| is_head(line)).map(str::len).sum();
    let (head, rest) = text.split_at(at);
    if head.is_empty() || head.ends_with('\n') {
        return format!("{head}{block}{rest}");
    }
    // Without a last line feed the block ends without one, too, by which its removal knows to take away the one before it.
    format!("{head}\n{}", block.trim_end())
}

/// The script as it was before the block came in.
fn without_block(text: &str, path: &Path) -> Result<String, Failure> {
    let broken = || {
        let help = format!("remove the lines between `{BLOCK_START}` and `{BLOCK_END}` by hand");
        Failure::usage(format!("{} has a block of keysift that does not end", shown(path))).with_help(Some(help))
    };
    let start = text.find(BLOCK_START).ok_or_else(broken)?;
    let length = text[start..].find(BLOCK_END).ok_or_else(broken)? + BLOCK_END.len();
    let (head, rest) = (&text[..start], &text[start + length..]);
    Ok(match rest.strip_prefix('\n') {
        Some(rest) => format!("{head}{rest}"),
        None => format!("{}{rest}", head.strip_suffix('\n').unwrap_or(head)),
    })
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::metadata(path) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_after_the_head_and_leaves_as_it_came() {
        let scripts = [
            "npm test\n",
            "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n\nnpm test\n",
            "#!/bin/sh",
            "# only a comment\n",
            "",
            "npm test\nnpm run lint",
        ];
        for before in scripts {
            for hook in HookType::ALL {
                let after = insert(before, &block(hook, false));
                assert_eq!(find(&after, hook), Block::Current, "{after}");
                assert_eq!(without_block(&after, Path::new("x")).expect("it has one"), before);
            }
        }
        let after = insert(scripts[1], &block(HookType::PreCommit, false));
        let at = |part: &str| after.find(part).unwrap_or_else(|| panic!("no {part} in {after}"));
        assert!(at("husky.sh") < at("keysift hook run") && at("keysift hook run") < at("npm test"), "{after}");
    }

    #[test]
    fn an_old_block_is_known() {
        let text = format!("{BLOCK_START}\nkeysift something\n{BLOCK_END}\nnpm test\n");
        assert_eq!(find(&text, HookType::PreCommit), Block::Other);
        assert_eq!(find("npm test\n", HookType::PreCommit), Block::None);
    }
}
