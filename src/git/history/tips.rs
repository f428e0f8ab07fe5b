//! Where a history begins: references and `HEAD` of every work tree, and every entry of the stash.

use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use gix::ObjectId;

use crate::blob::{path_bytes_text, path_text};
use crate::git::{GitError, MENDS_HEAD, Repo, chain};

/// A name and the object that it names.
pub(super) struct Tip {
    /// The name, as git writes it.
    pub(super) name: String,
    /// The object: mostly a commit or an annotated tag.
    pub(super) id: ObjectId,
}

/// What these branches name, or everything that has a name if there are none. Names that cannot be read are told in `trouble`.
pub(super) fn tips(owner: &Repo, branches: &[String], trouble: &mut Vec<String>) -> Result<Vec<Tip>, GitError> {
    let repo = &owner.inner.to_thread_local();
    if branches.is_empty() {
        return Ok(all(repo, trouble));
    }
    let mut tips = Vec::new();
    for name in branches {
        if let Some(folder) = name.strip_suffix('*').filter(|folder| folder.ends_with('/')) {
            add_references(repo, folder, &mut tips, trouble);
            continue;
        }
        let id = match repo.rev_parse_single(name.as_str()) {
            Ok(id) => id.detach(),
            Err(_) => owner.revision(&mut owner.reader(), name)?,
        };
        tips.push(Tip { name: name.clone(), id });
    }
    Ok(tips)
}

/// The commit that `HEAD` names, if there is one.
pub(super) fn head(repo: &gix::Repository) -> Option<ObjectId> {
    Some(repo.head_id().ok()?.detach())
}

/// Everything that has a name.
fn all(repo: &gix::Repository, trouble: &mut Vec<String>) -> Vec<Tip> {
    let mut tips = Vec::new();
    match repo.head().map(|head| head.id().map(|id| id.detach())) {
        Ok(id) => tips.extend(id.map(|id| Tip { name: "HEAD".to_owned(), id })),
        Err(error) => trouble.push(format!("HEAD cannot be read: {}; {MENDS_HEAD}", chain(&error))),
    }
    add_references(repo, "", &mut tips, trouble);
    of_work_trees(repo, &mut tips, trouble);
    tips.extend(of_stash(repo, trouble));
    tips
}

/// Adds the references of a folder such as `refs/heads/`, or all.
fn add_references(repo: &gix::Repository, folder: &str, tips: &mut Vec<Tip>, trouble: &mut Vec<String>) {
    let mut unreadable = Vec::new();
    let listed = repo.references().and_then(|references| {
        for reference in if folder.is_empty() { references.all()? } else { references.prefixed(folder)? } {
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
    });
    trouble.extend(told(&unreadable));
    if let Err(error) = listed {
        trouble.push(format!("the references cannot be read: {error}; `git for-each-ref` tells more"));
    }
}

/// Says that names cannot be read, the first of them with the reason.
fn told(unreadable: &[String]) -> Option<String> {
    let first = unreadable.first()?;
    Some(match unreadable.len() {
        1 => format!("a reference cannot be read: {first}; `git for-each-ref` names it"),
        n => format!("{n} references cannot be read, for example: {first}; `git for-each-ref` names them"),
    })
}

/// Where a work tree keeps references of its own, besides what is shared.
const PRIVATE: [&str; 3] = ["refs/bisect", "refs/rewritten", "refs/worktree"];

/// Adds what other work trees have for themselves: `HEAD` where it is on no branch, and references such as those of `git bisect`.
fn of_work_trees(repo: &gix::Repository, tips: &mut Vec<Tip>, trouble: &mut Vec<String>) {
    let common = repo.common_dir();
    let mut trees = Vec::new();
    for folder in entries(&common.join("worktrees"), trouble).into_iter().filter(|folder| folder.path().is_dir()) {
        trees.push((format!("the work tree {}", path_text(folder.file_name().as_ref())), folder.path()));
    }
    if repo.git_dir() != common {
        trees.push(("the main work tree".to_owned(), common.to_owned()));
    }
    for (tree, folder) in trees {
        let mut files = vec![("HEAD".to_owned(), folder.join("HEAD"))];
        PRIVATE.iter().for_each(|name| add_files(&folder.join(name), name, 0, &mut files, trouble));
        for (reference, path) in files {
            let why = match read_start(&path).map(|text| (ObjectId::from_hex(text.trim_ascii()), text)) {
                Ok((Ok(id), _)) => {
                    tips.push(Tip { name: format!("{reference} of {tree}"), id });
                    continue;
                }
                // What is shared is a tip itself.
                Ok((Err(_), text)) if text.starts_with(b"ref: refs/") => continue,
                Ok(_) => "it holds neither an id nor a reference".to_owned(),
                Err(error) => error.to_string(),
            };
            trouble.push(format!("{reference} of {tree} cannot be read: {why}; `git worktree list` shows all"));
        }
    }
}

/// How deep names of references are followed.
const DEEPEST: usize = 64;

/// Adds the names and places of all references in a folder; of links only those to files are followed.
fn add_files(folder: &Path, name: &str, depth: usize, files: &mut Vec<(String, PathBuf)>, trouble: &mut Vec<String>) {
    if depth > DEEPEST {
        return trouble.push(format!("the references in {} cannot be read: they are too deep; `git for-each-ref` names them", path_text(folder)));
    }
    for entry in entries(folder, trouble) {
        let (own, path) = (entry.file_name(), entry.path());
        let name = format!("{name}/{}", path_text(own.as_ref()));
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            add_files(&path, &name, depth + 1, files, trouble);
        } else if path.is_file() && !own.as_encoded_bytes().ends_with(b".lock") {
            files.push((name, path));
        }
    }
}

/// What a folder holds; nothing if it is not there.
fn entries(folder: &Path, trouble: &mut Vec<String>) -> Vec<fs::DirEntry> {
    match fs::read_dir(folder).and_then(Iterator::collect) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Vec::new(),
        Err(error) => {
            trouble.push(format!("the folder {} cannot be read: {error}; `git worktree list` shows whose it is", path_text(folder)));
            Vec::new()
        }
    }
}

/// The beginning of a file, longer than an id.
fn read_start(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    fs::File::open(path)?.take(1 << 10).read_to_end(&mut text)?;
    Ok(text)
}

/// All entries of the stash; the reference names only the last one, its log all of them.
fn of_stash(repo: &gix::Repository, trouble: &mut Vec<String>) -> Vec<Tip> {
    let path = repo.common_dir().join("logs/refs/stash");
    let log = match fs::read(&path) {
        Ok(log) => log,
        Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            trouble.push(format!("the log of the stash, {}, cannot be read: {error}", path_text(&path)));
            return Vec::new();
        }
    };
    // A line is the old id, the new id, and more.
    let lines = log.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let ids: Vec<Option<ObjectId>> = lines.map(|line| ObjectId::from_hex(line.split(|&byte| byte == b' ').nth(1)?).ok()).collect();
    let n_bad = ids.iter().filter(|id| id.is_none()).count();
    if n_bad > 0 {
        trouble.push(format!("{n_bad} lines of the log of the stash, {}, cannot be read; `git stash list` shows what is left", path_text(&path)));
    }
    ids.into_iter().flatten().map(|id| Tip { name: "refs/stash".to_owned(), id }).collect()
}
