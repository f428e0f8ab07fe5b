//! Secrets that no shape of their own tells, but what they are a part of: the armor of a private key, the address or the connection string that a
//! password stands in, the header of a request. Here is what they are and how each announces itself; the scoring stage reads the rest.
//!
//! A place is found by one literal, and decided by the line around it: that keeps the search as cheap as that for any other literal, and lets a survey of a
//! history hand a place on without the text that follows it.

use super::assignment;
use crate::base64;
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
            // They are announced by the name of their file, by another key, by a token behind what [`header_of`] knows, and by what other assigned secrets are.
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
const LONGEST_USER: usize = 300;
/// The longest password in a connection string.
const LONGEST_VALUE: usize = 128;
/// The longest user and password in base64, and the longest header of cookies.
const LONGEST_CREDENTIALS: usize = 4 << 10;
const LONGEST_COOKIES: usize = 4 << 10;
/// The longest label of an armor, `BEGIN` included.
const LONGEST_LABEL: usize = 48;

/// Parts of the names of passwords, in the ways they are written. One literal for `pass` and `Pass` would be met in every `class`, and the search would take
/// half as long again.
const PASSWORDS: [&[u8]; 6] = [b"pass", b"Pass", b"PASS", b"pwd", b"Pwd", b"PWD"];
/// The same, and parts of the names of other secrets that may be too short for a token. Together with the literals of the other rules there must not be
/// more than 32: a search for more takes twice as long. None may end as another begins (`ss:` and `://`), for the search does not find what overlaps.
const NAMES: [&[u8]; 8] = [b"pass", b"Pass", b"PASS", b"pwd", b"Pwd", b"PWD", b"ecret", b"ECRET"];

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
            Self::Basic => &[b"uth", USER],
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
            Self::Docker => docker(text, at),
            Self::Basic if text[at..].starts_with(USER) => option(text, at + USER.len() + usize::from(text.get(at + USER.len()) == Some(&b' '))),
            Self::Basic => basic(text, at),
            Self::Phrase | Self::Command(_) => assignment::place_of_phrase(text, at),
            Self::Name if may_be_password(text, at) => assignment::place(text, assignment::name_around(text, at)?),
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
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'?' | b'"' | b'\'' | b'`' | b'\\' | 0);
    let authority = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let n_user = memchr::memrchr(b'@', authority)?;
    let colon = memchr::memchr(b':', &authority[..n_user])?;
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

/// The longest name of a scheme of an `Authorization` header, those that have no token behind them, and those that are written in small letters.
const LONGEST_SCHEME_OF_TOKEN: usize = 12;
const NO_TOKENS: [&[u8]; 8] = [b"Basic", b"Digest", b"Negotiate", b"NTLM", b"HMAC", b"Signature", b"Kerberos", b"OAuth1"];
const SMALL_SCHEMES: [&[u8]; 6] = [b"token", b"bearer", b"apikey", b"api-key", b"key", b"oauth"];
/// How far before a token what announces a header is looked for.
const HEADER_REACH: usize = 80;

/// The header of a request, or the option of curl that makes one, that a random `token` is a secret of, and where what it holds stands. These are told by what
/// stands before a token, for their literals are frequent, and a search for more of them would be slower.
pub fn header_of(text: &[u8], token: Span) -> Option<(Structure, Span)> {
    let left = &text[token.start.saturating_sub(HEADER_REACH)..token.start];
    let at = |literal: &[u8]| memchr::memmem::rfind(left, literal).map(|at| token.start - left.len() + at);
    let (structure, place) = match left.last()? {
        b' ' if left.ends_with(b"Bearer ") || is_behind_scheme(left) => {
            (Structure::BearerToken, credentials(text, token.start, |byte| base64::value(byte).is_some() || matches!(byte, b'.' | b'~' | b'='), 20)?)
        }
        // Express writes `s:` before what it signs.
        b'=' | b'%' | b'A' if left.ends_with(b"=") || left.ends_with(b"=s%") || left.ends_with(b"=s%3A") => {
            (Structure::SessionCookie, cookie(text, at(b"kie")?)?)
        }
        b':' => (Structure::BasicAuth, option(text, at(b" -u ")? + b" -u ".len())?),
        b'"' | b'\'' if is_private_member(left) => {
            (Structure::JsonWebKey, credentials(text, token.start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'), 22)?)
        }
        b' ' if left.ends_with(b"Basic ") => (Structure::BasicAuth, encoded(text, token.start)?),
        _ => return None,
    };
    place.contains(token).then_some((structure, place))
}

/// Whether the text ends with the name of an `Authorization` header and a scheme that takes a token: `Authorization: Token `, `'Authorization': 'SSWS '`.
fn is_behind_scheme(left: &[u8]) -> bool {
    let Some(before) = left.strip_suffix(b" ") else { return false };
    let n_scheme = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
    let (before, scheme) = before.split_at(before.len() - n_scheme);
    let takes_other = || NO_TOKENS.iter().any(|other| scheme.eq_ignore_ascii_case(other));
    let is_between = |byte: &u8| matches!(byte, b' ' | b':' | b'=' | b'>' | b',' | b'"' | b'\'' | b'\\' | b'[' | b']');
    let n_between = before.iter().rev().take(8).take_while(|byte| is_between(byte)).count();
    let (before, between) = before.split_at(before.len() - n_between);
    let is_of_header = || {
        let name = before.strip_suffix(b"uthorization").and_then(|before| before.split_last()).filter(|(first, _)| matches!(first, b'a' | b'A'));
        name.is_some_and(|(_, outer)| !outer.last().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')))
    };
    // In sentences it is a word like others.
    let is_given =
        || between.contains(&b':') || between.iter().any(|byte| matches!(byte, b'=' | b',')) && between.iter().any(|byte| matches!(byte, b'"' | b'\''));
    let is_name = || scheme[0].is_ascii_uppercase() || SMALL_SCHEMES.contains(&scheme);
    (2..=LONGEST_SCHEME_OF_TOKEN).contains(&n_scheme) && n_between > 0 && is_of_header() && is_given() && is_name() && !takes_other()
}

/// Whether the name of the private part of a JSON web key ends the text, `d` or `k`, with what stands between it and its value.
fn is_private_member(left: &[u8]) -> bool {
    let unquoted = |text: &[u8]| text.len() - text.iter().rev().take(3).take_while(|byte| matches!(byte, b'"' | b'\'' | b'\\')).count();
    let name = left[..unquoted(left)].trim_ascii_end().strip_suffix(b":").map(<[u8]>::trim_ascii_end);
    let Some(name) = name.map(|name| &name[..unquoted(name)]) else { return false };
    let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$');
    matches!(name, [.., before, b'd' | b'k'] if !is_inside(before))
}

/// What stands at `start` as far as `is_member` goes, if it is that long and no part of something longer.
fn credentials(text: &[u8], start: usize, is_member: impl Fn(u8) -> bool, least: usize) -> Option<Span> {
    let rest = &text[start..text.len().min(start + LONGEST_CREDENTIALS)];
    let n = rest.iter().position(|byte| !is_member(*byte)).unwrap_or(rest.len());
    // A sentence may end behind it.
    let n = n - usize::from(rest[..n].ends_with(b"."));
    let is_whole = rest
        .get(n)
        .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b',' | b';' | b')' | b']' | b'}' | b'<' | b'.'));
    (n >= least && is_whole).then_some(Span::new(start, start + n))
}

/// The base64 in `"auth": "…"`; at `at` stands `uth`.
fn docker(text: &[u8], at: usize) -> Option<Span> {
    let name_at = at.checked_sub(2)?;
    let rest = text[name_at..text.len().min(at + LONGEST_CREDENTIALS)].strip_prefix(b"\"auth\"")?;
    let value = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
    let n = value.iter().position(|byte| !(base64::value(*byte).is_some() || *byte == b'='))?;
    let start = text.len().min(at + LONGEST_CREDENTIALS) - value.len();
    (n >= 8 && value[n] == b'"').then_some(Span::new(start, start + n))
}

/// The base64 behind `Basic` on the rest of a line that names an authorization; at `at` stands the end of its first syllable.
fn basic(text: &[u8], at: usize) -> Option<Span> {
    const WORD: &[u8] = b"Basic ";
    let rest = &text[at..text.len().min(at + HEADER_REACH)];
    let n = memchr::memchr2_iter(WORD[0], b'\n', rest).take_while(|n| rest[*n] != b'\n').find(|n| rest[*n..].starts_with(WORD))?;
    encoded(text, at + n + WORD.len())
}

/// User and password in base64.
fn encoded(text: &[u8], start: usize) -> Option<Span> {
    credentials(text, start, |byte| base64::value(byte).is_some() || byte == b'=', 8)
}

/// User and password behind an option, in quotes or not.
fn option(text: &[u8], at: usize) -> Option<Span> {
    let quote = text.get(at).copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let start = at + usize::from(quote.is_some());
    let rest = &text[start..text.len().min(start + LONGEST_USER)];
    let ends = |byte: &u8| match quote {
        Some(quote) => *byte == quote || *byte == b'\n',
        None => byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'|' | b';' | b'<' | b'>'),
    };
    let n = rest.iter().position(ends).unwrap_or(rest.len());
    let colon = memchr::memchr(b':', &rest[..n])?;
    (colon > 0 && colon + 1 < n).then_some(Span::new(start, start + n))
}

/// A header of cookies, from its name to the end of its line; at `at` stands the end of the name.
fn cookie(text: &[u8], at: usize) -> Option<Span> {
    let start = at.checked_sub(b"coo".len())?;
    let rest = &text[at + b"kie".len()..text.len().min(at + LONGEST_COOKIES)];
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    if !text[start..at].eq_ignore_ascii_case(b"coo") || !rest.trim_ascii_start().starts_with(b":") {
        return None;
    }
    let n = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    let end = text.len().min(at + LONGEST_COOKIES) - rest.len() + n;
    memchr::memchr(b'=', &rest[..n]).map(|_| Span::new(start, end))
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
