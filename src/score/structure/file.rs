//! The secrets of files whose names tell their format (`rule::file`): each is read as a whole by the reader of its format, which says where secrets stand and
//! what they open. Whether one is more than a placeholder is asked here, as for any other password.

mod json;
mod lines;
mod markup;
mod netrc;

use super::password::{self, Access, Strength};
use super::{Read, against, seed_phrase, speaks_for};
use crate::base64;
use crate::finding::Confidence;
use crate::rule::file::FileKind;
use crate::rule::structure::Structure;
use crate::score::value;
use crate::span::Span;

/// The longest value that is taken for a secret.
const LONGEST: usize = 4096;
/// The shortest token, and the shortest random phrase.
const SHORTEST_TOKEN: usize = 16;
const SHORTEST_PHRASE: usize = 32;

/// Names behind which a word is a password in the settings of directories, of wireless networks, and of installers; and what that is.
const DIRECTORY: (&[&[u8]], &str) = (&[b"bindpw", b"rootbindpw", b"rootpw", b"olcRootPW", b"ldap_default_authtok"], "the password for a directory");
const WIRELESS: (&[&[u8]], &str) = (&[b"psk", b"wpa-psk", b"sae_password", b"wep-key0", b"password"], "the password of a wireless network");
const KICKSTART: (&[&[u8]], &str) = (&[b"rootpw"], "the password that root is given by an installer");

/// How a secret is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As it is typed.
    Password,
    /// A random token.
    Token,
    /// A random text of any characters.
    Phrase,
    /// User, colon and password in base64.
    Pair,
    /// The password in base64.
    Encoded,
    /// The hash of a password.
    Hash,
    /// The words of a wallet.
    SeedPhrase,
}

/// A place that a format calls a secret.
#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    value: Span,
    form: Form,
    user: &'a [u8],
    /// What the secret opens: empty if that is not said, none if it is no host, or if the file is about one machine.
    host: Option<&'a [u8]>,
    /// What it is, as a sentence fragment behind "it is ".
    what: &'static str,
}

/// The secrets of the file `text`, in order.
pub(super) fn read(kind: FileKind, text: &[u8]) -> Vec<Read> {
    let mut found = Vec::new();
    let mut add = |entry: Entry<'_>| found.extend(judge(kind, text, &entry));
    match kind {
        FileKind::Netrc => netrc::read(text, &netrc::NETRC, &mut add),
        FileKind::Mail => netrc::read(text, &netrc::MAIL, &mut add),
        FileKind::Npmrc => lines::npmrc(text, &mut add),
        FileKind::Sections => lines::sections(text, &mut add),
        FileKind::Pgpass => lines::pgpass(text, &mut add),
        FileKind::Users => lines::users(text, &mut add),
        FileKind::Ppp => lines::ppp(text, &mut add),
        FileKind::Hashes => lines::hashes(text, &mut add),
        FileKind::Kubeconfig => lines::kubeconfig(text, &mut add),
        FileKind::TerraformState => json::terraform(text, &mut add),
        FileKind::Composer => json::composer(text, &mut add),
        FileKind::Maven => markup::maven(text, &mut add),
        FileKind::NuGet => markup::nuget(text, &mut add),
        FileKind::FileZilla => markup::filezilla(text, &mut add),
        FileKind::WordPress => markup::wordpress(text, &mut add),
        FileKind::RailsKey => lines::rails_key(text, &mut add),
        FileKind::Directory => lines::words(text, &DIRECTORY, &mut add),
        FileKind::Wireless => lines::words(text, &WIRELESS, &mut add),
        FileKind::Kickstart => lines::words(text, &KICKSTART, &mut add),
        FileKind::Wallet => seed_phrase::in_text(text).for_each(|value| {
            add(Entry { value, form: Form::SeedPhrase, user: b"", host: None, what: "the seed phrase of a wallet, by its words and its checksum" })
        }),
    }
    found
}

/// The secret of an entry, if it is one.
fn judge(kind: FileKind, text: &[u8], entry: &Entry<'_>) -> Option<Read> {
    let value = entry.value.of(text);
    if value.is_empty() || value.len() > LONGEST {
        return None;
    }
    match entry.form {
        Form::Password => of_password(kind, entry, value, entry.user),
        Form::Token => is_token(value).then(|| sure(entry, Structure::CredentialFile)),
        Form::Phrase => is_phrase(value).then(|| sure(entry, Structure::CredentialFile)),
        Form::Pair => {
            let pair = pair(value)?;
            let colon = memchr::memchr(b':', &pair)?;
            of_password(kind, entry, &pair[colon + 1..], &pair[..colon])
        }
        Form::Encoded => match printable(value) {
            Some(password) => of_password(kind, entry, &password, entry.user),
            None => of_password(kind, entry, value, entry.user),
        },
        Form::SeedPhrase => Some(sure(entry, Structure::SeedPhrase)),
        Form::Hash => (value::n_distinct(value) >= 8).then(|| sure(entry, Structure::PasswordHash)),
    }
}

fn sure(entry: &Entry<'_>, structure: Structure) -> Read {
    Read { span: entry.value, structure, confidence: Confidence::High, because: vec![speaks_for(format!("it is {}", entry.what))] }
}

/// The password of an entry. The state of Terraform holds whatever is called so; what the others call a password is one.
fn of_password(kind: FileKind, entry: &Entry<'_>, password: &[u8], user: &[u8]) -> Option<Read> {
    let what = || format!("it is {}", entry.what);
    let is_told = kind != FileKind::TerraformState;
    let Some(host) = entry.host else {
        return match password::strength(password, user, b"") {
            Strength::Strong => Some(sure(entry, Structure::CredentialFile)),
            Strength::Weak if is_told => {
                let because = vec![against("weak-password", "it is short, or made of words"), speaks_for(what())];
                Some(Read { span: entry.value, structure: Structure::CredentialFile, confidence: Confidence::Low, because })
            }
            Strength::Weak | Strength::Placeholder => None,
        };
    };
    let access = Access { password, user, host, is_database: true };
    access.judge_as(is_told, entry.value, Structure::CredentialFile, what()).ok()
}

/// User, colon and password, as far as `text` is these in base64.
pub(super) fn pair(text: &[u8]) -> Option<Vec<u8>> {
    printable(text).filter(|decoded| is_pair(decoded))
}

/// Whether a decoded text is user, colon and password, on one line.
pub(super) fn is_pair(decoded: &[u8]) -> bool {
    memchr::memchr(b':', decoded).is_some_and(|n| n + 1 < decoded.len()) && decoded.iter().copied().all(is_printable)
}

/// What `text` says in base64, if that can be printed.
fn printable(text: &[u8]) -> Option<Vec<u8>> {
    base64::decode(base64::unpadded(text), is_printable).filter(|decoded| !decoded.is_empty())
}

const fn is_printable(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte == b' '
}

/// Whether a text is a random token and stands for nothing else.
pub(super) fn is_token(text: &[u8]) -> bool {
    let is_random = text.len() >= SHORTEST_TOKEN && text.iter().any(u8::is_ascii_digit) && value::entropy(text) >= 3.0;
    is_random && text.iter().all(u8::is_ascii_graphic) && password::is_in_doubt(text) && !value::is_made_of_words(text)
}

fn is_phrase(text: &[u8]) -> bool {
    text.len() >= SHORTEST_PHRASE
        && value::n_distinct(text) >= 16
        && memchr::memmem::find(text, b"unique phrase").is_none()
        && text.iter().any(u8::is_ascii_digit)
}

/// The host of an address, or of what begins with one.
fn host_of(address: &[u8]) -> &[u8] {
    let behind = memchr::memmem::find(address, b"//").map_or(address, |at| &address[at + 2..]);
    let host = &behind[..behind.iter().position(|byte| matches!(byte, b'/' | b'?' | b' ' | b'"')).unwrap_or(behind.len())];
    memchr::memrchr(b'@', host).map_or(host, |at| &host[at + 1..])
}

/// A part of `text` without white space around it.
fn trimmed(text: &[u8], span: Span) -> Span {
    let inner = span.of(text);
    let start = span.start + (inner.len() - inner.trim_ascii_start().len());
    Span::new(start, start + inner.trim_ascii().len())
}

/// A value without the quotes around it.
fn unquoted(text: &[u8], span: Span) -> Span {
    match span.of(text) {
        [open @ (b'"' | b'\''), .., close] if open == close => Span::new(span.start + 1, span.end - 1),
        _ => span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_from_base64() {
        assert_eq!(pair(b"YWI6Y2Q=").as_deref(), Some(b"ab:cd".as_slice()));
        assert_eq!(pair(b"YWJjZA=="), None, "no colon");
        assert_eq!(pair(b"YWI6"), None, "no password");
        assert_eq!(pair(b"enabled"), None);
    }

    #[test]
    fn hosts_are_cut_out_of_addresses() {
        for (address, host) in [("https://a.io/x", "a.io"), ("//npm.a.io/:", "npm.a.io"), ("a.io:80", "a.io:80"), ("ftp://u@b.io", "b.io"), ("", "")] {
            assert_eq!(host_of(address.as_bytes()), host.as_bytes());
        }
    }
}
