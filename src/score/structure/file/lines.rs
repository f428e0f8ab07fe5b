//! Files of one entry a line: names with values, fields between colons.

use super::{Entry, Form, host_of, printable, trimmed, unquoted};
use crate::score::stand_in;
use crate::span::Span;

/// The lines of a text, without what ends them and what surrounds them; comments and empty ones are left out.
fn lines<'a>(text: &'a [u8], comments: &'a [u8]) -> impl Iterator<Item = Span> + 'a {
    let mut at = 0;
    let all = std::iter::from_fn(move || {
        let start = at;
        (start < text.len()).then(|| {
            let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |n| start + n);
            at = end + 1;
            trimmed(text, Span::new(start, end))
        })
    });
    all.filter(move |line| line.of(text).first().is_some_and(|first| !comments.contains(first)))
}

/// Name and value of a line; the value without quotes.
fn assignment<'a>(text: &'a [u8], line: Span, operators: &[u8]) -> Option<(&'a [u8], Span)> {
    let at = line.start + line.of(text).iter().position(|byte| operators.contains(byte))?;
    let name = trimmed(text, Span::new(line.start, at)).of(text);
    Some((name, unquoted(text, trimmed(text, Span::new(at + 1, line.end)))))
}

/// `.npmrc`: a name may stand behind the registry that it is for.
pub(super) fn npmrc(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    for line in lines(text, b"#;") {
        let Some((name, value)) = assignment(text, line, b"=") else { continue };
        let n_host = memchr::memrchr(b':', name).map_or(0, |at| at + 1);
        let (form, what) = match &name[n_host..] {
            b"_authToken" => (Form::Token, "the token for a registry of npm"),
            b"_auth" => (Form::Pair, "user and password for a registry of npm, in base64"),
            b"_password" => (Form::Encoded, "the password for a registry of npm, in base64"),
            _ => continue,
        };
        add(Entry { value, form, user: b"", host: Some(host_of(&name[..n_host.saturating_sub(1)])), what });
    }
}

/// `.pypirc` and `.my.cnf`: sections with a password, and with a host before or behind it.
pub(super) fn sections(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    let mut section = Section::default();
    for line in lines(text, b"#;") {
        if let [b'[', name @ .., b']'] = line.of(text) {
            std::mem::take(&mut section).end(add);
            let is_index = matches!(name, b"pypi" | b"testpypi" | b"server-login" | b"distutils");
            section.host = if is_index { b"pypi.org" } else { b"" };
            continue;
        }
        let Some((name, value)) = assignment(text, line, b"=:") else { continue };
        match name {
            b"repository" | b"host" => section.host = host_of(value.of(text)),
            b"username" | b"user" => section.user = value.of(text),
            b"password" => section.password = Some(value),
            _ => {}
        }
    }
    section.end(add);
}

#[derive(Default)]
struct Section<'a> {
    host: &'a [u8],
    user: &'a [u8],
    password: Option<Span>,
}

impl Section<'_> {
    fn end(self, add: &mut impl FnMut(Entry<'_>)) {
        if let Some(value) = self.password {
            add(Entry { value, form: Form::Password, user: self.user, host: Some(self.host), what: "a password in the settings of a client" });
        }
    }
}

/// `.pgpass`: five fields, of which the last one may hold anything.
pub(super) fn pgpass(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    for line in lines(text, b"#") {
        let bytes = line.of(text);
        let colons = memchr::memchr_iter(b':', bytes).filter(|&at| at == 0 || bytes[at - 1] != b'\\');
        let [first, _, third, fourth] = colons.take(4).collect::<Vec<_>>()[..] else { continue };
        let host = &bytes[..first];
        let host = if host == b"*" { b"" } else { host };
        let value = Span::new(line.start + fourth + 1, line.end);
        add(Entry { value, form: Form::Password, user: &bytes[third + 1..fourth], host: Some(host), what: "a password in a password file of PostgreSQL" });
    }
}

/// `user:password` as the last word of each line, behind the host that it is for if there is one: the secrets of rsync, the passwords of Postfix.
pub(super) fn users(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    for line in lines(text, b"#") {
        let bytes = line.of(text);
        let start = bytes.iter().rposition(u8::is_ascii_whitespace).map_or(0, |at| at + 1);
        let Some(colon) = memchr::memchr(b':', &bytes[start..]).map(|n| start + n) else { continue };
        let host = bytes[..start].trim_ascii();
        let host = host.strip_prefix(b"[").and_then(|host| host.split(|byte| *byte == b']').next()).unwrap_or(host);
        let value = Span::new(line.start + colon + 1, line.end);
        add(Entry { value, form: Form::Password, user: &bytes[start..colon], host: Some(host), what: "a password in a file of users" });
    }
}

/// The secrets of PPP: client, server, secret, addresses. `@` before a file's name says that the secret stands there.
pub(super) fn ppp(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    for line in lines(text, b"#") {
        let mut fields = fields(text, line);
        let (Some(client), Some(_), Some(value)) = (fields.next(), fields.next(), fields.next()) else { continue };
        if !value.of(text).starts_with(b"@") {
            add(Entry { value, form: Form::Password, user: client.of(text), host: Some(b""), what: "a secret of PPP" });
        }
    }
}

/// The fields of a line with white space between, without their quotes. A backslash takes what is special from the next character.
fn fields(text: &[u8], line: Span) -> impl Iterator<Item = Span> + '_ {
    let mut at = line.start;
    std::iter::from_fn(move || {
        at += text[at..line.end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let quote = text[at..line.end].first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
        let start = at + usize::from(quote.is_some());
        let mut end = start;
        while end < line.end && quote.map_or(!text[end].is_ascii_whitespace(), |quote| text[end] != quote) {
            end = (end + 1 + usize::from(text[end] == b'\\')).min(line.end);
        }
        at = (end + usize::from(quote.is_some())).min(line.end);
        (start < line.end).then_some(Span::new(start, end))
    })
}

/// Settings of a name and a word a line, with an operator between them or none; of these names the word is a password. Options may stand before it.
pub(super) fn words(text: &[u8], (names, what): &(&[&[u8]], &'static str), add: &mut impl FnMut(Entry<'_>)) {
    for line in lines(text, b"#;") {
        let n_name = line.of(text).iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
        if !names.contains(&&text[line.start..line.start + n_name]) {
            continue;
        }
        let mut rest = trimmed(text, Span::new(line.start + n_name, line.end));
        // In a directory's own format that is base64.
        let is_encoded = rest.of(text).starts_with(b"::");
        while let [b'=' | b':', ..] = rest.of(text) {
            rest = trimmed(text, Span::new(rest.start + 1, rest.end));
        }
        while rest.of(text).starts_with(b"--plaintext ") {
            rest = trimmed(text, Span::new(rest.start + b"--plaintext".len(), rest.end));
        }
        // With an option it is encrypted or locked, and a number of 64 hexadecimal digits is what a password has become.
        let value = unquoted(text, rest);
        let is_word = !value.of(text).starts_with(b"-") && !value.of(text).contains(&b' ');
        let is_derived = value == rest && value.len() == 64 && value.of(text).iter().all(u8::is_ascii_hexdigit);
        let form = if is_encoded {
            Form::Encoded
        } else if is_derived {
            Form::Token
        } else {
            Form::Password
        };
        let is_sealed =
            if is_encoded { printable(value.of(text)).is_none_or(|inside| stand_in::is_sealed(&inside)) } else { stand_in::is_sealed(value.of(text)) };
        if is_word && !is_sealed {
            add(Entry { value, form, user: b"", host: None, what });
        }
    }
}

/// The key of Rails: 32 digits and nothing else.
pub(super) fn rails_key(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    let value = trimmed(text, Span::new(0, text.len()));
    if value.len() == 32 && value.of(text).iter().all(u8::is_ascii_hexdigit) {
        add(Entry { value, form: Form::Token, user: b"", host: None, what: "the key of the encrypted credentials of Rails" });
    }
}

/// Files of users and hashes: `.htpasswd`, the digest file of web servers, the shadow file.
pub(super) fn hashes(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    for line in lines(text, b"#") {
        let fields: Vec<&[u8]> = line.of(text).splitn(4, |byte| *byte == b':').collect();
        let [user, second, rest @ ..] = fields.as_slice() else { continue };
        let second_at = line.start + user.len() + 1;
        // What is locked has the same hash behind a mark.
        let n_marks = second.iter().take_while(|byte| **byte == b'!').count();
        let third = rest.first().filter(|third| third.len() == 32 && third.iter().all(u8::is_ascii_hexdigit));
        let value = match third {
            _ if is_hash(&second[n_marks..]) => Span::new(second_at + n_marks, second_at + second.len()),
            Some(third) => Span::new(second_at + second.len() + 1, second_at + second.len() + 1 + third.len()),
            None => continue,
        };
        add(Entry { value, form: Form::Hash, user, host: None, what: "the hash of a password, which can be guessed offline" });
    }
}

/// Whether a text is the hash of a password as crypt and Apache write them.
fn is_hash(text: &[u8]) -> bool {
    let is_member = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'+' | b'=');
    if let Some(rest) = text.strip_prefix(b"$") {
        let parts: Vec<&[u8]> = rest.split(|byte| *byte == b'$').collect();
        return parts.len() >= 3 && !parts[0].is_empty() && parts.last().is_some_and(|last| last.len() >= 22 && last.iter().all(is_member));
    }
    if let Some(digest) = text.strip_prefix(b"{SHA}").or_else(|| text.strip_prefix(b"{SSHA}")) {
        return digest.len() >= 28 && digest.iter().all(is_member);
    }
    let has = |is_kind: fn(&u8) -> bool| text.iter().any(is_kind);
    text.len() == 13 && text.iter().all(is_member) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)
}

/// The settings of kubectl. What is in base64 there are keys, which are found as such.
pub(super) fn kubeconfig(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    let server = lines(text, b"#").find_map(|line| assignment(text, line, b":").filter(|(name, _)| *name == b"server"));
    let host = server.map(|(_, value)| host_of(value.of(text)));
    for line in lines(text, b"#") {
        let line = if line.of(text).starts_with(b"- ") { Span::new(line.start + 2, line.end) } else { line };
        let Some((name, value)) = assignment(text, line, b":") else { continue };
        let (form, what) = match name {
            b"token" | b"id-token" | b"refresh-token" => (Form::Token, "the token of a user of a cluster"),
            b"password" => (Form::Password, "the password of a user of a cluster"),
            _ => continue,
        };
        add(Entry { value, form, user: b"", host, what });
    }
}
