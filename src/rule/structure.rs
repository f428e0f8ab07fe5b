//! Secrets that no shape of their own tells, but what they are a part of: the armor of a private key, the address or the connection string that a
//! password stands in, the header of a request. Here is what they are and how each announces itself; the scoring stage reads the rest.
//!
//! A place is found by one literal, and decided by the line around it: that keeps the search as cheap as that for any other literal, and lets a survey of a
//! history hand a place on without the text that follows it.

use super::{assignment, header};
use crate::span::{Span, line_around};

/// What a secret is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Structure {
    /// A private key that needs no passphrase.
    PrivateKey,
    /// A private key behind a passphrase.
    EncryptedPrivateKey,
    /// The password in `scheme://user:password@host`.
    UrlPassword,
    /// The password in `Server=…;Password=…`, `?user=…&password=…` or `host=… password=…`.
    ConnectionPassword,
    /// A private key that stands in the JSON of an account of Google's for programs.
    ServiceAccountKey,
    /// What a file of credentials holds: one that is known by its name (`rule::file`), or the settings of docker.
    CredentialFile,
    /// The hash of a password in a file of users.
    PasswordHash,
    /// User and password for an `Authorization` header.
    BasicAuth,
    /// The token in `Authorization: Bearer …`.
    BearerToken,
    /// The cookie of a session.
    SessionCookie,
    /// The private part of a key that is written as JSON.
    JsonWebKey,
    /// The words that stand for the keys of a wallet.
    SeedPhrase,
    /// A secret that nothing but its partner beside it tells.
    Paired,
    /// The value of a name that is one of passwords: `db_password = "…"`.
    AssignedPassword,
    /// The value of a name that is one of other secrets: `api_token: …`.
    AssignedSecret,
    /// The same where the name also says whose the secret is: `KRAKEN_PRIVATE_KEY=…`.
    Named,
}

impl Structure {
    /// The structure that rule files call so.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "private-key" => Self::PrivateKey,
            "encrypted-private-key" => Self::EncryptedPrivateKey,
            "url-password" => Self::UrlPassword,
            "connection-password" => Self::ConnectionPassword,
            "service-account-key" => Self::ServiceAccountKey,
            "credential-file" => Self::CredentialFile,
            "password-hash" => Self::PasswordHash,
            "basic-auth" => Self::BasicAuth,
            "bearer-token" => Self::BearerToken,
            "session-cookie" => Self::SessionCookie,
            "json-web-key" => Self::JsonWebKey,
            "seed-phrase" => Self::SeedPhrase,
            "paired" => Self::Paired,
            "assigned-password" => Self::AssignedPassword,
            "assigned-secret" => Self::AssignedSecret,
            "named" => Self::Named,
            _ => return None,
        })
    }

    /// Whether nothing but a name tells it.
    pub const fn is_assigned(self) -> bool {
        matches!(self, Self::AssignedPassword | Self::AssignedSecret | Self::Named)
    }

    /// By what it announces itself.
    pub const fn anchors(self) -> &'static [Anchor] {
        match self {
            Self::PrivateKey | Self::EncryptedPrivateKey => &[Anchor::Armor, Anchor::Putty],
            Self::ServiceAccountKey => &[Anchor::Armor],
            Self::UrlPassword => &[Anchor::Address],
            Self::ConnectionPassword => &[Anchor::Assignment],
            Self::CredentialFile => &[Anchor::Docker],
            // They are announced by the name of their file, by another key, by a token behind what [`header::header_of`] knows, and by what other assigned secrets are.
            Self::PasswordHash | Self::Paired | Self::BearerToken | Self::SessionCookie | Self::JsonWebKey | Self::Named => &[],
            Self::BasicAuth => &[Anchor::Basic],
            Self::AssignedPassword => &[Anchor::Name, Anchor::Phrase, Anchor::Command("NetworkCredential"), Anchor::Command("ConvertTo-SecureString")],
            Self::AssignedSecret => &[Anchor::Name, Anchor::Phrase],
            Self::SeedPhrase => &[Anchor::Name],
        }
    }
}

/// What announces a structured secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The line that opens the armor of a private key.
    Armor,
    /// The first words of a key file of PuTTY.
    Putty,
    /// An address with a password before its host, or what Go takes for one.
    Address,
    /// A password in a list of `name=value`.
    Assignment,
    /// The member `auth` of an object.
    Docker,
    /// `Basic` before base64, behind `Authorization`, or the option of curl for a user.
    Basic,
    /// The name of a secret, with a value, or declared.
    Name,
    /// What says in other words that a password follows.
    Phrase,
    /// The same, where a call or a command is long enough for a token.
    Command(&'static str),
}

/// The longest scheme of an address, and the longest user and password together.
const LONGEST_SCHEME: usize = 40;
pub(super) const LONGEST_USER: usize = 300;
/// The longest password in a connection string.
const LONGEST_VALUE: usize = 128;
/// The longest label of an armor, `BEGIN` included.
const LONGEST_LABEL: usize = 48;

/// Parts of the names of passwords, in the ways they are written. One literal for `pass` and `Pass` would be met in every `class`, and the search would take
/// half as long again.
const PASSWORDS: [&[u8]; 6] = [b"pass", b"Pass", b"PASS", b"pwd", b"Pwd", b"PWD"];
/// The same, and parts of the names of other secrets that may be too short for a token. Together with the literals of the other rules there must not be
/// more than 32: a search for more takes twice as long. None may end as another begins (`ss:` and `://`), for the search does not find what overlaps.
const NAMES: [&[u8]; 9] = [b"pass", b"Pass", b"PASS", b"pwd", b"Pwd", b"PWD", b"ecret", b"ECRET", b"uth"];

/// The option for a user of curl, of clients of databases, and of what logs in.
const USER: &[u8] = b" -u";

impl Anchor {
    /// The literals by which it is looked for, chosen so that other text has them seldom.
    pub const fn literals(self) -> &'static [&'static [u8]] {
        match self {
            Self::Armor => &[b"E KEY"],
            // A token begins so.
            Self::Putty | Self::Command(_) => &[],
            Self::Address => &[b"://", b"@tcp"],
            Self::Docker => &[b"uth"],
            Self::Basic => &[b"uth", USER, b"://"],
            Self::Phrase => &[b"D BY", b"ysql", b"uth", b"://", USER],
            Self::Assignment => &PASSWORDS,
            Self::Name => &NAMES,
        }
    }

    /// The beginning of a token by which it is found, without a search for it.
    pub const fn token(self) -> Option<&'static [u8]> {
        match self {
            Self::Putty => Some(b"PuTTY-User-Key-File-"),
            Self::Command(name) => Some(name.as_bytes()),
            _ => None,
        }
    }

    /// The place that the literal at `at` announces, if it does. It depends on nothing beyond its own line.
    pub fn place(self, text: &[u8], at: usize) -> Option<Span> {
        match self {
            Self::Armor => armor(text, at.checked_sub(b"PRIVAT".len())?, b"BEGIN "),
            Self::Putty => Some(Span::new(at, at + self.token()?.len())),
            Self::Address if text[at..].starts_with(b"@") => address_of_go(text, at),
            Self::Address => address(text, at),
            Self::Assignment => may_be_password(text, at).then(|| assignment(text, at)).flatten(),
            Self::Docker => header::docker(text, at),
            Self::Basic if text[at..].starts_with(USER) => header::option(text, at + USER.len() + usize::from(text.get(at + USER.len()) == Some(&b' '))),
            Self::Basic if text[at..].starts_with(b"://") => header::user_beside_address(text, at),
            Self::Basic => header::basic(text, at),
            Self::Phrase | Self::Command(_) => assignment::place_of_phrase(text, at),
            Self::Name if text[at..].starts_with(b"uth") && !may_be_key(text, at) => None,
            Self::Name if may_be_password(text, at) && !is_verb(text, at) => assignment::place(text, assignment::name_around(text, at)?),
            Self::Name => None,
        }
    }
}

/// The line of an armor, from its first dash to its last, around the words `PRIVATE KEY` that stand at `at`: it begins with `opening`, which is `BEGIN ` or `END `.
pub fn armor(text: &[u8], at: usize, opening: &[u8]) -> Option<Span> {
    let rest = text[at..].strip_prefix(b"PRIVATE KEY")?;
    let before = &text[at.saturating_sub(LONGEST_LABEL)..at];
    let n_label = before.iter().rev().take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b' ').count();
    let label = &before[before.len() - n_label..];
    if !label.trim_ascii_start().starts_with(opening) {
        return None;
    }
    let n_open = dashes(before[..before.len() - n_label].iter().rev())?;
    let n_words = if rest.starts_with(b" BLOCK") { b" BLOCK".len() } else { 0 };
    let n_space = usize::from(rest.get(n_words) == Some(&b' '));
    let n_close = dashes(rest[n_words + n_space..].iter())?;
    Some(Span::new(at - n_label - n_open, at + b"PRIVATE KEY".len() + n_words + n_space + n_close))
}

/// How many dashes there are, if they are those of an armor: five, or four in that of RFC 4716.
fn dashes<'a>(bytes: impl Iterator<Item = &'a u8>) -> Option<usize> {
    Some(bytes.take(5).take_while(|byte| **byte == b'-').count()).filter(|n| *n >= 4)
}

/// The address up to its `@`, if it has a user and a password; `at` is where its `://` stands.
fn address(text: &[u8], at: usize) -> Option<Span> {
    let start = at + b"://".len();
    let rest = &text[start..text.len().min(start + LONGEST_USER)];
    // The last `@` and the first colon, found in one go: most hosts are short, and have neither.
    let (mut last, mut first) = (None, None);
    for (n, byte) in rest.iter().enumerate() {
        match byte {
            b'@' => last = Some(n),
            b':' => first = first.or(Some(n)),
            b'/' | b'?' | b'"' | b'\'' | b'`' | b'\\' | 0 => break,
            _ if byte.is_ascii_whitespace() => break,
            _ => {}
        }
    }
    let (n_user, colon) = (last?, first?);
    let is_scheme = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-' | b'_');
    let n_scheme = text[at.saturating_sub(LONGEST_SCHEME)..at].iter().rev().take_while(is_scheme).count();
    (n_scheme > 1 && colon + 1 < n_user).then(|| Span::new(at - n_scheme, start + n_user + 1))
}

/// The user and the password before the `@tcp(` at `at`, as Go's driver for MySQL takes them.
fn address_of_go(text: &[u8], at: usize) -> Option<Span> {
    if !text[at..].starts_with(b"@tcp(") {
        return None;
    }
    let before = &text[at.saturating_sub(LONGEST_USER)..at];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'<' | b'>' | 0);
    let n = before.iter().rev().position(ends).unwrap_or(before.len());
    let both = &before[before.len() - n..];
    // A colon with slashes behind it announces the place already.
    let colon = memchr::memchr(b':', both).filter(|colon| !both[*colon..].starts_with(b"://"))?;
    let n_before = both[..colon].iter().rposition(|byte| matches!(byte, b'=' | b'(' | b',' | b'[')).map_or(0, |at| at + 1);
    (n_before < colon && colon + 1 < n).then(|| Span::new(at - n + n_before, at + 1))
}

/// Whether the part of a name at `at` may be that of a password. It is asked at every `passed` and `passing`, and at Python's statement.
fn may_be_password(text: &[u8], at: usize) -> bool {
    let next = text.get(at + b"pass".len()).copied().unwrap_or(b' ');
    // `password`, `passphrase`, `passcode`.
    match text[at..].first_chunk() {
        Some(b"pass") if matches!(next, b'\n' | b'\r') => !text[..at].ends_with(b" "),
        Some(b"pass" | b"Pass") => !next.is_ascii_lowercase() || matches!(next, b'w' | b'p' | b'c'),
        Some(b"PASS") => !next.is_ascii_uppercase() || matches!(next, b'W' | b'P' | b'C'),
        _ => true,
    }
}

/// Whether the word `pass` at `at` is one of a sentence: another one follows it, or a piece of code in quotes, and neither a type and an `=` (`pass string = `)
/// nor an instruction that takes what follows (`ENV pass value`).
fn is_verb(text: &[u8], at: usize) -> bool {
    /// A type and its `=` stand within so many bytes.
    const REACH: usize = 120;
    let [b'p' | b'P', b'a', b's', b's', b' ', behind @ ..] = &text[at..text.len().min(at + REACH)] else { return false };
    let is_word = matches!(behind, [first, ..] | [b'`', first, ..] if first.is_ascii_alphabetic());
    let is_behind_word = matches!(text[..at], [.., b'\n'] | [.., b'a'..=b'u' | b'w' | b'y' | b'z' | b'.' | b',' | b';', b' ']);
    is_word && is_behind_word && !behind.iter().take_while(|byte| **byte != b'\n').any(|byte| *byte == b'=')
}

/// Whether the part of a name at `at` is of one of a key or a token: `auth_token`, `authKey`. It is asked at every `author`.
fn may_be_key(text: &[u8], at: usize) -> bool {
    let rest = &text[at + b"uth".len()..];
    let rest = rest.strip_prefix(b"_").or_else(|| rest.strip_prefix(b"-")).unwrap_or(rest);
    let is_named = matches!(rest, [b'k' | b'K', b'e', b'y', ..] | [b't' | b'T', b'o', b'k', b'e', b'n', ..]);
    // That of OAuth's first version is no secret: it names one.
    is_named && !matches!(text[..at], [.., b'o' | b'O', b'a' | b'A'])
}

/// The name and value of a password, up to what ends the value; at `at` stands a part of the name. In a list whose parts end with semicolons spaces may stand
/// around the `=`.
fn assignment(text: &[u8], at: usize) -> Option<Span> {
    let n_name = text[at..].iter().take(b"password =".len()).position(|byte| *byte == b'=')?;
    let (has_space, is_followed) = (text[at + n_name - 1] == b' ', text.get(at + n_name + 1) == Some(&b' '));
    let name_end = at + n_name - usize::from(has_space);
    let before = &text[name_end.saturating_sub(10)..name_end];
    let names: [&[u8]; 3] = [b"password", b"passwd", b"pwd"];
    let name = names.into_iter().find(|name| before.len() >= name.len() && before[before.len() - name.len()..].eq_ignore_ascii_case(name))?;
    let start = name_end - name.len();
    let is_part_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$' | b'@' | b':' | b'/');
    if start.checked_sub(1).is_some_and(|at| is_part_of_name(text[at])) || (has_space || is_followed) && !is_part_of_list(text, start) {
        return None;
    }
    let value = at + n_name + 1 + usize::from(is_followed);
    let rest = &text[value..text.len().min(value + LONGEST_VALUE)];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b';' | b'&' | b'"' | b'\'' | b'`' | b'\\' | b'<' | b'>' | 0);
    let n_value = rest.iter().position(ends).unwrap_or(rest.len());
    (n_value > 0).then(|| Span::new(start, value + n_value))
}

/// Whether what begins at `at` follows another part of a list whose parts end with semicolons, in a string or as the value of a name (`DSN=Server = h; …`): in code
/// such a part is a statement.
fn is_part_of_list(text: &[u8], at: usize) -> bool {
    let line = Span::new(line_around(text, at).start, at).of(text);
    let is_in = |quote: u8| !memchr::memchr_iter(quote, line).count().is_multiple_of(2);
    let is_value = || memchr::memchr(b'=', line).is_some_and(|n| n > 0 && ![line[n - 1], *line.get(n + 1).unwrap_or(&b' ')].contains(&b' '));
    line.trim_ascii_end().ends_with(b";") && (is_in(b'"') || is_in(b'\'') || is_value())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(anchor: Anchor, text: &str) -> Option<&str> {
        let at = anchor.literals().iter().chain(&anchor.token()).filter_map(|literal| memchr::memmem::find(text.as_bytes(), literal)).min()?;
        anchor.place(text.as_bytes(), at).map(|span| &text[span.start..span.end])
    }

    #[test]
    fn an_armor_is_that_of_a_private_key() {
        let line = |label: &str, dashes: &str| format!("{dashes}{label}{dashes}");
        for label in ["BEGIN PRIVATE KEY", "BEGIN RSA PRIVATE KEY", "BEGIN PGP PRIVATE KEY BLOCK"] {
            let text = line(label, "-----");
            assert_eq!(place(Anchor::Armor, &format!("x = \"{text}\\n")), Some(text.as_str()));
        }
        assert!(place(Anchor::Armor, &line(" BEGIN SSH2 ENCRYPTED PRIVATE KEY ", "----")).is_some());
        for label in ["BEGIN PUBLIC KEY", "END PRIVATE KEY", "PRIVATE KEY", "BEGINNING PRIVATE KEY", "BEGIN PRIVATE KEYS", "begin PRIVATE KEY"] {
            assert_eq!(place(Anchor::Armor, &line(label, "-----")), None, "{label}");
        }
        assert_eq!(place(Anchor::Armor, &line("BEGIN PRIVATE KEY", "--")), None);
    }

    #[test]
    fn an_address_has_a_password() {
        for (text, expected) in [
            ("DSN=postgres://app:pw@db:5432/x", Some("postgres://app:pw@")),
            ("redis://:pw@h", Some("redis://:pw@")),
            ("DSN=app:pw@tcp(db:3306)/x", Some("app:pw@")),
            ("sql.Open(\"mysql\", \"app:p@w@tcp(db:3306)/x\")", Some("app:p@w@")),
            ("\"app@tcp(db:3306)/x\"", None),
            ("\"app:@tcp(db:3306)/x\"", None),
            ("\"app:pw@tcpdump\"", None),
            ("a mongodb+srv://u:p@w@h/", Some("mongodb+srv://u:p@w@")),
            ("https://host/a:b@c", None),
            ("https://user@host", None),
            ("https://user:@host", None),
            ("://u:p@h", None),
            ("https://host:8080/ a@b", None),
        ] {
            assert_eq!(place(Anchor::Address, text), expected, "{text}");
        }
    }

    #[test]
    fn the_verb_is_no_name() {
        for text in ["you may pass a function", "To pass `name` on", "raises.\nPass the value as x", "and pass one = two"] {
            assert_eq!(place(Anchor::Name, text), None, "{text}");
        }
        for (text, expected) in [
            ("var pass string = \"v4lue\"", "pass string = \"v4lue"),
            ("ENV pass v4lue", "pass v4lue"),
            ("setx pass v4lue", "pass v4lue"),
            ("if a: pass = \"v4lue\"", "pass = \"v4lue"),
        ] {
            assert_eq!(place(Anchor::Name, text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_holds_a_user_and_a_password_is_told_by_what_follows_its_name() {
        for (text, expected) in [
            ("get(url, auth=(\"bob\", \"v4lue\"))", "auth=(\"bob\", \"v4lue"),
            ("auth = ('bob', 'v4lue')", "auth = ('bob', 'v4lue"),
            ("HTTPBasicAuth( 'bob', 'v4lue')", "HTTPBasicAuth( 'bob', 'v4lue"),
            ("page.driver.basic_auth \"bob\", \"v4lue\"", "page.driver.basic_auth \"bob\", \"v4lue"),
            ("masterauth v4lue", "masterauth v4lue"),
            ("c = DriverManager.of(\"jdbc:ch:https://h/d\", \"bob\", \"v4lue\")", "jdbc:ch:https://h/d\", \"bob\", \"v4lue"),
        ] {
            assert_eq!(place(Anchor::Phrase, text), Some(expected), "{text}");
        }
        for text in
            ["auth = other(\"bob\", \"v4lue\")", "auth: (\"bob\", \"v4lue\")", "the auth \"bob\", \"v4lue\"", "open(\"https://h/d\", \"bob\", \"v4lue\")"]
        {
            assert_eq!(place(Anchor::Phrase, text), None, "{text}");
        }
    }

    #[test]
    fn a_password_has_its_name_right_before_it() {
        for (text, expected) in [
            ("Server=a;Password=pw;", Some("Password=pw")),
            ("?user=a&password=pw\"", Some("password=pw")),
            (";PWD=pw", Some("PWD=pw")),
            ("db_password=pw", None),
            ("Password=;", None),
            ("password=\"pw\"", None),
            ("cwd=pw", None),
        ] {
            assert_eq!(place(Anchor::Assignment, text), expected, "{text}");
        }
    }
}
