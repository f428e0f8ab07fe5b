//! Whether a password that stands beside a user and a host is one that opens something.
//!
//! Addresses with passwords are mostly examples: in documentation, in tests, in the settings of a developer's own machine. So it is asked of the password
//! whether it is a placeholder, or a word that anybody would guess, and of the host whether it is a real one.

use super::{Read, against, speaks_for};
use crate::finding::{Confidence, Evidence};
use crate::rule::structure::Structure;
use crate::score::{chance, stand_in, value};
use crate::span::Span;

/// The shortest password that is no weak one.
const SHORTEST_STRONG: usize = 8;

/// A password, and what it opens.
pub(super) struct Access<'a> {
    pub password: &'a [u8],
    pub user: &'a [u8],
    /// The host or hosts, ports included; empty if none is written.
    pub host: &'a [u8],
    /// Whether it opens a database or a broker.
    pub is_database: bool,
}

/// What a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    /// A reference to a password, or the word for one.
    Placeholder,
    /// A word, or short.
    Weak,
    /// Anything else.
    Strong,
}

/// Where a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In documentation.
    Documentation,
    /// On the same machine.
    Here,
    /// A name without a domain, or a reference.
    Unknown,
    /// A host with a domain, or an address.
    Somewhere,
}

impl Access<'_> {
    /// The finding of the password at `span`, or why it is none. `what` says what it is the password of.
    pub(super) fn judge(&self, span: Span, structure: Structure, what: String) -> Result<Read, &'static str> {
        self.judge_as(false, span, structure, what)
    }

    /// The same. If the format of a file told that it is a password, a word is one, for any host but one of documentation.
    pub(super) fn judge_as(&self, is_told: bool, span: Span, structure: Structure, what: String) -> Result<Read, &'static str> {
        let (strength, place) = (strength(self.password, self.user, self.host), place(self.host));
        let mut because: Vec<Evidence> = vec![speaks_for(what)];
        let confidence = match (strength, place) {
            (Strength::Placeholder, _) => return Err("the password is a placeholder or a reference"),
            (Strength::Weak, Place::Documentation) | (Strength::Weak, Place::Here | Place::Unknown) if !is_told || place == Place::Documentation => {
                return Err("it is a password that anybody guesses, for no host that is known");
            }
            (Strength::Weak, _) => {
                because.insert(0, against("weak-password", "it is short, or made of words, as in examples"));
                Confidence::Low
            }
            (Strength::Strong, Place::Documentation) => {
                because.insert(0, against("documentation-host", "its host is one of documentation"));
                Confidence::Low
            }
            (Strength::Strong, Place::Here) => {
                because.insert(0, against("local-host", "its host is the machine itself"));
                Confidence::Low
            }
            (Strength::Strong, Place::Somewhere) if self.is_database => Confidence::High,
            (Strength::Strong, Place::Unknown | Place::Somewhere) => Confidence::Medium,
        };
        Ok(Read { span, structure, confidence, because })
    }
}

/// Whether a text may be a password, whoever its user is: what is a placeholder by itself is one beside any user and host.
pub(super) fn is_in_doubt(password: &[u8]) -> bool {
    strength(password, b"", b"") != Strength::Placeholder
}

/// What a password is, for this user and host.
pub(super) fn strength(password: &[u8], user: &[u8], host: &[u8]) -> Strength {
    let is_drawn = chance::is_drawn(&stand_in::beyond_names(password));
    // A name of a variable.
    let is_name = password.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    let lower = String::from_utf8_lossy(password).to_ascii_lowercase();
    let letters = lower.trim_matches(|c: char| !c.is_ascii_alphabetic());
    let stands_in = stand_in::is_reference(password, is_drawn) || stand_in::is_made_up(password) || value::placeholder(password).is_some();
    let is_guessed = stand_in::is_guessed(password) || password.eq_ignore_ascii_case(user) || letters.is_empty() && password.len() < 12;
    if stands_in || is_guessed || !is_drawn && (is_name || stand_in::says_little_more(password)) {
        return Strength::Placeholder;
    }
    let classes = [u8::is_ascii_lowercase as fn(&u8) -> bool, u8::is_ascii_uppercase, u8::is_ascii_digit, u8::is_ascii_punctuation];
    let n_kinds = classes.iter().filter(|is_kind| password.iter().any(**is_kind)).count();
    let is_of_host = !letters.is_empty() && (contains(host, letters) || contains(user, letters));
    let is_mixed = n_kinds > 2 || n_kinds == 2 && !value::is_made_of_words(password);
    let is_strong = password.len() >= SHORTEST_STRONG && value::n_distinct(password) >= 6 && !is_of_host && (is_drawn || is_mixed);
    if is_strong { Strength::Strong } else { Strength::Weak }
}

fn contains(text: &[u8], word: &str) -> bool {
    memchr::memmem::find(&text.to_ascii_lowercase(), word.as_bytes()).is_some()
}

/// Names of hosts, and ends of them, that documentation uses.
const DOCUMENTED: [&str; 24] = [
    "example",
    "example.com",
    "example.org",
    "example.net",
    "example.edu",
    "test",
    "invalid",
    "host",
    "hostname",
    "server",
    "servername",
    "domain",
    "domain.com",
    "mydomain.com",
    "yourdomain.com",
    "myserver",
    "myhost",
    "yourhost",
    "foo.com",
    "bar.com",
    "company.com",
    "host.com",
    "server.com",
    "site.com",
];
const LOCAL: [&str; 5] = ["localhost", "localdomain", "local", "host.docker.internal", "0.0.0.0"];
/// What stands at the place of a host and is none: the digest of an image.
const NO_HOSTS: [&str; 3] = ["sha256", "sha512", "latest"];

fn place(host: &[u8]) -> Place {
    let lower = String::from_utf8_lossy(host).to_ascii_lowercase();
    let first = lower.split(',').next().unwrap_or_default();
    let first = first.strip_prefix("tcp:").unwrap_or(first);
    if first.starts_with("[::1]") {
        return Place::Here;
    }
    if first.starts_with('[') {
        return Place::Somewhere;
    }
    let name = first.split(':').next().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let ends_in = |ends: &[&str]| ends.iter().any(|end| name == *end || name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')));
    match () {
        () if name.is_empty() || !name.chars().all(is_name) => Place::Unknown,
        () if ends_in(&LOCAL) || name.starts_with("127.") => Place::Here,
        () if ends_in(&DOCUMENTED) || NO_HOSTS.contains(&name) || contains(name.as_bytes(), "example") => Place::Documentation,
        () if name.contains('.') => Place::Somewhere,
        () => Place::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_words_are_told_from_passwords() {
        for text in [
            "password",
            "${DB_PASS}",
            "$DB_PASS",
            "{password}",
            "{{ pw }}",
            "<password>",
            "%s",
            "%(pw)s",
            "xxx",
            "xxxxxxxx",
            "changeme",
            "****",
            "DB_PASSWORD",
            "p4ssw0rd",
            "s3cr3t",
            "12345678",
            "test123",
            "postgres",
            "my_password",
            "yourPassw0rd",
            "%3Cpw%3E",
            "app",
        ] {
            assert_eq!(strength(text.as_bytes(), b"app", b"db.acme.io"), Strength::Placeholder, "{text}");
        }
        for text in ["sunshine", "Ab1", "butterfly", "acme1234"] {
            assert_eq!(strength(text.as_bytes(), b"app", b"db.acme.io"), Strength::Weak, "{text}");
        }
        for text in ["k9Fq2Lm8", "v7#mQ!xz", "8f14e45fceea167a", "Tr0ub4dor&3x"] {
            assert_eq!(strength(text.as_bytes(), b"app", b"db.acme.io"), Strength::Strong, "{text}");
        }
    }

    #[test]
    fn hosts_are_told_by_where_they_are() {
        for (host, expected) in [
            ("db.acme.io:5432", Place::Somewhere),
            ("10.0.0.7", Place::Somewhere),
            ("tcp:acme.database.windows.net,1433", Place::Somewhere),
            ("[2001:db8::1]:5432", Place::Somewhere),
            ("localhost:5432", Place::Here),
            ("127.0.0.1", Place::Here),
            ("db", Place::Unknown),
            ("", Place::Unknown),
            ("${DB_HOST}", Place::Unknown),
            ("db.example.com", Place::Documentation),
            ("hostname", Place::Documentation),
            ("sha256:ab", Place::Documentation),
        ] {
            assert_eq!(place(host.as_bytes()), expected, "{host}");
        }
    }
}
