//! Folders that git's environment variables name: from where their relative names count, and what they name besides the repository's own objects.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use gix::bstr::{BStr, ByteSlice};

/// What stands between two folders of a list.
const SEPARATOR: u8 = if cfg!(windows) { b';' } else { b':' };

/// Whether git goes to the top of the work tree before it reads. With `GIT_DIR` it stays where it is, but in a work tree that something names.
pub(super) fn is_read_from_top(repo: &gix::Repository) -> bool {
    if std::env::var_os("GIT_DIR").is_none() {
        return true;
    }
    let is_named = repo.config_snapshot().string("core.worktree").is_some() || std::env::var_os("GIT_WORK_TREE").is_some();
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    is_named && repo.workdir().and_then(|top| top.canonicalize().ok()).is_some_and(|top| here.starts_with(top))
}

/// What `GIT_OBJECT_DIRECTORY` and `GIT_ALTERNATE_OBJECT_DIRECTORIES` name.
pub(super) fn object_folders(repo: &gix::Repository) -> Vec<PathBuf> {
    let own = std::env::var_os("GIT_OBJECT_DIRECTORY").map(PathBuf::from);
    let others = list(&std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default());
    let from = repo.workdir().filter(|_| is_read_from_top(repo)).unwrap_or(Path::new(""));
    let folders = own.into_iter().chain(others).filter(|folder| !folder.as_os_str().is_empty());
    folders.map(|folder| from.join(folder)).collect()
}

/// The folders of a list as git reads it: one that begins with `"` is quoted as strings of C are, if that ends, and one that begins with `#` is a comment.
fn list(text: &OsStr) -> Vec<PathBuf> {
    let mut rest: &[u8] = text.as_encoded_bytes();
    let mut folders = Vec::new();
    while !rest.is_empty() {
        let quoted = Some(BStr::new(rest)).filter(|rest| rest.starts_with(b"\"")).and_then(|rest| gix::quote::ansi_c::undo(rest).ok());
        let (folder, end) = match quoted {
            Some((folder, end)) => (path(&folder), end),
            None => {
                let end = rest.find_byte(SEPARATOR).unwrap_or(rest.len());
                (if rest.starts_with(b"#") { None } else { path(&rest[..end]) }, end)
            }
        };
        folders.extend(folder);
        // As git does, without a look at what stands behind the quotes.
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    folders
}

/// The path of these bytes.
fn path(bytes: &[u8]) -> Option<PathBuf> {
    #[cfg(unix)]
    return Some(PathBuf::from(<OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes.to_vec())));
    #[cfg(not(unix))]
    return std::str::from_utf8(bytes).ok().map(OsString::from).map(PathBuf::from);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_git_reads_them() {
        let of = |text: &str| -> Vec<String> {
            let text = text.replace(':', char::from(SEPARATOR).encode_utf8(&mut [0; 4]));
            list(OsStr::new(&text)).iter().map(|path| path.to_str().expect("it is text").to_owned()).collect()
        };
        assert_eq!(of("a:../b c"), ["a", "../b c"]);
        assert_eq!(of(r#""../a\057b":c"#), ["../a/b", "c"]);
        assert_eq!(of("#a:b"), ["b"]);
        assert_eq!(of("\"a:b"), ["\"a", "b"], "quotes that do not end are none");
        assert_eq!(of("\"a\"xb:c"), ["a", "b", "c"]);
        assert!(of("").is_empty() && of("#").is_empty());
        let quoted = format!("\"a{}b\"", char::from(SEPARATOR));
        assert_eq!(list(OsStr::new(&quoted)), [PathBuf::from(&quoted[1..quoted.len() - 1])]);
    }
}
