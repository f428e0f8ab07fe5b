//! What is scanned: blobs, where they come from, and why one was not scanned.
//!
//! A source yields windows of blobs. A window holds the bytes around the ones it *owns*; a match belongs to the window that owns its
//! first byte, so overlapping windows never report a secret twice and each match has text on both sides.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::number::byte_of_hex;
use crate::span::Span;

/// Where a blob was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Path relative to the report's root, with `/` between its parts, as [`path_text`] writes it.
    /// For a message it is a description of the message.
    pub path: Arc<str>,
    /// Whether it is no file: a message, a name, or a blob to which no commit leads. These have no path.
    pub is_message: bool,
    /// The commit that brought it, if it was read from a repository's history.
    pub commit: Option<Arc<Commit>>,
}

/// A commit, as a finding names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commit {
    /// Author date in seconds since 1970-01-01 UTC.
    pub author_seconds: i64,
    /// Author date as RFC 3339 has it, with the author's offset.
    pub author_date: String,
    /// Id in lower-case hexadecimal.
    pub id: String,
    /// The author's name; what is no UTF-8 is replaced.
    pub author: String,
    /// The author's mail address; what is no UTF-8 is replaced.
    pub email: String,
    /// The message's first line; what is no UTF-8 is replaced.
    pub summary: String,
}

/// The first digits of a commit's id, by which people name it.
pub fn short_id(id: &str) -> &str {
    const N_DIGITS: usize = 12;
    id.get(..N_DIGITS).unwrap_or(id)
}

impl Origin {
    /// The origin of a file at `path`.
    pub fn new(path: &str) -> Self {
        Self { path: Arc::from(path), is_message: false, commit: None }
    }

    /// The origin of the file at `path` that `commit` brought.
    pub fn in_commit(path: &str, commit: Arc<Commit>) -> Self {
        Self { path: Arc::from(path), is_message: false, commit: Some(commit) }
    }
}

/// A path as text: `/` between parts. In a path that is no UTF-8, `%` and every byte outside of visible ASCII become `%XX`; in one that is, only a `%`
/// before two hexadecimal digits becomes `%25`. So no two paths have the same text, and [`path_bytes`] gives the path back.
pub fn path_text(path: &Path) -> String {
    match path.to_str() {
        Some(text) if cfg!(windows) => unambiguous(&text.replace('\\', "/")),
        Some(text) => unambiguous(text),
        None => path_bytes_text(path.as_os_str().as_encoded_bytes()),
    }
}

/// A path that git stores, as text: like [`path_text`], with `/` between parts already.
pub fn path_bytes_text(path: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(path) {
        return unambiguous(text);
    }
    let mut text = String::new();
    for &byte in path {
        if byte.is_ascii_graphic() && byte != b'%' || byte == b' ' {
            text.push(byte as char);
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn unambiguous(path: &str) -> String {
    let mut parts = path.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(if byte_of_hex(part.as_bytes()).is_some() { "%25" } else { "%" });
        text.push_str(part);
    }
    text
}

/// The bytes of the path that has this text; see [`path_text`].
pub fn path_bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = if first == b'%' { byte_of_hex(after) } else { None };
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    bytes
}

/// How a blob's bytes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, ASCII, or any single-byte superset of ASCII.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// UTF-32, low byte first.
    Utf32Le,
    /// UTF-32, high byte first.
    Utf32Be,
    /// Not text: but for keys that identify themselves, only where it holds a longer stretch of text is anything looked for.
    Binary,
}

/// A piece of a blob, decoded to UTF-8, with text around the bytes it owns.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// The bytes, owned ones and those around them.
    pub bytes: &'a [u8],
    /// Where `bytes` begins in the decoded blob.
    pub at: u64,
    /// Line of the first byte, from 1.
    pub first_line: u64,
    /// Characters of that line which stand before the first byte.
    pub n_chars_before: u64,
    /// Those characters counted as UTF-16 code units.
    pub n_utf16_before: u64,
    /// The part of `bytes` whose matches belong to this window.
    pub owned: Span,
    /// How the blob is read.
    pub encoding: Encoding,
    /// Whether `bytes` are those of the blob: nothing of it was decoded up to here.
    pub is_verbatim: bool,
}

impl<'a> Window<'a> {
    /// A window that is a whole blob of UTF-8 text.
    pub fn whole(bytes: &'a [u8]) -> Self {
        let owned = Span::new(0, bytes.len());
        Self { bytes, at: 0, first_line: 1, n_chars_before: 0, n_utf16_before: 0, owned, encoding: Encoding::Utf8, is_verbatim: true }
    }

    /// Whether what is matched there belongs to this window.
    pub const fn owns(&self, matched: Span) -> bool {
        self.owned.start <= matched.start && matched.start < self.owned.end
    }
}

/// Why a blob was not scanned, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// Compressed, image, audio, video or font content: only its beginning was scanned, for keys that identify themselves.
    Media,
    /// No permission to read it, or an input error while reading.
    Unreadable,
    /// It was there when listed and gone when opened.
    Vanished,
    /// A FIFO, socket or device: reading could block for ever.
    Special,
    /// A symbolic link; what it points to is scanned where it lies.
    Symlink,
    /// A symbolic link named by the user that leads to itself.
    Loop,
    /// Named by the user, and nothing that can be read: a socket, a device, a link that leads nowhere, a pipe that nobody writes to.
    Named,
    /// A version-control store: compressed history.
    Store,
    /// Left out by an ignore file; counted apart from the others.
    Ignored,
    /// keysift itself failed on it: a bug.
    Failed,
}

impl SkipReason {
    /// The reason in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Media => "compressed or media content",
            Self::Unreadable => "unreadable",
            Self::Vanished => "vanished while scanning",
            Self::Special => "not a regular file",
            Self::Symlink => "symbolic link",
            Self::Loop => "symbolic link loop",
            Self::Named => "nothing that can be read",
            Self::Store => "version-control store; `keysift history` scans it",
            Self::Ignored => "left out by an ignore file",
            Self::Failed => "not scanned to its end, for keysift failed (a bug, please report it)",
        }
    }

    /// `n` of them, in words.
    pub fn counted(self, n: u64) -> String {
        match (self, n) {
            (Self::Symlink, 2..) => format!("{n} symbolic links"),
            (Self::Loop, 2..) => format!("{n} symbolic link loops"),
            _ => format!("{n} {}", self.text()),
        }
    }

    /// Whether the skip leaves the scan incomplete: something that should have been read was not.
    pub const fn is_incomplete(self) -> bool {
        matches!(self, Self::Unreadable | Self::Loop | Self::Named | Self::Failed)
    }
}

/// A blob that was not scanned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// Which blob.
    pub origin: Origin,
    /// Why.
    pub reason: SkipReason,
    /// What the operating system said, where it said something.
    pub detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_utf8_stays_distinct_and_printable() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"a/\xff%b c\x1b"));
        assert_eq!(path_text(path), "a/%FF%25b c%1B");
        assert_eq!(path_text(Path::new("a/50%")), "a/50%");
    }

    #[test]
    fn no_two_paths_have_the_same_text() {
        let paths: [&[u8]; 8] = [b"a\xFF", b"a%FF", b"a%25FF", b"a\xFF%", b"100%", b"100% da", b"%%41%", "é%C3%A9".as_bytes()];
        let texts = paths.map(path_bytes_text);
        assert_eq!(texts[..6], ["a%FF", "a%25FF", "a%2525FF", "a%FF%25", "100%", "100% da"]);
        assert_eq!(texts.each_ref().map(|text| path_bytes(text)), paths.map(<[u8]>::to_vec));
    }
}
