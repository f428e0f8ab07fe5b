//! Where a history begins: references, `HEAD` of every work tree, and every entry of the stash.

use std::fs;

use gix::ObjectId;

use crate::blob::{path_bytes_text, path_text};
use crate::git::{GitError, chain};

/// A name and the object that it names.
pub(super) struct Tip {
    /// The name, as git writes it.
    pub(super) name: String,
    /// The object: mostly a commit or an annotated tag.
    pub(super) id: ObjectId,
}

/// What these branches name, or everything that has a name if there are none. Names that cannot be read are told in `trouble`.
pub(super) fn tips(repo: &gix::Repository, branches: &[String], trouble: &mut Vec<String>) -> Result<Vec<Tip>, GitError> {
    if branches.is_empty() {
        return Ok(all(repo, trouble));
    }
    let tips = branches.iter().map(|name| {
        let named = repo.rev_parse_single(name.as_str());
        let next = "`git branch --all` lists the branches that there are".to_owned();
        named.map(|id| Tip { name: name.clone(), id: id.detach() }).map_err(|_| GitError::Revision { name: name.clone(), next })
    });
    tips.collect()
}

/// The commit that `HEAD` names, if there is one.
pub(super) fn head(repo: &gix::Repository) -> Option<ObjectId> {
    Some(repo.head_id().ok()?.detach())
}

/// Everything that has a name.
fn all(repo: &gix::Repository, trouble: &mut Vec<String>) -> Vec<Tip> {
    let mut tips = Vec::new();
    tips.extend(head(repo).map(|id| Tip { name: "HEAD".to_owned(), id }));
    let mut unreadable = Vec::new();
    match repo.references().and_then(|references| {
        for reference in references.all()? {
            match reference {
                // What a symbolic one names is in the list itself.
                Ok(reference) => {
                    let name = path_bytes_text(reference.name().as_bstr());
                    tips.extend(reference.try_id().map(|id| Tip { name, id: id.detach() }));
                }
                Err(error) => unreadable.push(chain(&error)),
            }
        }
        Ok(())
    }) {
        Ok(()) => trouble.extend(told(&unreadable)),
        Err(error) => trouble.push(format!("the references cannot be read: {error}; `git for-each-ref` tells more")),
    }
    tips.extend(of_work_trees(repo));
    tips.extend(of_stash(repo, trouble));
    tips
}

/// Says that names cannot be read, the first of them with the reason.
fn told(unreadable: &[String]) -> Option<String> {
    let first = unreadable.first()?;
    Some(match unreadable.len() {
        1 => format!("a reference cannot be read: {first}; `git for-each-ref` names it"),
        n => format!("{n} references cannot be read, for example: {first}; `git for-each-ref` names them"),
    })
}

/// The `HEAD`s of linked work trees that are on no branch.
fn of_work_trees(repo: &gix::Repository) -> Vec<Tip> {
    let folders = fs::read_dir(repo.common_dir().join("worktrees")).into_iter().flatten().flatten();
    let heads = folders.filter_map(|folder| {
        let text = fs::read(folder.path().join("HEAD")).ok()?;
        let name = format!("HEAD of the work tree {}", path_text(folder.file_name().as_ref()));
        Some(Tip { name, id: ObjectId::from_hex(text.trim_ascii()).ok()? })
    });
    heads.collect()
}

/// All entries of the stash; the reference names only the last one, its log all of them.
fn of_stash(repo: &gix::Repository, trouble: &mut Vec<String>) -> Vec<Tip> {
    let path = repo.common_dir().join("logs/refs/stash");
    let log = match fs::read(&path) {
        Ok(log) => log,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            trouble.push(format!("the log of the stash, {}, cannot be read: {error}", path_text(&path)));
            return Vec::new();
        }
    };
    // A line is the old id, the new id, and more.
    let ids = log.split(|&byte| byte == b'\n').filter_map(|line| ObjectId::from_hex(line.split(|&byte| byte == b' ').nth(1)?).ok());
    ids.map(|id| Tip { name: "refs/stash".to_owned(), id }).collect()
}
